"""What a forked child does before a student's first line runs: give up everything it does not need.

Runs inside the jail, with nothing but the standard library and the modules imported before the fork.
"""

from __future__ import annotations

import contextlib
import os
import random
import resource
import signal
import socket
import sys
from types import ModuleType
from typing import Any

from autograder.jail import syscalls

__all__ = ["become_session", "reseed"]

SOCKET = 3
"""The one open file of a session beyond the three standard ones, which lead nowhere."""


def become_session(sock: socket.socket, request: dict[str, Any], settings: dict[str, Any]) -> socket.socket:
    """Turn a fresh fork of the server into a session, and return the socket it serves.

    Parameters
    ----------
    sock
        This end of the session's socket.
    request
        ``limits`` (a dict), ``base_bytes`` (address space the server occupies) and ``uid`` (or None).
    settings
        The server's: ``jailed``, ``home`` and ``doors``, the files by which one enters the session's control groups.
    """
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with contextlib.suppress(OSError):  # a kernel that lets nobody in by himself: the grader puts us in, if need be
            for door in settings["doors"]:
                os.write(door, b"0")
        sock = _close_all_but(sock)
        _prepare(request, settings)
    except Exception as error:  # nothing of a student's has run yet: the grader may read this
        sock.sendall(f"E{type(error).__name__}: {error}"[:500].encode())
        os._exit(70)
    sock.sendall(b"R")  # ready: the grader sees that this process is in its control groups, and says go
    if sock.recv(1) != b"G":
        os._exit(0)  # nobody wants the session any more
    return sock


def _prepare(request: dict[str, Any], settings: dict[str, Any]) -> None:
    """Settle in the home directory, give up privileges, and take on the limits."""
    os.chdir(settings["home"])
    os.umask(0o077)
    with contextlib.suppress(OSError):  # should memory run out, a student's process goes before the server
        _write("/proc/self/oom_score_adj", "1000", jailed=settings["jailed"])
    if settings["jailed"]:
        _drop_privileges(request["uid"])
    _set_limits(request["limits"], request["base_bytes"], jailed=settings["jailed"])
    if settings["jailed"]:
        syscalls.install_filter()
    reseed()


def _close_all_but(sock: socket.socket) -> socket.socket:
    """Leave open only the socket, as file 3, and /dev/null as standard input, output and error."""
    null = os.open(os.devnull, os.O_RDWR)
    fd = sock.detach()
    if fd < SOCKET:  # cannot happen while the server keeps its three standard files
        os._exit(70)
    for standard in range(SOCKET):
        os.dup2(null, standard)
    if fd != SOCKET:
        os.dup2(fd, SOCKET, inheritable=False)
    os.closerange(SOCKET + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    return socket.socket(fileno=SOCKET)


def _write(path: str, text: str, *, jailed: bool) -> None:
    """Write one of this process's own files in /proc, which belong to root while it is undumpable."""
    try:
        with open(path, "w") as file:
            file.write(text)
    except PermissionError:
        if not jailed:
            raise
        syscalls.show_memory()
        try:
            with open(path, "w") as file:
                file.write(text)
        finally:
            syscalls.hide_memory()


def _drop_privileges(uid: int | None) -> None:
    """Become ``uid``, where the server is root, without any capability and with no way to regain one."""
    syscalls.no_new_privileges()
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    syscalls.drop_capabilities()
    syscalls.hide_memory()


def _set_limits(limits: dict[str, Any], base_bytes: int, *, jailed: bool) -> None:
    """Set the limits of each process; those of the whole session are watched from outside."""
    wanted = {
        resource.RLIMIT_AS: base_bytes + limits["memory_bytes"],
        resource.RLIMIT_NOFILE: limits["open_files"],
        resource.RLIMIT_FSIZE: limits["file_bytes"],
        resource.RLIMIT_CORE: 1,  # too little for a file, and the one value that keeps a crash from a handler too
    }
    if sys.platform != "linux":  # macOS counts shared libraries of gigabytes as address space
        del wanted[resource.RLIMIT_AS]
    if jailed:  # elsewhere this would count everything its user runs
        wanted[resource.RLIMIT_NPROC] = limits["processes"]
        wanted[resource.RLIMIT_MEMLOCK] = 0
        wanted[resource.RLIMIT_MSGQUEUE] = 0
    for name, value in wanted.items():
        _lower(name, value, value)
    _lower(resource.RLIMIT_CPU, limits["cpu_seconds"], limits["cpu_seconds"] + 1)  # SIGXCPU names the reason


def _lower(name: int, soft: int, hard: int) -> None:
    """Set a limit, or what is left of it where the system's own is lower."""
    ceiling = resource.getrlimit(name)[1]
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    resource.setrlimit(name, (soft, hard))


def reseed() -> None:
    """Seed the global generators anew, which a fork would otherwise share with every other session."""
    random.seed()
    numpy: ModuleType | None = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()
    torch: ModuleType | None = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(int.from_bytes(os.urandom(7), "little"))
