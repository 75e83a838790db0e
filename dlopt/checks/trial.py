"""One guarded call of a student's function: fresh arguments, a time limit, nothing printed over the table.

What comes back is an `Outcome`, plain data that properties look at afterwards. A function that raises, never ends,
prints, warns or writes into its arguments spoils its own outcome and nothing else.
"""

from __future__ import annotations

import contextlib
import copy
import io
import linecache
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["LAYOUTS", "Outcome", "Outdated", "TrialEnded", "Unfit", "lay_out", "run"]

LAYOUTS = ("C", "F", "strided", "read-only")  #: memory layouts an argument may have
HERE = Path(__file__).parent
PRINTED = 2000  #: characters kept of what a function prints


@dataclass(frozen=True)
class Outcome:
    """What one call did.

    Parameters
    ----------
    value : object
        What was returned; None after an error.
    error : str
        Empty, or the sentence to show: the exception and the student's line that raised it.
    kind : str
        "returned", "raised", "timeout", "missing" (the stub's NotImplementedError) or "unfit" (see `Unfit`); where
        the function runs in another process also "memory" and "crashed" (see `TrialEnded`).
    exception : str
        Type name of the exception, or empty.
    changed : tuple of str
        Names of the arguments that are not what they were.
    printed : str
        What went to stdout and stderr, cut.
    """

    value: Any = None
    error: str = ""
    kind: str = "returned"
    exception: str = ""
    changed: tuple[str, ...] = ()
    printed: str = field(default="", compare=False)


class Unfit(Exception):  # noqa: N818 - no accident of the student's
    """Raised by a scenario that cannot be played in this way; another may still tell. Its message is a sentence."""


class TrialEnded(Exception):  # noqa: N818 - an outcome, not an accident
    """The code under trial runs in another process, which ended it; raised by what stands in for the function.

    Its ``kind``, "timeout", "memory" or "crashed", becomes the kind of the `Outcome`, its message the sentence.
    """

    kind = "crashed"


class Outdated(Exception):  # noqa: N818 - no accident of anybody's
    """Raised by the result of a call made ahead that can no longer be had: the call has to be made again."""


class _OutOfTime(BaseException):
    """Raised by the timer; no Exception, so that ``except Exception`` in a loop does not swallow it."""


def lay_out(value: Any, layout: str) -> Any:
    """Copy an argument into fresh memory of the given layout.

    A generator comes back as one in the same state, anything else that is not an array as it is.

    Raises
    ------
    ValueError
        For a layout that is not in `LAYOUTS`.

    Examples
    --------
    >>> lay_out(np.ones((2, 3)), "F").flags.f_contiguous
    True
    """
    if layout not in LAYOUTS:
        raise ValueError(f"lay_out: layout must be one of {LAYOUTS}, got {layout!r}")
    if isinstance(value, list):
        return [lay_out(v, layout) for v in value]
    if isinstance(value, np.random.Generator):
        return copy.deepcopy(value)
    if not isinstance(value, np.ndarray):
        return value
    if layout == "F":
        return np.array(value, order="F")
    if layout == "strided" and value.ndim:
        wide = np.zeros((*value.shape[:-1], 2 * value.shape[-1]), dtype=value.dtype)
        wide[..., ::2] = value
        return wide[..., ::2]
    fresh: NDArray[Any] = np.array(value, order="C")
    if layout == "read-only":
        fresh.flags.writeable = False
    return fresh


