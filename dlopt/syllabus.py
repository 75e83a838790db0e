"""The 82 rows of the syllabus: what each chapter must explain, show and check.

The rows live in ``syllabus.yml`` beside this module. Their ids (``Q3``) name the claims of
`dlopt.claims` and never change.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

__all__ = ["Row", "row", "rows"]


@dataclass(frozen=True)
class Row:
    """One topic of the course.

    Attributes
    ----------
    id : str
        Stable name, a letter for the chapter and a number: ``"Q3"``.
    chapter : str
        File name of the chapter that teaches it, without suffix: ``"02_quadratics"``.
    topic : str
        What is taught.
    check : str
        What the chapter computes and compares while the book is built.
    lectures : tuple of str
        Lecture decks that teach the topic, ``"S0"`` to ``"S4"``.
    exercise : tuple of str
        Problem sets in which students implement it; empty when there is none.
    """

    id: str
    chapter: str
    topic: str
    check: str
    lectures: tuple[str, ...]
    exercise: tuple[str, ...]


@cache
def rows() -> tuple[Row, ...]:
    """Return every row, in the order of the course.

    Examples
    --------
    >>> len(rows())
    82
    >>> rows()[0].id
    'L1'
    """
    text = resources.files("dlopt").joinpath("syllabus.yml").read_text(encoding="utf-8")
    return tuple(
        Row(r["id"], r["chapter"], r["topic"], r["check"], tuple(r["lectures"]), tuple(r["exercise"]))
        for r in yaml.safe_load(text)
    )


def row(id: str) -> Row:
    """Return the row called ``id``.

    Raises
    ------
    ValueError
        When the syllabus has no such row; the sentence names the nearest id.

    Examples
    --------
    >>> row("Q13").chapter
    '02_quadratics'
    """
    known = {r.id: r for r in rows()}
    if id in known:
        return known[id]
    near = difflib.get_close_matches(str(id).upper(), known, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"The syllabus has no row {id!r}.{hint} The ids are listed in dlopt/syllabus.yml.")
