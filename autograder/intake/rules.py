"""Whose file is it? Rules in YAML that an instructor can edit, and the gradebook's list of students."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from autograder.course import Course, CourseError
from autograder.intake.sources import Refused
from autograder.roster import check_id, clean
from autograder.scores import Score

__all__ = ["DEFAULT", "Match", "Rule", "Rules", "load_rules", "same_name", "student_id"]

DEFAULT = Path(__file__).with_name("rules.yml")
TIMES = ("name", "file", "none")


@dataclass(frozen=True)
class Match:
    """What a name says.

    Parameters
    ----------
    student : str
        The id.
    late : bool
        Whether the name says that it came late.
    time : datetime or None
        When it came, UTC, if the name says so.
    file_time : bool
        Whether the file's own time is when it came.
    identity : str
        What the name says beyond the id, such as Moodle's number: two of them are two people.
    order : int
        Newer files of the same student have a larger number, where times are not known.
    """

    student: str
    late: bool = False
    time: datetime | None = None
    file_time: bool = False
    identity: str = ""
    order: int = 0


@dataclass(frozen=True)
class Rule:
    """One rule of ``rules.yml``."""

    name: str
    pattern: re.Pattern[str]
    student: str
    time: str
    examples: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Rules:
    """All rules, and who is who.

    Parameters
    ----------
    rules : sequence of Rule
        The first that matches counts.
    aliases : mapping of str to str
        Ids as rules make them → ids in the gradebook.
    roster : sequence of Score
        The gradebook's students.
    """

    rules: Sequence[Rule]
    aliases: Mapping[str, str]
    roster: Sequence[Score] = ()

    def match(self, path: str) -> Match:
        """Return whose file this is.

        Raises
        ------
        Refused
            If no rule fits, or the id could not be the name of a folder.
        """
        for rule in self.rules:
            found = rule.pattern.fullmatch(path)
            if found:
                fields = {key: value or "" for key, value in found.groupdict().items()}
                student = self._known(fields) or _fill(rule.student, fields)
                student = student_id(self.aliases.get(student, student))
                order = int(fields["file"]) if fields.get("file", "").isdecimal() else 0
                identity = next((fields[key] for key in ("user", "participant", "code") if fields.get(key)), "")
                late, time = bool(fields.get("late")), _time(rule, fields)
                return Match(student, late, time, rule.time == "file", identity, order)
        raise Refused("no rule of intake.yml says whose file this is")

    def _known(self, fields: Mapping[str, str]) -> str:
        """Find the student in the gradebook, where exactly one fits."""
        for get, value in (
            ("lms_user_id", fields.get("user")),
            ("email", fields.get("email")),
            ("full_name", fields.get("name")),
        ):
            fitting = [s.student for s in self.roster if value and same_name(getattr(s, get), value)]
            if len(fitting) == 1:
                return fitting[0]
        return ""


def load_rules(course: Course, roster: Sequence[Score] = ()) -> Rules:
    """Read the course's ``intake.yml``, or else the bundled ``rules.yml``.

    Raises
    ------
    CourseError
        If a rule is no rule.
    """
    own = course.root / "intake.yml"
    file = own if own.is_file() else DEFAULT
    try:
        data: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
        rules = [_rule(entry) for entry in data["rules"]]
        aliases = {str(key): str(value) for key, value in (data.get("aliases") or {}).items()}
    except (yaml.YAMLError, KeyError, TypeError, ValueError, re.error) as error:
        raise CourseError(f"{file}: {error}") from None
    return Rules(rules, aliases, roster)


def _rule(entry: Mapping[str, Any]) -> Rule:
    time = entry.get("time", "none")
    if time not in TIMES:
        raise ValueError(f"rule {entry['name']}: time must be one of {', '.join(TIMES)}, got {time!r}")
    pattern = re.compile(entry["pattern"], re.DOTALL)
    if time == "name" and "time" not in pattern.groupindex:
        raise ValueError(f"rule {entry['name']}: the pattern has no group 'time'")
    return Rule(entry["name"], pattern, entry["student"], time, dict(entry.get("examples") or {}))


def student_id(text: str) -> str:
    """Return a student id that can be the name of a folder anywhere.

    Raises
    ------
    Refused
        If it cannot.

    Examples
    --------
    >>> student_id("ada@example.org")
    'ada@example.org'
    """
    text = clean(text)
    wrong = check_id(text)
    if wrong:
        raise Refused(f"{text!a} cannot be a student's id: {wrong.rstrip('.')}")
    return text


def _fill(template: str, fields: Mapping[str, str]) -> str:
    """Fill ``{field}`` and ``{field|id}`` into a template."""

    def value(found: re.Match[str]) -> str:
        text = fields.get(found[1], "")
        return re.sub(r"[^\w.@]+", "-", unicodedata.normalize("NFC", text).lower()).strip("-") if found[2] else text

    return re.sub(r"\{(\w+)(\|id)?\}", value, template)


def same_name(one: str, other: str) -> bool:
    """Compare names as people do: whatever the case and the blanks; Canvas writes ``lovelaceada``."""
    first, second = (re.sub(r"\W", "", unicodedata.normalize("NFKC", text)).casefold() for text in (one, other))
    return bool(first) and first == second


def _time(rule: Rule, fields: Mapping[str, str]) -> datetime | None:
    if rule.time != "name":
        return None
    try:
        return datetime.strptime("-".join(re.findall(r"\d+", fields["time"])), "%Y-%m-%d-%H-%M-%S").replace(tzinfo=UTC)
    except ValueError:
        raise Refused(f"{fields['time']!a} is no time") from None
