"""Accidents of honest students: each is mended, or costs its own exercise and no other, or waits for a person."""

import copy
import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

PS = "ps2_quadratics"
POINTS = {"quadratic": 3, "condition_number": 2, "newton_step": 2, "softmax": 2, "root": 1, "digits": 2}
QUICK, SLOW, LOST = {}, {}, {}


def accident(lost=None, kinds=None, notes=(), shown="", cases=QUICK):
    """Enter an accident that leaves all points but those in `lost`, with notes and outputs that match."""

    def enter(case):
        assert case.__doc__
        cases[case.__name__] = (
            case,
            {**POINTS, **(lost or {})},
            kinds or {},
            [notes] if isinstance(notes, str) else notes,
            shown,
        )
        return case

    return enter


def ungradable(sentence):
    """Enter an accident after which a person has to look, for a reason that matches."""

    def enter(case):
        assert case.__doc__
        LOST[case.__name__] = (case, sentence)
        return case

    return enter


# ------------------------------------------------------------------------------------- cells out of place


@accident(notes="more than once and was graded once: quadratic_check")
def duplicated_check(sheet):
    """A check cell was copied and pasted; stock nbgrader aborts the whole class here."""
    twin = copy.deepcopy(sheet.cell("quadratic_check"))
    sheet.cells.insert(sheet.where("newton_step"), twin)
    return sheet.honest()


@accident(notes="Cell quadratic is there 2 times; the answered copy is graded")
def duplicated_answer(sheet):
    """An answer cell was copied before it was filled in; the copy, further down, stayed empty."""
    sheet.cells.append(copy.deepcopy(sheet.cell("quadratic")))
    return sheet.honest()


@accident(notes="Missing, and put back: .*quadratic_check")
def deleted_checks(sheet):
    """Check cells were deleted because their tables were in the way."""
    for name in ("quadratic_check", "softmax_check", "setup"):
        sheet.cells.remove(sheet.cell(name))
    return sheet.honest()


@accident(lost={"quadratic": 0}, kinds={"quadratic": "wrong"}, notes="Missing, and unanswered therefore: quadratic")
def deleted_answer(sheet):
    """An answer cell was deleted by mistake."""
    sheet.honest().cells.remove(sheet.cell("quadratic"))
    return sheet


@accident(notes="Cells had been moved")
def moved(sheet):
    """The order of the cells is upside down."""
    sheet.honest().cells.reverse()
    return sheet


@accident(notes="Cell newton_step is there 2 times with different answers")
def split(sheet):
    """JupyterLab split an answer in two: both halves carry the same label."""
    first = copy.deepcopy(sheet.honest().cell("newton_step"))
    first.source = "def solved(grad, hess):\n    return np.linalg.solve(hess, grad)"
    sheet.cells.insert(sheet.where("newton_step"), first)
    second = sheet.cells[sheet.where("newton_step") + 1]
    second.source = "def newton_step(grad, hess, w):\n    return w - solved(grad, hess)"
    return sheet


@accident(notes="Cell quadratic had been turned into markdown; it is code again")
def converted(sheet):
    """The key M was pressed in an answer cell."""
    place = sheet.honest().where("quadratic")
    cell = sheet.cells[place]
    sheet.cells[place] = new_markdown_cell(cell.source, metadata=cell.metadata, id=cell.id)
    return sheet


@accident(notes="Cell condition_number_check had been edited")
def commented_check(sheet):
    """Checks were commented out, or replaced by the student's own attempts, to save time."""
    sheet.cell("quadratic_check").source = "# check.quadratic(quadratic)"
    sheet.cell("condition_number_check").source = "print(condition_number(np.eye(2)))\n1 / 0"
    return sheet.honest()


@accident(notes="had lost nbgrader's label and were recognised by their cell id")
def labels_lost(sheet):
    """A tool threw the metadata of all cells away."""
    for cell in sheet.honest().cells:
        cell.metadata = {}
    return sheet


# ------------------------------------------------------------------------------------------- files and formats


@accident(notes=r"ps2_quadratics \(1\)\.ipynb was taken for it")
def downloaded_twice(sheet):
    """The browser called the second download "(1)"."""
    return {f"{PS} (1).ipynb": sheet.honest()}


@accident(notes="The notebook should be called ps2_quadratics.ipynb")
def renamed(sheet):
    """The notebook has the student's name instead of its own; other files lie beside it."""
    return {"Marta, Lösung FINAL.ipynb": sheet.honest(), "notes.txt": "to do", "data.csv": "1,2"}


