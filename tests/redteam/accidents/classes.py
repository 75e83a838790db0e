"""One class in which everybody had an accident but the neighbours, graded by plain nbgrader."""

from __future__ import annotations

from typing import Any

from tests.autograder.judge.conftest import Classroom
from tests.redteam.accidents import answers, cells, code, endless, files, formats, pasted
from tests.redteam.accidents.register import REGISTER, Accident

TOPICS = (files, formats, cells, pasted, answers, code, endless)
ALL = [
    accident for topic in TOPICS for accident in REGISTER.values() if accident.submission.__module__ == topic.__name__
]

NEIGHBOURS = {
    "aaron": lambda sheet: sheet.honest(),
    "mina": lambda sheet: sheet.honest("quadratic", "softmax"),
    "odd": lambda sheet: sheet.honest().answer(digits="def digits():\n    return [3, 1, 4, 2]"),
    "zoe": lambda sheet: sheet.honest(),
}


class Class:
    """Neighbours graded alone, unless they have been in an earlier class; then everybody."""

    def __init__(self, room: Classroom, accidents: list[Accident], before: Class | None = None) -> None:
        self.room, self.accidents = room, accidents
        for name, case in NEIGHBOURS.items():
            room.hand_in(name, case)
        if before is None:
            room.autograde()
        self.alone = self.neighbours() if before is None else before.alone
        for accident in accidents:
            room.hand_in(accident.student, accident.submission)
        self.done = room.autograde("--force")
        self.together = self.neighbours()
        found = room.results(accident.student for accident in accidents)
        self.graded = {accident.name: found[accident.student] for accident in accidents}

    def neighbours(self) -> dict[str, Any]:
        """What the neighbours have: every byte of their notebooks, every number in the gradebook."""
        rows = self.room.rows()
        return {
            name: (
                self.room.course.notebook("autograded", self.room.ps, name).read_bytes(),
                {table: [row for row in found if row[0] == name] for table, found in rows.items()},
            )
            for name in NEIGHBOURS
        }


def chosen(*, slow: bool) -> list[Accident]:
    """The accidents that are quick, or those that wait for a limit."""
    return [accident for accident in ALL if accident.slow == slow]
