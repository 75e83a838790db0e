"""Mutants of a solution: the same code with one small slip in it, made on its syntax tree.

Kept tools were tried and do not fit: mutmut and cosmic-ray rewrite files and judge by the exit code of a test run,
where here the source is a notebook cell and the verdict is points; their operators know no axis, transpose, copy or
order of arguments, and cosmic-ray puts ``>>`` for ``-``, which raises at once and makes any check look good.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from autograder.mutation.slips import SLIPS

__all__ = ["Mutant", "mutants"]


@dataclass(frozen=True)
class Mutant:
    """One mutant of one solution.

    Parameters
    ----------
    name : str
        The statement before and after, behind the method it stands in: ``"forward: y = x + 1 → y = x - 1"``. It holds
        no line number, so it stays the same while other lines come and go.
    kind : str
        Which of `SLIPS` made it.
    source : str
        The whole mutated code.
    """

    name: str
    kind: str
    source: str


def mutants(source: str) -> list[Mutant]:
    r"""Return every mutant of a piece of code, in the order of the code and then of `SLIPS`.

    Examples
    --------
    >>> for mutant in mutants("def half(x):\n    return x / 2"):
    ...     print(f"{mutant.kind}: {mutant.name}")
    sign: return x / 2 → return -(x / 2)
    operator: return x / 2 → return x * 2
    swap: return x / 2 → return 2 / x
    constant: return x / 2 → return x / 3
    constant: return x / 2 → return x / 1
    """
    tree = ast.parse(source)
    for node in ast.walk(tree):
        _forget_docstring(node)
    found: list[Mutant] = []
    seen, names = {ast.unparse(tree)}, Counter[str]()
    for place in _places(tree):
        before, node = place.line(), place.node
        for kind, slip in SLIPS.items():
            for other in slip(node):
                with place.holding(other):
                    mutated, after = ast.unparse(tree), place.line()
                if mutated in seen:
                    continue
                seen.add(mutated)
                name = f"{place.scope}{before} → {after}"
                names[name] += 1
                found.append(Mutant(name if names[name] == 1 else f"{name} ({names[name]})", kind, mutated))
    return found


@dataclass
class _Place:
    """A place in the tree where a node can be replaced, and the statement and method around it."""

    owner: ast.AST
    field: str
    index: int | None  # in a list of children
    statement: ast.AST
    scope: str

    @property
    def node(self) -> ast.AST:
        child = getattr(self.owner, self.field)
        found: ast.AST = child if self.index is None else child[self.index]
        return found

    @contextmanager
    def holding(self, other: ast.AST) -> Iterator[None]:
        before = self.node
        self._put(other)
        try:
            yield
        finally:
            self._put(before)

    def _put(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.owner, self.field, node)
        else:
            getattr(self.owner, self.field)[self.index] = node

    def line(self) -> str:
        """Write the statement as it stands; of a loop, a condition or a function only the head."""
        statement = self.node if isinstance(self.node, ast.stmt) else self.statement
        return "(dropped)" if isinstance(statement, ast.Pass) else ast.unparse(statement).splitlines()[0]


def _places(node: ast.AST, statement: ast.AST | None = None, scope: str = "") -> Iterator[_Place]:
    """Yield every place below a node, parents first."""
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list"):
            continue
        children = value if isinstance(value, list) else [value]
        for index, child in enumerate(children):
            if not isinstance(child, ast.AST):
                continue
            around = child if isinstance(child, ast.stmt) or statement is None else statement
            yield _Place(node, field, index if isinstance(value, list) else None, around, scope)
            if isinstance(child, ast.keyword) and child.arg == "axis":
                continue  # its number is no constant like others: see `slips`
            inside = (
                f"{child.name}: " if isinstance(node, ast.ClassDef) and isinstance(child, ast.FunctionDef) else scope
            )
            yield from _places(child, around, inside)


def _forget_docstring(node: ast.AST) -> None:
    """Take the docstring out: names and sources need none."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
        node.body = node.body[1:] or [ast.Pass()]
