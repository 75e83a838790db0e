"""How long grading takes: ``python -m autograder grade`` beside stock ``nbgrader autograde``, on the same class.

    python benchmarks/grading.py [--copies 4]

Both grade the bundled sample class (each student ``--copies`` times) in fresh course roots, one after the other
in the same run, and their scores must agree. Wall-clock and CPU seconds include every child process.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from autograder.course import ROOT, Course
from autograder.kernels import grading_environment
from autograder.release import release
from autograder.samples import load, notebook

PS = "ps2_quadratics"
STOCK = """
from nbgrader.converters import Autograde
c.Autograde.autograde_preprocessors = Autograde.autograde_preprocessors.default_args[0]
"""


def new_course(folder: Path, copies: int) -> Course:
    """Make a course root in an empty folder, with the release and everybody's submission in place."""
    course = Course(folder / "autograder")
    course.root.mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", course.root)
    shutil.copytree(ROOT.parent / "solutions", course.solutions)
    released = release(course, PS)
    for sample in load(PS):
        for copy in range(copies):
            target = course.notebook("submitted", PS, f"{sample.name}-{copy}")
            target.parent.mkdir(parents=True)
            target.write_text(notebook(sample, released), encoding="utf-8")
    return course


def timed(command: list[str], course: Course, env: dict[str, str]) -> tuple[float, float]:
    """Run a command in the course root; return wall-clock and CPU seconds, children included."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=course.root, env={**os.environ, **env}, check=True, capture_output=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def scores(course: Course) -> dict[str, float]:
    with course.gradebook() as gradebook:
        return {entry.student.id: entry.score for entry in gradebook.assignment_submissions(PS)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--copies", type=int, default=1, help="submissions per student of the sample class")
    copies = parser.parse_args().copies
    with tempfile.TemporaryDirectory() as folder:
        stock, ours = (new_course(Path(folder) / name, copies) for name in ("stock", "ours"))
        with (stock.root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
            config.write(STOCK)
        number = len(stock.students("submitted", PS))
        nbgrader = str(Path(sys.executable).with_name("nbgrader"))
        here = [sys.executable, "-m", "autograder", "grade", PS, "--course", str(ours.root)]
        rows = {
            "nbgrader autograde": timed([nbgrader, "autograde", PS], stock, grading_environment()),
            "nbgrader generate_feedback": timed([nbgrader, "generate_feedback", PS], stock, {}),
            "autograder grade (all of it)": timed(here, ours, {}),
            "autograder grade, second run": timed(here, ours, {}),
        }
        assert scores(stock) == scores(ours), "the two ways of grading disagree"
    base = [sum(rows[name][i] for name in list(rows)[:2]) for i in range(2)]
    print(f"{number} submissions of {PS}, seconds per submission\n")
    print(f"| {'command':<30} | wall | ratio |  CPU | ratio |\n|{'-' * 32}|-----:|------:|-----:|------:|")
    for name, times in [*rows.items(), ("the two nbgrader commands", tuple(base))]:
        (wall, wall_ratio), (cpu, cpu_ratio) = ((t / number, t / b) for t, b in zip(times, base, strict=True))
        print(f"| {name:<30} | {wall:4.2f} | {wall_ratio:5.2f} | {cpu:4.2f} | {cpu_ratio:5.2f} |")


if __name__ == "__main__":
    main()
