"""Students and teachers: two-layer ReLU networks on Gaussian inputs, with their exact expected loss."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["expected_loss", "relu_overlap", "train_students"]


def relu_overlap(a: Tensor, b: Tensor) -> Tensor:
    """Return ``E[max(0, aᵀx) max(0, bᵀx)]`` for x ∼ N(0, I) [1]_.

    ``‖a‖‖b‖ (sin θ + (π − θ) cos θ)/2π``, θ the angle between them.

    Parameters
    ----------
    a, b
        Rows of weights (…, n, d) and (…, m, d).

    Returns
    -------
    Tensor
        (…, n, m).

    References
    ----------
    .. [1] Y. Cho, L. K. Saul, "Kernel methods for deep learning", NIPS 2009.

    Examples
    --------
    >>> relu_overlap(torch.eye(2), torch.eye(2))  # ½ on the diagonal, 1/2π beside it
    tensor([[0.5000, 0.1592],
            [0.1592, 0.5000]])
    """
    lengths = a.norm(dim=-1)[..., :, None] * b.norm(dim=-1)[..., None, :]
    dot = a @ b.mT
    edge = 1e-12 if dot.dtype == torch.float64 else 1e-6  # arccos has no derivative at ±1
    angle = torch.acos((dot / lengths.clamp(min=1e-300)).clamp(-1 + edge, 1 - edge))
    overlap: Tensor = (lengths * torch.sin(angle) + (torch.pi - angle) * dot) / (2 * torch.pi)
    return overlap


def expected_loss(student: Tensor, teacher: Tensor) -> Tensor:
    """Return ``½ E(Σᵢ relu(wᵢᵀx) − Σⱼ relu(vⱼᵀx))²`` over Gaussian inputs.

    Parameters
    ----------
    student
        Rows wᵢ (…, n, d).
    teacher
        Rows vⱼ (k, d).

    Returns
    -------
    Tensor
        Losses (…).
    """
    own = relu_overlap(student, student).sum(dim=(-2, -1))
    cross = relu_overlap(student, teacher).sum(dim=(-2, -1))
    return 0.5 * own - cross + 0.5 * relu_overlap(teacher, teacher).sum()


def train_students(
    teacher: Tensor,
    width: int,
    copies: int,
    *,
    lr: float,
    steps: int,
    generator: torch.Generator,
    momentum: float = 0.9,
) -> tuple[Tensor, Tensor]:
    """Descend on the expected loss from many random starts at once.

    Parameters
    ----------
    teacher
        Rows vⱼ (k, d).
    width
        Hidden units of a student, n.
    copies
        How many starts R.
    lr, steps, momentum
        Of torch.optim.SGD; there is no noise.
    generator
        Source of the starts, of variance 1/d.

    Returns
    -------
    tuple
        Final weights (R, n, d) and losses (R,).

    Raises
    ------
    ValueError
        If there is no unit or no start.
    """
    if width < 1 or copies < 1:
        raise ValueError(f"train_students: width and copies must be ≥ 1, got {width!r} and {copies!r}")
    d = teacher.shape[1]
    w = torch.randn(copies, width, d, generator=generator, dtype=teacher.dtype) / d**0.5
    w.requires_grad_()
    optimizer = torch.optim.SGD([w], lr=lr, momentum=momentum)
    for _ in range(steps):
        optimizer.zero_grad()
        expected_loss(w, teacher).sum().backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    with torch.no_grad():
        return w.detach(), expected_loss(w, teacher)
