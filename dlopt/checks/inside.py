"""What a check sets up beside a student's code: helper objects, and names lent for the time of a call.

In the student's Jupyter "beside" is the same process. While grading, a student's function may be a proxy whose
original lives elsewhere; its type then offers two methods, and nothing here needs to know more of it:

``bring_inside(self, source, name)``
    Run the source of a self-contained module (numpy and the standard library) where the original lives and
    return a proxy of what it calls ``name``.
``stand_in(self, source, names)``
    A context manager. Inside it, the global ``names`` that the student's code reads mean those of the module.

``call_in_series(self, series, limit)``
    Call the original once for each of several lists of arguments, in one exchange; a list of functions, each of
    which then returns or raises what that call did, and writes into its arguments. It may be shorter than the series.

All are looked up on the proxy's type: a student's own attributes of these names are never asked.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import lru_cache, partial
from types import ModuleType
from typing import Any

__all__ = ["Stage", "Together", "excerpt", "in_series", "inside", "standing_in"]


@dataclass(frozen=True)
class Together:
    """A student's function and the other objects of theirs that it is tried with."""

    main: Any
    others: tuple[Any, ...]


@dataclass(frozen=True)
class Stage:
    """One way to try a candidate: what is tried, and what holds around every call.

    Parameters
    ----------
    candidate : object
        What `dlopt.checks.trial.run` or a scenario gets.
    around : callable
        Returns a context manager to make each call in.
    differs : callable
        Tells whether the candidate can notice; asked only where it matters.
    """

    candidate: Any
    around: Callable[[], AbstractContextManager[Any]] = field(default=nullcontext)
    differs: Callable[[], bool] = field(default=lambda: True)


def inside(candidate: Any, thing: Any) -> Any:
    """Return a function or class of a self-contained module as it is found beside ``candidate``.

    Examples
    --------
    >>> inside(len, Together) is Together  # a function of this process
    True
    """
    main = candidate.main if isinstance(candidate, Together) else candidate
    bring = getattr(type(main), "bring_inside", None)
    if bring is None:
        return thing
    return bring(main, _source(sys.modules[thing.__module__]), thing.__name__)


def in_series(candidate: Any) -> Callable[[Sequence[Sequence[Any]], float], list[Callable[[], Any]]] | None:
    """Return what makes several calls of a candidate in one exchange, where that is cheaper than one by one."""
    together = getattr(type(candidate), "call_in_series", None)
    return None if together is None else partial(together, candidate)


def standing_in(candidate: Any, module: ModuleType, names: Sequence[str]) -> AbstractContextManager[Any]:
    """Let ``names`` in the candidate's own namespace mean those of ``module``, for the time of a ``with`` block."""
    stand_in = getattr(type(candidate), "stand_in", None)
    if stand_in is not None:
        there: AbstractContextManager[Any] = stand_in(candidate, _lent(module, tuple(names)), tuple(names))
        return there
    return _patched(_namespace(candidate), {name: getattr(module, name) for name in names})


@lru_cache(maxsize=64)
def _source(module: ModuleType) -> str:
    return inspect.getsource(module)


@lru_cache(maxsize=64)
def _lent(module: ModuleType, names: tuple[str, ...]) -> str:
    return excerpt(_source(module), names)


def excerpt(source: str, names: Sequence[str]) -> str:
    r"""Return what a module needs to define some names: these, what they build on, and no other function or class.

    Examples
    --------
    >>> print(excerpt("def one(): return 1\ndef two(): return one() + 1\ndef six(): return 6", ["two"]))
    def one():
        return 1
    <BLANKLINE>
    def two():
        return one() + 1
    """
    body = ast.parse(source).body
    defined = {n.name: n for n in body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    needed, waiting = set(), list(names)
    while waiting:
        name = waiting.pop()
        if name in defined and name not in needed:
            needed.add(name)
            waiting += [node.id for node in ast.walk(defined[name]) if isinstance(node, ast.Name)]
    kept = [node for node in body if getattr(node, "name", None) in needed or node not in defined.values()]
    return ast.unparse(ast.Module(body=kept, type_ignores=[]))


def _namespace(candidate: Any) -> dict[str, Any]:
    """Return the globals that a function, or the methods of a class, read."""
    for owner in (candidate, getattr(candidate, "__init__", None), getattr(candidate, "forward", None)):
        found = getattr(owner, "__globals__", None)
        if isinstance(found, dict):
            return found
    return {}


@contextmanager
def _patched(namespace: dict[str, Any], names: dict[str, Any]) -> Iterator[None]:
    missing = object()
    before = {name: namespace.get(name, missing) for name in names}
    namespace.update(names)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is missing:
                namespace.pop(name, None)
            else:
                namespace[name] = value
