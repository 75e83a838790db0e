"""What stands beside a student's function in their notebook. Self-contained: it may run where their code lives."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

__all__ = ["neighbour", "reads"]

LEAVES = (ModuleType, str, bytes, int, float, complex, type(None))
MANY = 3000  #: objects after which nobody looks further
BY_OTHER_MEANS = frozenset(
    "__builtins__ __dict__ __globals__ __import__ __main__ builtins compile eval exec gc get_ipython getattr globals "
    "import_module importlib inspect locals modules sys vars".split()
)
"""Names that code may find others by, without writing them."""


def neighbour(function: Any, name: str) -> Any:
    """Return what a name means where a function was written, or None.

    Examples
    --------
    >>> neighbour(neighbour, "__all__")
    ['neighbour', 'reads']
    """
    return getattr(function, "__globals__", {}).get(name)


def reads(candidate: Any, names: Sequence[str]) -> bool:
    """Tell whether a call of a function or class may ask its namespace for one of these names.

    Whatever it can reach is looked at and nothing of it is run: functions by the names in their code, which mean what
    the namespace says now, and all other objects by what they hold. What cannot be seen through may read anything.

    Examples
    --------
    >>> reads(neighbour, ["BY_OTHER_MEANS"]), reads(reads, ["BY_OTHER_MEANS"])
    (True, True)
    >>> reads(_written, ["neighbour"])
    False
    """
    held = vars(candidate).values() if isinstance(candidate, type) else [candidate]
    spaces = [one.__globals__ for one in map(_plain, held) if type(one) is FunctionType]
    seen: dict[int, Any] = {}
    waiting: list[Any] = [candidate]
    while waiting and len(seen) < MANY:
        thing = waiting.pop()
        if id(thing) in seen or issubclass(type(thing), LEAVES):  # isinstance would ask for its __class__
            continue
        seen[id(thing)] = thing
        if type(thing) is not FunctionType:
            if _opaque(thing):
                return True
            waiting += gc.get_referents(thing)
            continue
        waiting += [thing.__closure__, thing.__defaults__, thing.__kwdefaults__, vars(thing)]
        if any(thing.__globals__ is space for space in spaces):
            written = set(_written(thing.__code__))
            if not written.isdisjoint(BY_OTHER_MEANS) or not written.isdisjoint(names):
                return True
            waiting += [thing.__globals__[name] for name in written if name in thing.__globals__]
    return bool(waiting) or not spaces


def _plain(thing: Any) -> Any:
    """Return the function in a static or class method."""
    return thing.__func__ if type(thing) in (staticmethod, classmethod) else thing


def _written(code: CodeType) -> Iterator[str]:
    """Yield the names that a function reads, of attributes as well, and the texts that stand in it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _written(constant)
        elif isinstance(constant, str):
            yield constant
        elif isinstance(constant, tuple | frozenset):
            yield from (text for text in constant if isinstance(text, str))


def _opaque(thing: Any) -> bool:
    """Tell whether an object may hold functions that `gc.get_referents` does not know of."""
    if type(thing) is np.ndarray:
        return bool(thing.dtype.hasobject)
    return type(thing) is np.ufunc and all(set(types) <= set("O->") for types in thing.types)  # of np.frompyfunc
