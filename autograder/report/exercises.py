"""Pass rates: per exercise, and per property of an exercise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from autograder.report.submissions import Submission

__all__ = ["exercises"]

UNTOUCHED = "missing"


def exercises(able: Sequence[Submission]) -> list[dict[str, Any]]:
    """Return every graded cell in the notebook's order, with how the class did in it.

    Parameters
    ----------
    able : sequence of Submission
        The submissions that could be graded.

    Returns
    -------
    list of dict
        ``points`` is what it is worth, ``mean`` the mean of what was earned, ``full`` and ``none`` count who got all
        and nothing, ``untouched`` who left it as released, ``open`` who still waits for a person.
    """
    worth = {name: points for s in able for name, points in s.score.max_points.items()}
    order = list(dict.fromkeys([*(name for s in able for name in s.cells), *worth]))
    return [_exercise(name, worth[name], able) for name in order if name in worth]


def _exercise(name: str, worth: float, able: Sequence[Submission]) -> dict[str, Any]:
    earned = [s.score.points[name] for s in able if s.score.points.get(name) is not None]
    points = [value for value in earned if value is not None]
    cells = [s.cells[name] for s in able if name in s.cells]
    reports = [cell["report"] for cell in cells if cell.get("report")]
    return {
        "name": name.removesuffix("_check"),
        "points": worth,
        "mean": round(sum(points) / len(points), 3) if points else None,
        "full": sum(value >= worth for value in points),
        "none": sum(value == 0 for value in points),
        "graded": len(points),
        "open": len(able) - len(points),
        "untouched": sum(all(row["status"] == UNTOUCHED for row in report["rows"]) for report in reports),
        "without_check": len(cells) - len(reports),
        "properties": _properties(reports, len(cells)),
    }


def _properties(reports: Iterable[dict[str, Any]], tried: int) -> list[dict[str, Any]]:
    """Count per property; who has no report at all, because nothing was there to check, counts as not passing."""
    found: dict[str, dict[str, Any]] = {}
    clues: dict[str, Counter[str]] = {}
    for report in reports:
        for row in report["rows"]:
            fresh = {"name": row["name"], "line": row["line"], "points": row["points"], "statuses": Counter()}
            found.setdefault(row["name"], fresh)["statuses"][row["status"]] += 1
            if row["clue"]:
                clues.setdefault(row["name"], Counter())[row["clue"]] += 1
    result = []
    for name, entry in found.items():
        passed = entry["statuses"]["pass"]
        common = clues[name].most_common(1)[0] if name in clues else ("", 0)
        rate = round(passed / tried, 4)
        statuses = dict(sorted(entry["statuses"].items()))
        result.append({**entry, "statuses": statuses, "passed": passed, "of": tried, "rate": rate, "clue": common[0]})
    return result
