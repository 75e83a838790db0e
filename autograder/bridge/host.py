"""The bridge's end in the judge: typed requests to one guest, each with a deadline, no answer believed."""

from __future__ import annotations

import contextlib
import ctypes
import random
import signal
import socket
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

import numpy as np

from dlopt.checks.trial import Outdated, TrialEnded

from . import codec, errors, merge, proxies, replies, wire
from .arrays import Buffer
from .codec import Bounds, BridgeError, Handle, Nested
from .replies import CellResult

__all__ = ["CellResult", "Guest", "GuestCrashed", "GuestGarbled", "GuestMemory", "GuestTimeout"]

CELL_ROOM = 4  #: times the largest reply: what may come back while one cell is judged, which remembers it
PER_CHARACTER = 16  #: bytes that a character of a header may become: "0," is a reference to an object
SERIES = 3.0  #: seconds a series of calls may last beyond the limit of one; the guest pauses it earlier
GRACE = 2.0  #: seconds a guest has, beyond the student's, to say that time is up


class GuestTimeout(TrialEnded):
    """The student's code did not finish in time. The guest may live on; see `Guest.ended`."""

    kind = "timeout"


class GuestCrashed(TrialEnded):
    """The student's process is gone."""

    kind = "crashed"


class GuestMemory(TrialEnded):
    """The student's code asked for more memory than there is."""

    kind = "memory"


class GuestGarbled(GuestCrashed, BridgeError):  # noqa: N818 - one of three outcomes
    """The guest answered with something that is no answer."""


class Limits(Protocol):
    """What a guest needs to know of `autograder.jail.limits.Limits`."""

    @property
    def cell_seconds(self) -> float:
        """Seconds one cell may take."""

    @property
    def call_seconds(self) -> float:
        """Seconds one call may take."""

    @property
    def output_bytes(self) -> int:
        """Bytes kept of what a cell shows."""

    @property
    def reply_bytes(self) -> int:
        """Bytes of one value."""


