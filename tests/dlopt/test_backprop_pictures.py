"""Pictures of problem set 8 show what the student's blocks return, and step aside while these are stubs."""

import re

import matplotlib as mpl
import numpy as np
import pytest

from autograder.misconceptions import ps8
from autograder.references.ps8 import MLP, Linear, ReLU, Sigmoid, SoftmaxCrossEntropy, Tanh
from dlopt import backprop_pictures as pictures

mpl.use("agg")

differences = ps8.differences_by_index
WORKS = {
    "loss": (differences, SoftmaxCrossEntropy),
    "linear": (differences, SoftmaxCrossEntropy, Linear),
    "activations": (differences, SoftmaxCrossEntropy, ReLU, Tanh, Sigmoid),
    "network": (differences, SoftmaxCrossEntropy, MLP),
    "step_sizes": (differences, SoftmaxCrossEntropy, MLP),
    "training": (ps8.train_by_permutation, MLP),
}


def stub(*args):
    raise NotImplementedError


@pytest.fixture
def shown(monkeypatch):
    """What was displayed, as HTML."""
    html: list[str] = []
    monkeypatch.setattr("IPython.display.display", lambda element: html.append(element.data))
    monkeypatch.delenv("DLOPT_GRADING", raising=False)
    with mpl.rc_context():
        yield html


def alt(html):
    return re.search(r'alt="([^"]+)"', html)[1]


def test_every_picture_is_tested():
    assert set(WORKS) == set(pictures.__all__)


@pytest.mark.parametrize("name", WORKS)
def test_a_picture_is_an_image_with_its_alternative_text(name, shown):
    getattr(pictures, name)(*WORKS[name])
    (html,) = shown
    assert 'src="data:image/svg+xml;base64,' in html
    assert len(alt(html)) > 60


@pytest.mark.parametrize("name", WORKS)
@pytest.mark.parametrize("missing", [0, -1, None], ids=["first", "last", "all"])
def test_a_stub_gives_one_line_and_no_traceback(name, missing, shown, capsys):
    functions = [stub] * len(WORKS[name]) if missing is None else list(WORKS[name])
    functions[missing or 0] = stub
    getattr(pictures, name)(*functions)
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("This picture draws itself once you have written ")
    assert not shown


@pytest.mark.parametrize("name", WORKS)
def test_nothing_is_drawn_while_grading(name, shown, monkeypatch, capsys):
    monkeypatch.setenv("DLOPT_GRADING", "autograder.grading")
    getattr(pictures, name)(*[stub] * len(WORKS[name]))
    assert capsys.readouterr().out == "Pictures are left out while grading.\n"
    assert not shown


@pytest.mark.parametrize(
    ("name", "wrong", "off"),
    [
        ("loss", (differences, ps8.EntropyGradientOfTheSum), ["∂L/∂h off by 3e+00"]),
        ("linear", (differences, SoftmaxCrossEntropy, ps8.LinearMeanBias), ["grad_b off by 8e-01"]),
        ("network", (differences, SoftmaxCrossEntropy, ps8.NetWithOneActivation), None),
    ],
)
def test_a_wrong_gradient_shows(name, wrong, off, shown):
    if off is None:  # the shared activation remembers a batch of another width
        with pytest.raises(ValueError, match="broadcast"):
            getattr(pictures, name)(*wrong)
        return
    getattr(pictures, name)(*wrong)
    assert all(sentence in alt(shown[0]) for sentence in off)


def test_the_error_of_central_differences_is_smallest_near_the_cube_root_of_epsilon():
    """Syllabus row H3, on the reference: slopes +2 and −1 about a minimum near ε^(1/3)."""

    def error(h):
        mine, theirs = pictures._network(differences, SoftmaxCrossEntropy, MLP, h)
        return pictures._gap(np.concatenate([g.ravel() for g in mine]), np.concatenate([g.ravel() for g in theirs]))

    steps = np.logspace(-8, -2, 13)
    errors = np.array([error(h) for h in steps])
    assert 1e-6 < steps[np.argmin(errors)] < 1e-4
    assert np.polyfit(np.log(steps[-5:]), np.log(errors[-5:]), 1)[0] == pytest.approx(2, abs=0.1)
    assert np.polyfit(np.log(steps[:5]), np.log(errors[:5]), 1)[0] == pytest.approx(-1, abs=0.35)
