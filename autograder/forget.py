"""Delete everything the course holds about a student: ``python -m autograder forget STUDENT``.

Gradebook rows first, then folders, then every other file of the course root that mentions the student. Files that are
made from others (exports, reports, feedback zips) are deleted whole and can be made anew; logs, ledgers and caches lose
the lines and entries that mention the student, and nothing else.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sqlite3
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from autograder.course import Course, CourseError
from autograder.engine.book import forget_gradings
from autograder.report.pseudonyms import KEY_FILE, Pseudonyms

__all__ = ["Mentions", "add", "forget", "places", "run"]

STEPS = ("submitted", "autograded", "feedback", "attempts")
"""Folders of the course with a folder per student."""

DERIVED = ("exports", "reports")
"""Folders whose files are made from the gradebook and can be made anew."""

OURS = ("release", "source", "sample_class", "__pycache__", ".git")
"""Folders that hold nothing students gave; nor do packages of Python, as in ``autograder/`` itself."""

LINES = {".jsonl", ".log", ".txt", ".csv"}
WRITTEN = {".py", ".yml", ".yaml", ".md"}  #: settings: not deleted, but named where they mention the student


class Mentions:
    """Tell whether a text mentions a student: the id, the names, the e-mail address, or the code in reports.

    Examples
    --------
    >>> mentions = Mentions(["ada", "ada@example.org"])
    >>> mentions.in_text("graded ada"), mentions.in_text("graded adam")
    (True, False)
    """

    def __init__(self, names: list[str]) -> None:
        self.names = sorted({name for name in names if name})
        listed = "|".join(re.escape(form) for name in self.names for form in sorted(_spellings(name)))
        self._pattern = re.compile(rf"(?<![\w-])(?:{listed})(?![\w-])", re.IGNORECASE)

    def in_text(self, text: str) -> bool:
        """Tell whether a text mentions the student."""
        return self._pattern.search(text) is not None


def _spellings(name: str) -> set[str]:
    """Return how a name looks as it is and inside JSON."""
    return {name, json.dumps(name)[1:-1], json.dumps(name, ensure_ascii=False)[1:-1]}


def forget(course: Course, student: str, *, dry_run: bool = False) -> list[str]:
    """Delete a student's data, and return what was deleted, a line each.

    Parameters
    ----------
    course : Course
        Where.
    student : str
        The id.
    dry_run : bool
        Only say what would be.

    Raises
    ------
    CourseError
        If the course has never heard of the student.
    """
    if not student or student in (".", "..") or "/" in student or "\\" in student:
        raise CourseError(f"{student!r} is no student's id")
    names, in_gradebook = _names(course, student)
    mentions = Mentions(names)
    found = list(places(course, student, mentions))
    if not found and not in_gradebook and not left(course, mentions):
        raise CourseError(f"nothing here is about {student!r}: is that the id in the gradebook?")
    said = [what for what, _ in found]
    if in_gradebook:
        said.insert(0, f"gradebook: the rows of {student}")
    if not dry_run:
        with course.gradebook() as gradebook:
            _remove(gradebook, student)
        for file in _databases(course.root):
            _remove_rows(file, student)
        for _, remove in found:
            remove()
        for file in _databases(course.root):
            vacuum(file)
        said += [
            f"NOT {path.relative_to(course.root)}: it still mentions the student" for path in left(course, mentions)
        ]
    return said


def left(course: Course, mentions: Mentions) -> list[Path]:
    """Return the files outside students' folders that still mention the student: settings, which people write."""
    return [path for path in sorted(_others(course.root)) if _holds(path, mentions)]


def _names(course: Course, student: str) -> tuple[list[str], bool]:
    """Return every name that stands for the student, and whether the gradebook knows the student."""
    from nbgrader.api import MissingEntry

    names = [student]
    if (course.root / KEY_FILE).is_file():
        names.append(Pseudonyms.of_course(course.root).of(student))
    with course.gradebook() as gradebook:
        try:
            known = gradebook.find_student(student)
        except MissingEntry:
            return names, False
        full = " ".join(part for part in (known.first_name, known.last_name) if part)
        numbers = [submission.id for submission in known.submissions]  # how the ledger calls them
        # a first name alone may be somebody else's, too
        return [*names, *numbers, known.last_name or "", known.email or "", full], True


