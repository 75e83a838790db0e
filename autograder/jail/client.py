"""The grader's side of a jail: start it, open sessions in it, end them and learn how they ended."""

from __future__ import annotations

import contextlib
import itertools
import socket
import struct
import time
import warnings
from pathlib import Path
from types import TracebackType
from typing import Any

from autograder.jail import bubblewrap, ending
from autograder.jail.ending import Ending
from autograder.jail.launch import ServerProcess
from autograder.jail.limits import Limits, limits_for

__all__ = ["UNJAILED", "Jail", "JailError"]

START_SECONDS, SESSION_SECONDS, END_SECONDS = 120.0, 20.0, 20.0
LOOK_SECONDS = 0.2

UNJAILED = (
    "Grading without a jail: students' code runs with all your rights, and can read and change the gradebook, "
    "other submissions and your files. Use it only for submissions that you would run yourself."
)


class JailError(RuntimeError):
    """A jail cannot be started, or not any more; the message is a sentence for the instructor."""


class Jail:
    """A jail for the sessions of one problem set, one session at a time.

    Starting it imports numpy and all else once; a session is a fork of that, in a few milliseconds. Two jails
    know nothing of each other. A jail belongs to the thread that started it: it ends with that thread, and
    with this process, however that comes about.

    Parameters
    ----------
    problem_set
        Its name; `limits_for` says what a session may use.
    torch
        Whether torch can be imported inside.
    unjailed
        Run the same server without bubblewrap: no protection at all (``--no-jail``).
    limits
        In place of those of the problem set.
    guest
        In place of ``autograder/bridge/guest.py``; its ``serve(sock, limits)`` is what a session runs.

    Attributes
    ----------
    notes : list of str
        What the instructor should know: a restart, or that there is no jail.
    start_seconds : float
        How long the latest start took.
    spent : float
        CPU seconds of all sessions that have ended.

    Raises
    ------
    JailError
        From `start` and `session`, where no jail can be had.

    Examples
    --------
    >>> from autograder.jail import Jail
    >>> Jail("ps2_quadratics").alive  # nothing runs before start()
    False
    """

    def __init__(
        self,
        problem_set: str,
        *,
        torch: bool = False,
        unjailed: bool = False,
        limits: Limits | None = None,
        guest: Path | None = None,
    ) -> None:
        self.problem_set = problem_set
        self.torch = torch
        self.unjailed = unjailed
        self.limits = limits or limits_for(problem_set)
        self.notes: list[str] = []
        self.start_seconds = 0.0
        self.spent = 0.0
        self._guest = guest
        self._server: ServerProcess | None = None
        self._tainted = False  # a session left something that only a new jail gets rid of
        self._numbers = itertools.count(1)
        self._session: int | None = None
        self._ending: Ending | None = None

    def __enter__(self) -> Jail:
        """Start the jail."""
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Close the jail."""
        self.close()

    @property
    def alive(self) -> bool:
        """Whether the server runs."""
        return self._server is not None and self._server.alive

    @property
    def grouped(self) -> bool:
        """Whether control groups limit the session as a whole; else its processes are limited one by one."""
        return self._server is not None and self._server.group is not None

    def start(self) -> None:
        """Start the server and wait until it is ready for sessions; do nothing if it runs already.

        Raises
        ------
        JailError
            If this machine cannot build a jail (`bubblewrap.why_not` says why), or the server fails to start.
        """
        if self.alive:
            return
        self.close()
        if self.unjailed:
            if UNJAILED not in self.notes:
                self.notes.append(UNJAILED)
            warnings.warn(UNJAILED, RuntimeWarning, stacklevel=2)
        elif (sentence := bubblewrap.why_not()) is not None:
            raise JailError(sentence)
        began = time.monotonic()
        try:
            self._server = ServerProcess(self.limits, torch=self.torch, unjailed=self.unjailed, guest=self._guest)
        except OSError as error:
            raise JailError(f"The jail's server could not be started: {error}.") from error
        ready = self._server.hear(START_SECONDS)
        if ready is None or ready["threads"] != 1:  # a fork of several threads may hang
            what = "did not start" if ready is None else f"runs {ready['threads']} threads, and cannot be forked"
            sentence = f"The jail's server {what}.{self._server.last_words()}"
            self.close()
            raise JailError(sentence)
        self.start_seconds = time.monotonic() - began

    def close(self) -> None:
        """End the session and the server, and remove all that they left."""
        if self._server is not None:
            self._server.stop()
            self._server = None
        if self._session is not None:
            self._session, self._ending = None, Ending("killed")
        self._tainted = False

    def session(self) -> socket.socket:
        """End the running session, if any, and open a fresh one.

        Returns
        -------
        socket.socket
            A connected stream socket, blocking, to a child that serves nothing else. Closing it is the caller's.

        Raises
        ------
        JailError
            If the server died, was started again, and died again.
        """
        self.kill_session()
        if self._tainted:
            self.close()
        complaint = ""
        for _ in range(2):
            if not self.alive:
                self.close()
                self.start()
            assert self._server is not None
            try:
                return self._open(self._server)
            except OSError as error:
                complaint = f"The jail's server did not open a session ({error}).{self._server.last_words()}"
                self.notes.append(f"{complaint} It was started again.")
                self.close()
        raise JailError(complaint)

    def _open(self, server: ServerProcess) -> socket.socket:
        """Hand the server one end of a new pair of sockets, and admit the child that it forks."""
        number = next(self._numbers)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with theirs:
                if server.group is not None:
                    ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
                    server.group.begin()
                server.say(
                    theirs,
                    op="session",
                    session=number,
                    limits=self.limits.as_dict(),
                    uid=self._uid(server, number),
                    grouped=self.grouped,
                )
            ours.settimeout(SESSION_SECONDS)
            self._admit(server, ours)
        except OSError:
            ours.close()
            raise
        ours.settimeout(None)
        self._session, self._ending = number, None
        return ours

    @staticmethod
    def _admit(server: ServerProcess, ours: socket.socket) -> None:
        """Hear that the child is ready, see that it is in its control groups, and let it go."""
        data, ancillary, _, _ = ours.recvmsg(1, socket.CMSG_SPACE(12))
        if data != b"R":
            words = ours.recv(500).decode(errors="replace") if data else "it ended before it was ready"
            raise ConnectionError(words)
        if server.group is not None:
            # the kernel writes who sent this, with the process's number as seen from here
            (pid,) = (struct.unpack("3i", d)[0] for _, kind, d in ancillary if kind == socket.SCM_CREDENTIALS)
            server.group.add(pid)
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 0)
        ours.sendall(b"G")

    def _uid(self, server: ServerProcess, number: int) -> int | None:
        """Choose a user whom no one else on this machine is: nobody shares a session's count of processes."""
        if self.unjailed or not bubblewrap.becomes_students():
            return None
        first, users = bubblewrap.free_users()
        return first + (server.pid * 256 + number % 256) % users

    def ending(self, timeout: float = 0.0) -> Ending | None:
        """Tell how the latest session ended, or None while it runs (or when there has been none).

        Parameters
        ----------
        timeout
            Wait so many seconds for its end. The end of a session also closes its socket.
        """
        deadline = time.monotonic() + timeout
        while self._session is not None:
            assert self._server is not None
            left = max(0.0, deadline - time.monotonic())
            message = self._server.hear(min(left, LOOK_SECONDS))
            if message is not None:
                self._note_end(self._server, message)
            elif not self._server.alive:
                self._note_death(self._server)
            elif self._memory_killed(self._server):  # of several processes the kernel kills only one
                self._ask_to_end(self._server)
                deadline = max(deadline, time.monotonic() + LOOK_SECONDS)
            if left == 0.0:
                break
        return self._ending if self._session is None else None

    def kill_session(self) -> Ending | None:
        """Kill everything but the server, and wipe all that can be written inside.

        Returns
        -------
        Ending or None
            How the session ended, which may have been earlier and of itself; None when there has been none.
        """
        if self._session is None or self.ending() is not None:
            return self._ending
        assert self._server is not None
        self._ask_to_end(self._server)
        if self.ending(END_SECONDS) is None:
            self.notes.append("The jail did not end a session in time and was replaced.")
            self.close()
        return self._ending

    def _ask_to_end(self, server: ServerProcess) -> None:
        with contextlib.suppress(OSError):  # it died this moment: ending() finds out
            server.say(op="kill", session=self._session)

    @staticmethod
    def _memory_killed(server: ServerProcess) -> str:
        return "" if server.group is None else server.group.killed()

    def _note_end(self, server: ServerProcess, message: dict[str, Any]) -> None:
        """Keep what the server reports of a session's end."""
        killed, limit = self._memory_killed(server), self.limits.memory_bytes
        self._session, self._ending = None, ending.read(message, memory_killed=killed, memory_bytes=limit)
        self.spent += self._ending.cpu_seconds
        if killed == "machine":
            self.notes.append("The machine itself ran out of memory during a session.")
        if message["trouble"]:
            self._tainted = True
            self.notes.append(f"The jail was replaced after a session: {'; '.join(message['trouble'])}.")

    def _note_death(self, server: ServerProcess) -> None:
        """Keep that the server died, and the session with it."""
        memory = self._memory_killed(server) == "session"
        self.notes.append(f"The jail's server ended during a session.{server.last_words()}")
        self.close()
        self._ending = Ending("memory" if memory else "server")
