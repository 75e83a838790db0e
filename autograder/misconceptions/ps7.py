"""Problem set 7: right answers in several styles, and the mistakes people make with optimizers."""

from __future__ import annotations

import copy
import math
import warnings
from collections import deque

import numpy as np

from autograder.misconceptions import Table

TABLE = Table()
right, wrong = TABLE.right, TABLE.wrong

# ruff: noqa: D101, D102, D103 - the name given to each answer says what it is
# mypy: disable-error-code="no-untyped-def,no-untyped-call,type-arg,has-type,var-annotated,attr-defined,misc,call-arg"


def entries(array):
    """Every index of an array, also of one without axes."""
    return list(np.ndindex(np.shape(array)))


SHARED = "Your state stands in the class, not in the object: two optimizers alive at once overwrite each other's. State belongs on self."
ALIASED = "You keep the caller's own grad array. It may be filled with the next gradient before you look at it again: keep a copy of its numbers."
IN_PLACE = "You write into the caller's theta. They may still need it, and a read-only one stops your code. Results are new arrays."
OWN_THETA = "You go on from a theta that you have kept. It comes in with every call, and the caller may have moved it in between."

# ---------------------------------------------------------------------------------------------- Momentum


@right("Momentum")
class MomentumPlain:
    def __init__(self, lr, alpha):
        self.lr, self.alpha = lr, alpha
        self.velocity = 0.0

    def update(self, theta, grad):
        self.velocity = self.alpha * self.velocity - self.lr * grad
        return theta + self.velocity


@right("Momentum")
class MomentumInLoops:
    """Entry by entry, with an array of its own that it writes into."""

    def __init__(self, lr, alpha):
        print("momentum", alpha)
        self.lr, self.alpha = float(lr), float(alpha)
        self.m = None

    def update(self, theta, grad):
        if self.m is None:
            self.m = np.zeros(theta.shape, order="F")
        new = np.array(theta)
        for index in entries(theta):
            self.m[index] *= self.alpha
            self.m[index] -= self.lr * grad[index]
            new[index] += self.m[index]
        return new


@right("Momentum")
class MomentumLikeTorch:
    """The library's form: the step size is multiplied when the velocity is used."""

    def __init__(self, lr, alpha):
        warnings.warn("the same path while lr stays", stacklevel=1)
        self.settings = {"lr": lr, "mu": alpha}
        self.state = {}

    def update(self, theta, grad):
        b = self.state.get("b")
        b = grad.copy() if b is None else self.settings["mu"] * b + grad
        self.state["b"] = b
        return np.subtract(theta, self.settings["lr"] * b)


@right("Momentum")
class MomentumByDifferences:
    """The velocity is what it moved last; theta itself is not remembered."""

    def __init__(self, lr, alpha):
        self.lr, self.alpha, self.moved = lr, alpha, []

    def update(self, theta, grad):
        carried = self.alpha * self.moved.pop() if self.moved else np.zeros_like(theta)
        self.moved.append(carried - self.lr * np.asarray(grad))
        return theta + self.moved[-1]


@wrong(
    "Momentum",
    "an average instead of a sum",
    "You weigh the new gradient with 1 − α, as in an average. Here the gradient comes in with η alone, and steps along a steady slope become 1/(1 − α) times as long.",
    loses=["momentum_start", "momentum_walk"],
)
class MomentumAverage(MomentumPlain):
    def update(self, theta, grad):
        return super().update(theta, (1 - self.alpha) * grad)


@wrong(
    "Momentum",
    "uphill",
    "You add the gradient: the ball rolls uphill. A gradient points where the loss grows.",
    loses=["momentum_start", "momentum_walk"],
)
class MomentumUphill(MomentumPlain):
    def update(self, theta, grad):
        return super().update(theta, -grad)


@wrong(
    "Momentum",
    "no memory",
    "Your velocity is forgotten between two updates, which leaves gradient descent. What must survive the call belongs on self.",
    loses=["momentum_walk"],
)
class MomentumForgetful(MomentumPlain):
    def update(self, theta, grad):
        return theta - self.lr * grad


@wrong(
    "Momentum",
    "the velocity of before",
    "You move theta first and the velocity afterwards, so that every gradient counts one update late.",
    loses=["momentum_start", "momentum_walk"],
)
class MomentumLate(MomentumPlain):
    def update(self, theta, grad):
        new = theta + self.velocity
        super().update(theta, grad)
        return new


@wrong(
    "Momentum",
    "the new gradient fades as well",
    "You multiply by α after the gradient came in, so that it, too, loses a share before it has moved anything. Only the old velocity fades.",
    loses=["momentum_start", "momentum_walk"],
)
class MomentumFadesAll(MomentumPlain):
    def update(self, theta, grad):
        self.velocity = self.alpha * (self.velocity - self.lr * grad)
        return theta + self.velocity


