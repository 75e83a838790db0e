"""Bring nbgrader's gradebook up to date with a roster: add, change, and never remove."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.course import Course, CourseError
from autograder.roster._csv import Person

__all__ = ["Changes", "enter"]


@dataclass
class Changes:
    """What a roster does to a gradebook.

    Parameters
    ----------
    added : list of Person
        Who is new.
    changed : list of (Person, dict of str to (str, str))
        Whose data change: per column what was there and what comes.
    unchanged : int
        Of how many the gradebook says the same already.
    kept : list of str
        Ids that the gradebook has and the roster has not. They stay, with their grades.
    """

    added: list[Person] = field(default_factory=list)
    changed: list[tuple[Person, dict[str, tuple[str, str]]]] = field(default_factory=list)
    unchanged: int = 0
    kept: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """Write a line per student that is added, changed or kept, and the numbers."""
        lines = [f"+ {who.id}  {who.first_name} {who.last_name}".rstrip() for who in self.added]
        for who, columns in self.changed:
            said = ", ".join(f"{name}: {before or 'nothing'} → {now}" for name, (before, now) in columns.items())
            lines.append(f"~ {who.id}  {said}")
        lines += [f"? {id}  is not in the file; kept, with all grades" for id in self.kept]
        numbers = f"{len(self.added)} new, {len(self.changed)} changed, {self.unchanged} as before"
        return "\n".join([*lines, f"{numbers}, {len(self.kept)} not in the file"])


def enter(course: Course, people: list[Person], file: Path, *, dry_run: bool = False) -> Changes:
    """Add and update students; say what that changes, or would change.

    Raises
    ------
    CourseError
        If an id differs from one in the gradebook by capitals only. Nothing is written then.
    """
    if dry_run and not course.has_gradebook:
        return Changes(added=list(people))
    with course.gradebook() as gradebook:
        known = {student.id: student for student in gradebook.students}
        _refuse_other_capitals(people, list(known), file)
        changes = _compare(people, known)
        if not dry_run:
            for who in [*changes.added, *(who for who, _ in changes.changed)]:
                gradebook.update_or_create_student(who.id, **_columns(who))
    return changes


def _compare(people: list[Person], known: dict[str, Any]) -> Changes:
    changes = Changes(kept=sorted(set(known) - {who.id for who in people}))
    for who in people:
        student = known.get(who.id)
        if student is None:
            changes.added.append(who)
            continue
        now = {name: (getattr(student, name) or "", value) for name, value in _columns(who).items()}
        different = {name: pair for name, pair in now.items() if pair[0] != pair[1]}
        if different:
            changes.changed.append((who, different))
        else:
            changes.unchanged += 1
    return changes


def _columns(who: Person) -> dict[str, str]:
    """Return what the file says; what it leaves empty stays in the gradebook as it is."""
    return {name: value for name in ("first_name", "last_name", "email") if (value := getattr(who, name))}


def _refuse_other_capitals(people: list[Person], known: list[str], file: Path) -> None:
    there = {id.casefold(): id for id in known}
    clashes = [(who, there[who.id.casefold()]) for who in people if there.get(who.id.casefold(), who.id) != who.id]
    if clashes:
        lines = [
            f"{file.name}, line {who.line}: the gradebook knows {id}, which differs from {who.id} by capitals only; "
            "write it as the gradebook does."
            for who, id in clashes
        ]
        raise CourseError("\n".join([*lines, "Nothing was written; mend the file and run the command again."]))
