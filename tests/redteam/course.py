"""The course that is attacked: the judge's small problem set, a few exercises more, and secrets planted to be found.

Whoever finds one of the canaries, and shows it, is caught by `secrets_in`.
"""

import copy
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbformat.v4 import new_code_cell

from autograder.course import ROOT, Course
from autograder.grading import SEEDS
from dlopt.checks import ps1_losses
from tests.autograder.judge.conftest import HIDDEN, POINTS, PS, SECRET, Classroom, Sheet, about, source

MARK = "redteam-mark"  # in the name of whatever an attack leaves behind
WORTH = {
    **POINTS,
    "area": 1,
    "total": 1,
    "cross_entropy": ps1_losses.cross_entropy.points,
    "log_softmax": ps1_losses.log_softmax.points,
}
SOLUTION = "CANARY-SOLUTION-51c7"
OF_A_NEIGHBOUR = "CANARY-NEIGHBOUR-b81e"
OF_THE_GRADEBOOK = "CANARY-GRADEBOOK-0d2f"
OF_THE_HOST = "CANARY-HOST-9a44"
IN_A_HIDDEN_TEST = "CANARY-HIDDEN-6c01"
REFERENCE = "h.max(axis=-1, keepdims=True)"  # of autograder.references.ps1

NOWHERE = (SECRET, SOLUTION, OF_A_NEIGHBOUR, OF_THE_GRADEBOOK, OF_THE_HOST, REFERENCE, *map(str, SEEDS), "root:x:0:0")
"""What must not stand in anything that is shown to a student."""

MORE = {
    "area": (
        "def area(r):\n    ### BEGIN SOLUTION\n    return math.pi * r**2\n    ### END SOLUTION",
        "tolerance = 1e-9\nassert math.isclose(area(2.0), 4 * math.pi, rel_tol=tolerance)",
    ),
    "total": (
        "def total(values):\n    ### BEGIN SOLUTION\n    # " + SOLUTION + "\n"
        "    return sum(values)\n    ### END SOLUTION",
        "assert abs(total([1, 2]) - 3) < tolerance\n"
        f"### BEGIN HIDDEN TESTS\nassert abs(total([0.5, 41]) - 41.5) < tolerance  # {IN_A_HIDDEN_TEST}\n"
        "### END HIDDEN TESTS",
    ),
    "cross_entropy": (
        "def cross_entropy(h, y):\n    ### BEGIN SOLUTION\n"
        "    return float(-np.sum(y * log_softmax(h)) / len(h))\n    ### END SOLUTION",
        "check1.cross_entropy(cross_entropy)",
    ),
    "log_softmax": (
        "def log_softmax(h):\n    ### BEGIN SOLUTION\n    top = h.max(axis=1, keepdims=True)\n"
        "    return h - top - np.log(np.exp(h - top).sum(axis=1, keepdims=True))\n    ### END SOLUTION",
        "check1.log_softmax(log_softmax)",
    ),
}
"""Exercises whose tests need an import without a label, a number of another test, or a lent reference."""

LIMITS = {"call_seconds": 4.0, "cell_seconds": 4.0, "wall_seconds": 40.0, "memory_bytes": 400 << 20, "cpu_seconds": 30}


def instructors() -> Any:
    """Return the instructor's notebook."""
    nb = source()
    nb.cells.append(new_code_cell("import math", id="imports"))
    setup = new_code_cell("from dlopt.checks import ps1_losses as check1", id="setup1")
    setup.metadata.update(about("setup1", locked=True))
    nb.cells.append(setup)
    for name, (solution, test) in MORE.items():
        nb.cells.append(new_code_cell(solution, metadata=about(name, solution=True), id=name))
        locked = about(f"{name}_check", WORTH[name], locked=True)
        nb.cells.append(new_code_cell(test, metadata=locked, id=f"t-{name.replace('_', '-')}"))
    return nb


