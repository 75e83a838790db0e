"""The methods of chapter 7 side by side: what each remembers, what a step costs, what leaves its path unchanged."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from html import escape
from typing import NamedTuple

import torch
from torch import Tensor

from dlopt import optimizers
from dlopt.quadratics import random_rotation
from dlopt.walks import Recipe, setting, state_numbers, using, walk

__all__ = ["CHANGES", "FIRST_ORDER", "Method", "memory", "stays", "step_seconds", "table"]

CHANGES = ("loss × 1000", "axes stretched", "axes turned")
"""Changes of the problem under which a method may or may not take the same path."""


class Method(NamedTuple):
    """A row of the table.

    Attributes
    ----------
    name : str
        As it is printed.
    recipe : Recipe
        Builds the optimizer.
    choose : str
        What has to be chosen.
    fails : str
        The failure this chapter shows.
    backward : bool
        Whether the closure computes gradients (see `dlopt.walks.walk`).
    """

    name: str
    recipe: Recipe
    choose: str
    fails: str
    backward: bool = True


OPTIM = torch.optim
FIRST_ORDER = (
    Method("gradient descent", using(OPTIM.SGD, lr=0.05), "η", "κ steps in a ravine"),
    Method("momentum", using(optimizers.HeavyBall, lr=0.05, alpha=0.9), "η, α", "runs in circles on a kinked bowl"),
    Method("Nesterov", using(optimizers.Nesterov, lr=0.05, alpha=0.9), "η, α", "flips and diverges earlier, ηλ > 4/3"),
    Method("Rprop", using(OPTIM.Rprop, lr=0.01), "η₀, two factors, two limits", "drifts on mini-batches"),
    Method("Quickprop", using(optimizers.Quickprop, lr=0.01), "η, limit", "climbs where the curvature is negative"),
    Method("AdaGrad", using(OPTIM.Adagrad, lr=0.1), "η", "steps shrink for ever; Wilson's data"),
    Method("RMSprop", using(OPTIM.RMSprop, lr=0.01), "η, ρ", "never settles at constant η; Wilson's data"),
    Method("RMSprop + Nesterov", using(optimizers.NesterovRMSprop, lr=0.01), "η, ρ, α", "as RMSprop"),
    Method("Adam", using(OPTIM.Adam, lr=0.01), "η, β₁, β₂", "the tug of war; Wilson's data"),
    Method("AMSGrad", using(OPTIM.Adam, lr=0.01, amsgrad=True), "η, β₁, β₂", "one large gradient slows it for good"),
)
"""The methods whose step costs a few passes over the weights."""

CURVED = (
    Method(
        "L-BFGS",
        using(OPTIM.LBFGS, max_iter=1, history_size=10, line_search_fn="strong_wolfe"),
        "pairs kept",
        "stalls on mini-batches",
    ),
    Method("Newton", using(optimizers.Newton), "damping", "M² numbers, M³ operations; saddles (chapter 2)", False),
)
"""Methods that know of curvature across coordinates."""


def _hilly(w: Tensor) -> Tensor:
    """Return a smooth convex function of three weights that is no quadratic."""
    mix = torch.tensor([[1.0, -0.5, 0.3], [0.2, 1.5, -1.0], [-0.7, 0.4, 0.9]], dtype=torch.float64)
    return torch.logsumexp(torch.cat([mix @ w, -mix @ w]), dim=0) + 0.2 * ((w - 0.5) ** 2).sum()


def stays(method: Method, change: str, *, steps: int = 12) -> bool:
    """Find out by running whether a method takes the same path after a change of the problem.

    The same path: the same points, once expressed in the same coordinates, to six digits.

    Parameters
    ----------
    method
        The method.
    change
        One of `CHANGES`.
    steps
        How many updates are compared.

    Raises
    ------
    ValueError
        For another change.

    Examples
    --------
    >>> [stays(FIRST_ORDER[0], change) for change in CHANGES]  # gradient descent
    [False, False, True]
    """
    eye = torch.eye(3, dtype=torch.float64)
    maps: dict[str, tuple[float, Tensor]] = {
        CHANGES[0]: (1000.0, eye),
        CHANGES[1]: (1.0, torch.diag(torch.tensor([0.5, 2.0, 3.0], dtype=torch.float64))),
        CHANGES[2]: (1.0, random_rotation(3, torch.Generator().manual_seed(1))),
    }
    if change not in maps:
        raise ValueError(f"stays: change must be one of {CHANGES}, got {change!r}")
    scale, matrix = maps[change]
    start = torch.tensor([1.5, -1.0, 2.0], dtype=torch.float64)
    options = {"steps": steps, "backward": method.backward}
    plain = walk(_hilly, start, method.recipe, **options)  # type: ignore[arg-type]
    moved = torch.linalg.solve(matrix, start)
    other = walk(lambda v: scale * _hilly(matrix @ v), moved, method.recipe, **options)  # type: ignore[arg-type]
    return bool(((other @ matrix.T - plain).abs().max() < 1e-6).item())


def _bowl(size: int) -> Callable[[Tensor], Tensor]:
    curvature = torch.logspace(-2, 0, size)
    return lambda w: 0.5 * (curvature * w * w).sum()


def memory(method: Method, size: int = 1000) -> float:
    """Count the numbers a method remembers between steps, per weight, after 30 steps.

    Examples
    --------
    >>> [memory(method) for method in FIRST_ORDER[:2]]
    [0.0, 1.0]
    """
    _, optimizer, closure = setting(_bowl(size), torch.ones(size), method.recipe)
    for _ in range(30):
        optimizer.step(closure)  # type: ignore[arg-type]
    return round(state_numbers(optimizer) / size, 1)


def step_seconds(method: Method, size: int = 100_000, repeats: int = 12) -> float:
    """Time one update of `size` weights, the gradient of a bowl included; the shortest of several."""
    _, optimizer, closure = setting(_bowl(size), torch.ones(size), method.recipe)
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        optimizer.step(closure)  # type: ignore[arg-type]
        times.append(time.perf_counter() - began)
    return min(times[2:])


def table(methods: Sequence[Method] = (*FIRST_ORDER, *CURVED)) -> str:
    """Write the table of methods in HTML; memory, time and invariances are measured while it is written.

    Newton's method is neither timed nor counted: at this size its Hessian would not fit.

    Examples
    --------
    >>> "<td>axes turned</td>" in table(FIRST_ORDER[:1])
    True
    """
    heads = ("method", "numbers per weight", "step, ms", "to choose", "same path if", "fails here")
    rows = [_row([f'<th scope="col">{head}</th>' for head in heads])]
    for method in methods:
        same = ", ".join(change for change in CHANGES if stays(method, change)) or "–"
        if method.backward:
            held, spent = f"{memory(method):g}", f"{1e3 * step_seconds(method):.2f}"
        else:
            held, spent = "M", "–"
        cells = [f"<td>{escape(text)}</td>" for text in (held, spent, method.choose, same, method.fails)]
        rows.append(_row([f'<th scope="row">{escape(method.name)}</th>', *cells]))
    body = f"<table><thead>{rows[0]}</thead><tbody>{''.join(rows[1:])}</tbody></table>"
    style = "overflow-x:auto;font-size:.85em;line-height:1.4"
    return f'<div role="region" tabindex="0" aria-label="All methods side by side" style="{style}">{body}</div>'


def _row(cells: Sequence[str]) -> str:
    return f'<tr style="vertical-align:top">{"".join(cells)}</tr>'
