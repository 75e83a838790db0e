"""A fingerprint changes exactly when a build may come out differently."""

import shutil

import pytest

from book.build import fingerprints
from book.digest import digest


@pytest.fixture
def root(tmp_path):
    files = {
        "_config.yml": "title: t",
        "_toc.yml": "root: index",
        "index.md": "# I",
        "course.yml": "sets:",
        "autograder/effort.yml": "scale:",
        "autograder/grade.py": "z = 1",
        "solutions/ps2/ps2.ipynb": "{}",
        "chapters/02_quadratics.md": "# Q",
        "dlopt/claims.py": "x = 1",
        "dlopt/syllabus.yml": "- id: Q1",
        "dlopt/checks/ps2.py": "y = 1",
        "book/assets/course.css": "a {}",
        "_build/downloads/dlopt.whl": "w",
    }
    for name, text in files.items():
        path = tmp_path / "repo" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "repo"


CHANGES = [
    ("dlopt/claims.py", {"code"}),
    ("dlopt/syllabus.yml", {"code"}),
    ("dlopt/live/new.js", {"code"}),
    ("dlopt/checks/ps2.py", set()),
    ("dlopt/__pycache__/claims.pyc", set()),
    ("chapters/.ipynb_checkpoints/a.md", set()),
    ("book/assets/course.css", {"house"}),
    ("_config.yml", {"house"}),
    ("course.yml", {"pages"}),
    ("autograder/effort.yml", {"pages"}),
    ("autograder/grade.py", set()),
    ("solutions/ps2/ps2.ipynb", {"pages"}),
    ("_toc.yml", {"house"}),
    ("chapters/02_quadratics.md", {"pages"}),
    ("chapters/references.bib", {"pages"}),
    ("index.md", {"pages"}),
    ("_build/downloads/dlopt.whl", {"pages"}),
    ("README.md", set()),
]


@pytest.mark.parametrize(("name", "expected"), CHANGES)
def test_a_change_is_noticed_where_it_matters(root, name, expected):
    before = fingerprints(root)
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("changed")
    after = fingerprints(root)
    assert {key for key in before if before[key] != after[key]} == expected


def test_a_removed_file_is_noticed(root):
    before = fingerprints(root)
    (root / "dlopt" / "syllabus.yml").unlink()
    assert fingerprints(root)["code"] != before["code"]


def test_a_renamed_file_is_noticed(root):
    before = digest([root / "chapters"], root)
    (root / "chapters/02_quadratics.md").rename(root / "chapters/03_quadratics.md")
    assert digest([root / "chapters"], root) != before


def test_a_copy_elsewhere_has_the_same_fingerprint(root, tmp_path):
    copy = shutil.copytree(root, tmp_path / "elsewhere")
    assert fingerprints(copy) == fingerprints(root)
