"""Claims: a number the book prints, held against what theory says, while the book is built.

A chapter writes ``check("Q3", measured=…, theory=…, rtol=1e-6)``. When the claim holds, a badge with
both numbers appears under the cell, and the build collects it into the page "What this book checked".
When it does not hold, the cell fails, and with it the build.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

from dlopt import syllabus

__all__ = ["Claim", "ClaimFailed", "check"]

BOUNDS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
SIGNS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥"}  # how a bound is printed

# Styled in place, in the colours of its surroundings: the same badge stands on the site, in JupyterLab
# and in an exported notebook, light or dark, where none of our style sheets is.
BADGE = (
    "display:flex;flex-wrap:wrap;gap:.1em 1em;align-items:baseline;margin:.5em 0;padding:.3em .8em;"
    "border:1px solid #2da44e;border-left-width:5px;border-radius:4px;font-size:.9em;line-height:1.5"
)


class ClaimFailed(AssertionError):  # noqa: N818 - it reads as a sentence where it is raised
    """A claim does not hold; the message says which, by how much, and how much was allowed."""


@dataclass(frozen=True)
class Claim:
    """A number, what it is compared with, and how.

    Attributes
    ----------
    id : str
        Row of the syllabus, ``"Q3"``.
    part : str
        Which of several checks of the row; empty when there is one.
    measured, theory : float
        The number computed by the chapter, and what theory or the paper says.
    relation : str
        ``"≈"``, or one of ``"<"``, ``"<="``, ``">"``, ``">="``: measured *relation* theory.
    tolerance : float or None
        Largest ``|measured − theory|`` allowed where the relation is ``"≈"``.

    Examples
    --------
    >>> claim = Claim("Q3", "best rate", measured=0.8181, theory=0.8182, relation="≈", tolerance=1e-3)
    >>> claim.passed
    True
    >>> print(claim)
    Q3 · best rate: measured 0.8181 ≈ theory 0.8182 (off by 0.0001, allowed 0.001)
    """

    id: str
    part: str
    measured: float
    theory: float
    relation: str
    tolerance: float | None

    @property
    def passed(self) -> bool:
        """Whether the relation holds."""
        if self.tolerance is None:
            return BOUNDS[self.relation](self.measured, self.theory)
        return abs(self.measured - self.theory) <= self.tolerance

    @property
    def name(self) -> str:
        """Id and part, as they are printed."""
        return f"{self.id} · {self.part}" if self.part else self.id

    @property
    def anchor(self) -> str:
        """Name of the badge's place on its page, for links."""
        slug = re.sub(r"\W+", "-", self.part.lower()).strip("-")
        return "-".join(filter(None, ["claim", self.id, slug]))

    @property
    def sign(self) -> str:
        """The relation as it is printed; ``=`` where nothing but equality is allowed."""
        if self.tolerance is None:
            return SIGNS[self.relation]
        return "≈" if self.tolerance > 0 else "="

    @property
    def margin(self) -> str:
        """How far the numbers are apart, and how far they may be; empty for a bound."""
        if not self.tolerance:
            return ""
        return f"off by {_short(abs(self.measured - self.theory), 2)}, allowed {_short(self.tolerance, 2)}"

    def __str__(self) -> str:
        margin = f" ({self.margin})" if self.margin else ""
        return f"{self.name}: measured {_short(self.measured)} {self.sign} theory {_short(self.theory)}{margin}"

    def record(self) -> dict[str, Any]:
        """Return the claim as plain data, as ``claims.json`` lists it (the build adds the chapter)."""
        return {
            "id": self.id,
            "part": self.part,
            "measured": self.measured,
            "theory": self.theory,
            "relation": self.relation,
            "tolerance": self.tolerance,
            "passed": self.passed,
        }

    def _repr_html_(self) -> str:
        margin = f'<span style="opacity:.75">{self.margin}</span>' if self.margin else ""
        return (
            f'<div class="dlopt-claim" id="{self.anchor}" role="note" '
            f'aria-label="Checked claim {escape(self.name)}" style="{BADGE}">'
            f'<span><span aria-hidden="true">✓</span> <strong>{escape(self.name)}</strong></span>'
            f"<span>measured <strong>{_short(self.measured)}</strong> {escape(self.sign)} "
            f"theory <strong>{_short(self.theory)}</strong></span>{margin}</div>"
        )


