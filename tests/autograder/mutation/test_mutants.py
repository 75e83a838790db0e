"""Mutants of small functions: each slip is made where it can be made, under a name that says what happened."""

import ast

import pytest

from autograder.mutation.mutants import mutants
from autograder.mutation.slips import SLIPS


def function(*lines: str) -> str:
    return "\n    ".join(["def f(x, y, n):", *lines])


def made(kind: str, *lines: str) -> list[str]:
    """Return the names of the mutants of one kind."""
    return [mutant.name for mutant in mutants(function(*lines)) if mutant.kind == kind]


CASES = [
    ("sign", "return -x", "return -x → return x"),
    ("sign", "return not x", "return not x → return x"),
    ("sign", "return x", "return x → return -x"),
    ("sign", "return x + y", "return x + y → return -(x + y)"),
    ("operator", "return x + y", "return x + y → return x - y"),
    ("operator", "return x * y", "return x * y → return x / y"),
    ("operator", "return x @ y", "return x @ y → return x * y"),
    ("operator", "return x**2", "return x ** 2 → return x * 2"),
    ("operator", "x += y", "x += y → x -= y"),
    ("operator", "x += y", "x += y → x = y"),
    ("swap", "return x - y", "return x - y → return y - x"),
    ("swap", "return x @ y", "return x @ y → return y @ x"),
    ("swap", "return np.outer(x, y)", "return np.outer(x, y) → return np.outer(y, x)"),
    ("swap", "return x, y, n", "return (x, y, n) → return (x, n, y)"),
    ("comparison", "return x <= y", "return x <= y → return x < y"),
    ("comparison", "return x <= y", "return x <= y → return x > y"),
    ("comparison", "return x and y", "return x and y → return x or y"),
    ("condition", "return x if n else y", "return x if n else y → return x if not n else y"),
    ("condition", "if n: return x", "if n: → if not n:"),
    ("constant", "return x[0]", "return x[0] → return x[1]"),
    ("constant", "return x[0]", "return x[0] → return x[-1]"),
    ("constant", "return 0.5 * x", "return 0.5 * x → return 1.0 * x"),
    ("constant", "return 0.5 * x", "return 0.5 * x → return 0.25 * x"),
    ("constant", "return np.zeros(n) + 0.0", "return np.zeros(n) + 0.0 → return np.zeros(n) + 1.0"),
    ("constant", "return x.sum(keepdims=True)", "return x.sum(keepdims=True) → return x.sum(keepdims=False)"),
    ("bound", "for k in range(n): x(k)", "for k in range(n): → for k in range(n + 1):"),
    ("bound", "for k in range(n): x(k)", "for k in range(n): → for k in range(n - 1):"),
    ("bound", "for k in range(0, n): x(k)", "for k in range(0, n): → for k in range(0, n - 1):"),
    ("bound", "return x[y:n]", "return x[y:n] → return x[y:n + 1]"),
    ("bound", "return x[y:n]", "return x[y:n] → return x[y - 1:n]"),
    ("keyword", "return x.sum(axis=0)", "return x.sum(axis=0) → return x.sum(axis=1)"),
    ("keyword", "return x.sum(axis=1)", "return x.sum(axis=1) → return x.sum(axis=0)"),
    ("keyword", "return x.sum(axis=-1)", "return x.sum(axis=-1) → return x.sum()"),
    ("keyword", "return x.sum(axis=None)", "return x.sum(axis=None) → return x.sum(axis=0)"),
    ("keyword", "return x.var(ddof=1)", "return x.var(ddof=1) → return x.var()"),
    ("call", "return x.copy()", "return x.copy() → return x"),
    ("call", "return x.T @ y", "return x.T @ y → return x @ y"),
    ("call", "return np.sqrt(x)", "return np.sqrt(x) → return x"),
    ("call", "return np.linalg.norm(x)", "return np.linalg.norm(x) → return x"),
    ("call", "for k in reversed(x): y(k)", "for k in reversed(x): → for k in x:"),
    ("twin", "return x.mean()", "return x.mean() → return x.sum()"),
    ("twin", "return np.ones(n)", "return np.ones(n) → return np.zeros(n)"),
    ("dropped", "x -= y", "x -= y → (dropped)"),
    ("dropped", "x = x - y", "x = x - y → (dropped)"),
    ("dropped", "x[0] = y", "x[0] = y → (dropped)"),
    ("dropped", "x.append(y)", "x.append(y) → (dropped)"),
    ("dropped", "if n: x = y", "if n: → (dropped)"),
]


@pytest.mark.parametrize(("kind", "line", "name"), CASES, ids=lambda v: v)
def test_a_slip_is_made(kind, line, name):
    assert name in made(kind, line)


def test_every_slip_has_a_case():
    assert {kind for kind, _, _ in CASES} == set(SLIPS)


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("dropped", "z = x - y"),  # z would be missing: that is no slip, and says nothing about a check
        ("call", "return range(n)"),
        ("operator", "return x % y"),
        ("constant", "return 'minimum'"),
        ("constant", "return x.sum(axis=0)"),  # the axis is a slip of its own
    ],
)
def test_what_says_nothing_about_a_check_is_not_made(kind, line):
    assert made(kind, line) == []


def test_default_arguments_are_mutated_too():
    names = [mutant.name for mutant in mutants("def f(x, eps=1e-5):\n    return x")]
    assert names[:2] == ["def f(x, eps=1e-05): → def f(x, eps=2e-05):", "def f(x, eps=1e-05): → def f(x, eps=5e-06):"]


def test_a_name_says_which_method_and_which_of_two_equal_lines():
    body = "\n    def {}(self, x):\n        x += 1\n        x += 1\n"
    names = [mutant.name for mutant in mutants("class A:" + body.format("f") + body.format("g")) if "-=" in mutant.name]
    line = "x += 1 → x -= 1"
    assert names == [f"f: {line}", f"f: {line} (2)", f"g: {line}", f"g: {line} (2)"]


SOURCE = function('"""Docstring."""', "total = 0.0", "for k in range(n):", "    total += x[k] @ y", "return total / n")


def test_names_are_unique_and_no_mutant_comes_twice_or_is_the_code_itself():
    found = mutants(SOURCE)
    assert len({mutant.name for mutant in found}) == len(found) > 10
    sources = {mutant.source for mutant in found}
    assert len(sources) == len(found)
    assert ast.unparse(ast.parse(SOURCE.replace('"""Docstring."""', "pass"))) not in sources


def test_every_mutant_compiles_and_the_list_is_always_the_same():
    for mutant in mutants(SOURCE):
        compile(mutant.source, "mutant", "exec")
    assert mutants(SOURCE) == mutants(SOURCE)


def test_comments_docstrings_and_empty_lines_leave_the_names_alone():
    plain = [mutant.name for mutant in mutants(SOURCE)]
    other = SOURCE.replace("Docstring.", "Another.").replace("total = 0.0", "total = 0.0  # a comment\n\n")
    assert [mutant.name for mutant in mutants(other)] == plain
