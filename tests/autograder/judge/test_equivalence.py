"""Honest work is worth what stock nbgrader gives for it, running the same cells, but for three defects of its own."""

import copy

import pytest

from autograder.judge.environment import environment
from autograder.samples import honest

pytestmark = pytest.mark.slow

PS = "ps2_quadratics"
STOCK = """
from nbgrader import converters
from nbgrader.apps import api, autogradeapp
from nbgrader.converters.autograde import Autograde
for module in (converters, api, autogradeapp):
    module.Autograde = Autograde
"""
EXERCISES = ("quadratic", "condition_number", "newton_step")


def of_the_sample_class(sample):
    def case(sheet):
        return sheet.answer(**{name: text for name, text in sample.answers.items() if name in EXERCISES})

    return case


HONEST = {
    **{sample.name: of_the_sample_class(sample) for sample in honest(PS)},
    "all": lambda sheet: sheet.honest(),
    "partly": lambda sheet: sheet.honest("softmax").answer(
        root="def root(x):\n    return x**0.5", digits="def digits():\n    return [3, 1, 4, 2]", words="Because."
    ),
    "wrongly": lambda sheet: sheet.answer(
        softmax="def softmax(x):\n    return x / x.sum()",
        root="def root(x):\n    if x < 0:\n        raise TypeError\n    return 3.0",
        digits="def digits():\n    raise IndexError",
    ),
}


def warns(sheet):
    """Numpy warns of a division in a right answer: a line on stderr."""
    loud = "def softmax(x):\n    np.ones(1) / np.zeros(1)\n    e = np.exp(x - x.max())\n    return e / e.sum()"
    return sheet.honest().answer(softmax=loud)


def counts_with_numpy(sheet):
    """The answer is an array, so that the partial score is a numpy number, whose repr is no number."""
    return sheet.honest().answer(digits="def digits():\n    return np.array([3, 1, 0, 0])")


def copies_a_check(sheet):
    """A check cell is there twice."""
    sheet.honest().cells.append(copy.deepcopy(sheet.cell("quadratic_check")))
    return sheet


DEFECTS = {
    "warns": warns,
    "counts_with_numpy": counts_with_numpy,
    "zed_copies_a_check": copies_a_check,
}  # the last one: stock nbgrader grades nobody after it


@pytest.fixture(scope="module")
def classes(open_classroom, instructors):
    """The same class twice: graded by the judge, and by stock nbgrader."""
    both = []
    for config in ("", STOCK):
        classroom = open_classroom(instructors, **environment())
        with (classroom.course.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
            file.write(config)
        for name, case in {**HONEST, **DEFECTS}.items():
            classroom.hand_in(name, case)
        both.append((classroom, classroom.nbgrader("autograde", PS)))
    return both


def points(classroom, student):
    return classroom.result(student).points


@pytest.mark.parametrize("student", HONEST)
def test_honest_work_scores_the_same(student, classes):
    (ours, _), (stock, _) = classes
    assert points(ours, student) == points(stock, student)
    assert ours.result(student).manual == stock.result(student).manual
    assert ours.result(student).comments == stock.result(student).comments


def test_the_comparison_has_something_to_compare(classes):
    (ours, _), _ = classes
    assert len({tuple(points(ours, student).values()) for student in HONEST}) >= 6


def test_a_warning_costs_nothing_and_with_stock_nbgrader_the_points(classes):
    (ours, _), (stock, _) = classes
    assert points(ours, "warns")["softmax"] == 2
    assert points(stock, "warns")["softmax"] == 0


def test_a_partial_score_may_be_a_numpy_number_and_with_stock_nbgrader_means_full_points(classes):
    (ours, _), (stock, _) = classes
    assert points(ours, "counts_with_numpy")["digits"] == 1
    assert points(stock, "counts_with_numpy")["digits"] == 2


def test_a_copied_check_costs_nothing_and_with_stock_nbgrader_ends_the_grading(classes):
    (ours, done), (stock, failed) = classes
    assert done.returncode == 0
    assert failed.returncode != 0
    assert points(ours, "zed_copies_a_check") == points(ours, "all")
    assert not stock.course.notebook("autograded", PS, "zed_copies_a_check").exists()
