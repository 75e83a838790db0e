"""Cells that were renamed, moved, deleted, copied, split, joined, emptied or turned into something else."""

import copy

from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

from tests.redteam.accidents.register import group, zero

accident = group("Cells out of place")


@accident("more than once and was graded once: quadratic_check")
def duplicated_check(sheet):
    """A check cell was copied and pasted; stock nbgrader aborts the whole class here."""
    sheet.cells.insert(sheet.where("newton_step"), copy.deepcopy(sheet.cell("quadratic_check")))
    return sheet.honest()


@accident("Cell quadratic is there 2 times; the answered copy is graded")
def duplicated_answer(sheet):
    """An answer cell was copied before it was filled in; the copy, further down, stayed empty."""
    sheet.cells.append(copy.deepcopy(sheet.cell("quadratic")))
    return sheet.honest()


@accident("Cell newton_step is there 2 times with different answers")
def older_version_kept(sheet):
    """A copy of the answer cell keeps an older, wrong version above the one that counts."""
    old = copy.deepcopy(sheet.honest().cell("newton_step"))
    old.source = "def newton_step(grad, hess, w):\n    return w - 0.1 * grad"
    sheet.cells.insert(sheet.where("newton_step"), old)
    return sheet


@accident("Missing, and put back: .*quadratic_check")
def deleted_checks(sheet):
    """Check cells and the set-up cell were deleted because they were in the way."""
    for name in ("quadratic_check", "softmax_check", "setup"):
        sheet.cells.remove(sheet.cell(name))
    return sheet.honest()


@accident("Missing, and unanswered therefore: quadratic", lost=zero("quadratic"), kinds={"quadratic": "wrong"})
def deleted_answer(sheet):
    """An answer cell was deleted by mistake."""
    sheet.honest().cells.remove(sheet.cell("quadratic"))
    return sheet


@accident("Missing, .*: newton_step")
def rewritten_below(sheet):
    """An answer cell was deleted and written anew in an ordinary cell in its place."""
    place = sheet.honest().where("newton_step")
    sheet.cells[place] = new_code_cell(sheet.cells[place].source)
    return sheet


@accident("Missing, .*: condition_number")
def joined(sheet):
    """Several cells were joined into one (Shift+M), which kept the label of the first."""
    first, last = sheet.honest().where("quadratic"), sheet.where("condition_number")
    code = [cell for cell in sheet.cells[first : last + 1] if cell.cell_type == "code"]
    code[0].source = "\n\n".join(cell.source for cell in code)
    sheet.cells[first : last + 1] = [code[0]]
    return sheet


@accident("Missing, .*: .*softmax.*")
def all_in_one_cell(sheet):
    """All code cells were joined into the first one, and the rest of the notebook is text."""
    code = [cell for cell in sheet.honest().cells if cell.cell_type == "code"]
    code[1].source = "\n\n".join(cell.source for cell in code if not cell.source.startswith("import unittest"))
    for cell in [code[0], *code[2:]]:
        sheet.cells.remove(cell)
    return sheet


@accident("Cells had been moved")
def moved(sheet):
    """The order of the cells is upside down."""
    sheet.honest().cells.reverse()
    return sheet


@accident("labelled as no cell of this notebook is, and count as the student's own: softmax-copy")
def relabelled(sheet):
    """Somebody looked at the metadata and changed a label."""
    sheet.honest().cell("softmax").metadata["nbgrader"]["grade_id"] = "softmax-copy"
    return sheet


@accident("Cell newton_step is there 2 times with different answers")
def split(sheet):
    """JupyterLab split an answer in two: both halves carry the same label."""
    first = copy.deepcopy(sheet.honest().cell("newton_step"))
    first.source = "def solved(grad, hess):\n    return np.linalg.solve(hess, grad)"
    sheet.cells.insert(sheet.where("newton_step"), first)
    second = sheet.cells[sheet.where("newton_step") + 1]
    second.source = "def newton_step(grad, hess, w):\n    return w - solved(grad, hess)"
    return sheet


