"""The class report says what happened, says it without names, and shows hostile text as text."""

import json
import re

import pytest

from autograder.__main__ import main
from autograder.course import CourseError
from autograder.judge.outcome import CellOutcome
from autograder.report.data import class_report
from autograder.report.page import render
from book import audit

EVIL = "<script>alert('x')</script><img src=x onerror=alert(1)>{{ 7*7 }}</pre></style>"
MISTAKE = ("biased variance", "You divide by N − 1.")
CODE = '''def fold_batchnorm(W, b):
    """by Zebedee Quux"""
    zebedee_scale = 2  # Quux was here
    return W * zebedee_scale, "quux"
'''


@pytest.fixture
def mixed(paper):
    """Five students: one right, two with the same mistake, one out of time, one whose file is no notebook."""
    one, two = paper.checks
    wrong = paper.report(one, "wrong", MISTAKE, clue="It is larger by N/(N − 1).")
    ending = CellOutcome(two, "timeout", 0.0, "It did not finish.")
    paper.hand_in("ada")
    for student in ("zebedee", "yara"):
        about = {"first_name": student.title(), "last_name": "Quux", "email": f"{student}@example.org"}
        paper.hand_in(student, {one: wrong}, about=about, answers={wrong.exercise: CODE})
    paper.hand_in("tom", {two: ending}, notes=[f"Cell {one} had been edited and is as released again."], seconds=9.0)
    paper.hand_in("eve", ungradable="A notebook was expected.")
    return paper


def test_scores_and_pass_rates_are_those_of_the_gradebook(mixed):
    found = class_report(mixed.course, mixed.ps)
    one, two = mixed.checks.values()
    assert found["submissions"] == 5
    assert sorted([one + two, one / 2 + two, one / 2 + two, one]) == found["scores"]["values"]
    first, second = found["exercises"][:2]
    assert (first["full"], first["graded"], first["mean"]) == (2, 4, 0.75 * one)
    assert [(row["passed"], row["of"]) for row in first["properties"]] == [(2, 4), (4, 4)]
    assert first["properties"][0]["clue"] == "It is larger by N/(N − 1)."
    assert second["without_check"] == 1
    assert [(row["passed"], row["of"]) for row in second["properties"]] == [(3, 4), (3, 4)]


def test_misconceptions_are_counted_with_one_example(mixed):
    (found,) = class_report(mixed.course, mixed.ps)["misconceptions"]
    assert (found["name"], found["sentence"], found["count"]) == (*MISTAKE, 2)
    assert len(found["students"]) == 2
    assert found["example"] == "def fold_batchnorm(W, b):\n    ▇_scale = 2\n    return (W * ▇_scale, '▇')"


def test_what_needs_a_person_what_was_slow_and_what_was_edited(mixed):
    found = class_report(mixed.course, mixed.ps, names=True)
    (waiting,) = found["waiting"]
    assert waiting == {"student": "eve", "ungradable": True, "reasons": ["A notebook was expected."], "by_hand": []}
    (slow,) = found["slow"]
    assert (slow["student"], slow["seconds"], slow["usual"]) == ("tom", 9.0, 1.0)
    assert slow["troubles"] == [f"timeout in {list(mixed.checks)[1]}"]
    assert [entry["student"] for entry in found["tampering"]] == ["tom"]
    assert found["mended"] == []


@pytest.mark.parametrize("shape", ["page", "json"])
def test_no_name_leaves_the_gradebook_unless_asked(mixed, shape):
    found = class_report(mixed.course, mixed.ps)
    text = render(found) if shape == "page" else json.dumps(found, ensure_ascii=False)
    assert not {"ada", "tom", "eve", "yara"} & set(re.findall(r"\w+", text.lower()))
    for name in ("quux", "zebedee", "example.org"):
        assert name not in text.lower()
    assert "zebedee" in json.dumps(class_report(mixed.course, mixed.ps, names=True))


def test_a_pseudonym_stays_and_is_of_no_use_without_the_key(mixed):
    first = class_report(mixed.course, mixed.ps)["waiting"][0]["student"]
    assert class_report(mixed.course, mixed.ps)["waiting"][0]["student"] == first
    key = mixed.course.root / ".pseudonyms.key"
    assert key.stat().st_mode & 0o077 == 0
    key.unlink()
    assert class_report(mixed.course, mixed.ps)["waiting"][0]["student"] != first


def test_hostile_text_is_text(paper):
    one, two = paper.checks
    report = paper.report(one, "wrong", ("name " + EVIL, "sentence " + EVIL), clue=EVIL)
    bad = CellOutcome(two, "ungradable", None, EVIL)
    code = {report.exercise: f"def f():\n    return {EVIL!r}\n"}
    paper.hand_in(
        "<b>mallory",
        {one: report, two: bad},
        answers=code,
        notes=[EVIL, "had been edited " + EVIL],
        about={"first_name": EVIL},
    )
    page = render(class_report(paper.course, paper.ps, names=True))
    assert "<script" not in page
    assert "<img" not in page
    assert "<b>" not in page
    assert page.count("</style>") == 1
    assert "&lt;script&gt;" in page
    assert "{{ 7*7 }}" in page
    assert "default-src &#39;none&#39;" in page


def test_copies_stand_out_and_the_release_does_not(paper):
    (name, *_) = [check.removesuffix("_check") for check in paper.checks]
    lines = "\n".join(f"    v{i} = (x + {i}) * y{i} - z[{i}] / w if x > {i} else y{i} ** {i}" for i in range(12))
    copied = f"def {name}(x):\n{lines}\n    return v1\n"
    paper.hand_in("one", answers={name: copied})
    paper.hand_in("two", answers={name: copied.replace("v1", "result") + "# my own work\n"})
    for other in "abcdef":
        paper.hand_in(other)
    (group,) = class_report(paper.course, paper.ps, names=True)["similar"]
    assert group["students"] == ["one", "two"]
    assert group["share"] > 0.7


def test_nothing_graded_is_a_sentence(paper, capsys):
    with pytest.raises(CourseError, match="nothing of ps6_batchnorm has been graded"):
        class_report(paper.course, paper.ps)
    assert main(["report", paper.ps, "--course", str(paper.course.root)]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_the_command_writes_a_page_or_prints_data(mixed, capsys):
    there = ["--course", str(mixed.course.root)]
    assert main(["report", mixed.ps, *there]) == 0
    out, err = capsys.readouterr()
    assert out == f"{mixed.course.root / 'reports' / mixed.ps}.html\n"
    assert err == "1 of 5 still wait for a person\n"
    assert main(["report", mixed.ps, "--json", *there]) == 0
    assert json.loads(capsys.readouterr().out)["submissions"] == 5


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_stands_alone_fits_and_satisfies_axe(mixed, chromium, tmp_path, width, mode):
    file = tmp_path / "report.html"
    file.write_text(render(class_report(mixed.course, mixed.ps)), encoding="utf-8")
    context = chromium.new_context(viewport={"width": width, "height": 844}, color_scheme=mode)
    try:
        page, asked, complaints = context.new_page(), [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert asked == [file.as_uri()]
        assert complaints == []
        assert audit.violations(page) == []
    finally:
        context.close()
