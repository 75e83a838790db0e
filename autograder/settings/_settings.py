"""What an instructor decides about a course, as ``course.yml`` says it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from autograder.course import Course, CourseError
from autograder.settings._check import check, meant
from autograder.settings._file import Problems, Where, read
from autograder.settings._when import moment, zone

__all__ = ["Late", "ProblemSet", "Settings", "load"]


@dataclass(frozen=True)
class Late:
    """What coming late costs.

    Parameters
    ----------
    percent_per_day : float
        Of the score, for each day begun after the deadline.
    at_most_percent : float
        Of the score, however late.
    grace_minutes : float
        So much later costs nothing.
    """

    percent_per_day: float
    at_most_percent: float = 100.0
    grace_minutes: float = 0.0

    def share(self, seconds_late: float) -> float:
        """Return the share of the score that is lost, 0 to 1.

        Examples
        --------
        >>> late = Late(percent_per_day=10, at_most_percent=50, grace_minutes=15)
        >>> [late.share(60 * minutes) for minutes in (0, 15, 16, 24 * 60, 24 * 60 + 1, 30 * 24 * 60)]
        [0.0, 0.0, 0.1, 0.1, 0.2, 0.5]
        """
        if seconds_late <= 60 * self.grace_minutes:
            return 0.0
        days = math.ceil(seconds_late / timedelta(days=1).total_seconds())
        return min(self.percent_per_day * days, self.at_most_percent) / 100


@dataclass(frozen=True)
class ProblemSet:
    """What is decided about one problem set.

    Parameters
    ----------
    name : str
        Such as "ps2_quadratics".
    deadline : datetime or None
        Until when it can be handed in; with a time zone.
    no_deadline : bool
        The file says ``deadline: none``: one that the gradebook knows is taken back.
    solution : datetime or None
        From when the solution is published; None is never.
    points : float or None
        What the whole set counts; None counts what its exercises add up to.
    exercises : dict of str to float
        What exercises count, where it is not what their checks give.
    bonus : tuple of str
        Exercises whose points are earned on top.
    all_bonus : bool
        All of them are.
    """

    name: str
    deadline: datetime | None = None
    no_deadline: bool = False
    solution: datetime | None = None
    points: float | None = None
    exercises: dict[str, float] = field(default_factory=dict)
    bonus: tuple[str, ...] = ()
    all_bonus: bool = False

    def is_published(self, now: datetime) -> bool:
        """Tell whether the solution may be seen."""
        return self.solution is not None and self.solution <= now


@dataclass(frozen=True)
class Settings:
    """Everything that is decided.

    Parameters
    ----------
    file : Path
        Where it is written; it need not exist.
    sets : tuple of ProblemSet
        The course's sets, in its order.
    timezone : str
        In which deadlines are shown.
    late : Late or None
        What coming late costs; None is nothing.
    """

    file: Path
    sets: tuple[ProblemSet, ...]
    timezone: str = "UTC"
    late: Late | None = None

    @property
    def names(self) -> list[str]:
        """The sets' names, in the order of the course."""
        return [one.name for one in self.sets]

    def __getitem__(self, name: str) -> ProblemSet:
        """Return what is decided about a set of the course."""
        return next(one for one in self.sets if one.name == name)

    def notes(self) -> list[str]:
        """Return sentences on what is allowed and may surprise."""
        found = []
        for one in self.sets:
            if one.deadline is None or one.solution is None:
                continue
            left = 1 - (self.late.share((one.solution - one.deadline).total_seconds()) if self.late else 0.0)
            if self.late and left > 0:
                found.append(
                    f"{one.name}: what is handed in after its solution is published still earns {left:.0%} of a score."
                )
        return found


def load(course: Course) -> Settings:
    """Read a course's ``course.yml``, which lies beside the folder of solutions.

    No file, or an empty one, is a course of all sets without deadlines, whose solutions are never published.

    Raises
    ------
    CourseError
        If something in it cannot be meant: one sentence for each, with file, line, what was expected and what came.
    """
    problems = Problems(course.root.parent / "course.yml")
    content = read(problems)
    if not problems.found:
        check(content, problems)
    if not problems.found:
        settings = _settings(content or {}, course, problems)
    if problems.found:
        raise CourseError(str(problems))
    return settings


def _settings(content: dict[str, Any], course: Course, problems: Problems) -> Settings:
    """Turn a content that fits the schema into settings; what the schema cannot see is noted."""
    known = course.problem_sets()
    tz = None
    if "timezone" in content:
        try:
            tz = zone(content["timezone"])
        except ValueError as error:
            problems.add(("timezone",), str(error))
            tz = ZoneInfo("UTC")  # one sentence is enough
    sets = []
    for name, decided in (content.get("sets") or {}).items():
        if name in known:
            sets.append(_Reader(name, decided or {}, course, tz, problems).problem_set())
        else:
            there_is = ", ".join(known) or "none"
            problems.add(
                ("sets", name), f"there is no problem set {name!r}.{meant(name, known)} solutions/ has: {there_is}."
            )
    late = Late(**content["late"]) if content.get("late") else None
    everything = tuple(ProblemSet(name) for name in known)
    return Settings(problems.file, tuple(sets) or everything, tz.key if tz else "UTC", late)


class _Reader:
    """Reads the lines about one set."""

    def __init__(self, name: str, decided: dict[str, Any], course: Course, tz: ZoneInfo | None, problems: Problems):
        self.name, self.decided, self.course, self.tz, self.problems = name, decided, course, tz, problems

    def problem_set(self) -> ProblemSet:
        """Return the set; what cannot be meant is noted."""
        deadline, solution = self._moment("deadline", "none"), self._moment("solution", "never")
        if deadline and solution and solution < deadline:
            self._add(
                ("solution",),
                f"the solution of {self.name} would be published at {self.decided['solution']}, before the deadline "
                f"{self.decided['deadline']}; publish it later.",
            )
        bonus = self.decided.get("bonus", False)
        chosen = self.decided.get("exercises") or {}
        names = () if isinstance(bonus, bool) else tuple(bonus)
        self._exercises(chosen, names)
        return ProblemSet(
            name=self.name,
            deadline=deadline,
            no_deadline="deadline" in self.decided and deadline is None,
            solution=solution,
            points=self.decided.get("points"),
            exercises=chosen,
            bonus=names,
            all_bonus=bonus is True,
        )

    def _moment(self, key: str, word: str) -> datetime | None:
        text = self.decided.get(key)
        if text is None or text.strip() == word:
            return None
        try:
            return moment(text, self.tz).astimezone(UTC)
        except ValueError as error:
            self._add((key,), f"{key} of {self.name}: {error}")
            return None

    def _exercises(self, chosen: dict[str, float], bonus: tuple[str, ...]) -> None:
        """Note exercises that the set has not, and points that would be spread over nothing."""
        own = self.course.exercises(self.name)
        places: list[tuple[Where, str]] = [(("exercises", name), name) for name in chosen]
        places += [(("bonus", index), name) for index, name in enumerate(bonus)]
        for where, name in places:
            if name not in own:
                there_is = ", ".join(own)
                self._add(where, f"{self.name} has no exercise {name!r}.{meant(name, own)} It has: {there_is}.")
        counted = sum(chosen.get(name, points) for name, points in own.items() if name not in bonus)
        if counted == 0:
            self._add(
                ("points",), f"no exercise of {self.name} is left that counts; for a bonus set write bonus: true."
            )

    def _add(self, where: Where, sentence: str) -> None:
        self.problems.add(("sets", self.name, *where), sentence)
