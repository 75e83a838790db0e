"""Reading numbers off a curve: regimes, asymptotic rates, exponents, first passages."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import torch
from torch import Tensor

__all__ = ["asymptotic_rate", "exponent", "first_below", "peak_saved_bytes", "regime", "saved_bytes"]


def regime(errors: Tensor, tolerance: float = 1e-9) -> str:
    """Name the regime of a sequence of signed errors, from the numbers alone.

    Parameters
    ----------
    errors
        Signed distances from the minimum along one direction, (steps + 1,), the first not 0.
    tolerance
        Two sizes count as equal within this share.

    Returns
    -------
    str
        ``"one step"``, ``"monotone"``, ``"oscillating"`` (and converging), ``"undamped"`` or ``"diverging"``.

    Raises
    ------
    ValueError
        If there are fewer than three values or the first is 0: nothing can be read off.

    Examples
    --------
    >>> regime(torch.tensor([4.0, -2.0, 1.0, -0.5]))
    'oscillating'
    """
    if len(errors) < 3 or errors[0] == 0:
        raise ValueError("regime: needs at least three errors, the first of them not 0")
    first, second, last = (abs(float(e)) for e in (errors[0], errors[1], errors[-1]))
    if second <= tolerance * first and last <= tolerance * first:
        return "one step"
    if not math.isfinite(last) or last > first * (1 + tolerance):
        return "diverging"
    if last >= first * (1 - tolerance):
        return "undamped"
    return "oscillating" if float(errors[0] * errors[1]) < 0 else "monotone"


def asymptotic_rate(distances: Tensor, window: int = 10) -> float:
    """Return the factor per step by which a distance shrinks in the end.

    Parameters
    ----------
    distances
        Positive (steps + 1,).
    window
        The factor is the geometric mean over this many last steps.

    Returns
    -------
    float
        ``(d_T / d_{T−window})^(1/window)``.

    Raises
    ------
    ValueError
        If the sequence is shorter than the window, or has reached 0 or infinity: rounding, not a rate.

    Examples
    --------
    >>> round(asymptotic_rate(2.0 * 0.9 ** torch.arange(50.0)), 6)
    0.9
    """
    if len(distances) <= window:
        raise ValueError(f"asymptotic_rate: needs more than {window} distances, got {len(distances)}")
    last, before = float(distances[-1]), float(distances[-1 - window])
    if not (0 < last < math.inf and 0 < before < math.inf):
        raise ValueError("asymptotic_rate: distances must stay positive and finite to the end")
    return math.exp((math.log(last) - math.log(before)) / window)


def exponent(x: Sequence[float] | Tensor, y: Sequence[float] | Tensor) -> float:
    """Return the power p of ``y ∝ xᵖ``: the least-squares slope of log y over log x.

    Examples
    --------
    >>> round(exponent([1.0, 10.0, 100.0], [5.0, 500.0, 50000.0]), 12)
    2.0
    """
    log_x, log_y = np.log(np.asarray(x, dtype=float)), np.log(np.asarray(y, dtype=float))
    return float(np.polyfit(log_x, log_y, 1)[0])


def first_below(values: Tensor, threshold: float) -> int:
    """Return the first index whose value is at most the threshold.

    Raises
    ------
    ValueError
        If none is: the run was too short.

    Examples
    --------
    >>> first_below(torch.tensor([3.0, 2.0, 1.0]), 2.5)
    1
    """
    hits = torch.nonzero(values <= threshold)
    if not len(hits):
        raise ValueError(f"first_below: {len(values)} values, none at most {threshold!r}; run longer")
    return int(hits[0])


def saved_bytes(forward: Callable[[], Tensor]) -> int:
    """Count the bytes that a forward pass keeps for the backward pass, every storage once.

    Parameters
    ----------
    forward
        Runs the forward pass and returns its result.

    Examples
    --------
    >>> w = torch.ones(100, dtype=torch.float64, requires_grad=True)
    >>> saved_bytes(lambda: (w**2).sum())
    800
    """
    seen: dict[int, int] = {}
    alive: list[Tensor] = []  # or a freed storage could lend its address to the next

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        seen[storage.data_ptr()] = storage.nbytes()
        alive.append(tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        forward()
    return sum(seen.values())


class _Holder:
    """A saved tensor that says when autograd lets go of it."""

    def __init__(self, tensor: Tensor, freed: Callable[[], None]) -> None:
        self.tensor, self.freed = tensor, freed

    def __del__(self) -> None:
        self.freed()


def peak_saved_bytes(step: Callable[[], Tensor], ignore: Iterable[Tensor] = ()) -> int:
    """Measure the most bytes that autograd holds at once during a forward and a backward pass.

    Every storage counts once, as long as anybody has saved it. Checkpoints of the reentrant kind are seen
    too, with what they compute again.

    Parameters
    ----------
    step
        Runs the forward pass and returns the loss; the backward pass is run here.
    ignore
        Tensors whose storage exists anyway: parameters, for instance.

    Returns
    -------
    int
        Bytes.

    Examples
    --------
    >>> w = torch.ones(100, dtype=torch.float64, requires_grad=True)
    >>> peak_saved_bytes(lambda: w.exp().exp().sum())  # both results are saved
    1600
    """
    known = {t.untyped_storage().data_ptr() for t in ignore}
    held: dict[int, list[int]] = {}  # storage -> [how often saved, bytes]
    now = peak = 0

    def pack(tensor: Tensor) -> Tensor | _Holder:
        nonlocal now, peak
        storage = tensor.untyped_storage()
        key = storage.data_ptr()
        if key in known:
            return tensor
        entry = held.setdefault(key, [0, storage.nbytes()])
        if not entry[0]:
            now += entry[1]
            peak = max(peak, now)
        entry[0] += 1

        def freed() -> None:
            nonlocal now
            entry[0] -= 1
            if not entry[0]:
                now -= entry[1]
                held.pop(key, None)

        return _Holder(tensor, freed)

    def unpack(saved: Tensor | _Holder) -> Tensor:
        return saved.tensor if isinstance(saved, _Holder) else saved

    with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
        step().backward()  # type: ignore[no-untyped-call]
    return peak
