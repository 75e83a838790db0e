"""nbgrader's ``autograde``, with the judge in place of the kernel that student and tests used to share.

`install` puts `Autograde` where nbgrader's command line and formgrader's button look for theirs;
``nbgrader_config.py`` calls it, so that plain ``nbgrader autograde`` and the button grade alike.
"""

from __future__ import annotations

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

from autograder.judge import gradebook
from autograder.judge.client import Judge
from autograder.judge.intake import TIMESTAMP, HandedIn, handed_in, stamp, time_of, with_names
from autograder.judge.notebooks import explained, imports_beside, rebuilt
from autograder.judge.outcome import Graded
from autograder.rebuild import release_from_gradebook

__all__ = ["Autograde", "install"]


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
        folders = with_names(Path(pattern), root, self.log)
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


def install() -> None:
    """Put our `Autograde` in nbgrader's place, for the command line, formgrader and `nbgrader.converters` alike.

    And have times of submission read by `intake.time_of`: nbgrader would wait for a pipe, or read a device to its end.
    """
    for module in (converters, api, autogradeapp):
        module.Autograde = Autograde
    CourseDirectory.get_existing_timestamp = lambda self, path: time_of(Path(path))[0]