@accident()
def utf16(sheet):
    """An editor saved the notebook in UTF-16."""
    return sheet.honest().text().encode("utf-16")


@accident()
def byte_order_mark(sheet):
    """An editor put a byte order mark in front, and ends lines as Windows does."""
    return b"\xef\xbb\xbf" + sheet.honest().text().replace("\n", "\r\n").encode()


@accident(notes="read as format 3 and upgraded")
def old_format(sheet):
    """An old program saved the notebook in format 3."""
    old = nbformat.convert(nbformat.from_dict(sheet.honest().nb), 3)
    return nbformat.v3.writes_json(old)


@accident()
def wrong_kernel(sheet):
    """The notebook says it is written in Julia, in an environment that exists nowhere else."""
    sheet.nb.metadata["kernelspec"] = {"name": "julia-1.9", "display_name": "Julia", "language": "julia"}
    sheet.nb.metadata["language_info"] = {"name": "julia"}
    return sheet.honest()


@ungradable("The notebook breaks off after")
def truncated(sheet):
    """The upload was interrupted."""
    text = sheet.honest().text()
    return text[: len(text) // 2]


@ungradable("the marks of an unfinished git merge")
def merge_markers(sheet):
    """Two people edited the notebook, and git was left alone with it."""
    lines = sheet.honest().text().split("\n")
    lines[30:30] = ["<<<<<<< HEAD", *lines[20:30], "======="]
    return "\n".join([*lines[:60], ">>>>>>> feature", *lines[60:]])


@ungradable("The file is empty")
def empty_file(sheet):
    """The disk was full."""
    return b""


@ungradable("was expected, and the folder holds notes.txt|the folder holds no notebook but notes.txt")
def no_notebook(sheet):
    """The folder holds everything but the notebook."""
    return {"notes.txt": "It was here a minute ago."}


@ungradable("the folder holds nothing")
def nothing_at_all(sheet):
    """The folder is empty."""
    return {}


@ungradable("several notebooks could be it")
def several(sheet):
    """Two notebooks, and no telling which is meant."""
    return {f"{PS}_old.ipynb": sheet.text(), f"{PS}_new.ipynb": sheet.honest().text()}


@ungradable("a zip archive")
def zipped(sheet):
    """A zip archive with the ending of a notebook."""
    return b"PK\x03\x04" + bytes(200)


@ungradable("it is another notebook")
def another_notebook(sheet):
    """Last week's notebook."""
    sheet.cells[:] = [new_markdown_cell("# Problem set 1"), new_code_cell("def mean(x):\n    return sum(x) / len(x)")]
    return sheet


# ----------------------------------------------------------------------------------------- code that goes wrong


@accident(lost={"quadratic": 0}, kinds={"quadratic": "timeout"})
def endless_loop(sheet):
    """A while loop whose condition never changes."""
    return sheet.honest().answer(quadratic="def quadratic(A, b, w):\n    while len(b):\n        pass")


@accident(lost={"softmax": 0}, kinds={"softmax": "crashed"}, notes="the session ended once")
def segfault(sheet):
    """C code called with an address that is none."""
    return sheet.honest().answer(softmax="import ctypes\ndef softmax(x):\n    return ctypes.string_at(0)")


@accident(lost={"newton_step": 0}, kinds={"newton_step": "error"})
def recursion(sheet):
    """A function that calls itself."""
    return sheet.honest().answer(newton_step="def newton_step(grad, hess, w):\n    return newton_step(grad, hess, w)")


@accident(lost={"root": 0}, kinds={"root": "crashed"})
def deep_recursion(sheet):
    """A function that calls itself, after the limit on that was lifted: the stack runs into its end."""
    return sheet.honest().answer(
        root="""
        import sys
        def root(x):
            sys.setrecursionlimit(10**9)
            return sorted([x], key=root)[0]
        """
    )


@accident(lost={"digits": 0}, kinds={"digits": "memory"})
def too_much_memory(sheet):
    """A list that grows until there is no memory left."""
    return sheet.honest().answer(
        digits="""
        def digits():
            found = []
            while True:
                found.append(bytearray(10**7))
        """
    )


@accident(lost={"quadratic": 0}, kinds={"quadratic": "wrong"})
def not_a_number(sheet):
    """A division by zero somewhere makes everything NaN."""
    return sheet.honest().answer(
        quadratic="def quadratic(A, b, w):\n    return float('nan'), np.full(len(b), np.nan)", words="NaN, NaN, NaN"
    )


@accident(lost={"condition_number": 0}, kinds={"condition_number": "error"}, shown="SyntaxError")
def syntax_error(sheet):
    """A bracket is missing."""
    return sheet.honest().answer(condition_number="def condition_number(A):\n    return (np.linalg.cond(A)")


@accident(lost={"condition_number": 0}, kinds={"condition_number": "error"}, shown="condition_nuber")
def misspelt(sheet):
    """The name of a function is not that of the contract."""
    wrong = sheet.answers["condition_number"].replace("condition_number", "condition_nuber")
    return sheet.honest().answer(condition_number=f"{wrong}\ncondition_nuber(np.eye(2))\n1 / 0 # condition_nuber")


@accident(lost={"softmax": 0}, kinds={"softmax": "error"})
def asks_the_user(sheet):
    """input() waits for somebody who is not there."""
    return (
        sheet.honest()
        .answer(softmax="def softmax(x):\n    return float(input('x? ')) * x")
        .add("title", "name = input('Your name: ')")
    )


@accident()
def leaves_in_a_cell(sheet):
    """exit(), quit() and sys.exit() in cells of the student's own, to stop "Run all"."""
    return sheet.honest().add("quadratic", "exit()").add("softmax", "import sys\nsys.exit()").add("root", "quit()")


@accident(notes="the session ended once and was begun again")
def ends_the_process(sheet):
    """os._exit in a cell: what came before it is run again, what comes after is graded as well."""
    return sheet.honest().add("newton_step", "import os\nos._exit(3)")


@accident()
def noise(sheet):
    """Warnings, progress bars and megabytes of print in every call; stock nbgrader gives 0 for a line on stderr."""
    loud = """
        import sys, warnings
        def loud(function):
            def louder(*args):
                warnings.warn("careful")
                np.log(np.zeros(1))
                for i in range(50):
                    print(f"\\r{i} % " + "█" * i, file=sys.stderr, end="", flush=True)
                print("x" * 10_000)
                return function(*args)
            return louder
    """
    wrapped = {name: f"{text}\n{name} = loud({name})" for name, text in sheet.answers.items()}
    return sheet.answer(**wrapped).add("setup", loud)


@accident(shown="… output cut|more characters")
def huge_output(sheet):
    """A hundred million lines, with colours."""
    return sheet.honest().add(
        "quadratic", "print('\\x1b[31mred\\x1b[0m' * 10_000_000)\nfor i in range(10**5): print(i)"
    )


@accident(shown="image/png")
def figures(sheet):
    """Plots, interactive ones too, left open by the hundred."""
    return sheet.honest().add(
        "quadratic",
        """
        import matplotlib.pyplot as plt
        plt.ion()
        for k in range(3):
            plt.figure()
            plt.plot([1, 2, k])
            plt.show()
        plt.switch_backend('TkAgg') if False else None
        """,
    )


@accident()
def magics(sheet):
    """IPython's own commands."""
    return (
        sheet.honest()
        .add(
            "setup",
            "%matplotlib inline\n%config InlineBackend.figure_format = 'retina'\n%load_ext autoreload\n%time 1 + 1",
        )
        .add("quadratic", "!ls /\n%timeit -n1 -r1 1 + 1\nfiles = !ls\n%who\nquadratic?")
        .add("root", "%%bash\necho hello")
        .add("softmax", "%%time\nx = 1\n%no_such_magic")
    )


@accident()
def errors_on_the_way(sheet):
    """Attempts that fail, missing files and modules, in cells of the student's own."""
    return (
        sheet.honest()
        .add("setup", "import pandas_of_a_better_world")
        .add("quadratic", "open('/Users/marta/Desktop/data.csv')")
        .add("softmax", "softmax('not', 'like', 'this')\nundefined + 1")
        .add("root", "assert root(4.0) == 3.0, 'no!'\n")
    )


@accident()
def strange_text(sheet):
    """Characters that no one can see, half a character, a million blanks."""
    cell = sheet.honest().add("quadratic", "# \u202e\ufeff\u200b naïve 🦆\nπ = 3.14").cell("words")
    cell.source = "Übung \ud800 " + " " * 10**6
    return re.sub("\ud800", r"\\ud800", sheet.text())


# --------------------------------------------------------------------------------------------- what takes long


@accident(
    lost={"quadratic": 0, "softmax": 0},
    kinds={"quadratic": "timeout", "softmax": "timeout"},
    cases=SLOW,
)
def endless_in_c(sheet):
    """Loops in compiled code, which Python's signals do not interrupt."""
    return sheet.honest().answer(
        quadratic="import itertools\ndef quadratic(A, b, w):\n    return sum(itertools.repeat(0)), b",
        softmax="import re\ndef softmax(x):\n    return re.match('(a*)*b', 'a' * 40)",
    )


@accident(lost={"quadratic": 0}, kinds={"quadratic": "error", "softmax": "pass"}, cases=SLOW)
def endless_cell(sheet):
    """A loop beside the function: the cell itself never ends."""
    return sheet.honest().answer(quadratic="while True:\n    pass\ndef quadratic(A, b, w):\n    return 0.0, b")


@accident(lost={"newton_step": 0}, kinds={"newton_step": "error"}, notes="the session ended once", cases=SLOW)
def endless_cell_in_c(sheet):
    """A cell that never ends and does not listen either."""
    return sheet.honest().answer(newton_step="import itertools\nsum(itertools.repeat(0))")


@accident(lost={"digits": 0}, kinds={"digits": "timeout"}, cases=SLOW)
def swallows_the_alarm(sheet):
    """``except:`` around everything in an endless loop."""
    return sheet.honest().answer(
        digits="""
        def digits():
            while True:
                try:
                    while True: pass
                except: continue
        """
    )


# ------------------------------------------------------------------------------------------------ the tests

NEIGHBOURS = {
    "adam": lambda sheet: sheet.honest(),
    "naomi": lambda sheet: sheet.honest("quadratic", "softmax"),
    "yuri": lambda sheet: sheet.honest(),
}


def graded_class(classroom, cases):
    """Grade some cases and the neighbours with one call of nbgrader."""
    everybody = {**{name: case for name, (case, *_) in cases.items()}, **NEIGHBOURS}
    for name, case in everybody.items():
        classroom.hand_in(name, case)
    classroom.autograde()
    return classroom.results(everybody)


@pytest.fixture(scope="module")
def graded(open_classroom, instructors):
    return graded_class(open_classroom(instructors), {**QUICK, **LOST})


@pytest.fixture(scope="module")
def slowly(open_classroom, instructors):
    return graded_class(open_classroom(instructors), SLOW)


def as_documented(case, result):
    _, points, kinds, notes, shown = case
    assert {exercise: result.points[exercise] for exercise in POINTS} == {k: float(v) for k, v in points.items()}
    assert result.judge["ungradable"] == ""
    assert {exercise: result.kinds[exercise] for exercise in kinds} == kinds
    right = {exercise for exercise in POINTS if points[exercise] == POINTS[exercise]}
    assert {exercise for exercise, kind in result.kinds.items() if kind == "pass"} == right
    for note in notes:
        assert any(re.search(note, said) for said in result.judge["notes"]), result.judge["notes"]
    assert re.search(shown, result.shown())


@pytest.mark.parametrize("name", QUICK)
def test_an_accident_costs_its_own_exercise_at_most(name, graded):
    as_documented(QUICK[name], graded[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_what_never_ends_costs_its_own_exercise_at_most(name, slowly):
    as_documented(SLOW[name], slowly[name])


@pytest.mark.parametrize("name", LOST)
def test_what_cannot_be_read_waits_for_a_person(name, graded):
    result = graded[name]
    assert re.search(LOST[name][1], result.judge["ungradable"])
    assert set(result.points.values()) == {None}
    assert result.manual == {*POINTS, "words"}
    assert all(comment.startswith("Not graded: ") for comment in result.comments.values())
    assert "could not be graded" in result.notebook.cells[0].source


def test_the_rest_of_the_class_goes_on(graded):
    for name in ("adam", "yuri"):
        assert {exercise: graded[name].points[exercise] for exercise in POINTS} == POINTS
        assert graded[name].judge["notes"] == []
    assert graded["naomi"].points == {**dict.fromkeys(POINTS, 0.0), "quadratic": 3, "softmax": 2, "words": 0}


@pytest.mark.slow
def test_the_rest_of_the_class_goes_on_after_long_waits(slowly):
    for name in ("adam", "yuri"):
        assert {exercise: slowly[name].points[exercise] for exercise in POINTS} == POINTS
