"""What check cells see of a student's functions, classes, objects and iterators.

A proxy runs student code when it is called, iterated, indexed, or asked for or given an attribute, and at no other
time: comparing, printing, hashing, testing for truth and numpy's conversions stay here. Arguments go in as copies;
what the call did to them is written back into the caller's own.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NoReturn

import numpy as np

from .codec import BridgeError, Handle

if TYPE_CHECKING:
    from .host import Guest

__all__ = [
    "METHOD",
    "StudentCallable",
    "StudentClass",
    "StudentFunction",
    "StudentIterator",
    "StudentMethod",
    "StudentObject",
    "handle_of",
    "kind_of",
    "know",
    "name_of",
    "standing_for",
    "wrap",
]

METHOD: Final = object()  #: what `Guest.call` returns for a bound method of its first argument
ITEMS = 1_000_000  #: items one iterator may yield: endless ones must not fill the judge's memory


class StudentObject:
    """An object that lives in the jail.

    Attributes are read from and written to the student's object: ``layer.W`` is a copy of its array. Only names
    without surrounding double underscores are passed on.
    """

    __slots__ = (
        "__weakref__",
        "_bridge_guest",
        "_bridge_handle",
        "_bridge_home",
        "_bridge_methods",
        "_bridge_originals",  # arguments of the call it came from: what it does to them while iterated is written back
    )

    __array_ufunc__ = None  # numpy's operators decline

    def __init__(self, guest: Guest, handle: Handle) -> None:
        put = object.__setattr__
        put(self, "_bridge_guest", guest)
        put(self, "_bridge_handle", handle)
        put(self, "_bridge_home", (guest.generation, ""))
        put(self, "_bridge_methods", {})
        put(self, "_bridge_originals", {})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(f"{self!r} has no attribute {name!r} on this side of the bridge")
        methods = self._bridge_methods
        if name in methods:
            return StudentMethod(self, name)
        value = _operate("getattr", self, name)
        if value is METHOD:
            methods[name] = True
            return StudentMethod(self, name)
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        self._bridge_methods.pop(name, None)
        _operate("setattr", self, name, value)

    def __delattr__(self, name: str) -> None:
        self._bridge_methods.pop(name, None)
        _operate("delattr", self, name)

    def __getitem__(self, key: Any) -> Any:
        return _operate("getitem", self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        _operate("setitem", self, key, value)

    def __delitem__(self, key: Any) -> None:
        _operate("delitem", self, key)

    def __len__(self) -> int:
        size = _operate("len", self)
        if type(size) is not int:
            raise BridgeError("a length that is no integer")
        return size

    def __iter__(self) -> Iterator[Any]:
        iterator = _operate("iter", self)
        if not isinstance(iterator, StudentIterator):
            raise TypeError(f"iteration over {self!r} gave no iterator")
        object.__setattr__(iterator, "_bridge_originals", self._bridge_originals)
        return iterator

    def __copy__(self) -> Any:
        return _operate("copy", self)

    def __deepcopy__(self, memo: Any) -> Any:
        return _operate("deepcopy", self)

    # ---- for `dlopt.checks.inside`

    def bring_inside(self, source: str, name: str) -> Any:
        """Run a module's source beside the student's object and return a proxy of what it calls ``name``."""
        return self._bridge_guest.bring(source, name)

    def stand_in(self, source: str, names: Sequence[str]) -> AbstractContextManager[None]:
        """Let names that the student's code reads mean those of a module, for the time of a ``with`` block."""
        lent: AbstractContextManager[None] = self._bridge_guest.lend(self, source, names)
        return lent

    # ---- what never asks the student's object

    def __bool__(self) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return f"<the student's {_words(self._bridge_handle)}>"

    def __dir__(self) -> list[str]:
        return []

    def __contains__(self, item: object) -> bool:
        raise TypeError(f"whether something is in {self!r} is not for student code to say: iterate instead")

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray[Any, Any]:
        box = np.empty((), dtype=object)  # what numpy makes of any object; not the student's own __array__
        box[()] = self
        return box if dtype is None else box.astype(dtype)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> NoReturn:
        raise TypeError(f"{getattr(func, '__name__', 'numpy')} got {self!r}, which is no array")

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError(f"{self!r} cannot be pickled")


