"""How long grading takes: the judge beside stock ``nbgrader autograde``, on the same class in the same run.

    python benchmarks/grading.py [--set ps8_backprop] [--copies 4] [--without train]

All grade the honest part of a sample class (each student ``--copies`` times) in fresh course roots, one after the
other, and their scores must agree. Wall-clock and CPU seconds include every child process; those of the engine,
``python -m autograder grade``, are given from its first result to its last, and its start-up in a line of its own.

The last lines compare with a bare fork that runs the same cells in a ready IPython shell: no jail, no judge, nobody
protected from anybody. That is what no grader can undercut. Its check cells are counted apart.
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
from autograder.judge.environment import environment
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
BARE = """
import json, os, pathlib, resource
import autograder.grading, dlopt.checks.{ps}
from autograder.bridge.shell import Shell, streams
shell, folders = Shell.instance(), sorted(pathlib.Path({root!r}, "submitted").glob("*/{ps}"))
found = [0.0, 0.0]
for folder in folders:
    cells = [c for c in json.loads((folder / "{ps}.ipynb").read_text())["cells"] if c["cell_type"] == "code"]
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        streams(shell)
        checks = 0.0
        for cell in cells:
            before = sum(os.times()[:2])
            shell.recorder.start()
            shell.run_cell("".join(cell["source"]))
            if cell["metadata"].get("nbgrader", {{}}).get("grade"):
                checks += sum(os.times()[:2]) - before
        os.write(writing, str(checks).encode())
        os._exit(0)
    os.close(writing)
    usage = os.wait4(pid, 0)[2]
    checks = float(os.read(reading, 100))
    os.close(reading)
    found[0] += (usage.ru_utime + usage.ru_stime - checks) / len(folders)
    found[1] += checks / len(folders)
print(*found)
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


def engine(course: Course, ps: str, jobs: int) -> dict[str, float]:
    """Grade with the engine; return seconds per submission, to the first result, where the CPU time went, and memory.

    Memory is the coordinator's, in MiB, after a tenth of the class and in the end.
    """
    number = len(course.students("submitted", ps))
    command = [sys.executable, "-m", "autograder", "grade", ps, "--json", "--course", str(course.root)]
    start, times, spent, memory = time.perf_counter(), [], [], []
    with subprocess.Popen(
        [*command, "--jobs", str(jobs)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            times.append(time.perf_counter() - start)
            spent.append(json.loads(line)["seconds"])
            if len(times) == 1:
                first = coordinator(process.pid)
            if len(times) in (-(-number // 10), number):
                memory.append(resident(process.pid))
            latest = coordinator(process.pid)
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed")
    steady = spent[2 * jobs :] or spent  # what every worker had first pays for late imports
    return {
        "first": times[0],
        "wall": (times[-1] - times[0]) / max(number - 1, 1),
        "coordinator": (latest - first) / max(number - 1, 1),
        "judge": sum(one["cpu"] for one in steady) / len(steady),
        "jail": sum(one["jail"] for one in steady) / len(steady),
        "memory early": memory[0],
        "memory": memory[-1],
    }


def resident(pid: int) -> float:
    """Return the memory of a running process that is in RAM, in MiB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def coordinator(pid: int) -> float:
    """Return the CPU seconds of a running process, without its children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def bare(course: Course, ps: str) -> tuple[float, float]:
    """Run everybody's cells in forks of a ready shell; return CPU seconds per submission of cells and of checks."""
    script = BARE.format(root=str(course.root), ps=ps)
    done = subprocess.run([sys.executable, "-c", script], env={**os.environ, **environment()}, capture_output=True)
    if done.returncode:
        sys.exit(f"the bare fork failed:\n{done.stderr.decode()[-3000:]}")
    cells, checks = map(float, done.stdout.split())
    return cells, checks


def scores(course: Course, ps: str) -> dict[str, float]:
    with course.gradebook() as gradebook:
        return {entry.student.id: entry.score for entry in gradebook.assignment_submissions(ps)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--set", default="ps2_quadratics", help="problem set (default: %(default)s)")
    parser.add_argument("--copies", type=int, default=1, help="submissions per student of the sample class")
    parser.add_argument("--without", nargs="*", default=[], metavar="EXERCISE", help="leave these exercises out")
    parser.add_argument("--jobs", type=int, default=2, help="processes of the engine (default: %(default)s)")
    options = parser.parse_args()
    ps = options.set
    with tempfile.TemporaryDirectory() as folder:
        stock, ours, fast = (
            new_course(Path(folder) / name, ps, options.copies, options.without) for name in ("stock", "ours", "fast")
        )
        with (stock.root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
            config.write(STOCK)
        number = len(stock.students("submitted", ps))
        nbgrader = [str(Path(sys.executable).with_name("nbgrader")), "autograde", ps]
        rows = {
            "stock nbgrader autograde": timed(nbgrader, stock, environment()),
            "nbgrader autograde, judge": timed(nbgrader, ours, {}),
        }
        run = engine(fast, ps, options.jobs)
        floor, checks = bare(fast, ps)
        engine_cpu = run["coordinator"] + run["judge"] + run["jail"]
        rows[f"the engine, {options.jobs} jobs"] = number * run["wall"], number * engine_cpu
        found = [scores(course, ps) for course in (stock, ours, fast)]
    if not found[0] == found[1] == found[2]:
        sys.exit(f"the ways of grading disagree:\n{found}")
    left_out = f", without {', '.join(options.without)}" if options.without else ""
    print(f"{number} submissions of {ps}{left_out}; seconds per submission, start-up shared among them\n")
    print(f"| {'command':<26} | wall | ratio |  CPU | ratio |\n|{'-' * 28}|-----:|------:|-----:|------:|")
    base = rows["stock nbgrader autograde"]
    for name, times in rows.items():
        (wall, wall_ratio), (cpu, cpu_ratio) = ((t / number, t / b) for t, b in zip(times, base, strict=True))
        print(f"| {name:<26} | {wall:4.2f} | {wall_ratio:5.2f} | {cpu:4.2f} | {cpu_ratio:5.2f} |")
    times = base[0] / number / run["wall"]
    print(f"\nthe engine: {times:.1f} times the throughput; first result after {run['first']:.1f} s")
    print(f"CPU: coordinator {run['coordinator']:.3f}, judge {run['judge']:.3f}, jail {run['jail']:.3f}")
    print(f"a bare fork: {floor:.3f} for cells, {checks:.3f} for checks")
    print(f"the engine takes {engine_cpu / (floor + checks):.1f} times as much in all,")
    apart = (engine_cpu - checks) / floor
    print(f"and {apart:.1f} times as much where the checks are counted apart" if apart > 0 else "less than its checks")


if __name__ == "__main__":
    main()
