"""What attacks and accidents have in common: a documented submission, and what grading must make of it.

A case is a function that edits a freshly fetched notebook and returns what is handed in: the sheet, a file's content, or
several files by name. Its docstring says in a sentence what it is. A register's decorator adds what must come of it.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

__all__ = ["Case", "Submission", "enter"]

Submission = Callable[[Any], Any]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One submission and its documented end.

    Parameters
    ----------
    name, group : str
        What it is called, and the group it is told and graded with.
    told : str
        What it tries, or what happened: a sentence.
    submission : callable
        Edits a freshly fetched notebook; returns it, a file's content, or files by name.
    says : str
        What the grader's words about it must match.
    kinds : dict of str to str
        Outcomes that must come, by exercise.
    student : str
        The folder it is handed in under; its name, unless the folder's name is what it is about.
    """

    name: str
    group: str
    told: str
    submission: Submission
    says: str = ""
    kinds: dict[str, str] = field(default_factory=dict)
    student: str


C = TypeVar("C", bound=Case)


def enter(register: dict[str, C], made: type[C], group: str, **fields: Any) -> Callable[[Submission], Submission]:
    """Return the decorator that enters a function in a register, as a case with these fields."""

    def decorate(submission: Submission) -> Submission:
        name, told = submission.__name__, " ".join((inspect.getdoc(submission) or "").split())
        assert name not in register, name
        assert told.endswith((".", ".”")), name
        about = {"name": name, "group": group, "told": told, "submission": submission, "student": name, **fields}
        register[name] = made(**about)
        return submission

    return decorate