class Target(Classroom):
    """A classroom with canaries, small limits, and folders that may be anything."""

    def __init__(self, root: Path) -> None:
        self.host = root.parent / "host.txt"
        self.tmp = root.parent / "tmp"
        self.tmp.mkdir(parents=True)
        self.host.write_text(OF_THE_HOST)
        super().__init__(root, instructors(), {"TMPDIR": str(self.tmp), "DLOPT_CANARY": SECRET})
        with (root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
            file.write(f"\nc.Autograde.limits = {LIMITS!r}\n")
        self.answers = {n: t.replace(f"    # {SOLUTION}\n", "") for n, t in self.answers.items()}
        with self.course.gradebook() as gradebook:
            gradebook.add_student("nobody", first_name=OF_THE_GRADEBOOK, email=f"{OF_THE_GRADEBOOK}@example.org")

    def copy(self, root: Path) -> "Target":
        """Return the same course elsewhere, with all that was handed in and graded."""
        shutil.copytree(self.course.root.parent, root.parent, symlinks=True, dirs_exist_ok=True)
        other = copy.copy(self)
        other.course, other.host, other.tmp = Course(root), root.parent / self.host.name, root.parent / self.tmp.name
        other.environment = {**self.environment, "TMPDIR": str(other.tmp)}
        return other

    def hand_in(self, student: str, case: Callable[[Sheet], Any]) -> None:
        """Let a case hand in what it returns; a file may also be a function that makes it at its path."""
        made = case(self.sheet())
        files = made if isinstance(made, dict) else {f"{PS}.ipynb": made}
        folder = self.course.notebook("submitted", PS, student).parent
        folder.parent.mkdir(parents=True, exist_ok=True)
        if callable(files.get("")):  # what is handed in is no folder
            files[""](folder)
            return
        folder.mkdir()
        for name, content in files.items():
            path, data = folder / name, content.text() if isinstance(content, Sheet) else content
            path.parent.mkdir(parents=True, exist_ok=True)
            if callable(data):
                data(path)
            else:
                path.write_bytes(data if isinstance(data, bytes) else data.encode())

    def state(self) -> dict[str, str]:
        """Hash everything of the course and the grader that nobody but the instructor may change."""
        root = self.course.root
        files = [
            root / "nbgrader_config.py",
            self.host,
            *self.course.solutions.rglob("*"),
            *(root / "release").rglob("*"),
        ]
        files += [p for folder in (ROOT, ROOT.parent / "dlopt") for p in folder.rglob("*.py")]
        return {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in files if p.is_file()}


def shown_to_the_student(target: Classroom, student: str) -> str:
    """Return all that grading wrote because of this student's code: outputs, reasons, comments, notes."""
    graded = target.result(student)
    texts = [json.dumps(c.get("outputs"), ensure_ascii=False) for c in graded.notebook.cells]
    texts += [c.source for c in graded.notebook.cells if c.id == "from-the-grader"]
    return "\n".join([*texts, json.dumps(graded.judge, ensure_ascii=False), json.dumps(graded.comments)])


def secrets_in(target: Classroom, student: str) -> list[str]:
    """List the canaries that are shown to a student who should not see them."""
    everything, own = shown_to_the_student(target, student), target.result(student).shown()
    found = [secret for secret in (*NOWHERE, str(target.course.root)) if secret in everything]
    return found + [secret for secret in ("FOUND", HIDDEN, IN_A_HIDDEN_TEST) if secret in own]


def leftovers() -> list[str]:
    """List what attacks have left on this machine: processes, files, sockets, shared memory with their mark."""
    found = [str(p) for top in ("/tmp", "/dev/shm", "/var/tmp", str(Path.home())) for p in Path(top).glob(f"*{MARK}*")]
    for process in Path("/proc").glob("[0-9]*"):
        try:
            texts = [(process / name).read_bytes() for name in ("comm", "cmdline")]
        except OSError:  # it has ended meanwhile
            continue
        if int(process.name) != os.getpid() and any(MARK.encode() in text for text in texts):
            found.append(f"process {process.name}")
    found += [line for line in Path("/proc/net/unix").read_text().splitlines() if MARK in line]
    for kind in ("shm", "sem", "msg"):
        found += [line for line in Path(f"/proc/sysvipc/{kind}").read_text().splitlines() if line.split()[0] == "24301"]
    return found
