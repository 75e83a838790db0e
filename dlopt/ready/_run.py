"""The notebook from top to bottom in a fresh kernel: which cells fail, and what the visible checks say."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dlopt.notebooks import Cell
from dlopt.ready._findings import Findings
from dlopt.ready._kernel import Kernel, Ran
from dlopt.ready._look import Look, place

__all__ = ["Run", "run"]

LEAVER = re.compile(r"\b(exit|quit|_exit|abort|kill)\b")  # what code ends its kernel with


@dataclass
class Run:
    """What happened.

    Parameters
    ----------
    findings : Findings
        A sentence about each cell that failed.
    reports : dict of str to dict
        The check tables by exercise, as plain data.
    seconds : float
        How long it took.
    complete : bool
        Whether every code cell was reached.
    """

    findings: Findings = field(default_factory=Findings)
    reports: dict[str, dict[str, Any]] = field(default_factory=dict)
    seconds: float = 0.0
    complete: bool = False


def run(look: Look, folder: Path, limit: float, tell: Callable[[str], None]) -> Run:
    """Run all code cells in order, going on after errors as grading does.

    Parameters
    ----------
    look : Look
        The notebook; the file itself is not touched.
    folder : Path
        Where it lies.
    limit : float
        Seconds that each cell may take.
    tell : callable
        Told which cell is running.
    """
    result, began = Run(), time.monotonic()
    with Kernel(folder) as kernel:
        for cell in (c for c in look.cells if c.kind == "code" and not c.blank):
            tell(f"{place(cell)} of {len(look.cells)}")
            ran = kernel.run(cell.source, limit)
            if ran.kind == "done" and LEAVER.search(cell.source) and kernel.leaves():
                ran.kind = "died"
            _note(cell, ran, look, limit, result)
            if ran.kind in ("stuck", "died"):
                result.findings.stop.append(_ended(cell, ran, limit))
                break
        else:
            result.complete = True
            _without_table(look, kernel, limit, result)
    result.seconds = time.monotonic() - began
    return result


def _without_table(look: Look, kernel: Kernel, limit: float, result: Run) -> None:
    """Check the exercises whose check cell is gone or shows no table."""
    for name in look.expected.exercises:
        if name not in result.reports and name in look.names:
            ran = kernel.run(f'__import__("dlopt.checks.{look.expected.name}", fromlist=["*"]).{name}({name})', limit)
            if ran.report:
                result.reports[name] = ran.report
            if ran.kind in ("stuck", "died"):
                return


def _note(cell: Cell, ran: Ran, look: Look, limit: float, result: Run) -> None:
    """Keep a cell's table, or say in a sentence why it failed."""
    if ran.report and ran.report.get("exercise") in look.expected.exercises:
        result.reports[ran.report["exercise"]] = ran.report
    where = place(cell, "Cell")
    if ran.kind == "timeout":
        result.findings.stop.append(
            f"{where} did not finish within {limit:g} seconds and was interrupted: does a loop never end? If it only "
            "needs longer here, give it more with --limit."
        )
    elif ran.kind == "raised":
        given = bool(cell.nbgrader.get("locked"))
        if given and _is_told(cell, ran, look):
            return
        why = f"{where} fails: {_sentence(cell, ran, look)}"
        picture = given and cell.grade_id != "setup"
        if picture:
            why += " The cell is ours and calls functions of yours: run their checks first."
        (result.findings.but if picture else result.findings.stop).append(why)


def _is_told(cell: Cell, ran: Ran, look: Look) -> bool:
    """Tell whether a locked cell only misses a name that the look at the notebook has missed already."""
    name = _missing_name(ran)
    return name in look.expected.exercises and bool(look.state.get(name) or name not in look.names)


def _sentence(cell: Cell, ran: Ran, look: Look) -> str:
    said = (ran.message.strip().splitlines() or [""])[0]
    said = re.sub(r" \((<ipython-input[^)]*|[\w.-]+\.py), line \d+\)$", "", said)[:200]
    where = f", in line {ran.line_number}" if ran.line_number else ""
    quoted = f": “{ran.line}”" if where and ran.line else ""
    return f"{ran.error}{f': {said}' if said else ''}{where}{quoted}. {_advice(cell, ran, look)}".rstrip()


def _advice(cell: Cell, ran: Ran, look: Look) -> str:
    """Say what the commonest accidents mean."""
    name = _missing_name(ran)
    if name:
        home = look.names.get(name)
        if home is None:
            return (
                f"No cell defines {name}. It may be misspelt, or live on in Jupyter's memory from a cell that is gone."
            )
        if home.number > cell.number:
            return f"{place(home, 'Cell')} defines it, further down: what a cell needs must stand above it."
        return f"{place(home, 'Cell')} should define it, and did not get that far."
    if ran.error in ("ModuleNotFoundError", "ImportError") and "dlopt" in ran.message:
        return "This dlopt does not fit the notebook: install the one that came with it (requirements.txt)."
    if ran.error == "ModuleNotFoundError" and cell.nbgrader.get("locked"):
        return "This problem set needs it: install it in the Python that runs your notebooks."
    if ran.error == "ModuleNotFoundError":
        return "It is not installed here, and grading may not have it either."
    advice = {
        "FileNotFoundError": "While grading there are no files beside the notebook.",
        "StdinNotImplementedError": "It waits for somebody to type (input()), and while grading nobody does.",
        "SystemExit": "A notebook must not end its kernel: take exit, quit or sys.exit out.",
        "IndentationError": "Look at the spaces at the beginning of this line and the one above it.",
        "SyntaxError": "Python cannot read the cell, so nothing in it counts. The slip may be in the line above.",
    }
    return advice.get(ran.error, "")


def _missing_name(ran: Ran) -> str:
    found = re.match(r"name '(\w+)' is not defined", ran.message)
    return found[1] if ran.error == "NameError" and found else ""


def _ended(cell: Cell, ran: Ran, limit: float) -> str:
    """Say in which cell the kernel ended, and that nothing below it has run."""
    rest = "The cells below it have not run."
    if ran.kind == "stuck":
        return (
            f"{place(cell, 'Cell')} did not finish within {limit:g} seconds and could not be interrupted; the kernel "
            f"was ended. {rest}"
        )
    asked = "It calls exit or the like: take that out." if LEAVER.search(cell.source) else "Did it run out of memory?"
    return f"The kernel died in {place(cell)}. {asked} {rest}"
