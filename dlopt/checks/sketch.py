"""A small picture for the table: the student's path over the right one, as SVG text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["paths"]

WIDTH, HEIGHT, MARGIN = 260, 180, 14


def paths(actual: NDArray[np.float64], expected: NDArray[np.float64]) -> str:
    """Draw two paths in the plane, the right one as a broad line with circles, the other as a dashed one with crosses.

    Parameters
    ----------
    actual, expected : ndarray (K, 2) and (L, 2)
        What came and what is right. The frame fits the right path; what leaves it is cut off.

    Returns
    -------
    str
        An ``<svg>`` element with its own description, in the colours of the surrounding text.

    Raises
    ------
    ValueError
        If either is not a sequence of points in the plane.

    Examples
    --------
    >>> paths(np.zeros((2, 2)), np.eye(2))[:12]
    '<svg viewBox'
    """
    for name, path in (("actual", actual), ("expected", expected)):
        if path.ndim != 2 or path.shape[1] != 2:
            raise ValueError(f"paths: {name} must have shape (K, 2), got {path.shape}")
    low, high = expected.min(axis=0), expected.max(axis=0)
    span = np.maximum(high - low, 1e-12)
    scale = np.array([WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN]) / span

    def place(path: NDArray[np.float64]) -> list[tuple[float, float]]:
        spots = (path - low) * scale + MARGIN
        spots[:, 1] = HEIGHT - spots[:, 1]
        # far outside the frame a coordinate only has to point the right way
        return [(round(float(x), 1), round(float(y), 1)) for x, y in np.clip(spots, -2000, 2000)]

    right, theirs = place(expected), place(actual)
    text = "The right path as a solid line with circles; yours as a dashed line with crosses."
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="{text}" '
        'style="display:block;overflow:hidden;margin:.4em 0" fill="none" stroke="currentColor">'
        f"<title>{text}</title>"
        f'<rect x="1" y="1" width="{WIDTH - 2}" height="{HEIGHT - 2}" stroke-opacity=".3"/>'
        f'<polyline points="{_points(right)}" stroke-width="3" stroke-opacity=".35"/>'
        + "".join(f'<circle cx="{x}" cy="{y}" r="3.5" stroke-opacity=".6"/>' for x, y in right)
        + f'<polyline points="{_points(theirs)}" stroke-width="1.4" stroke-dasharray="4 3"/>'
        + "".join(f'<path d="M{x - 3} {y - 3}l6 6m0 -6l-6 6" stroke-width="1.4"/>' for x, y in theirs)
        + "</svg>"
    )


def _points(spots: list[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in spots)
