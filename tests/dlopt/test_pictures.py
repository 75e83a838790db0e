"""Pictures show what the student's functions return, and step aside while these are stubs."""

import re

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from dlopt import pictures

mpl.use("agg")


def stub(*args):
    raise NotImplementedError


def steepest(A, b, w0, lr, num_steps):
    """Gradient descent by powers of the iteration matrix."""
    step = np.eye(len(w0)) - lr * A
    return np.array([np.linalg.matrix_power(step, k) @ w0 for k in range(num_steps + 1)])  # b = 0 in every picture


def bowl(A, b, w):
    return float(w @ A @ w) / 2, A @ w


def lines(A, b, w0, num_steps):
    path = [w0]
    for _ in range(num_steps):
        g = A @ path[-1]
        path.append(path[-1] - (g @ g) / (g @ A @ g) * g)
    return np.array(path)


def rate(A, lr):
    return max(abs(1 - lr * np.diag(A)))


def best(A):
    return 2 / (np.diag(A).min() + np.diag(A).max())


def kappa(A):
    return np.diag(A).max() / np.diag(A).min()


def turned(A, b, w):
    eigenvalues, Q = np.linalg.eigh(A)
    return eigenvalues, Q.T @ w


def newton(grad, hess, w):
    return w - np.linalg.solve(hess, grad)


def kind(H):
    signs = set(np.sign(np.linalg.eigvalsh(H)))
    return "saddle" if len(signs) == 2 else "minimum" if signs == {1.0} else "maximum"


WORKS = {
    "trajectory": (steepest, bowl),
    "learning_rates": (rate, best, kappa, steepest),
    "eigenbasis": (steepest, turned),
    "zigzag": (lines, bowl),
    "newton_map": (newton, kind),
}


@pytest.fixture
def shown(monkeypatch):
    """What was displayed, as HTML."""
    html: list[str] = []
    monkeypatch.setattr("IPython.display.display", lambda element: html.append(element.data))
    monkeypatch.delenv("DLOPT_GRADING", raising=False)
    with mpl.rc_context():
        yield html


def test_every_picture_is_tested():
    assert set(WORKS) == set(pictures.__all__)


@pytest.mark.parametrize("name", WORKS)
def test_a_picture_is_an_image_with_its_alternative_text(name, shown):
    plt.close("all")  # what other tests left open
    getattr(pictures, name)(*WORKS[name])
    (html,) = shown
    assert 'src="data:image/svg+xml;base64,' in html
    assert len(re.search(r'alt="([^"]+)"', html)[1]) > 60
    assert not plt.get_fignums()


@pytest.mark.parametrize("name", WORKS)
@pytest.mark.parametrize("missing", [0, -1, None], ids=["first", "last", "all"])
def test_a_stub_gives_one_line_and_no_traceback(name, missing, shown, capsys):
    functions = [stub] * len(WORKS[name]) if missing is None else list(WORKS[name])
    functions[missing or 0] = stub
    getattr(pictures, name)(*functions)
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("This picture draws itself once you have written ")
    assert not shown


def test_any_other_error_is_the_student_s_to_see(shown):
    def broken(*args):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        pictures.zigzag(broken, bowl)


def test_a_path_of_the_wrong_shape_gets_a_sentence(shown):
    with pytest.raises(ValueError, match=r"returned shape \(12, 2\); 12 steps in 2 dimensions need \(13, 2\)"):
        pictures.zigzag(lambda *args: lines(*args)[1:], bowl)


def test_nothing_is_drawn_while_grading(shown, monkeypatch, capsys):
    monkeypatch.setenv("DLOPT_GRADING", "autograder.grading")
    pictures.zigzag(stub, stub)
    assert capsys.readouterr().out == "Pictures are left out while grading.\n"
    assert not shown


def test_a_newton_step_that_flies_away_ends_nowhere(shown):
    pictures.newton_map(lambda grad, hess, w: w + 10 * np.linalg.solve(hess, grad), kind)
    assert "nowhere" in shown[0]


@pytest.mark.parametrize("w", [(0.3, -0.7), (3.0, 2.0), (-5.0, 4.0)])
def test_the_hessian_of_himmelblau_s_function_is_autograd_s(w):
    def f(v):
        return (v[0] ** 2 + v[1] - 11) ** 2 + (v[0] + v[1] ** 2 - 7) ** 2

    point = torch.tensor(w, dtype=torch.float64)
    gradient, hessian = pictures._himmelblau(np.array(w))
    np.testing.assert_allclose(gradient, torch.autograd.functional.jacobian(f, point), atol=1e-12)
    np.testing.assert_allclose(hessian, torch.autograd.functional.hessian(f, point), rtol=1e-14)


def test_newton_s_method_finds_all_nine_critical_points_of_the_picture():
    grid = np.linspace(-6, 6, 56)
    ends = [pictures._settle(newton, np.array([x, y])) for y in grid for x in grid]
    found = {tuple(np.round(end, 4)) for end in ends if end is not None}
    kinds = [kind(pictures._himmelblau(np.array(point))[1]) for point in found]
    assert {name: kinds.count(name) for name in ("minimum", "saddle", "maximum")} == {
        "minimum": 4,
        "saddle": 4,
        "maximum": 1,
    }
