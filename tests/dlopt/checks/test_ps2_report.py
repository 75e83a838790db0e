"""What a student reads under a check cell of problem set 2."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from dlopt.checks import ps2_quadratics as check


def untouched(*args):
    raise NotImplementedError


@pytest.mark.parametrize("thing", [3.0, None, np.eye(2), "quadratic"])
def test_a_value_instead_of_the_function_gets_a_sentence(thing):
    report = check.quadratic(thing)
    assert report.earned == 0
    assert "expects your function quadratic itself" in repr(report)


def writes_into_its_input(A, b, w):
    b -= A @ w
    return float(-0.5 * w @ (b - 0) - 0.5 * w @ (b + A @ w)), -b


def test_writing_into_an_argument_names_the_argument_and_costs_that_line_alone():
    report = check.quadratic(writes_into_its_input)
    failed = [row for row in report.rows if row.status != "pass"]
    assert [row.name for row in failed] == ["inputs_unchanged"]
    assert "writes into its argument b" in failed[0].message


def test_writing_into_a_read_only_argument_is_explained():
    def needs_to_write(A, b, w):
        w += 0.0
        gradient = A @ w - b
        return float(0.5 * w @ A @ w - b @ w), gradient

    row = check.quadratic(needs_to_write).rows[-1]
    assert row.status == "error"
    assert "read-only" in row.hint


def test_shape_and_value_are_judged_apart():
    report = check.quadratic(lambda A, b, w: [np.array(0.5 * w @ A @ w - b @ w), (A @ w - b)[:, None]])
    assert [row.status for row in report.rows] == ["wrong", "pass", "pass", "pass"]


@pytest.mark.parametrize(
    ("factor", "said"),
    [
        (-1, "Of the step from row 0 to row 1: every sign is flipped."),
        (0.5, "Of the step from row 0 to row 1: it is too small by a factor of 2."),
        (3, "The step from row 0 to row 1 goes in the right direction, 3 times as far as it should."),
    ],
)
def test_a_first_step_of_another_length_is_told_so(factor, said):
    def descend(A, b, w0, lr, num_steps):
        path = [w0]
        for _ in range(num_steps):
            path.append(path[-1] - factor * lr * (A @ path[-1] - b))
        return np.array(path)

    (row,) = [row for row in check.gradient_descent(descend).rows if row.name == "first_step"]
    assert row.clue.startswith(said)


def test_an_endless_loop_costs_little_time_and_says_so(monkeypatch):
    monkeypatch.setattr(check.newton_step, "limit", 0.05)

    def endless(grad, hess, w):
        while True:
            w = w + 0

    assert {row.status for row in check.newton_step(endless).rows[:-1]} == {"timeout"}


class Text(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)


def test_what_students_write_is_escaped():
    def evil(H):
        print("<img src=x onerror=alert(1)>")
        raise ValueError("<script>alert(1)</script>")

    html = check.classify_critical_point(evil).to_html()
    parser = Text()
    parser.feed(html)
    assert not {"script", "img"} & set(parser.tags)


def test_the_table_is_a_table_for_those_who_hear_it():
    html = check.quadratic(lambda A, b, w: (0.0, A @ w - b)).to_html()
    assert html.count('scope="row"') == 4
    assert html.count('scope="col"') == 4
    assert "<caption" in html
    assert re.search("✓ right.*✗ not yet", html, re.DOTALL)


def test_in_a_kernel_the_plain_text_is_the_points_for_nbgrader(monkeypatch):
    report = check.newton_step(lambda g, H, w: w - np.linalg.solve(H, g))
    monkeypatch.setattr("dlopt.checks.report._in_kernel", lambda: True)
    assert float(report._repr_mimebundle_()["text/plain"]) == report.points == 2


def test_in_a_terminal_the_plain_text_is_the_table(monkeypatch):
    monkeypatch.setattr("IPython.core.getipython.get_ipython", object)  # an IPython without a kernel
    report = check.newton_step(lambda g, H, w: w - np.linalg.solve(H, g))
    assert "all right" in report._repr_mimebundle_()["text/plain"]


def test_the_report_is_plain_data():
    data = check.newton_step(untouched).to_dict()
    assert data["exercise"] == "newton_step"
    assert data["earned"] == 0
    assert [row["status"] for row in data["rows"]] == ["missing"] * 4
