"""What nbgrader as it comes makes of the same submissions: measured, and kept in ``stock.json``.

``python -m tests.redteam stock [NAME…]`` grades attacks with nbgrader's own preprocessors and kernels, each on a copy of
the course that is thrown away, the whole of nbgrader inside bubblewrap: no network, nothing else to write to, nothing
that outlives it. Attacks that could harm the machine or take its time are left out; the register says which. What has
been measured is kept as it comes, so it may be stopped at any moment, and goes on with what is left.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from autograder.course import ROOT
from autograder.jail import bubblewrap
from tests.redteam import course as planted
from tests.redteam.attacks import ATTACKS

__all__ = ["FILE", "measure", "runnable"]

FILE = Path(__file__).with_name("stock.json")
CELL_SECONDS, SECONDS = 5, 240
MEMORY = 6 << 20  # KiB of address space for each process: a kernel that takes all would be the machine's end
SETTINGS = f"""
c = get_config()
c.CourseDirectory.source_directory = "../solutions"
c.Execute.timeout = {CELL_SECONDS}
c.Execute.error_on_timeout = {{"ename": "Timeout", "evalue": "", "traceback": []}}
c.ExecutePreprocessor.shell_timeout_interval = 1
"""
HONEST = "aaron"
DESERVED = sum(planted.WORTH.values()) - planted.WORTH["cross_entropy"]  # it builds on what a later cell defines


def runnable() -> list[str]:
    """Return the attacks that stock nbgrader is given."""
    return [name for name, attack in ATTACKS.items() if not attack.stock]


def measure(names: list[str]) -> Iterator[tuple[str, str]]:
    """Grade these attacks with stock nbgrader; yield the name of each and what it came to, in words.

    Raises
    ------
    RuntimeError
        When an honest submission does not get its points: then the numbers of the others would mean nothing.
    """
    folder = Path(tempfile.mkdtemp(prefix="stock-"))
    try:
        first = planted.Target(folder / "first" / "autograder")
        first.hand_in(HONEST, lambda sheet: sheet.honest())
        (first.course.root / "nbgrader_config.py").write_text(SETTINGS)
        done, points = _autograde(first.course.root, HONEST), _points(first, HONEST)
        if not done or points != DESERVED:
            raise RuntimeError(f"stock nbgrader gives an honest submission {points:g} points")
        for name in names:
            target = first.copy(folder / name / "autograder")
            target.hand_in(ATTACKS[name].student, ATTACKS[name].submission)
            done = _autograde(target.course.root, ATTACKS[name].student)
            yield name, _came_to(target, name) if done else f"no grade: not done after {SECONDS // 60} minutes"
            shutil.rmtree(folder / name)
    finally:
        shutil.rmtree(folder)


def _autograde(root: Path, student: str) -> bool:
    """Run stock ``nbgrader autograde`` in a jail of its own; tell whether it came to an end."""
    grade = f'ulimit -v {MEMORY}; exec nbgrader autograde {planted.PS} --student="$1"'
    command = [*_jail(root), "--", "bash", "-c", grade, "-", student]
    try:
        subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return False
    return True


def _jail(root: Path) -> list[str]:
    """Return the words of bubblewrap's command line: it shows the programs and this clone, and lends the course."""
    program, complaints = bubblewrap.find()
    assert program is not None, complaints
    outside = {"/tmp", "/root", "/home", f"/{ROOT.parts[1]}"} - {"/usr", "/opt"}
    covered = [path for path in sorted(outside) if Path(path).is_dir()]
    hidden = [option for path in covered for option in ("--tmpfs", path)]
    shown = [Path(sys.prefix), Path(sys.base_prefix), ROOT.parent]
    command = [str(program), "--unshare-all", "--die-with-parent", "--new-session", "--clearenv", "--ro-bind", "/", "/"]
    command += [*hidden, "--dev", "/dev", "--proc", "/proc"]
    for folder in shown:
        for path in dict.fromkeys((folder, folder.resolve())):
            command += ["--ro-bind", str(folder.resolve()), str(path)]
    command += ["--bind", str(root.parent), str(root.parent), "--chdir", str(root)]
    own = {"HOME": "/tmp", "DLOPT_SECRET": planted.SECRET, "PYTHONPATH": str(ROOT.parent), "LANG": "C.UTF-8"}
    own["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    for name, value in own.items():
        command += ["--setenv", name, value]
    return command


def _points(target: planted.Target, student: str) -> float:
    """Return what the gradebook gives."""
    with target.course.gradebook() as gradebook:
        (submitted,) = gradebook.find_submission(planted.PS, student).notebooks
        scores = {g.cell.name.removesuffix("_check"): g.auto_score or 0.0 for g in submitted.grades}
    return sum(scores[exercise] for exercise in planted.WORTH)


def _came_to(target: planted.Target, name: str) -> str:
    student = ATTACKS[name].student
    notebook = target.course.notebook("autograded", planted.PS, student)
    if not notebook.is_file():
        return "no grade: it stops with an error"
    earned = _points(target, student)
    text = target.result(student).shown()
    secrets = {"the environment": planted.SECRET, "the solutions": planted.SOLUTION}
    shown = [f"shows {what}" for what, secret in secrets.items() if secret in text]
    shown += ["finds what it looks for"] * ("FOUND" in text)
    honest = sum(value or 0.0 for value in ATTACKS[name].earns.values())
    said = f"{earned:g} of {sum(planted.WORTH.values()):g} points"
    return f"**{said}**" * (earned > honest) + said * (earned <= honest) + "".join(f"; {what}" for what in shown)


def main(names: list[str]) -> None:
    """Measure some attacks, or those that have not been, and keep each result as it comes."""
    known = json.loads(FILE.read_text(encoding="utf-8")) if FILE.is_file() else {}
    for name, result in measure(names or [name for name in runnable() if name not in known]):
        known[name] = result
        kept = {name: known[name] for name in runnable() if name in known}
        FILE.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
