"""Contour lines of any function of the plane, by marching squares; the twin of ``_field.js``."""

import itertools
import math
from collections.abc import Callable

from ._svg import Plot

Line = list[tuple[float, float]]


def level_lines(f: Callable[[float, float], float], reach: float, n: int, level: float) -> list[Line]:
    """Lines where f(x, y) = level, on an n × n grid over [−reach, reach]².

    Parameters
    ----------
    f : callable
        Function of two numbers.
    reach : float
        Half the side of the square.
    n : int
        Cells per side.
    level : float
        The height of the lines.

    Returns
    -------
    list of list of tuple of float
        One list of points per line, higher ground on its left; a closed line ends with its first point.

    Examples
    --------
    >>> [line] = level_lines(lambda x, y: x + y, 1, 1, 0)
    >>> line
    [(-1.0, 1.0), (1.0, -1.0)]
    """

    def at(i: int) -> float:
        return (2 * reach * i) / n - reach

    grid = [[f(at(i), at(j)) - level for i in range(n + 1)] for j in range(n + 1)]
    following: dict[int, int] = {}  # an edge is 2(i + j(n + 1)), plus 1 where it goes up
    for j in range(n):
        for i in range(n):
            high = [v >= 0 for v in (grid[j][i], grid[j][i + 1], grid[j + 1][i + 1], grid[j + 1][i])]
            first = 2 * (i + j * (n + 1))
            edges = (first, first + 3, first + 2 * (n + 1), first + 1)
            for k in range(4):
                if high[k] or not high[(k + 1) % 4]:
                    continue
                m = k + 1
                while high[(m + 1) % 4]:
                    m += 1
                following[edges[m % 4]] = edges[k]

    def point(edge: int) -> tuple[float, float]:
        j, i = divmod(edge >> 1, n + 1)
        k, m = (i, j + 1) if edge % 2 else (i + 1, j)
        share = grid[j][i] / (grid[j][i] - grid[m][k])
        return at(i) + share * (at(k) - at(i)), at(j) + share * (at(m) - at(j))

    reached = set(following.values())
    lines = []
    for first in [edge for edge in following if edge not in reached] + list(following):  # open lines from their ends
        line, edge = [], first if first in following else None
        while edge is not None:
            line.append(point(edge))
            edge = following.pop(edge, None)
        lines += [line] if line else []
    return lines


def outline(plot: Plot, lines: list[Line]) -> str:
    """Write lines as a path's ``d``, rounded off: a parabola from the middle of each segment to the middle of the next.

    In whole tenths of a pixel and relative, which is short; scale it by 0.1. Corners are even, so that their middles
    are exact: T takes the last corner's mirror image in the last middle, which is the next corner.
    """
    d = ""
    for line in lines:
        spots = [(_even(plot.x(x)), _even(plot.y(y))) for x, y in line]
        middles = [((a + c) // 2, (b + e) // 2) for (a, b), (c, e) in itertools.pairwise(spots)]
        closed = spots[0] == spots[-1]
        if closed:
            middles.append(middles[0])
        moves = [f"{c - a},{e - b}" for (a, b), (c, e) in itertools.pairwise(middles)]
        (u, v), (a, b) = spots[1], middles[0]
        bend = f"q{u - a},{v - b} {moves[0]}{'t' * (len(moves) > 1)}{' '.join(moves[1:])}" if moves else ""
        (p, q), (r, s) = spots[0], spots[-1]
        d += f"M{a},{b}{bend}" if closed else f"M{p},{q}L{a},{b}{bend}L{r},{s}"
    return d


def _even(pixels: float) -> int:
    return 2 * math.floor(5 * pixels + 0.5)
