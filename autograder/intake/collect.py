"""From a source to students' attempts: match, group, refuse, place."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from autograder.course import Course, CourseError
from autograder.intake.attempts import Attempt, Outcome, place
from autograder.intake.rules import Match, Rules, load_rules
from autograder.intake.sources import File, Refused, read_folder, read_zip
from autograder.judge.intake import TIMESTAMP, parse_time
from autograder.rebuild import NOTEBOOK
from autograder.scores import scores

__all__ = ["collect"]


def collect(
    course: Course, ps: str, source: Path, *, dry_run: bool = False
) -> tuple[list[Outcome], list[tuple[str, str]], list[str]]:
    """Take in what lies in a folder or a zip.

    Parameters
    ----------
    course, ps
        Where, and what for.
    source : Path
        A folder, or a zip.
    dry_run : bool
        Only say what would happen.

    Returns
    -------
    tuple of (outcomes, refusals, left out)
        One outcome per student; (name, reason) of each file that was refused; names of files that are no notebooks.

    Raises
    ------
    CourseError
        If the source cannot be read at all.
    """
    if source.is_dir():
        files = read_folder(source)
    elif source.is_file():
        files = read_zip(source)
    else:
        raise CourseError(f"there is no {source}: give a folder, a zip, or the word exchange")
    with course.gradebook() as gradebook:
        rules = load_rules(course, scores(gradebook, ps))
    found, refused, left = _attempts(files, rules, ps)
    outcomes = []
    for _, attempts in sorted(found.items()):
        try:
            outcomes.append(place(course, ps, attempts, dry_run=dry_run))
        except Refused as reason:
            refused += [(attempt.name, str(reason)) for attempt in attempts]
    return outcomes, refused, left


def _attempts(
    files: Iterable[File], rules: Rules, ps: str
) -> tuple[dict[str, list[Attempt]], list[tuple[str, str]], list[str]]:
    """Match every notebook of a source to its student."""
    refused: list[tuple[str, str]] = []
    left: list[str] = []
    stamps: dict[str, datetime] = {}
    matched: list[tuple[File, Match]] = []
    for file in files:
        folder, _, name = file.name.rpartition("/")
        if file.refused:
            refused.append((file.name, file.refused))
        elif name == TIMESTAMP:
            stamps |= _stamp(folder, file.data)
        elif not NOTEBOOK.search(name):
            left.append(file.name)
        else:
            try:
                matched.append((file, rules.match(file.name)))
            except Refused as reason:
                refused.append((file.name, str(reason)))
    found: dict[str, list[Attempt]] = defaultdict(list)
    people: dict[str, set[str]] = defaultdict(set)
    for _, match in matched:
        people[match.student.casefold()].add(match.identity or match.student)
    for file, match in matched:
        if len(people[match.student.casefold()]) > 1:
            several = f"several people would be {match.student}: tell them apart in the aliases of intake.yml"
            refused.append((file.name, several))
            continue
        time = stamps.get(file.name.rpartition("/")[0]) or match.time or (file.time if match.file_time else None)
        fits = bool(re.search(rf"(^|[/_]){re.escape(ps)}(?![a-z0-9])", file.name, re.IGNORECASE))
        attempt = Attempt(match.student, file.name, file.data, time, fits, match.late, match.order)
        found[match.student].append(attempt)
    return found, refused, left


def _stamp(folder: str, data: bytes) -> dict[str, datetime]:
    """Read a ``timestamp.txt``; one that cannot be read says nothing."""
    time = parse_time(data)
    return {folder: time} if time else {}
