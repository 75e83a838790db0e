"""Problem set 4, initialization: what is right.

Random weights are judged by what they must have in common, whatever was drawn in which order (``_weights``). Signals
are followed unit by unit, and back by complex steps (``_chain``): no layer of matrices and no backward pass is written
here, and torch is not needed.
"""

from dlopt.checks.ps4_initialization._backward import backward_variances
from dlopt.checks.ps4_initialization._forward import forward_variances
from dlopt.checks.ps4_initialization._initializers import he_normal, lecun_normal, xavier_normal, xavier_uniform

__all__ = [
    "backward_variances",
    "forward_variances",
    "he_normal",
    "lecun_normal",
    "xavier_normal",
    "xavier_uniform",
]
