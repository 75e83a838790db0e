"""Which notebook is meant: a path, the beginning of a set's name, or whatever lies in the folder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from dlopt.notebooks import MAX_BYTES, Unreadable, names, size
from dlopt.ready._expected import problem_sets

__all__ = ["read_file", "which"]


def which(what: str | None, here: Path) -> Path:
    """Find the notebook.

    Parameters
    ----------
    what : str or None
        A path to a notebook or to a folder that holds it; the beginning of a set's name such as "ps1"; or None for
        the one problem set in the folder.
    here : Path
        The current folder.

    Raises
    ------
    Unreadable
        If there is none, or more than one that could be meant.
    """
    path = here / what if what else here
    if what and path.is_file():
        return path
    if path.is_dir():
        return _only(_in(path, problem_sets()), path, "a problem set")
    if what is None or re.search(r"[/\\]|\.\w+$", what):
        raise Unreadable(f"There is no file {what} here ({here}). Check the name, or change to the notebook's folder.")
    sets = [name for name in problem_sets() if _begins(name, what)]
    if len(sets) != 1:
        meant = f"could be {names(sets)}" if sets else f"is none of the problem sets {names(problem_sets(), 12)}"
        raise Unreadable(f"“{what}” {meant}, and no file has this name. Give a set's number, as in ps1, or a path.")
    (name,) = sets
    return _only([*_in(here, sets), *_in(here / name, sets)], here, f"{name}.ipynb")


def read_file(path: Path) -> bytes:
    """Read a file, unless it is no ordinary one or too large.

    Raises
    ------
    Unreadable
        If so, or if it cannot be opened.
    """
    try:
        if not path.is_file():
            raise Unreadable(f"{path.name} is no ordinary file. Give the notebook itself.")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read ({error.strerror}).") from None
    if len(data) > MAX_BYTES:
        raise Unreadable(
            f"The file has more than {size(MAX_BYTES)}, and such files are not collected. Clear the outputs (Edit → "
            "Clear Outputs of All Cells) and save."
        )
    return data


def _begins(name: str, what: str) -> bool:
    """Tell whether ``name`` begins like ``what``; ps1 is no beginning of ps10_landscapes."""
    return name.startswith(what) and not (what[-1:].isdigit() and name[len(what) :][:1].isdigit())


def _in(folder: Path, sets: Sequence[str]) -> list[Path]:
    """Return the notebooks of these sets in a folder: under their own names where they are there, else alike ones."""
    try:
        there = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".ipynb" and path.is_file())
    except OSError:
        return []
    found: list[Path] = []
    for name in sets:
        alike = [path for path in there if re.match(re.escape(name) + r"(?![a-z0-9])", path.name, re.IGNORECASE)]
        found += [path for path in alike if path.stem == name] or alike
    return found


def _only(found: Sequence[Path], folder: Path, what: str) -> Path:
    if len(found) == 1:
        return found[0]
    if found:
        listed = names(path.relative_to(folder) for path in found)
        raise Unreadable(f"Several notebooks could be meant: {listed}. Give the name of one.")
    raise Unreadable(
        f"There is no {'notebook of ' if what == 'a problem set' else ''}{what} in {folder}. "
        "Change to its folder (cd …), or give its path."
    )
