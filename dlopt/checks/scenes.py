"""What the checks of classes share: cases in several layouts, attributes, and what is asked of scenes of memory.

What is played, and may be played beside the student's code, is in `dlopt.checks.beside`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from dlopt.checks import expect
from dlopt.checks.beside import ABSENT
from dlopt.checks.case import Case, of_seed
from dlopt.checks.expect import Failure
from dlopt.checks.trial import Outcome

__all__ = [
    "STATE_HINT",
    "array",
    "canonical",
    "close",
    "judge_scenes",
    "layouts",
    "of_seed",
    "small",
    "two_lists",
]

STATE_HINT = (
    "What backward needs belongs to one object and to its latest forward. Gradients are set anew, not added up."
)


def layouts(case: Case, *names: str) -> list[Case]:
    """Return the same case with its arrays in other memory layouts."""
    return [replace(case, label=f"{case.label}, {name} arrays", layout=name) for name in names]


def small(value: Any) -> str:
    """Write a small array with its entries, for a case's label."""
    return np.array2string(np.asarray(value), precision=4, separator=", ").replace("\n", "")


def array(value: Any, shape: tuple[int, ...], name: str) -> None:
    """Hold an attribute or a result to its shape; see `dlopt.checks.expect.array`."""
    _there(value, name)
    expect.array(value, shape, name)


def close(value: Any, expected: Any, name: str, **kwargs: Any) -> None:
    """Ask an attribute or a result for the right numbers; see `dlopt.checks.expect.close`."""
    _there(value, name)
    expect.close(value, expected, name, **kwargs)


def _there(value: Any, name: str) -> None:
    if isinstance(value, str) and value == ABSENT:
        raise Failure(f"There is no attribute {name}.", "Attributes are set with self. in front of their name.")


def canonical(value: Any) -> Any:
    """Reduce what a scenario found to what is the same for any two right answers."""
    plain = getattr(type(value), "plain", None)
    return plain(value) if plain else value


# --- state

SCENES = (
    "After two forward passes, backward should belong to the second",
    "A second round of forward and backward should not depend on the first",
    "Of two objects alive at once, each should remember its own forward pass",
    "Of two objects alive at once, each should remember its own forward pass",
)


def judge_scenes(outcome: Outcome, names: tuple[str, ...]) -> None:
    """Ask that each scene of `dlopt.checks.beside.scenes` gives what a fresh object gives, right or wrong."""
    for sentence, played in zip(SCENES, outcome.value, strict=True):
        came, fresh = two_lists(played)
        judged = [t for t in zip(names, came, fresh, strict=False) if isinstance(t[2], np.ndarray)]
        if not judged:  # what is missing is another line's business, but not if all is
            raise Failure(f"{names[0]} should be an array; it is {expect.kind(fresh[0] if fresh else None)}.")
        for name, have, want in judged:
            try:
                expect.close(have, want, name)
            except Failure as failure:
                raise Failure(f"{sentence}. {failure.message}", failure.clue) from None


def two_lists(played: Any) -> list[list[Any]]:
    """Return what came and what a fresh object says, where a scene tells both."""
    if type(played) is not list or [type(part) for part in played] != [list, list]:
        raise Failure(f"A scene should tell of two passes; it is {expect.kind(played)}. {expect.TAMPERED}")
    return played
