"""Live figures: the same picture in Jupyter, on the site without a kernel, and on paper.

``live.QuadraticDescent()`` as the last line of a cell shows it.
"""

from .decaying_steps import DecayingSteps
from .gradient_flow import GradientFlow
from .line_search import LineSearch
from .noisy_bowl import NoisyBowl
from .quadratic_descent import QuadraticDescent
from .rate_curve import RateCurve

__all__ = ["DecayingSteps", "GradientFlow", "LineSearch", "NoisyBowl", "QuadraticDescent", "RateCurve"]
