"""Second-order methods for few parameters: Newton and Levenberg-Marquardt (rows A13, A14)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from dlopt.optimizers._base import Closure, positive

__all__ = ["LevenbergMarquardt", "Newton"]


def _flat(output: Tensor, params: list[Tensor], *, graph: bool) -> Tensor:
    """Differentiate one number by all parameters, (M,); parameters it does not depend on give zeros."""
    grads = torch.autograd.grad(output, params, create_graph=graph, retain_graph=True, allow_unused=True)
    return torch.cat(
        [(torch.zeros_like(p) if g is None else g).reshape(-1) for g, p in zip(grads, params, strict=True)]
    )


def _jacobian(outputs: Tensor, params: list[Tensor]) -> Tensor:
    """Differentiate N numbers by all parameters at once, (N, M)."""
    eye = torch.eye(len(outputs), dtype=outputs.dtype)
    parts = torch.autograd.grad(outputs, params, eye, is_grads_batched=True, allow_unused=True, materialize_grads=True)
    return torch.cat([part.reshape(len(outputs), -1) for part in parts], dim=1)


class _OneGroup(torch.optim.Optimizer):
    def __init__(self, params: Any, defaults: dict[str, Any]) -> None:
        super().__init__(params, defaults)
        if len(self.param_groups) != 1:
            raise ValueError("The curvature couples all parameters: they should form one group.")

    @property
    def params(self) -> list[Tensor]:
        """The parameters, in order."""
        return list(self.param_groups[0]["params"])

    def evaluated(self, closure: Closure | None, what: str) -> Tensor:
        """Call the closure with gradients on."""
        if closure is None:
            raise TypeError(f"step needs a closure that returns {what}, without calling backward.")
        with torch.enable_grad():
            value: Tensor = closure()
        return value


class Newton(_OneGroup):
    """Newton's method: θ ← θ − η(H + λI)⁻¹g, with all second derivatives.

    Parameters
    ----------
    params
        Tensors of any shape, M entries together; one group.
    lr
        Step size η, above 0; 1 jumps to where the quadratic model is flat.
    damping
        λ, at least 0, in units of the curvature.

    Raises
    ------
    ValueError
        For a parameter outside its range, and for a singular matrix.

    Notes
    -----
    ``step(closure)`` takes a closure that returns the loss with its graph and does not call backward. A step costs M
    backward passes, M² memory and M³/3 multiplications. Source: lectures S0 to S3.
    """

    def __init__(self, params: Any, lr: float = 1.0, damping: float = 0.0) -> None:
        positive(lr=lr)
        if damping < 0:
            raise ValueError(f"damping should be at least 0; it is {damping}.")
        super().__init__(params, {"lr": lr, "damping": damping})

    def step(self, closure: Closure | None = None) -> Any:
        """Solve one linear system and move by its solution."""
        group, params = self.param_groups[0], self.params
        loss = self.evaluated(closure, "the loss")
        g = _flat(loss, params, graph=True)
        if g.requires_grad:
            H = torch.stack([_flat(slope, params, graph=False) for slope in g])
        else:  # the loss is linear
            H = g.new_zeros(len(g), len(g))
        g, eye = g.detach(), torch.eye(len(g), dtype=g.dtype)
        try:
            step = torch.linalg.solve(H + group["damping"] * eye, g)
        except RuntimeError:
            raise ValueError("The Hessian is singular here: give Newton some damping.") from None
        with torch.no_grad():
            vector_to_parameters(parameters_to_vector(params) - group["lr"] * step, params)
        return loss.detach()


class LevenbergMarquardt(_OneGroup):
    """For a loss ½‖r‖²: solve (JᵀJ + λI)Δ = Jᵀr, keep θ − Δ if it is lower, and adapt λ.

    Parameters
    ----------
    params
        Tensors of any shape, M entries together; one group.
    damping
        First λ, above 0, in units of the curvature.
    up, down
        Factors on λ after a step that was refused and one that was kept, ``down < 1 < up``.

    Raises
    ------
    ValueError
        For a parameter outside its range.

    Notes
    -----
    ``step(closure)`` takes a closure that returns the residuals r, (N,), with their graph. A refused step leaves the
    parameters as they were. Large λ: short steps along −gradient; λ = 0: Gauss-Newton. Source: lecture S3; Levenberg
    (1944), Marquardt (1963).
    """

    def __init__(self, params: Any, damping: float = 1e-2, up: float = 3.0, down: float = 1 / 3) -> None:
        positive(damping=damping, down=down)
        if not down < 1 < up:
            raise ValueError(f"down should be below 1 and up above 1; they are {down} and {up}.")
        super().__init__(params, {"damping": damping, "up": up, "down": down})

    def step(self, closure: Closure | None = None) -> Any:
        """Try one step; return the loss ½‖r‖² from before it."""
        group, params = self.param_groups[0], self.params
        r = self.evaluated(closure, "the residuals, (N,)")
        J = _jacobian(r, params)
        r = r.detach()
        eye = torch.eye(J.shape[1], dtype=r.dtype)
        step = torch.linalg.solve(J.T @ J + group["damping"] * eye, J.T @ r)
        before = parameters_to_vector(params).detach().clone()
        with torch.no_grad():
            vector_to_parameters(before - step, params)
            lower = bool((self.evaluated(closure, "the residuals, (N,)") ** 2).sum() < (r**2).sum())
            if not lower:
                vector_to_parameters(before, params)
        group["damping"] *= group["down"] if lower else group["up"]
        return 0.5 * (r**2).sum()
