"""Where a course lies, and how to run nbgrader's own converters in it."""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["ROOT", "Course", "CourseError", "programs_on_path", "say"]

ROOT = Path(__file__).resolve().parent
"""The bundled course: this folder."""


class CourseError(Exception):
    """Something an instructor can mend; its message is the whole explanation."""


def say(line: str) -> None:
    """Talk on stderr; stdout is for data."""
    print(line, file=sys.stderr, flush=True)


def programs_on_path() -> None:
    """Let nbgrader find the programs of this environment (it calls ``alembic``), also where it is not activated."""
    here = str(Path(sys.executable).parent)
    path = os.environ.get("PATH", os.defpath).split(os.pathsep)
    if here not in path:
        os.environ["PATH"] = os.pathsep.join([here, *path])


@dataclass(frozen=True)
class Course:
    """A folder with an ``nbgrader_config.py``, beside the folder of solutions.

    Parameters
    ----------
    root : Path
        The nbgrader course root.
    db : str
        Address of the gradebook, such as ``postgresql+psycopg://grader@localhost/grades``; a file in the root if empty.

    Examples
    --------
    >>> sets = Course().problem_sets()
    >>> sets[:2], sets[-1]
    (['ps1_losses', 'ps2_quadratics'], 'ps10_landscapes')
    """

    root: Path = ROOT
    db: str = ""

    @property
    def solutions(self) -> Path:
        """The source notebooks: ``<set>/<set>.ipynb``."""
        return self.root.parent / "solutions"

    @property
    def db_url(self) -> str:
        """Where the gradebook is, as SQLAlchemy says it."""
        return self.db or f"sqlite:///{self.root / 'gradebook.db'}"

    @property
    def has_gradebook(self) -> bool:
        """Whether the gradebook has been made; a database with an address of its own is taken to be there."""
        return bool(self.db) or (self.root / "gradebook.db").is_file()

    def problem_sets(self) -> list[str]:
        """Return the names of the sets that have a source notebook, sorted as ps1, ps2, … ps10."""
        names = [path.stem for path in self.solutions.glob("*/*.ipynb") if path.stem == path.parent.name]
        return sorted(names, key=lambda name: (len(name.split("_")[0]), name))

    def exercises(self, ps: str) -> dict[str, float]:
        """Return a set's graded exercises with the points of their cells, in the notebook's order.

        Examples
        --------
        >>> Course().exercises("ps6_batchnorm")
        {'BatchNorm': 5.0, 'fold_batchnorm': 3.0, 'in_words': 2.0}
        """
        source = json.loads((self.solutions / ps / f"{ps}.ipynb").read_text(encoding="utf-8"))
        about = [cell["metadata"].get("nbgrader", {}) for cell in source["cells"]]
        graded = [cell for cell in about if cell.get("grade") or cell.get("task")]
        return {cell["grade_id"].removesuffix("_check"): float(cell["points"]) for cell in graded}

    def notebook(self, step: str, ps: str, student: str = ".") -> Path:
        """Return the path of a notebook in one of nbgrader's folders, such as "submitted"."""
        return self.root / step / student / ps / f"{ps}.ipynb"

    def students(self, step: str, ps: str) -> list[str]:
        """Return who has a folder for this set, or a link in its place, in one of nbgrader's folders, sorted."""
        places = {student.name: student / ps for student in (self.root / step).glob("*")}
        return sorted(student for student, place in places.items() if place.is_dir() or place.is_symlink())

    def gradebook(self) -> Any:
        """Open nbgrader's gradebook; a context manager."""
        from nbgrader.api import Gradebook

        programs_on_path()
        return Gradebook(self.db_url)

    def convert(self, converter: str, ps: str, student: str = "*") -> str | None:
        """Run one of nbgrader's converters on one submission, as its own commands and formgrader do.

        Parameters
        ----------
        converter : str
            "GenerateAssignment", "Autograde" or "GenerateFeedback".
        ps, student : str
            Which submission. What was there is replaced.

        Returns
        -------
        str or None
            nbgrader's log where it failed, otherwise None.
        """
        from nbgrader import converters
        from nbgrader.coursedir import CourseDirectory
        from nbgrader.utils import capture_log

        config = self.config()
        coursedir = CourseDirectory(config=config, root=str(self.root), assignment_id=ps, student_id=student)
        app = getattr(converters, converter)(coursedir=coursedir, config=config)
        app.force = True
        with _quiet(), _working_directory(self.root):
            result = capture_log(app)
        return None if result["success"] else str(result.get("log") or result.get("error"))

    def config(self) -> Any:
        """Read the course's ``nbgrader_config.py``."""
        from traitlets.config.loader import PyFileConfigLoader

        file = self.root / "nbgrader_config.py"
        if not file.is_file():
            raise CourseError(f"{self.root} is no course: it has no nbgrader_config.py")
        config = PyFileConfigLoader(file.name, path=str(self.root)).load_config()
        if self.db:
            config.CourseDirectory.db_url = self.db
            if "course_id" not in config.CourseDirectory:
                # nbgrader's own default names a course that does not exist, which only SQLite lets pass
                config.CourseDirectory.course_id = "default_course"
        return config


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the libraries' own deprecations to themselves: they are nothing an instructor can mend."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _working_directory(folder: Path) -> Iterator[None]:
    """Be in the course root, as nbgrader's configuration expects, and come back."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
