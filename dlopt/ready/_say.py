"""What the student reads: a table of exercises, what to mend, and a verdict that can stand alone."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from dlopt.checks.report import SIGNS
from dlopt.ready._findings import Findings
from dlopt.ready._look import Look
from dlopt.ready._run import Run

__all__ = ["Style", "headline", "sections", "table", "verdict"]

BOLD, RED, GREEN, YELLOW = "1", "31", "32", "33"


@dataclass(frozen=True)
class Style:
    """How text may look.

    Parameters
    ----------
    colour : bool
        Whether escape sequences are understood; they only repeat what the words say.
    width : int
        Columns to wrap at; 0 for not at all, as in a file.
    """

    colour: bool = False
    width: int = 0

    def paint(self, text: str, code: str) -> str:
        """Return the text in a colour, where there are colours."""
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text

    def wrap(self, text: str, first: str = "", rest: str = "") -> str:
        """Return the text under an indent, wrapped where there is a width."""
        if not self.width:
            return first + text
        return textwrap.fill(text, self.width, initial_indent=first, subsequent_indent=rest, break_long_words=False)


def headline(look: Look, name: str, run: Run | None) -> str:
    """Say what was looked at and how far it ran."""
    code = sum(cell.kind == "code" for cell in look.cells)
    number = look.expected.name.partition("_")[0].removeprefix("ps")
    ran = "not run" if run is None else f"run from top to bottom in a fresh kernel in {run.seconds:.0f} s"
    if run and not run.complete:
        ran = "run in a fresh kernel, which did not reach the end"
    return f"{name}, problem set {number}: {len(look.cells)} cells, {code} of code, {ran}."


def table(look: Look, run: Run | None, style: Style) -> Iterator[str]:
    """Yield one line per exercise: points of the visible checks, and what they or the look at the cells say."""
    expected = look.expected
    wide = max(map(len, [*expected.exercises, *expected.by_hand]))
    earned = total = 0.0
    for name, exercise in expected.exercises.items():
        report = run.reports.get(name) if run else None
        points = _earned(report)
        earned, total = earned + points, total + exercise.points
        said = look.state.get(name) or (_outcome(report) if run else "written, not run")
        colour = GREEN if points == exercise.points else YELLOW if report else RED
        score = f"{points:>5g} / {exercise.points:<4g}" if run else f"{'–':>5} / {exercise.points:<4g}"
        yield style.wrap(style.paint(said, colour), f"  {name:<{wide}}  {score}  ", " " * (wide + 17))
    for label in expected.by_hand:
        said = look.state.get(label) or "written; a person reads it"
        yield style.wrap(said, f"  {label:<{wide}}     by hand   ", " " * (wide + 17))
    if run:
        yield f"  {'together':<{wide}}  {earned:>5g} / {total:g}"


def _earned(report: dict[str, Any] | None) -> float:
    return float(report["earned"]) if report else 0.0


def _outcome(report: dict[str, Any] | None) -> str:
    """Say in a line what a check table says."""
    if report is None:
        return "its check could not run"
    open_rows = [row for row in report["rows"] if row["status"] not in ("pass", "later")]
    if not open_rows:
        return "✓ right"
    if all(row["status"] == "missing" for row in report["rows"]):
        return SIGNS["missing"]
    sign = SIGNS[open_rows[0]["status"]]
    lines = "; ".join(f"“{row['line']}”" for row in open_rows[:2])
    more = f" and {len(open_rows) - 2} more" if len(open_rows) > 2 else ""
    return f"{sign}: {lines}{more}"


def sections(findings: Findings, style: Style) -> Iterator[str]:
    """Yield what to mend, what is changed on the way, and what is good to know."""
    parts = (
        ("To mend first", findings.stop, "✗", RED),
        ("To look at before you hand in", findings.but, "–", YELLOW),
        ("Good to know", findings.note, "·", BOLD),
    )
    for title, sentences, sign, colour in parts:
        if sentences:
            yield ""
            yield style.paint(title, BOLD)
            for sentence in dict.fromkeys(sentences):
                yield style.wrap(sentence, f"  {style.paint(sign, colour)} ", "    ")


def verdict(look: Look, run: Run | None, findings: Findings) -> tuple[str, bool]:
    """Return the last line, and whether the notebook can be handed in."""
    expected = look.expected
    reasons = list(findings.stop)
    reports = run.reports if run else {}
    begun = [name for name in expected.answers if not look.state.get(name)]
    if not begun and not reasons:
        reasons = ["nothing has been filled in yet."]
    if reasons:
        more = len(dict.fromkeys(reasons)) - 1
        rest = (
            ""
            if not more
            else " One more thing is listed above."
            if more == 1
            else f" {more} more things are listed above."
        )
        return f"Not ready, because {reasons[0][0].lower()}{reasons[0][1:]}{rest}", False
    lost = [name for name, e in expected.exercises.items() if run and _earned(reports.get(name)) < e.points]
    but = list(_open(lost, findings))
    if but:
        return f"Can be handed in, but {' and '.join(but)}.", True
    if run is None:
        return "Looks ready to hand in, but it has not been run.", True
    return "Ready to hand in. Grading asks the same questions with other numbers.", True


def _open(lost: list[str], findings: Findings) -> Iterable[str]:
    if lost:
        some = ", ".join(lost[:3]) + (f" and {len(lost) - 3} more" if len(lost) > 3 else "")
        yield f"points are open in {some}"
    if findings.but:
        count = len(dict.fromkeys(findings.but))
        yield "there is one thing to look at above" if count == 1 else f"there are {count} things to look at above"
