"""What the checks of classes share: cases in several layouts, attributes read from outside, scenes that show memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from dlopt.checks import expect
from dlopt.checks.exercise import Case
from dlopt.checks.expect import Failure
from dlopt.checks.trial import Outcome

__all__ = [
    "ABSENT",
    "STATE_HINT",
    "array",
    "canonical",
    "close",
    "judge_scenes",
    "layouts",
    "of_seed",
    "read",
    "scenes",
    "small",
    "snapshot",
]

ABSENT = "there is no such attribute"  #: what `read` returns then
STATE_HINT = (
    "What backward needs belongs to one object and to its latest forward. Gradients are set anew, not added up."
)


def of_seed(cases: Callable[[int], list[Case]]) -> Callable[[int], list[Case]]:
    """Build the cases of a seed once; nothing writes into them, every trial copies."""
    return lru_cache(maxsize=None)(cases)


def layouts(case: Case, *names: str) -> list[Case]:
    """Return the same case with its arrays in other memory layouts."""
    return [replace(case, label=f"{case.label}, {name} arrays", layout=name) for name in names]


def small(value: Any) -> str:
    """Write a small array with its entries, for a case's label."""
    return np.array2string(np.asarray(value), precision=4, separator=", ").replace("\n", "")


def snapshot(value: Any) -> Any:
    """Copy what was returned, so that later calls cannot change it."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, list | tuple):
        return type(value)(snapshot(v) for v in value)
    return value


def read(thing: Any, name: str) -> Any:
    """Return a copy of an attribute, or `ABSENT`."""
    return snapshot(getattr(thing, name, ABSENT))


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

Ahead = Callable[[Any, Any], Any]
Back = Callable[[Any, Any], list[Any]]


def scenes(make: Callable[[], Any], ahead: Ahead, back: Back, first: Any, second: Any) -> list[list[Any]]:
    """Play the scenes in which forgotten, shared or piled-up state shows.

    Parameters
    ----------
    make : callable
        Returns a new object, always with the same numbers in it.
    ahead, back : callable
        Make the forward pass of an object on some data; make the backward pass and return its results.
    first, second : object
        Two sets of data.

    Returns
    -------
    list
        Per scene what came, then what a fresh object used once says.
    """

    def alone(data: Any) -> list[Any]:
        fresh = make()
        ahead(fresh, snapshot(data))
        return back(fresh, snapshot(data))

    expected_first, expected_second = alone(first), alone(second)
    used = make()
    ahead(used, snapshot(first))
    ahead(used, snapshot(second))
    latest = back(used, snapshot(second))
    ahead(used, snapshot(first))
    again = back(used, snapshot(first))
    one, other = make(), make()
    ahead(one, snapshot(first))
    ahead(other, snapshot(second))
    apart = [back(one, snapshot(first)), back(other, snapshot(second))]
    return [
        [latest, expected_second],
        [again, expected_first],
        [apart[0], expected_first],
        [apart[1], expected_second],
    ]


SCENES = (
    "After two forward passes, backward should belong to the second",
    "A second round of forward and backward should not depend on the first",
    "Of two objects alive at once, each should remember its own forward pass",
    "Of two objects alive at once, each should remember its own forward pass",
)


def judge_scenes(outcome: Outcome, names: tuple[str, ...]) -> None:
    """Ask that each scene of `scenes` gives what a fresh object gives, right or wrong."""
    for sentence, (came, fresh) in zip(SCENES, outcome.value, strict=True):
        judged = [t for t in zip(names, came, fresh, strict=False) if isinstance(t[2], np.ndarray)]
        if not judged:  # what is missing is another line's business, but not if all is
            raise Failure(f"{names[0]} should be an array; it is {expect.kind(fresh[0])}.")
        for name, have, want in judged:
            try:
                expect.close(have, want, name)
            except Failure as failure:
                raise Failure(f"{sentence}. {failure.message}", failure.clue) from None
