"""What both directions of the codec share: bounds, handles, and which keys a dict or a set may have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .arrays import Buffer

__all__ = ["DEFAULT", "KINDS", "MAGIC", "Bounds", "Handle", "Nested", "is_mere", "keys_ok"]

MAGIC = b"DLB1"
KINDS = frozenset(("function", "class", "instance", "iterator", "module"))
KEYS = 4096  #: keys of one dict or set that are not strings: numbers can be chosen so that their hashes collide


@dataclass(frozen=True)
class Bounds:
    """How much one message may hold.

    Parameters
    ----------
    bytes : int
        Length of the whole message.
    depth : int
        Containers inside containers.
    items : int
        Values altogether.
    """

    bytes: int = 64 << 20
    depth: int = 40
    items: int = 500_000


@dataclass(frozen=True)
class Handle:
    """Stands for an object that stays in the jail.

    Parameters
    ----------
    id : int
        Its number in its session.
    kind : str
        function, class, instance, iterator or module.
    type_name, name : str
        Name of its class, and its own where it has one; only ever shown.
    callable : bool
        Whether calling it may make sense.
    """

    id: int
    kind: str
    type_name: str
    name: str = ""
    callable: bool = False


@dataclass(frozen=True)
class Nested:
    """A message inside a message, written without copying it; only the protocol uses it, never a value."""

    chunks: Sequence[Buffer]

    @property
    def size(self) -> int:
        """Bytes altogether."""
        return sum(map(len, self.chunks))


DEFAULT = Bounds()


def is_mere(value: Any) -> bool:
    """Tell whether a value is so small that it needs no message of its own inside another."""
    return type(value) in (float, bool, type(None)) or (type(value) is int and -(1 << 63) <= value < 1 << 63)


def _key_ok(key: Any) -> bool:
    if isinstance(key, tuple):
        return type(key) is tuple and all(map(_key_ok, key))
    return key is None or type(key) in (bool, int, float, str, bytes) or isinstance(key, np.number | np.bool_)


def keys_ok(keys: Any) -> bool:
    """Tell whether these can be the keys of a dict or the members of a set that travels."""
    return all(map(_key_ok, keys)) and (len(keys) <= KEYS or all(type(k) is str for k in keys))
