"""From graded submissions to what the report says, as plain data: ``--json`` prints it and the page shows it."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from autograder.course import Course, CourseError
from autograder.engine.book import seconds
from autograder.judge import harmless
from autograder.report.examples import example
from autograder.report.exercises import exercises
from autograder.report.pseudonyms import Pseudonyms, without_names
from autograder.report.similarity import clusters
from autograder.report.submissions import Submission, released_code, submissions
from autograder.scores import Score, scores

__all__ = ["class_report", "tells"]

TELLING = ("had been edited", "labelled as no cell", "had been turned into", "failed in the judge", "tamper", "forge")
"""Parts of the notes that speak of check cells or labels changed by hand."""

SLOW = 3.0  #: times the median of the class
TROUBLES = ("timeout", "memory", "crashed")

Who = Callable[[str], str]


def class_report(course: Course, ps: str, *, names: bool = False) -> dict[str, Any]:
    """Return what the class did in a problem set.

    Parameters
    ----------
    course : Course
        Where.
    ps : str
        Which problem set.
    names : bool
        Show students' ids instead of pseudonyms, and code with the names in it.

    Raises
    ------
    CourseError
        If nothing has been graded.
    """
    with course.gradebook() as gradebook:
        found, took = scores(gradebook, ps), seconds(gradebook, ps)
    graded = submissions(course, ps, found, took)
    if not graded:
        raise CourseError(f"nothing of {ps} has been graded: python -m autograder grade {ps}")
    secret = Pseudonyms.of_course(course.root)
    who: Who = (lambda student: student) if names else secret.of
    hidden = [] if names else sorted({name for score in found for name in _names(score)})
    everyone = sorted(graded, key=lambda submission: who(submission.student))  # the order must not tell names either
    able = [submission for submission in everyone if not submission.ungradable]
    return {
        "problem_set": ps,
        "made": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "names": names,
        "on_the_list": len(found),
        "submissions": len(graded),
        "scores": _distribution(able),
        "exercises": _calm(exercises(able), hidden),
        "misconceptions": _misconceptions(able, who, hidden),
        "waiting": [_waiting(s, who, hidden) for s in everyone if s.ungradable or s.score.open],
        "slow": _slow(able, who),
        "tampering": _noted(everyone, who, hidden, telling=True),
        "mended": _noted(everyone, who, hidden, telling=False),
        "similar": _similar(course, ps, able, who),
    }


def tells(note: str) -> bool:
    """Tell a note about something that looks like tampering from one about an accident."""
    return any(part in note for part in TELLING)


def _names(score: Score) -> list[str]:
    return Submission(score).names


def _distribution(able: Sequence[Submission]) -> dict[str, Any]:
    """Describe the scores; open cells count as 0, as the page says."""
    values = sorted(round(s.score.raw, 3) for s in able)
    worth = max((s.score.max_score for s in able), default=0.0)
    if not values:
        return {"max": worth, "values": []}
    return {
        "max": worth,
        "values": values,
        "mean": round(statistics.fmean(values), 2),
        "median": round(statistics.median(values), 2),
        "lowest": values[0],
        "highest": values[-1],
    }


def _misconceptions(able: Sequence[Submission], who: Who, hidden: Sequence[str]) -> list[dict[str, Any]]:
    """Count the known mistakes, the most frequent first, each with one student's code."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for submission in able:
        for cell in submission.cells.values():
            report = cell.get("report") or {}
            if not report.get("misconception"):
                continue
            name, sentence = report["misconception"]
            key = (report["exercise"], name)
            entry = found.setdefault(
                key, {"exercise": key[0], "name": name, "sentence": sentence, "count": 0, "students": [], "example": ""}
            )
            entry["count"] += 1
            entry["students"].append(who(submission.student))
            entry["example"] = entry["example"] or example(submission, key[0], hidden)
    return sorted(found.values(), key=lambda entry: (-entry["count"], entry["exercise"], entry["name"]))


def _waiting(submission: Submission, who: Who, hidden: Sequence[str]) -> dict[str, Any]:
    """Say what a person still has to look at, and why."""
    broken = [cell for cell in submission.cells.values() if cell["kind"] == "ungradable"]
    reasons = [submission.ungradable] if submission.ungradable else [f"{c['grade_id']}: {c['reason']}" for c in broken]
    known = {cell["grade_id"] for cell in broken}
    rest = [] if submission.ungradable else [name for name in submission.score.open if name not in known]
    return {
        "student": who(submission.student),
        "ungradable": bool(submission.ungradable or broken),
        "reasons": [_said(reason, hidden) for reason in reasons],
        "by_hand": rest,
    }


def _slow(able: Sequence[Submission], who: Who) -> list[dict[str, Any]]:
    """List who took much longer than the class, and whose code ran out of time, memory or luck."""
    times = [s.seconds for s in able if s.seconds > 0]
    usual = statistics.median(times) if times else 0.0
    result = []
    for submission in able:
        troubles = [f"{c['kind']} in {c['grade_id']}" for c in submission.cells.values() if c["kind"] in TROUBLES]
        if troubles or submission.seconds > SLOW * usual > 0:
            entry = {"student": who(submission.student), "seconds": submission.seconds, "usual": round(usual, 3)}
            result.append({**entry, "troubles": troubles})
    return sorted(result, key=lambda entry: -entry["seconds"])


def _noted(found: Sequence[Submission], who: Who, hidden: Sequence[str], *, telling: bool) -> list[dict[str, Any]]:
    result = []
    for submission in found:
        notes = [_said(note, hidden) for note in submission.notes if tells(note) == telling]
        if notes:
            result.append({"student": who(submission.student), "notes": notes})
    return result


def _similar(course: Course, ps: str, able: Sequence[Submission], who: Who) -> list[dict[str, Any]]:
    code = {s.student: "\n".join(s.answers.values()) for s in able}
    groups = clusters(code, released_code(course, ps))
    return [
        {"students": sorted(who(s) for s in g.students), "share": round(g.share, 3), "pieces": g.pieces} for g in groups
    ]


def _calm(found: list[dict[str, Any]], hidden: Sequence[str]) -> list[dict[str, Any]]:
    """Make the clues, which may quote a student's exception, fit to be shown."""
    for exercise in found:
        for row in exercise["properties"]:
            row["clue"] = _said(row["clue"], hidden)
    return found


def _said(text: str, hidden: Sequence[str]) -> str:
    """Make a sentence that may quote a student fit to be shown: calm, short, without names."""
    return without_names(harmless.text(text)[:600], hidden)
