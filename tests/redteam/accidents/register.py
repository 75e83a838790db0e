"""The register of accidents: what an unlucky beginner did, and what grading must make of it.

The docstring of a case says what happened; the decorator what it may cost, and what the grader must say about it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.autograder.judge.conftest import POINTS, PS
from tests.redteam.case import Case, Submission, enter

__all__ = ["POINTS", "PS", "REGISTER", "Accident", "group", "zero"]


@dataclass(frozen=True, kw_only=True)
class Accident(Case):
    """One accident."""

    ungradable: bool = False  # a person has to look: no points, and no zero either
    lost: dict[str, float] = field(default_factory=dict)  # points that remain, where that is not all of them
    shown: str = ""  # what the student's own outputs must match
    slow: bool = False  # waits for limits to be reached

    @property
    def points(self) -> dict[str, float]:
        """What grading must give."""
        return {**{name: float(most) for name, most in POINTS.items()}, **self.lost}


REGISTER: dict[str, Accident] = {}


def group(title: str) -> Callable[..., Callable[[Submission], Submission]]:
    """Open a group of accidents; returns what makes the decorator that enters one, from what the grader must say."""

    def accident(says: str = "", **about: Any) -> Callable[[Submission], Submission]:
        return enter(REGISTER, Accident, title, says=says, **about)

    return accident


def zero(*exercises: str) -> dict[str, float]:
    """Return the points that remain of exercises that are lost."""
    return dict.fromkeys(exercises, 0.0)
