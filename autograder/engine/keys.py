"""What a grade depends on, as hashes: the submission, the release, the checks, and the environment they run in.

Two runs with the same key give the same grade, so a result is made once and kept. Each part is kept by name, so that
the ledger can say which of them changed.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from autograder.course import ROOT
from autograder.engine.files import digest
from autograder.judge.intake import is_linked
from autograder.rebuild import MAX_BYTES, Ungradable, read_file

__all__ = ["Keys", "checks", "checks_of", "environment", "folder"]

DECIDING = ("nbgrader", "numpy", "scipy", "scikit-learn", "torch", "matplotlib", "ipython", "nbformat", "pillow")
"""Packages whose version can change a grade or what stands in an autograded notebook."""


def _of_files(files: Iterable[tuple[str, Path]]) -> str:
    """Hash names and contents of files, in their order."""
    total = hashlib.sha256()
    for name, path in files:
        data = path.read_bytes()
        total.update(f"\n{name} {len(data)}\n".encode("utf-8", "surrogateescape") + data)
    return total.hexdigest()


def folder(path: Path) -> str:
    """Hash everything that a student handed in: names and contents; links by where they lead, never followed."""
    if is_linked(path):
        return digest(b"a link")
    total = hashlib.sha256()
    for entry in sorted(path.rglob("*")):
        name, said = entry.relative_to(path).as_posix(), ""
        if entry.is_symlink():
            said = f"-> {entry.readlink()}"
        elif entry.is_file():
            try:
                said = digest(read_file(entry, most=MAX_BYTES))  # the grader reads no more either
            except Ungradable as problem:  # it says so, and says it anew once that changes
                said = str(problem)
        total.update(f"\n{name} {said}\n".encode("utf-8", "surrogateescape"))
    return total.hexdigest()


def checks_of(ps: str) -> list[Path]:
    """Return the modules that decide the grades of a problem set: shared ones and its own, not those of other sets.

    Examples
    --------
    >>> names = [path.name for path in checks_of("ps2_quadratics")]
    >>> "ps2.py" in names, "report.py" in names, "ps8.py" in names
    (True, True, False)
    """
    mine = ps.split("_")[0]
    found = []
    machinery = [ROOT / name for name in ("rebuild", "jail", "bridge", "judge", "references")]
    for folder in (ROOT.parent / "dlopt" / "checks", ROOT / "misconceptions", *machinery):
        for path in folder.rglob("*.py"):
            sets = re.findall(r"^ps\d+", path.relative_to(folder).as_posix())
            if not sets or sets == [mine]:
                found.append(path)
    return sorted([*found, ROOT / "grading.py"])


@cache
def checks(ps: str) -> str:
    """Hash the code that decides the grades of a problem set."""
    files = [*checks_of(ps), ROOT / "engine" / "work.py"]
    return _of_files((path.relative_to(ROOT.parent).as_posix(), path) for path in files)


@cache
def environment() -> dict[str, str]:
    """Return Python and the packages that can change a grade, with their versions."""
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for name in DECIDING:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    return found


@dataclass(frozen=True)
class Keys:
    """The parts of a key that a whole class shares.

    Parameters
    ----------
    release, checks, environment, settings : str
        Hashes of the instructor's notebook, of the grader's code, of the installed packages, and of the course's
        ``nbgrader_config.py``.
    """

    release: str
    checks: str
    environment: str
    settings: str

    @classmethod
    def make(cls, ps: str, release: bytes, settings: Path, *, no_jail: bool) -> Keys:
        """Hash what a run has in common."""
        packages: Mapping[str, str] = {**environment(), "jail": "none" if no_jail else "bubblewrap"}
        around = json.dumps(packages, sort_keys=True).encode()
        return cls(digest(release), checks(ps), digest(around), digest(settings.read_bytes()))

    def of(self, submission: str) -> str:
        """Return the key of one submission, of which the hash is given."""
        return digest("\n".join([submission, self.release, self.checks, self.environment, self.settings]).encode())
