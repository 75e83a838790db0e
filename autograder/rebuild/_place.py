"""The student's answers and own cells, put in their places in the release."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise, takewhile
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

from autograder.rebuild._cells import MAX_TEXT, Cell, Rebuilt, Ungradable, names, size
from autograder.rebuild._images import Images
from autograder.rebuild._labels import adds_to, bare, is_answer, is_manual, label, same
from dlopt.notebooks import read

__all__ = ["rebuild"]

NEW: dict[str, Any] = {"code": new_code_cell, "markdown": new_markdown_cell, "raw": new_raw_cell}
DEFINED = re.compile(r"^(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE)
_node: Any = NotebookNode  # its constructor has no types


def rebuild(submission: bytes, release: NotebookNode, *, name: str = "") -> Rebuilt:
    """Put a submission's answers and own cells into the instructor's notebook.

    An answer is a solution cell, or a task cell that is not locked; it is found by its ``grade_id``, or, where a
    tool removed nbgrader's metadata, by the cell id of the release. Of several copies the last that is neither
    blank nor the unanswered stub is graded, for it is what counts when the notebook is run from top to bottom; other
    answered copies run in their places as ordinary cells, for JupyterLab splits a cell into copies with the same
    ``grade_id``, and there every piece is part of the answer. The student's own cells keep their place behind
    the nearest cell of the release before them. Cells of the release without a label are never replaced: an edited
    one follows its original.

    Parameters
    ----------
    submission : bytes
        The file that was handed in.
    release : nbformat.NotebookNode
        The instructor's notebook with hidden tests and without solutions, see `release_from_gradebook`. Not changed.
    name : str
        What to call the notebook in sentences.

    Returns
    -------
    Rebuilt
        The notebook and what was mended.

    Raises
    ------
    Ungradable
        If the submission cannot be read, or has nothing to do with this release.
    """
    cells, notes = read(submission)
    placed = _Placing(release, cells, name, notes)
    return Rebuilt(placed.notebook(), placed.notes)


@dataclass
class _Placing:
    """One submission on its way into the release: `taken` has the cell behind each label, by grade_id."""

    release: Any
    cells: list[Cell]
    name: str
    notes: list[str]
    images: Images = field(default_factory=Images)
    taken: dict[str, Cell] = field(default_factory=dict)
    own: set[int] = field(default_factory=set)  # numbers of copies that become ordinary cells
    elsewhere: dict[str, str] = field(default_factory=dict)  # missing answers, and what other cells define for them

    def __post_init__(self) -> None:
        self.labelled = {label(cell): cell for cell in self.release.cells if label(cell)}
        self.answers = {grade_id for grade_id, cell in self.labelled.items() if is_answer(cell)}

    def notebook(self) -> NotebookNode:
        """Return the rebuilt notebook; `notes` then say what was mended."""
        self._recognise()
        copies: dict[str, list[Cell]] = {}
        for cell in self.cells:
            copies.setdefault(cell.grade_id, []).append(cell)
        for grade_id, original in self.labelled.items():
            if grade_id in copies:
                self._choose(grade_id, original, copies[grade_id])
        self._must_belong()
        self._note_order()
        own = self._own_cells()
        nb: NotebookNode = copy.deepcopy(self.release)
        nb.nbformat, nb.nbformat_minor = 4, 5
        nb.cells = list(self._fill(nb.cells, own))
        self._finish(nb.cells)
        return nb

    def _recognise(self) -> None:
        """Clear labels that the release does not have; restore those that a tool removed, by cell id."""
        known = {cell.grade_id for cell in self.cells}
        ids = {cell.get("id"): grade_id for grade_id, cell in self.labelled.items() if grade_id not in known}
        strange, restored = [], []
        for cell in self.cells:
            if cell.grade_id and cell.grade_id not in self.labelled:
                strange.append(cell.grade_id)
                cell.grade_id = ""
            elif not cell.grade_id and cell.id in ids:
                cell.grade_id = ids[cell.id]
                restored.append(cell.grade_id)
        self._note(
            "These cells are labelled as no cell of this notebook is, and count as the student's own: {}", strange
        )
        self._note("These cells had lost nbgrader's label and were recognised by their cell id: {}", restored)

    def _choose(self, grade_id: str, original: Any, copies: list[Cell]) -> None:
        """Decide which copy of a labelled cell stands for it, and what becomes of the others."""
        if grade_id not in self.answers:
            self.taken[grade_id] = copies[0]
            self._note("This cell is there more than once and was graded once: {}", [grade_id] * (len(copies) > 1))
            if any(adds_to(cell.source, original.source) for cell in copies):
                self.notes.append(
                    f"Cell {grade_id} had been edited and is as released again; what was written there is left out."
                )
            return
        answered = [cell for cell in copies if not cell.blank and not same(cell.text(), original.source)]
        taken = self.taken[grade_id] = (answered or copies)[-1]
        others = [cell for cell in answered if not same(cell.source, taken.source)]
        self.own |= {cell.number for cell in others}
        if others:
            self.notes.append(
                f"Cell {grade_id} is there {len(copies)} times with different answers (or was split): the last one is "
                "graded, the others run in their places as ordinary cells."
            )
        elif len(copies) > 1:
            self.notes.append(f"Cell {grade_id} is there {len(copies)} times; the answered copy is graded.")
        if taken.kind != original.cell_type:
            self.notes.append(f"Cell {grade_id} had been turned into {taken.kind}; it is {original.cell_type} again.")

    def _must_belong(self) -> None:
        """Refuse a notebook of another problem set, rather than grade it as if nothing had been answered."""
        if self.labelled and not self.answers & set(self.taken) and 2 * len(self.taken) < len(self.labelled):
            wanted = f"the answers of {self.name}" if self.name else "the answers"
            some = names([grade_id for grade_id in self.labelled if grade_id in self.answers] or self.labelled, 3)
            raise Ungradable(
                f"The notebook has none of the cells in which {wanted} are expected "
                f"({some}): it is another notebook, or a tool removed nbgrader's labels. "
                "Copy the answers into a fresh copy of the notebook that was handed out and hand in that."
            )

    def _note_order(self) -> None:
        """Note labelled cells that are missing or not in the release's order."""
        gone = [grade_id for grade_id in self.labelled if grade_id not in self.taken]
        self.elsewhere = self._written_elsewhere([grade_id for grade_id in gone if grade_id in self.answers])
        unanswered = [grade_id for grade_id in gone if grade_id in self.answers and grade_id not in self.elsewhere]
        self._note("Missing, and answered in other cells: {}", self.elsewhere)
        self._note("Missing, and unanswered therefore: {}", unanswered)
        self._note("Missing, and put back: {}", [grade_id for grade_id in gone if grade_id not in self.answers])
        numbers = [self.taken[grade_id].number for grade_id in self.labelled if grade_id in self.taken]
        if any(earlier > later for earlier, later in pairwise(numbers)):
            self.notes.append("Cells had been moved; they are in the order of the release again.")

    def _written_elsewhere(self, missing: list[str]) -> dict[str, str]:
        """Say which missing answers define nothing but what other cells define: joined cells keep one label only."""
        answers = [cell for grade_id, cell in self.taken.items() if grade_id in self.answers]
        kept = [*answers, *(cell for cell in self.cells if not cell.grade_id)]
        there = {name for cell in kept if cell.kind == "code" for name in DEFINED.findall(cell.source)}
        stubs = {grade_id: DEFINED.findall(self.labelled[grade_id].source) for grade_id in missing}
        return {grade_id: ", ".join(found) for grade_id, found in stubs.items() if found and there.issuperset(found)}

    def _own_cells(self) -> dict[int, list[Cell]]:
        """Sort the student's own cells by the place in the release that they follow; -1 is before its first cell."""
        own = {c.number: c for c in self.cells if (not c.grade_id or c.number in self.own) and not c.blank}
        self._limit([*own.values(), *(cell for grade_id, cell in self.taken.items() if grade_id in self.answers)])
        places = self._places(own.values())
        following: dict[int, list[Cell]] = {}
        here = self._past_missing(-1, places)
        for cell in self.cells:
            if cell.number in places:
                here = self._moved_on(here, places[cell.number], places)
            elif cell.number in own:
                following.setdefault(here, []).append(cell)
        return following

    def _limit(self, kept: list[Cell]) -> None:
        total = sum(len(cell.text()) for cell in kept)
        if total > MAX_TEXT:
            raise Ungradable(
                f"The cells hold {size(total)} of text; at most {size(MAX_TEXT)} are read. "
                "Take pasted data out of the cells and hand in again."
            )

    def _places(self, own: Iterable[Cell]) -> dict[int, int]:
        """Say which cells of the submission are which of the release: by label, or, without one, by equal text."""
        originals = self.release.cells
        found = {self.taken[label(c)].number: i for i, c in enumerate(originals) if label(c) in self.taken}
        open_cells: dict[tuple[str, str], list[int]] = {}
        for place, cell in enumerate(originals):
            if not label(cell):
                open_cells.setdefault((cell.cell_type, bare(cell.source)), []).append(place)
        for mine in own:
            equal = open_cells.get((mine.kind, bare(mine.source)))
            if equal:
                found[mine.number] = equal.pop(0)
        return found

    def _moved_on(self, here: int, place: int, places: dict[int, int]) -> int:
        """Return behind which place own cells are now; a cell without a label that was moved far does not count."""
        if not label(self.release.cells[place]):
            between = self.release.cells[here + 1 : place]
            if place < here or any(label(cell) in self.taken for cell in between):
                return here
        return self._past_missing(place, places)

    def _past_missing(self, place: int, places: dict[int, int]) -> int:
        """Go on past cells that students may write in and that are missing right behind a place.

        Who deleted an answer cell and wrote a new one wrote behind it: in front of it, the stub that comes
        back would undo the answer. An edited cell without a label has the last word for the same reason.
        """
        present = set(places.values())
        rest = enumerate(self.release.cells[place + 1 :], start=place + 1)
        for following, cell in takewhile(lambda item: item[0] not in present, rest):
            if label(cell) and label(cell) not in self.answers:
                break
            place = following
        return place

    def _fill(self, cells: Iterable[Any], own: dict[int, list[Cell]]) -> Iterator[Any]:
        """Yield the cells of the release with the answers in them, each followed by the student's own."""
        asked: Any = None  # what a labelled cell asked for last
        for place, cell in enumerate([None, *cells], start=-1):
            if cell is not None:
                asked = cell if label(cell) else asked
                yield self._answered(cell, label(cell))
            for mine in own.get(place, []):
                question = self.labelled.get(mine.grade_id, asked)
                yield self._ordinary(mine, keep=question is not None and is_manual(question))

    def _answered(self, cell: Any, grade_id: str) -> Any:
        """Write the student's answer into a cell of the release, if it is a cell for answers."""
        if grade_id in self.answers and grade_id in self.taken:
            answer = self.taken[grade_id]
            cell.source = answer.text()
            pictures = self._attachments(answer, keep=is_manual(cell) and cell.cell_type != "code")
            if pictures:
                cell.attachments = _node({**cell.get("attachments", {}), **pictures})
        elif grade_id in self.elsewhere:  # here its stub would undo the answer
            cell.source = f"# This cell was missing; another one defines {self.elsewhere[grade_id]}."
        return cell

    def _ordinary(self, cell: Cell, *, keep: bool) -> Any:
        """Return a student's own cell: its text, and pictures where a person will grade them."""
        made = NEW[cell.kind](source=cell.text())
        pictures = self._attachments(cell, keep=keep and cell.kind != "code")
        if pictures:
            made.attachments = _node(pictures)
        made.id = ""
        return made

    def _attachments(self, cell: Cell, *, keep: bool) -> dict[str, Any]:
        if not keep and cell.attachments:
            where = f"cell {cell.grade_id}" if cell.grade_id else f"cell {cell.number}"
            self.images.refused.append(f"those of {where} (only manually graded answers may have some)")
            return {}
        return {key: _node(bundle) for key, bundle in self.images.reencode(cell.attachments).items()}

    def _finish(self, cells: list[Any]) -> None:
        """Clear outputs, and give every cell an id: the release's, or one that is the same at every grading."""
        used = {cell.get("id") for cell in cells}
        for number, cell in enumerate(cells):
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
            if not cell.get("id"):
                cell.id = next(i for i in (f"cell-{number}{'x' * n}" for n in range(60)) if i not in used)
        self._note("Attachments left out: {}", self.images.refused)

    def _note(self, sentence: str, items: Iterable[str]) -> None:
        listed = list(dict.fromkeys(items))
        if listed:
            self.notes.append(sentence.format(names(listed)) + ".")
