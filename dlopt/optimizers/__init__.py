"""Methods that the lectures name and `torch.optim` lacks, or writes in another form; all are ``torch.optim.Optimizer``.

Taken from torch as they stand: ``SGD``, ``Adagrad``, ``RMSprop``, ``Adam`` (with ``amsgrad=True`` for AMSGrad),
``Rprop`` and ``LBFGS``. From scipy: BFGS (``scipy.optimize.minimize``). Here is what is left:

=====================  ==================================================================================
`HeavyBall`            momentum as the lectures write it: the step size is inside the velocity
`Nesterov`             the gradient is taken at the look-ahead point, by a closure
`SignSteps`            Rprop that adapts the step sizes and does nothing else
`BacktrackingRprop`    Rprop that takes an overshoot back
`Quickprop`            a secant for every coordinate
`LateAdaGrad`          AdaGrad whose sum stops before the gradient at hand
`RootedRMSprop`        RMSprop with ε under the root
`NesterovRMSprop`      RMSprop with the gradient at the look-ahead point
`Newton`               the Hessian, damped on demand
`LevenbergMarquardt`   JᵀJ in the place of the Hessian of a sum of squares, damped as needed
=====================  ==================================================================================
"""

from dlopt.optimizers._adaptive import LateAdaGrad, NesterovRMSprop, RootedRMSprop
from dlopt.optimizers._coordinates import BacktrackingRprop, Quickprop, SignSteps
from dlopt.optimizers._curvature import LevenbergMarquardt, Newton
from dlopt.optimizers._momentum import HeavyBall, Nesterov

__all__ = [
    "BacktrackingRprop",
    "HeavyBall",
    "LateAdaGrad",
    "LevenbergMarquardt",
    "Nesterov",
    "NesterovRMSprop",
    "Newton",
    "Quickprop",
    "RootedRMSprop",
    "SignSteps",
]
