"""Live figures: the same picture in Jupyter, on the site without a kernel, and on paper.

``live.QuadraticDescent()`` as the last line of a cell shows it.
"""

from .gradient_flow import GradientFlow
from .line_search import LineSearch
from .newton_surface import NewtonSurface
from .quadratic_descent import QuadraticDescent
from .rate_curve import RateCurve
from .softmax_margin import SoftmaxMargin
from .spoiler import Spoiler
from .whitened_cloud import WhitenedCloud
from .whitened_turn import WhitenedTurn
from .whitening_strength import WhiteningStrength

__all__ = [
    "GradientFlow",
    "LineSearch",
    "NewtonSurface",
    "QuadraticDescent",
    "RateCurve",
    "SoftmaxMargin",
    "Spoiler",
    "WhitenedCloud",
    "WhitenedTurn",
    "WhiteningStrength",
]