@wrong(
    "Momentum",
    "Nesterov's step",
    "You take the step of Nesterov's method as libraries write it, α once more on the new velocity. Here theta moves by the velocity itself.",
    loses=["momentum_start", "momentum_walk"],
)
class MomentumNesterov(MomentumPlain):
    def update(self, theta, grad):
        super().update(theta, grad)
        return theta + self.alpha * self.velocity - self.lr * grad


@wrong(
    "Momentum",
    "damped from the second gradient on",
    "Your first gradient counts in full and all later ones with 1 − α, a library's dampening. Here every gradient comes in with η.",
    loses=["momentum_walk"],
)
class MomentumDampened(MomentumPlain):
    def update(self, theta, grad):
        seen = isinstance(self.velocity, np.ndarray | np.float64)
        return super().update(theta, (1 - self.alpha) * grad if seen else grad)


@wrong(
    "Momentum",
    "corrected like Adam's",
    "You divide the velocity by 1 − αᵗ, or by a sum of weights: that makes an average of it. The velocity is a sum, and it may grow.",
    loses=["momentum_walk"],
)
class MomentumCorrected(MomentumPlain):
    def __init__(self, lr, alpha):
        super().__init__(lr, alpha)
        self.total = 0.0

    def update(self, theta, grad):
        super().update(theta, grad)
        self.total = self.alpha * self.total + 1
        return theta + self.velocity / self.total


@wrong("Momentum", "state shared by all objects", SHARED, loses=["momentum_state"])
class MomentumShared:
    velocity = 0.0

    def __init__(self, lr, alpha):
        self.lr, self.alpha = lr, alpha
        MomentumShared.velocity = 0.0

    def update(self, theta, grad):
        MomentumShared.velocity = self.alpha * MomentumShared.velocity - self.lr * grad
        return theta + MomentumShared.velocity


@wrong("Momentum", "theta written into", IN_PLACE, loses=["momentum_arrays", "inputs_unchanged"])
class MomentumInPlace(MomentumPlain):
    def update(self, theta, grad):
        super().update(theta, grad)
        theta += self.velocity
        return theta


@wrong("Momentum", "the caller's gradient kept", ALIASED, loses=["momentum_arrays"])
class MomentumAliased(MomentumLikeTorch):
    def update(self, theta, grad):
        b = self.state.get("b")
        self.state["b"] = grad if b is None else self.settings["mu"] * b + grad
        return theta - self.settings["lr"] * self.state["b"]


@wrong("Momentum", "a theta of its own", OWN_THETA, loses=["momentum_state"])
class MomentumOwnTheta(MomentumPlain):
    theta = None

    def update(self, theta, grad):
        self.theta = super().update(theta if self.theta is None else self.theta, grad)
        return np.array(self.theta)


@wrong(
    "Momentum",
    "for arrays with one axis only",
    "You go through theta with len(theta), which is its first axis: a number without axes has none. Arrays add up whatever their shape.",
    loses=["momentum_shapes"],
)
class MomentumOneAxis(MomentumPlain):
    def update(self, theta, grad):
        self.velocity = self.velocity if isinstance(self.velocity, np.ndarray) else np.zeros(np.shape(theta))
        for i in range(len(theta)):
            self.velocity[i] = self.alpha * self.velocity[i] - self.lr * grad[i]
        return theta + self.velocity


# ---------------------------------------------------------------------------------------------- Nesterov


@right("Nesterov")
class NesterovPlain(MomentumPlain):
    def lookahead(self, theta):
        return theta + self.alpha * self.velocity


@right("Nesterov")
class NesterovInLoops(MomentumInLoops):
    def lookahead(self, theta):
        ahead = theta.copy()
        if self.m is not None:
            for index in entries(theta):
                ahead[index] += self.alpha * self.m[index]
        return ahead


@right("Nesterov")
class NesterovLikeTorch(MomentumLikeTorch):
    """A buffer without the step size; where there is none yet, a copy."""

    def lookahead(self, theta):
        if "b" not in self.state:
            return np.array(theta, copy=True)
        return theta - np.multiply(self.settings["mu"] * self.settings["lr"], self.state["b"])


@right("Nesterov")
class NesterovOfItsOwn:
    def __init__(self, lr, alpha):
        self.lr, self.alpha = lr, alpha

    def _velocity(self, like):
        return getattr(self, "m", np.zeros_like(like))

    def update(self, theta, grad):
        self.m = np.add(np.multiply(self._velocity(theta), self.alpha), np.multiply(grad, -self.lr))
        return np.add(theta, self.m)

    def lookahead(self, theta):
        return np.add(theta, np.multiply(self._velocity(theta), self.alpha))


