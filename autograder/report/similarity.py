"""Which submissions have long stretches of code in common, compared as MOSS compares them.

Code is reduced to its shape by copydetect (names become ``V``, strings ``S``, comments vanish) and cut into
overlapping pieces of `K` characters. Pieces of the release and pieces that much of the class has do not count. Every
piece is compared, so that a report made twice says the same. What is found is a reason to look, and proves nothing:
short exercises have few right answers, and friends may explain things to each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from copydetect.utils import filter_code
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

__all__ = ["Cluster", "clusters", "pieces"]

K = 25  #: characters of reduced code in a piece: about two lines
COMMON = 0.25  #: a piece that more than this share of the class has is how one writes it
AT_LEAST = 80  #: pieces two submissions must share; fewer are a coincidence
ALIKE = 0.7  #: share of the smaller one's pieces from which on two submissions are shown together
LONGEST = 20_000  #: characters of a submission that are compared; honest ones have a few thousand


@dataclass(frozen=True)
class Cluster:
    """Submissions that belong together.

    Parameters
    ----------
    students : tuple of str
        Whose.
    share : float
        The largest share of rare pieces that two of them have in common.
    pieces : int
        How many pieces these two share.
    """

    students: tuple[str, ...]
    share: float
    pieces: int


def pieces(code: str) -> frozenset[str]:
    r"""Return all pieces of K characters of the shape of some code.

    Examples
    --------
    >>> code = "def f(x, y):\n    total = x + y * 2\n    return total / (1 + x) - y"
    >>> renamed = code.replace("total", "s").replace("x", "first") + "  # mine"
    >>> pieces(code) == pieces(renamed) != frozenset()
    True
    """
    shape = str(filter_code(code[:LONGEST], "answers.py", "python")[0])
    return frozenset(shape[i : i + K] for i in range(len(shape) - K + 1))


def clusters(answers: Mapping[str, str], release: str) -> list[Cluster]:
    """Group submissions whose rare code is alike.

    Parameters
    ----------
    answers : mapping of str to str
        Each student's code, all answers together.
    release : str
        What everybody received; does not count.

    Returns
    -------
    list of Cluster
        The most alike first.
    """
    students, ours = sorted(answers), pieces(release)
    found = [pieces(answers[student]) - ours for student in students]
    counts = Counter(piece for mine in found for piece in mine)
    usual = max(2, COMMON * len(students))
    rare = [[piece for piece in mine if counts[piece] <= usual] for mine in found]
    numbers = {piece: n for n, piece in enumerate(sorted({p for mine in rare for p in mine if counts[p] > 1}))}
    if not numbers:
        return []
    rows = [n for n, mine in enumerate(rare) for piece in mine if piece in numbers]
    columns = [numbers[piece] for mine in rare for piece in mine if piece in numbers]
    has = csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(students), len(numbers)))
    shared = (has @ has.T).tocoo()  # (students, students): pieces in common
    sizes = np.array([max(len(mine), 1) for mine in rare])
    alike = shared.data / np.minimum(sizes[shared.row], sizes[shared.col])
    keep = (shared.row < shared.col) & (shared.data >= AT_LEAST) & (alike >= ALIKE)
    first, second, alike, common = shared.row[keep], shared.col[keep], alike[keep], shared.data[keep]
    graph = csr_matrix((alike, (first, second)), shape=(len(students), len(students)))
    group = connected_components(graph, directed=False)[1]
    result = []
    for label in sorted(set(group[first].tolist())):
        pairs = np.flatnonzero(group[first] == label)
        best = pairs[np.lexsort((common[pairs], alike[pairs]))[-1]]
        members = tuple(students[n] for n in np.flatnonzero(group == label))
        result.append(Cluster(members, float(alike[best]), int(common[best])))
    return sorted(result, key=lambda cluster: (-cluster.share, cluster.students))
