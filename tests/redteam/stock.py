"""What nbgrader as it comes makes of the same submissions: measured, and kept in ``stock.json``.

``python -m tests.redteam stock [NAME…]`` grades attacks with nbgrader's own preprocessors and kernels, on a copy of the
course in a folder that is thrown away, the whole of nbgrader inside bubblewrap: no network, nothing else to write to.
Attacks that could harm the machine or take its time are left out; the register says which.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat

from autograder.course import ROOT
from autograder.jail import bubblewrap
from tests.redteam import course as planted
from tests.redteam.attacks import ATTACKS

__all__ = ["FILE", "measure", "runnable"]

FILE = Path(__file__).with_name("stock.json")
SETTINGS = """
c = get_config()
c.CourseDirectory.source_directory = "../solutions"
c.Execute.timeout = 20
c.Execute.error_on_timeout = {"ename": "Timeout", "evalue": "", "traceback": []}
c.ExecutePreprocessor.shell_timeout_interval = 1
"""


def runnable() -> list[str]:
    """Return the attacks that stock nbgrader is given."""
    return [name for name, attack in ATTACKS.items() if not attack.stock]


def measure(names: list[str]) -> dict[str, str]:
    """Grade these attacks with stock nbgrader; return for each what it came to, in words."""
    root = Path(tempfile.mkdtemp(prefix="stock-")) / "autograder"
    try:
        target = planted.Target(root)
        target.hand_in("aaron", lambda sheet: sheet.honest())
        for name in names:
            target.hand_in(ATTACKS[name].student, ATTACKS[name].submission)
        (root / "nbgrader_config.py").write_text(SETTINGS)
        _autograde(root, [ATTACKS[name].student for name in names])
        return {name: _came_to(target, name) for name in names}
    finally:
        shutil.rmtree(root.parent)


def _autograde(root: Path, students: list[str]) -> None:
    """Run stock ``nbgrader autograde`` in a jail of its own, once for each student: some stop it for all others."""
    program, complaints = bubblewrap.find()
    assert program is not None, complaints
    outside = {"/tmp", "/root", "/home", f"/{ROOT.parts[1]}"} - {"/usr", "/opt"}
    covered = [path for path in sorted(outside) if Path(path).is_dir()]
    hidden = [option for path in covered for option in ("--tmpfs", path)]
    shown = [Path(sys.prefix), Path(sys.base_prefix), ROOT.parent]
    command = [program, "--unshare-all", "--die-with-parent", "--new-session", "--clearenv", "--ro-bind", "/", "/"]
    command += [*hidden, "--dev", "/dev", "--proc", "/proc"]
    for folder in shown:
        for path in dict.fromkeys((folder, folder.resolve())):
            command += ["--ro-bind", str(folder.resolve()), str(path)]
    command += ["--bind", str(root.parent), str(root.parent), "--chdir", str(root)]
    own = {"HOME": "/tmp", "DLOPT_SECRET": planted.SECRET, "PYTHONPATH": str(ROOT.parent), "LANG": "C.UTF-8"}
    own["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    for name, value in own.items():
        command += ["--setenv", name, value]
    each = f'for student; do timeout 120 nbgrader autograde {planted.PS} --force --student="$student"; done'
    subprocess.run([*command, "--", "bash", "-c", each, "-", *students], capture_output=True, timeout=3600, check=False)


def _came_to(target: planted.Target, name: str) -> str:
    student = ATTACKS[name].student
    notebook = target.course.notebook("autograded", planted.PS, student)
    if not notebook.is_file():
        return "no grade: it stops with an error"
    with target.course.gradebook() as gradebook:
        (submitted,) = gradebook.find_submission(planted.PS, student).notebooks
        scores = {g.cell.name.removesuffix("_check"): g.auto_score or 0.0 for g in submitted.grades}
    earned = sum(scores[exercise] for exercise in planted.WORTH)
    text = json.dumps(nbformat.read(notebook, as_version=4), ensure_ascii=False)
    shown = [w for w, s in (("the environment", planted.SECRET), ("the solutions", planted.SOLUTION)) if s in text]
    honest = sum(value or 0.0 for value in ATTACKS[name].earns.values())
    said = f"{earned:g} of {sum(planted.WORTH.values()):g} points"
    return f"**{said}**" * (earned > honest) + said * (earned <= honest) + "".join(f"; shows {w}" for w in shown)


def main(names: list[str]) -> None:
    """Measure some attacks, or all, and keep the result."""
    known = json.loads(FILE.read_text(encoding="utf-8")) if FILE.is_file() else {}
    names = names or runnable()
    for start in range(0, len(names), 5):  # kept as it comes: it takes minutes
        known.update(measure(names[start : start + 5]))
        kept = {name: known[name] for name in runnable() if name in known}
        FILE.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
