"""``python -m autograder``: run a course, release problem sets, grade what comes back, and test the graders."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.course import ROOT, Course, CourseError, say

if TYPE_CHECKING:
    from autograder.grade import Result

# Commands import what they need where they run: nbgrader, the checks and the tools for testing graders take a second

__all__ = ["main"]

#: commands that live beside what they do: each module adds its own options, and runs
OTHERS = {
    "collect": "autograder.intake.command",
    "report": "autograder.report.command",
    "export": "autograder.export.command",
    "forget": "autograder.forget",
}

COMMANDS = {
    "course": "print how course.yml is understood",
    "roster": "add and update students from a CSV file",
    "collect": "take in submissions from an nbgrader exchange, a folder, or a zip from Canvas or Moodle",
    "release": "make the student version of problem sets",
    "grade": "autograde what was handed in, write feedback, export scores",
    "report": "make the class report: what the class did and did not understand",
    "export": "write scores for Canvas, Moodle or a spreadsheet, or a zip of feedback pages",
    "regrade": "list every score that grading again would change; writes nothing",
    "explain": "say why a score is what it is, and make it anew",
    "scores": "write the course's total: every student, every set, weighted as course.yml says",
    "forget": "delete everything about one student",
    "teaching": "print the teaching plan: weeks, topics, points, time and difficulty",
    "mutation": "count the slips in the model solutions that cost no points",
    "quality": "print how well the graders are tested: the table of docs/grading.md",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; data goes to stdout, talk to stderr.

    Returns
    -------
    int
        0; 1 where something could not be done, said in one line; 2 for a command that makes no sense.
    """
    given = sys.argv[1:] if argv is None else list(argv)
    parser = _parser(given)
    args = parser.parse_args(given)
    args.db = getattr(args, "db", "")
    course = Course(args.course.resolve(), args.db)
    try:
        return _run(parser, args, course)
    except CourseError as error:
        say(f"{parser.prog}: {error}")
    except _database_errors() as error:
        said = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        say(f"{parser.prog}: the gradebook cannot be used: {said}")
    except ModuleNotFoundError as error:
        if not args.db or error.name not in ("psycopg", "psycopg2"):
            raise
        say(f"{parser.prog}: {args.db.partition(':')[0]} needs {error.name}: pip install -r requirements-cluster.txt")
    return 1


def _database_errors() -> tuple[type[Exception], ...]:
    """Return what a gradebook that cannot be used raises: nothing, as long as nobody has asked for the database."""
    database = sys.modules.get("sqlalchemy.exc")
    return (database.SQLAlchemyError,) if database else ()


def _run(parser: argparse.ArgumentParser, args: argparse.Namespace, course: Course) -> int:
    """Run the command that was asked for."""
    if args.command in OTHERS:
        if args.command != "forget":
            _existing(parser, course, [args.set])
        status: int = import_module(OTHERS[args.command]).run(course, args)
        return status
    if args.command == "grade":
        choose = _existing if args.sample_class else _chosen  # the sample class may show any set
        (ps,) = choose(parser, course, [args.set])
        return _grade(course, ps, args)
    if args.command in ("release", "mutation", "quality"):
        return _over_sets(parser, course, args)
    from autograder import commands

    match args.command:
        case "regrade":
            (ps,) = _existing(parser, course, [args.set])
            return commands.regrade(course, ps, jobs=args.jobs, no_jail=args.no_jail)
        case "explain":
            (ps,) = _existing(parser, course, [args.set])
            return commands.explain(course, ps, args.student, no_jail=args.no_jail)
        case "course":
            return commands.show_course(course)
        case "roster":
            return commands.roster(course, args.file, id_column=args.id_column, dry_run=args.dry_run)
        case "scores":
            return commands.scores(course)
        case "teaching":
            return commands.teaching(course, write=args.write)
    raise AssertionError(f"no command is called {args.command}")


def _over_sets(parser: argparse.ArgumentParser, course: Course, args: argparse.Namespace) -> int:
    """Run a command that takes any number of sets."""
    if args.command == "release":
        return _release(course, _chosen(parser, course, args.sets), force=args.force)
    sets = _existing(parser, course, args.sets)
    if args.command == "mutation":
        return _mutation(sets, jobs=args.jobs, every=args.every)
    return _quality(sets, jobs=args.jobs)


def _existing(parser: argparse.ArgumentParser, course: Course, sets: Sequence[str]) -> list[str]:
    """Return the sets that were asked for, or all; one that does not exist is a usage error."""
    for ps in sets:
        if ps not in course.problem_sets():
            choices = ", ".join(course.problem_sets()) or "none"
            parser.error(f"there is no problem set {ps!r}; there is: {choices}")
    return list(sets) or course.problem_sets()


def _chosen(parser: argparse.ArgumentParser, course: Course, sets: Sequence[str]) -> list[str]:
    """Return the sets that were asked for, or all of the course; course.yml says what is in the course."""
    from autograder.settings import load

    _existing(parser, course, sets)
    settings = load(course)
    for ps in sets:
        if ps not in settings.names:
            parser.error(f"{ps} is not in the course: {settings.file} names {', '.join(settings.names)}; add it there")
    return list(sets) or settings.names


