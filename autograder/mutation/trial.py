"""Let the grading checks judge the mutants of the model solutions."""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from unittest import mock

from autograder.course import Course
from autograder.mutation.equivalents import EQUIVALENTS
from autograder.mutation.mutants import Mutant, mutants
from dlopt.checks import Exercise, grading

__all__ = ["Trial", "exercises", "judge", "plan", "run", "unknown"]


@dataclass(frozen=True)
class Trial:
    """A mutant and, once it was judged, what became of it.

    Parameters
    ----------
    ps, exercise : str
        Where it belongs.
    mutant : Mutant
        What is tried.
    equivalent : bool
        Whether it is listed as one that no legal input tells from the solution.
    fate : str
        "" before the trial; then "survived", or what cost it points first: a status of a row of the table, such as
        "wrong", "error" or "timeout".
    """

    ps: str
    exercise: str
    mutant: Mutant
    equivalent: bool = False
    fate: str = ""

    @property
    def killed(self) -> bool:
        """Whether it lost points."""
        return self.fate not in ("", "survived")


def exercises(ps: str) -> dict[str, Exercise]:
    """Return the checks of a problem set by name, in the order of the notebook."""
    checks = import_module(f"dlopt.checks.{ps}")
    return {name: getattr(checks, name) for name in _answers(ps) if name in checks.__all__}


def plan(ps: str, *, every: int = 1) -> list[Trial]:
    """Return the trials of a problem set, or every so-many-th of them: a sample that is always the same."""
    found = [
        Trial(ps, name, mutant, mutant.name in EQUIVALENTS.get(name, {}))
        for name in exercises(ps)
        for mutant in mutants(_answers(ps)[name])
    ]
    return found[::every]


def unknown(ps: str) -> list[str]:
    """Return the listed equivalents of a problem set that are no mutants of it."""
    return [
        f"{name}: {entry}"
        for name in exercises(ps)
        for entry in EQUIVALENTS.get(name, {})
        if entry not in {mutant.name for mutant in mutants(_answers(ps)[name])}
    ]


def run(trials: Sequence[Trial], *, jobs: int = 1) -> Iterator[Trial]:
    """Judge mutants, in so many processes, and yield each with its fate, in order."""
    if jobs == 1:
        yield from map(judge, trials)
        return
    # spawned, not forked: a parent that has used torch's threads hangs its children
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(judge, trials)


def judge(trial: Trial) -> Trial:
    """Check one mutant as grading would, with the unseen seeds; where it cannot even be defined it is dead as well."""
    with mock.patch.dict(os.environ, {grading.VARIABLE: "autograder.mutation.quiet"}):
        namespace = dict(_namespace(trial.ps))
        try:
            exec(compile(trial.mutant.source, trial.exercise, "exec"), namespace)
        except Exception:
            return _ended(trial, "error")
        report = exercises(trial.ps)[trial.exercise](namespace[trial.exercise])
    lost = [row.status for row in report.rows if row.status not in ("pass", "later")]
    # running out of time is told apart: a limit may be why
    return _ended(trial, "timeout" if "timeout" in lost else lost[0] if lost else "survived")


def _ended(trial: Trial, fate: str) -> Trial:
    return Trial(trial.ps, trial.exercise, trial.mutant, trial.equivalent, fate)


@lru_cache
def _answers(ps: str) -> dict[str, str]:
    """Return the sources of the solution cells, by exercise."""
    return {name: source for name, source, solution in _cells(ps) if solution}


@lru_cache
def _namespace(ps: str) -> dict[str, Any]:
    """Return what stands beside a mutant: what the locked cells define, and the solutions of the other exercises."""
    namespace: dict[str, Any] = {}
    for name, source, solution in _cells(ps):
        tree = ast.parse(source)
        if not solution:  # pictures and checks are left out: they would run the answers
            tree.body = [
                s for s in tree.body if isinstance(s, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef)
            ]
        exec(compile(tree, name, "exec"), namespace)
    return namespace


def _cells(ps: str) -> Iterator[tuple[str, str, bool]]:
    """Yield grade_id, source and whether it is an answer, of every code cell of the model solutions."""
    path: Path = Course().solutions / ps / f"{ps}.ipynb"
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            about = cell["metadata"].get("nbgrader", {})
            yield about.get("grade_id", ""), "".join(cell["source"]), bool(about.get("solution"))
