"""What stands in the environment of a process that judges."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["environment"]

CLONE = Path(__file__).resolve().parents[2]


def environment() -> dict[str, str]:
    """Return the environment of the judge: in grading mode, one thread, the clone on its path."""
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    path = [str(CLONE), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    grading = {"DLOPT_GRADING": "autograder.grading", "MPLBACKEND": "agg"}
    return {**os.environ, **one, **grading, "PYTHONPATH": os.pathsep.join(dict.fromkeys(path))}
