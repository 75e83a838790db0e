"""One zip with everybody's feedback page."""

from __future__ import annotations

import zipfile
from pathlib import Path

from autograder.course import Course, CourseError
from autograder.export.moodle import find as find_in_moodle
from autograder.scores import scores
from autograder.sheets import read_sheet

__all__ = ["feedback_zip"]

EPOCH = (1980, 1, 1, 0, 0, 0)  # the same pages give the same bytes


def feedback_zip(course: Course, ps: str, target: Path, *, worksheet: str = "") -> list[str]:
    """Write ``<student>/<set>.html`` for everybody who has a page.

    Parameters
    ----------
    course, ps
        Which pages.
    target : Path
        The zip.
    worksheet : str
        A grading worksheet of Moodle's: the folders are then called as Moodle's upload of feedback files expects.

    Returns
    -------
    list of str
        Who handed in and has no page, or is not on the worksheet.

    Raises
    ------
    CourseError
        If nobody has a page.
    """
    with course.gradebook() as gradebook:
        found = scores(gradebook, ps)
    folders = {score.student: score.student for score in found}
    if worksheet:
        head, *rows = read_sheet(Path(worksheet)).rows
        folders = {}
        for row in rows:
            about = dict(zip(head, row, strict=False))
            score = find_in_moodle(about, found)
            if score is not None:
                number = about["Identifier"].rpartition(" ")[2]
                name = "".join(c for c in about.get("Full name", "") if c.isalnum() or c in " .-").strip(" .")
                folders[score.student] = f"{name or 'Participant'}_{number}_assignsubmission_file_"
    pages = {s.student: course.notebook("feedback", ps, s.student).with_suffix(".html") for s in found if s.submitted}
    without = [student for student, page in pages.items() if not page.is_file() or student not in folders]
    if len(without) == len(pages):
        raise CourseError(f"nobody has a feedback page for {ps}: python -m autograder grade {ps}")
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for student, page in pages.items():
            if student not in without:
                entry = zipfile.ZipInfo(f"{folders[student]}/{page.name}", EPOCH)
                archive.writestr(entry, page.read_bytes(), zipfile.ZIP_DEFLATED)
    return without
