"""What every optimizer of the set is held to: results, shapes of theta, memory of its own, the caller's arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks import expect
from dlopt.checks.case import Case, CasesOf
from dlopt.checks.exercise import Exercise
from dlopt.checks.expect import Failure
from dlopt.checks.ps7_optimizers._cases import SHAPES, Make, generator
from dlopt.checks.ps7_optimizers._clues import is_whole, stack, walked
from dlopt.checks.ps7_optimizers._inside import JUNK, direct, direct_ahead, manners, reshaped, together
from dlopt.checks.scenes import layouts, of_seed
from dlopt.checks.trial import Outcome

__all__ = ["hang_manners", "hang_type", "hidden", "same_as_alone"]

Array = NDArray[np.float64]
SHORT = 12  #: updates of a walk in which memory and arrays are looked at


# --- properties


def hidden(name: str, build: Callable[[int], list[Case]]) -> CasesOf:
    """Give a generator of cases the name under which its outcomes are kept, and build each seed's once."""
    build.__name__ = name
    return of_seed(build)


def _array(value: Any, shape: tuple[int, ...], name: str) -> None:
    """Hold a theta to its shape; where it has no axes, the number that numpy makes of it will do."""
    if shape or isinstance(value, np.ndarray):
        expect.array(value, shape, name)
    else:
        expect.scalar(value, name)


def hang_type(exercise: Exercise, prefix: str, cases: CasesOf) -> None:
    """Hang on the property that update returns arrays."""

    def typed(case: Case, got: Any) -> None:
        """update returns a float64 array of theta's shape"""
        if is_whole(got, case.args[2].shape, len(case.args[3])):
            return
        found = walked(got, len(case.args[3]))
        for k, value in enumerate(found):
            _array(value, case.args[2].shape, f"What update {k + 1} returns")
        expect.collected(found, len(case.args[3]))

    typed.__name__ = f"{prefix}_type"
    hint = "One number per entry of theta comes in, and one goes out: the new theta, with return."
    exercise.prop(points=0.25, cases=cases, hint=hint)(typed)


def hang_manners(exercise: Exercise, prefix: str, make: Make, number: int) -> None:
    """Hang on what does not depend on the method: shapes, memory, arrays, inputs.

    Parameters
    ----------
    exercise : Exercise
        Where to hang the properties.
    prefix : str
        What their names begin with.
    make : callable
        Makes the case of a walk from a generator, a shape and a number of updates.
    number : int
        Tells the exercises' generators apart.
    """
    _hang_shapes(exercise, prefix, make, number)
    _hang_state(exercise, prefix, make, number)
    _hang_arrays(exercise, prefix, make, number)

    def guarded(seed: int) -> list[Case]:
        walked = make(generator(seed, number, 3), (2, 3), 2)
        settings, named, start, grads = walked.args
        args = (settings, named, start, grads[0], grads[1])
        play = direct_ahead if prefix == "nesterov" else direct
        one = replace(walked, args=args, truth=None, scenario=play)
        return [one, *layouts(one, "read-only")]

    exercise.keeps_inputs(points=0.25, cases=hidden("guarded", guarded))


def _hang_shapes(exercise: Exercise, prefix: str, make: Make, number: int) -> None:
    def shapes(seed: int) -> list[Case]:
        rng = generator(seed, number, 0)
        cases = [make(rng, shape, 20) for shape in ((), (1,), (4, 1), (2, 2, 3), (1, 5))]
        cases += layouts(make(rng, (3, 4), 20), "F", "strided")
        return [replace(c, scenario=reshaped) for c in cases]

    def any_shape(case: Case, outcome: Outcome) -> None:
        """theta may have any shape and memory layout, and no axes at all (0-d)"""
        shape = case.args[2].shape
        for k, value in enumerate(walked(outcome.value[0], len(case.args[3]))):
            _array(value, shape, f"theta of shape {shape} after update {k + 1}")
        sentence = f"With theta of shape {shape} it should do what it does with the same numbers in a row"
        came, row = outcome.value
        alone = stack(row, (case.args[2].size,), len(case.args[3]))
        same_as_alone(case, [came, list(alone.reshape(-1, *shape))], sentence)

    any_shape.__name__ = f"{prefix}_shapes"
    hint = "np.zeros_like(theta) has theta's shape. len(theta), and [mask] = … behind a bare number, need axes."
    exercise.prop(points=0.25, cases=hidden("shapes", shapes), hint=hint, of_outcome=True)(any_shape)


