"""The cases of the layer: batches that varied much, so that eps cannot be seen, and batches in which it counts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks import expect
from dlopt.checks.case import Case
from dlopt.checks.ps6_batchnorm._cases import Batch, Gradient, batch, generator, gradient, spreads
from dlopt.checks.ps6_batchnorm._played import (
    evaluate,
    evaluate_back,
    new,
    normalize,
    over_time,
    round_trip,
    stretch,
    stretch_evaluating,
    track,
)
from dlopt.checks.scenes import layouts, of_seed, small

__all__ = [
    "Known",
    "backward",
    "backward_eval",
    "backward_quiet",
    "forward",
    "forward_eval",
    "forward_quiet",
    "guarded",
    "memory",
    "scaled",
    "starts",
    "streams",
]

Array = NDArray[np.float64]
Rng = np.random.Generator
SHAPES = ((4, 3), (2, 5), (6, 1), (5, 5), (2, 1), (17, 4))  #: (N, F)


@dataclass(frozen=True)
class Known:
    """What is known about a pass: the output and, where there was a backward pass, its gradients."""

    y: Array
    gradient: Gradient | None = None


def _gamma(rng: Rng, f: int) -> Array:
    """Draw γ of either sign, none of it near 1 or 0."""
    return np.asarray(rng.choice([-1.0, 1.0], f) * rng.uniform(1.3, 3, f))


def _lively(rng: Rng, n: int, f: int) -> Batch:
    std = spreads(rng, f, 1e4, 3e4)
    return batch(rng, n, std * rng.normal(size=f), std)


def _quiet(rng: Rng, n: int, f: int, eps: float) -> Batch:
    """Make a batch in which eps counts; its first column does not vary at all."""
    std = np.sqrt(eps) * np.append(0.0, spreads(rng, f - 1, 0.5, 5))
    return batch(rng, n, rng.normal(size=f), std)


def _by_hand() -> Batch:
    z = np.array([[1.0, -1.0], [-1.0, 1.0], [1.0, 1.0], [-1.0, -1.0]])
    mean, std = np.array([100.0, -200.0]), np.array([400.0, 1000.0])
    return Batch(mean + std * z, mean, std, z)


def _label(b: Batch) -> str:
    n, f = b.x.shape
    return f"x = {small(b.x)}" if b.x.size <= 8 else f"N = {n}, F = {f}"


def _batches(rng: Rng, seed: int) -> list[Batch]:
    return [_by_hand()] * (seed == 1) + [_lively(rng, n, f) for n, f in SHAPES]


@of_seed
def starts(seed: int) -> list[Case]:
    """Layers that have seen nothing."""
    return [Case((f,), f"F = {f}", scenario=new) for f in (3, 1)]


@of_seed
def forward(seed: int) -> list[Case]:
    """Batches in training, γ = 1, β = 0."""
    cases = []
    for b in _batches(generator(seed, 20), seed):
        cases.append(Case((b.x.shape[1], 1e-5, b.x), _label(b), Known(b.normalized(1e-5)), scenario=normalize))
    return cases + layouts(cases[1], "F", "strided")


@of_seed
def forward_quiet(seed: int) -> list[Case]:
    """Columns that hardly vary, in both modes: in eval mode the running variance is what is small."""
    rng = generator(seed, 21)
    cases = []
    for eps in (1e-5, 1e-3, 1):
        b = _quiet(rng, 5, 4, eps)
        label = f"eps = {eps:g}, columns with variances {small(b.std**2)}"
        given = None if eps == 1e-5 else eps  # the default
        cases.append(Case((4, given, b.x), label, Known(b.normalized(eps)), scenario=normalize))
        u = rng.normal(size=(3, 4)) + 0.5
        size = np.hypot(b.std, np.sqrt(eps))
        args = (eps, np.ones(4), np.zeros(4), b.mean, b.std**2, b.mean + size * u)
        label = f"eval mode, eps = {eps:g}, running_var = {small(b.std**2)}"
        cases.append(Case(args, label, Known(u), scenario=evaluate))
    return cases


@of_seed
def scaled(seed: int) -> list[Case]:
    """The same batch without and with γ and β, in both modes."""
    rng = generator(seed, 22)
    cases = []
    for n, f in ((4, 3), (3, 1), (2, 4)):
        b = _lively(rng, n, f)
        args = (1e-5, _gamma(rng, f), rng.normal(size=f) + 2, b.x)
        label = f"N = {n}, gamma = {small(args[1])}, beta = {small(args[2])}"
        cases.append(Case(args, label, scenario=stretch))
        cases.append(Case(args, f"eval mode, {label}", scenario=stretch_evaluating))
    return cases


@of_seed
def streams(seed: int) -> list[Case]:
    """Batches of several sizes, one after the other; the truth is what the running statistics are after each."""
    rng = generator(seed, 23)
    cases = []
    for momentum, sizes, f in ((None, (4,), 2), (None, (2, 5, 3, 8), 3), (0.3, (3, 2, 2, 6), 4), (1, (3, 4), 1)):
        seen = [batch(rng, n, 3 * rng.normal(size=f), spreads(rng, f, 0.5, 5)) for n in sizes]
        share = 0.1 if momentum is None else momentum
        steps = np.arange(len(seen))
        age = steps[:, None] - steps  # a batch fades once with every later one, the start with every one
        weights = np.where(age >= 0, share * (1.0 - share) ** np.maximum(age, 0), 0)
        means = weights @ np.array([b.mean for b in seen])
        variances = weights @ np.array([b.unbiased for b in seen]) + (1 - weights.sum(axis=1))[:, None]
        label = f"momentum = {share:g}, batches of {', '.join(map(str, sizes))} samples"
        cases.append(Case((f, momentum, [b.x for b in seen]), label, (means, variances), scenario=track, reading=_seen))
    return cases


def _seen(args: tuple[Any, ...], found: Any) -> Any:
    """Ask for both statistics after every batch."""
    expect.collected(found, len(args[2]))
    for statistics in found:
        expect.collected(statistics, 2)
    return found


def _eval_case(rng: Rng, n: int, f: int) -> Case:
    """Make a case in eval mode whose running statistics are not those of the batch."""
    std = spreads(rng, f, 1e4, 3e4)
    mean, gamma, beta = std * rng.normal(size=f), _gamma(rng, f), rng.normal(size=f) + 2
    u, dx = rng.normal(size=(n, f)) + 0.5, (rng.normal(size=(n, f)) + 0.5) / std
    dy = dx * (std / gamma)  # a line of slope γ/σ through every column
    slopes = Gradient(dy, dx, np.einsum("nf,nf->f", dy, u), np.ones(n) @ dy)
    args = (1e-5, gamma, beta, mean, std**2 - 1e-5, mean + std * u, dy)
    label = f"eval mode, N = {n}, F = {f}"
    return Case(args, label, Known(gamma * u + beta, slopes), scenario=evaluate_back)


@of_seed
def backward_eval(seed: int) -> list[Case]:
    """Both passes in eval mode, of a single sample too."""
    rng = generator(seed, 24)
    cases = [_eval_case(rng, n, f) for n, f in ((4, 3), (1, 5), (1, 1), (6, 2))]
    return cases + layouts(cases[0], "F", "strided")


@of_seed
def forward_eval(seed: int) -> list[Case]:
    """The same forward passes alone, γ = 1, β = 0."""
    cases = []
    for c in backward_eval(seed):
        eps, gamma, beta, mean, var, x, _ = c.args
        truth = Known((c.truth.y - beta) / gamma)
        args = (eps, np.ones_like(gamma), np.zeros_like(beta), mean, var, x)
        cases.append(replace(c, args=args, truth=truth, scenario=evaluate))
    return cases


def _both(rng: Rng, b: Batch, eps: float, label: str) -> Case:
    f = b.x.shape[1]
    gamma, beta = _gamma(rng, f), rng.normal(size=f) + 2
    slopes = gradient(rng, b, gamma, eps)
    truth = Known(gamma * b.normalized(eps) + beta, slopes)
    return Case((eps, gamma, beta, b.x, slopes.dy), label, truth, scenario=round_trip)


@of_seed
def backward(seed: int) -> list[Case]:
    """Both passes in training."""
    rng = generator(seed, 25)
    cases = [_both(rng, b, 1e-5, _label(b)) for b in _batches(rng, seed)]
    return cases + layouts(cases[1], "F", "strided")


@of_seed
def backward_quiet(seed: int) -> list[Case]:
    """Both passes in training where eps counts."""
    rng = generator(seed, 26)
    cases = []
    for n, f, eps in ((5, 4, 1e-5), (2, 3, 1e-3), (7, 2, 1)):
        b = _quiet(rng, n, f, eps)
        cases.append(_both(rng, b, eps, f"N = {n}, eps = {eps:g}, columns with variances {small(b.std**2)}"))
    return cases


@of_seed
def guarded(seed: int) -> list[Case]:
    """Passes in both modes, also on arrays that must not be written into."""
    train, evaluating = backward(seed)[1], backward_eval(seed)[0]
    return [train, evaluating, *layouts(train, "read-only"), *layouts(evaluating, "read-only")]


@of_seed
def memory(seed: int) -> list[Case]:
    """Two batches, of one size and of two, in each pair of modes."""
    rng = generator(seed, 27)
    cases = []
    for n, modes in ((3, [True, True]), (5, [True, False]), (4, [False, True])):
        first, second = batch(rng, 3, rng.normal(size=2), np.ones(2)), batch(rng, n, rng.normal(size=2), 2 * np.ones(2))
        data = (first.x, rng.normal(size=(3, 2)), second.x, rng.normal(size=(n, 2)))
        settings = (_gamma(rng, 2), rng.normal(size=2), rng.normal(size=2), rng.uniform(1, 4, 2))
        names = " and ".join("training" if training else "eval mode" for training in modes)
        cases.append(Case((*settings, *data, modes), f"two batches, {names}, N = 3 and {n}", scenario=over_time))
    return cases