def places(course: Course, student: str, mentions: Mentions) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield what there is about a student outside the gradebook, and how to delete it."""
    for step in STEPS:
        folder = course.root / step / student
        if folder.is_symlink():
            yield f"{step}/{student} (a link)", folder.unlink
        elif folder.is_dir():
            yield f"{step}/{student}/", lambda folder=folder: _rmtree(folder)  # type: ignore[misc]
    for path in sorted(_others(course.root)):
        name = path.relative_to(course.root).as_posix()
        if path.parts[len(course.root.parts)] in DERIVED:
            if _holds(path, mentions):
                yield f"{name} (made from the gradebook: make it anew)", path.unlink
        elif path.suffix in LINES:
            if _holds(path, mentions):
                yield f"{name}: the lines that mention the student", lambda path=path: _lines(path, mentions)  # type: ignore[misc]
        elif path.suffix == ".json":
            if _holds(path, mentions):
                yield f"{name}: the entries of the student", lambda path=path: _entries(path, mentions)  # type: ignore[misc]
        elif path.suffix not in WRITTEN and _holds(path, mentions):
            yield f"{name} (mentions the student)", path.unlink


def _others(root: Path) -> Iterator[Path]:
    """Yield the files that lie in nobody's folder: exports, reports, logs, ledgers, caches; no databases."""
    ours = {*OURS, *(file.parent.name for file in root.glob("*/__init__.py"))}
    for path in root.rglob("*"):
        parts = path.relative_to(root).parts
        if parts[0] in ours or "__pycache__" in parts or path.is_symlink() or not path.is_file():
            continue
        if parts[0] in STEPS and len(parts) > 2:
            continue  # this student's are deleted whole; others' are theirs
        if path.name != KEY_FILE and not re.search(r"\.db\b", path.name):
            yield path


def _holds(path: Path, mentions: Mentions) -> bool:
    if mentions.in_text(path.name):
        return True
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return any(
                mentions.in_text(entry.replace("/", " ").replace("_", " "))
                or mentions.in_text(archive.read(entry).decode("utf-8", "replace"))
                for entry in archive.namelist()
            )
    return mentions.in_text(path.read_bytes().decode("utf-8", "replace"))


def _rmtree(folder: Path) -> None:
    """Delete a folder, also where nbgrader made its files read-only."""
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o700)
    shutil.rmtree(folder)


def _lines(path: Path, mentions: Mentions) -> None:
    lines = path.read_bytes().decode("utf-8", "surrogateescape").splitlines(keepends=True)
    _write(path, "".join(line for line in lines if not mentions.in_text(line)))


def _entries(path: Path, mentions: Mentions) -> None:
    """Take the student out of a JSON file: keys and list items that mention the student, at the innermost level."""

    def without(value: Any) -> Any:
        if isinstance(value, dict):
            if any(isinstance(v, str) and mentions.in_text(v) for v in value.values()):
                return None
            kept = {k: without(v) for k, v in value.items() if not mentions.in_text(k)}
            return {k: v for k, v in kept.items() if v is not None or value[k] is None}
        if isinstance(value, list):
            return [new for old in value if (new := without(old)) is not None or old is None]
        return None if isinstance(value, str) and mentions.in_text(value) else value

    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:  # no JSON after all
        return _lines(path, mentions)
    if isinstance(data, dict):  # the file as a whole is about more than one student
        kept = {key: without(value) for key, value in data.items() if not mentions.in_text(key)}
        _write(path, json.dumps({k: v for k, v in kept.items() if v is not None}, indent=1, ensure_ascii=False))
    else:
        _write(path, json.dumps(without(data), indent=1, ensure_ascii=False))
    return None


def _write(path: Path, text: str) -> None:
    """Overwrite in place; a copy beside it would be one more place."""
    mode = path.stat().st_mode
    path.chmod(mode | 0o200)
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    path.chmod(mode)


def _databases(root: Path) -> Iterator[Path]:
    for path in sorted(root.glob("*.db*")):
        if path.is_file() and path.read_bytes()[:15] == b"SQLite format 3":
            yield path


def _remove(gradebook: Any, student: str) -> None:
    """Remove the student's rows, nbgrader's and the engine's."""
    from nbgrader.api import MissingEntry

    forget_gradings(gradebook, student)
    with suppress(MissingEntry):
        gradebook.remove_student(student)
    if gradebook.engine.dialect.name == "postgresql":  # writes the tables anew, as `vacuum` does with a file
        gradebook.db.remove()
        with gradebook.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM FULL")


def _remove_rows(file: Path, student: str) -> None:
    """Remove the student from a copy of the gradebook, such as the backup that ``nbgrader db upgrade`` makes."""
    from nbgrader.api import Gradebook

    with closing(sqlite3.connect(file)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "student" in tables:
        with Gradebook(f"sqlite:///{file}") as gradebook:
            _remove(gradebook, student)


def vacuum(file: Path) -> None:
    """Write an SQLite file anew, so that no free page keeps what was deleted, nor a write-ahead log beside it."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("student", metavar="STUDENT", help="the id in the gradebook")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be deleted")


def run(course: Course, args: argparse.Namespace) -> int:
    """Say what there is, ask, delete, and print what was deleted."""
    planned = forget(course, args.student, dry_run=True)
    if args.dry_run:
        print("\n".join(planned))
        print("nothing was deleted (--dry-run)", file=sys.stderr)
        return 0
    if not args.yes:
        print("\n".join(planned), file=sys.stderr)
        print(f"Delete all of this for good? Type the id, {args.student}, to confirm: ", end="", file=sys.stderr)
        if sys.stdin.readline().strip() != args.student:
            raise CourseError("nothing was deleted")
    done = forget(course, args.student)
    for line in done:
        print(f"deleted {line}".replace("deleted NOT", "NOT deleted"))
    print("Not here, and so not deleted: an nbgrader exchange, Canvas, Moodle, backups, mails.", file=sys.stderr)
    return 1 if any(line.startswith("NOT ") for line in done) else 0
