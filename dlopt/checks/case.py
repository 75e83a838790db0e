"""A case: the arguments an answer is tried with, and what is known about them."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np

__all__ = ["Case", "CasesOf", "of_seed"]


@dataclass(frozen=True)
class Case:
    """One set of arguments and what is known about it by construction.

    Parameters
    ----------
    args : tuple
        Arguments in the contract's order. They are copied for every call.
    label : str
        The case in a few words, for the student: ``"M = 5, κ = 40"``.
    truth : object
        What the properties compare with; they know its type.
    layout : str
        Memory layout of the array arguments, one of `dlopt.checks.trial.LAYOUTS`.
    scenario : callable, optional
        What to do with the candidate where one call is not enough, as with a class: ``scenario(candidate, *args)``
        is called instead, and what it returns is judged. There are two kinds. Most run here; the candidate may then
        be a proxy of something in another process: such a scenario constructs, calls, gets and sets attributes and
        iterates, nothing else, and may judge, raise `dlopt.checks.trial.Unfit` and use what the student's other
        objects are. One that merely collects what the candidate's objects return is marked with
        `dlopt.checks.beside.played_beside` and lives in a self-contained module: it is run as a whole where the
        candidate lives, many cases in one exchange. What it returns is then the student's word, of any type and
        shape: nothing that is known of the case is taken from it, and nothing decided in it.
    reading : callable, optional
        ``reading(args, found)``, applied here to the case's own arguments and what the call or the scenario returned;
        what it returns is judged. It adds what is known to what was collected. It takes whatever comes, or raises
        `dlopt.checks.expect.Failure`.
    limit : float, optional
        Seconds, where the exercise's own limit does not fit.
    telling : bool
        Whether the result says which mistake was made; the outcome of a long training does not.
    """

    args: tuple[Any, ...]
    label: str
    truth: Any = None
    layout: str = "C"
    scenario: Callable[..., Any] | None = None
    limit: float | None = None
    telling: bool = True
    reading: Callable[[tuple[Any, ...], Any], Any] | None = None

    @cached_property
    def key(self) -> bytes:
        """What its outcome depends on: of two cases with one key only one is tried."""
        asked = (*map(_written, self.args), self.layout, self.limit, self.telling, id(self.scenario), id(self.reading))
        return blake2b(pickle.dumps(asked), digest_size=16).digest()


CasesOf = Callable[[int], Sequence[Case]]


def of_seed(cases: Callable[[int], list[Case]]) -> Callable[[int], list[Case]]:
    """Build the cases of a seed once; nothing writes into them, every trial copies."""
    return lru_cache(maxsize=None)(cases)


def _written(value: Any) -> Any:
    """Return what makes two arguments the same one: their numbers, or else their identity."""
    if isinstance(value, list | tuple):
        return (type(value).__name__, *map(_written, value))
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, np.random.Generator):
        return repr(value.bit_generator.state)
    if type(value) in (type(None), bool, int, float, str):
        return value
    return "object", id(value)
