"""The folder that the jail sees of the course, and the packages it may import.

Both are built from lists of what goes in; whatever is not named here is not there to be found.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import os
import shutil
import sys
import tempfile
from copy import copy
from functools import cache
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import Any

from packaging.requirements import Requirement

__all__ = ["bundle", "interpreter", "packages"]

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
KEPT = ROOT / "_build" / "jail"
"""Where what takes long to make is kept from one process to the next."""

NUMPY_SETS = ("numpy", "matplotlib", "matplotlib-inline", "ipython")
"""Distributions a numpy problem set may import, each with all that it requires."""

TORCH_SETS = (*NUMPY_SETS, "torch")

COPIED = (
    "dlopt/__init__.py",
    "dlopt/plotting.py",
    "dlopt/pictures.py",
    "dlopt/loss_pictures.py",
    "dlopt/whitening_pictures.py",
    "dlopt/initialization_pictures.py",
    "dlopt/sgd_pictures.py",
    "dlopt/batchnorm_pictures.py",
    "dlopt/optimizer_pictures.py",
    "dlopt/backprop_pictures.py",
    "dlopt/mlp_pictures.py",
    "dlopt/landscape_pictures.py",
    "dlopt/compact_svg.py",
    "dlopt/checks/beside.py",
    "dlopt/checks/grading.py",  # names the environment variable; the door it opens leads nowhere in there
    *(f"autograder/bridge/{name}.py" for name in ("arrays", "codec", "reading", "values", "writing")),
    *(f"autograder/bridge/{name}.py" for name in ("wire", "guest", "shell", "subject")),
)
"""Files of this clone that the jail sees, at the same place in the bundle."""

REPLACED = {
    "dlopt/datasets.py": "guest_side/datasets.py",
    "dlopt/checks/__init__.py": "guest_side/silent.py",
    "autograder/jail/server.py": "server.py",
    "autograder/jail/control.py": "control.py",
    "autograder/jail/child.py": "child.py",
    "autograder/jail/syscalls.py": "syscalls.py",
    "autograder/jail/wipe.py": "wipe.py",
}
"""Files of the bundle that come from beside this module."""


@cache
def bundle(guest: Path | None = None) -> Path:
    """Build the bundle once per process, in a temporary folder that is removed at exit.

    Parameters
    ----------
    guest
        A file to use in place of ``autograder/bridge/guest.py``, for tests.

    Returns
    -------
    Path
        The folder; the jail mounts it read-only.

    Raises
    ------
    FileNotFoundError
        If a file of `COPIED` is missing in this clone.
    """
    folder = Path(tempfile.mkdtemp(prefix="jail-bundle-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    sources = {name: ROOT / name for name in COPIED}
    sources |= {name: HERE / source for name, source in REPLACED.items()}
    for check in (ROOT / "dlopt" / "checks").glob("ps*"):  # so that `import dlopt.checks.ps2_quadratics` works
        sources[f"dlopt/checks/{check.stem}.py"] = HERE / "guest_side" / "silent.py"
    if guest is not None:
        sources = {name: path for name, path in sources.items() if "bridge" not in name}
        sources["autograder/bridge/guest.py"] = guest
    for name, source in sources.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, folder / name)
    for package in ("autograder", "autograder/bridge", "autograder/jail"):
        (folder / package / "__init__.py").touch()  # empty: the real ones may import the judge's side
    _save_digits(folder / "dlopt" / "digits.npz")
    _save_fonts(folder)
    for path in (folder, *folder.rglob("*")):  # an unprivileged student reads it, whatever our umask
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def _save_digits(path: Path) -> None:
    """Write the training part of the digits, or copy what was written before; the held-out images stay outside."""
    made_by = f"{metadata.version('scikit-learn')}\n{(ROOT / 'dlopt' / 'datasets.py').read_text(encoding='utf-8')}"
    kept = KEPT / f"digits-{hashlib.sha256(made_by.encode()).hexdigest()[:16]}.npz"
    with contextlib.suppress(OSError):
        shutil.copyfile(kept, path)
        return
    import numpy as np

    from dlopt.datasets import digits  # imports scikit-learn: a second in which a jail could have started

    data = digits()
    np.savez_compressed(path, x_train=data.x_train, y_train=data.y_train)
    with contextlib.suppress(OSError):  # a clone that cannot be written makes them each time
        kept.parent.mkdir(parents=True, exist_ok=True)
        beside = kept.with_name(f"{kept.name}.{os.getpid()}")
        shutil.copyfile(path, beside)
        beside.replace(kept)


def _save_fonts(folder: Path) -> None:
    """Write matplotlib's list of the fonts it brings along, for which a jail would otherwise open every one of them."""
    from matplotlib import font_manager, get_data_path

    fonts: Any = copy(font_manager.fontManager)
    own = Path(get_data_path())
    fonts.ttflist = [font for font in fonts.ttflist if Path(font.fname).is_relative_to(own)]
    fonts.afmlist = [font for font in fonts.afmlist if Path(font.fname).is_relative_to(own)]
    font_manager.json_dump(fonts, str(folder / f"fontlist-v{font_manager.FontManager.__version__}.json"))


def interpreter() -> Path:
    """Return the real file of the interpreter, which a virtual environment only points to."""
    return Path(getattr(sys, "_base_executable", None) or sys.executable).resolve()


@cache
def packages(*, torch: bool) -> dict[str, Path]:
    """List what goes into the jail's site-packages.

    Parameters
    ----------
    torch
        Whether the problem set may import torch.

    Returns
    -------
    dict
        Name at the top of site-packages → file or folder outside: the closure of `NUMPY_SETS` or
        `TORCH_SETS` under the installed distributions' own requirements.

    Examples
    --------
    >>> names = packages(torch=False)
    >>> "numpy" in names, "torch" in names, "scipy" in names
    (True, False, False)
    """
    entries: dict[str, Path] = {}
    for dist in _closure(TORCH_SETS if torch else NUMPY_SETS):
        for file in dist.files or ():
            top = PurePosixPath(file).parts[0]
            if top not in {"..", "__pycache__"} and top not in entries:
                path = Path(str(dist.locate_file(top)))
                if path.exists():
                    entries[top] = path
    return entries


def _closure(roots: tuple[str, ...]) -> list[metadata.Distribution]:
    """Find the installed distributions that ``roots`` require, directly or through others."""
    found: dict[str, metadata.Distribution] = {}
    waiting = list(roots)
    while waiting:
        name = waiting.pop().lower().replace("_", "-").replace(".", "-")
        if name in found:
            continue
        try:
            dist = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            if name in roots:
                raise
            continue  # an optional part that is not installed here
        found[name] = dist
        for line in dist.requires or ():
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)
    return list(found.values())