class Guest:
    """One session in the jail.

    Parameters
    ----------
    sock : socket
        Connected to `autograder.bridge.guest.serve`.
    limits : Limits
        Times and sizes, such as `autograder.jail.limits.limits_for` returns.
    fate : callable, optional
        Asked after a crash what became of the process: an exit code, minus a signal's number, ``"memory"``,
        ``"time"``, or None.
    revive : callable, optional
        Called with the guest before a request when the session has ended; may `reconnect` it.
    understudy : callable, optional
        ``understudy(name, source, names)`` returns the guest of another session with the same cells, in which the
        object called ``name`` may see what is lent, and which is thrown away before another name does.
    discreet : bool
        Pass on neither the words of exceptions nor what is printed.

    Attributes
    ----------
    ended : TrialEnded or None
        Why no further request will be answered.
    """

    def __init__(
        self,
        sock: socket.socket,
        limits: Limits,
        *,
        fate: Callable[[], int | str | None] | None = None,
        revive: Callable[[Guest], None] | None = None,
        understudy: Callable[[str, str, tuple[str, ...]], Guest] | None = None,
        discreet: bool = False,
    ) -> None:
        self.limits, self.fate, self.revive = limits, fate, revive
        self.understudy, self.discreet = understudy, discreet
        self.bounds = Bounds(bytes=limits.reply_bytes)
        self.generation = 0
        self.turn()
        self._begin(sock)

    def _begin(self, sock: socket.socket) -> None:
        self.sock = sock
        wire.widen(sock)
        self.ended: TrialEnded | None = None
        self._count = 0
        self._remember_luck()
        self._busy = self._waiting = False
        self._proxies: weakref.WeakValueDictionary[int, proxies.StudentObject] = weakref.WeakValueDictionary()
        self._dropped: list[int] = []
        self._brought: dict[tuple[str, str], Any] = {}

    def turn(self) -> None:
        """Begin another cell of the notebook: what came back for the one before it is forgotten by then."""
        self._room = CELL_ROOM * self.limits.reply_bytes
        self._page = self.limits.output_bytes

    def reconnect(self, sock: socket.socket) -> None:
        """Go on with a fresh session; objects of the old one are gone, names will be looked up anew."""
        self.close()
        self.generation += 1
        self._begin(sock)

    def close(self) -> None:
        """Hang up."""
        self.sock.close()

    # ------------------------------------------------------------------------------------ requests

    def cell(self, source: str, *, silent: bool = False, seconds: float | None = None) -> CellResult:
        """Run a cell.

        Parameters
        ----------
        source : str
            Its source, magics included.
        silent : bool
            Leave out the outputs, as when a session is replayed.
        seconds : float, optional
            Time it may take; otherwise the limit of cells.

        Raises
        ------
        GuestTimeout, GuestCrashed, GuestMemory, BridgeError
            When the session has ended with it. A cell that merely raises or is stopped in time has a status.
        """
        limit = self.limits.cell_seconds if seconds is None else seconds
        reply = self._request("cell", limit, source=source, silent=silent)
        with self._suspicious():
            return replies.cell_result(reply, codec.decode(replies.inner(reply, "outputs"), self.bounds))

    def call(
        self, target: tuple[str, Any], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> tuple[Any, dict[int | str, Any]]:
        """Call something with copies of the arguments, and write what it changed back into them.

        Parameters
        ----------
        target : tuple
            ``("name", "softmax")``, ``("handle", 3)`` or ``("operator", "getattr")``.
        args, kwargs
            Plain data and proxies.

        Returns
        -------
        value : object
            Plain data and proxies; `METHOD` for a bound method of the first argument.
        originals : dict
            The arguments by position or name, for what is written back later.
        """
        originals: dict[int | str, Any] = dict(enumerate(args))
        originals.update(kwargs or {})
        nested = {where: self._argument(value) for where, value in originals.items()}
        reply = self._request(
            "call",
            self.limits.call_seconds,
            target=target,
            args=[n for where, n in nested.items() if type(where) is int],
            kwargs={where: n for where, n in nested.items() if type(where) is str},
        )
        return self._outcome(reply, originals), originals

    def calls(
        self, target: tuple[str, Any], series: Sequence[Sequence[Any]], limit: float
    ) -> list[Callable[[], tuple[Any, dict[int | str, Any]]]]:
        """Make several calls of one thing in one exchange: what they cost is mostly the way there and back.

        Parameters
        ----------
        target : tuple
            As for `call`.
        series : sequence of sequences
            The arguments of each call.
        limit : float
            Seconds each may take.

        Returns
        -------
        list of callables
            One per call that was made, to be called in order: it returns or raises what `call` would, prints what
            was printed, writes back what changed, and only then takes its value from the room of this cell. The
            series ends with the first call that returned nothing or an object, or earlier; it may be empty.
        """
        limit = min(limit, self.limits.call_seconds)
        calls = [[self._argument(value) for value in args] for args in series]
        reply = self._request("calls", limit, extra=SERIES, target=target, calls=calls)
        if reply["status"] != "value":
            return []
        with self._suspicious():
            made = replies.field(reply, "replies", list)
            if not 0 < len(made) <= len(series):
                raise BridgeError("answers to other questions")
            made = [replies.one_of_series(one) for one in made]
        answers = zip(made, series, strict=False)
        return [partial(self._made, self.generation, one, dict(enumerate(args))) for one, args in answers]

    def _made(
        self, generation: int, reply: dict[str, Any], originals: dict[int | str, Any]
    ) -> tuple[Any, dict[int | str, Any]]:
        """Return what one call of a series came to."""
        if self.generation != generation:  # its objects were another session's
            raise Outdated("an answer of a run that has ended")
        return self._outcome(reply, originals), originals

    def next(self, handle: Handle, originals: dict[int | str, Any]) -> Any:
        """Return the next item of an iterator; raises StopIteration at its end."""
        reply = self._request("next", self.limits.call_seconds, handle=handle.id, watch=list(originals))
        return self._outcome(reply, originals)

    def fetch(self, name: str) -> Any:
        """Return what a name of the student's stands for: plain data or a proxy.

        Raises
        ------
        NameError
            When there is no such name.
        """
        value = self._outcome(self._request("fetch", 1.0, name=name), {})
        if isinstance(value, proxies.StudentObject):
            proxies.know(value, name)
        return value

    def describe(self, handle: Handle) -> Any:
        """Return what a function or class says about itself; for showing only."""
        return self._outcome(self._request("describe", 2.0, handle=handle.id), {})

    def bring(self, source: str, name: str) -> Any:
        """Run a self-contained module of the checks beside the student's code; return a proxy of one of its names.

        A session is asked once for each.
        """
        self.ready()  # what the session before this one brought is gone
        if (source, name) not in self._brought:
            reply = self._request("bring", self.limits.call_seconds, source=source, name=name)
            self._brought[source, name] = self._outcome(reply, {})
        return self._brought[source, name]

    @contextlib.contextmanager
    def lend(self, proxy: proxies.StudentObject, source: str, names: Sequence[str]) -> Iterator[None]:
        """Let names that a student's code reads mean those of such a module, for the time of a ``with`` block.

        With an `understudy`, ``proxy`` stands for the object of its name in that session meanwhile: whatever student
        code keeps of what it was lent is gone with it.
        """
        if self.understudy is None:
            with self._lent(source, names):
                yield
            return
        other = self.understudy(proxies.name_of(proxy), source, tuple(names))
        with proxies.standing_for(proxy, other), other._lent(source, names):
            yield

    @contextlib.contextmanager
    def _lent(self, source: str, names: Sequence[str]) -> Iterator[None]:
        self._outcome(self._request("lend", self.limits.call_seconds, source=source, names=list(names)), {})
        lent_to = self.generation
        try:
            yield
        finally:
            if self.ended is None and self.generation == lent_to:
                self._outcome(self._request("give_back", 1.0), {})

    # ----------------------------------------------------------------------------------- machinery

    def ready(self) -> None:
        """Make sure that there is a session, a fresh one if need be.

        Raises
        ------
        TrialEnded
            When there is none.
        """
        if self.ended is not None and self.revive is not None:
            with _timer_paused(counts=False):  # whoever asks next is not to blame that an earlier call ended it
                self.revive(self)
        if self.ended is not None:
            raise type(self.ended)(*self.ended.args)

    def _argument(self, value: Any) -> Any:
        """Write an argument as a message of its own, which the guest keeps to compare; a mere number goes as it is."""
        return value if codec.is_mere(value) else Nested(codec.encode_chunks(value, TRUSTED, self._hand))

    def _hand(self, value: Any) -> Handle | None:
        """Name a proxy of the running session; nothing else of ours goes in."""
        return proxies.handle_of(value, self) if isinstance(value, proxies.StudentObject) else None

    def _take(self, handle: Handle) -> Any:
        """Return the one proxy of an object."""
        proxy = self._proxies.get(handle.id)
        if proxy is None or proxies.kind_of(proxy) != handle.kind:
            proxy = proxies.wrap(self, handle)
            self.keep(proxy, handle)
        return proxy

    def keep(self, proxy: proxies.StudentObject, handle: Handle) -> None:
        """Have an object kept in the jail for as long as its proxy lives."""
        self._proxies[handle.id] = proxy
        weakref.finalize(proxy, self._dropped.append, handle.id).atexit = False

    def _drops(self) -> list[int]:
        drops = [n for n in self._dropped if n not in self._proxies]
        self._dropped.clear()
        return drops

    def _request(self, op: str, limit: float, extra: float = 0.0, **fields: Any) -> dict[str, Any]:
        """Send a request and return its reply, or say why there is none."""
        self.ready()
        if self._busy:
            raise BridgeError("the guest is answering another thread")
        self._busy = True
        try:
            with _timer_paused() as left:
                return self._exchange(op, min(limit, left), extra, fields)
        except BaseException:
            if self._waiting and self.ended is None:
                self.ended = GuestCrashed("The run was given up in the middle of a call.")
            raise
        finally:
            self._busy = False

    def _exchange(self, op: str, limit: float, extra: float, fields: dict[str, Any]) -> dict[str, Any]:
        self._count += 1
        request = {"id": self._count, "op": op, "limit": float(limit), "drop": self._drops(), **fields}
        half_drawn = self._luck[1][3]  # numpy keeps every second normal number where no trace shows it
        if (half_drawn or _trace() != self._trace) and _luck() != self._luck:
            self._remember_luck()  # a test seeded the global generators: student code may draw from them
            request["luck"] = self._luck
        calls = [*fields.get("calls", ()), fields.get("args", ()), fields.get("kwargs", {}).values()]
        sent = sum(argument.size for call in calls for argument in call if type(argument) is Nested)
        room = 2 * self.limits.reply_bytes + 4 * self.limits.output_bytes + 2 * sent + (1 << 20)
        chunks = codec.encode_chunks({**request, "room": room}, TRUSTED)
        deadline = time.monotonic() + limit + extra + GRACE
        self._waiting = True
        try:
            wire.send(self.sock, chunks, deadline)
            frame = wire.receive(self.sock, room, deadline)
            self._waiting = False
        except wire.OutOfTime:
            self.ended = GuestTimeout(f"It did not finish within {limit:g} seconds, and could not be interrupted.")
        except wire.Closed:
            self.ended = self._crash()
        except BridgeError as error:
            self.ended = GuestGarbled(f"The run answered with {error}.")
        if self.ended is not None:
            raise self.ended
        return self._reply(frame)

    def _reply(self, frame: memoryview) -> dict[str, Any]:
        with self._suspicious():
            reply = codec.decode(frame, Bounds(bytes=len(frame), depth=8, items=100_000), nested=True)
            if type(reply) is not dict or replies.field(reply, "id", int) != self._count:
                raise BridgeError("an answer to another question")
            replies.field(reply, "status", str)
            if reply.get("drew") is True:
                random.random()
                np.random.random_sample()  # noqa: NPY002 - as above
                self._remember_luck()
            return reply

    def _remember_luck(self) -> None:
        self._luck, self._trace = _luck(), _trace()

    def _suspicious(self) -> _Suspicious:
        """End the session when what it says is not what a guest says."""
        return _Suspicious(self)

    def _crash(self) -> TrialEnded:
        fate = self.fate() if self.fate else None
        if fate == "memory":
            return GuestMemory("It needed more memory than there is, and was stopped.")
        if fate == "time":
            return GuestTimeout("All in all it took more time than a submission has.")
        if isinstance(fate, int) and fate < 0:
            with contextlib.suppress(ValueError):
                return GuestCrashed(f"The Python process was ended by the signal {signal.Signals(-fate).name}.")
        how = f" with exit code {fate}" if isinstance(fate, int) else ""
        return GuestCrashed(f"The Python process ended{how}.")

    def _outcome(self, reply: dict[str, Any], originals: dict[int | str, Any]) -> Any:
        """Return the value of a reply, or raise what the student's code raised."""
        with self._suspicious():
            status = reply["status"]
            self._echo(reply)
            if status == "unsendable":
                reason = replies.field(reply, "reason", str)[:200]
                raise errors.StudentError(f"What came back cannot leave the student's process: {reason}.")
            if status == "method":
                return proxies.METHOD
            self._write_back(replies.field(reply, "changed", list), originals)
            if status == "value":
                if "value" in reply and codec.is_mere(reply["value"]):
                    return reply["value"]
                data = replies.inner(reply, "value")
                self._spend(data)
                return codec.decode(data, self.bounds, self._take)
            if status == "raised":
                error = errors.rebuild(replies.field(reply, "error", dict))
                error = errors.wordless(error) if self.discreet else error
                raise (
                    GuestMemory(f"It asked for more memory than there is: {error}")
                    if isinstance(error, MemoryError)
                    else error
                )
            if status == "timeout":
                raise GuestTimeout("It did not finish in time: does a loop never end?")
            raise BridgeError("an answer of an unknown kind")

    def _spend(self, data: Buffer) -> None:
        """Take what a value will occupy from the room of this cell."""
        self._room -= len(data) + PER_CHARACTER * int.from_bytes(data[4:8], "big")
        if self._room < 0:
            raise GuestMemory("What its calls returned is more, all together, than a check can hold.")

    def _write_back(self, changed: list[Any], originals: dict[int | str, Any]) -> None:
        for change in changed:
            if not (type(change) is tuple and len(change) == 2 and type(change[0]) in (int, str)):
                raise BridgeError("a change that is none")
            where, nested = change
            if where not in originals or type(nested) is not Nested:
                raise BridgeError("a change of an argument that was not there")
            (data,) = nested.chunks
            merge.restore(originals[where], codec.decode(data, Bounds(bytes=len(data)), self._take))

    def _echo(self, reply: dict[str, Any]) -> None:
        """Print what the student's code printed, cut."""
        text = reply.get("printed", "")
        if type(text) is not str:
            raise BridgeError("printed text that is no text")
        if text and not self.discreet:
            sys.stdout.write(text[: self._page])
            self._page = max(0, self._page - len(text))


class _Suspicious:
    """Turns a `BridgeError` into the end of a session; a class, for a generator takes as long as reading a number."""

    def __init__(self, guest: Guest) -> None:
        self.guest = guest

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, BridgeError):
            self.guest.ended = GuestGarbled(f"The run answered with {error}.")
            raise self.guest.ended from None