def _parser(given: Sequence[str]) -> argparse.ArgumentParser:
    """Build the parser for these arguments; a command of `OTHERS` that is not among them is only named."""
    parser = argparse.ArgumentParser(prog="python -m autograder", description=__doc__)
    added = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    made = {name: added.add_parser(name, help=text) for name, text in COMMANDS.items()}
    for name in ("release", "mutation", "quality"):
        every = "all in the course" if name == "release" else "all of them"
        made[name].add_argument("sets", nargs="*", metavar="PS", help=f"such as ps2_quadratics; {every} if left out")
    made["explain"].add_argument("student", metavar="STUDENT")
    for name in ("grade", "regrade", "explain"):
        made[name].add_argument("set", metavar="PS", help="such as ps2_quadratics")
        made[name].add_argument(
            "--no-jail", action="store_true", help="run students' code unprotected, where no jail can be had"
        )
    for name in ("grade", "regrade"):
        made[name].add_argument(
            "--jobs", type=_count, default=os.cpu_count() or 1, metavar="N", help="processes (default: all)"
        )
    two = made["grade"]
    two.add_argument("--sample-class", action="store_true", help="hand in the bundled sample class first")
    two.add_argument("--scheduler", default="", metavar="ADDRESS", help="a Dask scheduler, such as tcp://10.0.0.1:8786")
    two.add_argument("--only", nargs="+", default=[], metavar="STUDENT", help="grade nobody else")
    two.add_argument("--json", action="store_true", help="print a line of JSON per graded submission, and no table")
    made["regrade"].add_argument("--diff", action="store_true", required=True, help="compare; `grade` is what writes")
    for name in OTHERS.keys() & set(given):
        import_module(OTHERS[name]).add(made[name])
    for name in (*OTHERS, "roster", "release", "grade", "regrade", "explain", "scores"):
        made[name].add_argument("--db", default="", metavar="URL", help="gradebook, such as postgresql+psycopg://…")
    for name in ("release", "grade"):
        made[name].add_argument("--force", action="store_true", help="do again what is up to date")
    for name in ("mutation", "quality"):
        made[name].add_argument("--jobs", type=int, default=1, metavar="N", help="processes at a time (default: 1)")
    made["mutation"].add_argument(
        "--every", type=int, default=1, metavar="N", help="a sample: every N-th mutant (default: all)"
    )
    people = made["roster"]
    people.add_argument("file", type=Path, metavar="FILE", help="a CSV file, as a learning platform exports it")
    people.add_argument("--id-column", default="", metavar="NAME", help="the column with the ids, if it is not found")
    people.add_argument("--dry-run", action="store_true", help="only say what would change")
    made["teaching"].add_argument("--write", action="store_true", help="write it to docs/teaching.md")
    for command in made.values():
        command.add_argument(
            "--course", type=Path, default=ROOT, metavar="DIR", help="course root (default: autograder/)"
        )
    return parser


def _count(text: str) -> int:
    """Read a number of processes."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes")
    return int(text)


def _release(course: Course, sets: Sequence[str], *, force: bool = False) -> int:
    from autograder import deadlines
    from autograder.release import is_current, release

    for ps in sets:
        if is_current(course, ps) and not force:
            say(f"{ps}: the release is up to date")
        else:
            say(f"{ps}: making the release")
            release(course, ps)
        print(course.notebook("release", ps))
    for said in deadlines.enter(course):
        say(said)
    return 0


def _grade(course: Course, ps: str, args: argparse.Namespace) -> int:
    from autograder.engine.pool import prepare

    if not args.scheduler:
        prepare(ps)  # imports beside this process, which needs other packages
    from autograder.engine.progress import Progress
    from autograder.grade import export, grade
    from autograder.release import is_current, is_released, release
    from autograder.samples import submit

    if not is_released(course, ps):
        say(f"{ps}: making the release")
        release(course, ps)
    elif not is_current(course, ps):
        say(f"{ps}: the source has changed since the release; grading what was released")
    if args.sample_class:
        for name in submit(course, ps):
            say(f"submitted/{name}/{ps} is not of the sample class: left alone")
    show = Progress.fitting(as_json=args.json, log=course.root / "logs" / f"{ps}.log")
    how = {"jobs": args.jobs, "scheduler": args.scheduler, "only": args.only}
    results = grade(course, ps, force=args.force, no_jail=args.no_jail, say=say, show=show, **how)
    if not args.json:
        print(table(ps, results))
    say(f"scores: {export(course, ps)}\nfeedback: {course.root / 'feedback' / '<student>' / ps / f'{ps}.html'}")
    open_ones = [result.student for result in results if None in result.points.values()]
    if open_ones:
        say(f"a person has to look, and until then the score is too low: {', '.join(open_ones)}")
    return 0


def _mutation(sets: Sequence[str], *, jobs: int, every: int) -> int:
    from autograder.mutation import ENOUGH, Report, plan, run, unknown

    good = True
    for ps in sets:
        began = time.perf_counter()
        report = Report(ps, list(run(plan(ps, every=every), jobs=jobs)), unknown(ps), every)
        print(f"{report}\n", flush=True)
        say(f"{ps}: {len(report.trials)} mutants in {time.perf_counter() - began:.0f} s")
        good &= report.good
    if not good:
        say(f"in every exercise {ENOUGH:.0%} must lose points, and no equivalent one may: see docs/grading.md")
    return 0 if good else 1


def _quality(sets: Sequence[str], *, jobs: int) -> int:
    from autograder.quality import HEAD, quality

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
        judged = any(points is not None for points in result.points.values())
        score = f"{_points(result.score if judged else None)} / {result.max_score:g}"
        cells = "".join(f"{_points(result.points.get(name)):>5}" for name in exercises)
        lines.append(f"{result.student:<{wide}}  {score:>10} {cells}  {result.note}".rstrip())
    return "\n".join(lines)


def _points(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"


if __name__ == "__main__":
    sys.exit(main())
