"""A grader without jails: stores made-up grades as fast as it can, on a signal. Run as a program by the tests.

``python writer.py ROOT DB SET SCORE COUNT``: says "ready", waits for a line on its standard input, stores.
"""

import sys
from pathlib import Path

from autograder.course import Course
from autograder.engine.book import Book
from autograder.engine.task import Done


def main(root: str, db: str, ps: str, score: str, count: str) -> None:
    """Store a grade for each of so many students, every cell with the same score."""
    with Book(Course(Path(root), db), ps) as book:
        assignment = book.gradebook.find_assignment(ps)
        cells = {cell.name: float(score) for notebook in assignment.notebooks for cell in notebook.grade_cells}
        book.db.remove()
        print("ready", flush=True)
        sys.stdin.readline()
        for number in range(int(count)):
            done = Done(key=score, notebook=b"", scores=dict(cells))
            book.store(f"s{number:03}", done, timestamp=None, notebook="", fields={})


if __name__ == "__main__":
    main(*sys.argv[1:])
