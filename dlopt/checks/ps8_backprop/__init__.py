"""Problem set 8, backpropagation: what is right.

Values come from scipy, derivatives from complex steps and difference quotients of them: no backward pass is written
here, and torch is not needed. Exercises that build on others are tried on a network of ours as well (see ``_inside``).
"""

from dlopt.checks.ps8_backprop._activations import ReLU, Sigmoid, Tanh
from dlopt.checks.ps8_backprop._differences import numerical_gradient
from dlopt.checks.ps8_backprop._linear import Linear
from dlopt.checks.ps8_backprop._losses import MSELoss, SoftmaxCrossEntropy
from dlopt.checks.ps8_backprop._network import MLP
from dlopt.checks.ps8_backprop._training import train

__all__ = [
    "MLP",
    "Linear",
    "MSELoss",
    "ReLU",
    "Sigmoid",
    "SoftmaxCrossEntropy",
    "Tanh",
    "numerical_gradient",
    "train",
]