TRUSTED = Bounds(bytes=1 << 40, depth=60, items=2_000_000)  #: what the judge itself may send


def _luck() -> tuple[Any, ...]:
    """Return the states of Python's and numpy's global generators.

    They go in when a test has seeded them, and never come out: a guest would choose what a test draws next. Where
    student code drew from them, ours move on by one number, so that seeding them alike once more is noticed.
    """
    state: Any = np.random.get_state(legacy=True)  # noqa: NPY002 - the global one is meant
    return random.getstate(), (state[0], state[1].tobytes(), *state[2:])


def _trace() -> tuple[Any, ...]:
    """Return enough of these states to see that they changed; copying and comparing them takes longer than a call.

    Of Python's generator the first words, which only seeding and 624 draws change, and its position; of numpy's its own
    memory, 624 words and a position.
    """
    bits: Any = np.random.get_bit_generator()  # type: ignore[attr-defined]  # missing in numpy's stubs
    if type(bits) is not np.random.MT19937:  # somebody has put in another one
        return _luck()
    _, words, gauss = random.getstate()
    return words[:8], words[-1], gauss, ctypes.string_at(bits.ctypes.state_address, 625 * 4)


@contextlib.contextmanager
def _timer_paused(*, counts: bool = True) -> Iterator[float]:
    """Stop a timer that would interrupt us between question and answer; yield the seconds it had left.

    `dlopt.checks.trial` limits a call by such a timer. While the guest answers, it keeps the time in its place, and
    the timer rings afterwards; time that does not count is given back to it.
    """
    usable = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    left, interval = signal.setitimer(signal.ITIMER_REAL, 0) if usable else (0.0, 0.0)
    start = time.monotonic()
    try:
        yield left or float("inf")
    finally:
        if left:
            left -= time.monotonic() - start if counts else 0.0
            signal.setitimer(signal.ITIMER_REAL, max(left, 1e-6), interval)
            if left <= 0:
                time.sleep(0.01)  # it rings here rather than while its owner is turning it off
