"""What the grader says of a submission, and the page of all accidents for instructors."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from typing import Any

from tests.redteam.accidents.register import POINTS, Accident

HEAD = """# Accidents

What happens to honest submissions after something went wrong: one line per kind of accident, each of them graded by
`nbgrader autograde` in the tests, among classmates whose grades must not change by a bit. Of {total} points an accident
costs at most the exercise that it spoilt. Where a notebook cannot be read nobody gets a zero: the score stays empty,
the submission is marked “needs manual grade”, and the sentence below says why.

The exercises are a small set's: {exercises}.
The tests hold this page to what the grader says; `python -m tests.redteam.accidents` writes it anew.
"""
TABLE = "| what happened | points | what the grader says |\n|---|---|---|"
LONG = 300


def sentences(result: Any) -> list[str]:
    """Return what is said about a submission: why it waits, what was mended, why points are lost."""
    if result.judge["ungradable"]:
        return [result.judge["ungradable"]]
    lost = [name for name, most in POINTS.items() if (result.points[name] or 0.0) < most]
    return [*result.judge["notes"], *(f"{name}: {_why(result, name)}" for name in lost)]


def _why(result: Any, exercise: str) -> str:
    """Return the reason of the judge, or what the check cell shows first."""
    if result.reason(exercise):
        return result.reason(exercise)
    (cell,) = [
        c for c in result.notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == f"{exercise}_check"
    ]
    for output in cell.outputs:
        if output.output_type == "error":
            return f"{output.ename}: {output.evalue}".rstrip(": ")
        html = output.get("data", {}).get("text/html", "")
        if html:
            return _row(html).removeprefix(f"{exercise}: ")
    return "partial credit, by the test's own count"


def _row(html: str) -> str:
    """Return the first line of a check's table that is not right, or its headline where nothing was tried."""
    rows = [re.findall(r"<(?:th|td)[^>]*>(.*?)</(?:th|td)>", row, re.DOTALL) for row in html.split("<tr>")[1:]]
    for row in rows:
        cells = [plain(cell) for cell in row]
        if len(cells) == 4 and "✗" in cells[2]:
            reason = re.sub(r"^✗ (not yet|error|crashed|out of \w+) ?| In the case .*", "", cells[2])
            return f"“{cells[0]}”: {reason} {cells[3]}".rstrip()
    return plain(re.search(r"<caption[^>]*>(.*?)</caption>", html, re.DOTALL)[1])


def plain(html: str) -> str:
    """Return the text of a piece of HTML, without its pictures."""
    text = re.sub(r"<svg.*?</svg>", "", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def page(graded: Iterable[tuple[Accident, Any]]) -> str:
    """Return the page, one table per group, in the register's order."""
    pairs = list(graded)
    exercises = ", ".join(f"`{name}` ({most})" for name, most in POINTS.items())
    parts = [HEAD.format(total=sum(POINTS.values()), exercises=exercises)]
    for title in dict.fromkeys(accident.group for accident, _ in pairs):
        rows = [_line(accident, result) for accident, result in pairs if accident.group == title]
        parts.append(f"## {title}\n\n{TABLE}\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


def _line(accident: Accident, result: Any) -> str:
    scores = [result.points[name] for name in POINTS]
    points = "–" if None in scores else f"{sum(scores):g}"
    said = " ".join(text if text.endswith(".") else f"{text}." for text in sentences(result)) or "Nothing to say."
    cut = said if len(said) <= LONG else said[: LONG - 1].rsplit(" ", 1)[0] + " …"
    return f"| {_cell(accident.told, keep='`')} | {points} | {_cell(cut)} |"


def _cell(text: str, keep: str = "") -> str:
    """Return text as it stands in a table's cell: nothing in it is markup, but for what the register itself writes."""
    text = " ".join(text.split()).replace("``", "`") if keep else " ".join(text.split())
    return re.sub(
        r"([\\*_|<>\[\]`~$])", lambda m: m[1] if m[1] in keep or (keep and m[1] in "_*<>[]\\") else f"\\{m[1]}", text
    )
