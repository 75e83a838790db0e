"""A claim holds or fails in a sentence; what it shows is readable by people and by the build."""

import html
import json
import math
from html.parser import HTMLParser

import numpy as np
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from dlopt import claims, syllabus
from dlopt.claims import Claim, ClaimFailed, check


@pytest.fixture
def shown():
    """Run ``check`` as a notebook cell would, and hand back the one output it displays."""

    def run(*args, **kwargs):
        InteractiveShell.clear_instance()
        InteractiveShell.instance()
        try:
            with capture_output() as captured:
                check(*args, **kwargs)
        finally:
            InteractiveShell.clear_instance()
        [output] = captured.outputs
        return output

    return run


HOLDS = [
    ({"measured": 1.0, "theory": 1.0, "atol": 0}, "="),
    ({"measured": 3, "theory": 3, "atol": 0}, "="),
    ({"measured": 1.0 + 1e-7, "theory": 1.0, "rtol": 1e-6}, "≈"),
    ({"measured": -2.00001, "theory": -2.0, "rtol": 1e-5}, "≈"),
    ({"measured": 1e-13, "theory": 0.0, "atol": 1e-12}, "≈"),
    ({"measured": 1.15, "theory": 1.0, "atol": 0.05, "rtol": 0.1001}, "≈"),
    ({"measured": 1, "theory": 2, "bound": "<"}, "<"),
    ({"measured": 2, "theory": 2, "bound": "<="}, "≤"),
    ({"measured": 3, "theory": 2, "bound": ">"}, ">"),
    ({"measured": 2, "theory": 2, "bound": ">="}, "≥"),
]
FAILS = [
    ({"measured": 1.1, "theory": 1.0, "rtol": 1e-2}, "should be within 0.01 of theory 1; it is off by 0.1."),
    ({"measured": 2, "theory": 1, "atol": 0}, "measured 2 should equal theory 1."),
    ({"measured": 2, "theory": 2, "bound": "<"}, "measured 2 should be < theory 2."),
    ({"measured": 3, "theory": 2, "bound": "<="}, "measured 3 should be ≤ theory 2."),
    ({"measured": -1, "theory": 2, "bound": ">="}, "measured −1 should be ≥ theory 2."),
    ({"measured": math.nan, "theory": 1.0, "rtol": 1.0}, "measured is nan"),
    ({"measured": math.nan, "theory": 1.0, "bound": "<"}, "measured is nan"),
    ({"measured": math.inf, "theory": 1.0, "bound": ">"}, "measured is inf"),
]
NONSENSE = [
    ("Q99", {"measured": 1, "theory": 1, "atol": 0}, ValueError, "no row 'Q99'"),
    ("q3", {"measured": 1, "theory": 1, "atol": 0}, ValueError, "Did you mean 'Q3'?"),
    (3, {"measured": 1, "theory": 1, "atol": 0}, ValueError, "no row 3"),
    ("Q3", {"measured": 1, "theory": 1}, ValueError, r"Give rtol=, atol= or bound="),
    ("Q3", {"measured": 1, "theory": 1, "atol": 0, "bound": "<"}, ValueError, "not both"),
    ("Q3", {"measured": 1, "theory": 1, "bound": "≤"}, ValueError, "bound must be one of"),
    ("Q3", {"measured": 1, "theory": 1, "rtol": -1e-6}, ValueError, "rtol must be finite and ≥ 0"),
    ("Q3", {"measured": 1, "theory": 1, "atol": math.inf}, ValueError, "atol must be finite and ≥ 0"),
    ("Q3", {"measured": 1, "theory": 1, "rtol": "tight"}, TypeError, "rtol must be one real number, got str"),
    ("Q3", {"measured": 1, "theory": math.nan, "atol": 1}, ValueError, "theory must be finite, got nan"),
    ("Q3", {"measured": np.zeros(3), "theory": 0, "atol": 1}, TypeError, r"got ndarray of shape \(3,\)"),
    ("Q3", {"measured": np.zeros(1), "theory": 0, "atol": 1}, TypeError, "measured must be one real number"),
    ("Q3", {"measured": torch.zeros(2), "theory": 0, "atol": 1}, TypeError, r"got Tensor of shape \(2,\)"),
    ("Q3", {"measured": [0.0], "theory": 0, "atol": 1}, TypeError, "got list"),
    ("Q3", {"measured": None, "theory": 0, "atol": 1}, TypeError, "got NoneType"),
    ("Q3", {"measured": 1j, "theory": 0, "atol": 1}, TypeError, "got complex"),
    ("Q3", {"measured": True, "theory": 1, "atol": 0}, TypeError, "must be a number, not True"),
    ("Q3", {"measured": np.bool_(True), "theory": 1, "atol": 0}, TypeError, "must be a number, not True"),
    (
        "Q3",
        {"measured": 1, "theory": 1, "atol": 0, "part": "two\nlines"},
        ValueError,
        "part must be one line",
    ),
    ("Q3", {"measured": 1, "theory": 1, "atol": 0, "part": None}, ValueError, "part must be one line"),
]


