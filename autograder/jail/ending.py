"""How a session ended, and how that is told from what the server and the kernel report."""

from __future__ import annotations

import signal as signals
from dataclasses import dataclass
from typing import Any

__all__ = ["Ending", "read"]

SENTENCES = {
    "exit": "the process ended of itself with exit code {exit_code}",
    "killed": "the process was ended by the grader",
    "memory": "memory ran out",
    "cpu": "processor time ran out",
    "wall": "the time of the whole session ran out",
    "signal": "the process was ended by {name}",
    "server": "the jail broke down",
}


@dataclass(frozen=True)
class Ending:
    """How a session ended; nothing of this is what student code says of itself, except its exit code.

    Attributes
    ----------
    reason : str
        ``"exit"`` (of itself, without being asked), ``"killed"`` (by `Jail.kill_session`), ``"memory"``,
        ``"cpu"``, ``"wall"`` (their limits), ``"signal"`` (such as a segmentation fault), or ``"server"``
        (the jail itself broke down, or the machine ran out of memory: not the student's doing).
    exit_code, signal : int or None
        Of the session's first process, whichever applies.
    peak_bytes, cpu_seconds
        Largest memory and processor time of that process.

    Examples
    --------
    >>> print(Ending("signal", signal=11))
    the process was ended by SIGSEGV
    """

    reason: str
    exit_code: int | None = None
    signal: int | None = None
    peak_bytes: int = 0
    cpu_seconds: float = 0.0

    def __str__(self) -> str:
        name = next((s.name for s in signals.Signals if s == self.signal), f"signal {self.signal}")
        return SENTENCES[self.reason].format(exit_code=self.exit_code, name=name)


def read(message: dict[str, Any], *, memory_killed: str, memory_bytes: int) -> Ending:
    """Make an `Ending` of the server's report.

    Parameters
    ----------
    message
        The server's ``ended`` event.
    memory_killed
        Whose memory ran out, so that the kernel killed a process of the session: ``"session"``, ``"machine"``
        (our fault, not the student's), or ``""`` where it killed none.
    memory_bytes
        The session's limit.
    """
    killed_by, why = message["signal"], message["why"]
    # where no control group tells: an allocation that fails in compiled code often ends in one of these
    failed_to_allocate = killed_by in {signals.SIGSEGV, signals.SIGABRT, signals.SIGBUS} and (
        message["peak_bytes"] > 0.9 * memory_bytes
    )
    if memory_killed == "machine":
        reason = "server"
    elif why == "memory" or memory_killed or failed_to_allocate:
        reason = "memory"
    elif killed_by == signals.SIGXCPU:
        reason = "cpu"
    elif why == "own":
        reason = "exit" if killed_by is None else "signal"
    else:
        reason = {"asked": "killed"}.get(why, why)
    return Ending(reason, message["exit_code"], killed_by, message["peak_bytes"], round(message["cpu_seconds"], 3))
