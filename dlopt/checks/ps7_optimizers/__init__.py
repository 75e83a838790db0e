"""Problem set 7, momentum and adaptive methods: what is right.

Every step of these methods depends on the gradients alone. So gradients are prepared, and the steps written as
sums over the whole past, or the decisions of a method are drawn first and the gradients made so that they are taken:
no optimizer is written here, and torch is not needed (the tests compare two hundred updates with it).
"""

from dlopt.checks.ps7_optimizers._adam import Adam, AMSGrad
from dlopt.checks.ps7_optimizers._momentum import Momentum, Nesterov
from dlopt.checks.ps7_optimizers._quickprop import Quickprop
from dlopt.checks.ps7_optimizers._rprop import Rprop
from dlopt.checks.ps7_optimizers._scaled import AdaGrad, RMSprop

__all__ = ["AMSGrad", "AdaGrad", "Adam", "Momentum", "Nesterov", "Quickprop", "RMSprop", "Rprop"]
