"""The register of accidents: what an unlucky beginner did, and what grading must make of it.

A case is a function that edits a freshly fetched notebook and returns what is handed in: the sheet, a file's text or
bytes, or several files by name. Its docstring says what happened. The decorator says what it may cost, and what the
grader must say about it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

PS = "ps2_quadratics"
POINTS = {"quadratic": 3, "condition_number": 2, "newton_step": 2, "softmax": 2, "root": 1, "digits": 2}
Case = Callable[[Any], Any]


@dataclass(frozen=True)
class Accident:
    """One accident and its documented end."""

    name: str
    case: Case
    group: str
    said: str = ""  # what the grader's sentences must match; nothing to say where it is empty
    ungradable: bool = False  # a person has to look: no points, and no zero either
    lost: dict[str, float] = field(default_factory=dict)  # points that remain, where that is not all of them
    kinds: dict[str, str] = field(default_factory=dict)
    shown: str = ""  # what the student's own outputs must match
    slow: bool = False  # waits for limits to be reached
    student: str = ""  # the folder's name, where that is part of the accident

    @property
    def points(self) -> dict[str, float]:
        """What grading must give."""
        return {**{name: float(most) for name, most in POINTS.items()}, **self.lost}

    @property
    def told(self) -> str:
        """What happened, in a sentence."""
        return " ".join((self.case.__doc__ or "").split())


REGISTER: dict[str, Accident] = {}


def group(title: str) -> Callable[..., Callable[[Case], Case]]:
    """Open a group of accidents; returns the decorator that enters them."""

    def accident(said: str = "", **about: Any) -> Callable[[Case], Case]:
        def enter(case: Case) -> Case:
            assert case.__doc__, case.__name__
            assert case.__name__ not in REGISTER, case.__name__
            REGISTER[case.__name__] = Accident(case.__name__, case, title, said, **about)
            return case

        return enter

    return accident


def zero(*exercises: str) -> dict[str, float]:
    """Return the points that remain of exercises that are lost."""
    return dict.fromkeys(exercises, 0.0)
