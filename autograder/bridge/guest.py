"""The bridge's end in the jail: runs cells, answers calls, keeps the student's objects behind handles.

One thread, one socket, one request at a time. Nothing here is out of the student's reach, and nothing needs to be:
the other end believes nothing. What this module owes to honest students is that threads, forks, prints, timers and
exceptions of theirs do not garble an answer.
"""

from __future__ import annotations

import builtins
import contextlib
import fcntl
import os
import random
import resource
import socket
import sys
import time
import types
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from . import codec, wire
from .arrays import Buffer
from .codec import Bounds, BridgeError, Handle, Nested
from .shell import Descriptors, Shell, streams
from .subject import IMMUTABLE, METHOD, OPERATORS, Alarm, Method, OutOfTime, described, home_of, kind, signature

__all__ = ["preload", "serve"]

RECURSION = sys.getrecursionlimit()
SMALL = 1 << 16  #: bytes an argument may have to be looked at after every item of an iterator
TRUSTED = Bounds(bytes=1 << 40, depth=100, items=5_000_000)  #: what comes from the judge
BRIEF = 2.0  #: seconds after which a series of calls pauses
ABSENT = object()


class Missing(Exception):  # noqa: N818 - no accident
    """There is no such name."""


_ready: Shell | None = None


def preload() -> Shell:
    """Make the IPython shell ready; a fork server does this once, before it forks."""
    global _ready
    if _ready is None:
        _ready = Shell.instance()
        _rehearse(_ready)
    return _ready


def _rehearse(shell: Shell) -> None:
    """Run a cell that ends well and one that does not: the first of either kind imports and compiles for long."""
    for source in ("2 + 2", "raise ZeroDivisionError"):
        shell.run_cell(source, store_history=True)  # type: ignore[no-untyped-call]
    shell.reset(new_session=True)  # type: ignore[no-untyped-call]
    shell.recorder.start()
    for name in ("last_exc", "last_type", "last_value", "last_traceback"):  # where Python keeps the latest error
        vars(sys).pop(name, None)


def serve(sock: socket.socket, limits: Mapping[str, Any]) -> None:
    """Answer requests until the other end closes the connection.

    Parameters
    ----------
    sock : socket
        A connected stream socket; it is moved to a descriptor nobody stumbles over.
    limits : mapping
        ``output_bytes`` and ``reply_bytes``; other entries are not for us.
    """
    Session(sock, preload(), limits).serve()


