"""Curvature of any differentiable loss: Hessians, Hessian–vector products, the second-order model."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["Signature", "gradient_and_product", "hessian", "signature", "taylor_error"]

Loss = Callable[[Tensor], Tensor]


def gradient_and_product(f: Loss, w: Tensor, v: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Return the gradient g and the product H v, without ever forming H.

    One backward pass through the backward pass [1]_: about twice the price of a gradient, whatever M.

    Parameters
    ----------
    f
        Scalar loss of (M,).
    w
        Where (M,).
    v
        Direction (M,); the gradient itself unless given.

    Returns
    -------
    tuple
        g (M,) and H v (M,).

    References
    ----------
    .. [1] B. Pearlmutter, "Fast exact multiplication by the Hessian", Neural Computation 6, 1994.

    Examples
    --------
    >>> g, hg = gradient_and_product(lambda w: (w**3).sum(), torch.tensor([1.0, 2.0]))
    >>> g, hg
    (tensor([ 3., 12.]), tensor([ 18., 144.]))
    """
    w = w.detach().requires_grad_()
    (g,) = torch.autograd.grad(f(w), w, create_graph=True)
    (product,) = torch.autograd.grad(g, w, g.detach() if v is None else v)
    return g.detach(), product


def hessian(f: Loss, w: Tensor) -> Tensor:
    """Return the full Hessian (M, M), one Hessian–vector product per row.

    Row by row, it needs the memory of one product beside the result, even for a network on a full
    training set.

    Examples
    --------
    >>> hessian(lambda w: w[0] ** 2 * w[1], torch.tensor([1.0, 3.0]))
    tensor([[6., 2.],
            [2., 0.]])
    """
    w = w.detach().requires_grad_()
    (g,) = torch.autograd.grad(f(w), w, create_graph=True)
    units = torch.eye(len(w), dtype=w.dtype)
    return torch.stack([torch.autograd.grad(g, w, e, retain_graph=True)[0] for e in units])


class Signature(NamedTuple):
    """How many directions curve down, not at all, and up."""

    down: int
    flat: int
    up: int


def signature(f: Loss, w: Tensor, tolerance: float = 1e-8) -> Signature:
    """Count the signs of the Hessian's eigenvalues at w.

    Parameters
    ----------
    f
        Scalar loss of (M,).
    w
        Where (M,).
    tolerance
        Eigenvalues no larger than this share of the largest (or this number, at a vanishing Hessian)
        count as flat.

    Returns
    -------
    Signature
        Numbers of negative, vanishing and positive eigenvalues.

    Examples
    --------
    >>> signature(lambda w: w[0] ** 2 - w[1] ** 2, torch.zeros(2))
    Signature(down=1, flat=0, up=1)
    """
    eigenvalues = torch.linalg.eigvalsh(hessian(f, w))
    edge = tolerance * max(1.0, float(eigenvalues.abs().max()))
    down, up = int((eigenvalues < -edge).sum()), int((eigenvalues > edge).sum())
    return Signature(down, len(eigenvalues) - down - up, up)


def taylor_error(f: Loss, w: Tensor, direction: Tensor, lengths: Tensor) -> Tensor:
    """Return ``|f(w + δ) − f(w) − gᵀδ − ½ δᵀHδ|`` for ``δ = length · direction``.

    Parameters
    ----------
    f
        Scalar loss of (M,).
    w
        Where the model is built (M,).
    direction
        Unit vector (M,).
    lengths
        Step lengths (R,).

    Returns
    -------
    Tensor
        Errors (R,).

    Examples
    --------
    >>> w, e = torch.zeros(1), torch.ones(1)
    >>> taylor_error(lambda w: (w**3).sum(), w, e, torch.tensor([1.0, 2.0]))  # nothing but the cube is left
    tensor([1., 8.])
    """
    g, hd = gradient_and_product(f, w, direction)
    model = f(w) + lengths * (g @ direction) + 0.5 * lengths**2 * (direction @ hd)
    truth = torch.stack([f(w + length * direction) for length in lengths])
    return (truth - model).abs()
