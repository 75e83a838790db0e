"""The table under a check cell: one row per property, with points and, where it fails, what came and a hint."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict, dataclass, replace
from html import escape
from typing import Any

__all__ = ["MACHINE_READABLE", "READY", "SIGNS", "Report", "Row"]

VALIDATING = "NBGRADER_VALIDATING"  #: environment variable of kernels that nbgrader's Validate starts
READY = "DLOPT_READY"  #: environment variable of kernels that ``python -m dlopt ready`` starts
MACHINE_READABLE = "application/vnd.dlopt.report+json"  #: type under which a table is plain data, there and only there

SIGNS = {
    "pass": "✓ right",
    "wrong": "✗ not yet",
    "error": "✗ error",
    "timeout": "✗ out of time",
    "memory": "✗ out of memory",
    "crashed": "✗ crashed",
    "missing": "– not yet implemented",
    "later": "– counts once another line is right",
}  #: what a status is called; the sign and the word say it, never colour alone

QUIET = ("pass", "missing", "later")  #: statuses that need no explanation


@dataclass(frozen=True)
class Row:
    """One property of one exercise.

    Parameters
    ----------
    name, line : str
        The property's name in code and its line in the table.
    points : float
        What it is worth.
    status : str
        One of `SIGNS`.
    message, clue, hint, case : str
        What was expected and what came; what the difference looks like; where to think; in which case.
    picture : str
        An SVG from `dlopt.checks.sketch`, or empty.
    """

    name: str
    line: str
    points: float
    status: str
    message: str = ""
    clue: str = ""
    hint: str = ""
    case: str = ""
    picture: str = ""

    @property
    def earned(self) -> float:
        """The points, or 0."""
        return self.points if self.status == "pass" else 0.0


@dataclass(frozen=True)
class Report:
    """What a check found. As the last value of a cell it shows as a table.

    Its ``text/plain`` in a kernel is the number of points earned: that is where nbgrader reads partial credit.

    Parameters
    ----------
    exercise : str
        The exercise's name.
    rows : tuple of Row
        One per property.
    misconception : tuple of (name, sentence), optional
        The known misconception that fits, found only while grading.
    printed : str
        What the function printed while it was tried.
    """

    exercise: str
    rows: tuple[Row, ...]
    misconception: tuple[str, str] | None = None
    printed: str = ""

    @property
    def points(self) -> float:
        """Points of the exercise."""
        return sum(row.points for row in self.rows)

    @property
    def earned(self) -> float:
        """Points earned."""
        return float(sum(row.earned for row in self.rows))

    @property
    def passed(self) -> bool:
        """Whether every property holds."""
        return all(row.status == "pass" for row in self.rows)

    def with_misconception(self, found: tuple[str, str] | None) -> Report:
        """Return the same report naming a misconception; points do not change."""
        return replace(self, misconception=found)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return {**asdict(self), "points": self.points, "earned": self.earned}

    def __repr__(self) -> str:
        lines = [self._headline()]
        if self._missing():
            return lines[0]
        for row in self.rows:
            lines.append(f"  {SIGNS[row.status]:<22} {row.earned:g}/{row.points:g}  {row.line}")
            lines += [f"      {part}" for part in _explanation(row)]
        if self.misconception:
            lines.append(f"  {self.misconception[1]}")
        return "\n".join(lines)

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        if os.environ.get(VALIDATING) and not self.passed:
            # nbgrader's Validate shows what stands in stderr, and else only "Partial credit", even for a stub
            print(repr(self), file=sys.stderr)
        shown = {"text/plain": repr(self.earned) if _in_kernel() else repr(self), "text/html": self.to_html()}
        return shown | {MACHINE_READABLE: self.to_dict()} if os.environ.get(READY) else shown

    def to_html(self) -> str:
        """Return the table, with its own styles: it also appears in nbgrader's feedback, far from any stylesheet."""
        cell = "padding:.35em .8em;text-align:left;vertical-align:top;border-top:1px solid #8884;"
        head = "".join(
            f'<th scope="col" style="{cell}border-top:0">{name}</th>'
            for name in ("Property", "Points", "Result", "Hint")
        )
        body = "".join(_html_row(row, cell) for row in self.rows)
        table = (
            f'<table style="border-collapse:collapse;margin:.5em 0;font-size:1em;max-width:60em">'
            f'<caption style="text-align:left;font-weight:bold;padding:.3em .8em;caption-side:top;color:inherit">'
            f"{escape(self._headline())}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )
        label = f"Check of {escape(self.exercise)}"
        return f'<div class="dlopt-report" role="group" aria-label="{label}">{table}{self._below()}</div>'

    def _missing(self) -> bool:
        return all(row.status == "missing" for row in self.rows)

    def _headline(self) -> str:
        if self._missing():
            return f"{self.exercise}: not yet implemented (0 of {self.points:g} points)"
        end = " — all right" if self.passed else ""
        return f"{self.exercise}: {self.earned:g} of {self.points:g} points{end}"

    def _below(self) -> str:
        html = ""
        if self.misconception:
            html += (
                '<p style="border-left:.3em solid #8888;padding:.2em .8em;margin:.5em 0">'
                f"<strong>This looks familiar:</strong> {escape(self.misconception[1])}</p>"
            )
        if self.printed:
            html += (
                "<details><summary>What your function printed</summary>"
                f'<pre style="white-space:pre-wrap">{escape(self.printed)}</pre></details>'
            )
        return html


def _explanation(row: Row) -> list[str]:
    """Return message, clue, case and hint of a row, each on a line, leaving out what is empty."""
    if row.status in QUIET:
        return []
    where = f"In the case {row.case}." if row.case else ""
    return [part for part in (row.message, row.clue, where, row.hint and f"Hint: {row.hint}") if part]


def _html_row(row: Row, cell: str) -> str:
    said = "".join(f"<br>{escape(part)}" for part in _explanation(replace(row, hint="")))
    failed = row.status not in QUIET
    columns = (
        escape(row.line),
        f'<span style="white-space:nowrap">{row.earned:g} of {row.points:g}</span>',
        f'<strong style="white-space:nowrap">{SIGNS[row.status]}</strong>{said}{row.picture}',
        escape(row.hint) if failed else "",
    )
    first, *rest = (f'style="{cell}">{text}' for text in columns)
    return (
        f'<tr><th scope="row" {first.replace("text-align:left;", "text-align:left;font-weight:normal;")}</th>'
        + "".join(f"<td {text}</td>" for text in rest)
        + "</tr>"
    )


def _in_kernel() -> bool:
    """Tell a Jupyter kernel from a terminal."""
    from IPython.core.getipython import get_ipython

    return hasattr(get_ipython(), "kernel")
