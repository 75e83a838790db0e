"""Live figures: the same picture in Jupyter, on the site without a kernel, and on paper.

``live.QuadraticDescent()`` as the last line of a cell shows it.
"""

from .fan_balance import FanBalance
from .gradient_flow import GradientFlow
from .line_search import LineSearch
from .quadratic_descent import QuadraticDescent
from .rate_curve import RateCurve
from .signal_depth import SignalDepth

__all__ = ["FanBalance", "GradientFlow", "LineSearch", "QuadraticDescent", "RateCurve", "SignalDepth"]
