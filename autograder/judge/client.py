"""The converter's side of the judge: one trusted process for a whole class, started again if it should die."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from types import TracebackType
from typing import Any

from autograder.bridge import wire
from autograder.jail import limits_for
from autograder.jail.limits import DEFAULT
from autograder.judge.environment import environment
from autograder.judge.outcome import CellOutcome, Graded
from autograder.judge.session import REVIVED_FOR

__all__ = ["Judge", "as_request", "longest"]

MAX_ANSWER = 1 << 28  #: bytes of a graded notebook
SLACK = 60.0  #: seconds beyond the session's own limits
SESSIONS = REVIVED_FOR + 1  #: a last session may begin just before no more are begun


def as_request(
    problem_set: str, notebook: Any, imports: Sequence[str], *, no_jail: bool, limits: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what `autograder.judge.worker.grade` is asked for."""
    request = {"problem_set": problem_set, "notebook": notebook, "imports": list(imports)}
    return {**request, "no_jail": no_jail, "limits": dict(limits)}


def longest(problem_set: str, limits: Mapping[str, Any]) -> float:
    """Return the seconds after which a judge that has not answered never will."""
    return SESSIONS * replace(limits_for(problem_set), **limits).wall_seconds + SLACK


class Judge:
    """Grades notebooks, one after the other, in a process of its own.

    Parameters
    ----------
    no_jail : bool
        Run students' code without a jail.
    limits : dict
        What differs from `autograder.jail.limits_for`, by its names.

    Raises
    ------
    TypeError, ValueError
        For a limit that there is not, or that is not above 0.
    """

    def __init__(self, *, no_jail: bool = False, limits: Mapping[str, Any] | None = None) -> None:
        self.no_jail = no_jail
        self.limit(limits or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._sock: socket.socket | None = None

    def __enter__(self) -> Judge:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def limit(self, limits: Mapping[str, Any]) -> None:
        """Set what differs from `autograder.jail.limits_for`; a judge's jails that have begun keep theirs."""
        replace(DEFAULT, **limits)  # raises where there is no such limit
        self.limits = dict(limits)

    def grade(self, problem_set: str, notebook: Any, notes: list[str], imports: Sequence[str] = ()) -> Graded:
        """Run and judge one rebuilt notebook.

        Parameters
        ----------
        problem_set : str
            Decides limits and what the jail shows.
        notebook : NotebookNode
            From `autograder.rebuild.rebuild`.
        notes : list of str
            What was mended before; handed through.
        imports : sequence of str
            Import statements on which tests may rely; see `autograder.judge.run.Run`.

        Returns
        -------
        Graded
            Ungradable, with the reason, where the judge itself failed.
        """
        request = as_request(problem_set, notebook, imports, no_jail=self.no_jail, limits=self.limits)
        deadline = time.monotonic() + longest(problem_set, self.limits)
        try:
            answer = self._ask(request, deadline)
        except (wire.Closed, wire.OutOfTime, wire.TooLarge, OSError, ValueError) as error:
            self.close()
            reason = "took too long" if isinstance(error, wire.OutOfTime) else f"stopped ({type(error).__name__})"
            said = f"the judge {reason} while grading this submission; grade it again, or by hand"
            return Graded(dict(notebook), notes=notes, ungradable=said)
        cells = [CellOutcome(**cell) for cell in answer["cells"]]
        return Graded(answer["notebook"], cells, [*notes, *answer["notes"]], answer["ungradable"])

    def _ask(self, request: dict[str, Any], deadline: float) -> dict[str, Any]:
        if self._process is None or self._process.poll() is not None:
            self._start()
        assert self._sock is not None
        wire.send(self._sock, json.dumps(request).encode(), deadline)
        answer: dict[str, Any] = json.loads(bytes(wire.receive(self._sock, MAX_ANSWER, deadline)))
        return answer

    def _start(self) -> None:
        self.close()
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "autograder.judge.worker", str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=environment(),
                cwd="/",
                start_new_session=True,  # a Ctrl-C reaches the converter, which then closes us
            )
        self._sock = ours

    def close(self) -> None:
        """End the judge, and with it its jails."""
        if self._sock is not None:
            self._sock.close()
            self._sock = None
        if self._process is not None:
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None


def as_answer(graded: Graded) -> bytes:
    """Write a `Graded` as the worker sends it."""
    return json.dumps(asdict(graded)).encode()
