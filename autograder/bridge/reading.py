"""The reading half of the codec: it believes nothing, and raises `BridgeError` or nothing."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from . import arrays
from .arrays import BridgeError, Buffer
from .values import DEFAULT, KINDS, MAGIC, Bounds, Handle, Nested, keys_ok

__all__ = ["decode"]

LONE_ARRAY = re.compile(rb'\[\[(0|[1-9][0-9]{0,17})\],\["a","([CFS]r?)"\]\]')
LONG = 64  #: bytes that the header of such a message cannot reach
HEX = re.compile(r"-?0x[0-9a-f]{1,100000}")

Take = Callable[[Handle], Any]


def decode(data: Buffer, bounds: Bounds = DEFAULT, take: Take | None = None, *, nested: bool = False) -> Any:
    """Read a message.

    Parameters
    ----------
    data : bytes-like
        One whole message.
    bounds : Bounds
        What it may hold.
    take : callable, optional
        Turns a `Handle` into what stands for it here; without it handles are refused.
    nested : bool
        Whether `Nested` messages may occur; they are returned as one view of ``data``.

    Returns
    -------
    object
        Fresh plain data: base arrays in memory of their own, Python's own numbers and containers.

    Raises
    ------
    BridgeError
        When anything about it is odd. Nothing else is ever raised, whatever the bytes.
    """
    view = memoryview(data).cast("B") if len(data) else memoryview(b"")
    if len(view) > bounds.bytes:
        raise BridgeError(f"more than {bounds.bytes} bytes")
    if view[:4] != MAGIC or len(view) < 8:
        raise BridgeError("no message of this bridge")
    end = 8 + int.from_bytes(view[4:8], "big")
    if end > len(view):
        raise BridgeError("a message that ends early")
    start = end + arrays.HEADER_LENGTH
    lone = _lone_array(bytes(view[:start])) if end < LONG and start < len(view) else None
    if lone is not None and lone.nbytes == len(view) - start:
        try:
            return lone.read(view, start)
        except (MemoryError, OverflowError, ValueError) as error:
            raise BridgeError(f"an array that cannot be built: {type(error).__name__}") from None
    lengths, tree = _read_json(bytes(view[8:end]), bounds)
    reader = _Reader(bounds, take, nested)
    reader.blobs = _cut(view[end:], lengths)
    try:
        value = reader.read(tree, 0)
    except (RecursionError, MemoryError, OverflowError) as error:
        raise BridgeError(f"a message that cannot be built: {type(error).__name__}") from None
    if next(reader.blobs, None) is not None:
        raise BridgeError("a message with bytes that nobody asks for")
    return value


@lru_cache(maxsize=1024)
def _lone_array(prefix: bytes) -> arrays.Plan | None:
    """Return how to read a message that is one array of numbers, as most are, by what stands before its data.

    None for any other message: all of it is then looked at.
    """
    end = len(prefix) - arrays.HEADER_LENGTH
    found = LONE_ARRAY.fullmatch(prefix, 8, end)
    if not found:
        return None
    try:
        plan = arrays.planned(prefix[end:], found[2].decode())
    except BridgeError:
        return None
    return plan if int(found[1]) == arrays.HEADER_LENGTH + plan.nbytes else None


def _refuse(text: Any) -> Any:
    raise BridgeError("a header with something that is not ours in it")


_JSON = json.JSONDecoder(parse_constant=_refuse, object_pairs_hook=_refuse, strict=True)


def _read_json(header: bytes, bounds: Bounds) -> tuple[list[int], Any]:
    """Parse the header ``[lengths, tree]`` after making sure that it cannot grow into too much."""
    if header.count(b",") + header.count(b"[") > 8 * bounds.items + 64:
        raise BridgeError(f"more than {bounds.items} values")
    try:
        parsed = _JSON.decode(header.decode("ascii"))
    except (ValueError, RecursionError):
        raise BridgeError("a header that is no JSON") from None
    if not (type(parsed) is list and len(parsed) == 2 and type(parsed[0]) is list):
        raise BridgeError("a header without its two parts")
    if not all(type(n) is int and n >= 0 for n in parsed[0]):
        raise BridgeError("a blob of impossible length")
    return parsed[0], parsed[1]


def _cut(view: memoryview, lengths: list[int]) -> Iterator[memoryview]:
    if sum(lengths) != len(view):
        raise BridgeError("blobs that do not add up to the message")
    ends, pieces = 0, []
    for n in lengths:
        pieces.append(view[ends : ends + n])
        ends += n
    return iter(pieces)


class _Reader:
    """One message being read."""

    blobs: Iterator[memoryview]

    def __init__(self, bounds: Bounds, take: Take | None, nested: bool) -> None:
        self.bounds, self.take, self.nested = bounds, take, nested
        self.items = 0

    def read(self, node: Any, depth: int) -> Any:
        """Return the value of a node."""
        self.items += 1
        if depth > self.bounds.depth:
            raise BridgeError(f"nested more than {self.bounds.depth} levels deep")
        if self.items > self.bounds.items:
            raise BridgeError(f"more than {self.bounds.items} values")
        kind = type(node)
        if kind is list:
            reader = _READERS.get(node[0]) if node and type(node[0]) is str else None
            if reader is None:
                raise BridgeError("a value with an unknown tag")
            return reader(self, node, depth + 1)
        if kind is str:
            return _sound_text(node)
        if kind is int and node.bit_length() > 63 and node != -(1 << 63):
            raise BridgeError("an integer that should have come in hexadecimal")
        if kind is float and not math.isfinite(node):
            raise BridgeError("a float beyond all floats")
        return node

    def blob(self) -> memoryview:
        piece = next(self.blobs, None)
        if piece is None:
            raise BridgeError("a message with too few blobs")
        return piece

    def exactly(self, node: list[Any], count: int) -> list[Any]:
        if len(node) != count + 1:
            raise BridgeError("a value with the wrong number of parts")
        return node[1:]

    def sequence(self, node: list[Any], depth: int) -> list[Any]:
        return [self.read(part, depth) for part in node[1:]]

    def mapping(self, node: list[Any], depth: int) -> dict[Any, Any]:
        keys, values = self.exactly(node, 2)
        if type(keys) is not list or type(values) is not list or len(keys) != len(values):
            raise BridgeError("a dict whose keys and values do not pair up")
        if all(type(k) is str for k in keys):
            self.items += len(keys)  # each has a value, at which they are counted
            built = {_sound_text(k): self.read(v, depth) for k, v in zip(keys, values, strict=True)}
        else:
            read = [(self.read(k, depth), self.read(v, depth)) for k, v in zip(keys, values, strict=True)]
            self.check_keys([k for k, _ in read])
            built = dict(read)
        if len(built) != len(keys):
            raise BridgeError("a dict with a key twice")
        return built

    def group(self, node: list[Any], depth: int) -> set[Any]:
        members = self.sequence(node, depth)
        self.check_keys(members)
        if len(set(members)) != len(members):
            raise BridgeError("a set with a member twice")
        return set(members)

    def check_keys(self, keys: list[Any]) -> None:
        if not keys_ok(keys):
            raise BridgeError("a dict or set with a key that does not travel, or with too many")

    def integer(self, node: list[Any], depth: int) -> int:
        (text,) = self.exactly(node, 1)
        if type(text) is not str or not HEX.fullmatch(text):
            raise BridgeError("an integer that is none")
        return int(text, 16)

    def floating(self, node: list[Any], depth: int) -> float:
        (text,) = self.exactly(node, 1)
        if text not in ("nan", "inf", "-inf"):
            raise BridgeError("a float that is none")
        return float(text)

    def complex(self, node: list[Any], depth: int) -> complex:
        parts = [self.read(p, depth) for p in self.exactly(node, 2)]
        if not all(type(p) is float for p in parts):
            raise BridgeError("a complex number that is none")
        return complex(*parts)

    def range(self, node: list[Any], depth: int) -> range:
        parts = [self.read(p, depth) for p in self.exactly(node, 3)]
        if not all(type(p) is int for p in parts) or parts[2] == 0:
            raise BridgeError("a range that is none")
        return range(*parts)

    def text(self, node: list[Any], depth: int) -> str:
        self.exactly(node, 0)
        try:
            return str(self.blob(), "utf-8")
        except UnicodeDecodeError:
            raise BridgeError("a string that is no text") from None

    def array(self, node: list[Any], depth: int) -> Any:
        (layout,) = self.exactly(node, 1)
        if type(layout) is not str:
            raise BridgeError("an array without a layout")
        return arrays.read_npy(self.blob(), layout)

    def objects(self, node: list[Any], depth: int) -> Any:
        shape = node[1] if len(node) > 1 else None
        if type(shape) is not list or len(shape) > 32 or not all(type(n) is int and n >= 0 for n in shape):
            raise BridgeError("an array without a shape")
        members = [self.read(part, depth) for part in node[2:]]
        if math.prod(shape) != len(members):
            raise BridgeError("an array whose members do not fill its shape")
        try:
            built = np.empty(len(members), dtype=object)
            for i, member in enumerate(members):
                built[i] = member
            return built.reshape(shape)
        except ValueError:
            raise BridgeError("an array of impossible shape") from None

    def scalar(self, node: list[Any], depth: int) -> Any:
        return arrays.read_scalar(*self.exactly(node, 2))

    def text_scalar(self, node: list[Any], depth: int) -> Any:
        (text,) = self.exactly(node, 1)
        value = self.read(text, depth)
        if type(value) is not (str if node[0] == "nu" else bytes):
            raise BridgeError("a numpy string that is none")
        return np.str_(value) if node[0] == "nu" else np.bytes_(value)

    def tensor(self, node: list[Any], depth: int) -> Any:
        dtype, requires_grad, array = self.exactly(node, 3)
        return arrays.tensor(dtype, requires_grad, self.read(array, depth))

    def rng(self, node: list[Any], depth: int) -> np.random.Generator:
        name, state = self.exactly(node, 2)
        return arrays.generator(name, self.read(state, depth))

    def handle(self, node: list[Any], depth: int) -> Any:
        number, kind, type_name, name, is_callable = self.exactly(node, 5)
        sound = type(number) is int and 0 <= number < 1 << 53 and type(kind) is str and kind in KINDS
        if not (sound and type(type_name) is type(name) is str and type(is_callable) is bool):
            raise BridgeError("a handle that is none")
        if self.take is None:
            raise BridgeError("a handle where only data may come")
        return self.take(Handle(number, kind, _sound_text(type_name)[:100], _sound_text(name)[:100], is_callable))

    def inner(self, node: list[Any], depth: int) -> Nested:
        self.exactly(node, 0)
        if not self.nested:
            raise BridgeError("a message inside a value")
        return Nested([self.blob()])


def _sound_text(text: str) -> str:
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise BridgeError("a string that is no text") from None
    return text


def _octets(reader: _Reader, node: list[Any], depth: int) -> bytes:
    reader.exactly(node, 0)
    return bytes(reader.blob())


_READERS: dict[str, Callable[[_Reader, list[Any], int], Any]] = {
    "l": _Reader.sequence,
    "t": lambda r, n, d: tuple(r.sequence(n, d)),
    "d": _Reader.mapping,
    "e": _Reader.group,
    "z": lambda r, n, d: frozenset(r.group(n, d)),
    "i": _Reader.integer,
    "f": _Reader.floating,
    "c": _Reader.complex,
    "r": _Reader.range,
    "s": _Reader.text,
    "b": _octets,
    "a": _Reader.array,
    "o": _Reader.objects,
    "n": _Reader.scalar,
    "nu": _Reader.text_scalar,
    "ns": _Reader.text_scalar,
    "T": _Reader.tensor,
    "g": _Reader.rng,
    "h": _Reader.handle,
    "m": _Reader.inner,
}
