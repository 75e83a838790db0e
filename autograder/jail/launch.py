"""One running fork server, as seen from outside: start it, talk with it, stop it."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, Any

from autograder.jail import bubblewrap
from autograder.jail.bundle import bundle, interpreter
from autograder.jail.cgroups import SessionGroup
from autograder.jail.control import Control
from autograder.jail.limits import Limits

__all__ = ["ServerProcess"]

ENTRY = "import sys; sys.path.insert(0, {bundle!r}); from autograder.jail.server import main; main({fd})"


class ServerProcess:
    """A fork server in a jail, or, with ``unjailed``, outside of one.

    Parameters
    ----------
    limits, torch, unjailed, guest
        As in `Jail`.

    Attributes
    ----------
    pid : int
        The server's process as numbered outside the jail; 0 if unknown.
    group : SessionGroup or None
        Control groups for its sessions.
    """

    def __init__(self, limits: Limits, *, torch: bool, unjailed: bool, guest: Path | None) -> None:
        self.pid = 0
        self.group: SessionGroup | None = None
        self._errors: IO[bytes] = tempfile.TemporaryFile()
        self._home: str | None = None
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self._control = Control(ours)
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self.stop)  # for a grader that forgets to close; what remains outside would stay
        try:
            with theirs:
                if unjailed:
                    self._start_openly(bundle(guest), theirs.fileno())
                else:
                    self.group = SessionGroup.make(limits)
                    self._start_jailed(bubblewrap.arguments(bundle(guest), limits, torch=torch), theirs.fileno())
            self.say(
                jailed=not unjailed,
                torch=torch,
                path=[path for path in sys.path if path.endswith("-packages")] if unjailed else [bubblewrap.SITE],
                home=self._home or bubblewrap.HOME,
                doors=self.group.doors if self.group is not None else [],
                wiped=[self._home] if self._home else bubblewrap.WRITABLE,
            )
        except BaseException:
            self.stop()
            raise

    def _start_openly(self, folder: Path, fd: int) -> None:
        self._home = tempfile.mkdtemp(prefix="no-jail-")
        own = {"HOME": self._home, "IPYTHONDIR": f"{self._home}/.ipython", "MPLBACKEND": "agg", "DLOPT_GRADING": "jail"}
        own["MPLCONFIGDIR"] = f"{self._home}/.matplotlib"
        own |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        self._popen(_python(str(folder), fd), [fd], {**os.environ, **own})
        assert self._process is not None
        self.pid = self._process.pid

    def _start_jailed(self, arguments: list[str], fd: int) -> None:
        program, complaints = bubblewrap.find()
        if program is None:
            raise OSError(complaints)
        reading, writing = os.pipe()
        with open(reading, "rb") as info:
            with open(writing, "wb"):
                command = [program, *arguments, "--info-fd", str(writing), "--", *_python(bubblewrap.BUNDLE, fd)]
                self._popen(command, [fd, writing, *(self.group.doors if self.group is not None else [])], {})
            with contextlib.suppress(ValueError, KeyError):  # bubblewrap died: whoever listens will notice
                self.pid = int(json.loads(info.read())["child-pid"])

    def _popen(self, command: list[str], fds: list[int], environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
            pass_fds=fds,
            env=environment,
            cwd="/",
            start_new_session=True,  # a Ctrl-C at the grader is not the jail's to handle
        )

    @property
    def alive(self) -> bool:
        """Whether the server holds its end of the control socket."""
        poll = select.poll()
        poll.register(self._control.sock, 0)  # reports a hang-up, whatever is asked for
        return self._process is not None and self._process.poll() is None and not poll.poll(0)

    def say(self, sock: socket.socket | None = None, **message: Any) -> None:
        """Send a message, with a socket if given; OSError if the server is gone."""
        self._control.send(message, None if sock is None else sock.fileno())

    def hear(self, timeout: float) -> dict[str, Any] | None:
        """Receive a message; None when none comes in time, or the server is gone."""
        return self._control.receive() if self._control.ready(timeout) else None

    def last_words(self) -> str:
        """Return the last line that the server wrote before it died, as a sentence, or nothing."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            if self._process is not None and not self.alive:
                self._process.wait(timeout=2)
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, size - 4000))
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return f" Its last words: {lines[-1]}." if lines else ""

    def stop(self) -> None:
        """End the server, and with it every process of its namespace; remove all it left outside."""
        atexit.unregister(self.stop)
        self._control.sock.close()  # the server ends when it notices
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=5)
            self._process.kill()
            self._process.wait()
        if self.group is not None:
            self.group.remove()
            self.group = None
        self._errors.close()
        if self._home is not None:
            shutil.rmtree(self._home, ignore_errors=True)


def _python(folder: str, fd: int) -> list[str]:
    """Build the command of the server: no environment, no site-packages but those it is told of."""
    return [str(interpreter()), "-I", "-S", "-B", "-c", ENTRY.format(bundle=folder, fd=fd)]