@accident("Cell quadratic had been turned into markdown; it is code again")
def converted(sheet):
    """The key M was pressed in an answer cell."""
    place = sheet.honest().where("quadratic")
    cell = sheet.cells[place]
    sheet.cells[place] = new_markdown_cell(cell.source, metadata=cell.metadata, id=cell.id)
    return sheet


@accident("Cell softmax had been turned into raw; it is code again")
def made_raw(sheet):
    """The key R was pressed in an answer cell."""
    place = sheet.honest().where("softmax")
    cell = sheet.cells[place]
    sheet.cells[place] = new_raw_cell(cell.source, metadata=cell.metadata, id=cell.id)
    return sheet


@accident("Cell words had been turned into code; it is markdown again")
def words_as_code(sheet):
    """The answer in words was written into a code cell."""
    place = sheet.honest().where("words")
    cell = sheet.cells[place]
    sheet.cells[place] = new_code_cell("Because the Hessian is constant.", metadata=cell.metadata, id=cell.id)
    return sheet


@accident("Cell condition_number_check had been edited")
def commented_check(sheet):
    """Checks were commented out, or replaced by the student's own attempts, to save time."""
    sheet.cell("quadratic_check").source = "# check.quadratic(quadratic)"
    sheet.cell("condition_number_check").source = "print(condition_number(np.eye(2)))\n1 / 0"
    return sheet.honest()


@accident(
    "Cell root_check had been edited and is as released again; what was written there is left out", lost=zero("root")
)
def answered_in_the_check(sheet):
    """The answer was written into the check cell below the stub."""
    answer = sheet.answers["root"]
    sheet.cell("root_check").source = f"{answer}\n\n{sheet.cell('root_check').source}"
    return sheet.honest(*[name for name in sheet.answers if name != "root"])


@accident()
def answered_below_the_stub(sheet):
    """The stub was left alone, and the answer written into a cell of the student's own below it."""
    sheet.add("softmax", sheet.answers["softmax"])
    return sheet.honest(*[name for name in sheet.answers if name != "softmax"])


@accident("softmax: .*NotImplementedError", lost=zero("softmax"))
def answered_at_the_end(sheet):
    """The answer was written into a cell at the very end, below the check: from top to bottom, it comes too late."""
    sheet.cells.append(new_code_cell(sheet.answers["softmax"]))
    return sheet.honest(*[name for name in sheet.answers if name != "softmax"])


@accident("condition_number: .*the cell that defines it comes only further down", lost=zero("condition_number"))
def answers_exchanged(sheet):
    """Two answers stand in each other's cells: the later one is there in time, the earlier one is not."""
    one, other = sheet.honest().cell("condition_number"), sheet.cell("newton_step")
    one.source, other.source = other.source, one.source
    return sheet


@accident("root: .*root", lost=zero("root"))
def emptied(sheet):
    """The contents of an answer cell were cut and never pasted."""
    sheet.honest().cell("root").source = ""
    return sheet


@accident("quadratic: .*not yet implemented", lost={"quadratic": 0.0})
def left_as_released(sheet):
    """Everything was done but the first exercise."""
    return sheet.honest(*[name for name in sheet.answers if name != "quadratic"])


@accident(
    lost=dict.fromkeys(("quadratic", "condition_number", "newton_step", "softmax", "root", "digits"), 0.0),
    says="not yet implemented",
)
def untouched(sheet):
    """The notebook was handed in as it was handed out."""
    return sheet


@accident()
def notes_everywhere(sheet):
    """Raw cells, empty cells and headings of the student's own stand between all cells."""
    for name in ("setup", "quadratic", "newton_step", "softmax"):
        sheet.add(name, "## my notes\n\n- [ ] to do", new_markdown_cell)
        sheet.add(name, "to do", new_raw_cell)
        sheet.add(name, "")
    return sheet.honest()
