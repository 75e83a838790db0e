"""Which file of a student's folder is the notebook."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from autograder.rebuild._cells import MAX_BYTES, Ungradable, names, size

__all__ = ["NOTEBOOK", "find_notebook", "read_file", "read_notebook"]

MAX_ENTRIES = 10_000
MAX_DEPTH = 4
CHECKPOINTS = ".ipynb_checkpoints"
NOTEBOOK = re.compile(r"\.ipynb(\.(txt|json))?$", re.IGNORECASE)  # browsers add endings of their own


def find_notebook(folder: Path, ps: str) -> tuple[Path, list[str]]:
    """Find the notebook of a problem set among what a student handed in.

    First ``<ps>.ipynb`` itself; else the only notebook whose name begins like it, such as ``<ps> (1).ipynb``; else
    the only notebook there is. Folders inside the folder count, links and ``.ipynb_checkpoints`` do not.

    Parameters
    ----------
    folder : Path
        The student's folder of this problem set.
    ps : str
        The name of the notebook, without ending.

    Returns
    -------
    tuple of (Path, list of str)
        The file, and a note if it is not where it should be.

    Raises
    ------
    Ungradable
        If there is none, or more than one that could be meant.
    """
    wanted = f"{ps}.ipynb"
    links: list[Path] = []
    found = sorted(_notebooks(folder, links))
    exact = [path for path in found if path == folder / wanted] or [path for path in found if path.name == wanted]
    alike = [path for path in found if re.match(re.escape(ps) + r"(?![a-z0-9])", path.name, re.IGNORECASE)]
    fitting = exact or alike or found
    listed = names(path.relative_to(folder) for path in found)
    if len(fitting) > 1:
        raise Ungradable(
            f"{wanted} was expected, and several notebooks could be it: {listed}. Rename the right one to {wanted}."
        )
    if not fitting:
        saw = names(sorted(path.relative_to(folder) for path in links)) if links else names(_entries(folder))
        what = f"only links, which are not followed: {saw}" if links else f"no notebook but {saw}" if saw else "nothing"
        if what == "nothing" and (folder / CHECKPOINTS).exists():
            what = f"nothing but {CHECKPOINTS}, in which Jupyter keeps earlier versions"
        raise Ungradable(f"{wanted} was expected, and the folder holds {what}. Hand in the notebook under this name.")
    (path,) = fitting
    if path == folder / wanted:
        left = names(other.relative_to(folder) for other in alike if other != path)
        return path, [f"Besides {wanted}, and not looked at: {left}."] if left else []
    others = f" (of {listed})" if len(found) > 1 else ""
    return path, [
        f"The notebook should be called {wanted}; {names([path.relative_to(folder)])} was taken for it{others}."
    ]


def read_notebook(path: Path) -> bytes:
    """Read a file that was handed in, unless it is a link or too large.

    Raises
    ------
    Ungradable
        If it is, or if the file cannot be opened.
    """
    data = read_file(path, most=MAX_BYTES)
    if len(data) > MAX_BYTES:
        raise Ungradable(
            f"The file has more than {size(MAX_BYTES)}. Clear the outputs (Edit → Clear Outputs of All Cells), save "
            "and hand in again."
        )
    return data


def read_file(path: Path, *, most: int) -> bytes:
    """Read an ordinary file of a student's, and one byte more than `most` where it is larger.

    Raises
    ------
    Ungradable
        If it is a link, a pipe or a folder, or cannot be opened.
    """
    try:
        # neither a link nor a pipe may keep the grader waiting
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise Ungradable(f"{names([path.name])} is no ordinary file. Hand in the notebook itself.")
            return file.read(most + 1)
    except OSError as error:
        raise Ungradable(
            f"{names([path.name])} cannot be read ({error.strerror}). Hand in the notebook itself."
        ) from None


def _notebooks(folder: Path, links: list[Path]) -> Iterator[Path]:
    """Walk through the folder without following links; name the links to notebooks in `links`."""
    seen, folders = 0, [(folder, 0)]
    while folders:
        here, depth = folders.pop()
        for entry in _scan(here):
            seen += 1
            if seen > MAX_ENTRIES:
                raise Ungradable(f"The folder holds more than {MAX_ENTRIES} files. Hand in the notebook alone.")
            path, hidden = Path(entry.path), entry.name.startswith((".", "__"))
            if entry.is_dir(follow_symlinks=False):
                if not hidden and depth < MAX_DEPTH:
                    folders.append((path, depth + 1))
            elif NOTEBOOK.search(entry.name) and not hidden:
                if entry.is_file(follow_symlinks=False):
                    yield path
                elif entry.is_symlink():
                    links.append(path)


def _scan(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except OSError:  # gone, or not ours to read: nothing in it can be meant
        return


def _entries(folder: Path) -> list[str]:
    return sorted(entry.name for entry in _scan(folder) if entry.name != CHECKPOINTS)
