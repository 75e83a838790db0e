"""Arrays, numpy scalars, random generators and tensors as bytes, and back with every claim checked.

An array travels as a version 1 npy file. The reader accepts only the headers that the writer writes: numbers and
text in known sizes, never objects. What it returns is a base `numpy.ndarray` in memory of its own.
"""

from __future__ import annotations

import math
import re
import sys
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "HEADER_LENGTH",
    "BridgeError",
    "Buffer",
    "Plan",
    "Tensor",
    "data_of",
    "generator",
    "generator_state",
    "header_of",
    "is_tensor",
    "laid_out",
    "layout_of",
    "npy",
    "planned",
    "read_npy",
    "read_scalar",
    "tensor",
    "tensor_parts",
    "travels",
]

Buffer = bytes | bytearray | memoryview

MAGIC = b"\x93NUMPY\x01\x00"
DTYPE = re.compile(r"[<>|](?:b1|[iu][1248]|f(?:2|4|8|12|16)|c(?:8|16|24|32)|[SU][1-9][0-9]{0,7})")
HEADER = re.compile(
    r"\{'descr': '([^']{3,12})', 'fortran_order': (True|False), 'shape': \(((?:[0-9]{1,18}, ?)*[0-9]{0,18})\), \} *\n"
)
BIT_GENERATORS = {name: getattr(np.random, name) for name in ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")}
LAST_CHARACTER = 0x10FFFF
HEADER_LENGTH = 128  #: bytes of nearly every header: `header_of` fills them up to a multiple of 64
SMALL = 1 << 16  #: bytes that are copied faster than looked at in their place


class BridgeError(Exception):
    """What came is not what this bridge carries: malformed, too large, too deep, or claiming to be what it is not."""


@dataclass(frozen=True)
class Tensor:
    """A torch tensor in a process that has not loaded torch.

    Parameters
    ----------
    array : ndarray
        Its values; a bfloat16 tensor shows its bits as int16.
    dtype : str
        Its dtype in torch, ``"float32"``.
    requires_grad : bool
        Whether torch would track gradients.
    """

    array: NDArray[Any]
    dtype: str
    requires_grad: bool = False


# --------------------------------------------------------------------------------------------- arrays


def travels(dtype: np.dtype[Any]) -> bool:
    """Tell whether arrays of this dtype can cross: numbers, booleans and text."""
    return _travels(dtype.str)


@lru_cache(maxsize=256)
def _travels(descr: str) -> bool:
    return DTYPE.fullmatch(descr) is not None or descr[1:] in ("U0", "S0")


def layout_of(array: NDArray[Any]) -> str:
    """Name the memory layout: C, F or S for strided, and r where it is read-only.

    Examples
    --------
    >>> layout_of(np.ones((2, 3)).T), layout_of(np.ones(6)[::2])
    ('F', 'S')
    """
    flags = array.flags
    order = "C" if flags.c_contiguous else "F" if flags.f_contiguous else "S"
    return order if flags.writeable else order + "r"


def laid_out(array: NDArray[Any], layout: str) -> NDArray[Any]:
    """Copy an array into memory of its own with this layout.

    Raises
    ------
    BridgeError
        For a layout that `layout_of` does not write.
    """
    order = layout.removesuffix("r")
    if order == "S" and array.ndim and array.size:
        wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), dtype=array.dtype)
        fresh = wide[..., ::2]
        fresh[...] = array
    elif order == "F":
        fresh = array.copy(order="F")
    elif order in ("C", "S"):
        fresh = array.copy(order="C")
    else:
        raise BridgeError(f"no such memory layout: {layout[:20]!r}")
    if layout.endswith("r"):
        fresh.flags.writeable = False
    return fresh


@lru_cache(maxsize=256)
def header_of(descr: str, fortran: bool, shape: tuple[int, ...]) -> bytes:
    """Write the header of an npy file."""
    text = f"{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}"
    text += " " * (-(len(MAGIC) + 2 + len(text) + 1) % 64) + "\n"
    return MAGIC + len(text).to_bytes(2, "little") + text.encode("ascii")


def npy(array: NDArray[Any]) -> tuple[bytes, Buffer]:
    """Write an array as an npy file: its header, and its data without a copy where memory allows."""
    if array.dtype.itemsize == 0:  # np.array([""]).astype("U0"): nothing but a length
        array = array.astype(array.dtype.kind + "1")
    fortran = array.flags.f_contiguous and not array.flags.c_contiguous
    return header_of(array.dtype.str, fortran, array.shape), data_of(array)


