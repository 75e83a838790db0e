"""``python -m autograder``: release problem sets, grade what comes back, and test the graders."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from autograder import forget
from autograder.course import ROOT, Course, CourseError
from autograder.exports import command as exports
from autograder.grade import Result, export, grade
from autograder.intake import command as intake
from autograder.mutation import ENOUGH, Report, plan, run, unknown
from autograder.quality import HEAD, quality
from autograder.release import is_current, is_released, release
from autograder.report import command as report
from autograder.samples import submit

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; data goes to stdout, talk to stderr.

    Returns
    -------
    int
        0; 1 where something could not be done, said in one line; 2 for a command that makes no sense.
    """
    parser = _parser()
    args = parser.parse_args(argv)
    course = Course(args.course.resolve())
    sets = [args.set] if "set" in args else getattr(args, "sets", [])
    for ps in sets:
        if ps not in course.problem_sets():
            choices = ", ".join(course.problem_sets()) or "none"
            parser.error(f"there is no problem set {ps!r}; there is: {choices}")
    try:
        if "run" in args:
            status: int = args.run(course, args)
            return status
        if args.command == "release":
            return _release(course, sets or course.problem_sets(), force=args.force)
        if args.command == "mutation":
            return _mutation(sets or course.problem_sets(), jobs=args.jobs, every=args.every)
        if args.command == "quality":
            return _quality(sets or course.problem_sets(), jobs=args.jobs)
        return _grade(course, args.set, force=args.force, no_jail=args.no_jail, sample_class=args.sample_class)
    except CourseError as error:
        _say(f"{parser.prog}: {error}")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m autograder", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("release", help="make the student version of problem sets")
    one.add_argument("sets", nargs="*", metavar="PS", help="such as ps2_quadratics; all of them if left out")
    two = commands.add_parser("grade", help="autograde what was handed in, write feedback, export scores")
    two.add_argument("set", metavar="PS", help="such as ps2_quadratics")
    two.add_argument("--sample-class", action="store_true", help="hand in the bundled sample class first")
    two.add_argument("--no-jail", action="store_true", help="run students' code unprotected, where no jail can be had")
    three = commands.add_parser("mutation", help="count the slips in the model solutions that cost no points")
    three.add_argument("sets", nargs="*", metavar="PS", help="such as ps2_quadratics; all of them if left out")
    three.add_argument("--jobs", type=int, default=1, metavar="N", help="processes at a time (default: 1)")
    three.add_argument("--every", type=int, default=1, metavar="N", help="a sample: every N-th mutant (default: all)")
    four = commands.add_parser("quality", help="print how well the graders are tested: the table of docs/grading.md")
    four.add_argument("sets", nargs="*", metavar="PS", help="such as ps2_quadratics; all of them if left out")
    four.add_argument("--jobs", type=int, default=1, metavar="N", help="processes at a time (default: 1)")
    for command in (one, two):
        command.add_argument("--force", action="store_true", help="do again what is up to date")
    others = [command.add(commands) for command in (report, intake, exports, forget)]
    for command in (one, two, three, four, *others):
        command.add_argument(
            "--course", type=Path, default=ROOT, metavar="DIR", help="course root (default: autograder/)"
        )
    return parser


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _release(course: Course, sets: Sequence[str], *, force: bool = False) -> int:
    for ps in sets:
        if is_current(course, ps) and not force:
            _say(f"{ps}: the release is up to date")
        else:
            _say(f"{ps}: making the release")
            release(course, ps)
        print(course.notebook("release", ps))
    return 0


def _grade(course: Course, ps: str, *, force: bool, no_jail: bool, sample_class: bool) -> int:
    if not is_released(course, ps):
        _say(f"{ps}: making the release")
        release(course, ps)
    elif not is_current(course, ps):
        _say(f"{ps}: the source has changed since the release; grading what was released")
    if sample_class:
        for name in submit(course, ps):
            _say(f"submitted/{name}/{ps} is not of the sample class: left alone")
    results = grade(course, ps, force=force, no_jail=no_jail, say=_say)
    print(table(ps, results))
    _say(f"scores: {export(course, ps)}\nfeedback: {course.root / 'feedback' / '<student>' / ps / f'{ps}.html'}")
    open_ones = [result.student for result in results if None in result.points.values()]
    if open_ones:
        _say(f"a person has to look, and until then the score is too low: {', '.join(open_ones)}")
    failed = [result.student for result in results if result.error]
    if failed:
        _say(f"nbgrader's export writes 0 for who could not be graded: {', '.join(failed)}")
    return 1 if failed else 0


def _mutation(sets: Sequence[str], *, jobs: int, every: int) -> int:
    good = True
    for ps in sets:
        began = time.perf_counter()
        report = Report(ps, list(run(plan(ps, every=every), jobs=jobs)), unknown(ps), every)
        print(f"{report}\n", flush=True)
        _say(f"{ps}: {len(report.trials)} mutants in {time.perf_counter() - began:.0f} s")
        good &= report.good
    if not good:
        _say(f"in every exercise {ENOUGH:.0%} must lose points, and no equivalent one may: see docs/grading.md")
    return 0 if good else 1


def _quality(sets: Sequence[str], *, jobs: int) -> int:
    print(HEAD)
    for ps in sets:
        print(quality(ps, jobs=jobs), flush=True)
    return 0


def table(ps: str, results: Sequence[Result]) -> str:
    """Return one line per student under a key of the exercises' numbers.

    Examples
    --------
    >>> print(table("ps2", [Result("mira", {"quadratic": 3.0, "newton_step": 1.5}, 4.5, 5.0, "timeout in cell 7")]))
    ps2: 1 quadratic, 2 newton_step
    student       score     1    2  note
    mira        4.5 / 5     3  1.5  timeout in cell 7
    """
    exercises = list(dict.fromkeys(name for result in results for name in result.points))
    wide = max([len("student"), *(len(result.student) for result in results)])
    key = ", ".join(f"{number} {name}" for number, name in enumerate(exercises, start=1))
    numbers = "".join(f"{number:>5}" for number in range(1, len(exercises) + 1))
    lines = [f"{ps}: {key}", f"{'student':<{wide}}  {'score':>10} {numbers}  note"]
    for result in results:
        if result.error:
            lines.append(f"{result.student:<{wide}}  could not be graded: {_last_line(result.error)}")
            continue
        judged = any(points is not None for points in result.points.values())
        score = f"{_points(result.score if judged else None)} / {result.max_score:g}"
        cells = "".join(f"{_points(result.points.get(name)):>5}" for name in exercises)
        lines.append(f"{result.student:<{wide}}  {score:>10} {cells}  {result.note}".rstrip())
    return "\n".join(lines)


def _points(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"


def _last_line(log: str) -> str:
    """Return the line of nbgrader's log that names the reason: the last line of a traceback."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    reasons = [line for line in lines if "Error" in line.split(":")[0] and not line.startswith("[")]
    return (reasons or lines or ["no reason given"])[-1]


if __name__ == "__main__":
    sys.exit(main())
