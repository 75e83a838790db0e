"""Whether grading stays as cheap in a large class, and what more workers bring: the engine beside itself.

    python benchmarks/scale.py [--set ps2_quadratics] [--sizes 10 100 1000] [--jobs 1 2 3]

Grades classes of honest submissions of these sizes with ``python -m autograder grade``, then the middle one again with
other numbers of workers. CPU is per submission: the coordinator's, the worker's and the jail's. Ratios are to the
first row of each table.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from grading import engine, new_course

from autograder.course import Course
from autograder.samples import honest


def class_of(folder: Path, ps: str, size: int) -> Course:
    """Make a course in which so many students have handed in."""
    course = new_course(folder, ps, -(-size // len(honest(ps))), [])
    for student in course.students("submitted", ps)[size:]:
        shutil.rmtree(course.root / "submitted" / student)
    return course


def row(name: str, run: dict[str, float], base: dict[str, float]) -> str:
    """Write a line of a table."""
    cpu, before = (r["coordinator"] + r["judge"] + r["jail"] for r in (run, base))
    parts = " + ".join(f"{1000 * run[part]:.0f}" for part in ("coordinator", "judge", "jail"))
    wall = f"{run['wall']:.3f} s | {base['wall'] / run['wall']:.2f}"
    memory = f"{run['memory early']:.0f}, {run['memory']:.0f} MiB"
    return f"| {name} | {parts} ms | {cpu / before:.2f} | {wall} | {run['first']:.1f} s | {memory} |"


HEAD = "| {} | CPU | ratio | wall | throughput | first result | coordinator |\n|---|---|---|---|---|---|---|"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--set", default="ps2_quadratics", help="problem set (default: %(default)s)")
    parser.add_argument("--sizes", nargs="+", type=int, default=[10, 100, 1000], metavar="N", help="classes")
    parser.add_argument("--jobs", nargs="+", type=int, default=[2, 1, 3], metavar="N", help="workers")
    options = parser.parse_args()

    def measured(size: int, jobs: int) -> dict[str, float]:
        with tempfile.TemporaryDirectory() as folder:
            return engine(class_of(Path(folder), options.set, size), options.set, jobs)

    print(HEAD.format("class"))
    runs = [measured(size, options.jobs[0]) for size in options.sizes]
    for size, run in zip(options.sizes, runs, strict=True):
        print(row(str(size), run, runs[0]), flush=True)
    middle = len(runs) // 2
    print("\n" + HEAD.format("workers") + "\n" + row(str(options.jobs[0]), runs[middle], runs[middle]))
    for jobs in options.jobs[1:]:
        print(row(str(jobs), measured(options.sizes[middle], jobs), runs[middle]), flush=True)


if __name__ == "__main__":
    main()
