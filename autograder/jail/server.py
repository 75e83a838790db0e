"""The fork server: imports once, then forks a child for each session and cleans up after it.

In the jail it is process 1 of its own PID namespace: no signal from inside reaches it, and
``kill(-1, SIGKILL)`` reaches everybody else. It runs no thread and computes nothing itself, so that its
forks start from a sane state. Runs with nothing but the standard library until it imports what sessions need.

The control socket carries messages of `control.Control`. To the server: first the settings, then
``{"op": "session", …}`` with the session's socket attached, and ``{"op": "kill", "session": n}``. From the server:
``{"event": "ready", …}`` once, and ``{"event": "ended", "session": n, …}`` exactly once per session, when no
process, no file and no shared memory of it is left.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import shutil
import signal
import socket
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.jail import syscalls, wipe
from autograder.jail.child import become_session
from autograder.jail.control import Control

__all__ = ["main"]

TICK = 0.1
"""Seconds between two looks at a running session."""

PRELOAD = (
    "numpy",
    "numpy.linalg",
    "numpy.random",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_svg",
    "matplotlib_inline.backend_inline",
    "IPython.core.interactiveshell",
    "IPython.core.displayhook",
    "dlopt.pictures",
    "dlopt.plotting",
)


@dataclass
class Session:
    """A forked child, and what is known about its end."""

    number: int
    pid: int
    pidfd: int
    wall_seconds: float
    memory_bytes: int | None  # None: a control group watches it
    started: float = field(default_factory=time.monotonic)
    status: int | None = None
    peak_bytes: int = 0
    cpu_seconds: float = 0.0


def main(fd: int) -> None:
    """Serve the control socket ``fd`` until the other side closes it."""
    if os.getpid() == 1:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # for process 1, "default" means that it is ignored
    control = Control(socket.socket(fileno=fd))
    settings = control.receive()
    if settings is None:  # the grader has died meanwhile
        return
    if settings["jailed"] and os.getpid() != 1:  # kill(-1) outside a PID namespace would end the machine
        raise RuntimeError("the jail's server must be process 1 of its namespace")
    if settings["jailed"]:
        syscalls.hide_memory()
        syscalls.drop_bounding_set()  # of all sessions: it is inherited, and takes a millisecond
    elif sys.platform == "linux":
        syscalls.adopt_orphans()
    server = Server(control, settings, _preload(settings))
    server.jail.wipe()  # caches that the imports have written
    control.send({"event": "ready", "threads": _settle()})
    server.run()


def _preload(settings: dict[str, Any]) -> Any:
    """Import what sessions need, and return the guest module that will serve them."""
    sys.path += settings["path"]
    _lay_out_fonts()
    import matplotlib

    matplotlib.use("agg")
    for name in PRELOAD:
        importlib.import_module(name)
    if settings["torch"]:
        torch = importlib.import_module("torch")
        torch.set_num_threads(1)  # a parent that had run a multithreaded operation would hang its children
        torch.set_num_interop_threads(1)
        # the first optimizer imports for seconds; cut off by a time limit it would never work again
        torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    guest = importlib.import_module("autograder.bridge.guest")
    preload = getattr(guest, "preload", None)
    if preload is not None:
        preload()
    gc.collect()
    gc.freeze()  # so that a child's collector does not copy the server's pages
    return guest


def _lay_out_fonts() -> None:
    """Put the bundle's list of fonts where matplotlib looks for it, until the imports are done."""
    where = os.environ.get("MPLCONFIGDIR")
    if where is not None:
        os.makedirs(where, exist_ok=True)
        for fonts in Path(__file__).parents[2].glob("fontlist-*.json"):
            shutil.copyfile(fonts, Path(where, fonts.name))


def _settle() -> int:
    """Wait until imports' helper threads are gone, and count the threads that remain."""
    tasks = Path("/proc/self/task")
    if not tasks.exists():
        return 1
    for _ in range(20):
        if len(list(tasks.iterdir())) == 1:
            break
        time.sleep(0.05)
    return len(list(tasks.iterdir()))


class Server:
    """The loop of the fork server."""

    def __init__(self, control: Control, settings: dict[str, Any], guest: Any) -> None:
        self.control, self.settings, self.guest = control, settings, guest
        self.session: Session | None = None
        self.jail = wipe.Jail(settings["jailed"], settings["wiped"])
        self.base = wipe.memory_of(os.getpid())

    def run(self) -> None:
        """Serve requests until the control socket closes."""
        while True:
            session = self.session
            timeout, pidfd = (None, -1) if session is None else (TICK, session.pidfd)
            asked = self.control.ready(timeout, pidfd)
            self._look()
            if asked and not self._answer():
                break
        if self.session is not None:
            self._end("asked")

    def _answer(self) -> bool:
        """Take one request; False when the other side is gone."""
        request = self.control.receive()
        if request is None:
            return False
        if request["op"] == "session":
            if self.session is not None:
                self._end("asked")
            self._fork(request, self.control.take_socket())
        elif self.session is not None and self.session.number == request["session"]:
            self._end("asked")
        return True

    def _fork(self, request: dict[str, Any], sock: socket.socket) -> None:
        request["base_bytes"] = self.base.address_space
        pid = os.fork()
        if pid == 0:
            try:
                self.control.sock.detach()  # closed by number in the child, never by this object
                self.guest.serve(become_session(sock, request, self.settings), request["limits"])
                os._exit(0)
            finally:
                os._exit(70)
        sock.close()
        limits = request["limits"]
        self.session = Session(
            number=request["session"],
            pid=pid,
            pidfd=os.pidfd_open(pid) if hasattr(os, "pidfd_open") else -1,
            wall_seconds=limits["wall_seconds"],
            memory_bytes=None if request["grouped"] else limits["memory_bytes"],
        )

    def _look(self) -> None:
        """Reap what has died, and end the session when its child has, or when it takes too much."""
        session = self.session
        if session is None:
            return
        self._reap()
        if session.status is not None:
            self._end("own")
        elif time.monotonic() - session.started > session.wall_seconds:
            self._end("wall")
        elif session.memory_bytes is not None and self.jail.used(self.base) > session.memory_bytes:
            self._end("memory")

    def _reap(self) -> bool:
        """Collect dead processes, orphans included; False when no child is left."""
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            if self.session is not None and pid == self.session.pid:
                self.session.status = status
                self.session.peak_bytes = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
                self.session.cpu_seconds = usage.ru_utime + usage.ru_stime

    def _end(self, why: str) -> None:
        """Kill, reap and wipe the session, and report how its child ended."""
        session = self.session
        assert session is not None
        self.jail.kill(session.pid)
        while self._reap():
            time.sleep(0.002)
            self.jail.kill(session.pid)
        trouble = self.jail.wipe()
        if session.pidfd >= 0:
            os.close(session.pidfd)
        self.session = None
        status = session.status or 0
        ended = {
            "event": "ended",
            "session": session.number,
            "why": why,
            "exit_code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
            "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
            "peak_bytes": session.peak_bytes,
            "cpu_seconds": session.cpu_seconds,
            "trouble": trouble,
        }
        with contextlib.suppress(OSError):  # the grader is gone: the loop notices
            self.control.send(ended)
