"""Problem set 10, loss landscapes: what is right.

Networks, points on a line and clipped gradients are drawn first, and put back to where they came from, so that no
value here comes from an answer. A mask is judged by whom it keeps, a walk by whether it follows from itself, and random
Hessians by shares that are known exactly. The written proof is for a person to grade.
"""

from dlopt.checks.ps10_landscapes._clip import clip_by_norm
from dlopt.checks.ps10_landscapes._line import interpolate
from dlopt.checks.ps10_landscapes._mask import magnitude_mask
from dlopt.checks.ps10_landscapes._modes import mode_strength
from dlopt.checks.ps10_landscapes._permute import permute_hidden
from dlopt.checks.ps10_landscapes._rescale import rescale_relu
from dlopt.checks.ps10_landscapes._saddles import random_hessian_saddle_fraction

__all__ = [
    "clip_by_norm",
    "interpolate",
    "magnitude_mask",
    "mode_strength",
    "permute_hidden",
    "random_hessian_saddle_fraction",
    "rescale_relu",
]