def data_of(array: NDArray[Any]) -> Buffer:
    """Return the bytes of an array as npy files have them: as they lie where that is Fortran's order, else in C's."""
    if array.nbytes <= SMALL:
        return array.tobytes("A")
    fortran = array.flags.f_contiguous and not array.flags.c_contiguous
    return np.ascontiguousarray(array.T if fortran else array).reshape(-1).view(np.uint8).data


@lru_cache(maxsize=256)
def _read_header(text: bytes) -> tuple[np.dtype[Any], bool, tuple[int, ...]]:
    found = HEADER.fullmatch(text.decode("latin-1"))
    if not found:
        raise BridgeError("an array with an unknown header")
    descr, fortran, shape = found.groups()
    sizes = tuple(int(n) for n in shape.split(",") if n.strip())
    if len(sizes) > 32:
        raise BridgeError("an array with too many axes")
    return _dtype(descr), fortran == "True", sizes


def _dtype(descr: Any) -> np.dtype[Any]:
    if not (isinstance(descr, str) and DTYPE.fullmatch(descr)):
        raise BridgeError("an array of a dtype that does not travel")
    try:
        return np.dtype(descr)
    except TypeError:  # a long double of another machine
        raise BridgeError(f"an array of dtype {descr}, unknown here") from None


@dataclass(frozen=True)
class Plan:
    """How to make an array of the data of an npy file: what its header says, believed only as far as it is possible."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    fortran: bool
    layout: str
    count: int
    nbytes: int

    def read(self, data: memoryview, start: int) -> NDArray[Any]:
        """Return a fresh array of the ``nbytes`` that begin at ``start``."""
        flat = np.frombuffer(data, self.dtype, self.count, start) if self.count else np.empty(0, self.dtype)
        return laid_out(_sound(flat.reshape(self.shape, order="F" if self.fortran else "C")), self.layout)


def planned(header: bytes, layout: str) -> Plan:
    """Return what to make of the data behind a header.

    Raises
    ------
    BridgeError
        When it is anything but what `header_of` writes.
    """
    start = len(MAGIC) + 2
    if header[: len(MAGIC)] != MAGIC or start + int.from_bytes(header[len(MAGIC) : start], "little") != len(header):
        raise BridgeError("an array that is no npy file")
    dtype, fortran, shape = _read_header(header[start:])
    count = math.prod(shape)
    return Plan(dtype, shape, fortran, layout, count, count * dtype.itemsize)


def read_npy(data: memoryview, layout: str) -> NDArray[Any]:
    """Read an npy file into a fresh array of the given layout.

    Raises
    ------
    BridgeError
        When it is anything but what `npy` writes: another header, a shape that its bytes do not fill.
    """
    start = len(MAGIC) + 2
    if len(data) < start:
        raise BridgeError("an array that is no npy file")
    end = start + int.from_bytes(data[len(MAGIC) : start], "little")
    if end - start > 4096 or end > len(data):
        raise BridgeError("an array with an impossible header")
    plan = planned(bytes(data[:end]), layout)
    if plan.nbytes != len(data) - end:
        raise BridgeError("an array whose bytes do not fill its shape")
    try:
        return plan.read(data, end)
    except ValueError as error:  # (0, 2**60): no bytes, yet no array either
        raise BridgeError(f"an array of impossible shape: {error}") from None


def read_scalar(descr: Any, text: Any) -> Any:
    """Read a numpy scalar from its dtype and its bytes in hexadecimal."""
    dtype = _dtype(descr)
    try:
        data = bytes.fromhex(text)
    except (TypeError, ValueError):
        raise BridgeError("a numpy scalar without bytes") from None
    if dtype.kind in "SU" or len(data) != dtype.itemsize:
        raise BridgeError("a numpy scalar of another size")
    return _sound(np.frombuffer(data, dtype))[0]


def _sound(array: NDArray[Any]) -> NDArray[Any]:
    """Refuse bytes that are no value of their dtype: numpy would trust them."""
    if array.dtype.kind == "b":
        return np.asarray(np.not_equal(array.view(np.uint8), 0))  # numpy makes a scalar of an array without axes
    if array.dtype.kind == "U" and array.size:
        flat = array.reshape(-1) if array.flags.c_contiguous else array.T.reshape(-1)
        codes = flat.view(np.dtype(np.uint32).newbyteorder(array.dtype.byteorder))
        if codes.max() > LAST_CHARACTER or np.any((codes >= 0xD800) & (codes <= 0xDFFF)):
            raise BridgeError("an array of text with impossible characters")
    return array


# ---------------------------------------------------------------------------------- random generators


def generator_state(rng: np.random.Generator) -> tuple[str, dict[str, Any]] | None:
    """Return name and state of the bit generator, or None where it is not one of numpy's."""
    name = type(rng.bit_generator).__name__
    if BIT_GENERATORS.get(name) is not type(rng.bit_generator):
        return None
    return name, dict(rng.bit_generator.state)


