"""Quadratic bowls in PyTorch, built from what matters about them: a spectrum, a rotation, a minimum.

``L(w) = ½ (w − w*)ᵀ A (w − w*)`` with ``A = Q diag(λ) Qᵀ``. This is the quadratic of the lectures,
``½ wᵀA w − bᵀw`` with ``b = A w*``, raised so that its lowest value is 0 (syllabus rows Q1–Q4, Q13).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

__all__ = ["Quadratic", "random_rotation", "rotation"]


def rotation(degrees: float) -> Tensor:
    """Return the (2, 2) rotation by an angle, counter-clockwise; its columns are the turned axes.

    Examples
    --------
    >>> rotation(90.0).round().abs()
    tensor([[0., 1.],
            [1., 0.]], dtype=torch.float64)
    """
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return torch.tensor([[c, -s], [s, c]], dtype=torch.float64)


def random_rotation(size: int, generator: torch.Generator) -> Tensor:
    """Return an orthogonal (size, size) matrix, uniform over all of them (Haar measure).

    Examples
    --------
    >>> q = random_rotation(5, torch.Generator().manual_seed(0))
    >>> torch.allclose(q.T @ q, torch.eye(5, dtype=torch.float64))
    True
    """
    gauss = torch.randn(size, size, generator=generator, dtype=torch.float64)
    q, r = torch.linalg.qr(gauss)
    turned: Tensor = q * r.diagonal().sign()  # without the signs, QR favours some rotations over others
    return turned


class Quadratic:
    """A differentiable bowl (or saddle) of known spectrum: ``L(w) = ½ Σₘ λₘ zₘ²``, ``z = Qᵀ(w − w*)``.

    Parameters
    ----------
    spectrum
        Curvatures λ (M,), in the order of the columns of `axes`; negative ones make a saddle.
    axes
        Orthogonal Q (M, M): column m is the direction whose curvature is λₘ. The identity unless given.
    minimum
        w* (M,), the stationary point. The origin unless given: measuring distances to 0 keeps all
        sixteen digits, measuring them to any other point loses them to rounding.

    Raises
    ------
    ValueError
        If the shapes do not fit or `axes` is not orthogonal.

    Examples
    --------
    >>> bowl = Quadratic([1.0, 10.0])
    >>> bowl(torch.tensor([2.0, 1.0], dtype=torch.float64)).item()
    7.0
    """

    def __init__(
        self, spectrum: Sequence[float] | Tensor, axes: Tensor | None = None, minimum: Tensor | None = None
    ) -> None:
        self.spectrum = torch.as_tensor(spectrum, dtype=torch.float64)
        size = len(self.spectrum)
        self.axes = torch.eye(size, dtype=torch.float64) if axes is None else axes
        self.minimum = torch.zeros(size, dtype=torch.float64) if minimum is None else minimum
        if self.axes.shape != (size, size) or self.minimum.shape != (size,):
            raise ValueError(
                f"Quadratic: {size} curvatures need axes ({size}, {size}) and a minimum ({size},), "
                f"got {tuple(self.axes.shape)} and {tuple(self.minimum.shape)}"
            )
        if not torch.allclose(self.axes.T @ self.axes, torch.eye(size, dtype=torch.float64), atol=1e-8):
            raise ValueError("Quadratic: axes must be orthogonal, QᵀQ = I")

    @classmethod
    def of(cls, symmetric: Tensor, minimum: Tensor | None = None) -> Quadratic:
        """Diagonalise a symmetric (M, M) matrix, for instance the Hessian of a real loss.

        Curvatures below 1e-12 of the largest are rounding and become exactly 0.

        Examples
        --------
        >>> Quadratic.of(torch.tensor([[2.0, 1.0], [1.0, 2.0]], dtype=torch.float64)).spectrum
        tensor([1., 3.], dtype=torch.float64)
        """
        found = torch.linalg.eigh(symmetric)
        tiny = found.eigenvalues.abs() < 1e-12 * found.eigenvalues.abs().max()
        return cls(found.eigenvalues.masked_fill(tiny, 0.0), found.eigenvectors, minimum)

    def __call__(self, w: Tensor) -> Tensor:
        """Loss of one point (M,), or of many (…, M) → (…)."""
        return 0.5 * (self.spectrum * self.along_axes(w) ** 2).sum(dim=-1)

    def along_axes(self, w: Tensor) -> Tensor:
        """Coordinates along the axes, seen from the minimum: (…, M) → (…, M)."""
        return (w - self.minimum) @ self.axes

    def from_axes(self, z: Tensor) -> Tensor:
        """Undo `along_axes`: (…, M) → (…, M)."""
        return self.minimum + z @ self.axes.T

    def distance(self, w: Tensor) -> Tensor:
        """Euclidean distance to the stationary point: (…, M) → (…)."""
        length: Tensor = torch.linalg.norm(w - self.minimum, dim=-1)
        return length

    def power(self, exponent: float) -> Tensor:
        """Return A to any real power, ``Q diag(λ^p) Qᵀ`` (M, M); needs λ > 0 unless p is a natural number.

        Examples
        --------
        >>> Quadratic([1.0, 4.0]).power(-0.5)
        tensor([[1.0000, 0.0000],
                [0.0000, 0.5000]], dtype=torch.float64)
        """
        if exponent != int(abs(exponent)) and not (self.spectrum > 0).all():
            raise ValueError(f"power: exponent {exponent!r} needs every curvature > 0")
        return (self.axes * self.spectrum**exponent) @ self.axes.T
