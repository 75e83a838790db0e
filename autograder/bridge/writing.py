"""The writing half of the codec."""

from __future__ import annotations

import json
import math
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from . import arrays
from .arrays import BridgeError, Buffer
from .values import DEFAULT, MAGIC, Bounds, Handle, Nested, keys_ok

__all__ = ["encode", "encode_chunks", "is_plain"]

INLINE = 512  #: characters a string may have inside the header
BITS = 300_000  #: of an integer

DUMP = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode

Hand = Callable[[Any], "Handle | None"]


def encode(value: Any, bounds: Bounds = DEFAULT, hand: Hand | None = None) -> bytes:
    """Write a value as one message.

    Parameters
    ----------
    value : object
        Plain data; see `encode_chunks`.
    bounds : Bounds
        What the message may hold.
    hand : callable, optional
        Makes a `Handle` of an object that is not plain data, or returns None.

    Raises
    ------
    BridgeError
        When it holds something that does not travel, or too much.

    Examples
    --------
    >>> from autograder.bridge.codec import decode
    >>> decode(encode([1, 2.5, (True, None), {"a": b"b"}]))
    [1, 2.5, (True, None), {'a': b'b'}]
    """
    return b"".join(encode_chunks(value, bounds, hand))


def encode_chunks(value: Any, bounds: Bounds = DEFAULT, hand: Hand | None = None) -> list[Buffer]:
    """Write a value as the pieces of one message; large arrays appear as views of their own memory."""
    prefix = None
    if type(value) is np.ndarray:
        prefix = _lone_prefix(value.dtype.str, value.shape, arrays.layout_of(value))
    if prefix is not None:
        chunks: list[Buffer] = [prefix, arrays.data_of(value)]
    else:
        writer = _Writer(bounds, hand)
        tree = writer.write(value, 0)
        header = DUMP([writer.lengths, tree]).encode("ascii")
        chunks = [MAGIC, len(header).to_bytes(4, "big"), header, *writer.chunks]
    if sum(map(len, chunks)) > bounds.bytes:
        raise BridgeError(f"more than {bounds.bytes} bytes")
    return chunks


@lru_cache(maxsize=1024)
def _lone_prefix(descr: str, shape: tuple[int, ...], layout: str) -> bytes | None:
    """Return what stands before the data of a message that is an array of numbers, as most are; `_Writer` writes alike.

    None for any other array.
    """
    dtype = np.dtype(descr)
    if dtype.kind not in "biufc" or not arrays.travels(dtype):
        return None
    start = arrays.header_of(descr, layout.startswith("F"), shape)
    header = DUMP([[len(start) + dtype.itemsize * math.prod(shape)], ["a", layout]]).encode("ascii")
    return MAGIC + len(header).to_bytes(4, "big") + header + start


def is_plain(value: Any) -> bool:
    """Tell whether a value travels as data rather than behind a handle, judging by its outermost type."""
    return type(value) in _WRITERS or isinstance(value, np.ndarray | np.generic) or arrays.is_tensor(value)


