"""Live figures: the same picture in Jupyter, on the site without a kernel, and on paper.

``live.QuadraticDescent()`` as the last line of a cell shows it.
"""

from .batch_coupling import BatchCoupling
from .gradient_flow import GradientFlow
from .line_search import LineSearch
from .quadratic_descent import QuadraticDescent
from .rank_collapse import RankCollapse
from .rate_curve import RateCurve

__all__ = ["BatchCoupling", "GradientFlow", "LineSearch", "QuadraticDescent", "RankCollapse", "RateCurve"]
