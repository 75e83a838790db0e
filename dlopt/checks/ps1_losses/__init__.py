"""Problem set 1, losses: what is right.

Values come from scipy's special functions and sparse matrices, derivatives from complex steps through them, and what
a perceptron does from its own answers on more and more samples: no gradient and no learning rule is written here.
"""

from dlopt.checks.ps1_losses._entropy import cross_entropy, cross_entropy_grad
from dlopt.checks.ps1_losses._labels import one_hot
from dlopt.checks.ps1_losses._perceptron import perceptron
from dlopt.checks.ps1_losses._softmax import log_softmax, softmax, softmax_jacobian
from dlopt.checks.ps1_losses._squared import mse, mse_grad

__all__ = [
    "cross_entropy",
    "cross_entropy_grad",
    "log_softmax",
    "mse",
    "mse_grad",
    "one_hot",
    "perceptron",
    "softmax",
    "softmax_jacobian",
]