class _Writer:
    """One message in the making."""

    def __init__(self, bounds: Bounds, hand: Hand | None) -> None:
        self.bounds, self.hand = bounds, hand
        self.chunks: list[Buffer] = []
        self.lengths: list[int] = []
        self.items = self.size = 0

    def blob(self, *pieces: Buffer) -> None:
        """Add a blob made of pieces."""
        length = sum(map(len, pieces))
        self.size += length
        if self.size > self.bounds.bytes:
            raise BridgeError(f"more than {self.bounds.bytes} bytes")
        self.lengths.append(length)
        self.chunks += pieces

    def write(self, value: Any, depth: int) -> Any:
        """Return the node of a value."""
        self.items += 1
        if depth > self.bounds.depth:
            raise BridgeError(f"nested more than {self.bounds.depth} levels deep")
        if self.items > self.bounds.items:
            raise BridgeError(f"more than {self.bounds.items} values")
        writer = _WRITERS.get(type(value))
        if writer is not None:
            return writer(self, value, depth)
        if isinstance(value, np.ndarray):
            return self.array(np.ndarray.view(value, np.ndarray), depth)
        if isinstance(value, np.generic):
            return self.scalar(value, depth)
        if arrays.is_tensor(value):
            return self.tensor(value, depth)
        if isinstance(value, tuple) and hasattr(type(value), "_fields"):  # a namedtuple
            return self.sequence("t", tuple.__iter__(value), depth)
        return self.other(value)

    def other(self, value: Any) -> Any:
        """Leave an object where it is and name it."""
        handle = self.hand(value) if self.hand else None
        if handle is None:
            raise BridgeError(f"a value of type {type(value).__name__} does not travel")
        return ["h", handle.id, handle.kind, *map(_clean, (handle.type_name, handle.name)), handle.callable]

    def sequence(self, tag: str, values: Iterator[Any], depth: int) -> Any:
        return [tag, *[self.write(v, depth + 1) for v in values]]

    def mapping(self, value: dict[Any, Any], depth: int) -> Any:
        names = list(dict.keys(value))
        if all(type(k) is str and k.isascii() and len(k) <= INLINE for k in names):  # such stand for themselves
            self.items += len(names)
            return ["d", names, [self.write(v, depth + 1) for v in dict.values(value)]]
        pairs = [(self.write(k, depth + 1), self.write(v, depth + 1)) for k, v in dict.items(value)]
        return ["d", [k for k, _ in pairs], [v for _, v in pairs]] if keys_ok(value) else self.other(value)

    def group(self, value: Any, depth: int) -> Any:
        if not keys_ok(value):
            return self.other(value)
        members = sorted(value, key=lambda v: (type(v).__name__, repr(v)))  # equal sets, equal bytes
        return self.sequence("e" if type(value) is set else "z", iter(members), depth)

    def integer(self, value: int, depth: int) -> Any:
        if -(1 << 63) <= value < 1 << 63:
            return value
        if value.bit_length() > BITS:
            raise BridgeError(f"an integer of more than {BITS} bits")
        return ["i", hex(value)]

    def floating(self, value: float, depth: int) -> Any:
        return value if math.isfinite(value) else ["f", repr(value)]

    def text(self, value: str, depth: int) -> Any:
        value = _clean(value)
        if len(value) <= INLINE:
            return value
        self.blob(value.encode())
        return ["s"]

    def octets(self, value: bytes, depth: int) -> Any:
        self.blob(value)
        return ["b"]

    def array(self, value: np.ndarray[Any, Any], depth: int) -> Any:
        if value.dtype == object:
            shape = [int(n) for n in value.shape]
            return ["o", shape, *[self.write(v, depth + 1) for v in value.ravel().tolist()]]
        if not arrays.travels(value.dtype):
            return self.other(value)
        self.blob(*arrays.npy(value))
        return ["a", arrays.layout_of(value)]

    def scalar(self, value: np.generic, depth: int) -> Any:
        dtype = value.dtype
        if dtype.kind == "U":
            return ["nu", self.write(str.__str__(value), depth + 1)]
        if dtype.kind == "S":
            return ["ns", self.write(value.tobytes(), depth + 1)]
        return ["n", dtype.str, value.tobytes().hex()] if arrays.travels(dtype) else self.other(value)

    def tensor(self, value: Any, depth: int) -> Any:
        parts = arrays.tensor_parts(value)
        if parts is None:
            return self.other(value)
        return ["T", parts[0], parts[1], self.array(parts[2], depth)]

    def rng(self, value: np.random.Generator, depth: int) -> Any:
        found = arrays.generator_state(value)
        return ["g", found[0], self.write(found[1], depth + 1)] if found else self.other(value)

    def nested(self, value: Nested, depth: int) -> Any:
        self.blob(*value.chunks)
        return ["m"]


_WRITERS: dict[type, Callable[[_Writer, Any, int], Any]] = {
    type(None): lambda w, v, d: v,
    bool: lambda w, v, d: v,
    int: _Writer.integer,
    float: _Writer.floating,
    complex: lambda w, v, d: ["c", w.floating(v.real, d), w.floating(v.imag, d)],
    str: _Writer.text,
    bytes: _Writer.octets,
    list: lambda w, v, d: w.sequence("l", iter(v), d),
    tuple: lambda w, v, d: w.sequence("t", iter(v), d),
    range: lambda w, v, d: ["r", *[w.integer(n, d) for n in (v.start, v.stop, v.step)]],
    dict: _Writer.mapping,
    OrderedDict: _Writer.mapping,
    defaultdict: _Writer.mapping,
    Counter: _Writer.mapping,
    set: _Writer.group,
    frozenset: _Writer.group,
    np.random.Generator: _Writer.rng,
    Nested: _Writer.nested,
}


def _clean(text: str) -> str:
    """Replace halves of surrogate pairs, which are no text."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
