"""Exceptions of student code as exceptions here: builtin ones by their names, all others as `StudentError`."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from .codec import BridgeError

__all__ = ["StudentError", "rebuild", "wordless"]


class StudentError(Exception):
    """Student code raised something that has no name here; the class's own name says what.

    Attributes
    ----------
    student_line : str
        The line of the student's code that raised it, or empty.
    """

    student_line = ""


# what needs special arguments or would end the judge itself stays outside
_NOT = {"UnicodeDecodeError", "UnicodeEncodeError", "UnicodeTranslateError", "ExceptionGroup", "BaseExceptionGroup"}
KNOWN: dict[str, type[Exception]] = {
    f"builtins.{name}": value
    for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, Exception) and name not in _NOT
}
KNOWN["numpy.linalg.LinAlgError"] = np.linalg.LinAlgError
KNOWN["numpy.exceptions.AxisError"] = np.exceptions.AxisError
WORDS = 4000  #: characters that an exception may have to say
PLAIN = (str, int, float, bool, type(None))


def rebuild(error: dict[str, Any]) -> Exception:
    """Build an exception from its description.

    Parameters
    ----------
    error : dict
        ``names`` of its class and the class's bases, ``message``, ``args`` and the student's ``line``.

    Returns
    -------
    Exception
        Of the builtin class of that name, or of a subclass of `StudentError` and of the nearest builtin class
        that carries the student's name.

    Raises
    ------
    BridgeError
        When it describes no exception.
    """
    try:
        names, message, args, line = error["names"], error["message"], error["args"], error["line"]
    except KeyError:
        raise BridgeError("an exception that is none") from None
    texts = [*names, message, line] if type(names) is list and names else [None]
    if not all(type(t) is str for t in texts) or type(args) is not tuple or not all(type(a) in PLAIN for a in args):
        raise BridgeError("an exception that is none")
    words = sum(len(a) if isinstance(a, str) else a.bit_length() for a in args if isinstance(a, str | int))
    built = _build(names, message[:WORDS], args if words <= WORDS else (message[:WORDS],))
    built.student_line = line[:500]  # type: ignore[attr-defined]
    return built


def wordless(error: Exception) -> Exception:
    """Return an exception of the same builtin class without any words of the student's, its name included."""
    known = (base for base in KNOWN.values() if base in type(error).__mro__)
    base = max(known, key=lambda base: len(base.__mro__), default=StudentError)
    plain: Exception = base.__new__(base)
    plain.student_line = ""  # type: ignore[attr-defined]
    return plain


def _build(names: list[str], message: str, args: tuple[Any, ...]) -> Exception:
    exact = KNOWN.get(names[0])
    if exact is not None:
        try:
            return exact(*args)
        except Exception:  # its constructor wants something else
            return exact.__new__(exact, message)
    base = next((KNOWN[name] for name in names if name in KNOWN), Exception)
    name = names[0].rpartition(".")[2][:80]
    return _named(name if name.isidentifier() else "StudentError", base)(message)


def _named(name: str, base: type[Exception]) -> type[Exception]:
    """Return a class with the student's name that ``except base`` catches, and that shows its message as it is."""
    try:
        return type(name, (StudentError, base), {"__str__": Exception.__str__})
    except TypeError:  # two layouts that do not go together
        return type(name, (StudentError,), {})
