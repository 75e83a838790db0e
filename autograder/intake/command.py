"""``python -m autograder collect PS SOURCE``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from autograder.course import Course, CourseError
from autograder.intake.attempts import Outcome
from dlopt.notebooks import printable

__all__ = ["add", "run"]


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("set", metavar="PS", help="such as ps2_quadratics")
    parser.add_argument("source", metavar="SOURCE", help="a folder, a zip, or the word: exchange")
    parser.add_argument("--dry-run", action="store_true", help="only say what would happen")


def run(course: Course, args: argparse.Namespace) -> int:
    """Print a line per student, and on stderr a sentence per file that was not taken.

    Returns
    -------
    int
        0; 1 where a file was refused.
    """
    from autograder.intake.collect import collect
    from autograder.intake.exchange import collect_exchange
    from autograder.release import is_released

    if not is_released(course, args.set):
        raise CourseError(f"{args.set} has not been released: python -m autograder release {args.set}")
    refused: list[tuple[str, str]] = []
    left: list[str] = []
    if args.source == "exchange":
        outcomes = collect_exchange(course, args.set, dry_run=args.dry_run)
    else:
        outcomes, refused, left = collect(course, args.set, Path(args.source), dry_run=args.dry_run)
    for outcome in outcomes:
        print(line(outcome))
    for name in left:
        print(f"left out, no notebook: {printable(name)}", file=sys.stderr)
    for name, reason in refused:
        print(f"refused {printable(name)}: {reason}", file=sys.stderr)
    if args.dry_run:
        print("nothing was written (--dry-run)", file=sys.stderr)
    return 1 if refused else 0


def line(outcome: Outcome) -> str:
    """Say what became of one student's attempts.

    Examples
    --------
    >>> from autograder.intake.attempts import Attempt
    >>> print(line(Outcome("ada", "newer", Attempt("ada", "x.ipynb", b"", late=True), 2)))
    ada  newer  time unknown, marked late  (2 older kept)
    """
    attempt = outcome.attempt
    when = f"{attempt.time:%Y-%m-%d %H:%M:%S} UTC" if attempt.time else "time unknown"
    late = ", marked late" if attempt.late else ""
    kept = f"  ({outcome.kept} older kept)" if outcome.kept else ""
    return f"{outcome.student}  {outcome.what}  {when}{late}{kept}"