def check(
    id: str,
    *,
    measured: Any,
    theory: Any,
    rtol: float | None = None,
    atol: float | None = None,
    bound: str | None = None,
    part: str = "",
) -> None:
    """Hold a measured number against theory; show a badge when it holds, fail when it does not.

    With ``rtol`` or ``atol`` (or both), ``|measured − theory| ≤ atol + rtol·|theory|``; with ``bound``,
    ``measured bound theory``.

    Parameters
    ----------
    id : str
        Row of the syllabus, ``"Q3"``.
    measured, theory : scalar
        A finite number each: Python's, numpy's, or a tensor holding one.
    rtol, atol : float, optional
        Relative and absolute tolerance, ≥ 0. ``atol=0`` asks for equality, as for counts.
    bound : {"<", "<=", ">", ">="}, optional
        Instead of a tolerance.
    part : str
        Which check of the row this is, in a few words; each part of a row once per chapter.

    Raises
    ------
    ClaimFailed
        When the claim does not hold, or ``measured`` is NaN or infinite.
    ValueError, TypeError
        When the question makes no sense: unknown id, no tolerance, something else than one number.

    Examples
    --------
    >>> check("Q3", measured=0.5, theory=0.5, rtol=1e-6)
    >>> check("Q4", measured=3, theory=1, atol=0, part="steps at κ = 1")
    Traceback (most recent call last):
        ...
    dlopt.claims.ClaimFailed: Claim Q4 · steps at κ = 1 does not hold: measured 3 should equal theory 1.
    """
    row = syllabus.row(id)
    if not isinstance(part, str) or not part.isprintable() or len(part) > 80:
        raise ValueError(f"Claim {id}: part must be one line of at most 80 characters, got {part!r}.")
    name = f"{id} · {part}" if part else id
    value, target = _number(name, "measured", measured), _number(name, "theory", theory)
    if not math.isfinite(target):
        raise ValueError(f"Claim {name}: theory must be finite, got {target}.")
    relation, tolerance = _relation(name, target, rtol, atol, bound)
    if not math.isfinite(value):
        raise ClaimFailed(f"Claim {name} does not hold: measured is {value}, theory {_short(target)}.")
    claim = Claim(row.id, part, value, target, relation, tolerance)
    if not claim.passed:
        raise ClaimFailed(_sentence(claim))
    _show(claim)


def _number(name: str, role: str, value: Any) -> float:
    """Take the one real number out of ``value``, whatever library made it."""
    if not isinstance(value, int | float) and getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool):
        raise TypeError(f"Claim {name}: {role} must be a number, not {value}; give a count or a distance.")
    if not isinstance(value, int | float):
        shape = getattr(value, "shape", None)
        what = type(value).__name__ + (f" of shape {tuple(shape)}" if shape is not None else "")
        raise TypeError(f"Claim {name}: {role} must be one real number, got {what}.")
    return float(value)


def _relation(
    name: str, theory: float, rtol: float | None, atol: float | None, bound: str | None
) -> tuple[str, float | None]:
    """Return relation and allowed difference."""
    given = {"rtol": rtol, "atol": atol}
    tolerances = {key: _number(name, key, value) for key, value in given.items() if value is not None}
    if bound is not None:
        if tolerances:
            raise ValueError(f"Claim {name}: give a bound or a tolerance, not both.")
        if bound not in BOUNDS:
            raise ValueError(f"Claim {name}: bound must be one of {', '.join(BOUNDS)}, got {bound!r}.")
        return bound, None
    if not tolerances:
        raise ValueError(f"Claim {name}: how close is close enough? Give rtol=, atol= or bound=.")
    for key, value in tolerances.items():
        if not 0 <= value < math.inf:
            raise ValueError(f"Claim {name}: {key} must be finite and ≥ 0, got {value}.")
    return "≈", tolerances.get("atol", 0.0) + tolerances.get("rtol", 0.0) * abs(theory)


def _sentence(claim: Claim) -> str:
    """Say by how much the claim fails."""
    start = f"Claim {claim.name} does not hold: measured {_short(claim.measured)} should "
    theory = f"theory {_short(claim.theory)}"
    if claim.tolerance is None:
        return f"{start}be {claim.sign} {theory}."
    if claim.tolerance == 0:
        return f"{start}equal {theory}."
    off = abs(claim.measured - claim.theory)
    return f"{start}be within {_short(claim.tolerance, 3)} of {theory}; it is off by {_short(off, 3)}."


def _short(value: float, digits: int = 6) -> str:
    return f"{value:.{digits}g}".replace("-", "−")


def _show(claim: Claim) -> None:
    """Display the badge, with the record beside it where the build finds it; nothing outside IPython."""
    from IPython import get_ipython
    from IPython.display import display

    if get_ipython() is None:
        return
    data = {"text/plain": f"Checked claim {claim}", "text/html": claim._repr_html_()}
    # myst-nb keeps every output so marked in <page>.glue.json, on cached builds too
    glue = {"name": f"claim:{claim.id}:{claim.part}", "mime_prefix": ""}
    metadata = {"scrapbook": glue, "dlopt_claim": claim.record()}
    display(data, raw=True, metadata=metadata)  # type: ignore[no-untyped-call]