class StudentCallable(StudentObject):
    """An object that can be called."""

    __slots__ = ()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it with copies of the arguments."""
        return _call(_target(self), args, kwargs, self._bridge_guest)

    @property
    def __name__(self) -> str:
        """Its name in the student's code."""
        name: str = self._bridge_handle.name
        return name

    @property
    def __signature__(self) -> inspect.Signature:
        """Its parameters, as the student's process describes them."""
        return _signature(self._bridge_guest.describe(self._bridge_handle))


class StudentFunction(StudentCallable):
    """A function of the student's."""

    __slots__ = ()

    def call_in_series(self, series: Sequence[Sequence[Any]], limit: float) -> list[Callable[[], Any]]:
        """Call it several times in one exchange, for `dlopt.checks.inside`; see `Guest.calls`."""
        target = _target(self)
        return [partial(_came, target, made) for made in self._bridge_guest.calls(target, series, limit)]


class StudentClass(StudentCallable):
    """A class of the student's; calling it constructs a `StudentObject`."""

    __slots__ = ()

    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, StudentObject) and _operate("isinstance", instance, self) is True

    def __subclasscheck__(self, subclass: type) -> bool:
        return isinstance(subclass, StudentClass) and _operate("issubclass", subclass, self) is True


class StudentMethod(StudentCallable):
    """A bound method: calling it is one request."""

    __slots__ = ("__self__", "_bridge_name")

    def __init__(self, owner: StudentObject, name: str) -> None:
        super().__init__(owner._bridge_guest, Handle(owner._bridge_handle.id, "function", "method", name, True))
        object.__setattr__(self, "_bridge_home", owner._bridge_home)
        object.__setattr__(self, "__self__", owner)
        object.__setattr__(self, "_bridge_name", name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the method on its object, with copies of the arguments."""
        target = ("method", (_target(self.__self__)[1], self._bridge_name))
        return _call(target, args, kwargs, self._bridge_guest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StudentMethod) and (self.__self__, self._bridge_name) == (
            other.__self__,
            other._bridge_name,
        )

    __hash__ = StudentObject.__hash__


class StudentIterator(StudentObject):
    """A generator or another iterator; each item is one request, and so is the start of a ``for`` loop."""

    __slots__ = ("_bridge_items",)

    def __init__(self, guest: Guest, handle: Handle) -> None:
        super().__init__(guest, handle)
        object.__setattr__(self, "_bridge_items", 0)

    def __next__(self) -> Any:
        if self._bridge_items >= ITEMS:
            raise ValueError(f"{self!r} yielded {ITEMS} items and is still not done")
        object.__setattr__(self, "_bridge_items", self._bridge_items + 1)
        return self._bridge_guest.next(handle_of(self, self._bridge_guest), self._bridge_originals)


_KINDS: dict[str, type[StudentObject]] = {
    "function": StudentFunction,
    "class": StudentClass,
    "iterator": StudentIterator,
}


def wrap(guest: Guest, handle: Handle) -> StudentObject:
    """Make the proxy that fits a handle."""
    plain = StudentCallable if handle.callable else StudentObject
    return _named(_KINDS.get(handle.kind, plain), handle.type_name)(guest, handle)


_classes: dict[tuple[str, str], type[StudentObject]] = {}


def _named(base: type[StudentObject], name: str) -> type[StudentObject]:
    """Return a class that reads like the student's in a sentence: ``type(layer).__name__`` is "Linear"."""
    key = (base.__name__, name if name.isidentifier() else "Object")
    if key not in _classes:
        if len(_classes) > 1000:
            _classes.clear()
        _classes[key] = type(key[1], (base,), {"__slots__": (), "__module__": "__main__", "__doc__": base.__doc__})
    return _classes[key]


def kind_of(proxy: StudentObject) -> str:
    """Return the kind in a proxy's handle."""
    kind: str = proxy._bridge_handle.kind
    return kind


def name_of(proxy: StudentObject) -> str:
    """Return the name a proxy was fetched by, or nothing."""
    name: str = proxy._bridge_home[1]
    return name


def know(proxy: StudentObject, name: str) -> None:
    """Remember the name a proxy was fetched by: in a later session it stands for the object of that name."""
    object.__setattr__(proxy, "_bridge_home", (proxy._bridge_home[0], name))


@contextmanager
def standing_for(proxy: StudentObject, other: Guest) -> Iterator[None]:
    """Let a proxy stand for the object of its name in another session, for the time of a ``with`` block.

    Raises
    ------
    BridgeError
        When it has no name to be found by.
    """
    if not proxy._bridge_home[1]:
        raise BridgeError(f"{proxy!r} has no name by which another run would know it")
    mine = {
        slot: getattr(proxy, slot) for slot in ("_bridge_guest", "_bridge_handle", "_bridge_home", "_bridge_methods")
    }
    theirs = other.fetch(proxy._bridge_home[1])
    if not isinstance(theirs, StudentObject) or kind_of(theirs) != kind_of(proxy):
        raise BridgeError(f"{proxy._bridge_home[1]} is not in another run what it is in this one")
    try:
        for slot in mine:
            object.__setattr__(proxy, slot, getattr(theirs, slot))
        yield
    finally:
        for slot, value in mine.items():
            object.__setattr__(proxy, slot, value)


def handle_of(proxy: StudentObject, guest: Guest) -> Handle:
    """Return a proxy's handle in the guest's present session.

    Raises
    ------
    BridgeError
        When it belongs to another guest or to a session that has ended.
    """
    if proxy._bridge_guest is not guest:
        raise BridgeError("an object of another guest")
    if isinstance(proxy, StudentMethod):
        raise BridgeError("a bound method does not travel; pass its object")
    guest.ready()
    if proxy._bridge_home[0] != guest.generation:
        _renew(proxy, guest)
    handle: Handle = proxy._bridge_handle
    return handle


def _renew(proxy: StudentObject, guest: Guest) -> None:
    """Find a proxy's object again, by name, after the session was replaced."""
    name = proxy._bridge_home[1]
    if not name:
        raise BridgeError(f"{proxy!r} belongs to a run that has ended")
    fresh = guest.fetch(name)
    if not isinstance(fresh, StudentObject) or kind_of(fresh) != kind_of(proxy):
        raise BridgeError(f"{name} is no longer what it was before the run was restarted")
    object.__setattr__(proxy, "_bridge_handle", fresh._bridge_handle)
    object.__setattr__(proxy, "_bridge_home", (guest.generation, name))
    guest.keep(proxy, fresh._bridge_handle)


def _target(proxy: StudentObject) -> tuple[str, int]:
    return "handle", handle_of(proxy, proxy._bridge_guest).id


def _call(target: tuple[str, Any], args: tuple[Any, ...], kwargs: dict[str, Any], guest: Guest) -> Any:
    return _came(target, partial(guest.call, target, args, kwargs))


def _came(target: tuple[str, Any], call: Callable[[], tuple[Any, dict[int | str, Any]]]) -> Any:
    """Return what came of a call; a proxy remembers the arguments that it was made from."""
    value, originals = call()
    if isinstance(value, StudentObject) and target[0] != "operator":
        mine = {where: v for where, v in originals.items() if not isinstance(v, StudentObject)}
        object.__setattr__(value, "_bridge_originals", mine)
    return value


def _operate(name: str, proxy: StudentObject, *args: Any) -> Any:
    return _call(("operator", name), (proxy, *args), {}, proxy._bridge_guest)


def _words(handle: Handle) -> str:
    if handle.kind in ("function", "class", "module"):
        return f"{handle.kind} {handle.name}"
    return f"object of class {handle.type_name}"


def _signature(description: Any) -> inspect.Signature:
    """Build a signature from what the student's process says."""
    try:
        parameters = [
            inspect.Parameter(
                str(name), inspect._ParameterKind(kind), default=default[0] if default else inspect.Parameter.empty
            )
            for name, kind, default in description["parameters"]
        ]
        return inspect.Signature(parameters)
    except (TypeError, ValueError, KeyError, IndexError):
        raise ValueError("no signature found") from None
