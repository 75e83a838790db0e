"""What the guest says of a student's objects and exceptions, and what it can be asked to do with them."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # what `signal` wraps; typeshed does not have it
import copy
import inspect
import linecache
import operator
import signal
import types
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

__all__ = [
    "IMMUTABLE",
    "METHOD",
    "OPERATORS",
    "Alarm",
    "Method",
    "OutOfTime",
    "described",
    "home_of",
    "kind",
    "signature",
]

IMMUTABLE = frozenset((type(None), bool, int, float, complex, str, bytes, range, frozenset, type))
METHOD = object()  #: stands for a method of the very object that was asked for it


class OutOfTime(BaseException):
    """The time for this cell or call is up; no Exception, so that ``except Exception`` lets it pass."""


class Alarm:
    """Raises `OutOfTime` in the main thread after some seconds, and again, in case it is swallowed."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __enter__(self) -> None:
        _signal.signal(_signal.SIGALRM, self._ring)  # `signal.signal` makes an enum of what was there, each time
        signal.setitimer(signal.ITIMER_REAL, max(self.seconds, 1e-3), 0.2)

    def __exit__(self, *exc: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        _signal.signal(_signal.SIGALRM, _signal.SIG_IGN)

    def _ring(self, signum: int, frame: Any) -> NoReturn:
        raise OutOfTime(f"out of time after {self.seconds:g} seconds")


def kind(value: Any) -> str:
    """Name what an object is: class, module, function, iterator or instance."""
    if isinstance(value, type):
        return "class"
    if isinstance(value, types.ModuleType):
        return "module"
    if isinstance(value, types.FunctionType | types.BuiltinFunctionType | types.MethodType | np.ufunc):
        return "function"
    if hasattr(type(value), "__next__"):
        return "iterator"
    return "instance"


def home_of(function: Any) -> str:
    """Return the file in which a function, or a class's constructor, is written."""
    if type(function) is Method:
        return function.home
    if isinstance(function, type):
        function = function.__init__  # type: ignore[misc]
    code = getattr(function, "__code__", None) or getattr(function, "gi_code", None)
    file = str(getattr(code, "co_filename", ""))
    ours = file == __file__ or (file.startswith("<") and not file.startswith("<ipython-input-"))
    return "" if ours else file  # a method is called through a function of ours, a scene from a module brought in


def described(error: BaseException, home: str) -> dict[str, Any]:
    """Return what can be said about an exception, as plain data."""
    try:
        with Alarm(1.0):
            message = str(error)[:2000]
    except BaseException:
        message = ""
    names = [f"{c.__module__}.{c.__name__}" for c in type(error).__mro__ if issubclass(c, BaseException)]
    args = error.args if all(type(a) in (str, int, float, bool, type(None)) for a in error.args) else (message,)
    if isinstance(error, OSError) and len(args) == 2 and type(error.filename) is str:
        args = (*args, error.filename)  # which its args leave out, and a reader needs most
    if len(repr(args)) > 4000:
        args = (message,)
    return {"names": [str(n)[:200] for n in names], "message": message, "args": args, "line": _line(error, home)}


def _line(error: BaseException, home: str) -> str:
    """Return the line of the student's own code that was being run: in its home, or in the cell entered first."""
    found, trace = "", error.__traceback__
    inside = False
    while trace is not None:
        file, number = trace.tb_frame.f_code.co_filename, trace.tb_lineno
        theirs = file.startswith("<ipython-input-")
        if theirs and not home:  # called by a scene: what it called is where `dlopt.checks.trial` would look
            home = file
        here = file == home
        if here or (theirs and not inside):
            found, inside = linecache.getline(file, number).strip()[:500], here or inside
        trace = trace.tb_next
    return found


def signature(value: Any) -> dict[str, Any]:
    """Return docstring and parameters of a function or class."""
    doc = inspect.getdoc(value)
    try:
        parameters = list(inspect.signature(value).parameters.values())
    except (TypeError, ValueError):
        return {"doc": doc if type(doc) is str else None, "parameters": None}
    described = []
    for p in parameters:
        shown = p.default if type(p.default) in IMMUTABLE else repr(p.default)[:200]
        default = () if p.default is p.empty else (shown,)
        described.append((p.name, int(p.kind), default))
    return {"doc": doc if type(doc) is str else None, "parameters": described}


class Method:
    """A method that is looked up only when it is called: a failure to find it is the student's exception."""

    def __init__(self, thing: Any, name: str) -> None:
        self.thing, self.name = thing, name
        self.home = home_of(getattr(type(thing), name, None))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it."""
        return getattr(self.thing, self.name)(*args, **kwargs)


def _get(thing: Any, name: str) -> Any:
    value = getattr(thing, name)
    return METHOD if isinstance(value, types.MethodType) and value.__self__ is thing else value


OPERATORS: dict[str, Callable[..., Any]] = {
    "getattr": _get,
    "setattr": setattr,
    "delattr": delattr,
    "getitem": operator.getitem,
    "setitem": operator.setitem,
    "delitem": operator.delitem,
    "len": len,
    "iter": iter,
    "isinstance": isinstance,
    "issubclass": issubclass,
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}
