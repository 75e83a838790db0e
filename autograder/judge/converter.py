"""nbgrader's ``autograde``, with the judge in place of the kernel that student and tests used to share.

`install` puts `Autograde` where nbgrader's command line and formgrader's button look for theirs;
``nbgrader_config.py`` calls it, so that plain ``nbgrader autograde`` and the button grade alike.
"""

from __future__ import annotations

import os
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import nbformat
from nbgrader import converters
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import api, autogradeapp
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties
from traitlets import Bool, Dict

from autograder.judge import gradebook, harmless
from autograder.judge.client import Judge
from autograder.judge.intake import TIMESTAMP, HandedIn, handed_in, stamp, time_of, with_names
from autograder.judge.outcome import CellOutcome, Graded
from autograder.judge.run import imports_of
from autograder.rebuild import Rebuilt, Ungradable, rebuild, release_from_gradebook

__all__ = ["Autograde", "explained", "imports_beside", "install", "rebuilt"]


class Autograde(converters.Autograde):  # type: ignore[misc]  # nbgrader ships no types
    """Grade submissions by rebuild → jail → judge → gradebook.

    What cannot be read or run is *ungradable*: it keeps its place in the gradebook with no score and the mark
    "needs manual grade", says why in the autograded notebook, and nobody else's grading is touched.
    """

    no_jail = Bool(
        False, help="Run students' code without a jail: only on a machine with nothing to lose, for code you trust."
    ).tag(config=True)
    limits = Dict(
        {}, help="What students' code may use where it differs from autograder/jail/limits.py: {'call_seconds': 60}"
    ).tag(config=True)

    def start(self) -> None:
        """Grade what `init_notebooks` finds, all with one judge."""
        with Judge(no_jail=self.no_jail, limits=self.limits) as self._judge:
            super().start()

    def init_notebooks(self) -> None:
        """List the submitted folders; a folder whose notebook is missing or renamed counts, and is mended later."""
        pattern = self._format_source(self.coursedir.assignment_id, self.coursedir.student_id)
        name = f"{self.coursedir.assignment_id}.ipynb"
        root = Path(self.coursedir.root)
        folders = with_names(root.glob(os.path.relpath(pattern, root)), root, self.log)
        self.notebooks: list[str] = []
        self.assignments = {str(folder): [str(folder / name)] for folder in folders}
        if not self.assignments:
            raise NbGraderException(f"No submissions were matched by '{pattern}'")

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """Enter student and submission into the gradebook. Nothing but the notebook is taken from the folder."""
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gb:
            try:
                gb.find_assignment(assignment_id)
            except MissingEntry:
                raise NbGraderException(
                    f"The gradebook knows no assignment '{assignment_id}': "
                    f"run 'nbgrader generate_assignment {assignment_id}' first"
                ) from None
            if self.create_student:
                gb.update_or_create_student(student_id)
            gb.find_student(student_id)
            timestamp, _ = time_of(Path(self._format_source(assignment_id, student_id)))
            known = {"timestamp": timestamp} if timestamp else {}
            submission = gb.update_or_create_submission(assignment_id, student_id, **known)
            if timestamp and submission.total_seconds_late > 0:
                self.log.warning("%s is %s seconds late", submission, submission.total_seconds_late)

    def convert_single_notebook(self, notebook_filename: str) -> None:
        """Grade one submission and write its autograded notebook."""
        resources = self.init_single_notebook_resources(notebook_filename)
        about = resources["nbgrader"]
        came = handed_in(Path(notebook_filename).parent, about["assignment"])
        graded = self._grade(came, about["assignment"])
        for note in graded.notes:
            self.log.warning("%s/%s: %s", about["student"], about["assignment"], note)
        if graded.ungradable:
            self.log.error("%s/%s is ungradable: %s", about["student"], about["assignment"], graded.ungradable)
        notebook = explained(graded)
        gradebook.save(about["db_url"], about["student"], about["assignment"], about["notebook"], graded)
        AssignLatePenalties(parent=self.exporter).preprocess(notebook, resources)
        text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
        self.write_single_notebook(text, {**resources, "output_extension": ".ipynb"})
        if came.time:
            Path(self._format_dest(about["assignment"], about["student"]), TIMESTAMP).write_bytes(stamp(came.time))

    def _grade(self, came: HandedIn, problem_set: str) -> Graded:
        """Mend, rebuild and judge what came; what goes wrong on the way is ungradable, with a reason."""
        release = self._release(problem_set)
        made = rebuilt(came, release)
        if isinstance(made, Graded):
            return made
        return self._judge.grade(problem_set, made.notebook, [*came.notes, *made.notes], imports_beside(release))

    def _release(self, problem_set: str) -> Any:
        """Return the instructor's notebook as the gradebook keeps it, hidden tests included."""
        released = Path(self.coursedir.format_path(self.coursedir.release_directory, ".", problem_set))
        try:
            notebook = nbformat.read(released / f"{problem_set}.ipynb", as_version=4)  # type: ignore[no-untyped-call]
        except OSError:
            raise NbGraderException(f"There is no release of {problem_set} in {released}: generate it first") from None
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gb:
            return release_from_gradebook(gb, problem_set, problem_set, notebook)


