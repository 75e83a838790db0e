"""SGD on least squares, whose first two moments are known exactly at every step (syllabus rows G3, G4, G5, G8)."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from dlopt.stochastic import NoisyGradient, StepSize

__all__ = ["LeastSquares"]


class LeastSquares:
    """Mini-batch SGD on ``½ mean (y − wᵀx)²``, samples drawn with replacement, and its exact statistics.

    Positions are measured from the minimum, ``e = w − w*``. One batch of B samples gives
    ``ĝ(e) = A_B e − r_B`` with ``A_B = mean xxᵀ`` and ``r_B = mean (y − w*ᵀx) x`` over the batch. The first
    and second moments of e therefore obey linear recursions that need only moments of the data up to
    the fourth: nothing is approximated [1]_.

    Parameters
    ----------
    x
        Inputs (N, M), of full column rank.
    y
        Targets (N,).

    Attributes
    ----------
    hessian : Tensor
        A (M, M).
    minimum : Tensor
        w* (M,).
    noise : Tensor
        Covariance Σ (M, M) of one sample's gradient at the minimum.

    Raises
    ------
    ValueError
        If shapes do not fit or the minimum is not unique.

    References
    ----------
    .. [1] A. Dieuleveut, A. Durmus, F. Bach, "Bridging the gap between constant step size stochastic gradient
       descent and Markov chains", Annals of Statistics 48, 2020; syllabus row G3.

    Examples
    --------
    >>> task = LeastSquares(torch.tensor([[1.0], [1.0]]), torch.tensor([1.0, -1.0]))
    >>> task.stationary(lr=1.0, batch_size=1)  # e jumps between +1 and −1
    tensor([[1.0000]])
    """

    def __init__(self, x: Tensor, y: Tensor) -> None:
        if x.ndim != 2 or y.shape != x.shape[:1]:
            raise ValueError(f"LeastSquares: x must be (N, M) and y (N,), got {tuple(x.shape)}, {tuple(y.shape)}")
        if torch.linalg.matrix_rank(x) < x.shape[1]:
            raise ValueError("LeastSquares: columns of x must be linearly independent, or no minimum is unique")
        self.x, self.y = x, y
        n, m = x.shape
        self.hessian = x.T @ x / n
        self.minimum: Tensor = torch.linalg.lstsq(x, y[:, None]).solution[:, 0]
        self.residual = y - x @ self.minimum  # (N,)
        weighted = self.residual[:, None] * x  # one sample's −gradient at the minimum
        self.noise = weighted.T @ weighted / n
        pairs = (x[:, :, None] * x[:, None, :]).reshape(n, m * m)
        self._fourth = pairs.T @ pairs / n  # S ↦ mean xxᵀSxxᵀ, (M², M²)
        self._third = pairs.T @ weighted / n  # m ↦ mean (y − w*ᵀx)(xᵀm)xxᵀ, (M², M)

    def excess(self, e: Tensor) -> Tensor:
        """Loss above its lowest value at w* + e: (…, M) → (…)."""
        return 0.5 * ((e @ self.hessian) * e).sum(dim=-1)

    def noisy(self, batch_size: int, generator: torch.Generator) -> NoisyGradient:
        """Return the gradient estimate from a fresh batch per walker, as a function of e (R, M)."""
        n = len(self.x)

        def estimate(e: Tensor) -> Tensor:
            rows = torch.randint(n, (len(e), batch_size), generator=generator)
            x = self.x[rows]  # (R, B, M)
            misfit = torch.einsum("rbm,rm->rb", x, e) - self.residual[rows]
            return torch.einsum("rb,rbm->rm", misfit, x) / batch_size

        return estimate

    def predicted(
        self, start: Tensor, *, lr: StepSize, batch_size: int, steps: int, record: Iterable[int]
    ) -> tuple[Tensor, Tensor]:
        """Compute mean squared distance and mean excess loss at recorded times, exactly, without a run.

        Parameters
        ----------
        start
            e₀ (M,).
        lr, batch_size, steps, record
            As for `dlopt.stochastic.walk`.

        Returns
        -------
        tuple
            E‖e‖² (T,) and the expected loss above its minimum (T,).
        """
        step_size = lr if callable(lr) else lambda _: lr
        due, A = set(record), self.hessian
        size = len(A)
        once, twice = self._once(), self._twice(batch_size)
        noise = self.noise.flatten() / batch_size
        # one product gives all that is linear in the second moments S and in the mean m
        both = torch.cat([once, twice])  # (2M², M²)
        mean = torch.cat([2 * self._third / batch_size, A])  # (M² + M, M)
        m, s = start.clone(), torch.outer(start, start).flatten()
        kept: list[tuple[Tensor, Tensor]] = []
        for k in range(steps + 1):
            if k in due:
                kept.append((s[:: size + 1].sum(), 0.5 * (A.flatten() * s).sum()))
            eta = step_size(k)
            first, second = (both @ s).view(2, -1)
            cross, slope = torch.split(mean @ m, [size * size, size])
            s = s - eta * first + eta**2 * (second + noise - cross)
            m = m - eta * slope
        distance, excess = (torch.stack(rows) for rows in zip(*kept, strict=True))
        return distance, excess

    def _once(self) -> Tensor:
        """S ↦ AS + SA as a matrix (M², M²)."""
        eye = torch.eye(len(self.hessian), dtype=self.x.dtype)
        return torch.kron(self.hessian, eye) + torch.kron(eye, self.hessian)

    def _twice(self, batch_size: int) -> Tensor:
        """S ↦ mean of A_B S A_B over batches as a matrix (M², M²)."""
        return self._fourth / batch_size + (1 - 1 / batch_size) * torch.kron(self.hessian, self.hessian)

    def visit(self, e: Tensor, rows: Tensor, *, lr: float, batch_size: int) -> Tensor:
        """Take the walkers e (R, M) through the samples named by rows (R, n), B at a time, in this order."""
        for batch in torch.split(rows, batch_size, dim=1):
            x = self.x[batch]  # (R, B, M)
            misfit = torch.einsum("rbm,rm->rb", x, e) - self.residual[batch]
            e = e - lr * torch.einsum("rb,rbm->rm", misfit, x) / batch.shape[1]
        return e

    def stationary(self, lr: float, batch_size: int) -> Tensor:
        """Solve for the covariance of e (M, M) that a constant step size settles in.

        Raises
        ------
        ValueError
            If the step size is too large for the variance to settle at all.
        """
        size = len(self.hessian)
        drift = self._once() - lr * self._twice(batch_size)  # S ↦ (S − S′)/η without the noise
        if torch.linalg.eigvals(drift).real.min() <= 0:
            raise ValueError(f"stationary: lr={lr!r}, batches of {batch_size}: no stationary variance, lower lr")
        solved: Tensor = torch.linalg.solve(drift, lr / batch_size * self.noise.flatten())
        return solved.view(size, size)
