"""Problem set 2, quadratic convergence: what is right.

Expected values come from ``_cases``: each matrix is built from its spectrum, so that losses, minimisers and paths are
known in closed form; line searches are solved by scipy's root finder, rates by its singular values.
"""

from dlopt.checks.ps2_quadratics._critical import classify_critical_point, newton_step
from dlopt.checks.ps2_quadratics._curvature import (
    condition_number,
    convergence_rate,
    optimal_learning_rate,
    to_eigenbasis,
)
from dlopt.checks.ps2_quadratics._descent import exact_line_search, gradient_descent, quadratic

__all__ = [
    "classify_critical_point",
    "condition_number",
    "convergence_rate",
    "exact_line_search",
    "gradient_descent",
    "newton_step",
    "optimal_learning_rate",
    "quadratic",
    "to_eigenbasis",
]
