"""What a property asks of a result: each helper returns in silence or raises `Failure` with a sentence.

Two kinds, so that a half-right answer earns half. The *strict* ones (`scalar`, `array`, `parts`, `text`)
hold a result to its contract. The *lenient* one (`close`) reads numbers from anything that holds them, a
list or a column instead of a vector too, and asks only whether they are right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks import sketch
from dlopt.checks.diagnose import Context, diagnose

__all__ = [
    "ATOL",
    "RTOL",
    "TAMPERED",
    "Failure",
    "array",
    "close",
    "clue",
    "collected",
    "known",
    "numbers",
    "parts",
    "pick",
    "same_result",
    "scalar",
    "show",
    "text",
]

RTOL = 1e-6  #: relative tolerance of the exercises' contract
ATOL = 1e-9  #: absolute tolerance of the exercises' contract
MOST = 1_000_000  #: entries of a result that are looked at where fewer are asked for
ROUNDING = 1e-12  #: what sums of terms as large as the largest entry may lose, relative to that entry

TAMPERED = "The check was tampered with."  #: what it means where a scene returns what no scene returns


class Failure(Exception):  # noqa: N818 - the word checks use; it is an outcome, not an accident
    """A property does not hold.

    Parameters
    ----------
    message : str
        What was expected and what came, a sentence.
    clue : str
        What the difference looks like, from `dlopt.checks.diagnose`; empty when nothing fits.
    picture : str
        An SVG of it, where one helps; made here, never by a student.
    """

    def __init__(self, message: str, clue: str = "", picture: str = "") -> None:
        super().__init__(message, clue)
        self.message = message
        self.clue = clue
        self.picture = picture


@contextmanager
def clue(find: str | Callable[..., str], *args: Any) -> Iterator[None]:
    """Add a clue, or what ``find(*args)`` returns, to a failure that has none.

    It is what an exercise knows where `diagnose` finds nothing; nothing is looked for where nothing fails.
    """
    try:
        yield
    except Failure as failure:
        found = failure.clue or (find if isinstance(find, str) else find(*args))
        raise Failure(failure.message, found, failure.picture) from None


@contextmanager
def known(find: Callable[..., str], *args: Any) -> Iterator[None]:
    """Let what an exercise knows of a failure, if ``find(*args)`` returns anything, go before what `diagnose` finds."""
    try:
        yield
    except Failure as failure:
        raise Failure(failure.message, find(*args) or failure.clue, failure.picture) from None


def show(value: Any, entries: int = 4) -> str:
    """Write a value in a few characters: short arrays in full, long ones by shape and first entries.

    Examples
    --------
    >>> show(np.array([1.0, 2.5]))
    '[1, 2.5]'
    >>> show(np.zeros((50, 2)))
    'an array of shape (50, 2): 0, 0, 0, 0, …'
    """
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in "biufc":
            return f"an array of dtype {value.dtype}"
        if value.ndim == 0:
            return _number(value[()])
        flat = [_number(v) for v in value.ravel()[: entries + 1]]
        if value.ndim == 1 and value.size <= entries:
            return "[" + ", ".join(flat) + "]"
        rest = ", …" if value.size > entries else ""
        return f"an array of shape {value.shape}: " + ", ".join(flat[:entries]) + rest
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, int | float | complex | np.number):
        return _number(value)
    if isinstance(value, str):
        return repr(value if len(value) <= 40 else value[:40] + "…")
    if isinstance(value, list | tuple):
        return f"a {type(value).__name__} of length {len(value)}"
    return f"an object of type {type(value).__name__}"


def _number(value: Any) -> str:
    return f"{value:.5g}" if not isinstance(value, bool | np.bool_) else str(bool(value))


def kind(value: Any) -> str:
    """Name the type of a value as a student would say it, with its shape or length."""
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        return f"a numpy array of shape {value.shape} and dtype {value.dtype}"
    if isinstance(value, list | tuple):
        return f"a {type(value).__name__} of length {len(value)}"
    module = "" if type(value).__module__ in ("builtins", "__main__") else f"{type(value).__module__}."
    return f"a value of type {module}{type(value).__name__}"


def _not_none(value: Any, name: str) -> None:
    if value is None:
        raise Failure(f"{name} is None.", "A function without a return statement returns None.")


def _finite(values: NDArray[Any], name: str) -> None:
    bad = ~np.isfinite(values)
    if not bad.any():
        return
    where = tuple(int(i) for i in np.argwhere(bad)[0])
    word = "NaN" if np.isnan(values[where]) else "infinite"
    at = "" if values.ndim == 0 else f" at index {where if len(where) > 1 else where[0]}"
    clue = (
        "NaN comes from 0/0, inf − inf or the square root of a negative number."
        if word == "NaN"
        else "Infinity comes from a division by zero or from numbers that outgrow float64."
    )
    raise Failure(f"{name} is {word}{at}.", clue)


def collected(value: Any, length: int) -> None:
    """Ask of what a scene brought that it is a list of so many things, as it is if nobody has changed the scene.

    Raises
    ------
    Failure
        Saying what came instead.
    """
    if type(value) is not list or len(value) != length:
        what = f"What was collected should be a list of length {length}; it is {kind(value)}."
        raise Failure(f"{what} {TAMPERED}")


def scalar(value: Any, name: str = "The result") -> None:
    """Hold ``value`` to the contract “→ float”: a Python float or a ``numpy.float64``, finite.

    Raises
    ------
    Failure
        Saying what came instead.
    """
    _not_none(value, name)
    if not isinstance(value, float):  # numpy.float64 is a float
        clue = ""
        if isinstance(value, np.ndarray) and value.size == 1:
            clue = "An array with one entry is not yet a number: take the entry out, for instance with float(…)."
        elif isinstance(value, np.ndarray):
            clue = "One number is asked for: is a sum, a mean, a dot product or a maximum missing?"
        elif isinstance(value, np.complexfloating | complex):
            clue = "Complex numbers come from eigvals or eig; a symmetric matrix has real eigenvalues (eigh, eigvalsh)."
        raise Failure(f"{name} should be a float; it is {kind(value)}.", clue)
    _finite(np.asarray(value), name)


def array(value: Any, shape: tuple[int, ...], name: str = "The result", dtype: str = "float64") -> None:
    """Hold ``value`` to “→ shape”: a ``numpy.ndarray`` of that shape and dtype, finite.

    Raises
    ------
    Failure
        Saying what came instead: type, dtype, shape, NaN and infinity each have their sentence.
    """
    _not_none(value, name)
    if not isinstance(value, np.ndarray):
        clue = "np.array(…) or np.stack(…) makes one." if isinstance(value, list | tuple) else ""
        raise Failure(f"{name} should be a numpy array of shape {shape}; it is {kind(value)}.", clue)
    if value.shape != shape:
        raise Failure(f"{name} should have shape {shape}; it has shape {value.shape}.", _shape_clue(value.shape, shape))
    if value.dtype != np.dtype(dtype):
        clue = "A symmetric matrix has real eigenvalues: eigh, eigvalsh." if value.dtype.kind == "c" else ""
        raise Failure(f"{name} should have dtype {dtype}; it has dtype {value.dtype}.", clue)
    if value.dtype.kind == "f":
        _finite(value, name)


def _shape_clue(actual: tuple[int, ...], expected: tuple[int, ...]) -> str:
    if len(actual) == 2 and actual == expected[::-1]:
        return "It looks transposed."
    if [n for n in actual if n != 1] == [n for n in expected if n != 1]:
        return "Only axes of length 1 differ: a column or row instead of a vector, or the other way round."
    if len(actual) == len(expected) and actual[1:] == expected[1:]:
        more = actual[0] - expected[0]
        if abs(more) == 1:
            return f"There is one row too {'many' if more > 0 else 'few'}: count where the sequence starts and ends."
    if len(actual) == len(expected) - 1 and actual == expected[1:]:
        return "It looks like the last row only: the whole sequence is asked for."
    return ""


def parts(value: Any, names: Sequence[str]) -> tuple[Any, ...]:
    """Split a result that should be a tuple with one part per name.

    Raises
    ------
    Failure
        When it is not a tuple, or one of another length.
    """
    wanted = f"a tuple ({', '.join(names)})"
    _not_none(value, "The result")
    if not isinstance(value, tuple):
        raise Failure(f"The result should be {wanted}; it is {kind(value)}.", "return a, b returns a tuple.")
    if len(value) != len(names):
        raise Failure(f"The result should be {wanted}; it is a tuple of length {len(value)}.")
    return value


def pick(value: Any, index: int, names: Sequence[str]) -> Any:
    """Take part ``index`` of a result that holds ``len(names)`` parts, in a tuple or, leniently, a list."""
    if isinstance(value, list | tuple) and len(value) == len(names):
        return value[index]
    return parts(value, names)[index]  # raises: neither


def text(value: Any, choices: Sequence[str]) -> None:
    """Ask for one of the strings in ``choices``."""
    _not_none(value, "The result")
    if not isinstance(value, str):
        raise Failure(f"The result should be one of the strings {', '.join(map(repr, choices))}; it is {kind(value)}.")
    if value not in choices:
        close_one = [c for c in choices if c == str(value).strip().lower()]
        clue = f"Spelled exactly: {close_one[0]!r}." if close_one else ""
        raise Failure(f"The result should be one of {', '.join(map(repr, choices))}; it is {show(value)}.", clue)


def numbers(value: Any, shape: tuple[int, ...], name: str = "The result") -> NDArray[np.float64]:
    """Read real numbers of the given shape from whatever holds them; axes of length 1 are forgiven.

    Raises
    ------
    Failure
        When there are no numbers, another count of them, or NaN or infinity among them.
    """
    _not_none(value, name)
    try:
        found = np.asarray(value)
        if found.size > MOST and found.shape != shape:  # not worth its memory as numbers
            raise Failure(f"{name} should have shape {shape}; it has shape {found.shape}.")
        if found.dtype.kind == "c" and np.all(found.imag == 0):
            found = found.real
        found = found.astype(np.float64, casting="same_kind" if found.dtype.kind == "c" else "unsafe")
    except (TypeError, ValueError):
        raise Failure(f"{name} should hold numbers of shape {shape}; it is {kind(value)}.") from None
    if found.shape != shape:
        if [n for n in found.shape if n != 1] != [n for n in shape if n != 1]:
            clue = _shape_clue(found.shape, shape)
            raise Failure(f"{name} should have shape {shape}; it has shape {found.shape}.", clue)
        found = found.reshape(shape)
    _finite(found, name)
    return found


def close(
    value: Any,
    expected: Any,
    name: str = "The result",
    *,
    trajectory: bool = False,
    context: Context | None = None,
) -> None:
    """Ask for the right numbers, to 1e-6 relative and 1e-9 absolute.

    Parameters
    ----------
    value
        What came; read leniently by `numbers`.
    expected : array_like
        What is right.
    name : str
        What the numbers are, for the sentence.
    trajectory : bool
        Errors count relative to the largest entry of ``expected``, as the contract says of trajectories.
    context : dict, optional
        Named quantities (``{"N": 5, "lr": 0.1}``) by which an answer might be off; see `diagnose`.

    Raises
    ------
    Failure
        With both values in short and what `diagnose` makes of them.
    """
    want = np.asarray(expected, dtype=np.float64)
    allowed = tolerance(want, trajectory=trajectory)
    if type(value) in (np.ndarray, np.float64, float) and np.shape(value) == want.shape:
        with np.errstate(invalid="ignore", over="ignore"):  # inf − inf is far from everything as well
            if np.asarray(value).dtype == np.float64 and (np.abs(value - want) <= allowed).all():
                return  # as nearly always, and quickly told
    try:
        have = numbers(value, want.shape, name)
    except Failure as failure:
        clue = diagnose(value, want, context)
        raise Failure(failure.message, clue or failure.clue) from None
    error = np.abs(have - want)
    if np.all(error <= allowed):
        return
    message = f"{name}: expected {show(want)}; got {show(have)}."
    if want.size > 1:
        worst = np.unravel_index(int(np.argmax(error)), want.shape)
        at = ", ".join(str(int(i)) for i in worst)
        message += f" Largest difference at [{at}]: expected {_number(want[worst])}, got {_number(have[worst])}."
    drawable = trajectory and want.ndim == 2 and want.shape[1] == 2
    raise Failure(message, diagnose(have, want, context), sketch.paths(have, want) if drawable else "")


def tolerance(want: NDArray[np.float64], *, trajectory: bool = False) -> NDArray[np.float64]:
    """Return the error allowed at each entry of ``want``; the contract's, plus what rounding may cost."""
    size = np.abs(want)
    largest = float(size.max(initial=0.0))
    allowed: NDArray[np.float64] = RTOL * (np.full_like(size, largest) if trajectory else size)
    allowed += ATOL + ROUNDING * largest
    return allowed


