"""What can be said about a cell's code without running it."""

from __future__ import annotations

import ast
import difflib
import sys
import warnings
from collections.abc import Iterable

from dlopt.notebooks import Cell

__all__ = ["NEEDED", "defined", "imported", "meant", "stub_left", "tree"]

NEEDED = frozenset({"numpy", "matplotlib", "IPython", "dlopt"})  #: what grading knows beside the standard library


def tree(source: str) -> ast.Module | None:
    """Parse the code of a cell, without the lines that only IPython understands; None where Python cannot."""
    lines = source.split("\n")
    if lines[0].startswith("%%"):
        return None
    plain = "\n".join("" if line.lstrip().startswith(("!", "%", "?")) else line for line in lines)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "\d" in a student's string is not what this is about
        try:
            return ast.parse(plain)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def defined(cell: Cell) -> list[str]:
    r"""Return the functions, classes and other names that a code cell gives a meaning, in order.

    Examples
    --------
    >>> defined(Cell(1, "code", "import numpy as np\ndef soft_max(h): ...\neps = 1e-9"))
    ['np', 'soft_max', 'eps']
    """
    code = tree(cell.source) if cell.kind == "code" else None
    found: list[str] = []
    for node in code.body if code else []:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.append(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found += [(alias.asname or alias.name).split(".")[0] for alias in node.names]
        else:
            found += [n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    return found


def meant(name: str, candidates: Iterable[str]) -> str:
    """Return the candidate that is probably a slip for ``name``; empty if none is.

    Examples
    --------
    >>> meant("softmax", ["np", "soft_max"]), meant("mse", ["one_hot"])
    ('soft_max', '')
    """
    bare = {candidate.replace("_", "").lower(): candidate for candidate in candidates}
    wanted = name.replace("_", "").lower()
    close = difflib.get_close_matches(wanted, bare, n=1, cutoff=0.75)
    close += [candidate for candidate in bare if wanted in candidate]  # mse_loss
    return bare[close[0]] if close else ""


def imported(cells: Iterable[Cell]) -> dict[str, Cell]:
    """Return the packages outside the standard library that code cells import, each with the first that does."""
    found: dict[str, Cell] = {}
    for cell in cells:
        code = tree(cell.source) if cell.kind == "code" else None
        for node in ast.walk(code) if code else ():
            modules = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            for package in (module.split(".")[0] for module in modules):
                if package and package not in sys.stdlib_module_names:
                    found.setdefault(package, cell)
    return found


def stub_left(cell: Cell) -> bool:
    """Tell whether a line of the stub, ``raise NotImplementedError``, still stands in the code."""
    code = tree(cell.source) if cell.kind == "code" else None
    return any(
        isinstance(node, ast.Raise) and "NotImplementedError" in ast.dump(node.exc or node)
        for node in (ast.walk(code) if code else ())
    )
