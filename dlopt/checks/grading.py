"""The door through which grading adds what students must not see: more seeds, and known misconceptions.

The environment variable ``DLOPT_GRADING`` names a module with ``SEEDS`` (a tuple of ints),
``explain(exercise, records) -> (name, sentence) | None`` and ``reference(problem_set) -> module | None``. Without it,
in a student's Jupyter, there is nothing behind the door: dlopt itself knows none of them.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dlopt.checks.case import Case
    from dlopt.checks.exercise import Exercise
    from dlopt.checks.trial import Outcome

__all__ = ["VARIABLE", "active", "explain", "reference", "seeds"]

VARIABLE = "DLOPT_GRADING"


def _module() -> ModuleType | None:
    name = os.environ.get(VARIABLE)
    return importlib.import_module(name) if name else None


def active() -> bool:
    """Tell whether grading is going on."""
    return bool(os.environ.get(VARIABLE))


def seeds() -> tuple[int, ...]:
    """Return the seeds whose cases count: the public ones and, while grading, the unseen ones."""
    from dlopt.checks.exercise import PUBLIC_SEEDS

    module = _module()
    return PUBLIC_SEEDS + tuple(module.SEEDS) if module else PUBLIC_SEEDS


def explain(exercise: Exercise, records: Sequence[tuple[Case, Outcome]]) -> tuple[str, str] | None:
    """Return name and sentence of the one known misconception behind these outcomes, while grading."""
    module = _module()
    found: tuple[str, str] | None = module.explain(exercise, records) if module else None
    return found


def reference(problem_set: str) -> ModuleType | None:
    """Return the module with right answers to lend to others that build on them, while grading."""
    module = _module()
    found: ModuleType | None = module.reference(problem_set) if module and hasattr(module, "reference") else None
    return found
