"""Live figures: the same picture in Jupyter, on the site without a kernel, and on paper.

``live.QuadraticDescent()`` as the last line of a cell shows it.
"""

from .arena import Arena
from .backprop_steps import BackpropSteps
from .batch_coupling import BatchCoupling
from .clipped_cliff import ClippedCliff
from .decaying_steps import DecayingSteps
from .difference_step import DifferenceStep
from .fan_balance import FanBalance
from .gradient_flow import GradientFlow
from .line_search import LineSearch
from .momentum_plane import MomentumPlane
from .newton_surface import NewtonSurface
from .noisy_bowl import NoisyBowl
from .quadratic_descent import QuadraticDescent
from .rank_collapse import RankCollapse
from .rate_curve import RateCurve
from .signal_depth import SignalDepth
from .softmax_margin import SoftmaxMargin
from .spoiler import Spoiler
from .stage_learning import StageLearning
from .unit_swap import UnitSwap
from .whitened_cloud import WhitenedCloud
from .whitened_turn import WhitenedTurn
from .whitening_strength import WhiteningStrength

__all__ = [
    "Arena",
    "BackpropSteps",
    "BatchCoupling",
    "ClippedCliff",
    "DecayingSteps",
    "DifferenceStep",
    "FanBalance",
    "GradientFlow",
    "LineSearch",
    "MomentumPlane",
    "NewtonSurface",
    "NoisyBowl",
    "QuadraticDescent",
    "RankCollapse",
    "RateCurve",
    "SignalDepth",
    "SoftmaxMargin",
    "Spoiler",
    "StageLearning",
    "UnitSwap",
    "WhitenedCloud",
    "WhitenedTurn",
    "WhiteningStrength",
]
