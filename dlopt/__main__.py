"""``python -m dlopt``: what a student can ask of the helper package."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Sequence

from dlopt.checks.report import READY
from dlopt.notebooks import Unreadable
from dlopt.ready import LIMIT, Style, ready

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the answer goes to stdout, talk to stderr.

    Returns
    -------
    int
        0 where the notebook can be handed in; 1 where it is not ready, or there is none to look at; 2 for a command
        that makes no sense.
    """
    args = _parser().parse_args(argv)
    if os.environ.get(READY):  # a cell of the notebook under examination asks again: that would never end
        print("python -m dlopt ready is running already.")
        return 0
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that has no ✓ shows a ?, the words say the rest
    try:
        text, good = ready(args.notebook, limit=args.limit, execute=args.run, style=_style(), tell=_tell)
    except Unreadable as problem:
        _tell("")
        # the sentences are those of grading, where something has been handed in before
        print(str(problem).replace(", save and hand in again", " and save").replace(" and hand in again", ""))
        return 1
    except KeyboardInterrupt:
        _tell("")
        print("Stopped. Nothing was changed.", file=sys.stderr)
        return 1
    _tell("")
    print(text)
    return 0 if good else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dlopt", description="The course's helper package.")
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser(
        "ready",
        help="is my notebook ready to hand in?",
        description="Runs a notebook from top to bottom in a fresh kernel and says what is missing, renamed, changed "
        "or still a stub. The file is only read. Exit status: 0 if it can be handed in, 1 if not.",
    )
    one.add_argument(
        "notebook", nargs="?", metavar="PS", help="ps1, ps1_losses or a path; left out, the notebook in this folder"
    )
    one.add_argument(
        "--limit", type=_seconds, default=LIMIT, metavar="SECONDS", help=f"time for each cell (default: {LIMIT:g})"
    )
    one.add_argument("--no-run", dest="run", action="store_false", help="only look, run nothing")
    return parser


def _seconds(text: str) -> float:
    """Read a positive number of seconds."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"expected a number of seconds above 0, got {text!r}")
    return value


def _style() -> Style:
    """Wrap and colour for people, and leave plain what goes into a file or a pipe."""
    if not sys.stdout.isatty():
        return Style()
    plain = "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
    return Style(colour=not plain, width=min(shutil.get_terminal_size().columns, 100))


def _tell(line: str) -> None:
    """Show on a terminal which cell is running, always in the same line."""
    if sys.stderr.isatty():
        print(f"\r{line[:78]:<78}\r", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
