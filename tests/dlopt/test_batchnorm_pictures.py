"""Pictures of problem set 6 show what the student's layer returns, and step aside while it is a stub."""

import re

import matplotlib as mpl
import pytest

from autograder.misconceptions import ps6
from dlopt import batchnorm_pictures as pictures

mpl.use("agg")

WORKS = {
    "depth": (ps6.NormPlain,),
    "running": (ps6.NormPlain,),
    "coupling": (ps6.NormPlain,),
    "folding": (ps6.NormPlain, ps6.fold_by_scale_and_shift),
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
def test_a_stub_gives_one_line_and_no_traceback(name, shown, capsys):
    getattr(pictures, name)(*WORKS[name][:-1], stub)
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("This picture draws itself once you have written ")
    assert not shown


@pytest.mark.parametrize("name", WORKS)
def test_nothing_is_drawn_while_grading(name, shown, monkeypatch, capsys):
    monkeypatch.setenv("DLOPT_GRADING", "autograder.grading")
    getattr(pictures, name)(*[stub] * len(WORKS[name]))
    assert capsys.readouterr().out == "Pictures are left out while grading.\n"
    assert not shown


def test_samples_grow_alike_without_the_layer_and_less_so_with_it(shown):
    pictures.depth(ps6.NormPlain)
    without, with_it = map(float, re.findall(r"(\d\.\d+) (?:after|with it)", alt(shown[0])))
    assert without > 0.95
    assert with_it < 0.8


def test_all_pairs_are_coupled_in_training_and_none_in_eval_mode(shown):
    pictures.coupling(ps6.NormPlain)
    assert "in training, 56 of 56 pairs are coupled" in alt(shown[0])
    assert "in eval mode, 0 of 56 pairs are coupled" in alt(shown[0])
    assert all(float(gap) < 1e-8 for gap in re.findall(r"by (\d+e-\d+)", alt(shown[0])))


def test_a_gradient_without_the_statistics_shows(shown):
    pictures.coupling(ps6.NormConstantStatistics)
    assert "in training, 0 of 56 pairs are coupled, off from differences by 4e-01" in alt(shown[0])


def test_a_wrong_fold_shows(shown):
    pictures.folding(ps6.NormPlain, ps6.fold_without_beta)
    assert float(re.search(r"off by (\S+)\.", alt(shown[0]))[1]) > 0.1