def _hide(sock: socket.socket) -> socket.socket:
    """Move a socket to a high random descriptor that is closed on exec and in forked children."""
    top = min(resource.getrlimit(resource.RLIMIT_NOFILE)[0], 4096)
    lowest = random.SystemRandom().randrange(top // 2, top - 8) if top > 32 else 3
    hidden = socket.socket(fileno=fcntl.fcntl(sock.fileno(), fcntl.F_DUPFD_CLOEXEC, lowest))
    sock.close()
    os.register_at_fork(after_in_child=hidden.close)
    return hidden


class Session:
    """One submission's namespace and objects."""

    def __init__(self, sock: socket.socket, shell: Shell, limits: Mapping[str, Any]) -> None:
        self.shell = shell
        self.sock = _hide(sock)
        wire.widen(self.sock)
        self.pid = os.getpid()
        self.bounds = Bounds(bytes=int(limits.get("reply_bytes", Bounds.bytes)))
        shell.recorder.limit = int(limits.get("output_bytes", 1 << 20))
        self.descriptors = shell.descriptors = Descriptors()
        self.objects: dict[int, tuple[Handle, Any]] = {}
        self.numbers: dict[int, int] = {}
        self.issued = 0
        self.handed = 0  # how often an object went out as a handle
        self.watched: dict[int, list[_Argument]] = {}
        self.modules: dict[str, types.ModuleType] = {}
        self.lent: list[dict[str, Any]] = []
        self.seeded = False
        self.operations: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "cell": self.cell,
            "call": self.call,
            "calls": self.calls,
            "next": self.next,
            "fetch": self.fetch,
            "describe": self.describe,
            "bring": self.bring,
            "lend": self.lend,
            "give_back": self.give_back,
        }

    def serve(self) -> None:
        """Read a request, answer it, until there are none."""
        while True:
            try:
                request = codec.decode(wire.receive(self.sock, TRUSTED.bytes), TRUSTED, nested=True)
            except wire.Closed:
                return
            reply = self.answer(request)
            if os.getpid() != self.pid:  # a child that the student forked and left running into our loop
                os._exit(0)
            chunks = codec.encode_chunks(reply, TRUSTED)
            if sum(map(len, chunks)) > request["room"]:
                reason = f"more than {self.bounds.bytes} bytes"
                chunks = codec.encode_chunks({"id": request["id"], "status": "unsendable", "reason": reason})
            wire.send(self.sock, chunks)

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do what a request asks for, in a tidy interpreter."""
        streams(self.shell)
        sys.setrecursionlimit(RECURSION)
        builtins.input = _no_input
        self.shell.recorder.start()
        for number in request["drop"]:
            self.forget(number)
        if "luck" in request:
            _set_luck(request["luck"])
            self.seeded = True
        before = _luck() if self.seeded else None
        reply = self.guarded(self.operations[request["op"]], request)
        self.descriptors.drain(self.shell.recorder)
        if before is not None and before != _luck():
            reply["drew"] = True
        if request["op"] != "cell":
            reply["printed"] = self.shell.recorder.printed()
        return {"id": request["id"], **reply}

    def guarded(self, operation: Callable[[dict[str, Any]], dict[str, Any]], request: dict[str, Any]) -> dict[str, Any]:
        """Do it, and word what kept it from being done."""
        try:
            return operation(request)
        except Missing as missing:
            name_error = NameError(f"name {missing.args[0]!r} is not defined")
            return {"status": "raised", "error": described(name_error, ""), "changed": []}
        except BridgeError as error:
            return {"status": "unsendable", "reason": str(error)}
        except Exception as error:  # an object of the student's that breaks whoever looks at it
            return {"status": "unsendable", "reason": f"{type(error).__name__} while looking at it"}

    # ------------------------------------------------------------------------------------- objects

    def hand(self, value: Any) -> Handle:
        """Keep an object and return its handle, the same one for the same object."""
        self.handed += 1
        number = self.numbers.get(id(value))
        if number is not None:
            return self.objects[number][0]
        number = self.issued
        self.issued += 1
        what = kind(value)
        name = getattr(value, "__name__", "") if what in ("function", "class", "module") else ""
        handle = Handle(number, what, type(value).__name__, name if type(name) is str else "", callable(value))
        self.objects[number], self.numbers[id(value)] = (handle, value), number
        return handle

    def take(self, handle: Handle) -> Any:
        """Return the object behind a handle."""
        if handle.id not in self.objects:
            raise BridgeError(f"there is no object {handle.id} here")
        return self.objects[handle.id][1]

    def forget(self, number: int) -> None:
        """Drop an object that nobody out there holds any more."""
        if number in self.objects:
            del self.numbers[id(self.objects.pop(number)[1])]
            self.watched.pop(number, None)

    def out(self, value: Any) -> Nested:
        """Write a value, objects as handles."""
        return Nested(codec.encode_chunks(value, self.bounds, self.hand))

    # ---------------------------------------------------------------------------------- operations

    def run(self, action: Callable[[], Any], limit: float, home: str = "") -> tuple[dict[str, Any], Any]:
        """Run student code for at most so many seconds; return the reply so far and the value."""
        try:
            with warnings.catch_warnings(), Alarm(limit):
                warnings.simplefilter("ignore")
                return {"status": "value"}, action()
        except OutOfTime:
            return {"status": "timeout"}, None
        except BaseException as error:
            return {"status": "raised", "error": described(error, home)}, None
        finally:
            with contextlib.suppress(Exception):
                _close_figures()

    def call(self, request: dict[str, Any]) -> dict[str, Any]:
        """Call a function, a class, an object or an operator, and tell how the arguments look afterwards."""
        function = self.target(request["target"])
        args = [_Argument(i, a, self) for i, a in enumerate(request["args"])]
        kwargs = [_Argument(k, a, self) for k, a in request["kwargs"].items()]
        values, named = [a.value for a in args], {str(a.where): a.value for a in kwargs}
        reply, value = self.run(lambda: function(*values, **named), request["limit"], home_of(function))
        if value is METHOD:
            reply = {"status": "method"}
        elif reply["status"] == "value":
            reply["value"] = value if codec.is_mere(value) else self.out(value)
            self.watch(value, request["target"], [*args, *kwargs])
        reply["changed"] = [a.news() for a in (*args, *kwargs) if a.changed()]
        return reply

    def calls(self, request: dict[str, Any]) -> dict[str, Any]:
        """Make one call after the other until one returns nothing or an object, or time or room runs short."""
        replies: list[Any] = []
        began, room = time.monotonic(), request["room"] // 2
        for args in request["calls"]:
            self.shell.recorder.start()
            one = {"target": request["target"], "args": args, "kwargs": {}, "limit": request["limit"]}
            before = self.handed
            reply = self.guarded(self.call, one)
            printed = self.shell.recorder.printed()
            quiet = reply.keys() == {"status", "value", "changed"} and not (reply["changed"] or printed)
            replies.append(reply["value"] if quiet else {**reply, "printed": printed})  # mostly the value says it all
            self.shell.recorder.start()
            sizes = [reply.get("value"), *(change[1] for change in reply.get("changed", ()))]
            room -= sum(value.size for value in sizes if type(value) is Nested) + len(printed)
            if reply["status"] != "value" or self.handed != before:
                break
            if room < self.bounds.bytes or time.monotonic() - began > BRIEF:
                break
        self.descriptors.drain(self.shell.recorder)  # once for all: nothing tells by which of them it was written
        below = self.shell.recorder.printed()
        if below:
            one = replies[0] if type(replies[0]) is dict else {"status": "value", "value": replies[0], "changed": []}
            replies[0] = {**one, "printed": one.get("printed", "") + below}
        return {"status": "value", "replies": replies}

    def watch(self, value: Any, target: tuple[str, Any], arguments: list[_Argument]) -> None:
        """Remember from which arguments something iterable was made: it may draw from a generator, or write, later."""
        number = self.numbers.get(id(value))
        if number is None or not any(hasattr(type(value), name) for name in ("__iter__", "__next__", "__getitem__")):
            return
        if target == ("operator", "iter"):  # an iterator works on what the object was made from
            source = self.numbers.get(id(arguments[0].value), number)
            self.watched[number] = self.watched.get(source, [])
        elif target[0] != "operator":
            self.watched[number] = [a for a in arguments if a.mutable]

    def target(self, target: tuple[str, Any]) -> Any:
        """Return the thing to call."""
        where, which = target
        if where == "operator":
            return OPERATORS[which]
        if where == "method":
            return Method(self.take(Handle(which[0], "", "")), which[1])
        if where == "handle":
            return self.take(Handle(which, "", ""))
        return self.name(which)

    def name(self, name: str) -> Any:
        if name not in self.shell.user_ns:
            raise Missing(name)
        return self.shell.user_ns[name]

    def fetch(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return what a name of the student's stands for."""
        return {"status": "value", "value": self.out(self.name(request["name"])), "changed": []}

    def next(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the next item of an iterator, and its arguments where they changed meanwhile."""
        iterator = self.take(Handle(request["handle"], "", ""))
        reply, value = self.run(lambda: next(iterator), request["limit"], home_of(iterator))
        if reply["status"] == "value":
            reply["value"] = self.out(value)
        watched = [a for a in self.watched.get(request["handle"], []) if a.where in request["watch"]]
        over = reply["status"] != "value"
        reply["changed"] = [a.news() for a in watched if (over or a.cheap) and a.changed()]
        return reply

    def describe(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return name, docstring and parameters of a function or class."""
        value = self.take(Handle(request["handle"], "", ""))
        reply, found = self.run(lambda: signature(value), 1.0)
        reply["changed"] = []
        return {**reply, "value": self.out(found)} if reply["status"] == "value" else reply

    def module(self, source: str) -> types.ModuleType:
        """Run the source of a module of the checks, once."""
        if source not in self.modules:
            module = types.ModuleType(f"beside_{len(self.modules)}")
            sys.modules[module.__name__] = module  # dataclasses look there
            exec(compile(source, f"<{module.__name__}>", "exec"), vars(module))
            self.modules[source] = module
        return self.modules[source]

    def bring(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return a function or class of such a module, to be used beside the student's own."""
        reply, value = self.run(lambda: getattr(self.module(request["source"]), request["name"]), request["limit"])
        reply["changed"] = []
        return {**reply, "value": self.out(value)} if reply["status"] == "value" else reply

    def lend(self, request: dict[str, Any]) -> dict[str, Any]:
        """Let names in the student's namespace mean those of such a module, until they are given back."""
        reply, module = self.run(lambda: self.module(request["source"]), request["limit"])
        if reply["status"] == "value":
            ours = {name: getattr(module, name) for name in request["names"]}
            names = self.shell.user_ns
            self.lent.append({name: names[name] if name in names else ABSENT for name in ours})
            names.update(ours)
            reply["value"] = self.out(None)
        return {**reply, "changed": []}

    def give_back(self, request: dict[str, Any]) -> dict[str, Any]:
        """End the latest `lend`."""
        for name, value in (self.lent.pop() if self.lent else {}).items():
            if value is ABSENT:
                self.shell.user_ns.pop(name, None)
            else:
                self.shell.user_ns[name] = value
        return {"status": "value", "value": self.out(None), "changed": []}

    def cell(self, request: dict[str, Any]) -> dict[str, Any]:
        """Run a cell and return its outputs and the names it defined."""
        shell = self.shell
        before = shell.user_names()
        try:
            with Alarm(request["limit"]):
                result = shell.run_cell(  # type: ignore[no-untyped-call]
                    request["source"], store_history=True, silent=False
                )
            error = result.error_before_exec or result.error_in_exec
        except BaseException as escaped:  # from a hook, or the alarm while something is displayed
            error = escaped
        self.descriptors.drain(shell.recorder)
        after = shell.user_names()
        fresh = {n: v for n, v in after.items() if before.get(n, ABSENT) is not v}
        names = {n: "data" if codec.is_plain(v) else kind(v) for n, v in fresh.items()}
        status = "ok" if error is None else "timeout" if isinstance(error, OutOfTime) else "error"
        return {
            "status": status,
            "ename": type(error).__name__ if error is not None else "",
            "outputs": self.out([] if request["silent"] else shell.recorder.take()),
            "names": {n: k for n, k in names.items() if type(n) is str and n.isidentifier()},
            "gone": [n for n in before if n not in after],
        }


class _Argument:
    """One argument of a call: the fresh object, and the bytes it was made from."""

    def __init__(self, where: int | str, came: Any, session: Session) -> None:
        self.where, self.session = where, session
        self.mutable = False
        if type(came) is not Nested:
            self.value = came
            return
        (self.bytes,) = came.chunks
        self.value = codec.decode(self.bytes, TRUSTED, session.take)
        self.mutable = type(self.value) not in IMMUTABLE and codec.is_plain(self.value)
        self.cheap = len(self.bytes) <= SMALL

    def changed(self) -> bool:
        """Tell whether it would be written differently now, and remember the new bytes."""
        if not self.mutable:
            return False
        self.now = codec.encode_chunks(self.value, TRUSTED, self.session.hand)
        if _same(self.now, memoryview(self.bytes)):
            return False
        self.bytes = b"".join(self.now)
        return True

    def news(self) -> tuple[int | str, Nested]:
        """Return where it stands and how it looks now."""
        return self.where, Nested([self.bytes])


def _same(chunks: list[Buffer], old: memoryview) -> bool:
    """Compare piece by piece, so that large arrays are neither joined nor copied whole."""
    if len(old) <= SMALL:
        return b"".join(chunks) == bytes(old)
    if sum(map(len, chunks)) != len(old):
        return False
    start = 0
    for chunk in chunks:
        for i in range(0, len(chunk), 1 << 18):
            piece = bytes(chunk[i : i + (1 << 18)])
            if piece != bytes(old[start : start + len(piece)]):
                return False
            start += len(piece)
    return True


def _luck() -> tuple[Any, ...]:
    """Return the states of Python's and numpy's global generators."""
    state: Any = np.random.get_state(legacy=True)  # noqa: NPY002 - the global one is meant
    return random.getstate(), (state[0], state[1].tobytes(), *state[2:])


def _set_luck(luck: tuple[Any, ...]) -> None:
    """Set them as a test has set its own."""
    pythons, (name, key, *rest) = luck
    random.setstate(pythons)
    np.random.set_state((name, np.frombuffer(key, dtype=np.uint32), *rest))  # noqa: NPY002 - as above


def _no_input(prompt: object = "") -> str:
    raise RuntimeError("input() cannot be used here: nobody is there to answer.")


def _close_figures() -> None:
    """Close the figures a call left open; a cell has shown its own by then."""
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    if helpers is not None and helpers.Gcf.figs:
        sys.modules["matplotlib.pyplot"].close("all")