def explained(graded: Graded) -> Any:
    """Return the graded notebook with what the judge has to say on top, and as data in its metadata."""
    notebook: Any = nbformat.from_dict(graded.notebook)  # type: ignore[no-untyped-call]
    notebook.metadata["judge"] = {
        "cells": [as_data(cell) for cell in graded.cells],
        "notes": graded.notes,
        "ungradable": graded.ungradable,
    }
    waits = "A person has to look at it: until then, a score of 0 on this page is no grade."
    said = [f"**This submission could not be graded.** {graded.ungradable} {waits}"] if graded.ungradable else []
    said += [f"- {note}" for note in graded.notes]
    if said:
        text = harmless.markdown("### From the grader\n\n" + "\n".join(said))
        notebook.cells.insert(0, nbformat.v4.new_markdown_cell(text, id="from-the-grader"))  # type: ignore[no-untyped-call]
    return notebook


def rebuilt(came: HandedIn, release: Any) -> Rebuilt | Graded:
    """Return the release with the answers of what came, its texts harmless; or, where there is none, the outcome."""
    if came.problem:
        return Graded(release, notes=list(came.notes), ungradable=came.problem)
    try:
        made = rebuild(came.data, release, name=came.name)
    except Ungradable as problem:
        return Graded(release, notes=list(came.notes), ungradable=str(problem))
    calm(made.notebook, release)
    return made


def as_data(cell: CellOutcome) -> dict[str, Any]:
    """Return what became of a cell for the class report to read, property by property, without the pictures."""
    report = dict(cell.report) if cell.report else None
    if report:
        report["rows"] = [{key: value for key, value in row.items() if key != "picture"} for row in report["rows"]]
    data: dict[str, Any] = harmless.data({**asdict(cell), "report": report})
    return data


def imports_beside(release: Any) -> list[str]:
    """Return the import statements of the release's cells that are not locked: tests may rely on them."""
    cells = [c for c in release.cells if c.cell_type == "code"]
    about = [c.metadata.get("nbgrader", {}) for c in cells]
    return [s for c, m in zip(cells, about, strict=True) if not m.get("locked") for s in imports_of(c.source)]


def calm(notebook: Any, release: Any) -> None:
    """Make the texts a student wrote harmless; what stands as released stays as it is, to the byte."""
    ours = {(cell.id, cell.source) for cell in release.cells}
    for cell in notebook.cells:
        if cell.cell_type == "code" or (cell.id, cell.source) in ours:
            continue
        if cell.cell_type == "raw":  # nbconvert writes raw cells into the page as they are
            cell.cell_type, cell.source = "markdown", "```text\n" + cell.source.replace("```", "` ` `") + "\n```"
        cell.source = _without_lost_pictures(harmless.markdown(cell.source), set(cell.get("attachments", {})))


def _without_lost_pictures(source: str, kept: set[str]) -> str:
    """Name pictures that were left out as text: nbconvert makes no page of a notebook that refers to a lost one."""
    return re.sub(r"attachment:([^)\]\s]*)", lambda m: m[0] if m[1] in kept else f"left out, {m[1]}", source)


def install() -> None:
    """Put our `Autograde` in nbgrader's place, for the command line, formgrader and `nbgrader.converters` alike.

    And have times of submission read by `intake.time_of`: nbgrader would wait for a pipe, or read a device to its end.
    """
    for module in (converters, api, autogradeapp):
        module.Autograde = Autograde
    CourseDirectory.get_existing_timestamp = lambda self, path: time_of(Path(path))[0]
