"""Feedback pages, after the grades are in: on as many processes as the grading had, and only where a grade changed."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from glob import escape

from autograder.course import Course

__all__ = ["pages"]

FEW = 4  #: pages for which no further process is worth its start


def pages(course: Course, ps: str, students: Sequence[str], jobs: int = 1) -> Iterator[tuple[str, str | None]]:
    """Write the pages of some students with nbgrader's own converter.

    Parameters
    ----------
    course : Course
        Where.
    ps : str
        Which problem set.
    students : sequence of str
        Whose pages.
    jobs : int
        Processes.

    Yields
    ------
    tuple of (str, str or None)
        Each student as their page is there, or nbgrader's log where it failed.
    """
    if jobs < 2 or len(students) <= FEW:
        for student in students:
            yield student, _page(course, ps, student)
        return
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("forkserver")) as executor:
        futures = {executor.submit(_page, course, ps, student): student for student in students}
        for future in as_completed(futures):
            yield futures[future], future.result()


def _page(course: Course, ps: str, student: str) -> str | None:
    return course.convert("GenerateFeedback", ps, escape(student))  # nbgrader looks for a pattern
