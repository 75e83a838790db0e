"""What is left for later is there when it is asked for, and means the same."""

from __future__ import annotations

import subprocess
import sys

import nbformat
import numpy as np
import pytest
from nbgrader import utils

from autograder.jail import bundle
from dlopt.datasets import digits


def alone(code: str) -> str:
    """Run code in a process of its own; return what it prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_reading_notebooks_builds_no_grammar_of_addresses():
    code = "import autograder, nbformat, sys; print({'lark', 'rfc3987_syntax.syntax_helpers'} & {*sys.modules})"
    assert alone(code) == "set()"


@pytest.mark.parametrize(("address", "good"), [("http://a.example/ü", "True"), ("no address", "False")])
def test_whoever_asks_for_an_address_gets_the_real_answer(address, good):
    code = (
        "import autograder\nfrom jsonschema import Draft202012Validator as V\n"
        f"print(V({{'format': 'iri'}}, format_checker=V.FORMAT_CHECKER).is_valid({address!r}))"
    )
    assert alone(code) == good


def test_a_worker_imports_neither_nbgrader_nor_scikit_learn(tmp_path):
    bundle._save_digits(tmp_path / "digits.npz")  # the first worker of a clone does need scikit-learn for that
    code = "import autograder.engine.preloaded, sys; print({'nbgrader', 'sklearn', 'sqlalchemy'} & {*sys.modules})"
    assert alone(code) == "set()"


def test_the_command_line_waits_for_no_package_of_the_graders():
    code = "import autograder.__main__, sys; print({'nbgrader', 'numpy', 'jsonschema', 'nbformat'} & {*sys.modules})"
    assert alone(code) == "set()"


def test_nbgraders_rules_are_the_same_without_the_rest_of_nbgrader():
    meta = {"nbgrader": {"grade_id": "q", "grade": True, "solution": True, "locked": False, "points": 2}}
    cell = nbformat.v4.new_code_cell("x = 1", metadata=meta)
    code = (
        "import sys, nbformat\nfrom autograder.patience import nbgrader_utils\n"
        f"cell = nbformat.v4.new_code_cell('x = 1', metadata={meta!r})\n"
        "print(nbgrader_utils().compute_checksum(cell), 'nbgrader' in sys.modules)"
    )
    assert alone(code) == f"{utils.compute_checksum(cell)} False"


@pytest.mark.parametrize("kept", ["kept", "a file/where no folder can be"])
def test_the_jail_has_the_digits_that_everybody_trains_on(tmp_path, monkeypatch, kept):
    (tmp_path / "a file").touch()
    monkeypatch.setattr(bundle, "KEPT", tmp_path / kept)
    for made in ("anew.npz", "from what was kept.npz"):
        bundle._save_digits(tmp_path / made)
        with np.load(tmp_path / made, allow_pickle=False) as found:
            np.testing.assert_array_equal(found["x_train"], digits().x_train)
            np.testing.assert_array_equal(found["y_train"], digits().y_train)
            assert set(found) == {"x_train", "y_train"}
