"""One figure style for the whole course: `use` it once per chapter, then draw with plain matplotlib.

Figures are SVG on a transparent ground. Ink and colours are mid-tones, at least 3:1 against a white
and against a near-black page, so that one picture serves both and paper too. The hues follow
Okabe and Ito; line styles and markers change along with the colour, so that colour is never the only sign.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from cycler import cycler

from dlopt import compact_svg

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import torch
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

__all__ = [
    "INK",
    "LINES",
    "MARKERS",
    "PALETTE",
    "bound",
    "contours",
    "guide",
    "note",
    "panels",
    "trail",
    "use",
]

INK = "#787878"
"""Text and axes: 4.4:1 on white, 4.2:1 on #121212."""

PALETTE = ["#1F7FBF", "#D55E00", "#00926B", "#C76DA0", "#A87800", INK]
"""Blue, vermilion, green, purple, ochre, grey: distinguishable without colour vision, in this order."""

LINES = ["-", "--", "-.", ":", (0, (6, 1.5, 1, 1.5, 1, 1.5)), (0, (1, 1))]
"""The line style that goes with each colour."""

MARKERS = ["o", "s", "^", "D", "v", "P"]
"""The marker that goes with each colour."""

# 4.8 inches shown 330 CSS pixels wide (a phone) still leaves 11 pt type about 10 px high
WIDTH = 4.8


def use() -> None:
    """Set matplotlib's rcParams, and SVG output where IPython runs; call it once per chapter.

    The SVG carries no date and fixed ids, so that the same numbers give the same bytes.

    Examples
    --------
    >>> import matplotlib as mpl
    >>> from dlopt import plotting
    >>> with mpl.rc_context():
    ...     plotting.use()
    ...     mpl.rcParams["axes.edgecolor"] == plotting.INK
    True
    """
    style = cycler(color=PALETTE) + cycler(linestyle=LINES)
    mpl.rcParams.update(
        {
            "figure.figsize": (WIDTH, 3.2),
            "figure.facecolor": "none",
            "savefig.facecolor": "none",
            "figure.constrained_layout.use": True,
            "axes.facecolor": "none",
            "axes.edgecolor": INK,
            "axes.labelcolor": INK,
            "axes.titlecolor": INK,
            "axes.prop_cycle": style,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlesize": 11,
            "axes.titlelocation": "left",
            "font.size": 11,
            "legend.fontsize": 10,
            "legend.frameon": False,
            "legend.labelcolor": INK,
            "text.color": INK,
            "xtick.color": INK,
            "ytick.color": INK,
            "lines.linewidth": 1.8,
            "lines.markersize": 4.5,
            "contour.negative_linestyle": "solid",
            "grid.color": INK,
            "grid.alpha": 0.25,
            "svg.fonttype": "path",
            "svg.hashsalt": "dlopt",
            "path.simplify_threshold": 0.3,
        }
    )
    compact_svg.register()
    _svg_in_notebooks()


def _svg_in_notebooks() -> None:
    """Ask the inline backend, where there is one, for dateless SVG."""
    from IPython.core.getipython import get_ipython

    if get_ipython() is None:  # a script or a test: nothing displays
        return
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    set_matplotlib_formats("svg", metadata={"Date": None})  # type: ignore[no-untyped-call]


def panels(
    rows: int = 1, cols: int = 1, *, height: float = 2.6, width: float | None = None, **kwargs: Any
) -> tuple[Figure, list[Axes]]:
    """Open a figure of small multiples; at most two columns stay legible on a phone.

    Parameters
    ----------
    rows, cols
        Grid of axes.
    height
        Height of one row in inches.
    width
        Width of the figure in inches; 4.8 for one column and 5.2 for two unless given.
    **kwargs
        Passed on to `matplotlib.pyplot.subplots`.

    Returns
    -------
    tuple
        The figure and its axes as a flat list, row by row.

    Raises
    ------
    ValueError
        If more than two columns are asked for.

    Examples
    --------
    >>> import matplotlib as mpl
    >>> mpl.use("agg")
    >>> fig, axes = panels(2, 2)
    >>> len(axes)
    4
    >>> import matplotlib.pyplot as plt
    >>> plt.close(fig)
    """
    import matplotlib.pyplot as plt

    if cols not in (1, 2):
        raise ValueError(f"panels: cols must be 1 or 2 to stay legible on a phone, got {cols!r}")
    size = (width or (WIDTH if cols == 1 else 5.2), height * rows)
    fig, axes = plt.subplots(rows, cols, figsize=size, squeeze=False, **kwargs)
    return fig, list(axes.flat)


