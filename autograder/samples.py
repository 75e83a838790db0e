"""The bundled sample class: small submissions, written down as answers and inserted into the current release.

A student is a markdown page, ``sample_class/<set>/<name>.md``: who this is, the points that grading must give
(in the front matter, one number per exercise and a note), and a fenced block per answered cell, of code or, for an
answer in words, of ``markdown``::

    ```python quadratic
    def quadratic(A, b, w): ...
    ```

So the class stays in step with the release, and what is handed in is an ordinary notebook, unless the front matter
says what happened to it: ``damage: {copied: quadratic_check}`` (a cell is there twice), ``damage: {cut: 20000}``
(the file ends after so many bytes) or ``damage: {file: "ps2 (1).ipynb"}`` (it has another name).
``photos: {proof_layer: page1.jpg}`` attaches a picture to the answer, as a student does who drags a photograph into
it; the answer shows it with ``![page1.jpg](attachment:page1.jpg)``.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import yaml

from autograder.course import ROOT, Course, CourseError

__all__ = ["FOLDER", "Sample", "honest", "load", "notebook", "submit"]

FOLDER = ROOT / "sample_class"
BLOCK = re.compile(r"^```(?:python|markdown) (\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MARK = {"sample_class": True}
SIGNED = re.compile(r'"dlopt": \{\s*"sample_class": true\s*\}')


@dataclass(frozen=True)
class Sample:
    """One student of the sample class.

    Parameters
    ----------
    name : str
        First name, and the name of the folder under ``submitted/``.
    points : dict of str to float or None
        What grading must give, per exercise; None where a person has to look.
    note : str
        What the instructor's line must say.
    answers : dict of str to str
        The source of each answered cell, by grade_id; the rest stays as released.
    damage : dict of str to object
        What happened to the file: "copied", "cut", "file"; empty where all went well.
    photos : dict of str to str
        The name of the picture that is attached to an answer, by grade_id.
    """

    name: str
    points: dict[str, float | None]
    note: str
    answers: dict[str, str]
    damage: dict[str, Any] = field(default_factory=dict)
    photos: dict[str, str] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """The sum of the expected points."""
        return sum(points or 0.0 for points in self.points.values())


def load(ps: str) -> list[Sample]:
    """Read the sample class of a problem set, in alphabetical order.

    Raises
    ------
    CourseError
        If the set has none, or a page cannot be read.
    """
    pages = sorted((FOLDER / ps).glob("*.md"))
    if not pages:
        raise CourseError(f"{ps} has no sample class: {FOLDER / ps} holds no pages")
    return [_read(page) for page in pages]


def honest(ps: str) -> list[Sample]:
    """Return those of the sample class whose notebooks arrived undamaged: what stock nbgrader can grade as well."""
    return [sample for sample in load(ps) if not sample.damage]


def _read(page: Path) -> Sample:
    try:
        _, front, body = page.read_text(encoding="utf-8").split("---\n", 2)
    except ValueError:
        raise CourseError(f"{page} has no front matter between two lines of ---") from None
    expected: dict[str, Any] = yaml.safe_load(front)
    points = {name: None if value is None else float(value) for name, value in expected["points"].items()}
    answers, note = dict(BLOCK.findall(body)), expected.get("note", "")
    return Sample(page.stem, points, note, answers, expected.get("damage", {}), expected.get("photos", {}))


def notebook(sample: Sample, released: Path) -> str:
    """Return a release with a student's answers in it, as the text of a notebook, damaged where the page says so."""
    nb = json.loads(released.read_text(encoding="utf-8"))
    cells = {_nbgrader(cell).get("grade_id"): cell for cell in nb["cells"]}
    for grade_id, source in sample.answers.items():
        if not _nbgrader(cells.get(grade_id, {})).get("solution"):
            raise CourseError(f"{sample.name} answers {grade_id!r}, which is no solution cell of {released.stem}")
        cells[grade_id]["source"] = source.rstrip("\n")
    for grade_id, name in sample.photos.items():
        cells[grade_id]["attachments"] = {name: {"image/jpeg": _photo()}}
    if "copied" in sample.damage:
        nb["cells"].append(cells[sample.damage["copied"]])
    marked = {"metadata": {**nb.pop("metadata"), "dlopt": MARK}, **nb}  # in front, where no cut takes it away
    text = json.dumps(marked, indent=1, ensure_ascii=False) + "\n"
    return text.encode()[: sample.damage.get("cut")].decode(errors="ignore")


def _photo() -> str:
    """Draw what stands for a photographed page, lines on paper, as JPEG in base64."""
    from PIL import Image, ImageDraw

    page = Image.new("RGB", (320, 220), (236, 232, 220))
    pen = ImageDraw.Draw(page)
    for line in range(9):
        y, words = 24 + 21 * line, 3 + 7 * line % 4
        for word in range(words):
            x = 20 + 70 * word
            pen.line([(x + k, y + (3 * k * (word + 2)) % 9) for k in range(0, 52, 4)], fill=(40, 50, 110), width=2)
    file = BytesIO()
    page.save(file, "JPEG", quality=60)
    return base64.b64encode(file.getvalue()).decode()


def _nbgrader(cell: dict[str, Any]) -> dict[str, Any]:
    """Return nbgrader's metadata of a cell; empty where it has none."""
    found: dict[str, Any] = cell.get("metadata", {}).get("nbgrader", {})
    return found


def submit(course: Course, ps: str) -> list[str]:
    """Hand in the sample class; submissions of real students of the same name are left alone.

    Returns
    -------
    list of str
        The names that were left alone.
    """
    kept = []
    for sample in load(ps):
        target = course.notebook("submitted", ps, sample.name)
        target = target.with_name(sample.damage.get("file", target.name))
        if target.parent.exists() and not _is_sample(target):
            kept.append(sample.name)
            continue
        text = notebook(sample, course.notebook("release", ps))
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
    return kept


def _is_sample(path: Path) -> bool:
    """Tell whether a submission was written by `submit`, damaged or not."""
    try:
        return bool(SIGNED.search(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):  # missing or no text: not ours
        return False
