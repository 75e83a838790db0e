"""``python -m autograder report PS``."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from autograder.course import Course

__all__ = ["add", "run"]


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("set", metavar="PS", help="such as ps2_quadratics")
    parser.add_argument("--json", action="store_true", help="print the data instead of making a page")
    parser.add_argument("--names", action="store_true", help="show students' ids; without it, codes stand for them")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="default: reports/PS.html in the course")


def run(course: Course, args: argparse.Namespace) -> int:
    """Write the page and print where it is, or print the data."""
    from autograder.report.data import class_report
    from autograder.report.page import render

    report = class_report(course, args.set, names=args.names)
    if args.json and args.output is None:
        print(json.dumps(report, indent=1, ensure_ascii=False))
        return 0
    target = args.output or course.root / "reports" / f"{args.set}.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(report, indent=1, ensure_ascii=False) + "\n" if args.json else render(report)
    target.write_text(text, encoding="utf-8")
    waiting = len(report["waiting"])
    if waiting:
        print(f"{waiting} of {report['submissions']} still wait for a person", file=sys.stderr)
    print(target)
    return 0
