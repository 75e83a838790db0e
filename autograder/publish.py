"""Model solutions for students: which may be seen by now, and the notebooks that they get."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.course import Course
from autograder.settings import load
from autograder.site import book_links, site_address

__all__ = ["publish", "solution"]

HIDDEN = re.compile(r"^[ \t]*### BEGIN (HIDDEN TESTS|MARK SCHEME)\n.*?### END \1[ \t]*\n?", re.MULTILINE | re.DOTALL)
MARK = re.compile(r"^[ \t]*### (?:BEGIN|END) SOLUTION[ \t]*(?:\n|\Z)", re.MULTILINE)


def publish(course: Course, folder: Path, now: datetime) -> list[Path]:
    """Bring a folder to hold the solutions whose publication date has passed, and nothing else.

    Parameters
    ----------
    course : Course
        Whose ``course.yml`` decides. What is no set of the course is never published.
    folder : Path
        Made if there is something to publish, emptied if there is not.
    now : datetime
        The moment, with a time zone.

    Returns
    -------
    list of Path
        The notebooks, in the order of the course.
    """
    chosen = [one.name for one in load(course).sets if one.is_published(now)]
    targets = {ps: folder / f"{ps}_solution.ipynb" for ps in chosen}
    if folder.is_dir():
        for old in set(folder.iterdir()) - set(targets.values()):
            old.unlink()
    for ps, target in targets.items():
        folder.mkdir(parents=True, exist_ok=True)
        text = solution(course, ps)
        if not target.is_file() or target.read_text(encoding="utf-8") != text:
            target.write_text(text, encoding="utf-8")
    return list(targets.values())


def solution(course: Course, ps: str) -> str:
    """Return a source notebook as students may see it: with its answers, without hidden tests and nbgrader's marks."""
    notebook = json.loads((course.solutions / ps / f"{ps}.ipynb").read_text(encoding="utf-8"))
    site = site_address(course.root.parent / "_config.yml")
    for cell in notebook["cells"]:
        cell["metadata"] = {key: value for key, value in cell["metadata"].items() if key != "nbgrader"}
        cell["source"] = _source(cell, site)
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _source(cell: dict[str, Any], site: str) -> str:
    text = MARK.sub("", HIDDEN.sub("", "".join(cell["source"])))
    return (book_links(text, site) if cell["cell_type"] == "markdown" else text).rstrip("\n")
