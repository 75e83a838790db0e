"""What runs beside a student's optimizer: the training loop, which calls it, moves theta and reuses its arrays.

Self-contained but for `dlopt.checks.beside`: `dlopt.checks.inside` runs this source where the student's code lives, for
two hundred updates are many calls, and who holds which array can only be seen there. `walk`, `walk_two` and `look` are
what the scenes below them are made of.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dlopt.checks.beside import played_beside, stacked

__all__ = [
    "JUNK",
    "direct",
    "direct_ahead",
    "looking",
    "manners",
    "plain",
    "reshaped",
    "staring",
    "together",
]

JUNK = 1e3
LOOKS = {"look": 1, "watch": 1, "stare": 3}


def _build(Optimizer: Any, settings: list[Any], named: list[str]) -> Any:
    """Make an optimizer; the last settings are given by name."""
    count = len(settings) - len(named)
    return Optimizer(*settings[:count], **dict(zip(named, settings[count:])))  # noqa: B905 - of one length


def _note(returned: Any) -> Any:
    """Copy what was returned, so that later updates cannot change it."""
    return np.array(returned, dtype=returned.dtype) if isinstance(returned, np.ndarray) else returned


def _spoil(array: Any) -> None:
    """Write into an array, where it can be done."""
    if isinstance(array, np.ndarray) and array.flags.writeable:
        array[...] = JUNK


def walk(Optimizer: Any, settings: list[Any], named: list[str], start: Any, grads: Any, manner: str) -> Any:
    """Make one update per gradient (T, *shape) from a start, and note what each returns: a list, or one array.

    ``manner`` says how the caller behaves: "plain", hand in the very arrays given and returned; "move", add ½ to it
    before it is handed back; "reuse", keep one array for all gradients, and write the next one into it; "spoil", write
    into what was returned, once it is copied; "keep", look at what was returned only at the end, when all arrays that
    were handed in are long used for something else. For Nesterov there are "stare", ask three times for ``lookahead``
    before each update; "look", note its answer in place of the update's; "watch", do so, and "keep" it as above.
    """
    optimizer, found, handed = _build(Optimizer, settings, named), [], []
    theta, buffer = start if manner == "plain" else np.array(start), np.array(grads[0, ...])
    grads = grads if manner == "plain" else np.array(grads)
    for k in range(len(grads)):
        grad = grads[k, ...]
        if manner == "reuse":
            buffer[...] = grad
            grad = buffer
        if manner in ("spoil", "keep", "watch"):
            theta, grad = np.array(theta), np.array(grad)
            handed += [theta, grad]
        looked = [optimizer.lookahead(theta) for _ in range(LOOKS.get(manner, 0))]
        returned = optimizer.update(theta, grad)
        noted = looked[0] if manner in ("look", "watch") else returned
        found.append(noted if manner in ("keep", "watch") else _note(noted))
        if returned is None or noted is None:
            break
        theta = np.asarray(returned)  # of a theta without axes numpy makes a scalar
        if manner == "move":
            theta = theta + 0.5
        if manner == "reuse":
            _spoil(buffer)
        if manner == "spoil":
            theta = np.array(theta)
            _spoil(returned)
    if manner in ("keep", "watch"):
        for array in handed:
            _spoil(array)
    return stacked([_note(returned) for returned in found])


def walk_two(Optimizer: Any, settings: list[Any], named: list[str], start: Any, grads: Any, others: Any) -> Any:
    """Walk with one optimizer while another, alive at once, is fed other gradients; note what the first returns."""
    first, second, found = _build(Optimizer, settings, named), _build(Optimizer, settings, named), []
    theta, other, grads = np.array(start), np.array(start), np.array(grads)
    for k in range(len(grads)):
        returned = first.update(theta, grads[k, ...])
        found.append(_note(returned))
        theta = np.asarray(returned)
        other = np.asarray(second.update(other, others[k, ...]))
    return stacked(found)


def look(Optimizer: Any, settings: list[Any], named: list[str], thetas: Any, grads: Any) -> Any:
    """Ask for the look ahead from each of some thetas, and note it; then make the update that leads to the next."""
    optimizer, found = _build(Optimizer, settings, named), []
    for k in range(len(grads)):
        found.append(_note(optimizer.lookahead(thetas[k, ...])))
        optimizer.update(thetas[k, ...], grads[k, ...])
    return stacked(found)


# --- scenes


@played_beside()
def plain(candidate: Any, settings: list[Any], named: list[str], start: Any, grads: Any) -> Any:
    """Make one update per gradient and return what came."""
    return walk(candidate, settings, named, start, grads, "plain")


@played_beside(2)
def manners(candidate: Any, settings: list[Any], named: list[str], start: Any, grads: Any, manner: str) -> list[Any]:
    """Return what an optimizer says while its caller behaves in some manner, and while they keep still."""
    still = "look" if manner == "watch" else "plain"
    return [walk(candidate, settings, named, start, grads, how) for how in (manner, still)]


@played_beside(2)
def together(candidate: Any, settings: list[Any], named: list[str], start: Any, grads: Any, others: Any) -> list[Any]:
    """Return what an optimizer says beside another of its kind, and what it says alone."""
    beside = walk_two(candidate, settings, named, start, grads, others)
    return [beside, walk(candidate, settings, named, start, grads, "plain")]


@played_beside(2)
def reshaped(candidate: Any, settings: list[Any], named: list[str], start: Any, grads: Any) -> list[Any]:
    """Return what an optimizer says of a theta, and of the same numbers in a row."""
    flat, flat_grads = np.array(start).reshape(-1), np.array(grads).reshape(len(grads), -1)
    both = ((start, grads), (flat, flat_grads))
    return [walk(candidate, settings, named, theta, steps, "plain") for theta, steps in both]


@played_beside()
def direct(candidate: Any, settings: list[Any], named: list[str], theta: Any, grad: Any, later: Any) -> None:
    """Make two updates on the very arrays of the case."""
    optimizer = _build(candidate, settings, named)
    for gradient in (grad, later):
        optimizer.update(theta, gradient)


@played_beside()
def direct_ahead(candidate: Any, settings: list[Any], named: list[str], theta: Any, grad: Any, later: Any) -> None:
    """Do the same, looking ahead before each update."""
    optimizer = _build(candidate, settings, named)
    for gradient in (grad, later):
        optimizer.lookahead(theta)
        optimizer.update(theta, gradient)


@played_beside()
def looking(candidate: Any, settings: list[Any], named: list[str], start: Any, grads: Any, thetas: Any) -> Any:
    """Return what lookahead says from each theta of the right path."""
    return look(candidate, settings, named, thetas, grads)


@played_beside(2)
def staring(candidate: Any, settings: list[Any], named: list[str], start: Any, grads: Any) -> list[Any]:
    """Return what update says when lookahead is asked for three times before each, and when it is never."""
    return [walk(candidate, settings, named, start, grads, how) for how in ("stare", "plain")]
