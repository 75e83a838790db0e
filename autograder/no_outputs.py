"""Refuse notebooks with outputs: ``python -m autograder.no_outputs FILE…`` (a pre-commit hook)."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import nbformat

__all__ = ["main", "with_outputs"]


def with_outputs(path: Path) -> list[int]:
    """Return the positions of the code cells of a notebook that carry an output or an execution count.

    Raises
    ------
    nbformat.reader.NotJSONError
        When the file is no notebook.
    """
    cells = nbformat.read(path, as_version=4).cells  # type: ignore[no-untyped-call]
    return [i for i, c in enumerate(cells) if c.cell_type == "code" and (c.outputs or c.execution_count is not None)]


def main(paths: Sequence[str]) -> int:
    """Print each offending notebook and return the exit status."""
    found = {path: with_outputs(Path(path)) for path in paths}
    for path, cells in found.items():
        if cells:
            where = ", ".join(map(str, cells))
            print(f"{path}: outputs in cells {where}; clear them (jupyter nbconvert --clear-output --inplace {path})")
    return int(any(found.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