@pytest.mark.parametrize(("given", "sign"), HOLDS)
def test_a_claim_that_holds_shows_its_relation(shown, given, sign):
    assert f" {sign} theory" in shown("Q3", **given).data["text/plain"]


@pytest.mark.parametrize(("given", "sentence"), FAILS)
def test_a_claim_that_fails_says_by_how_much(given, sentence):
    with pytest.raises(ClaimFailed) as caught:
        check("Q3", part="rate", **given)
    assert str(caught.value).startswith("Claim Q3 · rate does not hold: ")
    assert sentence in str(caught.value)


def test_a_failing_claim_is_an_assertion_error():
    with pytest.raises(AssertionError):
        check("Q3", measured=1, theory=2, atol=0.5)


@pytest.mark.parametrize(("id", "given", "error", "sentence"), NONSENSE)
def test_a_question_without_sense_is_refused(id, given, error, sentence):
    with pytest.raises(error, match=sentence):
        check(id, **given)


@pytest.mark.parametrize(
    "value",
    [
        0.5,
        np.float64(0.5),
        np.float32(0.5),
        np.array(0.5),
        torch.tensor(0.5),
        torch.tensor(0.5, requires_grad=True),
    ],
    ids=lambda v: type(v).__name__,
)
def test_a_number_of_any_library_is_read_as_a_number(shown, value):
    record = shown("Q3", measured=value, theory=0.5, atol=0).metadata["dlopt_claim"]
    assert type(record["measured"]) is float
    assert record["measured"] == 0.5


def test_the_output_carries_the_record_where_the_build_finds_it(shown):
    output = shown("Q3", measured=0.5, theory=0.5 + 1e-9, rtol=1e-6, atol=1e-8, part="best step")
    assert output.metadata["scrapbook"] == {"name": "claim:Q3:best step", "mime_prefix": ""}
    assert json.loads(json.dumps(output.metadata["dlopt_claim"])) == {
        "id": "Q3",
        "part": "best step",
        "measured": 0.5,
        "theory": 0.5 + 1e-9,
        "relation": "≈",
        "tolerance": pytest.approx(1e-8 + 0.5e-6),
        "passed": True,
    }


def test_a_bound_has_no_tolerance(shown):
    record = shown("Q3", measured=1, theory=2, bound="<").metadata["dlopt_claim"]
    assert (record["relation"], record["tolerance"]) == ("<", None)


def test_outside_ipython_nothing_is_printed(capsys):
    check("Q3", measured=1, theory=1, atol=0)
    assert capsys.readouterr() == ("", "")


class _Words(HTMLParser):
    def __init__(self):
        super().__init__()
        self.words, self.open = [], []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def test_the_badge_says_what_the_plain_text_says():
    claim = Claim("Q3", "a < b & c", measured=0.25, theory=0.3, relation="<=", tolerance=None)
    page = _Words()
    page.feed(claim._repr_html_())
    assert page.open == []
    text = " ".join("".join(page.words).split())
    for word in ("Q3 · a < b & c", "measured 0.25", "≤ theory 0.3"):
        assert word in text
    assert html.escape("a < b & c") in claim._repr_html_()


def test_the_badge_brings_no_colour_that_a_dark_page_would_swallow():
    style = claims.BADGE
    assert "background" not in style
    assert not [rule for rule in style.split(";") if rule.strip().startswith("color")]


@pytest.mark.parametrize(
    ("part", "anchor"),
    [("", "claim-Q3"), ("best step", "claim-Q3-best-step"), ("κ = 1", "claim-Q3-κ-1"), ("≤", "claim-Q3")],
)
def test_a_badge_has_an_address(part, anchor):
    assert Claim("Q3", part, 1.0, 1.0, "≈", 0.0).anchor == anchor


def test_the_syllabus_has_82_rows_with_distinct_ids():
    rows = syllabus.rows()
    assert len({r.id for r in rows}) == len(rows) == 82
    assert [r.chapter for r in rows] == sorted(r.chapter for r in rows)
    assert all(r.topic and r.check for r in rows)


@pytest.mark.parametrize("row", syllabus.rows(), ids=lambda r: r.id)
def test_every_row_can_be_claimed(row):
    check(row.id, measured=1, theory=1, atol=0)