@lru_cache(maxsize=8)
def _template(name: str) -> dict[str, Any]:
    state: dict[str, Any] = BIT_GENERATORS[name](0).state
    return state


def generator(name: Any, state: Any) -> np.random.Generator:
    """Build a generator from the state of its bit generator.

    Raises
    ------
    BridgeError
        For an unknown generator or a state that its kind cannot have; numpy itself would read outside of its own
        memory with a position beyond the end.
    """
    if not isinstance(name, str) or name not in BIT_GENERATORS:
        raise BridgeError("a random generator of an unknown kind")
    if not _fits(state, _template(name), ""):
        raise BridgeError("a random generator in an impossible state")
    bits = BIT_GENERATORS[name](0)
    bits.state = state
    return np.random.Generator(bits)


def _fits(value: Any, like: Any, key: str) -> bool:
    if type(value) is not type(like):
        return False
    if isinstance(like, dict):
        return value.keys() == like.keys() and all(_fits(value[k], like[k], k) for k in like)
    if isinstance(like, np.ndarray):
        return bool(value.dtype == like.dtype and value.shape == like.shape)
    if isinstance(like, int):
        largest = {"has_uint32": 1, "pos": 624, "buffer_pos": 4, "uinteger": (1 << 32) - 1}.get(key, (1 << 128) - 1)
        return 0 <= int(value) <= largest
    return bool(value == like)


# -------------------------------------------------------------------------------------------- tensors

TORCH_DTYPES = frozenset(
    "float16 bfloat16 float32 float64 complex64 complex128 uint8 int8 int16 int32 int64 bool".split()
)


def is_tensor(value: Any) -> bool:
    """Recognise an ordinary tensor without importing torch."""
    if type(value) is Tensor:
        return True
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def tensor_parts(value: Any) -> tuple[str, bool, NDArray[Any]] | None:
    """Return dtype, requires_grad and values of a tensor; None for one without plain values (sparse, meta)."""
    if type(value) is Tensor:
        return value.dtype, value.requires_grad, value.array
    torch = sys.modules["torch"]
    name = str(value.dtype).removeprefix("torch.")
    if name not in TORCH_DTYPES or value.layout is not torch.strided or value.device.type == "meta":
        return None
    plain = value.detach().cpu().resolve_conj().resolve_neg()
    bits = plain.view(torch.int16) if name == "bfloat16" else plain
    return name, bool(value.requires_grad), bits.contiguous().numpy()


def tensor(dtype: Any, requires_grad: Any, array: Any) -> Any:
    """Build a torch tensor where torch is loaded, otherwise a `Tensor`."""
    if not (isinstance(dtype, str) and dtype in TORCH_DTYPES and type(requires_grad) is bool):
        raise BridgeError("a tensor of an unknown dtype")
    if type(array) is not np.ndarray or array.dtype.str[1:] != _numpy_twin(dtype):
        raise BridgeError("a tensor whose values are of another dtype")
    torch = sys.modules.get("torch")
    if torch is None or not hasattr(torch, "from_numpy"):
        return Tensor(array, dtype, requires_grad)
    built = torch.from_numpy(np.array(array, dtype=array.dtype.newbyteorder("=")))
    built = built.view(torch.bfloat16) if dtype == "bfloat16" else built
    return built.requires_grad_(requires_grad) if requires_grad and dtype[:2] in ("fl", "bf", "co") else built


def _numpy_twin(dtype: str) -> str:
    return "i2" if dtype == "bfloat16" else np.dtype(dtype).str[1:]
