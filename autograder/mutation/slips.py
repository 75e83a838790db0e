"""What goes wrong in numerical code: each slip turns a node of a syntax tree into the nodes someone may have meant."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

__all__ = ["SLIPS"]

Nodes = Iterator[ast.AST]

OPERATORS: dict[type[ast.operator], ast.operator] = {
    ast.Add: ast.Sub(),
    ast.Sub: ast.Add(),
    ast.Mult: ast.Div(),
    ast.Div: ast.Mult(),
    ast.FloorDiv: ast.Div(),
    ast.Pow: ast.Mult(),
    ast.MatMult: ast.Mult(),
    ast.BitAnd: ast.BitOr(),
    ast.BitOr: ast.BitAnd(),
}
COMPARISONS: dict[type[ast.cmpop], tuple[ast.cmpop, ...]] = {
    ast.Lt: (ast.LtE(), ast.GtE()),
    ast.LtE: (ast.Lt(), ast.Gt()),
    ast.Gt: (ast.GtE(), ast.LtE()),
    ast.GtE: (ast.Gt(), ast.Lt()),
    ast.Eq: (ast.NotEq(),),
    ast.NotEq: (ast.Eq(),),
}
PAIRS = ("mean sum", "max min", "any all", "zeros ones", "std var", "argmax argmin", "append extend")
TWINS = {a: b for pair in PAIRS for a, b in (pair.split(), pair.split()[::-1])}


def sign(node: ast.AST) -> Nodes:
    """Lose a minus or a ``not``, or put a minus before the result."""
    match node:
        case ast.UnaryOp(operand=operand):
            yield operand
        case ast.Return(value=ast.BinOp() | ast.Call() | ast.Name() as value):
            yield ast.Return(ast.UnaryOp(ast.USub(), value))


def operator(node: ast.AST) -> Nodes:
    """Put ``+`` for ``-``, ``*`` for ``/``, ``@`` or ``**``, and ``=`` for ``+=``."""
    match node:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            yield ast.BinOp(left, OPERATORS[type(op)], right)
        case ast.AugAssign(target=target, op=op, value=value) if type(op) in OPERATORS:
            yield ast.AugAssign(target, OPERATORS[type(op)], value)
            yield ast.Assign([target], value, lineno=0)


def swap(node: ast.AST) -> Nodes:
    """Exchange operands, neighbouring arguments or results."""
    match node:
        case ast.BinOp(left=left, op=ast.Sub() | ast.Div() | ast.MatMult() | ast.Pow() as op, right=right):
            yield ast.BinOp(right, op, left)
        case ast.Call(func=func, args=args, keywords=keywords):
            for swapped in _swapped(args):
                yield ast.Call(func, swapped, keywords)
        case ast.Tuple(elts=elts, ctx=ast.Load()):
            for swapped in _swapped(elts):
                yield ast.Tuple(swapped, ast.Load())


def _swapped(items: list[ast.expr]) -> Iterator[list[ast.expr]]:
    for k in range(len(items) - 1):
        yield [*items[:k], items[k + 1], items[k], *items[k + 2 :]]


def comparison(node: ast.AST) -> Nodes:
    """Put ``<=`` for ``<``, turn it round, put ``or`` for ``and``."""
    match node:
        case ast.Compare(left=left, ops=[op], comparators=comparators):
            for other in COMPARISONS.get(type(op), ()):
                yield ast.Compare(left, [other], comparators)
        case ast.BoolOp(op=op, values=values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)


def condition(node: ast.AST) -> Nodes:
    """Exchange the two branches."""
    match node:
        case ast.If(test=test, body=body, orelse=orelse):
            yield ast.If(ast.UnaryOp(ast.Not(), test), body, orelse)
        case ast.IfExp(test=test, body=then, orelse=other):
            yield ast.IfExp(ast.UnaryOp(ast.Not(), test), then, other)


def constant(node: ast.AST) -> Nodes:
    """Miss a number by one, a fraction by a factor of two, ``True`` by ``False``; default arguments too."""
    match node:
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield ast.Constant(value + 1)
            yield ast.UnaryOp(ast.USub(), ast.Constant(1)) if value == 0 else ast.Constant(value - 1)
        case ast.Constant(value=float(value)):
            yield ast.Constant(2 * value if value else 1.0)
            if value:
                yield ast.Constant(value / 2)


def bound(node: ast.AST) -> Nodes:
    """Let a loop or a slice end, or begin, one too early or too late."""
    match node:
        case ast.Call(func=ast.Name(id="range"), args=args, keywords=[]):
            k = min(1, len(args) - 1)  # where the stop stands
            for moved in _moved(args[k]):
                yield ast.Call(node.func, [*args[:k], moved, *args[k + 1 :]], [])
        case ast.Slice(lower=lower, upper=upper, step=step):
            for moved in _moved(upper):
                yield ast.Slice(lower, moved, step)
            for moved in _moved(lower):
                yield ast.Slice(moved, upper, step)


def _moved(place: ast.expr | None) -> Iterator[ast.expr]:
    if place is not None and not isinstance(place, ast.Constant):  # see `constant`
        yield ast.BinOp(place, ast.Add(), ast.Constant(1))
        yield ast.BinOp(place, ast.Sub(), ast.Constant(1))


def keyword(node: ast.AST) -> Nodes:
    """Take the other ``axis``, or forget a keyword; `constant` turns true and false."""
    if not isinstance(node, ast.Call):
        return
    for k, given in enumerate(node.keywords):
        rest = node.keywords[:k], node.keywords[k + 1 :]
        if isinstance(given.value, ast.Constant) and isinstance(given.value.value, bool):
            continue
        if given.arg == "axis" and isinstance(given.value, ast.Constant):
            axis = given.value.value  # None is all of them
            turned = 0 if axis is None else 1 - axis % 2  # type: ignore[operator]
            other = ast.keyword("axis", ast.Constant(turned))
            yield ast.Call(node.func, node.args, [*rest[0], other, *rest[1]])
        yield ast.Call(node.func, node.args, [*rest[0], *rest[1]])


def call(node: ast.AST) -> Nodes:
    """Leave out ``.copy()``, ``.T``, ``np.sqrt(…)``, ``reversed(…)``: what they are applied to stays."""
    match node:
        case ast.Attribute(value=value, attr="T"):
            yield value
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id="np")) | ast.Attribute(value=ast.Attribute()), args=[argument]
        ):
            yield argument
        case ast.Call(func=ast.Attribute(value=value), args=[]):
            yield value
        case ast.Call(func=ast.Name(id=name), args=[argument]) if name not in ("range", "len"):
            yield argument


def twin(node: ast.AST) -> Nodes:
    """Take a function for its sister: ``sum`` for ``mean``, ``min`` for ``max``."""
    match node:
        case ast.Call(func=ast.Attribute(value=value, attr=attr), args=args, keywords=keywords) if attr in TWINS:
            yield ast.Call(ast.Attribute(value, TWINS[attr], ast.Load()), args, keywords)


def dropped(node: ast.AST) -> Nodes:
    """Forget a statement, where what is left may still run: no name goes missing."""
    match node:
        case ast.AugAssign() | ast.Expr() | ast.For() | ast.While() | ast.If() | ast.Break() | ast.Continue():
            yield ast.Pass()
        case ast.Assign(targets=targets, value=value):
            names = {
                n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
            }
            used = {n.id for n in ast.walk(value) if isinstance(n, ast.Name)}
            if names <= used:  # an attribute, an entry, or names that had a value before
                yield ast.Pass()


#: Every slip under its name, in the order in which they are tried on a node.
SLIPS: dict[str, Callable[[ast.AST], Nodes]] = {
    slip.__name__: slip
    for slip in (
        sign, operator, swap, comparison, condition, constant, bound, keyword, call, twin, dropped,
    )
}  # fmt: skip
