"""Submissions come in from folders, zips and exchanges; tricks are refused one by one, and nobody else waits."""

import os
import stat
import struct
import zipfile
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest
import yaml
from nbgrader.coursedir import CourseDirectory

from autograder.__main__ import main
from autograder.course import CourseError
from autograder.intake import collect, load_rules
from autograder.intake.rules import DEFAULT
from autograder.intake.sources import MAX_BYTES

EXAMPLES = [
    (rule["name"], path, student)
    for rule in yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))["rules"]
    for path, student in rule["examples"].items()
]
NOTEBOOK = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


def submitted(paper, student):
    return paper.course.notebook("submitted", paper.ps, student)


def make_zip(path, entries):
    """Write a zip of (name, content) or (ZipInfo, content)."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            with pytest.warns(UserWarning, match="Duplicate") if name in archive.NameToInfo else nullcontext():
                archive.writestr(name, content)
    return path


@pytest.mark.parametrize(("rule", "path", "student"), EXAMPLES)
def test_every_rule_does_what_its_example_says(paper, rule, path, student):
    rules = load_rules(paper.course)
    assert next(r.name for r in rules.rules if r.pattern.fullmatch(path)) == rule
    assert rules.match(path).student == student


def test_a_canvas_zip(paper, tmp_path):
    with paper.course.gradebook() as gradebook:
        gradebook.add_student("ada", first_name="Ada", last_name="Lovelace", lms_user_id="4711")
    names = [
        "lovelaceada_LATE_4711_90_ps6_batchnorm-1.ipynb",
        "bobob_12_91_ps6_batchnorm.ipynb",
        "bobob_12_92_plot.png",
    ]
    outcomes, refused, left = collect(
        paper.course, paper.ps, make_zip(tmp_path / "submissions.zip", [(n, NOTEBOOK) for n in names])
    )
    assert [(o.student, o.what, o.attempt.late, o.attempt.time) for o in outcomes] == [
        ("ada", "new", True, None),
        ("bobob", "new", False, None),
    ]
    assert refused == []
    assert left == ["bobob_12_92_plot.png"]
    assert submitted(paper, "ada").read_bytes() == NOTEBOOK


def test_a_moodle_zip_keeps_times_where_nbgrader_reads_them(paper, tmp_path):
    entry = zipfile.ZipInfo("Zoë Brien_7_assignsubmission_file_/ps6_batchnorm.ipynb", (2026, 11, 28, 9, 30, 8))
    outcomes, refused, _ = collect(paper.course, paper.ps, make_zip(tmp_path / "m.zip", [(entry, NOTEBOOK)]))
    assert refused == []
    folder = submitted(paper, "zoë-brien").parent
    found = CourseDirectory(root=str(paper.course.root)).get_existing_timestamp(str(folder))
    assert found.replace(tzinfo=UTC) == datetime(2026, 11, 28, 9, 30, 8).astimezone(UTC) == outcomes[0].attempt.time


@pytest.mark.filterwarnings("ignore:Object of type <Submitted:sqlalchemy.exc.SAWarning")
def test_a_late_submission_is_late_in_nbgrader_s_eyes(paper, tmp_path):
    due = datetime(2026, 11, 1)
    with paper.course.gradebook() as gradebook:
        gradebook.update_or_create_assignment(paper.ps, duedate=due)
    folder = tmp_path / "in" / "ada"
    folder.mkdir(parents=True)
    (folder / "ps6_batchnorm.ipynb").write_bytes(NOTEBOOK)
    (folder / "timestamp.txt").write_text("2026-11-01 02:00:00.5 +0100")
    collect(paper.course, paper.ps, tmp_path / "in")
    with paper.course.gradebook() as gradebook:
        time = CourseDirectory(root=str(paper.course.root)).get_existing_timestamp(str(submitted(paper, "ada").parent))
        gradebook.add_student("ada")
        submission = gradebook.add_submission(paper.ps, "ada", timestamp=time)
        assert submission.total_seconds_late == 3600.5


def test_the_newest_counts_and_the_older_ones_are_kept(paper, tmp_path):
    source, base = tmp_path / "in", datetime(2026, 11, 1, tzinfo=UTC)
    source.mkdir()
    for hour in (2, 3, 1):
        time = base + timedelta(hours=hour)
        (source / f"ada_{time:%Y-%m-%d-%H-%M-%S}_ps6.ipynb").write_bytes(NOTEBOOK + b"\n" * hour)
    (outcome,), _, _ = collect(paper.course, paper.ps, source)
    assert (outcome.what, outcome.kept) == ("new", 2)
    assert submitted(paper, "ada").read_bytes() == NOTEBOOK + b"\n" * 3
    (again,), _, _ = collect(paper.course, paper.ps, source)
    assert again.what == "unchanged"
    for old in source.iterdir():
        old.unlink()
    time = base + timedelta(hours=4)
    (source / f"ada_{time:%Y-%m-%d-%H-%M-%S}_ps6.ipynb").write_bytes(NOTEBOOK + b"\n" * 4)
    (later,), _, _ = collect(paper.course, paper.ps, source)
    assert (later.what, later.kept) == ("newer", 1)
    kept = sorted((paper.course.root / "attempts" / "ada" / paper.ps).rglob("*.ipynb"))
    assert [path.read_bytes().count(b"\n") for path in kept] == [1, 2, 3]
    assert len(list(submitted(paper, "ada").parent.rglob("*.ipynb"))) == 1


def test_an_older_one_never_replaces_a_newer_one(paper, tmp_path):
    for name, hour in (("first", 5), ("second", 4)):
        source = tmp_path / name
        source.mkdir()
        (source / f"ada_2026-11-01-0{hour}-00-00_ps6.ipynb").write_bytes(NOTEBOOK + b"\n" * hour)
        (outcome,), _, _ = collect(paper.course, paper.ps, source)
    assert outcome.what == "older"
    assert submitted(paper, "ada").read_bytes().count(b"\n") == 5


def test_a_dry_run_writes_nothing(paper, tmp_path, capsys):
    source = make_zip(tmp_path / "s.zip", [("bobob_12_91_ps6.ipynb", NOTEBOOK)])
    before = sorted(paper.course.root.rglob("*"))
    there = ["--course", str(paper.course.root)]
    assert main(["collect", paper.ps, str(source), "--dry-run", *there]) == 0
    out, err = capsys.readouterr()
    assert out == "bobob  new  time unknown\n"
    assert "nothing was written" in err
    assert sorted(paper.course.root.rglob("*")) == before


def link(name):
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


TRICKS = [
    ("leads out of the folder", [("../../eve_1_2_ps6.ipynb", NOTEBOOK)]),
    ("absolute path", [("/tmp/eve_1_2_ps6.ipynb", NOTEBOOK)]),
    ("is an absolute path", [("C:/eve/ps6.ipynb", NOTEBOOK)]),
    ("more than 500 characters", [("1_" * 300 + "ps6.ipynb", NOTEBOOK)]),
    ("backslash", [("..\\..\\eve_1_2_ps6.ipynb", NOTEBOOK)]),
    ("it is a link", [(link("eve_1_2_ps6.ipynb"), "/etc/passwd")]),
    ("zip bomb", [("eve_1_2_ps6.ipynb", b"\0" * (2 << 20))]),
    ("more than 32 MiB", [("eve_1_2_ps6.ipynb", b"\0" * (MAX_BYTES + 1))]),
    ("has the same name", [("eve_1_2_ps6.ipynb", NOTEBOOK), ("eve_1_2_ps6.ipynb", NOTEBOOK + b" ")]),
    ("but for capitals", [("eve_1_2_ps6.ipynb", NOTEBOOK), ("EVE_1_2_ps6.ipynb", NOTEBOOK)]),
    ("or accents", [("zoe\u0308_1_2_ps6.ipynb", NOTEBOOK), ("zo\u00eb_1_2_ps6.ipynb", NOTEBOOK)]),
    ("U+202E", [("eve\u202e_1_2_ps6.ipynb", NOTEBOOK)]),
    ("U+0001", [("eve_1_2_ps6\x01.ipynb", NOTEBOOK)]),
    ("cannot be a student's id", [("con_1_2_ps6.ipynb", NOTEBOOK)]),
    ("cannot be a student's id", [("aux.txt/ps6.ipynb", NOTEBOOK)]),
    ("several people would be", [("eve_1_2_ps6.ipynb", NOTEBOOK), ("eve_9_3_ps6.ipynb", NOTEBOOK)]),
    ("no rule of intake.yml", [(".ipynb", NOTEBOOK)]),
]


@pytest.mark.parametrize(("said", "entries"), TRICKS)
def test_a_trick_is_refused_with_a_sentence_and_nobody_else_waits(paper, tmp_path, said, entries):
    honest = ("bobob_12_91_ps6.ipynb", NOTEBOOK)
    outside = sorted(path for path in tmp_path.rglob("*") if paper.course.root not in path.parents)
    source = make_zip(tmp_path / "s.zip", [*entries, honest])
    outcomes, refused, _ = collect(paper.course, paper.ps, source)
    assert [outcome.student for outcome in outcomes] == ["bobob"]
    assert refused
    assert all(said in reason for _, reason in refused)
    assert sorted(path.name for path in (paper.course.root / "submitted").iterdir()) == ["bobob"]
    now = sorted(path for path in tmp_path.rglob("*") if paper.course.root not in path.parents)
    assert now == sorted([*outside, source])


@pytest.mark.parametrize("damage", ["encrypted", "crc", "method", "lies about its size"])
def test_a_damaged_entry_is_refused_alone(paper, tmp_path, damage):
    source = make_zip(tmp_path / "s.zip", [("eve_1_2_ps6.ipynb", NOTEBOOK * 9), ("bobob_12_91_ps6.ipynb", NOTEBOOK)])
    data = bytearray(source.read_bytes())
    central = data.index(b"PK\x01\x02")
    if damage == "encrypted":
        data[6] |= 1
        data[central + 8] |= 1
    elif damage == "crc":
        data[central + 16] ^= 0xFF
    elif damage == "method":
        data[central + 10 : central + 12] = struct.pack("<H", 99)
    else:
        data[central + 24 : central + 28] = struct.pack("<I", 7)
    source.write_bytes(data)
    outcomes, refused, _ = collect(paper.course, paper.ps, source)
    assert [outcome.student for outcome in outcomes] == ["bobob"]
    assert [name for name, _ in refused] == ["eve_1_2_ps6.ipynb"]


def test_what_is_no_zip_is_one_sentence(paper, tmp_path, capsys):
    (tmp_path / "s.zip").write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(CourseError, match="no zip that can be read"):
        collect(paper.course, paper.ps, tmp_path / "s.zip")
    assert main(["collect", paper.ps, str(tmp_path / "nothing"), "--course", str(paper.course.root)]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_links_in_a_folder_are_not_followed(paper, tmp_path):
    source = tmp_path / "in"
    (source / "ada").mkdir(parents=True)
    (source / "ada" / "ps6_batchnorm.ipynb").write_bytes(NOTEBOOK)
    (source / "eve.ipynb").symlink_to("/etc/passwd")
    (source / "mallory").symlink_to(paper.course.root, target_is_directory=True)
    os.mkfifo(source / "pipe.ipynb")
    outcomes, refused, _ = collect(paper.course, paper.ps, source)
    assert [outcome.student for outcome in outcomes] == ["ada"]
    assert {name: reason for name, reason in refused} == {
        "eve.ipynb": "it is a link",
        "mallory": "it is a link",
        "pipe.ipynb": "it is no ordinary file",
    }


def test_nothing_is_written_through_a_link_in_the_course(paper, tmp_path):
    (paper.course.root / "submitted").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (paper.course.root / "submitted" / "bobob").symlink_to(tmp_path / "elsewhere")
    source = make_zip(tmp_path / "s.zip", [("bobob_12_91_ps6.ipynb", NOTEBOOK)])
    outcomes, ((_, reason),), _ = collect(paper.course, paper.ps, source)
    assert outcomes == []
    assert "is a link" in reason
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_course_s_own_rules_replace_the_bundled_ones(paper, tmp_path):
    rules = {
        "rules": [{"name": "mine", "pattern": r"hand_in-(?P<n>\d+)\.ipynb", "student": "s{n}"}],
        "aliases": {"s7": "ada"},
    }
    (paper.course.root / "intake.yml").write_text(yaml.safe_dump(rules))
    source = make_zip(tmp_path / "s.zip", [("hand_in-7.ipynb", NOTEBOOK), ("hand_in-8.ipynb", NOTEBOOK)])
    outcomes, _, _ = collect(paper.course, paper.ps, source)
    assert [outcome.student for outcome in outcomes] == ["ada", "s8"]
    (paper.course.root / "intake.yml").write_text("rules: [{name: x, pattern: '(', student: y}]")
    with pytest.raises(CourseError, match=r"intake\.yml: "):
        load_rules(paper.course)


def test_nbgrader_s_exchange(paper, tmp_path):
    inbound = tmp_path / "exchange" / "dlo" / "inbound"
    config = paper.course.root / "nbgrader_config.py"
    config.write_text(
        config.read_text() + f'\nc.Exchange.root = "{tmp_path / "exchange"}"\nc.CourseDirectory.course_id = "dlo"\n'
    )
    there = ["--course", str(paper.course.root)]
    for hour in (1, 2):
        folder = inbound / f"ada+{paper.ps}+2026-11-01 0{hour}:00:00.000000 UTC+x{hour}"
        folder.mkdir(parents=True)
        (folder / f"{paper.ps}.ipynb").write_bytes(NOTEBOOK + b"\n" * hour)
        (folder / "timestamp.txt").write_text(f"2026-11-01 0{hour}:00:00.000000 UTC")
        assert main(["collect", paper.ps, "exchange", "--dry-run", *there]) == 0
        assert submitted(paper, "ada").exists() == (hour == 2)
        assert main(["collect", paper.ps, "exchange", *there]) == 0
    assert submitted(paper, "ada").read_bytes().count(b"\n") == 2
    (kept,) = (paper.course.root / "attempts" / "ada").rglob("*.ipynb")
    assert kept.read_bytes().count(b"\n") == 1
