"""Derivatives without calculus: difference quotients, their errors, and the gradient check (syllabus H2, H3)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

__all__ = ["SCHEMES", "agreement", "best_step", "gap", "quotient", "u_curve"]

Scalar = Callable[[Tensor], Tensor]

SCHEMES = {"forward": 1, "central": 2}
"""Order of the truncation error: the error of exact arithmetic goes as h to this power."""


def quotient(f: Scalar, w: Tensor, directions: Tensor, h: float, scheme: str = "central") -> Tensor:
    """Slopes of f at w along several directions by difference quotients.

    ``(f(w + h d) − f(w − h d)) / 2h`` if central, ``(f(w + h d) − f(w)) / h`` if forward.

    Parameters
    ----------
    f
        Scalar function of a vector.
    w
        The place (M,); its dtype is the precision used.
    directions
        (R, M), along the coordinates for instance.
    h
        Step to either side.
    scheme
        One of `SCHEMES`.

    Returns
    -------
    Tensor
        (R,).

    Raises
    ------
    ValueError
        If the scheme is unknown or h is not positive.

    Examples
    --------
    >>> cube = lambda w: (w**3).sum()
    >>> one = torch.ones(1, dtype=torch.float64)
    >>> quotient(cube, one, one[None], 0.1)  # 3 + h²
    tensor([3.0100], dtype=torch.float64)
    """
    if scheme not in SCHEMES:
        raise ValueError(f"quotient: scheme must be one of {tuple(SCHEMES)}, got {scheme!r}")
    if not h > 0:
        raise ValueError(f"quotient: h must be positive, got {h!r}")
    with torch.no_grad():
        here = f(w)
        slopes = []
        for d in directions:
            ahead = f(w + h * d)
            slopes.append((ahead - f(w - h * d)) / (2 * h) if scheme == "central" else (ahead - here) / h)
    return torch.stack(slopes)


def gap(slopes: Tensor, reference: Tensor) -> float:
    """Distance of two vectors of slopes, relative to the length of the reference.

    Examples
    --------
    >>> round(gap(torch.tensor([3.0, 4.1]), torch.tensor([3.0, 4.0])), 6)
    0.02
    """
    reference = reference.to(torch.float64)
    return float((slopes.to(torch.float64) - reference).norm() / reference.norm())


def u_curve(
    f: Scalar, w: Tensor, directions: Tensor, reference: Tensor, steps: Sequence[float], scheme: str = "central"
) -> list[float]:
    """Errors of the difference quotients for each step h, relative to a reference (R,).

    Examples
    --------
    >>> cube = lambda w: (w**3).sum()
    >>> one = torch.ones(1, dtype=torch.float64)
    >>> coarse, good, fine = u_curve(cube, one, one[None], 3 * one, [1e-1, 1e-5, 1e-12])
    >>> good < coarse and good < fine
    True
    """
    return [gap(quotient(f, w, directions, h, scheme), reference) for h in steps]


def best_step(f: float, bend: float, eps: float = 2.0**-53, order: int = 2) -> float:
    """Step h at which truncation and rounding together are least.

    Central (order 2), error ``|f‴| h²/6 + ε|f|/h``: ``h* = (3 ε|f|/|f‴|)^(1/3)``. Forward (order 1),
    ``|f″| h/2 + 2ε|f|/h``: ``h* = 2 (ε|f|/|f″|)^(1/2)``.

    Parameters
    ----------
    f
        Size of the function's value.
    bend
        Size of the third (central) or second (forward) derivative.
    eps
        Largest relative rounding error of one evaluation; 2⁻⁵³ is float64's best.
    order
        2 for central, 1 for forward.

    Examples
    --------
    >>> f"{best_step(1.0, 1.0):.1e}", f"{best_step(1.0, 1.0, order=1):.1e}"
    ('6.9e-06', '2.1e-08')
    """
    if order == 2:
        return math.cbrt(3 * eps * abs(f) / abs(bend))
    return 2 * math.sqrt(eps * abs(f) / abs(bend))


def agreement(
    block: Callable[..., Tensor], inputs: Sequence[Tensor], *, generator: torch.Generator, h: float = 1e-5
) -> float:
    """Check a block's backward pass: what it returns for a random ∂L/∂y against central differences.

    Parameters
    ----------
    block
        Takes tensors (inputs, then parameters), returns a tensor.
    inputs
        Where to check; the gradient at every one of them is checked in every entry.
    generator
        Source of the random ∂L/∂y, so that no mistake can cancel.
    h
        Step.

    Returns
    -------
    float
        Largest gap of the gradients, each relative to its own length.

    Examples
    --------
    >>> x = torch.tensor([0.3, -0.7], dtype=torch.float64)
    >>> agreement(torch.tanh, [x], generator=torch.Generator().manual_seed(0)) < 1e-8
    True
    """
    leaves = [t.detach().clone().requires_grad_() for t in inputs]
    y = block(*leaves)
    pull = torch.randn(y.shape, generator=generator, dtype=y.dtype)  # ∂L/∂y
    backward = torch.autograd.grad((y * pull).sum(), leaves)
    worst = 0.0
    for k, (leaf, slopes) in enumerate(zip(leaves, backward, strict=True)):

        def pulled(w: Tensor, k: int = k, shape: torch.Size = leaf.shape) -> Tensor:
            given = [t.detach() for t in leaves]
            given[k] = w.view(shape)
            return (block(*given) * pull).sum()

        flat = leaf.detach().flatten()
        axes = torch.eye(len(flat), dtype=flat.dtype)
        worst = max(worst, gap(quotient(pulled, flat, axes, h), slopes.flatten()))
    return worst
