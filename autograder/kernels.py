"""The kernel in which a submission runs while it is graded: today nbgrader's own, in grading mode."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from nbgrader.preprocessors import Execute
from nbgrader.utils import setenv

__all__ = ["GradingExecute", "grading_environment"]

CLONE = Path(__file__).resolve().parents[1]


def grading_environment() -> dict[str, str]:
    """Return what a kernel's environment has to say while it grades, and at no other time.

    ``DLOPT_GRADING`` opens the door through which `dlopt.checks` adds unseen seeds and misconceptions;
    the clone is put on the path so that a kernel finds that module; one thread each, so that many
    submissions can run side by side and none is timed while another computes.

    Examples
    --------
    >>> grading_environment()["DLOPT_GRADING"]
    'autograder.grading'
    """
    path = [str(CLONE), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {
        "DLOPT_GRADING": "autograder.grading",
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(path)),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }


class GradingExecute(Execute):  # type: ignore[misc]  # nbgrader ships no types
    """nbgrader's `Execute`, with `grading_environment` around it.

    Setting the variables here rather than in ``nbgrader_config.py`` keeps them from the other kernels
    of the same process: formgrader lives in the instructor's Jupyter server, whose notebooks must behave
    as a student's do.
    """

    def preprocess(self, nb: Any, resources: Any, *args: Any, **kwargs: Any) -> Any:
        """Execute all cells of ``nb``; see `nbgrader.preprocessors.Execute`."""
        with setenv(**grading_environment()):
            return super().preprocess(nb, resources, *args, **kwargs)
