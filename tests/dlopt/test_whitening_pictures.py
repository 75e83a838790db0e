"""Pictures of problem set 3 show what the student's functions return, and step aside while these are stubs."""

import re

import matplotlib as mpl
import numpy as np
import pytest

from autograder.misconceptions import ps3
from dlopt import whitening_pictures as pictures

mpl.use("agg")

WORKS = {
    "clouds": (ps3.standardize_where, ps3.pca_eigh),
    "digits": (ps3.pca_eigh, ps3.zca_eigh),
    "curvatures": (ps3.hessian_matmul, ps3.standardize_where, ps3.pca_eigh),
    "race": (ps3.gd_with_residuals, ps3.hessian_matmul, ps3.standardize_where, ps3.pca_eigh),
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


def test_the_alternative_texts_tell_what_was_computed(shown):
    for name in ("clouds", "curvatures", "race"):
        getattr(pictures, name)(*WORKS[name])
    cloud, curvature, race = map(alt, shown)
    assert "PCA-whitened, standard deviations 1.00 and 1.00, correlation 0.00" in cloud
    assert "whitened κ = 1" in curvature
    assert "whitened 0.144 after one step and 0.144 after 200" in race


@pytest.mark.parametrize(
    ("name", "functions", "said"),
    [
        ("clouds", (ps3.standardize_where, lambda X: X.T), "returned shape"),
        ("clouds", (ps3.standardize_where, lambda X: X * np.nan), "returned NaN or infinity"),
        ("curvatures", (lambda X: X, ps3.standardize_where, ps3.pca_eigh), "regression_hessian returned shape"),
        ("race", (lambda *a: np.zeros(3), *WORKS["race"][1:]), "regression_gd returned shape"),
    ],
)
def test_what_cannot_be_drawn_gets_a_sentence(name, functions, said, shown):
    with pytest.raises(ValueError, match=said):
        getattr(pictures, name)(*functions)
