"""Read a roster: find the columns by the names that platforms give them, and look at every line."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.course import CourseError
from autograder.roster._cells import check_email, check_id, check_name, clean

__all__ = ["COLUMNS", "Person", "read"]

#: The columns, and by which names they are found, the first that is there; capitals, spaces and signs do not matter.
#: Canvas: Student, ID, SIS User ID, SIS Login ID. Moodle: First name, Last name (Surname), Username, ID number, Email
#: address. Blackboard: Last Name, First Name, Username, Student ID. Anywhere else, rename the head to ours.
COLUMNS: dict[str, tuple[str, ...]] = {
    "id": ("student_id", "username", "SIS Login ID", "ID number", "SIS User ID", "login", "id"),
    "first_name": ("first_name", "given name", "forename", "firstname"),
    "last_name": ("last_name", "surname", "family name", "lastname"),
    "email": ("email", "e-mail", "email address", "mail"),
    "name": ("student", "student name", "full name", "name"),  # "Lovelace, Ada" or "Ada Lovelace"
}


@dataclass(frozen=True)
class Person:
    """One student as the file says it; an empty text is something that it does not say.

    Parameters
    ----------
    line : int
        Where in the file.
    id, first_name, last_name, email : str
        As nbgrader calls them; `id` is the name of the student's folders.
    """

    line: int
    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""


def read(file: Path, id_column: str = "") -> tuple[list[Person], dict[str, str]]:
    """Return a roster's students, and which of its columns was taken for which of ours.

    Parameters
    ----------
    file : Path
        Comma, semicolon or tab between the columns, UTF-8 with or without a byte order mark.
    id_column : str
        The head of the column with the ids, where the first that `COLUMNS` knows is not the right one.

    Raises
    ------
    CourseError
        If anything is wrong with the file: one sentence for each problem, with its line.
    """
    problems: list[tuple[int, str]] = []
    rows = list(_rows(_text(file), problems))
    if not rows and not problems:
        raise CourseError(f"{file.name} is empty; a line with the names of the columns was expected, such as id,email.")
    people: list[Person] = []
    taken: dict[str, str] = {}
    if rows:
        (_, head), *body = rows
        taken, places = _columns(head, id_column, file)
        found = [_person(line, row, head, places, problems) for line, row in body if not _is_filler(row)]
        people = [person for person in found if person is not None]
        _twice(people, problems)
        if not people and not problems:
            problems.append((1, "there is nobody below the names of the columns."))
    if problems:
        lines = [f"{file.name}, line {line}: {sentence}" for line, sentence in sorted(problems)]
        raise CourseError("\n".join([*lines, "Nothing was written; mend the file and run the command again."]))
    return people, taken


def _text(file: Path) -> str:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise CourseError(f"{file} cannot be read: {error.strerror}.") from None
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise CourseError(
            f"{file.name}, line {line}: this is no UTF-8 text, so names would be spoiled; save it as “CSV UTF-8”."
        ) from None


def _rows(text: str, problems: list[tuple[int, str]]) -> Iterator[tuple[int, list[str]]]:
    """Yield each line that has something in it, with its number."""
    first, _, rest = text.partition("\n")
    skipped = 0
    told = re.fullmatch(r"sep=(.)\r?", first)  # spreadsheets write this to themselves
    if told:
        text, skipped = rest, 1
    between = told[1] if told else max(",;\t", key=re.sub(r'"[^"]*"', "", first).count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=between, strict=True)
    line = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield line + skipped, row
            line = reader.line_num + 1
    except csv.Error as error:
        problems.append((line + skipped, f"the quotes do not match ({error}); a quote inside a cell is written twice."))


def _columns(head: list[str], id_column: str, file: Path) -> tuple[dict[str, str], dict[str, int]]:
    """Find our columns in a head; return their names there and their places."""
    names = [_plain(name) for name in head]
    known = {**COLUMNS, "id": (id_column,)} if id_column else COLUMNS
    taken, places = {}, {}
    for column, aliases in known.items():
        there = [names.index(_plain(alias)) for alias in aliases if _plain(alias) in names]
        if there:
            taken[column], places[column] = head[there[0]].strip(), there[0]
            if names.count(names[there[0]]) > 1:
                raise CourseError(f"{file.name}, line 1: the column {taken[column]!r} is there more than once.")
    if "id" not in places:
        wanted = repr(id_column) if id_column else ", ".join(known["id"])
        has = ", ".join(repr(name.strip()) for name in head)
        raise CourseError(
            f"{file.name}, line 1: no column holds the students' ids. One of these names was expected: {wanted}; "
            f"the file has {has}. Rename the column to id."
        )
    return taken, places


def _plain(name: str) -> str:
    """Return a column's name as names are compared.

    Examples
    --------
    >>> _plain(" E-Mail address "), _plain("SIS Login ID") == _plain("sis_login_id")
    ('emailaddress', True)
    """
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name)).casefold()


def _is_filler(row: list[str]) -> bool:
    """Tell whether a line is about no student: Canvas puts the points that are possible below the head."""
    return row[0].strip().casefold() == "points possible"


def _person(
    line: int, row: list[str], head: list[str], places: dict[str, int], problems: list[tuple[int, str]]
) -> Person | None:
    """Read one line; problems are noted."""
    if len(row) > len(head):
        sentence = f"{len(row)} columns were found, but the head names {len(head)}; a cell with a comma needs quotes."
        problems.append((line, sentence))
        return None
    cells = {column: clean(row[place]) if place < len(row) else "" for column, place in places.items()}
    if cells.get("name") and not (cells.get("first_name") or cells.get("last_name")):
        cells["first_name"], cells["last_name"] = _split(cells["name"])
    checks = [check_id(cells["id"]), check_email(cells.get("email", ""))]
    checks += [check_name(cells.get(column, ""), column) for column in ("first_name", "last_name")]
    said = [sentence for sentence in checks if sentence]
    problems += [(line, sentence) for sentence in said]
    known = {column: cells.get(column, "") for column in ("id", "first_name", "last_name", "email")}
    return None if said else Person(line, **known)


def _split(name: str) -> tuple[str, str]:
    """Return first and last name of a full one.

    Examples
    --------
    >>> _split("Lovelace, Ada"), _split("Ada Lovelace"), _split("Plato")
    (('Ada', 'Lovelace'), ('Ada', 'Lovelace'), ('', 'Plato'))
    """
    last, comma, first = (part.strip() for part in name.partition(","))
    if not comma:
        first, _, last = name.rpartition(" ")
    return first, last


def _twice(people: list[Person], problems: list[tuple[int, str]]) -> None:
    """Note ids that stand twice, and those that differ by capitals only: on many disks they are one folder."""
    first: dict[str, Person] = {}
    for person in people:
        before = first.setdefault(person.id.casefold(), person)
        if before is person:
            continue
        if before.id == person.id:
            problems.append((person.line, f"{person.id} is there already, on line {before.line}; keep one of the two."))
        else:
            sentence = f"{person.id} differs from {before.id} on line {before.line} by capitals only; "
            problems.append((person.line, f"{sentence}on many disks they would share one folder."))
