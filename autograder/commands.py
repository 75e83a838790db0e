"""The commands about a whole course: what is decided, who is in it, what everybody has earned, and why."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from autograder.course import Course, say
from autograder.engine import audit
from autograder.engine.run import Options
from autograder.roster import enter, read
from autograder.settings import ProblemSet, Settings, load
from autograder.teaching import PAGE, plan
from autograder.total import Grade, earned, export_scores, possible

__all__ = ["explain", "overview", "regrade", "roster", "scores", "show_course", "teaching"]


def show_course(course: Course) -> int:
    """Print how ``course.yml`` is understood."""
    settings = load(course)
    print(overview(settings, course, datetime.now(UTC)))
    if not settings.file.is_file():
        say(f"there is no {settings.file}: all sets, no deadlines, no solutions")
    for note in settings.notes():
        say(note)
    return 0


def overview(settings: Settings, course: Course, now: datetime) -> str:
    """Return a table: a line per set in the order of the course."""
    head = ["set", "points", "deadline", "solution"]
    rows = [_row(one, settings, course, now) for one in settings.sets]
    wide = [max(len(row[place]) for row in [head, *rows]) for place in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, wide, strict=True)) for row in [head, *rows]]
    late = settings.late
    price = "coming late costs nothing"
    if late:
        price = f"coming late costs {late.percent_per_day:g} % of a score per day begun"
        price += f", at most {late.at_most_percent:g} %" if late.at_most_percent < 100 else ""
        price += f"; {late.grace_minutes:g} minutes are free" if late.grace_minutes else ""
    return "\n".join(line.rstrip() for line in [*lines, f"times: {settings.timezone}; {price}"])


def _row(one: ProblemSet, settings: Settings, course: Course, now: datetime) -> list[str]:
    tz = ZoneInfo(settings.timezone)
    own = course.exercises(one.name)
    most = possible(one, own)
    bonus = round(earned(one, [Grade(name, value, value) for name, value in own.items()], own) - most, 4)
    points = f"{most:g}" + (f" + {bonus:g}" if bonus else "")
    deadline = "none" if one.deadline is None else f"{one.deadline.astimezone(tz):%a %Y-%m-%d %H:%M}"
    solution = "never"
    if one.solution:
        solution = f"{one.solution.astimezone(tz):%a %Y-%m-%d %H:%M}"
        solution += " (published)" if one.is_published(now) else ""
    return [one.name, points, deadline, solution]


def roster(course: Course, file: Path, *, id_column: str, dry_run: bool) -> int:
    """Bring the gradebook's students up to date with a CSV file."""
    people, taken = read(file, id_column)
    say(f"{file.name}: " + ", ".join(f"{ours} from {theirs!r}" for ours, theirs in taken.items()))
    print(enter(course, people, file, dry_run=dry_run))
    if dry_run:
        say("a dry run: nothing was written")
    return 0


def regrade(course: Course, ps: str, *, jobs: int, no_jail: bool) -> int:
    """Print every score that grading again would change, and why; write nothing."""
    found = list(audit.changes(course, ps, Options(jobs=jobs, force=True, no_jail=no_jail)))
    for change in found:
        print(change)
    whose = len({change.student for change in found})
    say(f"{len(found)} scores of {whose} students would change; nothing is written: `grade` does that")
    return 0


def explain(course: Course, ps: str, student: str, *, no_jail: bool) -> int:
    """Print why a score is what it is, and whether it is the same when made anew."""
    for line in audit.explain(course, ps, student, no_jail=no_jail):
        print(line)
    return 0


def scores(course: Course) -> int:
    """Write the course's total."""
    print(export_scores(course))
    return 0


def teaching(course: Course, *, write: bool) -> int:
    """Print the teaching plan, or write it to its page."""
    page = plan(course)
    if write:
        PAGE.write_text(page, encoding="utf-8")
        print(PAGE)
    else:
        print(page, end="")
    return 0
