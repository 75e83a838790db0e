"""Build the website: run only what has changed, and pass only what holds.

Jupyter Book, its execution cache and Sphinx each remember part of the last build, and none of them looks
at dlopt, at the design or at whether the last build failed. Three fingerprints close the gaps:

- *code*: dlopt (without its checks, which chapters do not use) and the libraries. Changed: all cells run.
- *house*: configuration, table of contents, extensions, design. Changed: all pages are made anew.
- *pages*: index, chapters, course.yml, problem sets and downloads. Changed: Sphinx finds out which.

They are remembered only when a build succeeds, so that a failed one is never taken for finished.
"""

from __future__ import annotations

import fcntl
import json
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from autograder.course import Course, CourseError
from autograder.settings import load
from book import gates, kernel, package, teaching
from book.digest import digest

__all__ = ["ROOT", "BuildError", "build", "fingerprints"]

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = ("numpy", "scipy", "torch", "scikit-learn", "matplotlib", "ipykernel", "ipywidgets", "anywidget")
TOOLS = (
    "jupyter-book",
    "sphinx",
    "myst-nb",
    "sphinx-book-theme",
    "pydata-sphinx-theme",
    "sphinx-mathjax-offline",
)
STRICT = ("-n", "-W", "--keep-going", "-q")  # every broken reference and every warning is an error
MADE = ("html", ".doctrees", "jupyter_execute", ".jupyter_cache", "templates", "downloads", "jupyter")


class BuildError(Exception):
    """The book could not be built; what is wrong has been printed."""


def fingerprints(root: Path) -> dict[str, str]:
    """Return the fingerprints of what a build depends on: ``code``, ``house`` and ``pages``."""
    dlopt = root / "dlopt"
    house = [root / "_config.yml", root / "_toc.yml", root / "book"]
    pages = [root / "index.md", root / "chapters", root / "course.yml", *teaching.sources(root)]
    return {
        "code": digest([dlopt], root, skip=[dlopt / "checks"]) + _versions(LIBRARIES),
        "house": digest(house, root) + _versions(TOOLS),
        "pages": digest(pages, root) + digest([root / "_build" / "downloads"], root / "_build"),
    }


def _versions(names: tuple[str, ...]) -> str:
    """Write down what is installed."""
    found = [f"python {platform.python_version()}"]
    for name in names:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} missing")
    return ", ".join(found)


def build(root: Path = ROOT, *, cold: bool = False) -> str:
    """Bring ``_build/html`` up to date.

    Parameters
    ----------
    root : Path
        The repository.
    cold : bool
        Forget everything first: run every cell, make every page.

    Returns
    -------
    str
        One line on what was done.

    Raises
    ------
    BuildError
        When a cell fails, a claim does not hold or there is any warning.
    """
    output = root / "_build"
    output.mkdir(exist_ok=True)
    with _alone(output):
        if cold:
            for name in MADE:
                shutil.rmtree(output / name, ignore_errors=True)
            (output / "state.json").unlink(missing_ok=True)
        return _build(root, output)


def _build(root: Path, output: Path) -> str:
    start = time.monotonic()
    state, html = output / "state.json", output / "html"
    try:
        _downloads(root, output / "downloads")
    except (package.PackageError, CourseError) as error:
        raise BuildError(str(error)) from None
    before = json.loads(state.read_text()) if state.exists() else {}
    now = fingerprints(root)
    if before == now and (html / "claims.json").exists():
        return f"nothing has changed; the site is {_shown(html)}"
    # nothing of an older build may pass for a result of this one
    state.unlink(missing_ok=True)
    (html / "claims.json").unlink(missing_ok=True)
    if before.get("code", now["code"]) != now["code"]:
        shutil.rmtree(output / ".jupyter_cache", ignore_errors=True)
    anew = {key: before.get(key) for key in ("code", "house")} != {key: now[key] for key in ("code", "house")}
    try:
        _jupyter_book(root, output, all_pages=anew)
    except BuildError:
        (html / "claims.json").unlink(missing_ok=True)
        raise
    if found := gates.findings(html):
        (html / "claims.json").unlink(missing_ok=True)
        raise BuildError("the pages are not fit to be read:\n" + "\n".join(f"  {line}" for line in found))
    state.write_text(json.dumps(now, indent=1) + "\n")
    claims = json.loads((html / "claims.json").read_text(encoding="utf-8"))
    rows = len({claim["id"] for claim in claims})
    what = f"{len(claims)} checks of {rows} rows hold" if claims else "no checks yet"
    return f"built in {time.monotonic() - start:.0f} s, {what}; the site is {_shown(html)}"


def _downloads(root: Path, folder: Path) -> None:
    """Lay ready what the site offers beside its pages: the wheel, and the sets and solutions that course.yml names."""
    wheel, course = package.wheel(root, folder), Course(root / "autograder")
    release, chosen = course.root / "release", load(course).names
    beside = package.student_files(root, wheel) if package.released(release) else {}
    package.release_zips(release, folder, beside, chosen, torch=package.torch_pin(root) if beside else "")
    package.solutions(course, folder / "solutions", datetime.now(UTC))


def _jupyter_book(root: Path, output: Path, *, all_pages: bool) -> None:
    """Run Jupyter Book as its command line does, after the cells that its cache lacks (see book.execute)."""
    folder = output / "jupyter"
    kernel.install(folder, root)
    command = [
        sys.executable,
        "-m",
        "book.execute",
        "build",
        str(root),
        *STRICT,
    ]
    if all_pages:
        command.append("--all")
    environment = kernel.environment(folder, root)
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
    sys.stderr.write(reasons(done.stderr))
    if done.returncode != 0:
        raise BuildError("the build failed, for the reasons above")


def reasons(log: str) -> str:
    """Return what a reader of the log needs: all of it, but of a failed cell only the cell and its error.

    Three chained tracebacks of Sphinx, myst-nb and nbclient stand around a failed cell otherwise.
    """
    log = re.sub(r"\x1b\[[0-9;]*m", "", log)  # Sphinx and IPython colour it, whoever listens
    start, end = "CellExecutionError: An error occurred", "\nThe above exception was the direct cause"
    if start not in log:
        return log
    warnings = [line for line in log.partition("Exception occurred:")[0].splitlines() if "WARNING" in line]
    cell = start + log.partition(start)[2].partition(end)[0].rstrip()
    return "\n".join([*warnings, cell]) + "\n"


@contextmanager
def _alone(output: Path) -> Iterator[None]:
    """Wait until no other build writes here."""
    with (output / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _shown(html: Path) -> str:
    page = html / "index.html"
    return str(page.relative_to(Path.cwd()) if page.is_relative_to(Path.cwd()) else page)
