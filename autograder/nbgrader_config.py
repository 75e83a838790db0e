"""nbgrader's settings: this folder is an ordinary nbgrader course.

Inside it, ``nbgrader generate_assignment ps2_quadratics``, ``nbgrader autograde ps2_quadratics``,
``nbgrader generate_feedback ps2_quadratics``, ``nbgrader export`` and the formgrader work as they stand, on
``submitted/<student>/<set>/<set>.ipynb`` and ``gradebook.db``.
"""

import warnings
from pathlib import Path

import zmq
from sqlalchemy.exc import SAWarning

from autograder.release import site_address

c = get_config()  # type: ignore[name-defined]  # noqa: F821 - nbgrader calls this file with it

c.CourseDirectory.source_directory = "../solutions"

# Links to chapters lead to the site that _config.yml names as html.baseurl
c.GenerateAssignment.preprocessors.insert(0, "autograder.release.BookLinks")
c.BookLinks.site = site_address(Path(__file__).resolve().parent.parent / "_config.yml")

# Exercises are graded by running them: in kernels that know the unseen seeds, and only there
c.Autograde.autograde_preprocessors = [
    "autograder.kernels.GradingExecute",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Execute.timeout = 60  # seconds per cell; the slowest model solution needs about one
c.Execute.kernel_name = "python3"  # whatever kernel a submission names, it runs in this environment's own
c.Execute.startup_timeout = 120

if zmq.has("curve"):
    # Graders share machines with others: what a submission says stays between its kernel and nbgrader
    c.KernelManager.transport_encryption = "auto"

# nbgrader 0.9.6 on SQLAlchemy 2.1: three harmless lines per submission about objects "not in session"
warnings.filterwarnings("ignore", category=SAWarning, message="Object of type <Submitted")