def same_as_alone(case: Case, got: list[Any], sentence: str, shift: float = 0.0) -> None:
    """Ask for the same, right or wrong, as when nobody interferes."""
    shape, count = case.args[2].shape, len(case.args[3])
    came, alone = (stack(values, shape, count) for values in got)
    if np.all(alone == case.args[2]):
        raise Failure("theta never moves.")
    came = came - shift * np.arange(count).reshape(-1, *[1] * len(shape))
    apart = np.abs(came - alone) > expect.tolerance(alone, trajectory=True)
    if apart.any():
        k = int(np.argmax(apart.reshape(count, -1).any(axis=1)))
        there = f"theta should be {expect.show(alone[k])}; it is {expect.show(came[k])}."
        raise Failure(f"{sentence}. After update {k + 1} {there}", _parting(k, came))


def _parting(k: int, came: Array) -> str:
    """Say when two walks part that should be one."""
    if np.any(came[k] == JUNK):
        return f"The {JUNK:g} that the caller has written into an array turns up in it."
    return f"The two walks part at update {k + 1}." if k else "The two walks part at once."


def _hang_state(exercise: Exercise, prefix: str, make: Make, number: int) -> None:
    def memory(seed: int) -> list[Case]:
        rng, cases = generator(seed, number, 1), []
        for shape in SHAPES[:2]:
            walked = make(rng, shape, SHORT)
            others = 3 * make(rng, shape, SHORT).args[3]
            args = (*walked.args, others)
            cases.append(replace(walked, args=args, label=f"{walked.label}, two at once", scenario=together))
            args, label = (*walked.args, "move"), f"{walked.label}, theta moved by ½ between updates"
            cases.append(replace(walked, args=args, label=label, scenario=manners))
        return cases

    def own_state(case: Case, outcome: Outcome) -> None:
        """Its state is its own and theta is yours: neither a second object nor a theta moved by hand confuses it"""
        if case.args[4] is not None and isinstance(case.args[4], str):
            sentence = "When somebody moves theta between two updates, the next step should start from where it then is"
            same_as_alone(case, outcome.value, sentence, shift=0.5)
        else:
            same_as_alone(case, outcome.value, "Beside another object of its kind, it should go where it goes alone")

    own_state.__name__ = f"{prefix}_state"
    hint = "What stands in the class body is shared by all objects, self.… is not. And theta comes in with every call."
    exercise.prop(points=0.25, cases=hidden("memory", memory), hint=hint, of_outcome=True)(own_state)


SENTENCES = {
    "reuse": "When grad is one array that the caller fills anew every time, the path should be what it is otherwise",
    "spoil": "Once somebody writes into the theta that was returned, the next step should be what it is otherwise",
    "keep": "What was returned should stay as it was, whatever becomes of theta, grad and later updates",
    "watch": "What lookahead returned should stay as it was, whatever becomes of theta, grad and later updates",
}


def _hang_arrays(exercise: Exercise, prefix: str, make: Make, number: int) -> None:
    def buffers(seed: int) -> list[Case]:
        rng = generator(seed, number, 2)
        walks = [(make(rng, (3,), SHORT), manner) for manner in SENTENCES if manner != "watch" or prefix == "nesterov"]
        return [replace(c, args=(*c.args, manner), scenario=manners) for c, manner in walks]

    def own_arrays(case: Case, outcome: Outcome) -> None:
        """It remembers numbers, not arrays, and returns new ones: writing into grad, or into a result, does no harm"""
        same_as_alone(case, outcome.value, SENTENCES[case.args[4]])

    own_arrays.__name__ = f"{prefix}_arrays"
    hint = "Whose array is it? The caller may overwrite grad and theta once update has returned; .copy() parts them."
    exercise.prop(points=0.25, cases=hidden("buffers", buffers), hint=hint, of_outcome=True)(own_arrays)
