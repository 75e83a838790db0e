"""``python -m autograder export PS``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from autograder.course import Course

__all__ = ["add", "run"]

KINDS = ("plain", "canvas", "moodle", "feedback")


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("set", metavar="PS", help="such as ps2_quadratics")
    parser.add_argument("--to", choices=KINDS, default="plain", help="which kind of file (default: plain)")
    parser.add_argument("--template", default="", metavar="FILE", help="a file from Canvas or Moodle to fill in")
    parser.add_argument("--column", default="", metavar="NAME", help="Canvas: the assignment's column in the template")
    parser.add_argument("--partial", action="store_true", help="also scores of which a part is not graded yet")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="default: exports/PS-KIND.csv in the course")


def run(course: Course, args: argparse.Namespace) -> int:
    """Write the file, print where it is, and say on stderr who is not in it."""
    from autograder.export import CanvasExportPlugin, MoodleExportPlugin, PlainExportPlugin, feedback_zip

    ending = "zip" if args.to == "feedback" else "csv"
    target = args.output or course.root / "exports" / f"{args.set}-{args.to}.{ending}"
    if args.to == "feedback":
        without = feedback_zip(course, args.set, target, worksheet=args.template)
        said = [f"without a page: {', '.join(without)}"] if without else []
    else:
        options: dict[str, Any] = {"to": str(target), "assignment": [args.set], "template": args.template}
        kind = {"plain": PlainExportPlugin, "canvas": CanvasExportPlugin, "moodle": MoodleExportPlugin}[args.to]
        if args.to == "canvas":
            options["column"] = args.column
        plugin = kind(partial=args.partial, **options)
        with course.gradebook() as gradebook:
            plugin.write(gradebook)
        said = plugin.told.lines()
    for line in said:
        print(line, file=sys.stderr)
    print(target)
    return 0
