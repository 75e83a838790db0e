"""One student's code as an example of a mistake, without what could tell whose it is."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Sequence

from autograder.judge import harmless
from autograder.report.pseudonyms import without_names
from autograder.report.submissions import Submission

__all__ = ["bare_code", "example"]

MAX_LINES = 30


def example(submission: Submission, exercise: str, hidden: Sequence[str]) -> str:
    """Return the code of one exercise; without comments, docstrings and names where names are hidden.

    Parameters
    ----------
    submission : Submission
        Whose.
    exercise : str
        Its answer cell has the exercise's name.
    hidden : sequence of str
        All names that must not appear; empty where names are shown.
    """
    source = submission.answers.get(exercise, "")
    text = without_names(bare_code(source), hidden) if hidden else source
    lines = harmless.text(text).rstrip().split("\n")
    return "\n".join(lines[:MAX_LINES] + (["…"] if len(lines) > MAX_LINES else []))


def bare_code(source: str) -> str:
    r"""Return what of some code computes something: no comments, no strings that stand alone.

    Code that is no plain Python is not shown at all, for its comments cannot be told from it.

    Examples
    --------
    >>> bare_code('def f(x):\n    "by Ada"\n    return x  # Ada')
    'def f(x):\n    return x'
    >>> bare_code("%matplotlib inline")
    ''
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # SyntaxWarning: a student's "\d" is nothing to us
            tree = ast.parse(source)
        for node in ast.walk(tree):
            body = getattr(node, "body", None)
            if isinstance(body, list):
                node.body = [s for s in body if not _is_text(s)] or [ast.Pass()]  # type: ignore[attr-defined]
        return ast.unparse(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )
