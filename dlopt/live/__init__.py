"""Live figures: the same picture in Jupyter, on the site without a kernel, and on paper.

``live.QuadraticDescent()`` as the last line of a cell shows it.
"""

from .backprop_steps import BackpropSteps
from .batch_coupling import BatchCoupling
from .decaying_steps import DecayingSteps
from .difference_step import DifferenceStep
from .fan_balance import FanBalance
from .gradient_flow import GradientFlow
from .line_search import LineSearch
from .newton_surface import NewtonSurface
from .noisy_bowl import NoisyBowl
from .quadratic_descent import QuadraticDescent
from .rank_collapse import RankCollapse
from .rate_curve import RateCurve
from .signal_depth import SignalDepth
from .softmax_margin import SoftmaxMargin
from .spoiler import Spoiler
from .whitened_cloud import WhitenedCloud
from .whitened_turn import WhitenedTurn
from .whitening_strength import WhiteningStrength

__all__ = [
    "BackpropSteps",
    "BatchCoupling",
    "DecayingSteps",
    "DifferenceStep",
    "FanBalance",
    "GradientFlow",
    "LineSearch",
    "NewtonSurface",
    "NoisyBowl",
    "QuadraticDescent",
    "RankCollapse",
    "RateCurve",
    "SignalDepth",
    "SoftmaxMargin",
    "Spoiler",
    "WhitenedCloud",
    "WhitenedTurn",
    "WhiteningStrength",
]
