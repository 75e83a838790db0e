"""What is given away: dlopt and nothing else, released problem sets and nothing hidden."""

import tomllib
import zipfile
from importlib.metadata import version

import pytest

from book.build import ROOT
from book.package import HIDDEN, PackageError, release_zips, student_files, student_pins, torch_pin, wheel


@pytest.fixture
def release(tmp_path):
    folder = tmp_path / "release" / "ps2_quadratics"
    folder.mkdir(parents=True)
    (folder / "ps2_quadratics.ipynb").write_text('{"cells": []}')
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / ".ipynb_checkpoints" / "ps2_quadratics.ipynb").write_text("old")
    return folder.parent


def test_a_problem_set_becomes_one_zip_without_hidden_files(release, tmp_path):
    [made] = release_zips(release, tmp_path / "out")
    assert made.name == "ps2_quadratics.zip"
    assert zipfile.ZipFile(made).namelist() == ["ps2_quadratics/ps2_quadratics.ipynb"]


def test_the_same_release_makes_the_same_bytes(release, tmp_path):
    [first] = release_zips(release, tmp_path / "a")
    (release / "ps2_quadratics" / "ps2_quadratics.ipynb").touch()
    [second] = release_zips(release, tmp_path / "b")
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("word", HIDDEN)
def test_what_must_stay_hidden_stops_the_build(release, tmp_path, word):
    (release / "ps2_quadratics" / "ps2_quadratics.ipynb").write_text(f'{{"source": "### {word}"}}')
    with pytest.raises(PackageError, match="not fit for release"):
        release_zips(release, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_withdrawn_problem_set_is_no_longer_offered(release, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "ps9_old.zip").write_text("old")
    assert [z.name for z in release_zips(release, tmp_path / "out")] == ["ps2_quadratics.zip"]
    assert not (tmp_path / "out" / "ps9_old.zip").exists()


def test_nothing_released_is_no_error(tmp_path):
    assert release_zips(tmp_path / "missing", tmp_path / "out") == []


def test_the_wheel_holds_dlopt_and_nothing_else(tmp_path):
    names = zipfile.ZipFile(wheel(ROOT, tmp_path)).namelist()
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"dlopt"}
    assert {"dlopt/claims.py", "dlopt/syllabus.yml"} <= set(names)


def test_an_unchanged_wheel_is_not_built_again(tmp_path):
    first = wheel(ROOT, tmp_path)
    made = first.stat().st_mtime_ns
    assert wheel(ROOT, tmp_path).stat().st_mtime_ns == made


def test_a_wheel_that_cannot_be_built_says_why(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[build-system]\nrequires = []\n")
    with pytest.raises(PackageError, match="could not be built"):
        wheel(tmp_path, tmp_path / "out")


def test_a_student_gets_all_it_takes_beside_the_notebook(release, tmp_path):
    built = wheel(ROOT, tmp_path / "w")
    [made] = release_zips(release, tmp_path / "out", student_files(ROOT, built))
    archive = zipfile.ZipFile(made)
    names = {name.removeprefix("ps2_quadratics/") for name in archive.namelist()}
    assert names == {"ps2_quadratics.ipynb", "requirements.txt", "README.txt", built.name}
    first, *pins = archive.read("ps2_quadratics/requirements.txt").decode().split()
    assert first == f"./{built.name}"
    for pin in pins:
        name, _, number = pin.partition("==")
        assert version(name) == number  # what this course is tested with
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert len(pins) == len(needed) + 1
    assert "jupyter lab ps2_quadratics.ipynb" in archive.read("ps2_quadratics/README.txt").decode()


def test_a_set_in_torch_brings_torch_and_the_others_do_not(release, tmp_path):
    other = release / "ps9_mlp_torch"
    other.mkdir()
    (other / "ps9_mlp_torch.ipynb").write_text('{"source": "import torch"}')
    extras = student_files(ROOT, wheel(ROOT, tmp_path / "w"))
    for made in release_zips(release, tmp_path / "out", extras, torch=torch_pin(ROOT)):
        pins = zipfile.ZipFile(made).read(f"{made.stem}/requirements.txt").decode().split()
        assert (f"torch=={version('torch').partition('+')[0]}" in pins) == (made.stem == "ps9_mlp_torch")


def test_a_version_that_nobody_wrote_down_is_missed(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = ["numpy>=2"]\n')
    (tmp_path / "constraints.txt").write_text("jupyterlab==4.6.6\n")
    with pytest.raises(PackageError, match="no version of numpy"):
        student_pins(tmp_path)