def same_result(a: Any, b: Any) -> bool:
    """Tell whether two results are the same: in kind, dtype and shape, and in numbers to within the tolerances.

    NaN equals NaN here: two wrong answers that break in the same way are the same.
    """
    if isinstance(a, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(same_result, a, b))
    if isinstance(a, float | int) and not isinstance(a, bool):
        alike = isinstance(b, float) if isinstance(a, float) else type(a) is type(b)
        return alike and _same_numbers(np.asarray(a), np.asarray(b))
    if isinstance(a, np.ndarray):
        alike = isinstance(b, np.ndarray) and a.dtype == b.dtype and a.shape == b.shape
        return alike and _same_numbers(a, b)
    return type(a) is type(b) and bool(a == b) if a is None or isinstance(a, str | bool) else type(a) is type(b)


def _same_numbers(x: NDArray[Any], y: NDArray[Any]) -> bool:
    if x.dtype.kind not in "biufc":
        return False
    if x.dtype.kind == "b":  # truth values cannot be subtracted
        return np.array_equal(x, y)
    with np.errstate(all="ignore"):
        error, largest = np.abs(x - y), np.abs(y).max(initial=0.0)
        if np.isfinite(largest) and np.isfinite(error).all():  # as nearly always, and quickly told
            return bool((error <= ATOL + RTOL * largest).all())
    both = np.isfinite(x) & np.isfinite(y)
    if not np.array_equal(x[~both], y[~both], equal_nan=True):
        return False
    largest = np.max(np.abs(y[both]), initial=0.0)
    return bool(np.all(np.abs(x[both] - y[both]) <= ATOL + RTOL * largest))
