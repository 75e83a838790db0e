"""How long each exercise takes and how hard it is, as ``effort.yml`` estimates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from autograder.course import ROOT, Course, CourseError

__all__ = ["FILE", "Effort", "effort", "scale"]

FILE = ROOT / "effort.yml"


@dataclass(frozen=True)
class Effort:
    """One exercise.

    Parameters
    ----------
    exercise : str
        Its name.
    points : float
        Of its cell.
    minutes : int
        What it takes a student who has read the chapter.
    difficulty : int
        From 1 to 5, see `scale`.
    """

    exercise: str
    points: float
    minutes: int
    difficulty: int


@cache
def _entries() -> dict[str, dict[Any, Any]]:
    entries: dict[str, dict[Any, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return entries


def scale() -> dict[int, str]:
    """Return what the difficulties mean."""
    return _entries()["scale"]


def effort(course: Course, ps: str) -> list[Effort]:
    """Return the exercises of a set in the notebook's order; their points come from the notebook.

    Raises
    ------
    CourseError
        If ``effort.yml`` and the notebook do not name the same exercises.

    Examples
    --------
    >>> effort(Course(), "ps6_batchnorm")[1]
    Effort(exercise='fold_batchnorm', points=3.0, minutes=15, difficulty=3)
    """
    own, entries = course.exercises(ps), _entries().get(ps, {})
    missing, extra = [name for name in own if name not in entries], [name for name in entries if name not in own]
    if missing:
        raise CourseError(f"{FILE.name} has no time and difficulty for {', '.join(missing)} of {ps}; add a line each.")
    if extra:
        raise CourseError(f"{FILE.name} names {', '.join(extra)}, which {ps} does not have; take the line out.")
    return [Effort(name, points, *entries[name]) for name, points in own.items()]
