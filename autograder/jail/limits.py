"""What a student's code may use: the one place for these numbers.

Honest answers stay far below them (the largest, a network trained on the digits, takes about ten seconds
and 150 MB); whoever meets a limit is told which.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

__all__ = ["DEFAULT", "OVERRIDES", "Limits", "limits_for"]

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Limits of one session, that is one submission's run in the jail.

    Attributes
    ----------
    memory_bytes : int
        Memory of all of a session's processes together, beyond what the fork server brings along; where the
        system has no control groups for us it is also the limit of each process, and the sum is watched.
    processes, open_files : int
        Processes and threads of the session, and open files of each process.
    file_bytes, tmp_bytes, shm_bytes : int
        Size of one file, of /tmp (and of the home directory), and of /dev/shm.
    cpu_seconds : int
        Processor time of each process.
    wall_seconds, cell_seconds, call_seconds : float
        Time of the whole session, of one cell, and of one call of a student's function by a check.
    output_bytes, reply_bytes : int
        What is kept of a cell's output, and the largest reply that crosses the bridge.
    """

    memory_bytes: int = 1024 * MIB
    processes: int = 48
    open_files: int = 256
    file_bytes: int = 64 * MIB
    tmp_bytes: int = 64 * MIB
    shm_bytes: int = 64 * MIB
    cpu_seconds: int = 240
    wall_seconds: float = 300.0
    cell_seconds: float = 30.0
    call_seconds: float = 20.0
    output_bytes: int = 1 * MIB
    reply_bytes: int = 64 * MIB

    def __post_init__(self) -> None:
        for name, value in self.as_dict().items():
            if not value > 0:
                raise ValueError(f"Limits: {name} must be > 0, got {value!r}")

    def as_dict(self) -> dict[str, Any]:
        """Return the limits as plain data, as they cross into the jail.

        Examples
        --------
        >>> DEFAULT.as_dict()["open_files"]
        256
        """
        return asdict(self)


DEFAULT = Limits()

OVERRIDES: dict[str, dict[str, Any]] = {
    # train and fit work on the digits: a minute on one core is what the contract allows
    "ps8_backprop": {"call_seconds": 90.0, "cell_seconds": 90.0, "cpu_seconds": 600, "wall_seconds": 900.0},
    "ps9_mlp_torch": {
        "memory_bytes": 2048 * MIB,
        "call_seconds": 90.0,
        "cell_seconds": 90.0,
        "cpu_seconds": 900,  # fit is tried six times, and a right answer may take the whole minute
        "wall_seconds": 1200.0,
    },
}
"""What differs from `DEFAULT`, by problem set."""


def limits_for(problem_set: str) -> Limits:
    """Return the limits of a problem set.

    Parameters
    ----------
    problem_set
        Its name, such as ``"ps2_quadratics"``; one without an entry in `OVERRIDES` gets `DEFAULT`.

    Examples
    --------
    >>> limits_for("ps2_quadratics") == DEFAULT
    True
    >>> limits_for("ps8_backprop").call_seconds
    90.0
    """
    return replace(DEFAULT, **OVERRIDES.get(problem_set, {}))
