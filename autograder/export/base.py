"""What all exporters share: nbgrader's options, scores from the gradebook, and what could not be exported."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.plugins import ExportPlugin
from traitlets import Bool, Unicode

from autograder.course import CourseError
from autograder.scores import Score, scores
from autograder.sheets import number

__all__ = ["Exporter", "Told"]


@dataclass
class Told:
    """What an instructor should know after an export.

    Parameters
    ----------
    blank : list of str
        Who handed in and gets an empty cell, because something is not graded yet.
    unknown : list of str
        Lines of the template that are nobody in the gradebook.
    missing : list of str
        Students with a score who are not in the template.
    """

    blank: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Say it, a sentence each."""
        said = (
            (self.blank, "left empty, for a person still has to grade something"),
            (self.unknown, "in the file and not in the gradebook; these lines are as they were"),
            (self.missing, "has a score and is not in the file"),
        )
        return [f"{what}: {', '.join(map(repr, who))}" for who, what in said if who]


class Exporter(ExportPlugin):  # type: ignore[misc]  # nbgrader ships no types
    """An nbgrader export plugin that writes one CSV file."""

    template = Unicode("", help="A file that the platform made, whose scores are filled in.").tag(config=True)
    partial = Bool(False, help="Export scores of which a part still waits for a person.").tag(config=True)

    default_name = "grades.csv"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.told = Told()

    @property
    def target(self) -> Path:
        """Where the file goes."""
        return Path(self.to or self.default_name)

    def read(self, gradebook: Any) -> dict[str, list[Score]]:
        """Return the scores of the chosen sets and students, by set."""
        sets = [str(name) for name in self.assignment] or [a.name for a in gradebook.assignments]
        chosen = {str(student) for student in self.student}
        found = {ps: scores(gradebook, ps) for ps in sets}
        return {ps: [s for s in of if not chosen or s.student in chosen] for ps, of in found.items()}

    def one_set(self, gradebook: Any) -> tuple[str, list[Score]]:
        """Return the only set that was asked for.

        Raises
        ------
        CourseError
            If several were, or none.
        """
        if len(self.assignment) != 1:
            raise CourseError(f"{type(self).__name__} writes one problem set at a time: name it with --assignment")
        ((ps, found),) = self.read(gradebook).items()
        return ps, found

    def cell(self, score: Score) -> str:
        """Return the cell for a student's score; empty where it is not known."""
        value = score.sofar if self.partial else score.final
        if score.submitted and value is None:
            self.told.blank.append(score.student)
        return number(value)

    def write(self, gradebook: Any) -> None:
        """Write the file, and note what an instructor should know."""
        raise NotImplementedError

    def export(self, gradebook: Any) -> None:
        """Write the file, and log what an instructor should know: nbgrader's own command calls this."""
        self.write(gradebook)
        for line in self.told.lines():
            self.log.warning("%s", line)
