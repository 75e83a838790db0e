"""A student's environment has no torch: the visible checks, the pictures and `ready` must not miss it."""

import os
import subprocess
import sys

import pytest

from autograder.course import Course
from autograder.judge.run import TORCH_SETS
from book.package import student_pins

SETS = [ps for ps in Course().problem_sets() if ps not in TORCH_SETS]

NO_TORCH = """
import importlib.abc, json, pathlib, sys

class Without(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {missing}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Without())
"""
RUN = """
namespace = {}
for cell in json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))["cells"]:
    label = cell["metadata"]["nbgrader"]["grade_id"]
    source = "".join(cell["source"])
    if cell["cell_type"] != "code":
        continue
    if not label.endswith("_check"):
        exec(compile(source, label, "exec"), namespace)
        continue
    report = eval(source, namespace)
    print(label, report.earned, report.points, flush=True)
"""


@pytest.fixture
def without_torch(tmp_path):
    """Run a notebook where neither torch nor the graders' packages can be imported; return earned and points."""
    script = tmp_path / "run.py"
    missing = ("torch", "autograder", "nbgrader", "jupytext", "sqlalchemy")
    script.write_text(NO_TORCH.format(missing=missing) + RUN)

    def run(notebook, ps):
        path = notebook.save(tmp_path, f"{ps}.ipynb")
        command = [sys.executable, "-W", "error", str(script), str(path)]
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "MPLBACKEND": "agg"})
        assert done.returncode == 0, done.stderr
        rows = (line.split() for line in done.stdout.splitlines() if "_check " in line)
        return {label: (float(earned), float(points)) for label, earned, points in rows}

    return run


@pytest.mark.parametrize("ps", SETS)
def test_every_visible_check_and_picture_works_without_torch(solved, without_torch, ps):
    points = without_torch(solved(ps), ps)
    checks = [c for c in solved(ps).cells if c.metadata.nbgrader.grade and c.cell_type == "code"]
    assert points == {c.metadata.nbgrader.grade_id: (c.metadata.nbgrader.points,) * 2 for c in checks}


@pytest.mark.parametrize("ps", SETS)
def test_stubs_say_so_without_torch(blank, without_torch, ps):
    assert all(earned == 0 for earned, _ in without_torch(blank(ps), ps).values())


@pytest.mark.parametrize("ps", sorted(TORCH_SETS))
def test_a_set_in_torch_says_at_once_what_it_needs(solved, tmp_path, ps):
    script = tmp_path / "run.py"
    script.write_text(NO_TORCH.format(missing=("torch", "autograder")) + RUN)
    path = solved(ps).save(tmp_path, f"{ps}.ipynb")
    done = subprocess.run([sys.executable, str(script), str(path)], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1].startswith(
        "ModuleNotFoundError: Problem set 9 is written in torch, which is not installed here: pip install torch"
    )


@pytest.mark.parametrize("ps", sorted(TORCH_SETS))
def test_ready_says_in_one_line_what_a_set_in_torch_needs(blank, tmp_path, ps):
    script = tmp_path / "ready.py"
    run = (
        "import runpy\nsys.argv[:] = ['dlopt', 'ready', sys.argv[1]]\nrunpy.run_module('dlopt', run_name='__main__')\n"
    )
    script.write_text(NO_TORCH.format(missing=("torch",)) + run)
    path = blank(ps).save(tmp_path, f"{ps}.ipynb")
    done = subprocess.run([sys.executable, str(script), str(path)], capture_output=True, text=True)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert "Problem set 9 is written in torch" in done.stdout + done.stderr


def test_what_a_student_installs_brings_what_ready_needs():
    pins = " ".join(student_pins(Course().root.parent))
    assert "jupyterlab==" in pins  # and with it ipykernel and jupyter_client
    assert "torch" not in pins
