"""The kernel that runs the chapters: this Python, whatever kernels the machine has."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

__all__ = ["environment", "install"]


def install(folder: Path, root: Path) -> None:
    """Write a kernel called ``python3`` that is the running interpreter, below ``folder``.

    Parameters
    ----------
    folder : Path
        What ``JUPYTER_PATH`` will name first; searched before the user's and the system's kernels.
    root : Path
        The repository: its dlopt is imported, not one that happens to be installed.
    """
    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--log-level=ERROR"],
        "display_name": "Python 3",
        "language": "python",
        "env": {
            "PYTHONPATH": str(root),
            "IPYTHONDIR": str(folder / "ipython"),  # nobody's start-up files
            "OMP_NUM_THREADS": "1",  # the same sums on every machine, and figures timed on one core
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # debugpy would print a warning on stderr
        },
    }
    place = folder / "kernels" / "python3"
    place.mkdir(parents=True, exist_ok=True)
    (place / "kernel.json").write_text(json.dumps(spec, indent=1) + "\n", encoding="utf-8")


def environment(folder: Path, root: Path) -> dict[str, str]:
    """Return the environment in which a build finds that kernel, and ``book`` and ``dlopt`` of ``root``."""
    path = [str(folder), os.environ.get("JUPYTER_PATH", "")]
    return {
        **os.environ,
        "JUPYTER_PATH": os.pathsep.join(filter(None, path)),
        "PYTHONPATH": str(root),
    }
