"""Deep linear networks: a product of matrices that is to become a given one, and how it gets there."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

__all__ = ["chain", "descend_chain", "mode_curve", "mode_starts", "modes", "random_chains"]


def chain(factors: Sequence[Tensor], *, residual: bool = False) -> Tensor:
    """Multiply the layers of R linear networks, the first one rightmost.

    Parameters
    ----------
    factors
        A₁ (R, d₁, d₀), A₂ (R, d₂, d₁), …
    residual
        Whether each layer computes x + Ax instead of Ax; then all are square.

    Returns
    -------
    Tensor
        A_L ⋯ A₁, or (I + A_L) ⋯ (I + A₁), (R, d_L, d₀).

    Examples
    --------
    >>> two = 2 * torch.eye(2).expand(1, 2, 2)
    >>> chain([two, two])[0, 0, 0], chain([two, two], residual=True)[0, 0, 0]
    (tensor(4.), tensor(9.))
    """
    product = None
    for a in factors:
        layer = a + torch.eye(a.shape[-1], dtype=a.dtype) if residual else a
        product = layer if product is None else layer @ product
    if product is None:
        raise ValueError("chain: needs at least one factor")
    return product


def random_chains(sizes: Sequence[int], copies: int, generator: torch.Generator, scale: float = 1.0) -> list[Tensor]:
    """Draw the layers of R linear networks, of variance scale²/fan-in.

    Parameters
    ----------
    sizes
        Units per layer, inputs first.
    copies
        R.
    generator
        Source of the weights.
    scale
        Factor on the standard deviation.
    """
    pairs = zip(sizes[1:], sizes[:-1], strict=True)
    draw = {"generator": generator, "dtype": torch.float64}
    return [torch.randn(copies, out, into, **draw) * scale / into**0.5 for out, into in pairs]  # type: ignore[call-overload]


def descend_chain(
    factors: Sequence[Tensor],
    target: Tensor,
    *,
    lr: float,
    steps: int,
    momentum: float = 0.0,
    residual: bool = False,
    every: int = 1,
) -> tuple[Tensor, Tensor, list[Tensor]]:
    """Descend on ``½‖Γ − A_L ⋯ A₁‖²``, the loss of a linear network on white inputs.

    Parameters
    ----------
    factors
        Where to begin, as for `chain`; not changed.
    target
        Γ = E[y xᵀ] (d_L, d₀).
    lr, steps, momentum
        Of torch.optim.SGD.
    residual
        As for `chain`.
    every
        Products and losses are kept every so many steps, the start included.

    Returns
    -------
    tuple
        Products (T, R, d_L, d₀), losses (T, R), and the last factors.

    Examples
    --------
    >>> start = [torch.full((1, 1, 1), 0.1), torch.full((1, 1, 1), 0.1)]
    >>> products, losses, _ = descend_chain(start, torch.ones(1, 1), lr=0.1, steps=200)
    >>> round(products[-1].item(), 4)
    1.0
    """
    moving = [a.clone().requires_grad_() for a in factors]
    optimizer = torch.optim.SGD(moving, lr=lr, momentum=momentum)
    products, losses = [], []
    for step in range(steps + 1):
        product = chain(moving, residual=residual)
        loss = 0.5 * ((target - product) ** 2).sum(dim=(-2, -1))
        if step % every == 0:
            products.append(product.detach())
            losses.append(loss.detach())
        if step < steps:
            optimizer.zero_grad()
            loss.sum().backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    return torch.stack(products), torch.stack(losses), [a.detach() for a in moving]


def modes(products: Tensor, target: Tensor) -> Tensor:
    """Return the strengths ``u_rᵀ P v_r`` of P along the singular vectors of Γ.

    Parameters
    ----------
    products
        P (…, m, n).
    target
        Γ = Σ s_r u_r v_rᵀ (m, n).

    Returns
    -------
    Tensor
        (…, min(m, n)), strongest singular value first.

    Examples
    --------
    >>> modes(torch.eye(2), torch.diag(torch.tensor([3.0, 2.0])))
    tensor([1., 1.])
    """
    u, _, vh = torch.linalg.svd(target, full_matrices=False)
    return torch.einsum("mr,...mn,rn->...r", u, products, vh)


def mode_starts(target: Tensor, hidden: int, strength: float, generator: torch.Generator) -> list[Tensor]:
    """Return a start at which every mode has the same strength u₀ and the modes do not mix.

    ``W = √u₀ R Vᵀ`` and ``Q = √u₀ U Rᵀ``, with R's columns orthonormal at random.

    Parameters
    ----------
    target
        Γ (m, n).
    hidden
        Units in between, at least min(m, n).
    strength
        u₀.
    generator
        Source of R.

    Raises
    ------
    ValueError
        If the hidden layer is too narrow for all modes.
    """
    u, s, vh = torch.linalg.svd(target, full_matrices=False)
    if hidden < len(s):
        raise ValueError(f"mode_starts: hidden must be ≥ {len(s)}, the number of modes; got {hidden!r}")
    r, _ = torch.linalg.qr(torch.randn(hidden, len(s), generator=generator, dtype=target.dtype))
    return [strength**0.5 * (r @ vh)[None], strength**0.5 * (u @ r.T)[None]]


def mode_curve(sigma: Tensor, strength: float, times: Tensor) -> Tensor:
    """Return ``u(t) = s e^{2st} / (e^{2st} − 1 + s/u₀)``, the flow of one mode from balanced weights [1]_.

    Parameters
    ----------
    sigma
        Singular values s > 0 (k,).
    strength
        u₀ > 0.
    times
        Steps times step size, for the loss ½‖Γ − QW‖², (T,).

    Returns
    -------
    Tensor
        (T, k).

    References
    ----------
    .. [1] A. Saxe, J. McClelland, S. Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear
       neural networks", ICLR 2014, whose time constant counts another unit of time; syllabus row N5.

    Examples
    --------
    >>> mode_curve(torch.tensor([2.0]), 0.5, torch.tensor([0.0, 100.0])).flatten()
    tensor([0.5000, 2.0000])
    """
    decay = torch.exp(-2 * sigma * times[:, None])
    return sigma / (1 - decay + sigma / strength * decay)
