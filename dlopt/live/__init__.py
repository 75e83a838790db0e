"""Live figures: the same picture in Jupyter, on the site without a kernel, and on paper.

``live.QuadraticDescent()`` as the last line of a cell shows it.
"""

from .gradient_flow import GradientFlow
from .line_search import LineSearch
from .quadratic_descent import QuadraticDescent
from .rate_curve import RateCurve
from .softmax_margin import SoftmaxMargin
from .spoiler import Spoiler

__all__ = ["GradientFlow", "LineSearch", "QuadraticDescent", "RateCurve", "SoftmaxMargin", "Spoiler"]