def run(
    function: Callable[..., Any],
    args: Sequence[Any],
    names: Sequence[str],
    *,
    layout: str = "C",
    limit: float = 5.0,
    scenario: Callable[..., Any] | None = None,
    made: tuple[Sequence[Any], Callable[[], Any]] | None = None,
) -> Outcome:
    """Call ``function(*args)`` on copies of ``args`` and report what happened.

    Parameters
    ----------
    function : callable
        The student's function.
    args, names : sequences
        The arguments and what the contract calls them.
    layout : str
        Memory layout of the array arguments, one of `LAYOUTS`.
    limit : float
        Seconds the call may take. Kept by a timer in the main thread of Unix systems, elsewhere not at all.
    scenario : callable, optional
        Called as ``scenario(function, *args)`` in place of ``function(*args)``; ``names`` are its arguments'.
    made : tuple, optional
        Where the call has been made already (`dlopt.checks.inside.in_series`): the copies it got, and what returns or
        raises its result.

    Raises
    ------
    Outdated
        If the result of a call made already can no longer be had.
    """
    call = function if scenario is None else partial(scenario, function)
    fresh = [lay_out(a, layout) for a in args] if made is None else made[0]
    value = partial(_in_time, call, fresh, limit) if made is None else made[1]
    result: dict[str, Any]
    with _Printed() as out:
        try:
            result = {"value": value()}
        except Outdated:
            raise
        except NotImplementedError as error:
            result = {"kind": "missing", "exception": "NotImplementedError", "error": str(error)}
        except Unfit as error:
            result = {"kind": "unfit", "error": str(error)}
        except (_OutOfTime, TrialEnded) as end:
            kind = getattr(end, "kind", "timeout")
            late = f"It did not finish within {limit:g} seconds: does a loop never end?"
            result = {"kind": kind, "error": late if kind == "timeout" else str(end)}
        except (Exception, SystemExit) as error:
            result = {
                "kind": "raised",
                "exception": type(error).__name__,
                "error": _sentence(function, error),
            }
    changed = tuple([n for n, a, b in zip(names, args, fresh, strict=True) if not _untouched(a, b)])
    return Outcome(**result, changed=changed, printed=out.getvalue()[:PRINTED])


def _untouched(before: Any, after: Any) -> bool:
    if isinstance(before, list):
        return len(before) == len(after) and all(map(_untouched, before, after))
    if isinstance(before, np.ndarray):
        if before.dtype.kind in "fiub" and before.dtype == after.dtype and before.shape == after.shape:
            if before.tobytes() == after.tobytes():  # as nearly always, and quickly told
                return True
        return before.shape == after.shape and np.array_equal(before, after, equal_nan=before.dtype.kind == "f")
    return True


def _sentence(function: Callable[..., Any], error: BaseException) -> str:
    """Quote the exception and the line of the student's code that raised it."""
    frames = list(traceback.extract_tb(error.__traceback__))
    home = getattr(getattr(function, "__code__", None), "co_filename", None)
    if home is None:  # a class: its home is where the trace first leaves this package
        home = next((f.filename for f in frames if not Path(f.filename).is_relative_to(HERE)), None)
    frames = [f for f in frames if f.filename == home]
    line = getattr(error, "student_line", None)  # known where the function runs in another process
    message = str(error).strip().splitlines()
    said = f"{type(error).__name__}: {message[0][:200]}" if message else type(error).__name__
    if frames and line is None:
        line = (frames[-1].line or linecache.getline(home or "", frames[-1].lineno or 0)).strip()
    return f"It raised {said}, in the line “{line[:100]}”." if line else f"It raised {said}."


class _Printed:
    """Catches what is printed to either stream, in a quarter of the time of two `contextlib.redirect_stdout`."""

    def __enter__(self) -> io.StringIO:
        self.before = sys.stdout, sys.stderr
        out = sys.stdout = sys.stderr = io.StringIO()
        return out

    def __exit__(self, *exc: object) -> None:
        sys.stdout, sys.stderr = self.before


def _in_time(call: Callable[..., Any], args: Sequence[Any], limit: float) -> Any:
    """Call something, with nothing but its result to show: no warnings, and no longer than it may take."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with _time_limit(limit):
            return call(*args)


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    usable = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if not usable:  # Windows, or a check called from a thread
        yield
        return

    def ring(signum: int, frame: FrameType | None) -> None:
        raise _OutOfTime

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
