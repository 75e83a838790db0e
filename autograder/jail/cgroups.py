"""Limits on all processes of a session together, through Linux control groups where we may make some.

Root may nearly everywhere, an ordinary user where systemd has delegated a part of the tree. Elsewhere
`SessionGroup.make` returns None, and the jail falls back on limits per process and on watching their sum.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from autograder.jail.limits import Limits

__all__ = ["SessionGroup"]

ROOT = Path("/sys/fs/cgroup")
PREFIX = "dlopt-jail-"


@dataclass
class SessionGroup:
    """The control groups that the processes of a session are put in.

    Attributes
    ----------
    memory, pids : Path
        Folders of the two controllers: one and the same in version 2.
    version : int
        1 or 2.
    counted : tuple of int
        The counters when the session began.
    doors : list of int
        Open files by which a process puts itself in, where that is possible: in version 1.
    """

    memory: Path
    pids: Path
    version: int
    counted: tuple[int, int] = (0, 0)
    doors: list[int] = field(default_factory=list)

    @classmethod
    def make(cls, limits: Limits, root: Path = ROOT, own: Path = Path("/proc/self/cgroup")) -> SessionGroup | None:
        """Make groups with these limits, or return None where that is impossible.

        Parameters
        ----------
        limits
            Of the session: ``memory_bytes`` and ``processes``.
        root, own
            Where the tree is mounted, and the file that lists this process's groups.
        """
        name = f"{PREFIX}{os.getpid()}-{os.urandom(4).hex()}"
        for attempt in (_version_1, _version_2):
            group = attempt(name, root, own)
            if group is None:
                continue
            try:
                group._limit(limits)
            except OSError:
                group.remove()
                continue
            group._open()
            return group
        return None

    def _limit(self, limits: Limits) -> None:
        memory, processes = str(limits.memory_bytes), str(limits.processes)
        if self.version == 1:
            (self.memory / "memory.limit_in_bytes").write_text(memory)
            with contextlib.suppress(OSError):  # a kernel that does not account swap
                (self.memory / "memory.memsw.limit_in_bytes").write_text(memory)
        else:
            (self.memory / "memory.max").write_text(memory)
            for name, value in (("memory.swap.max", "0"), ("memory.oom.group", "1")):
                with contextlib.suppress(OSError):  # no swap; an older kernel
                    (self.memory / name).write_text(value)
        (self.pids / "pids.max").write_text(processes)

    def _open(self) -> None:
        """Open the doors: who writes 0 there moves itself, and waits for nobody.

        To move another process, the kernel first waits until no process anywhere is starting or ending: some 10 ms.
        """
        if self.version == 1:
            with contextlib.suppress(OSError):
                for folder in (self.memory, self.pids):
                    self.doors.append(os.open(folder / "tasks", os.O_WRONLY | os.O_CLOEXEC))

    def add(self, pid: int) -> None:
        """Put a process in, unless it has gone in itself; what it starts afterwards is in as well."""
        for folder in {self.memory, self.pids}:
            if not self.doors or str(pid) not in (folder / "cgroup.procs").read_text().split():
                (folder / "cgroup.procs").write_text(str(pid))

    def begin(self) -> None:
        """Note where the counters stand; a session begins."""
        if self.version == 1:
            with contextlib.suppress(OSError):
                (self.memory / "memory.max_usage_in_bytes").write_text("0")
        self.counted = self._counts()

    def killed(self) -> str:
        """Say whose memory ran out since, so that the kernel killed a process of the session.

        Returns
        -------
        str
            ``"session"``; ``"machine"`` if the session was far from its own limit; ``""`` if none was killed.
        """
        kills, full = self._counts()
        if kills == self.counted[0]:
            return ""
        return "session" if full > self.counted[1] else "machine"

    def _counts(self) -> tuple[int, int]:
        """Count the processes killed for want of memory, and how often the group met its own limit."""
        if self.version == 2:
            events = self.memory / "memory.events"
            return _entry(events, "oom_kill"), _entry(events, "oom")
        most = _entry(self.memory / "memory.max_usage_in_bytes")
        limit = _entry(self.memory / "memory.limit_in_bytes")  # newer kernels leave memory.failcnt at 0
        return _entry(self.memory / "memory.oom_control", "oom_kill"), int(most > 0.95 * limit)

    def remove(self) -> None:
        """Remove the groups, which must be empty of processes; wait a moment for the last to go."""
        while self.doors:
            os.close(self.doors.pop())
        for folder in {self.memory, self.pids}:
            for _ in range(50):
                try:
                    folder.rmdir()
                except FileNotFoundError:
                    break
                except OSError:
                    time.sleep(0.02)
                else:
                    break


def _entry(file: Path, name: str = "") -> int:
    """Read the number behind a name in one of the kernel's files, or the file's only number; 0 if unreadable."""
    with contextlib.suppress(OSError, ValueError):
        for line in file.read_text().splitlines():
            key, _, value = line.rpartition(" ")
            if key == name:
                return int(value)
    return 0


def _own_groups(own: Path) -> Iterator[tuple[set[str], str]]:
    """Read the controllers and paths of /proc/self/cgroup; version 2 has no controllers there."""
    with contextlib.suppress(OSError):
        for line in own.read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            yield set(controllers.split(",")) - {""}, path


def _version_1(name: str, root: Path, own: Path) -> SessionGroup | None:
    """Make groups beneath our own, so that limits which hold for us go on holding."""
    parents = {c: path for controllers, path in _own_groups(own) for c in controllers}
    made: list[Path] = []
    for controller in ("memory", "pids"):
        parent = root / controller / parents.get(controller, "/").lstrip("/")
        _sweep(parent)
        try:
            (parent / name).mkdir()
        except OSError:
            for folder in made:
                folder.rmdir()
            return None
        made.append(parent / name)
    return SessionGroup(made[0], made[1], version=1)


def _version_2(name: str, root: Path, own: Path) -> SessionGroup | None:
    """Make a group beside our own or higher up: one that holds processes itself hands out no controllers."""
    path = next((path for controllers, path in _own_groups(own) if not controllers), None)
    if path is None or not (root / "cgroup.controllers").exists():
        return None
    for ancestor in (PurePosixPath(path), *PurePosixPath(path).parents):
        parent = root / str(ancestor).lstrip("/")
        try:
            offered = set((parent / "cgroup.subtree_control").read_text().split())
        except OSError:
            continue
        if {"memory", "pids"} <= offered and os.access(parent / "cgroup.procs", os.W_OK):
            _sweep(parent)
            with contextlib.suppress(OSError):
                (parent / name).mkdir()
                return SessionGroup(parent / name, parent / name, version=2)
    return None


def _sweep(parent: Path) -> None:
    """Remove empty groups of graders that were killed before they could."""
    for folder in parent.glob(f"{PREFIX}*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            with contextlib.suppress(OSError):
                folder.rmdir()
