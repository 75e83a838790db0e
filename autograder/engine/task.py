"""What goes to a worker and what comes back: plain, picklable data, without the student's name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.judge.outcome import CellOutcome

__all__ = ["Done", "StaleError", "Task"]


class StaleError(RuntimeError):
    """A worker has other code than the coordinator: its grades would be another course's."""


@dataclass(frozen=True)
class Task:
    """One submission to grade.

    Parameters
    ----------
    key : str
        What the result depends on, as `autograder.engine.keys.Keys.of` hashes it.
    problem_set : str
        Its name.
    release : bytes
        The instructor's notebook, hidden tests included.
    submission : bytes
        The file that was handed in.
    name : str
        What the file is called, for sentences.
    notes : tuple of str
        What was mended on the way to it.
    checks : str
        The hash of the grader's code, see `autograder.engine.keys.checks`: a worker with other code refuses.
    no_jail : bool
        Run the student's code without a jail.
    limits : dict
        What the student's code may use where it differs from `autograder.jail.limits_for`.
    """

    key: str
    problem_set: str
    release: bytes
    submission: bytes
    name: str
    notes: tuple[str, ...] = ()
    checks: str = ""
    no_jail: bool = False
    limits: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """What grading a submission came to.

    Parameters
    ----------
    key : str
        The task's.
    notebook : bytes
        The autograded notebook, as it is written to disk.
    cells : tuple of CellOutcome
        One per test cell.
    scores : dict of str to float or None
        Automatic score of each cell with points; None leaves it to a person.
    comments : dict of str to str or None
        Automatic comment of each cell for answers.
    notes : tuple of str
        What was mended, and what the instructor should know.
    ungradable : str
        Why it could not be graded; empty where it could.
    seconds : dict of str to float
        Where the time went: "cpu" and "wall" of the worker, "jail" of the student's process.
    seeds : tuple of int
        The unseen seeds that were tried.
    """

    key: str
    notebook: bytes
    cells: tuple[CellOutcome, ...] = ()
    scores: dict[str, float | None] = field(default_factory=dict)
    comments: dict[str, str | None] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    ungradable: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    seeds: tuple[int, ...] = ()

    @property
    def kinds(self) -> dict[str, str]:
        """The outcome of each test cell, by its grade_id."""
        return {cell.grade_id: cell.kind for cell in self.cells}

    def record(self) -> dict[str, Any]:
        """Return what the ledger keeps of it: scores and outcomes, no answer of the student's."""
        return {
            "outcome": "ungradable" if self.ungradable else "graded",
            "ungradable": self.ungradable,
            "cells": self.kinds,
            "scores": self.scores,
            "notes": list(self.notes),
            "seeds": list(self.seeds),
            "seconds": {name: round(value, 4) for name, value in self.seconds.items()},
        }
