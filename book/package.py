"""What the site offers beside its pages: the dlopt wheel, and each released problem set as a zip."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from book.digest import digest

__all__ = ["PackageError", "release_zips", "wheel"]

HIDDEN = ("BEGIN SOLUTION", "BEGIN HIDDEN TESTS", "autograder.misconceptions", "autograder.grading")
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same files make the same zip, byte for byte


class PackageError(Exception):
    """Something would be given away that must not be, or could not be built."""


def wheel(root: Path, folder: Path) -> Path:
    """Build the wheel that students install into ``folder``, unless it is there and unchanged.

    Raises
    ------
    PackageError
        When the build fails, or the wheel holds anything but dlopt.
    """
    sources = [root / "pyproject.toml", root / "README.md", root / "LICENSE", root / "dlopt"]
    stamp = folder / ".wheel"
    now = digest(sources, root)
    there = sorted(folder.glob("dlopt-*.whl"))
    if len(there) == 1 and stamp.exists() and stamp.read_text() == now:
        return there[0]
    folder.mkdir(parents=True, exist_ok=True)
    for old in there:
        old.unlink()
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder.resolve())]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    if done.returncode != 0:
        raise PackageError(f"the wheel could not be built:\n{done.stdout}{done.stderr}".rstrip())
    [built] = folder.glob("dlopt-*.whl")
    with zipfile.ZipFile(built) as archive:
        foreign = [n for n in archive.namelist() if not n.startswith(("dlopt/", "dlopt-"))]
    if foreign:
        built.unlink()
        raise PackageError(f"the wheel would hold more than dlopt: {', '.join(foreign[:5])}")
    stamp.write_text(now)
    return built


def release_zips(release: Path, folder: Path) -> list[Path]:
    """Zip each problem set below ``release`` (``ps2_quadratics/…``) into ``folder``.

    Raises
    ------
    PackageError
        When a file holds a solution, hidden tests or a mention of the graders.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sets = sorted(p for p in release.glob("ps*") if p.is_dir()) if release.is_dir() else []
    for old in folder.glob("ps*.zip"):
        if old.stem not in {p.name for p in sets}:
            old.unlink()
    return [_zip(problem_set, folder / f"{problem_set.name}.zip") for problem_set in sets]


def _zip(problem_set: Path, target: Path) -> Path:
    """Write one zip; folders and files whose name starts with a dot stay out."""
    partial = target.with_suffix(".partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(problem_set.rglob("*")):
            name = file.relative_to(problem_set.parent)
            if not file.is_file() or any(part.startswith((".", "__")) for part in name.parts):
                continue
            content = file.read_bytes()
            found = [word for word in HIDDEN if word.encode() in content]
            if found:
                partial.unlink()
                raise PackageError(f"{name} holds {found[0]!r}: it is not fit for release")
            info = zipfile.ZipInfo(name.as_posix(), EPOCH)
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    shutil.move(partial, target)
    return target
