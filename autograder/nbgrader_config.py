"""nbgrader's settings: this folder is an ordinary nbgrader course.

Inside it, ``nbgrader generate_assignment ps2_quadratics``, ``nbgrader autograde ps2_quadratics``,
``nbgrader generate_feedback ps2_quadratics``, ``nbgrader export`` and the formgrader work as they stand, on
``submitted/<student>/<set>/<set>.ipynb`` and ``gradebook.db``.
"""

import warnings
from pathlib import Path

from sqlalchemy.exc import SAWarning

from autograder.course import Course, CourseError, programs_on_path
from autograder.judge.converter import install
from autograder.release import site_address
from autograder.settings import load

c = get_config()  # type: ignore[name-defined]  # noqa: F821 - nbgrader calls this file with it

programs_on_path()

c.CourseDirectory.source_directory = "../solutions"

# Links to chapters lead to the site that _config.yml names as html.baseurl
c.GenerateAssignment.preprocessors.insert(0, "autograder.release.BookLinks")
c.BookLinks.site = site_address(Path(__file__).resolve().parent.parent / "_config.yml")

# Notebooks know what belongs into them, and tell where to ask whether they are ready to hand in
c.GenerateAssignment.preprocessors.insert(1, "autograder.release.HandInHelp")

# course.yml decides deadlines, in which time zone formgrader shows them, and what coming late costs
here = Path(__file__).resolve().parent
try:
    settings = load(Course(here))
except CourseError as error:  # nbgrader would go on without any of these settings, and without the jail
    raise SystemExit(str(error)) from None
c.GenerateAssignment.preprocessors.append("autograder.deadlines.EnterDeadline")
c.EnterDeadline.course = str(here)
c.NbGraderAPI.timezone = settings.timezone
if settings.late:
    c.AssignLatePenalties.plugin_class = "autograder.deadlines.LatePolicy"
    c.LatePolicy.percent_per_day = settings.late.percent_per_day
    c.LatePolicy.at_most_percent = settings.late.at_most_percent
    c.LatePolicy.grace_minutes = settings.late.grace_minutes

# Submissions are graded by the judge: rebuilt, run in a jail, judged from outside (see docs/grading.md).
# --Autograde.no_jail=True runs students' code unprotected, where no jail can be had.
install()

# Names stay in their cells of the table, and a score that waits for a person is empty rather than 0
c.ExportApp.plugin_class = "autograder.export.PlainExportPlugin"

# nbgrader 0.9.6 on SQLAlchemy 2.1: three harmless lines per submission about objects "not in session"
warnings.filterwarnings("ignore", category=SAWarning, message="Object of type <Submitted")
