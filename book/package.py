"""What the site offers beside its pages: the dlopt wheel, and each released problem set as a zip."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from autograder.course import Course
from autograder.publish import publish
from book.digest import digest

__all__ = [
    "PackageError",
    "release_zips",
    "released",
    "solutions",
    "student_files",
    "student_pins",
    "torch_pin",
    "wheel",
]

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


README = """{name}

1. python -m venv .venv, and activate it (Python 3.11 or later).
2. pip install -r requirements.txt
3. jupyter lab {name}.ipynb
4. Fill in the cells that say YOUR CODE HERE, run the check below each.
5. python -m dlopt ready {short}    says whether the notebook is ready to hand in, and what to mend if not.
"""


def student_pins(root: Path) -> list[str]:
    """List what a student needs beside the wheel: JupyterLab and what dlopt asks for, at the course's versions.

    Raises
    ------
    PackageError
        When ``constraints.txt`` has no version for one of them.
    """
    wanted = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    names = ["jupyterlab", *(re.match(r"[\w-]+", need)[0] for need in wanted)]  # type: ignore[index]
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = {line.partition("==")[0].lower(): line for line in lines if "==" in line}
    if missing := [name for name in names if name.lower() not in pins]:
        raise PackageError(f"constraints.txt has no version of {', '.join(missing)}, which students need")
    return [pins[name.lower()] for name in names]


def torch_pin(root: Path) -> str:
    """Return the line that a problem set in torch needs beside `student_pins`."""
    (line,) = re.findall(r"^torch==.*$", (root / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE)
    return str(line)


def release_zips(
    release: Path,
    folder: Path,
    extras: dict[str, bytes] | None = None,
    chosen: Sequence[str] | None = None,
    *,
    torch: str = "",
) -> list[Path]:
    """Zip each problem set below ``release`` (``ps2_quadratics/…``) into ``folder``.

    Parameters
    ----------
    release, folder : Path
        Where the released sets are, and where the archives go.
    chosen : sequence of str, optional
        The sets of the course, in its order; all that are released if left out.
    extras : dict of str to bytes, optional
        Files to lay beside every notebook, by name.
    torch : str
        What else the requirements of a set say whose notebook imports torch.

    Raises
    ------
    PackageError
        When a file holds a solution, hidden tests or a mention of the graders.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sets = released(release)
    if chosen is not None:
        sets = [release / name for name in chosen if release / name in sets]
    for old in folder.glob("ps*.zip"):
        if old.stem not in {p.name for p in sets}:
            old.unlink()
    return [_zip(problem_set, folder / f"{problem_set.name}.zip", extras or {}, torch) for problem_set in sets]


def solutions(course: Course, folder: Path, now: datetime) -> list[Path]:
    """Lay the solutions that ``course.yml`` lets students see by now into ``folder``, and take away all others.

    Raises
    ------
    PackageError
        When a notebook holds hidden tests or a mention of the graders.
    """
    made = publish(course, folder, now)
    for notebook in made:
        if found := [word for word in HIDDEN if word in notebook.read_text(encoding="utf-8")]:
            notebook.unlink()
            raise PackageError(f"the solution {notebook.name} holds {found[0]!r}: it is not fit to be published")
    return made


def student_files(root: Path, built: Path) -> dict[str, bytes]:
    """Return what stands beside each notebook: the wheel, and the requirements that install it with its pins."""
    pins = "\n".join([f"./{built.name}", *student_pins(root), ""])
    return {built.name: built.read_bytes(), "requirements.txt": pins.encode()}


def released(release: Path) -> list[Path]:
    """List the folders of released problem sets."""
    return sorted(p for p in release.glob("ps*") if p.is_dir()) if release.is_dir() else []


def _zip(problem_set: Path, target: Path, extras: dict[str, bytes], torch: str) -> Path:
    """Write one zip; folders and files whose name starts with a dot stay out."""
    content = dict(extras)
    if extras:
        content["README.txt"] = README.format(name=problem_set.name, short=problem_set.name.partition("_")[0]).encode()
    for file in sorted(problem_set.rglob("*")):
        name = file.relative_to(problem_set)
        if file.is_file() and not any(part.startswith((".", "__")) for part in name.parts):
            content[name.as_posix()] = file.read_bytes()
            if found := [word for word in HIDDEN if word.encode() in content[name.as_posix()]]:
                raise PackageError(f"{problem_set.name}/{name} holds {found[0]!r}: it is not fit for release")
    if "requirements.txt" in extras and b"import torch" in content.get(f"{problem_set.name}.ipynb", b""):
        content["requirements.txt"] += f"{torch}\n".encode()
    partial = target.with_suffix(".partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, data in sorted(content.items()):
            info = zipfile.ZipInfo(f"{problem_set.name}/{entry}", EPOCH)
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    shutil.move(partial, target)
    return target
