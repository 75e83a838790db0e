"""Pictures of problem set 1 show what the student's losses return, and step aside while these are stubs."""

import builtins
import re

import matplotlib as mpl
import numpy as np
import pytest

from autograder.misconceptions import ps1
from dlopt import loss_pictures as pictures

mpl.use("agg")

WORKS = {
    "saturation": (ps1.softmax_shifted,),
    "prices": (ps1.entropy_of_log_softmax,),
    "digits": (ps1.one_hot_eye, ps1.softmax_shifted, ps1.entropy_of_log_softmax, ps1.entropy_grad_plain),
    "slopes": (
        ps1.softmax_shifted,
        ps1.jacobian_outer,
        ps1.mse_plain,
        ps1.mse_grad_plain,
        ps1.entropy_grad_plain,
    ),
    "spoiler": (ps1.perceptron_plain,),
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


def test_without_scikit_learn_the_digits_say_what_is_missing(shown, monkeypatch, capsys):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name.startswith("sklearn"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    pictures.digits(*WORKS["digits"])
    assert "pip install scikit-learn" in capsys.readouterr().out
    assert not shown


def test_the_soft_target_is_cheapest_at_its_own_log_odds_and_not_free(shown):
    """H(0.9, 0.1) = 0.325 at log 9 = 2.2: the answer to the notebook's question."""
    pictures.prices(*WORKS["prices"])
    assert "for target share 0.9 the lowest, 0.325, is at 2.2" in alt(shown[0])


def test_the_squared_error_is_silent_where_the_cross_entropy_pulls(shown):
    pictures.slopes(*WORKS["slopes"])
    assert "the cross-entropy pulls with -1.000, the squared error with -2.5e-05" in alt(shown[0])


def test_the_perceptron_ends_with_nobody_wrong_in_spite_of_the_spoiler(shown):
    pictures.spoiler(*WORKS["spoiler"])
    assert "0 wrong with max_epochs = 1000" in alt(shown[0])


def test_a_linear_classifier_reads_the_digits(shown):
    pictures.digits(*WORKS["digits"])
    assert float(re.search(r"([\d.]+)% of the test digits", alt(shown[0]))[1]) > 94
    assert alt(shown[0]).startswith(f"The loss falls from {np.log(10):.2f}")
