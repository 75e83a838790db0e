"""Killing what a session has started, and removing what it has written.

Runs inside the jail, with nothing but the standard library.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

__all__ = ["Jail", "Memory", "empty", "memory_of"]

WATCHED = (
    resource.RLIMIT_AS,
    resource.RLIMIT_CPU,
    resource.RLIMIT_FSIZE,
    resource.RLIMIT_NOFILE,
    resource.RLIMIT_NPROC,
)


@dataclass(frozen=True)
class Memory:
    """What a process occupies, in bytes: its own pages, those it shares, and its address space."""

    own: int
    shared: int
    address_space: int


def memory_of(pid: int) -> Memory:
    """Read a process's memory from /proc; zeros where it is gone or there is no /proc."""
    fields = {"RssAnon": 0, "RssShmem": 0, "VmSize": 0}
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        lines = []
    for line in lines:
        name, _, value = line.partition(":")
        if name in fields:
            fields[name] = int(value.split()[0]) * 1024
    return Memory(fields["RssAnon"], fields["RssShmem"], fields["VmSize"])


class Jail:
    """The processes and the writable folders of the jail, as the server sees them.

    Parameters
    ----------
    jailed
        Whether this process is process 1 of its own PID namespace.
    folders
        The writable folders, all of them.
    """

    def __init__(self, jailed: bool, folders: list[str]) -> None:
        self.jailed = jailed
        self.folders = folders
        self.mode = 0o1777 if jailed else 0o700  # whoever the student is in there, and only we out here
        self.before = self._own_state()

    def kill(self, child: int) -> None:
        """Kill every process of the session."""
        if self.jailed and os.getpid() == 1:  # anywhere else, -1 would be everybody
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS: the group holds only the dead
            os.killpg(child, signal.SIGKILL)  # the child leads a group of its own
        for pid in _descendants(os.getpid()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def used(self, base: Memory) -> int:
        """Estimate the memory of the session's processes beyond what the server brought, files included."""
        pids = _namespace() if self.jailed else _descendants(os.getpid())
        found = [memory_of(pid) for pid in pids if pid != os.getpid()]
        own = sum(max(0, memory.own - base.own) for memory in found)
        files = sum(map(_filled, self.folders)) if self.jailed else 0  # outside, they lie on a disk
        return own + max((memory.shared for memory in found), default=0) + files

    def wipe(self) -> list[str]:
        """Empty the writable folders; return what could not be undone, for which the jail must be replaced."""
        trouble = [f"{folder} could not be emptied" for folder in self.folders if not empty(folder, self.mode)]
        if self.jailed:
            trouble += [f"System V {kind} is left" for kind in ("shm", "sem", "msg") if _system_v(kind)]
            if self._own_state() != self.before:
                trouble.append("limits of the server were changed")
        return trouble

    def _own_state(self) -> tuple[object, ...]:
        """Everything of this process that a process of the same user could have changed."""
        limits = tuple(resource.getrlimit(name) for name in WATCHED)
        return limits, os.getpriority(os.PRIO_PROCESS, 0), _affinity()


def _affinity() -> tuple[object, ...]:
    if not hasattr(os, "sched_getaffinity"):
        return ()
    return tuple(os.sched_getaffinity(0)), os.sched_getscheduler(0)


def _filled(folder: str) -> int:
    """Memory that a tmpfs takes: its contents, and about a kilobyte for each name, even of an empty file."""
    usage = os.statvfs(folder)
    return (usage.f_blocks - usage.f_bfree) * usage.f_frsize + (usage.f_files - usage.f_ffree) * 1024


def _system_v(kind: str) -> bool:
    try:
        return len(Path(f"/proc/sysvipc/{kind}").read_text().splitlines()) > 1  # the first line is a header
    except OSError:
        return False


def _namespace() -> Iterator[int]:
    return (int(name) for name in os.listdir("/proc") if name.isdigit())


def _descendants(root: int) -> list[int]:
    """Children of a process, and theirs; those whose parents died have come to the server (a subreaper)."""
    parents: dict[int, list[int]] = {}
    try:
        pids = list(_namespace())
    except OSError:
        return []
    for pid in pids:
        try:
            parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
        parents.setdefault(parent, []).append(pid)
    found, waiting = [], [root]
    while waiting:
        children = parents.get(waiting.pop(), [])
        found += children
        waiting += children
    return found


def empty(folder: str, mode: int = 0o1777, most: int = 100_000) -> bool:
    """Remove everything in a folder, however deep and whatever its permissions.

    A folder inside is moved up before it is entered, so that neither recursion nor the length of a path
    limits the depth that can be removed.

    Parameters
    ----------
    folder
        Stays itself, as the server left it: empty, and open to everyone.
    mode
        Its permissions.
    most
        Give up after so many entries: replacing the whole jail is quicker.

    Returns
    -------
    bool
        Whether the folder is empty now.
    """
    token = os.urandom(8).hex()
    count = 0
    try:
        os.chmod(folder, mode)
        while names := _some_names(folder):
            for name in names:
                path = os.path.join(folder, name)
                if not stat.S_ISDIR(os.lstat(path).st_mode):
                    os.unlink(path)
                else:
                    count = _lift(path, folder, token, count)
                count += 1
            if count > most:
                return False
    except OSError:
        return False
    return True


def _some_names(folder: str) -> list[str]:
    """Return a batch of names: a hostile folder may hold millions."""
    with os.scandir(folder) as entries:
        return [entry.name for entry in islice(entries, 10_000)]


def _lift(path: str, folder: str, token: str, count: int) -> int:
    """Move what is in ``path`` up into ``folder``; remove ``path`` once it is empty."""
    os.chmod(path, 0o700)
    names = _some_names(path)
    for name in names:
        inner = os.path.join(path, name)
        if stat.S_ISDIR(os.lstat(inner).st_mode):
            os.chmod(inner, 0o700)  # a folder that moves has its ".." rewritten
            count += 1
            os.rename(inner, os.path.join(folder, f"{token}{count}"))
        else:
            os.unlink(inner)
    if not names:
        os.rmdir(path)
    return count
