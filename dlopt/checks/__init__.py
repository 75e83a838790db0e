"""Checks: one module per problem set says what is right, the rest of the package says how it is told.

A check cell holds one line, ``check.quadratic(quadratic)``. The way of that line, left to right:

``case`` (inputs and what is known about them) → ``trials`` (each case once, many in one exchange) → ``trial`` (one
guarded call of the student's function) → ``expect`` (a property holds, or a `Failure` says why not) → ``diagnose``
(which generic slip would explain it) → ``report`` (the table, and the points).

No answer to an exercise is written here: expected values come from the construction of the case
(a matrix is built from the spectrum that the student has to find), from scipy or torch, or from a
property that the right answer has.
"""

from dlopt.checks.case import Case
from dlopt.checks.diagnose import diagnose
from dlopt.checks.exercise import Exercise, Property
from dlopt.checks.expect import Failure
from dlopt.checks.report import Report, Row

__all__ = ["Case", "Exercise", "Failure", "Property", "Report", "Row", "diagnose"]
