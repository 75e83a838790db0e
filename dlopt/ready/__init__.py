"""What ``python -m dlopt ready`` says: whether a notebook is ready to hand in.

A notebook's way: `which` file is meant → its bytes become cells (`dlopt.notebooks`) → what it should hold (`expect`) →
what can be seen without running it (`Look`) → what its cells do in a fresh kernel (`run`) → a verdict. The file is
only read; the cells run with the student's own rights, as they do in Jupyter.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dlopt.notebooks import read_with_metadata
from dlopt.ready._expected import INVENTORY, expect, problem_sets
from dlopt.ready._findings import Findings
from dlopt.ready._look import Look
from dlopt.ready._run import Run, run
from dlopt.ready._say import Style, headline, sections, table, verdict
from dlopt.ready._which import read_file, which

__all__ = ["INVENTORY", "LIMIT", "Style", "problem_sets", "ready"]

LIMIT = 120.0  #: seconds that a cell may take


def ready(
    what: str | None = None,
    *,
    here: Path | None = None,
    limit: float = LIMIT,
    execute: bool = True,
    style: Style | None = None,
    tell: Callable[[str], None] = lambda line: None,
) -> tuple[str, bool]:
    """Look at a notebook as those who collect it will.

    Parameters
    ----------
    what : str, optional
        The beginning of a set's name ("ps1"), a path, or nothing for the one problem set in the folder.
    here : Path, optional
        The folder to look in; the current one by default.
    limit : float
        Seconds that each cell may take.
    execute : bool
        Whether to run the cells.
    style : Style, optional
        How the text may look; plain by default.
    tell : callable
        Told which cell is running.

    Returns
    -------
    tuple of (str, bool)
        What to print, and whether the notebook can be handed in.

    Raises
    ------
    dlopt.notebooks.Unreadable
        If there is no notebook to look at; its message is the whole explanation.
    """
    path, style = which(what, here or Path.cwd()), style or Style()
    cells, mended, metadata = read_with_metadata(read_file(path))
    look = Look(cells, expect(cells, metadata, path.stem))
    findings = Findings(but=list(mended))
    findings += _named(path, look.expected.name)
    findings += look.findings()
    ran: Run | None = None
    if execute:
        ran = run(look, path.resolve().parent, limit, tell)
        findings += ran.findings
    last, good = verdict(look, ran, findings)
    lines = [style.wrap(headline(look, path.name, ran)), "", *table(look, ran, style), *sections(findings, style)]
    return "\n".join([*lines, "", style.wrap(style.paint(last, "1"))]), good


def _named(path: Path, name: str) -> Findings:
    """Say whether the file has the name under which it is collected."""
    if path.name == f"{name}.ipynb":
        return Findings()
    return Findings(but=[f"The file is called {path.name}; {name}.ipynb is what the course collects. Rename it."])
