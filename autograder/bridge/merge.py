"""Write what a call did to its arguments into the caller's own objects, so that mutation is seen and rng advances."""

from __future__ import annotations

from typing import Any

import numpy as np

from .arrays import is_tensor
from .codec import BridgeError

__all__ = ["restore"]


def restore(original: Any, now: Any) -> Any:
    """Make ``original`` look like ``now``, in place where its type allows.

    Parameters
    ----------
    original : object
        What the caller passed.
    now : object
        The fresh object that came back in its place.

    Returns
    -------
    object
        What should stand where ``original`` stood: itself, or ``now`` where it cannot be changed.
    """
    if type(original) is not type(now):
        return now
    if isinstance(original, np.ndarray):
        return _restore_array(original, now)
    if type(original) is list:
        original[:] = [restore(a, b) for a, b in zip(original, now, strict=False)] + now[len(original) :]
        return original
    if type(original) is tuple:
        return tuple([restore(a, b) for a, b in zip(original, now, strict=False)] + list(now[len(original) :]))
    if type(original) is dict:
        merged = {k: restore(original[k], v) if k in original else v for k, v in now.items()}
        original.clear()
        original.update(merged)
        return original
    if type(original) is set:
        original.clear()
        original.update(now)
        return original
    if type(original) is np.random.Generator:
        return _restore_generator(original, now)
    if is_tensor(original) and hasattr(original, "data") and original.shape == now.shape:
        original.data.copy_(now.data)
        return original
    return now


def _restore_array(original: np.ndarray[Any, Any], now: np.ndarray[Any, Any]) -> Any:
    if original.dtype != now.dtype or original.size != now.size:
        return now
    if original.shape != now.shape:
        try:
            original.resize(now.shape, refcheck=False)
        except ValueError:  # a view, or strided: its shape is not ours to change
            return now
    locked = not original.flags.writeable
    try:
        if locked:  # a student can do this, too
            original.flags.writeable = True
        original[...] = now
    except ValueError:  # not ours to unlock
        return now
    finally:
        if locked:
            original.flags.writeable = False
    return original


def _restore_generator(original: np.random.Generator, now: np.random.Generator) -> Any:
    if type(original.bit_generator) is not type(now.bit_generator):
        raise BridgeError("a random generator that became another kind")
    original.bit_generator.state = now.bit_generator.state
    return original
