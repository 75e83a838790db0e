"""What a notebook of a problem set should hold, as far as the student's own files tell.

Exercises come from the visible checks, ``dlopt.checks.<set>``. Which cells were released, and which of them a person
reads, the release has written into the notebook's metadata under `INVENTORY`; where a front end dropped that, the
exercises are what is left to go by.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dlopt.checks
from dlopt.checks import Exercise
from dlopt.notebooks import Cell, Unreadable, names

__all__ = ["INVENTORY", "Expected", "expect", "problem_sets"]

INVENTORY = "dlopt_release"  #: key in a released notebook's metadata: {"set": …, "cells": […], "by_hand": […]}
IMPORT = re.compile(r"^\s*(?:from dlopt\.checks import|import dlopt\.checks\.)\s*(ps\d+_\w+)", re.MULTILINE)


@dataclass(frozen=True)
class Expected:
    """The cells of one problem set.

    Parameters
    ----------
    name : str
        The set, such as "ps1_losses".
    exercises : dict of str to Exercise
        By name, in the notebook's order. Exercise ``f`` is answered in the cell ``f`` and checked in ``f_check``.
    cells : tuple of str
        The labels (nbgrader's ``grade_id``) of all released cells, in order; of the exercises' cells alone where the
        inventory is lost.
    by_hand : tuple of str
        Labels of answers that a person reads.
    inventory : bool
        Whether the notebook still has its inventory.
    """

    name: str
    exercises: dict[str, Exercise]
    cells: tuple[str, ...]
    by_hand: tuple[str, ...]
    inventory: bool

    @property
    def answers(self) -> set[str]:
        """Labels of the cells that students write in."""
        return {*self.exercises, *self.by_hand}


def problem_sets() -> list[str]:
    """Return the sets that this dlopt has checks for, sorted as ps1, ps2, … ps10.

    Examples
    --------
    >>> problem_sets()[0]
    'ps1_losses'
    """
    found = [m.name for m in pkgutil.iter_modules(dlopt.checks.__path__) if re.match(r"ps\d+_", m.name)]
    return sorted(found, key=lambda name: (len(name.split("_")[0]), name))


def expect(cells: Sequence[Cell], metadata: Mapping[str, Any], stem: str) -> Expected:
    """Find out which problem set a notebook is, and what it should hold.

    Parameters
    ----------
    cells, metadata
        The notebook, as `dlopt.notebooks.read_with_metadata` returns it.
    stem : str
        The file's name, without ending: what is believed last.

    Raises
    ------
    Unreadable
        If it is none of the sets of this dlopt.
    """
    inventory = metadata.get(INVENTORY)
    inventory = inventory if isinstance(inventory, dict) else {}
    imported = [name for cell in cells for name in IMPORT.findall(cell.source)]
    known = problem_sets()
    guesses = [inventory.get("set"), *imported, *(name for name in known if stem.startswith(name))]
    name = next((guess for guess in guesses if guess in known), None)
    if name is None:
        asked = names(dict.fromkeys(imported))
        why = (
            f"it asks for the checks {asked}, which this dlopt does not have"
            if asked
            else "it imports no checks of one"
        )
        raise Unreadable(
            f"The notebook is none of the problem sets {names(known, 12)}: {why}. Check the file, or install the dlopt "
            "that came with the notebook."
        )
    return _expected(name, cells, inventory)


def _expected(name: str, cells: Sequence[Cell], inventory: Mapping[str, Any]) -> Expected:
    """Put together what the checks, the inventory and the cells themselves say."""
    try:
        checks = importlib.import_module(f"dlopt.checks.{name}")
    except ModuleNotFoundError as missing:  # the checks say what they need
        raise Unreadable(str(missing)) from None
    labels = [cell.grade_id for cell in cells if cell.grade_id]
    listed = [label for label in _texts(inventory.get("cells")) if label]
    order = {label: place for place, label in reversed(list(enumerate(listed or labels)))}
    found = sorted(checks.__all__, key=lambda exercise: order.get(exercise, len(order)))
    exercises = {exercise: getattr(checks, exercise) for exercise in found}
    graded = [c.grade_id for c in cells if c.nbgrader.get("grade") and c.nbgrader.get("solution") and c.grade_id]
    by_hand = tuple(dict.fromkeys(_texts(inventory.get("by_hand")) if listed else graded))
    pairs = [label for exercise in exercises for label in (exercise, f"{exercise}_check")]
    return Expected(name, exercises, tuple(listed or [*pairs, *by_hand]), by_hand, bool(listed))


def _texts(value: Any) -> list[str]:
    """Return the texts of a list that may be anything."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
