"""What is played with a student's class, and how it is noted down.

Self-contained, numpy and the standard library only: modules that `dlopt.checks.inside` runs where the student's code
lives import from here, and there all of this is within the student's reach. So nothing here judges: a scene collects
what the student's objects return, as a list, and whatever is to be said about that is said elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

__all__ = ["ABSENT", "parts_of", "played_beside", "read", "scenes", "snapshot", "stacked"]

ABSENT = "there is no such attribute"  #: what `read` returns then
MARK = "_played_beside"

Scenario = TypeVar("Scenario", bound=Callable[..., Any])
Ahead = Callable[[Any, Any], Any]
Back = Callable[[Any, Any], list[Any]]


def played_beside(parts: int | None = None) -> Callable[[Scenario], Scenario]:
    """Mark a scenario that may be run as a whole beside the student's code; see `dlopt.checks.case.Case`.

    Parameters
    ----------
    parts : int, optional
        The length of the list that it returns; left out, it returns one thing of any kind.

    Examples
    --------
    >>> @played_beside(2)
    ... def twice(function, x):
    ...     return [function(x), function(x)]
    >>> parts_of(twice)
    (True, 2)
    """

    def mark(scenario: Scenario) -> Scenario:
        setattr(scenario, MARK, parts)
        return scenario

    return mark


def parts_of(scenario: Any) -> tuple[bool, int | None]:
    """Tell whether a scenario is marked, and how long the list is that it returns."""
    return hasattr(scenario, MARK), getattr(scenario, MARK, None)


def snapshot(value: Any) -> Any:
    """Copy what was returned, so that later calls cannot change it."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if type(value) in (list, tuple):  # a class of the student's own may be made in another way
        return type(value)(snapshot(v) for v in value)
    return value


def stacked(values: list[Any]) -> Any:
    """Put arrays of numbers that are alike into one, which travels faster; return anything else as it is.

    Examples
    --------
    >>> stacked([np.zeros(2), np.ones(2)]).shape
    (2, 2)
    >>> len(stacked([np.zeros(2), np.ones(3)]))
    2
    """
    first = values[0] if values else None
    if type(first) is not np.ndarray or first.dtype.kind not in "biufc":
        return values
    alike = all(type(v) is np.ndarray and v.dtype == first.dtype and v.shape == first.shape for v in values)
    return np.stack(values) if alike else values


def read(thing: Any, name: str) -> Any:
    """Return a copy of an attribute, or `ABSENT`."""
    return snapshot(getattr(thing, name, ABSENT))


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