def contours(
    ax: Axes,
    f: Callable[[torch.Tensor], torch.Tensor],
    xlim: tuple[float, float],
    ylim: tuple[float, float],
    *,
    levels: int | str | Sequence[float] = 9,
    equal: bool = True,
    resolution: int = 61,
) -> None:
    """Draw level curves of a function of two variables, evenly spaced in the square root of its height.

    Spaced so, the level curves of a quadratic bowl are evenly spaced ellipses.

    Parameters
    ----------
    ax
        Where to draw.
    f
        Maps points (…, 2) to values (…,); any differentiable torch function will do.
    xlim, ylim
        The window.
    levels
        How many curves, or their heights, or ``"equal shares"``: eight curves with as much area between
        any two, which suits surfaces that rise and fall.
    equal
        Whether a unit is equally long on both axes.
    resolution
        Grid points along each axis.
    """
    import torch

    x = torch.linspace(*xlim, resolution, dtype=torch.float64)
    y = torch.linspace(*ylim, resolution, dtype=torch.float64)
    points = torch.stack(torch.meshgrid(x, y, indexing="xy"), dim=-1)  # (R, R, 2)
    with torch.no_grad():
        heights = f(points).numpy()
    if isinstance(levels, str):
        levels = list(np.quantile(heights, np.linspace(0.05, 0.95, 8)))
    elif isinstance(levels, int):
        low, high = heights.min(), heights.max()
        levels = list(low + (high - low) * np.linspace(0, 1, levels + 2)[1:-1] ** 2)
    ax.contour(x, y, heights, levels=levels, colors=INK, linewidths=0.8, alpha=0.6)
    ax.set(xlim=xlim, ylim=ylim)
    if equal:
        ax.set_aspect("equal")


def trail(ax: Axes, points: torch.Tensor, index: int = 0, *, label: str | None = None) -> Line2D:
    """Draw a trajectory as a thin line with a marker at every step and a ring at its start.

    Parameters
    ----------
    ax
        Where to draw.
    points
        Trajectory (steps + 1, 2).
    index
        Which colour and marker of the palette.
    label
        For the legend.

    Returns
    -------
    matplotlib.lines.Line2D
        The line drawn.
    """
    xs, ys = points[:, 0].tolist(), points[:, 1].tolist()
    color, marker = PALETTE[index], MARKERS[index]
    (line,) = ax.plot(xs, ys, color=color, linestyle="-", linewidth=1.1, marker=marker, label=label, zorder=3)
    ax.plot(xs[:1], ys[:1], marker="o", markersize=10, markerfacecolor="none", color=color, zorder=3)
    return line


def guide(ax: Axes, x: Sequence[float], y: Sequence[float], label: str | None = None) -> Line2D:
    """Draw what theory says: a thin grey line beneath the data."""
    (line,) = ax.plot(x, y, color=INK, linestyle="-", linewidth=1, zorder=1, label=label)
    return line


def bound(ax: Axes, x: Sequence[float], y: Sequence[float], label: str | None = None) -> Line2D:
    """Draw an upper bound: a dotted grey line, the side above it being forbidden."""
    (line,) = ax.plot(x, y, color=INK, linestyle=(0, (1, 1.2)), linewidth=1.6, zorder=1, label=label)
    return line


def note(ax: Axes, text: str, xy: tuple[float, float], *, color: str = INK, **kwargs: Any) -> None:
    """Write on the drawing itself, at data coordinates."""
    ax.annotate(text, xy, color=color, fontsize=10, **{"annotation_clip": False, **kwargs})
