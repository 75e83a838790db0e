"""The pure function of the engine: a `Task` in, a `Done` out. Knows no gradebook, no course folder and no name.

In the main thread of its process, which is what local workers have, the judge runs right here, for its timers need the
main thread; a Dask worker's thread asks a judge in a process of its own. Either way students' code runs in a
jail that is kept warm for the next submission.
"""

from __future__ import annotations

import gc
import json
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from importlib import import_module
from multiprocessing import connection, util
from typing import Any

import nbformat

from autograder.bridge.shell import Shell
from autograder.engine.keys import checks
from autograder.engine.task import Done, StaleError, Task
from autograder.grading import SEEDS
from autograder.jail import Jail, JailError
from autograder.judge import gradebook
from autograder.judge.client import Judge, as_request
from autograder.judge.environment import environment
from autograder.judge.intake import HandedIn
from autograder.judge.notebooks import explained, imports_beside, rebuilt
from autograder.judge.outcome import Graded
from autograder.judge.worker import grade as judge_here
from autograder.judge.worker import jail_for
from autograder.patience import nbgrader_utils

__all__ = ["become_worker", "finished", "given_up", "grade", "parsed", "warm"]

_jails: dict[str, Jail] = {}
_judges: list[Judge] = []
_lock = threading.Lock()


def become_worker(problem_set: str, no_jail: bool) -> None:
    """Make a process of the local pool a judge: in grading mode, deaf to Ctrl-C, its jail started."""
    os.environ.update(environment())
    os.chdir("/")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the coordinator ends us
    coordinator = multiprocessing.parent_process()
    threading.Thread(target=_end_with, args=(coordinator,), daemon=True).start()
    util.Finalize(None, _close_jails, exitpriority=10)
    warm()
    _jail(problem_set, no_jail)


def _end_with(coordinator: Any) -> None:
    """Wait for the end of the coordinator, however it came about, and end this process: nobody wants its results."""
    connection.wait([coordinator.sentinel])
    os.kill(os.getpid(), signal.SIGKILL)  # the jail's server notices, and ends as well


def _close_jails() -> None:
    while _jails:
        _jails.popitem()[1].close()


def warm() -> None:
    """Import what grading needs, make its shell, and keep the collector of garbage away from it all."""
    Shell.instance()
    import_module("dlopt.pictures")
    import_module("PIL.PngImagePlugin")  # pictures of failures are drawn here
    gc.collect()
    gc.freeze()  # IPython collects at every reset: what is imported never becomes garbage


def _jail(problem_set: str, no_jail: bool) -> None:
    """Start the jail of a problem set; where none can be had, grading says why, submission by submission."""
    try:
        jail_for(_jails, problem_set, {"no_jail": no_jail, "limits": {}}).start()
    except JailError:
        _jails.pop(problem_set, None)


def grade(task: Task) -> Done:
    """Grade one submission.

    Parameters
    ----------
    task : Task
        Everything the grade depends on.

    Returns
    -------
    Done
        The grade. What goes wrong with the submission is in there, as *ungradable*.

    Raises
    ------
    StaleError
        If this worker has other checks than the coordinator.
    """
    if checks(task.problem_set) != task.checks:
        raise StaleError(f"this worker's checks of {task.problem_set} are not the coordinator's: bring it up to date")
    wall, cpu, before = time.perf_counter(), time.process_time(), {id(jail): jail.spent for jail in _jails.values()}
    done = finished(task, _graded(task))
    seconds = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    spent = sum(jail.spent - before.get(id(jail), 0.0) for jail in _jails.values())  # also that of lent names
    return replace(done, seconds={**seconds, "jail": round(spent, 3)})


def finished(task: Task, graded: Graded) -> Done:
    """Write down what a task came to: the autograded notebook, and what the gradebook will hold."""
    written = explained(graded)
    text = json.dumps(written, ensure_ascii=False, sort_keys=True)  # nbformat indents, which takes ten times as long
    scores, comments = _entries(graded, parsed(task.release))
    cells, notes = tuple(graded.cells), tuple(graded.notes)
    return Done(task.key, text.encode(), cells, scores, comments, notes, graded.ungradable, seeds=SEEDS)


def given_up(task: Task, reason: str) -> Done:
    """Return the outcome of a task that no worker could finish: ungradable, and not kept for the next run."""
    said = f"the judge {reason} while grading this submission; grade it again, or by hand"
    return replace(finished(task, Graded(parsed(task.release), notes=list(task.notes), ungradable=said)), key="")


@lru_cache(maxsize=4)
def parsed(data: bytes) -> Any:
    """Return a release as nbformat has it; nobody changes it."""
    return nbformat.reads(data.decode(), as_version=4)  # type: ignore[no-untyped-call]


def _graded(task: Task) -> Graded:
    """Rebuild and judge; what goes wrong on the way is ungradable, with a reason."""
    release = parsed(task.release)
    made = rebuilt(HandedIn(None, task.submission, task.name, task.notes), release)
    if isinstance(made, Graded):
        return made
    notes, imports = [*task.notes, *made.notes], imports_beside(release)
    if threading.current_thread() is not threading.main_thread():
        with _a_judge(task) as judge:
            return judge.grade(task.problem_set, made.notebook, notes, imports)
    request = as_request(task.problem_set, made.notebook, imports, no_jail=task.no_jail, limits=task.limits)
    graded = judge_here(request, _jails)
    return Graded(graded.notebook, graded.cells, [*notes, *graded.notes], graded.ungradable)


@contextmanager
def _a_judge(task: Task) -> Iterator[Judge]:
    """Lend a judge that nobody else is using; as many are kept as there are threads."""
    with _lock:
        judge = _judges.pop() if _judges else Judge()
    judge.no_jail, judge.limits = task.no_jail, dict(task.limits)
    try:
        yield judge
    finally:
        with _lock:
            _judges.append(judge)


def _entries(graded: Graded, release: Any) -> tuple[dict[str, float | None], dict[str, str | None]]:
    """Return what goes into the gradebook for each cell of the release that it knows."""
    utils = nbgrader_utils()
    labelled = [cell for cell in release.cells if cell.metadata.get("nbgrader")]
    grades = [cell for cell in labelled if utils.is_grade(cell) or utils.is_task(cell)]
    written = [cell for cell in labelled if utils.is_solution(cell) or utils.is_task(cell)]
    names = ([str(cell.metadata.nbgrader["grade_id"]) for cell in cells] for cells in (grades, written))
    return gradebook.entries(graded, *names)
