"""What a notebook shows before any of its cells has run: what is missing, renamed, doubled, locked and changed."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dlopt.notebooks import Cell, checksum, names
from dlopt.ready._code import NEEDED, defined, imported, meant, stub_left
from dlopt.ready._expected import Expected
from dlopt.ready._findings import Findings

__all__ = ["Look", "place"]

FRESH = "Copy your answers into a fresh copy of the notebook that was handed out."
PREDICT = re.compile(r"predict(, then run| first)", re.IGNORECASE)


def place(cell: Cell, word: str = "cell") -> str:
    """Name a cell so that it can be found: its number from the top, and its label.

    Examples
    --------
    >>> place(Cell(7, "code", grade_id="softmax"))
    'cell 7 (softmax)'
    """
    return f"{word} {cell.number}" + (f" ({cell.grade_id})" if cell.grade_id else "")


@dataclass
class Look:
    """A look at the cells of one notebook.

    Parameters
    ----------
    cells : list of Cell
        The notebook.
    expected : Expected
        What it should hold.
    """

    cells: list[Cell]
    expected: Expected

    def __post_init__(self) -> None:
        self.copies: dict[str, list[Cell]] = {}
        for cell in self.cells:
            if cell.grade_id:
                self.copies.setdefault(cell.grade_id, []).append(cell)
        self.names = {name: cell for cell in self.cells for name in defined(cell)}
        self.state: dict[str, str] = {}  # of each answer: "" is written, otherwise what to say of it in the table

    def findings(self) -> Findings:
        """Return everything there is to say, exercise by exercise, then about the notebook as a whole."""
        found = Findings()
        if self._lost_labels(found):
            return found
        for name in self.expected.exercises:
            self._answer(name, found)
        for label in self.expected.by_hand:
            self._words(label, found)
        self._locked(found)
        self._order(found)
        self._predictions(found)
        self._packages(found)
        return found

    def answer(self, name: str) -> Cell | None:
        """Return the cell in which an exercise is answered: of several, the last that is answered."""
        copies = self.copies.get(name, [])
        return next((c for c in reversed(copies) if not untouched(c)), copies[-1] if copies else None)

    def _lost_labels(self, found: Findings) -> bool:
        """Tell whether so many labels are gone that a tool must have removed them."""
        lost = [label for label in self.expected.cells if label not in self.copies]
        if 2 * len(lost) < len(self.expected.cells):
            return False
        written = [name for name in self.expected.exercises if name in self.names]
        has = f"; it defines {names(written)} all the same" if written else ""
        found.stop.append(
            f"Most cells have lost nbgrader's label, by which answers are found ({names(lost, 3)}){has}. The notebook "
            f"was saved by a program that drops cell metadata, or its cells were copied into a new one. {FRESH}"
        )
        for name in self.expected.exercises:
            self.state[name] = "its cell has no label" if name in self.names else "missing"
        return True

    def _answer(self, name: str, found: Findings) -> None:
        """Look at the cell in which one exercise is answered."""
        cell = self.answer(name)
        if cell is None:
            return self._missing(name, found)
        self._copies(name, found)
        if cell.kind != "code":
            self.state[name] = f"cell {cell.number} is no code cell"
            found.stop.append(
                f"{place(cell, 'Cell')} has been turned into {cell.kind}, so nothing in it runs. Click it and "
                "choose Code in the list above the notebook."
            )
        elif untouched(cell):
            self.state[name] = f"still the stub (cell {cell.number})"
        elif cell.blank:
            self.state[name] = f"empty (cell {cell.number})"
        elif name not in self.names:
            self._renamed(name, cell, found)
        elif stub_left(cell):
            found.but.append(
                f"{place(cell, 'Cell')} still has a line raise NotImplementedError(): a part is not written yet, "
                "or the line was left behind."
            )
        return None

    def _missing(self, name: str, found: Findings) -> None:
        if name in self.names:
            where = place(self.names[name])
            self.state[name] = f"answered outside its own cell, in {where}"
            found.stop.append(
                f"The cell {name} is gone; {where} defines {name}, but answers are collected by their cell's label. "
                f"{FRESH}"
            )
            return
        self.state[name] = "missing: its cell was deleted"
        like = meant(name, set(self.names) - set(self.expected.exercises))
        hint = f" {place(self.names[like], 'Cell')} defines {like}: is that it?" if like else ""
        found.stop.append(f"The cell {name} was deleted.{hint} {FRESH}")

    def _renamed(self, name: str, cell: Cell, found: Findings) -> None:
        """Say what a cell defines instead of what it should; cells that Python cannot read say so when they run."""
        here = defined(cell)
        if not here:
            return
        like = meant(name, here) or next((n for n in here if n not in self.expected.exercises), here[0])
        self.state[name] = f"missing: cell {cell.number} defines {like}"
        found.stop.append(
            f"{place(cell, 'Cell')} defines {like}, but the check and grading call {name}. "
            f"Did you mean {name}? Rename {like}."
        )

    def _copies(self, name: str, found: Findings) -> None:
        copies = [cell for cell in self.copies[name] if not cell.blank]
        if len(copies) < 2:
            return
        where = f"The cell {name} is there {len(copies)} times ({names(f'cell {c.number}' for c in copies)})"
        if len({cell.source.strip() for cell in copies if not untouched(cell)}) > 1:
            found.stop.append(
                f"{where} with different contents, and only one can be graded. Join them, or delete the others."
            )
        else:
            found.but.append(f"{where}. Delete the copies that you do not need.")

    def _words(self, label: str, found: Findings) -> None:
        """Look at an answer that a person reads."""
        cell = self.answer(label)
        if cell is None:
            self.state[label] = "missing: its cell was deleted"
            found.stop.append(f"The cell {label}, for your answer in words, was deleted. {FRESH}")
        elif untouched(cell) or cell.blank:
            self.state[label] = f"still empty (cell {cell.number})"
            found.but.append(f"Your answer in words, {place(cell)}, is still empty.")
        else:
            self.state[label] = ""
            self._copies(label, found)

    def _locked(self, found: Findings) -> None:
        """Look at the cells that are not the student's to change."""
        answers = self.expected.answers
        changed: list[str] = []
        prose: list[str] = []
        for cell in self.cells:
            if not cell.grade_id or cell.grade_id in answers or not cell.nbgrader.get("checksum") or untouched(cell):
                continue
            (changed if cell.nbgrader.get("cell_type", cell.kind) == "code" else prose).append(place(cell))
        gone = [label for label in self.expected.cells if label not in self.copies and label not in answers]
        twice = [label for label, copies in self.copies.items() if len(copies) > 1 and label not in answers]
        back = "Grading uses them as they were handed out; keep code of yours in cells of your own."
        if changed:
            found.but.append(f"Locked, and changed all the same: {names(changed)}. {back}")
        if gone:
            found.but.append(
                f"Deleted, though locked: {names(gone)}. Grading puts {'it' if len(gone) == 1 else 'them'} back."
            )
        if twice:
            found.but.append(f"There more than once: {names(twice)}. Delete the copies.")
        if prose:
            found.note.append(f"The text of {names(prose)} was changed; grading shows it as it was handed out.")
        unlabelled = [n for n in self.copies if self.expected.inventory and n not in self.expected.cells]
        if unlabelled:
            found.note.append(
                f"Labelled as no cell of this problem set, and taken for cells of your own: {names(unlabelled)}."
            )

    def _order(self, found: Findings) -> None:
        """Name the cells that stand elsewhere than they were handed out."""
        order = {label: place for place, label in enumerate(self.expected.cells)}
        labels = list(dict.fromkeys(c.grade_id for c in self.cells if c.grade_id in order))
        if not self.expected.inventory:
            return
        stay = set(longest_rising([order[label] for label in labels]))
        moved = [label for label in labels if order[label] not in stay]
        if moved:
            found.but.append(
                f"Not where they were handed out: {names(moved)}. Grading puts cells back in order, and then each "
                "sees only what stands above it."
            )

    def _predictions(self, found: Findings) -> None:
        """Look for a cell of the student's own beside each question that asks for a prediction."""
        for at, cell in enumerate(self.cells):
            if cell.kind != "markdown" or not cell.grade_id or not PREDICT.search(cell.source):
                continue
            if not any(_own(near) for near in _beside(self.cells, at)):
                found.note.append(
                    f"The guess that {place(cell)} asks for stands nowhere near it. It earns no points; written into a "
                    "cell of your own before you run the picture, it teaches you most."
                )

    def _packages(self, found: Findings) -> None:
        """Name packages that grading does not have."""
        given = imported(c for c in self.cells if c.nbgrader.get("locked"))
        for package, cell in imported(c for c in self.cells if not c.nbgrader.get("locked")).items():
            if package not in NEEDED and package not in given:
                found.but.append(
                    f"{place(cell, 'Cell')} imports {package}, which grading does not have: there this fails, "
                    "although it works here."
                )


def untouched(cell: Cell) -> bool:
    """Tell whether a cell is as it was released."""
    return cell.nbgrader.get("checksum") == checksum(cell)


def longest_rising(numbers: Sequence[int]) -> list[int]:
    """Return the longest rising part of a sequence: what stays where it is when as little as possible is moved.

    Examples
    --------
    >>> longest_rising([0, 3, 1, 2, 4])
    [0, 1, 2, 4]
    """
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for number in numbers:
        at = bisect_left(ends, number)
        before[number] = ends[at - 1] if at else None
        ends[at : at + 1] = [number]
    found: list[int] = []
    last: int | None = ends[-1] if ends else None
    while last is not None:
        found.append(last)
        last = before[last]
    return found[::-1]


def _own(cell: Cell) -> bool:
    return not cell.grade_id and not cell.blank


def _beside(cells: Sequence[Cell], at: int) -> Iterable[Cell]:
    """Yield the unlabelled cells behind a question, on both sides of the picture that answers it."""
    labelled = 0
    for cell in cells[at + 1 :]:
        labelled += bool(cell.grade_id)
        if labelled > 1:
            return
        yield cell
