"""How long grading takes: the judge beside stock ``nbgrader autograde``, on the same class in the same run.

    python benchmarks/grading.py [--set ps8_backprop] [--copies 4] [--without train]

Both grade the honest part of a sample class (each student ``--copies`` times) in fresh course roots, one after the
other, and their scores must agree. Wall-clock and CPU seconds include every child process.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from autograder.course import ROOT, Course
from autograder.judge.client import environment
from autograder.release import release
from autograder.samples import honest, notebook

STOCK = """
from nbgrader import converters
from nbgrader.apps import api, autogradeapp
from nbgrader.converters.autograde import Autograde
for module in (converters, api, autogradeapp):
    module.Autograde = Autograde
c.Execute.timeout = 120
"""


def new_course(folder: Path, ps: str, copies: int, without: list[str]) -> Course:
    """Make a course root in an empty folder, with the release and everybody's submission in place."""
    course = Course(folder / "autograder")
    course.root.mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", course.root)
    shutil.copytree(ROOT.parent / "solutions", course.solutions)
    source = course.solutions / ps / f"{ps}.ipynb"
    nb = json.loads(source.read_text(encoding="utf-8"))
    dropped = {*without, *(f"{name}_check" for name in without)}
    nb["cells"] = [c for c in nb["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") not in dropped]
    source.write_text(json.dumps(nb), encoding="utf-8")
    released = release(course, ps)
    for sample in honest(ps):
        if "timeout" in sample.note:  # stock nbgrader loses such a submission: nothing to compare
            continue
        answers = {name: answer for name, answer in sample.answers.items() if name not in dropped}
        for copy in range(copies):
            target = course.notebook("submitted", ps, f"{sample.name}-{copy}")
            target.parent.mkdir(parents=True)
            target.write_text(notebook(replace(sample, answers=answers), released), encoding="utf-8")
    return course


def timed(command: list[str], course: Course, env: dict[str, str]) -> tuple[float, float]:
    """Run a command in the course root; return wall-clock and CPU seconds, children included."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, cwd=course.root, env={**os.environ, **env}, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def scores(course: Course, ps: str) -> dict[str, float]:
    with course.gradebook() as gradebook:
        return {entry.student.id: entry.score for entry in gradebook.assignment_submissions(ps)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--set", default="ps2_quadratics", help="problem set (default: %(default)s)")
    parser.add_argument("--copies", type=int, default=1, help="submissions per student of the sample class")
    parser.add_argument("--without", nargs="*", default=[], metavar="EXERCISE", help="leave these exercises out")
    options = parser.parse_args()
    ps = options.set
    with tempfile.TemporaryDirectory() as folder:
        stock, ours = (
            new_course(Path(folder) / name, ps, options.copies, options.without) for name in ("stock", "ours")
        )
        with (stock.root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
            config.write(STOCK)
        number = len(stock.students("submitted", ps))
        nbgrader = [str(Path(sys.executable).with_name("nbgrader")), "autograde", ps]
        rows = {
            "stock nbgrader autograde": timed(nbgrader, stock, environment()),
            "nbgrader autograde, judge": timed(nbgrader, ours, {}),
        }
        theirs, mine = scores(stock, ps), scores(ours, ps)
    if theirs != mine:
        sys.exit(f"the two ways of grading disagree:\n{theirs}\n{mine}")
    left_out = f", without {', '.join(options.without)}" if options.without else ""
    print(f"{number} submissions of {ps}{left_out}; seconds per submission, start-up shared among them\n")
    print(f"| {'command':<26} | wall | ratio |  CPU | ratio |\n|{'-' * 28}|-----:|------:|-----:|------:|")
    base = rows["stock nbgrader autograde"]
    for name, times in rows.items():
        (wall, wall_ratio), (cpu, cpu_ratio) = ((t / number, t / b) for t, b in zip(times, base, strict=True))
        print(f"| {name:<26} | {wall:4.2f} | {wall_ratio:5.2f} | {cpu:4.2f} | {cpu_ratio:5.2f} |")


if __name__ == "__main__":
    main()
