"""What the cases of problem set 10 share: small networks, and a property of their results' memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks import expect
from dlopt.checks.case import Case, CasesOf
from dlopt.checks.exercise import Exercise
from dlopt.checks.expect import Failure
from dlopt.checks.inside import inside
from dlopt.checks.ps10_landscapes._inside import shared
from dlopt.checks.scenes import of_seed
from dlopt.checks.trial import Outcome

__all__ = [
    "SIZES",
    "Net",
    "draw",
    "generator",
    "gives_new_arrays",
    "outputs",
    "part_right",
    "read_net",
    "typed",
    "whose_memory",
]

Array = NDArray[np.float64]

PARTS = ("W1", "b1", "W2")
SIZES = ((3, 2, 2), (5, 3, 2), (4, 4, 4), (7, 1, 1), (6, 2, 6))  #: hidden units, inputs, outputs


def generator(*seeds: int) -> np.random.Generator:
    """Return the generator of this problem set's cases for a seed."""
    return np.random.default_rng([10, *seeds])


@dataclass(frozen=True)
class Net:
    """A hidden layer and what follows it: W1 (hidden, in), b1 (hidden,), W2 (out, hidden)."""

    W1: Array
    b1: Array
    W2: Array

    @property
    def parts(self) -> tuple[Array, Array, Array]:
        """The three arrays in the contract's order."""
        return self.W1, self.b1, self.W2


def draw(rng: np.random.Generator, hidden: int, inputs: int, out: int) -> Net:
    """Draw a network in which no two units, and no two of its numbers, are alike."""
    return Net(rng.normal(size=(hidden, inputs)), rng.normal(size=hidden) + 0.5, rng.normal(size=(out, hidden)))


def outputs(net: Net, x: Array, activation: str) -> Array:
    """Return what a network says to inputs (N, in), 'tanh' or 'relu': one unit after the other adds its share."""
    total = np.zeros((len(x), len(net.W2)))
    with np.errstate(over="ignore", invalid="ignore"):  # absurd weights are wrong, not an accident
        for entering, bias, leaving in zip(net.W1, net.b1, net.W2.T, strict=True):
            at = x @ entering + bias  # (N,)
            total += np.outer(np.tanh(at) if activation == "tanh" else np.maximum(at, 0), leaving)
    return total


def typed(exercise: Exercise, cases: CasesOf) -> None:
    """Hang on the property that three arrays come back in the shapes in which they came in."""

    def network_type(case: Case, got: Any) -> None:
        """Returns (W1, b1, W2), arrays of the shapes that came in"""
        for name, part, before in zip(PARTS, expect.parts(got, PARTS), case.args, strict=False):
            expect.array(part, before.shape, name)

    exercise.prop(points=0.25, cases=cases, hint="A tuple of three arrays, the second one a vector.")(network_type)


def part_right(case: Case, got: Any, index: int, find: Callable[[Case, Any, int], str]) -> None:
    """Ask for one of the three arrays; ``find(case, part, index)`` says what is known of a wrong one."""
    part = expect.pick(got, index, PARTS)
    with expect.known(find, case, part, index):
        expect.close(part, case.truth.parts[index], PARTS[index])


def read_net(got: Any, like: Net) -> Net:
    """Read a result as a network of that shape."""
    return Net(*(expect.numbers(expect.pick(got, k, PARTS), p.shape, PARTS[k]) for k, p in enumerate(like.parts)))


def whose_memory(candidate: Any, *args: Any) -> list[Any]:
    """Call the student's function; return the arrays of its result, and the numbers of the arguments they lie in."""
    found: list[Any] = inside(candidate, shared)(candidate, list(args))
    return found


def gives_new_arrays(exercise: Exercise, *, points: float, cases: CasesOf, look: Callable[..., Any]) -> None:
    """Hang on the property that nothing of a result lies in the memory of an argument.

    Parameters
    ----------
    exercise, points, cases
        As for `dlopt.checks.exercise.Exercise.prop`.
    look : callable
        The scenario: calls `whose_memory` with the exercise's own arguments.
    """

    def scenes(seed: int) -> list[Case]:
        return [replace(case, scenario=look) for case in cases(seed)]

    def results_new(case: Case, outcome: Outcome) -> None:
        """What it returns are new arrays, also where nothing has to change"""
        names = [exercise.parameters[number] for number in outcome.value[1]]
        if names:
            raise Failure(f"Your result is made of the very arrays of {' and '.join(names)}, not of copies.")

    hint = "Whoever writes into your result would change the arguments: hand out copies."
    exercise.prop(points=points, cases=of_seed(scenes), hint=hint, of_outcome=True)(results_new)
