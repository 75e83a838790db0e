"""The sample class: documented outcomes, ordinary notebooks, nobody's work overwritten."""

import json

import pytest

from autograder.course import Course, CourseError
from autograder.samples import Sample, load, notebook, submit
from dlopt.checks import ps2_quadratics as check

PS = "ps2_quadratics"
CLASS = load(PS)


def test_twelve_students_from_perfect_to_a_broken_file():
    assert len(CLASS) == 12
    total = sum(getattr(check, name).points for name in check.__all__)
    scores = {sample.name: sample.score for sample in CLASS}
    assert list(scores.values()).count(total) == 2
    assert scores["farah"] == scores["goran"] == 0
    assert 0.4 * total < scores["chloe"] < 0.7 * total
    notes = {sample.note for sample in CLASS}
    assert {"nothing filled in", "syntax error in cell gradient_descent"} <= notes
    assert sum(note.startswith("UNGRADABLE") for note in notes) == 1


@pytest.mark.parametrize("sample", [s for s in CLASS if "cut" not in s.damage], ids=lambda sample: sample.name)
def test_only_the_answers_differ_from_the_release(sample, released):
    before = json.loads(released.read_text(encoding="utf-8"))
    after = json.loads(notebook(sample, released))
    cells = after["cells"][: len(before["cells"])]
    changed = [
        new["metadata"]["nbgrader"]["grade_id"]
        for old, new in zip(before["cells"], cells, strict=True)
        if "".join(old["source"]) != "".join(new["source"])
    ]
    assert changed == list(sample.answers)
    more = [cell["metadata"]["nbgrader"]["grade_id"] for cell in after["cells"][len(cells) :]]
    assert more == [grade_id for what, grade_id in sample.damage.items() if what == "copied"]


def test_a_cut_file_ends_where_its_page_says(released):
    (cut,) = [sample for sample in CLASS if "cut" in sample.damage]
    text = notebook(cut, released)
    assert len(text.encode()) == cut.damage["cut"]
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)


def test_handing_in_again_changes_nothing_and_leaves_real_work_alone(course, released, tmp_path):
    other = Course(tmp_path / "autograder")
    target = other.notebook("release", PS)
    target.parent.mkdir(parents=True)
    target.write_bytes(released.read_bytes())
    real = other.notebook("submitted", PS, "aino")
    real.parent.mkdir(parents=True)
    real.write_text("what the real Aino wrote")
    assert submit(other, PS) == ["aino"]
    assert other.students("submitted", PS) == [sample.name for sample in CLASS]
    files = list((other.root / "submitted").rglob("*.ipynb"))
    times = {file: file.stat().st_mtime_ns for file in files}
    assert len(times) == len(CLASS)
    assert submit(other, PS) == ["aino"]
    assert real.read_text() == "what the real Aino wrote"
    assert {file: file.stat().st_mtime_ns for file in files} == times


def test_an_answer_to_no_exercise_is_refused(released):
    with pytest.raises(CourseError, match="ada answers 'newton', which is no solution cell of ps2_quadratics"):
        notebook(Sample("ada", {}, "", {"newton": "pass"}), released)


def test_a_set_without_a_sample_class_says_so():
    with pytest.raises(CourseError, match="ps99_nothing has no sample class"):
        load("ps99_nothing")
