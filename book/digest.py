"""Fingerprints of folders: what has changed since the last build."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

__all__ = ["digest"]


def digest(paths: Iterable[Path], root: Path, skip: Iterable[Path] = ()) -> str:
    """Return a fingerprint of files and folders: their names below ``root`` and their bytes.

    Parameters
    ----------
    paths : iterable of Path
        Files, or folders taken with all they hold; what is missing counts as missing.
    root : Path
        Names are relative to it, so that a copy elsewhere has the same fingerprint.
    skip : iterable of Path
        Folders to leave out. Compiled Python and names starting with a dot are always left out.
    """
    skipped = tuple(skip)
    result = hashlib.sha256()
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            name = file.relative_to(root)
            left_out = any(part == "__pycache__" or part.startswith(".") for part in name.parts)
            if left_out or not file.is_file() or any(file.is_relative_to(s) for s in skipped):
                continue
            content = file.read_bytes()
            result.update(f"{name.as_posix()}\0{len(content)}\0".encode())
            result.update(content)
    return result.hexdigest()
