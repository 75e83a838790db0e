"""The teaching plan: made of data, complete, and what the page shows is what the data say."""

import re

import pytest

from autograder import effort as module
from autograder.__main__ import main
from autograder.course import ROOT, Course, CourseError
from autograder.effort import effort, scale
from autograder.teaching import PAGE, chapters, manual, plan, sets_of
from dlopt import syllabus

SETS = Course().problem_sets()
PAGE_TEXT = PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("ps", SETS)
def test_every_exercise_of_a_set_has_its_time_and_difficulty(ps):
    for one in effort(Course(), ps):
        assert isinstance(one.minutes, int)
        assert 2 <= one.minutes <= 60
        assert one.difficulty in scale()
        assert one.points > 0


@pytest.mark.parametrize("ps", SETS)
def test_a_set_takes_one_to_two_hours(ps):
    assert 60 <= sum(one.minutes for one in effort(Course(), ps)) <= 120


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        (
            {"BatchNorm": [60, 5], "in_words": [10, 3]},
            "no time and difficulty for fold_batchnorm of ps6_batchnorm; add",
        ),
        ({}, "no time and difficulty for BatchNorm, fold_batchnorm, in_words of ps6_batchnorm; add a line each"),
        (
            {name: [9, 1] for name in ("BatchNorm", "fold_batchnorm", "in_words", "fold")},
            "names fold, which ps6_batchnorm",
        ),
    ],
)
def test_an_estimate_that_is_missing_or_about_nothing_is_named(entries, sentence, monkeypatch):
    monkeypatch.setattr(module, "_entries", lambda: {"ps6_batchnorm": entries})
    with pytest.raises(CourseError, match=sentence):
        effort(Course(), "ps6_batchnorm")


def test_every_chapter_has_its_place_its_objectives_and_what_it_needs():
    there = sorted(path.stem for path in (ROOT.parent / "chapters").glob("0*.md"))
    assert [chapter.name for chapter in chapters()] == there
    assert [week for chapter in chapters() for week in chapter.weeks] == list(range(1, chapters()[-1].weeks[-1] + 1))
    for number, chapter in enumerate(chapters()):
        assert chapter.title.startswith(f"{number + 1} · ")
        assert len(chapter.objectives) >= 3
        assert chapter.needs
        before = [one.name for one in chapters()[:number]]
        assert all(need in before for need in chapter.needs if re.match(r"\d\d_", need))


def test_every_topic_and_every_set_has_one_place():
    assert [row for chapter in chapters() for row in chapter.rows] == list(syllabus.rows())
    assert sorted(ps for sets in sets_of(Course()).values() for ps in sets) == sorted(SETS)


@pytest.mark.parametrize("ps", SETS)
def test_a_set_belongs_to_a_chapter_that_it_links_to(ps):
    (chapter,) = [name for name, sets in sets_of(Course()).items() if ps in sets]
    assert f"(book:chapters/{chapter})" in (ROOT.parent / "solutions" / ps / f"{ps}.ipynb").read_text(encoding="utf-8")


def test_the_page_is_what_the_command_writes():
    assert PAGE_TEXT == plan(Course()), "write it anew: python -m autograder teaching --write"


def test_the_command_prints_it(capsys):
    assert main(["teaching"]) == 0
    assert capsys.readouterr().out == PAGE_TEXT


@pytest.mark.parametrize("ps", SETS)
def test_the_page_adds_up(ps):
    """Points and minutes of a set are those of its exercises, read off the page as an instructor would."""
    (line,) = re.findall(rf"^\| \[{ps}\]\(#([^)]+)\) \| (\d+) \| ([\d.]+) \| ([\d.]+) \| (\d+) \|", PAGE_TEXT, re.M)
    anchor, exercises, points, by_hand, minutes = line
    sections = re.split(r"^### ", PAGE_TEXT, flags=re.M)
    (section,) = [
        text for text in sections if re.sub(r"[^\w\- ]", "", text.splitlines()[0].lower()).replace(" ", "-") == anchor
    ]
    rows = re.findall(r"^\| `\w+`( \(by hand\))? \| ([\d.]+) \| (\d+) \| \d \|$", section, re.M)
    assert len(rows) == int(exercises)
    assert sum(float(row[1]) for row in rows) == float(points)
    assert sum(float(row[1]) for row in rows if row[0]) == float(by_hand)
    assert sum(int(row[2]) for row in rows) == int(minutes)
    assert "in_words" in manual(Course(), ps)


def test_every_anchor_of_the_page_is_one_of_its_headings():
    headings = {
        re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in re.findall(r"^#+ (.+)$", PAGE_TEXT, re.M)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE_TEXT)) <= headings
