"""A student's session in the jail, as the judge sees it: kept alive, and begun again where it dies."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from autograder.bridge.codec import BridgeError
from autograder.bridge.host import CellResult, Guest
from autograder.jail import Ending, Jail, JailError
from dlopt.checks.trial import TrialEnded

__all__ = ["Session"]

REVIVED_FOR = 1.5  #: times the limit of a session: how long one submission's sessions are begun again
RESTARTS = 12  #: how often one cell may bring the session down before the rest of it counts as crashed
FATAL = (TrialEnded, BridgeError)


class Session:
    """Runs a student's cells, and remembers them in case the session has to be begun again.

    A cell that ended the session is left out when the others are run anew.

    Parameters
    ----------
    jail : Jail
        Where; started when first needed.
    spare : callable, optional
        Returns another jail, for the sessions that see what grading lends.

    Attributes
    ----------
    guest : Guest
        The bridge to it.
    names : dict of str to str
        What the student's cells have defined, each with its kind.
    restarts : int
        How often the session was begun again.
    fault : str
        Why the jail can open no session any more: our fault, so whatever happened since says nothing.
    """

    def __init__(self, jail: Jail, spare: Callable[[], Jail] | None = None) -> None:
        self.jail = jail
        self.names: dict[str, str] = {}
        self.restarts = 0
        self._left = RESTARTS
        self._until = time.monotonic() + REVIVED_FOR * jail.limits.wall_seconds
        self.fault = ""
        self._played: list[str] = []
        self._spare = spare
        self._understudy: tuple[tuple[object, ...], Guest] | None = None
        self.guest = Guest(
            jail.session(),
            jail.limits,
            fate=self._fate,
            revive=self._revive,
            understudy=self._lent_to if spare is not None else None,
        )

    def run(self, source: str) -> CellResult:
        """Run a cell.

        Raises
        ------
        TrialEnded
            When the session ended with it; the next cell finds a fresh one in which this one was left out.
        """
        try:
            result = self.guest.cell(source)
        except FATAL as error:
            raise error if isinstance(error, TrialEnded) else TrialEnded(str(error)) from error
        self._note(result)
        self._played.append(source)
        return result

    def turn(self) -> None:
        """Begin another cell of the notebook: what the one before it broke is not held against it."""
        self._left = RESTARTS
        self.guest.turn()
        self._dismiss()

    def close(self) -> None:
        """End the session and everything it left behind."""
        self.guest.close()
        self.jail.kill_session()
        self._dismiss()

    def _note(self, result: CellResult) -> None:
        for name in result.gone:
            self.names.pop(name, None)
        self.names.update(result.names)

    def _fate(self) -> int | str | None:
        """Say what became of the process, as the kernel saw it."""
        ending: Ending | None = self.jail.ending(2.0)
        if ending is None or ending.reason == "killed":
            return None
        if ending.reason == "server":
            self.fault = f"{ending} while this submission was running; grade it again"
        if ending.reason in ("memory", "cpu", "wall"):
            return "memory" if ending.reason == "memory" else "time"
        return -ending.signal if ending.signal is not None else ending.exit_code

    def _revive(self, guest: Guest) -> None:
        """Begin again: a fresh session, and every cell so far but those that end it."""
        while guest.ended is not None and self._left > 0 and time.monotonic() < self._until:
            self._left -= 1
            self.restarts += 1
            try:
                guest.reconnect(self.jail.session())
            except JailError as error:
                self.fault = str(error)
                raise
            self.names.clear()
            for index, source in enumerate(self._played):
                try:
                    self._note(guest.cell(source, silent=True))
                except FATAL:
                    del self._played[index]
                    break

    def _lent_to(self, *key: object) -> Guest:
        """Return the session in which one name may see what is lent to it, begun with the cells that were run so far.

        What student code is lent are right answers: in the session that is graded it could keep them for the next
        exercise, or show them.
        """
        if self._understudy is not None and self._understudy[0] == key and self._understudy[1].ended is None:
            return self._understudy[1]
        self._dismiss()
        if self._spare is None or time.monotonic() > self._until:
            raise TrialEnded("There was no time left to try it with right answers in place of others of yours.")
        jail = self._spare()
        other = Guest(jail.session(), jail.limits, discreet=True)
        self._understudy = (key, other)
        for source in self._played:
            try:
                other.cell(source, silent=True)
            except FATAL as error:
                raise TrialEnded("A cell ended a second run of this notebook.") from error
        return other

    def _dismiss(self) -> None:
        """End that session: nothing of what it saw reaches another."""
        if self._understudy is not None and self._spare is not None:
            self._understudy[1].close()
            self._spare().kill_session()
            self._understudy = None

    def fetch(self, name: str) -> Any:
        """Return what a name of the student's stands for: plain data or a proxy.

        Raises
        ------
        NameError
            When there is no such name.
        """
        return self.guest.fetch(name)