@wrong(
    "Nesterov",
    "looks a whole velocity ahead",
    "You look a whole velocity ahead. Only the share α of it survives the update, and that is how far theta would coast.",
    loses=["nesterov_lookahead"],
)
class NesterovWhole(NesterovPlain):
    def lookahead(self, theta):
        return theta + self.velocity


@wrong(
    "Nesterov",
    "looks back",
    "You look back along the velocity. The point asked for is where theta is about to go.",
    loses=["nesterov_lookahead"],
)
class NesterovBack(NesterovPlain):
    def lookahead(self, theta):
        return theta - self.alpha * self.velocity


@wrong(
    "Nesterov",
    "does not look",
    "Your lookahead returns theta where it is. Then the method is plain momentum: the look ahead is all that Nesterov adds.",
    loses=["nesterov_lookahead"],
)
class NesterovBlind(NesterovPlain):
    def lookahead(self, theta):
        return np.array(theta)


@wrong(
    "Nesterov",
    "the step size in the look as well",
    "You multiply the look by η, which is in the velocity already. (In a form where the velocity is without η it belongs there.)",
    loses=["nesterov_lookahead"],
)
class NesterovTwiceScaled(NesterovPlain):
    def lookahead(self, theta):
        return theta + self.lr * self.alpha * self.velocity


@wrong(
    "Nesterov",
    "the look without the step size",
    "Your velocity is without η, as in a lecture's form, and so is your look: it reaches 1/η times too far. In units of theta the velocity has η in it.",
    loses=["nesterov_lookahead"],
)
class NesterovUnscaled(NesterovPlain):
    def lookahead(self, theta):
        return theta + self.alpha * (self.velocity / self.lr)


@wrong(
    "Nesterov",
    "looking moves the ball",
    "Your lookahead changes the velocity, so that the update fades it once more. A look is a question: it may change nothing.",
    loses=["nesterov_looking"],
)
class NesterovMoving(NesterovPlain):
    def __init__(self, lr, alpha):
        super().__init__(lr, alpha)
        self.looked = False

    def lookahead(self, theta):
        if not self.looked:
            self.velocity = self.alpha * self.velocity
        ahead = theta + self.velocity
        self.looked = not self.looked
        return ahead

    def update(self, theta, grad):
        if self.looked:
            self.looked = False
            self.velocity = self.velocity - self.lr * grad
            return theta + self.velocity
        return super().update(theta, grad)


@wrong(
    "Nesterov",
    "the library's update",
    "Your update is the library's, which moves the point looked at. Here theta moves by the velocity, and the look is a method of its own.",
    loses=["nesterov_start", "nesterov_walk"],
)
class NesterovLibrary(NesterovPlain):
    def update(self, theta, grad):
        super().update(theta, grad)
        return theta + self.alpha * self.velocity - self.lr * grad


@wrong(
    "Nesterov",
    "an average instead of a sum",
    "You weigh the new gradient with 1 − α, as in an average. Here it comes in with η alone, as in the exercise before.",
    loses=["nesterov_start", "nesterov_walk", "nesterov_lookahead"],
)
class NesterovAverage(NesterovPlain):
    def update(self, theta, grad):
        return super().update(theta, (1 - self.alpha) * grad)


@wrong("Nesterov", "state shared by all objects", SHARED, loses=["nesterov_state"])
class NesterovShared(MomentumShared):
    def lookahead(self, theta):
        return theta + self.alpha * MomentumShared.velocity


@wrong(
    "Nesterov",
    "theta handed back by the first look",
    "Before the first update your lookahead returns the caller's own theta. Results are new arrays: whoever goes on writing into theta would move the point as well.",
    loses=["nesterov_arrays"],
)
class NesterovHandsBack(NesterovPlain):
    def lookahead(self, theta):
        return theta if isinstance(self.velocity, float) and self.velocity == 0.0 else super().lookahead(theta)


@wrong("Nesterov", "theta written into", IN_PLACE, loses=["nesterov_arrays", "inputs_unchanged"])
class NesterovInPlace(NesterovPlain):
    def update(self, theta, grad):
        super().update(theta, grad)
        theta += self.velocity
        return theta


@wrong("Nesterov", "a theta of its own", OWN_THETA, loses=["nesterov_state"])
class NesterovOwnTheta(NesterovPlain):
    theta = None

    def update(self, theta, grad):
        self.theta = super().update(theta if self.theta is None else self.theta, grad)
        return np.array(self.theta)
