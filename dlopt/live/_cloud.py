"""A cloud of two inputs and the maps that whiten it; the twin of ``_cloud.js``, and how it is drawn."""

import math
import random
from collections.abc import Sequence
from typing import NamedTuple

from ._svg import Plot, node

ROUND = 1e-4  # eigenvalues this close count as equal: a circle has no axes

Point = tuple[float, float]
Moments = tuple[float, float, float]


class Axes(NamedTuple):
    """Eigenvalues of a covariance, largest first, and the angle of the first axis in degrees."""

    values: Point
    angle: float


def inputs(angle: float, ratio: float, centre: Point, cloud: Sequence[Sequence[float]]) -> list[Point]:
    """Give the cloud spreads 1 and 1/ratio, turn it by the angle and put it about a centre."""
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    p, q = centre
    return [(p + c * u - (s * v) / ratio, q + s * u + (c * v) / ratio) for u, v in cloud]


def moments(xs: Sequence[Point], about: Point = (0.0, 0.0)) -> tuple[Point, Moments]:
    """Return the mean, and the second moments (xx, xy, yy) about a point."""
    p, q = about
    total = [0.0] * 5
    for x, y in xs:
        for i, v in enumerate((x - p, y - q, (x - p) * (x - p), (x - p) * (y - q), (y - q) * (y - q))):
            total[i] += v
    mx, my, xx, xy, yy = (t / len(xs) for t in total)
    return (p + mx, q + my), (xx, xy, yy)


def axes(second: Moments) -> Axes:
    """Return eigenvalues, largest first, and the angle of the first axis in degrees."""
    a, b, d = second
    spread = math.hypot(a - d, 2 * b)
    turn = 0.0 if spread < ROUND * (a + d) else math.degrees(math.atan2(2 * b, a - d)) / 2
    return Axes(((a + d + spread) / 2, (a + d - spread) / 2), turn)


def matrix(stage: int, covariance: Moments) -> tuple[Point, Point]:
    """Return W of a stage: 0 and 1 as it is, 2 scaled, 3 PCA, 4 ZCA."""
    if stage < 2:
        return (1.0, 0.0), (0.0, 1.0)
    if stage == 2:
        return (1 / math.sqrt(covariance[0]), 0.0), (0.0, 1 / math.sqrt(covariance[2]))
    (first, second), turn = axes(covariance)
    c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    p, q = 1 / math.sqrt(first), 1 / math.sqrt(second)
    if stage == 3:
        return (p * c, p * s), (-q * s, q * c)
    return (p * c * c + q * s * s, (p - q) * c * s), ((p - q) * c * s, p * s * s + q * c * c)


def white_cloud(size: int = 40, seed: int = 8) -> list[list[float]]:
    """Draw points of the plane with mean 0 and covariance I, to nine digits.

    Parameters
    ----------
    size : int
        How many.
    seed : int
        Of a generator of its own.

    Returns
    -------
    list of list of float
        (size, 2).

    Examples
    --------
    >>> points = white_cloud()
    >>> abs(sum(x * y for x, y in points)) < 1e-7
    True
    """
    draw = random.Random(seed)
    raw = [(draw.gauss(0, 1), draw.gauss(0, 1)) for _ in range(size)]
    mean, _ = moments(raw)
    w = matrix(4, moments(raw, mean)[1])
    centred = [(x - mean[0], y - mean[1]) for x, y in raw]
    return [[round(a * x + b * y, 9) for a, b in w] for x, y in centred]


def dots(plot: Plot, spots: Sequence[Point]) -> str:
    """Draw points."""
    drawn = (node("circle", r=2.2, cx=f"{plot.x(x):.2f}", cy=f"{plot.y(y):.2f}") for x, y in spots)
    return node("g", *drawn, class_="live-dots")


def cross(plot: Plot) -> str:
    """Mark the origin."""
    return node("path", class_="live-cross", d=f"M{plot.x(0) - 5} {plot.y(0)}h10M{plot.x(0)} {plot.y(0) - 5}v10")


def ellipse(plot: Plot, centre: Point, axes: Axes, **given: str) -> str:
    """Draw two standard deviations."""
    cx, cy = f"{plot.x(centre[0]):.2f}", f"{plot.y(centre[1]):.2f}"
    rx, ry = (f"{2 * (plot.x(1) - plot.x(0)) * math.sqrt(v):.2f}" for v in axes.values)
    return node("ellipse", cx=cx, cy=cy, rx=rx, ry=ry, transform=f"rotate({-axes.angle:.2f} {cx} {cy})", **given)
