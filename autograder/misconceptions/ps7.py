"""Problem set 7: right answers in several styles, and the mistakes people make with optimizers."""

from __future__ import annotations

import math
import warnings
from collections import deque

import numpy as np

from autograder.misconceptions import Table

TABLE = Table()
right, wrong = TABLE.right, TABLE.wrong

# ruff: noqa: D101, D102, RUF012 - the name given to each answer says what it is
# mypy: disable-error-code="no-untyped-def,no-untyped-call,type-arg,has-type,var-annotated,attr-defined,misc,call-arg,assignment,index,arg-type,operator"


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
    "You multiply the look by η, which is in the velocity already. Only in a form whose velocity is without η would it belong there.",
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


# ------------------------------------------------------------------------------------------------- Rprop


@right("Rprop")
class RpropPlain:
    def __init__(self, lr, up=1.2, down=0.5, min_step=1e-6, max_step=50.0):
        self.lr, self.up, self.down, self.min_step, self.max_step = lr, up, down, min_step, max_step
        self.size = None

    def first(self, theta):
        if self.size is None:
            self.size = np.full_like(theta, self.lr)
            self.previous = np.zeros_like(theta)

    def resized(self, size, agree):
        factor = np.where(agree > 0, self.up, np.where(agree < 0, self.down, 1.0))
        return np.clip(size * factor, self.min_step, self.max_step)

    def update(self, theta, grad):
        self.first(theta)
        agree = grad * self.previous
        self.size = self.resized(self.size, agree)
        self.previous = np.where(agree < 0, 0.0, grad)
        return theta - np.sign(self.previous) * self.size


@right("Rprop")
class RpropInLoops:
    def __init__(self, lr, up=1.2, down=0.5, min_step=1e-6, max_step=50.0):
        print("resilient")
        self.first, self.factors, self.limits = lr, (down, 1.0, up), (min_step, max_step)
        self.sizes, self.signs = {}, {}

    def update(self, theta, grad):
        new = np.array(theta, order="F")
        for index in entries(theta):
            sign = int(np.sign(grad[index]))
            agree = sign * self.signs.get(index, 0)
            size = self.sizes.get(index, self.first) * self.factors[agree + 1]
            self.sizes[index] = min(max(size, self.limits[0]), self.limits[1])
            if agree < 0:
                sign = 0
            self.signs[index] = sign
            new[index] -= sign * self.sizes[index]
        return new


@right("Rprop")
class RpropWithMasks:
    """Works on a flat copy, where masks are at home, and limits a size only where it has changed."""

    def __init__(self, lr, up=1.2, down=0.5, min_step=1e-6, max_step=50.0):
        warnings.warn("full batches only", stacklevel=1)
        self.settings = dict(lr=lr, up=up, down=down, min_step=min_step, max_step=max_step)
        self.state = None

    def update(self, theta, grad):
        s, g = self.settings, grad.flatten()
        if self.state is None:
            self.state = [np.ones(g.size) * s["lr"], np.zeros(g.size)]
        size, sign = self.state
        same, turned = np.sign(g) == sign, np.sign(g) == -sign
        same, turned = same & (sign != 0), turned & (sign != 0)
        size[same] = np.minimum(s["up"] * size[same], s["max_step"])
        size[turned] = np.maximum(s["down"] * size[turned], s["min_step"])
        g[turned] = 0
        sign[:] = np.sign(g)
        return theta - (sign * size).reshape(theta.shape)


@right("Rprop")
class RpropSteps:
    """Remembers the step it made instead of a sign."""

    def __init__(self, lr, up=1.2, down=0.5, min_step=1e-6, max_step=50.0):
        self.lr, self.up, self.down, self.low, self.high = lr, up, down, min_step, max_step
        self.step = self.size = None

    def update(self, theta, grad):
        step = np.zeros_like(theta) if self.step is None else self.step
        size = self.lr + np.zeros_like(theta) if self.size is None else self.size
        going = -np.sign(grad) * np.sign(step)
        size = size * self.up ** np.maximum(going, 0) * self.down ** np.maximum(-going, 0)
        self.size = np.minimum(np.maximum(size, self.low), self.high)
        self.step = -np.sign(grad) * self.size * (going >= 0)
        return theta + self.step


TURN = ["rprop_turning", "rprop_limits"]


@wrong(
    "Rprop",
    "steps on where the sign has changed",
    "Where the sign has changed you step on at once, with the smaller size: a lecture's form, called Rprop− in the literature. Here theta stands still for that one update.",
    loses=TURN,
)
class RpropMinus(RpropPlain):
    def update(self, theta, grad):
        self.first(theta)
        self.size = self.resized(self.size, grad * self.previous)
        self.previous = np.array(grad)
        return theta - np.sign(grad) * self.size


@wrong(
    "Rprop",
    "stands still but remembers the sign",
    "You stand still where the sign has changed, and remember the new sign. For this update the gradient counts as 0, also for the memory: the next one has nothing to agree with.",
    loses=TURN,
)
class RpropRemembers(RpropPlain):
    def update(self, theta, grad):
        self.first(theta)
        agree = grad * self.previous
        self.size = self.resized(self.size, agree)
        self.previous = np.array(grad)
        return theta - np.where(agree < 0, 0.0, np.sign(grad)) * self.size


@wrong(
    "Rprop",
    "keeps the old sign",
    "Where the sign has changed you keep the old one on record, so that the next gradient disagrees again. The record is 0 after a change.",
    loses=TURN,
)
class RpropKeepsOld(RpropPlain):
    def update(self, theta, grad):
        self.first(theta)
        agree = grad * self.previous
        self.size = self.resized(self.size, agree)
        self.previous = np.where(agree < 0, self.previous, grad)
        return theta - np.where(agree < 0, 0.0, np.sign(grad)) * self.size


@wrong(
    "Rprop",
    "takes the last step back",
    "Where the sign has changed you take the last step back, as in a form with backtracking. Here theta stays where it is.",
    loses=TURN,
)
class RpropBacktracks(RpropPlain):
    def update(self, theta, grad):
        before = getattr(self, "step", np.zeros_like(theta))
        turned = grad * getattr(self, "previous", 0.0) < 0
        new = super().update(theta, grad)
        self.step = new - theta
        return np.where(turned, theta - before, new)


@wrong(
    "Rprop",
    "the size of the gradient counts",
    "You multiply by the gradient itself. Rprop asks only for its sign: on a plateau and on a cliff the step is the same.",
    loses=["rprop_start", "rprop_growing", "rprop_turning", "rprop_zero", "rprop_limits"],
)
class RpropWithGradients(RpropPlain):
    def update(self, theta, grad):
        super().update(theta, grad)
        return theta - self.previous * self.size


@wrong(
    "Rprop",
    "up and down exchanged",
    "Your steps shrink while the sign stays and grow where it changes. An agreement is a reason to be bolder.",
    loses=["rprop_growing", "rprop_turning", "rprop_zero", "rprop_limits"],
)
class RpropExchanged(RpropPlain):
    def __init__(self, lr, up=1.2, down=0.5, min_step=1e-6, max_step=50.0):
        super().__init__(lr, down, up, min_step, max_step)


@wrong(
    "Rprop",
    "no limits",
    "Your sizes grow and shrink without end. min_step and max_step limit them, at every update.",
    loses=["rprop_limits"],
)
class RpropUnlimited(RpropPlain):
    def __init__(self, lr, up=1.2, down=0.5, min_step=1e-6, max_step=50.0):
        super().__init__(lr, up, down, 0.0, np.inf)


@wrong(
    "Rprop",
    "no smallest step",
    "You limit large steps only. Below min_step a coordinate would take for ever to get going again.",
    loses=["rprop_limits"],
)
class RpropWithoutLow(RpropPlain):
    def __init__(self, lr, up=1.2, down=0.5, min_step=1e-6, max_step=50.0):
        super().__init__(lr, up, down, 0.0, max_step)


@wrong(
    "Rprop",
    "limits on the signed step",
    "You limit the signed step. For a step that goes down, the smallest size then reverses its direction, and the largest limits nothing: limits belong on the size.",
    loses=["rprop_start", "rprop_growing", "rprop_turning", "rprop_zero", "rprop_limits"],
)
class RpropSignedLimits(RpropPlain):
    def update(self, theta, grad):
        self.first(theta)
        agree = grad * self.previous
        self.size = self.size * np.where(agree > 0, self.up, np.where(agree < 0, self.down, 1.0))
        self.previous = np.where(agree < 0, 0.0, grad)
        step = np.clip(-np.sign(self.previous) * self.size, self.min_step, self.max_step)
        return theta + np.where(self.previous == 0, 0.0, step)


@wrong(
    "Rprop",
    "one size for all coordinates",
    "You keep one size for the whole of theta. Every coordinate has its own: that is the point of the method.",
    loses=["rprop_turning", "rprop_zero"],
)
class RpropOneSize(RpropPlain):
    def resized(self, size, agree):
        factor = self.up if np.sum(agree) > 0 else self.down if np.sum(agree) < 0 else 1.0
        return np.clip(size * factor, self.min_step, self.max_step)


@wrong(
    "Rprop",
    "grows before the first step",
    "Your first step is lr·up already. The first gradient has no predecessor to agree with.",
    loses=["rprop_start", "rprop_growing", "rprop_turning", "rprop_zero", "rprop_limits"],
)
class RpropGrowsAtOnce(RpropPlain):
    def first(self, theta):
        if self.size is None:
            super().first(theta)
            self.size = np.clip(self.size * self.up, self.min_step, self.max_step)


@wrong(
    "Rprop",
    "steps first, adapts afterwards",
    "You step with the size of the update before and adapt it afterwards. The sign at hand decides about the step at hand.",
    loses=["rprop_growing", "rprop_turning", "rprop_zero", "rprop_limits"],
)
class RpropLate(RpropPlain):
    def update(self, theta, grad):
        self.first(theta)
        before = self.size
        super().update(theta, grad)
        return theta - np.sign(self.previous) * before


@wrong(
    "Rprop",
    "0 counts as an agreement",
    "Your sizes grow also where the product of the two gradients is 0. A sign of 0, or one that was forgotten, agrees with nothing.",
    loses=["rprop_start", "rprop_growing", "rprop_turning", "rprop_zero", "rprop_limits"],
)
class RpropZeroAgrees(RpropPlain):
    def resized(self, size, agree):
        return np.clip(size * np.where(agree >= 0, self.up, self.down), self.min_step, self.max_step)


@wrong(
    "Rprop",
    "0 counts as a disagreement",
    "Your sizes shrink wherever the signs do not agree, also next to a gradient of 0. Only a change of sign shrinks them.",
    loses=["rprop_start", "rprop_growing", "rprop_turning", "rprop_zero", "rprop_limits"],
)
class RpropZeroDisagrees(RpropPlain):
    def resized(self, size, agree):
        return np.clip(size * np.where(agree > 0, self.up, self.down), self.min_step, self.max_step)


@wrong(
    "Rprop",
    "a sign of 0 is not remembered",
    "After a gradient of 0 you go on comparing with the sign before it. In the convention graded here a 0 is remembered like any other gradient.",
    loses=["rprop_zero"],
)
class RpropSkipsZero(RpropPlain):
    def update(self, theta, grad):
        self.first(theta)
        before = self.previous
        new = super().update(theta, grad)
        self.previous = np.where(grad == 0, before, self.previous)
        return new


@wrong("Rprop", "state shared by all objects", SHARED, loses=["rprop_state"])
class RpropShared(RpropPlain):
    shared: dict = {}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        RpropShared.shared.clear()

    def update(self, theta, grad):
        self.size, self.previous = self.shared.get("now", (None, None))
        new = super().update(theta, grad)
        self.shared["now"] = self.size, self.previous
        return new


@wrong(
    "Rprop",
    "the caller's gradient set to 0",
    "Where the sign has changed you write a 0 into the caller's grad. It is theirs, and a read-only one stops your code: work on a copy.",
    loses=["inputs_unchanged"],
)
class RpropZeroesTheirs(RpropPlain):
    def update(self, theta, grad):
        self.first(theta)
        turned = grad * self.previous < 0
        new = super().update(theta, grad)
        grad[turned] = 0.0
        return new


@wrong("Rprop", "the caller's gradient kept", ALIASED, loses=["rprop_arrays"])
class RpropAliased(RpropPlain):
    def update(self, theta, grad):
        self.first(theta)
        agree = grad * self.previous
        self.size = self.resized(self.size, agree)
        self.previous = np.where(agree < 0, 0.0, grad) if np.any(agree < 0) else grad
        return theta - np.sign(self.previous) * self.size


@wrong(
    "Rprop",
    "masks that need an axis",
    "You write behind a mask into an array that a product of two numbers does not give: without axes numpy makes a scalar of it. np.where works for any shape.",
    loses=["rprop_shapes"],
)
class RpropMasks(RpropPlain):
    def resized(self, size, agree):
        factor = np.sign(agree)
        factor[factor > 0] = self.up
        factor[factor < 0] = self.down
        factor[factor == 0] = 1.0
        return np.clip(size * factor, self.min_step, self.max_step)


# ----------------------------------------------------------------------------------------------- AdaGrad


@right("AdaGrad")
class AdaGradPlain:
    def __init__(self, lr, delta=1e-10):
        self.lr, self.delta = lr, delta
        self.sum = 0.0

    def update(self, theta, grad):
        self.sum = self.sum + grad**2
        return theta - self.lr * grad / (np.sqrt(self.sum) + self.delta)


@right("AdaGrad")
class AdaGradInLoops:
    def __init__(self, lr, delta=1e-10):
        print("adaptive")
        self.settings, self.r = (lr, delta), None

    def update(self, theta, grad):
        if self.r is None:
            self.r = np.zeros(grad.shape, order="F")
        new = np.empty(theta.shape)
        for index in entries(theta):
            self.r[index] += grad[index] * grad[index]
            new[index] = theta[index] - self.settings[0] * grad[index] / (math.sqrt(self.r[index]) + self.settings[1])
        return new


@right("AdaGrad")
class AdaGradByLengths:
    """Remembers the root instead of the sum: a root of squares is a hypotenuse."""

    def __init__(self, lr, delta=1e-10):
        warnings.warn("never forgets", stacklevel=1)
        self.lr, self.delta = lr, delta

    def update(self, theta, grad):
        self.root = np.hypot(getattr(self, "root", np.zeros_like(theta)), grad)
        return np.subtract(theta, np.divide(np.multiply(self.lr, grad), np.add(self.root, self.delta)))


@right("AdaGrad")
class AdaGradOfAllGradients:
    """Keeps every gradient, and sums anew."""

    def __init__(self, lr, delta=1e-10):
        self.lr, self.delta, self.past = lr, delta, deque()

    def update(self, theta, grad):
        self.past.append(grad.copy())
        r = np.einsum("t...,t...->...", np.stack(self.past), np.stack(self.past))
        return theta - np.reciprocal(self.delta + r**0.5) * grad * self.lr


@wrong(
    "AdaGrad",
    "the root forgotten",
    "You divide by the sum of squares itself. Its root has the unit of a gradient, so that the step has none left but η's.",
    loses=["adagrad_start", "adagrad_walk", "adagrad_delta"],
)
class AdaGradRootless(AdaGradPlain):
    def update(self, theta, grad):
        self.sum = self.sum + grad**2
        return theta - self.lr * grad / (self.sum + self.delta)


@wrong(
    "AdaGrad",
    "delta under the root",
    "You add delta under the root. Where gradients are tiny, √δ is far larger than δ, and holds the steps back.",
    loses=["adagrad_delta"],
)
class AdaGradInside(AdaGradPlain):
    def update(self, theta, grad):
        self.sum = self.sum + grad**2
        return theta - self.lr * grad / np.sqrt(self.sum + self.delta)


@wrong(
    "AdaGrad",
    "no delta",
    "You leave delta out, so that a coordinate whose gradients are 0 so far comes out as 0/0.",
    loses=["adagrad_delta"],
)
class AdaGradBare(AdaGradPlain):
    def update(self, theta, grad):
        self.sum = self.sum + grad**2
        return theta - self.lr * grad / np.sqrt(self.sum)


@wrong(
    "AdaGrad",
    "another default for delta",
    "Your delta is right where it is given. Where it is not, the contract says which one to take.",
    loses=["adagrad_delta"],
)
class AdaGradOtherDefault(AdaGradPlain):
    def __init__(self, lr, delta=1e-8):
        super().__init__(lr, delta)


@wrong(
    "AdaGrad",
    "the sum without the gradient at hand",
    "Your sum stops before the gradient at hand, as one lecture writes it. The step is then unbounded when gradients grow, and the first has nothing to be divided by.",
    loses=["adagrad_start", "adagrad_walk", "adagrad_delta"],
)
class AdaGradLate(AdaGradPlain):
    def update(self, theta, grad):
        root = np.sqrt(self.sum) + np.zeros_like(theta)
        self.sum = self.sum + grad**2
        return theta - np.where(root > 0, self.lr * grad / (root + self.delta), 0.0)


@wrong(
    "AdaGrad",
    "a mean instead of a sum",
    "You average the squares instead of adding them up. Then steps never shrink; AdaGrad's fall like 1/√t under a steady gradient.",
    loses=["adagrad_walk", "adagrad_delta"],
)
class AdaGradMean(AdaGradPlain):
    count = 0

    def update(self, theta, grad):
        self.sum = self.sum + grad**2
        self.count += 1
        return theta - self.lr * grad / (np.sqrt(self.sum / self.count) + self.delta)


@wrong(
    "AdaGrad",
    "one sum for all coordinates",
    "You divide every coordinate by the length of the whole gradient. Each has a sum of its own: that is what makes up for their different sizes.",
    loses=["adagrad_start", "adagrad_walk", "adagrad_delta"],
)
class AdaGradNorm(AdaGradPlain):
    def update(self, theta, grad):
        self.sum = self.sum + np.sum(grad**2)
        return theta - self.lr * grad / (np.sqrt(self.sum) + self.delta)


@wrong(
    "AdaGrad",
    "sizes instead of squares",
    "You add up the sizes of the gradients. It is their squares that are added, and the root taken of the sum.",
    loses=["adagrad_walk", "adagrad_delta"],
)
class AdaGradSizes(AdaGradPlain):
    def update(self, theta, grad):
        self.sum = self.sum + np.abs(grad)
        return theta - self.lr * grad / (self.sum + self.delta)


@wrong(
    "AdaGrad",
    "no memory",
    "Your sum holds the gradient at hand only. What must survive the call belongs on self.",
    loses=["adagrad_walk", "adagrad_delta"],
)
class AdaGradForgetful(AdaGradPlain):
    def update(self, theta, grad):
        return theta - self.lr * grad / (np.sqrt(grad**2) + self.delta)


@wrong(
    "AdaGrad",
    "uphill",
    "You add the step: theta climbs. A gradient points where the loss grows.",
    loses=["adagrad_start", "adagrad_walk", "adagrad_delta"],
)
class AdaGradUphill(AdaGradPlain):
    def update(self, theta, grad):
        return super().update(theta, -grad)


@wrong("AdaGrad", "state shared by all objects", SHARED, loses=["adagrad_state"])
class AdaGradShared(AdaGradPlain):
    shared = 0.0

    def __init__(self, lr, delta=1e-10):
        super().__init__(lr, delta)
        AdaGradShared.shared = 0.0

    def update(self, theta, grad):
        self.sum = AdaGradShared.shared
        new = super().update(theta, grad)
        AdaGradShared.shared = self.sum
        return new


@wrong("AdaGrad", "theta written into", IN_PLACE, loses=["adagrad_arrays", "inputs_unchanged"])
class AdaGradInPlace(AdaGradPlain):
    def update(self, theta, grad):
        theta[...] = super().update(theta, grad)
        return theta


@wrong(
    "AdaGrad",
    "the caller's gradient squared in place",
    "You square the gradient where it lies, in the caller's array. It is theirs: grad**2 makes a new one.",
    loses=["inputs_unchanged"],
)
class AdaGradSquaresTheirs(AdaGradPlain):
    def update(self, theta, grad):
        g = np.array(grad)
        grad *= grad
        return super().update(theta, g)


@wrong("AdaGrad", "a theta of its own", OWN_THETA, loses=["adagrad_state"])
class AdaGradOwnTheta(AdaGradPlain):
    theta = None

    def update(self, theta, grad):
        self.theta = super().update(theta if self.theta is None else self.theta, grad)
        return np.array(self.theta)


# ----------------------------------------------------------------------------------------------- RMSprop


@right("RMSprop")
class RMSpropPlain:
    def __init__(self, lr, rho=0.9, eps=1e-8):
        self.lr, self.rho, self.eps = lr, rho, eps
        self.v = 0.0

    def update(self, theta, grad):
        self.v = self.rho * self.v + (1 - self.rho) * grad**2
        return theta - self.lr * grad / (np.sqrt(self.v) + self.eps)


@right("RMSprop")
class RMSpropInLoops:
    def __init__(self, lr, rho=0.9, eps=1e-8):
        print("root mean square")
        self.lr, self.rho, self.eps, self.v = lr, rho, eps, {}

    def update(self, theta, grad):
        new = np.array(theta)
        for index in entries(theta):
            old = self.v.get(index, 0.0)
            self.v[index] = old + (1 - self.rho) * (grad[index] ** 2 - old)
            new[index] -= self.lr * grad[index] / (self.v[index] ** 0.5 + self.eps)
        return new


@right("RMSprop")
class RMSpropInPlace:
    """An array of its own that it writes into."""

    def __init__(self, lr, rho=0.9, eps=1e-8):
        warnings.warn("mind the first step", stacklevel=1)
        self.state = {"lr": lr, "rho": rho, "eps": eps}

    def update(self, theta, grad):
        s = self.state
        v = s.setdefault("v", np.zeros_like(theta))
        v *= s["rho"]
        v += np.einsum(",...,...->...", 1 - s["rho"], grad, grad)
        return theta - s["lr"] * np.divide(grad, np.sqrt(v) + s["eps"])


@right("RMSprop")
class RMSpropBySums:
    """A fading sum, with the share 1 − ρ taken once, at the end."""

    def __init__(self, lr, rho=0.9, eps=1e-8):
        self.lr, self.rho, self.eps, self.sums = float(lr), float(rho), float(eps), []

    def update(self, theta, grad):
        last = self.sums[-1] if self.sums else np.zeros(theta.shape)
        self.sums = [self.rho * last + np.square(grad)]
        root = math.sqrt(1 - self.rho) * np.sqrt(self.sums[0])
        return np.array(theta - self.lr / (root + self.eps) * grad)


ALL_RMS = ["rmsprop_start", "rmsprop_walk", "rmsprop_eps"]


@wrong(
    "RMSprop",
    "eps under the root",
    "You add eps under the root, as one lecture has it. Where gradients are tiny, √ε is far larger than ε, and holds the steps back.",
    loses=["rmsprop_eps"],
)
class RMSpropInside(RMSpropPlain):
    def update(self, theta, grad):
        self.v = self.rho * self.v + (1 - self.rho) * grad**2
        return theta - self.lr * grad / np.sqrt(self.v + self.eps)


@wrong(
    "RMSprop",
    "no eps",
    "You leave eps out, so that a coordinate whose gradients are 0 so far comes out as 0/0.",
    loses=["rmsprop_eps"],
)
class RMSpropBare(RMSpropPlain):
    def update(self, theta, grad):
        self.v = self.rho * self.v + (1 - self.rho) * grad**2
        return theta - self.lr * grad / np.sqrt(self.v)


@wrong(
    "RMSprop",
    "another default for eps",
    "Your eps is right where it is given. Where it is not, the contract says which one to take.",
    loses=["rmsprop_eps"],
)
class RMSpropOtherDefault(RMSpropPlain):
    def __init__(self, lr, rho=0.9, eps=1e-6):
        super().__init__(lr, rho, eps)


@wrong(
    "RMSprop",
    "the library's default for rho",
    "Your rho is right where it is given. Where it is not, you take a library's 0.99; the contract has another number.",
    loses=ALL_RMS,
)
class RMSpropLibraryRho(RMSpropPlain):
    def __init__(self, lr, rho=0.99, eps=1e-8):
        super().__init__(lr, rho, eps)


@wrong(
    "RMSprop",
    "a sum that fades",
    "You add the whole new square to what is left of the old, as one lecture writes it. An average takes the share 1 − ρ of it.",
    loses=ALL_RMS,
)
class RMSpropSum(RMSpropPlain):
    def update(self, theta, grad):
        self.v = self.rho * self.v + grad**2
        return theta - self.lr * grad / (np.sqrt(self.v) + self.eps)


@wrong(
    "RMSprop",
    "the weights exchanged",
    "Your rho weighs the new square. It is what the average keeps of itself: near 1, it forgets slowly.",
    loses=ALL_RMS,
)
class RMSpropExchanged(RMSpropPlain):
    def __init__(self, lr, rho=0.9, eps=1e-8):
        super().__init__(lr, 1 - rho, eps)


@wrong(
    "RMSprop",
    "corrected like Adam's",
    "You correct the average for its start at 0, as Adam does. RMSprop does not, and its first steps are longer for it.",
    loses=ALL_RMS,
)
class RMSpropCorrected(RMSpropPlain):
    count = 0

    def update(self, theta, grad):
        self.count += 1
        self.v = self.rho * self.v + (1 - self.rho) * grad**2
        return theta - self.lr * grad / (np.sqrt(self.v / (1 - self.rho**self.count)) + self.eps)


@wrong(
    "RMSprop",
    "starts at the first square",
    "Your average starts at the first square. It starts at 0, which makes the first step 1/√(1 − ρ) times as long as η.",
    loses=ALL_RMS,
)
class RMSpropFirstSquare(RMSpropPlain):
    def update(self, theta, grad):
        if isinstance(self.v, float) and self.v == 0.0:
            self.v = grad**2
        return super().update(theta, grad)


@wrong(
    "RMSprop",
    "starts at 1",
    "Your average starts at 1, as some libraries do. It starts at 0.",
    loses=ALL_RMS,
)
class RMSpropFromOne(RMSpropPlain):
    def __init__(self, lr, rho=0.9, eps=1e-8):
        super().__init__(lr, rho, eps)
        self.v = 1.0


@wrong(
    "RMSprop",
    "the root forgotten",
    "You divide by the average of squares itself. Its root has the unit of a gradient, so that the step has none left but η's.",
    loses=ALL_RMS,
)
class RMSpropRootless(RMSpropPlain):
    def update(self, theta, grad):
        self.v = self.rho * self.v + (1 - self.rho) * grad**2
        return theta - self.lr * grad / (self.v + self.eps)


@wrong(
    "RMSprop",
    "the spread around the mean",
    "You take the mean's square off the average, a library's centered form. Here the squares count as they are.",
    loses=ALL_RMS,
)
class RMSpropCentered(RMSpropPlain):
    mean = 0.0

    def update(self, theta, grad):
        self.v = self.rho * self.v + (1 - self.rho) * grad**2
        self.mean = self.rho * self.mean + (1 - self.rho) * grad
        return theta - self.lr * grad / (np.sqrt(self.v - self.mean**2) + self.eps)


@wrong(
    "RMSprop",
    "one average for all coordinates",
    "You divide every coordinate by the same number. Each has an average of its own: that is what makes up for their different sizes.",
    loses=ALL_RMS,
)
class RMSpropNorm(RMSpropPlain):
    def update(self, theta, grad):
        self.v = self.rho * self.v + (1 - self.rho) * np.sum(grad**2)
        return theta - self.lr * grad / (np.sqrt(self.v) + self.eps)


@wrong(
    "RMSprop",
    "never forgets",
    "You add up all squares, as AdaGrad does. Here the old ones fade, so that a burst is forgotten.",
    loses=["rmsprop_start", "rmsprop_walk", "rmsprop_eps"],
)
class RMSpropAdaGrad(RMSpropPlain):
    def update(self, theta, grad):
        self.v = self.v + grad**2
        return theta - self.lr * grad / (np.sqrt(self.v) + self.eps)


@wrong("RMSprop", "state shared by all objects", SHARED, loses=["rmsprop_state"])
class RMSpropShared(RMSpropPlain):
    shared = 0.0

    def __init__(self, lr, rho=0.9, eps=1e-8):
        super().__init__(lr, rho, eps)
        RMSpropShared.shared = 0.0

    def update(self, theta, grad):
        self.v = RMSpropShared.shared
        new = super().update(theta, grad)
        RMSpropShared.shared = self.v
        return new


@wrong("RMSprop", "theta written into", IN_PLACE, loses=["rmsprop_arrays", "inputs_unchanged"])
class RMSpropIntoTheta(RMSpropPlain):
    def update(self, theta, grad):
        theta[...] = super().update(theta, grad)
        return theta


# -------------------------------------------------------------------------------------------------- Adam


@right("Adam")
class AdamPlain:
    def __init__(self, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.m = self.v = 0.0
        self.t = 0

    def average(self, grad):
        self.t += 1
        self.m = self.beta1 * self.m + (1 - self.beta1) * grad
        self.v = self.beta2 * self.v + (1 - self.beta2) * grad**2
        return self.m / (1 - self.beta1**self.t), self.v / (1 - self.beta2**self.t)

    def update(self, theta, grad):
        m, v = self.average(grad)
        return theta - self.lr * m / (np.sqrt(v) + self.eps)


@right("Adam")
class AdamInLoops:
    def __init__(self, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        print("adaptive moments")
        self.lr, self.betas, self.eps = lr, (beta1, beta2), eps
        self.moments, self.t = {}, 0

    def update(self, theta, grad):
        self.t += 1
        new = np.array(theta, order="F")
        for index in entries(theta):
            g, (b1, b2) = float(grad[index]), self.betas
            m, v = self.moments.get(index, (0.0, 0.0))
            m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
            self.moments[index] = m, v
            m_hat, v_hat = m / (1 - math.pow(b1, self.t)), v / (1 - math.pow(b2, self.t))
            new[index] -= self.lr * m_hat / (math.sqrt(v_hat) + self.eps)
        return new


@right("Adam")
class AdamFoldedIntoTheStep:
    """Kingma and Ba's efficient order, with the eps that belongs to it; running products in place of powers."""

    def __init__(self, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        warnings.warn("in place", stacklevel=1)
        self.settings = lr, beta1, beta2, eps
        self.powers = np.ones(2)

    def update(self, theta, grad):
        lr, beta1, beta2, eps = self.settings
        if not hasattr(self, "m"):
            self.m, self.v = np.zeros_like(theta), np.zeros_like(theta)
        self.powers *= beta1, beta2
        self.m += (1 - beta1) * (grad - self.m)
        self.v += (1 - beta2) * (grad * grad - self.v)
        root = math.sqrt(1 - self.powers[1])
        return theta - lr * root / (1 - self.powers[0]) * self.m / (np.sqrt(self.v) + eps * root)


@right("Adam")
class AdamByWeights:
    """Weighted sums over weights: both the averages and what corrects them."""

    def __init__(self, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.betas, self.eps, self.sums = lr, (beta1, beta2), eps, None

    def update(self, theta, grad):
        powers = [np.asarray(grad), np.square(grad)]
        old = self.sums or [(np.zeros(np.shape(theta)), 0.0)] * 2
        self.sums = [(b * s + p, b * w + 1) for b, p, (s, w) in zip(self.betas, powers, old, strict=True)]
        m, v = (s / w for s, w in self.sums)
        return np.subtract(theta, self.lr * np.divide(m, np.add(v**0.5, self.eps)))


ALL_ADAM = ["adam_start", "adam_walk", "adam_eps", "adam_defaults"]
LATER_ADAM = ["adam_walk", "adam_eps", "adam_defaults"]


@wrong(
    "Adam",
    "no correction",
    "You leave both corrections out. The averages start at 0 and are too small at first, m more than √v by default: the first step is 3.2 η.",
    loses=ALL_ADAM,
)
class AdamUncorrected(AdamPlain):
    def update(self, theta, grad):
        self.average(grad)
        return theta - self.lr * self.m / (np.sqrt(self.v) + self.eps)


@wrong(
    "Adam",
    "only the average of squares corrected",
    "You correct v and forget m. Both start at 0, each with its own beta.",
    loses=ALL_ADAM,
)
class AdamOnlySquares(AdamPlain):
    def update(self, theta, grad):
        _, v = self.average(grad)
        return theta - self.lr * self.m / (np.sqrt(v) + self.eps)


@wrong(
    "Adam",
    "only the average of gradients corrected",
    "You correct m and forget v. Both start at 0, each with its own beta.",
    loses=ALL_ADAM,
)
class AdamOnlyGradients(AdamPlain):
    def update(self, theta, grad):
        m, _ = self.average(grad)
        return theta - self.lr * m / (np.sqrt(self.v) + self.eps)


@wrong(
    "Adam",
    "eps beside the uncorrected root",
    "You add eps before the correction, to the root of v as it is. Where gradients are tiny it then counts up to 30 times as much.",
    loses=["adam_eps"],
)
class AdamEpsBefore(AdamPlain):
    def update(self, theta, grad):
        m, _ = self.average(grad)
        return theta - self.lr * m * math.sqrt(1 - self.beta2**self.t) / (np.sqrt(self.v) + self.eps)


@wrong(
    "Adam",
    "eps under the root",
    "You add eps under the root. Where gradients are tiny, √ε is far larger than ε, and holds the steps back.",
    loses=["adam_eps"],
)
class AdamEpsInside(AdamPlain):
    def update(self, theta, grad):
        m, v = self.average(grad)
        return theta - self.lr * m / np.sqrt(v + self.eps)


@wrong(
    "Adam",
    "no eps",
    "You leave eps out, so that a coordinate whose gradients are 0 so far comes out as 0/0.",
    loses=["adam_eps"],
)
class AdamBare(AdamPlain):
    def update(self, theta, grad):
        m, v = self.average(grad)
        return theta - self.lr * m / np.sqrt(v)


@wrong(
    "Adam",
    "uphill",
    "You add the step, as one lecture has it by mistake: theta climbs. A gradient points where the loss grows.",
    loses=ALL_ADAM,
)
class AdamUphill(AdamPlain):
    def update(self, theta, grad):
        return super().update(theta, -grad)


@wrong(
    "Adam",
    "counts from 0",
    "Your t is one behind: at the first update it should be 1. With 0 the correction divides by 0, so you may have skipped it.",
    loses=ALL_ADAM,
)
class AdamFromZero(AdamPlain):
    def update(self, theta, grad):
        self.average(grad)
        t = self.t - 1
        c1, c2 = (1 - self.beta1**t, 1 - self.beta2**t) if t else (1.0, 1.0)
        return theta - self.lr * self.m / c1 / (np.sqrt(self.v / c2) + self.eps)


@wrong(
    "Adam",
    "t one ahead",
    "Your t is one ahead: it was 1 before the first update and is raised before the correction.",
    loses=ALL_ADAM,
)
class AdamFromTwo(AdamPlain):
    def update(self, theta, grad):
        self.average(grad)
        c1, c2 = 1 - self.beta1 ** (self.t + 1), 1 - self.beta2 ** (self.t + 1)
        return theta - self.lr * self.m / c1 / (np.sqrt(self.v / c2) + self.eps)


@wrong(
    "Adam",
    "t stays 1",
    "Your t does not count: the correction of the first update is used in all of them. It fades as the averages fill.",
    loses=LATER_ADAM,
)
class AdamAlwaysOne(AdamPlain):
    def update(self, theta, grad):
        self.t = 0
        return super().update(theta, grad)


@wrong(
    "Adam",
    "the betas exchanged",
    "Your betas are exchanged: the gradients are averaged with β₂ and the squares with β₁.",
    loses=LATER_ADAM,
)
class AdamExchanged(AdamPlain):
    def average(self, grad):
        self.beta1, self.beta2 = self.beta2, self.beta1
        averages = super().average(grad)
        self.beta1, self.beta2 = self.beta2, self.beta1
        return averages


@wrong(
    "Adam",
    "the corrected averages kept",
    "You write the corrected averages back into the memory, so that they are corrected again and again. The memory holds them as they are.",
    loses=LATER_ADAM,
)
class AdamKeepsCorrected(AdamPlain):
    def average(self, grad):
        self.m, self.v = super().average(grad)
        return self.m, self.v


@wrong(
    "Adam",
    "the square of the average",
    "Your v averages the squares of the averaged gradient. It averages the squares of the gradients as they come.",
    loses=ALL_ADAM,
)
class AdamSquaredAverage(AdamPlain):
    def average(self, grad):
        self.t += 1
        self.m = self.beta1 * self.m + (1 - self.beta1) * grad
        self.v = self.beta2 * self.v + (1 - self.beta2) * self.m**2
        return self.m / (1 - self.beta1**self.t), self.v / (1 - self.beta2**self.t)


@wrong(
    "Adam",
    "one average of squares for all coordinates",
    "You divide every coordinate by the same number. Each has an average of its own: that is what makes up for their different sizes.",
    loses=ALL_ADAM,
)
class AdamNorm(AdamPlain):
    def average(self, grad):
        m, _ = super().average(grad)
        self.total = self.beta2 * getattr(self, "total", 0.0) + (1 - self.beta2) * np.sum(grad**2)
        return m, self.total / (1 - self.beta2**self.t)


@wrong(
    "Adam",
    "other defaults",
    "Your settings are right where they are given. Where they are left out, the contract says which ones to take.",
    loses=["adam_defaults"],
)
class AdamOtherDefaults(AdamPlain):
    def __init__(self, lr=1e-2, beta1=0.9, beta2=0.999, eps=1e-8):
        super().__init__(lr, beta1, beta2, eps)


@wrong(
    "Adam",
    "a default beta2 of 0.99",
    "Your beta2 is right where it is given. Where it is left out, the contract has 0.999: a memory of a thousand updates.",
    loses=LATER_ADAM,
)
class AdamShortMemory(AdamPlain):
    def __init__(self, lr=1e-3, beta1=0.9, beta2=0.99, eps=1e-8):
        super().__init__(lr, beta1, beta2, eps)


@wrong("Adam", "state shared by all objects", SHARED, loses=["adam_state"])
class AdamShared(AdamPlain):
    shared: dict = {}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.shared.clear()

    def average(self, grad):
        self.m, self.v, self.t = self.shared.get("now", (0.0, 0.0, 0))
        averages = super().average(grad)
        self.shared["now"] = self.m, self.v, self.t
        return averages


@wrong(
    "Adam",
    "a count shared by all objects",
    "Your t counts the updates of all optimizers together. It belongs to one object, like m and v.",
    loses=["adam_state"],
)
class AdamSharedCount(AdamPlain):
    count = 0

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        AdamSharedCount.count = 0

    def average(self, grad):
        self.t = AdamSharedCount.count
        averages = super().average(grad)
        AdamSharedCount.count += 1
        return averages


@wrong("Adam", "theta written into", IN_PLACE, loses=["adam_arrays", "inputs_unchanged"])
class AdamInPlace(AdamPlain):
    def update(self, theta, grad):
        m, v = self.average(grad)
        theta -= self.lr * m / (np.sqrt(v) + self.eps)
        return theta


# ----------------------------------------------------------------------------------------------- AMSGrad


@right("AMSGrad")
class PeakPlain(AdamPlain):
    peak = 0.0

    def average(self, grad):
        m, _ = super().average(grad)
        self.peak = np.maximum(self.peak, self.v)
        return m, self.peak / (1 - self.beta2**self.t)


@right("AMSGrad")
class PeakInLoops:
    def __init__(self, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        print("the largest so far")
        self.lr, self.b1, self.b2, self.eps, self.t = lr, beta1, beta2, eps, 0

    def update(self, theta, grad):
        if self.t == 0:
            self.m, self.v, self.top = (np.zeros(theta.shape) for _ in range(3))
        self.t += 1
        new = theta.copy()
        for index in entries(theta):
            self.m[index] = self.b1 * self.m[index] + (1 - self.b1) * grad[index]
            self.v[index] = self.b2 * self.v[index] + (1 - self.b2) * grad[index] ** 2
            self.top[index] = max(self.top[index], self.v[index])
            m_hat = self.m[index] / (1 - self.b1**self.t)
            root = math.sqrt(self.top[index] / (1 - self.b2**self.t))
            new[index] = theta[index] - self.lr * m_hat / (root + self.eps)
        return new


@right("AMSGrad")
class PeakInPlace:
    """The library's order: roots first, corrections afterwards; buffers that are written into."""

    def __init__(self, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        warnings.warn("needs three buffers", stacklevel=1)
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.buffers, self.count = None, 0

    def update(self, theta, grad):
        self.count += 1
        if self.buffers is None:
            self.buffers = [np.zeros_like(theta) for _ in range(3)]
        m, v, top = self.buffers
        m[...] = m * self.beta1 + grad * (1 - self.beta1)
        v[...] = v * self.beta2 + np.square(grad) * (1 - self.beta2)
        np.maximum(top, v, out=top)
        root = np.sqrt(top) / np.sqrt(1 - self.beta2**self.count) + self.eps
        return theta - self.lr / (1 - self.beta1**self.count) * (m / root)


@right("AMSGrad")
class PeakOfAll(AdamPlain):
    """Keeps all averages of squares, and looks for the largest anew."""

    def __init__(self, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        super().__init__(lr, beta1, beta2, eps)
        self.all = []

    def average(self, grad):
        m, _ = super().average(grad)
        self.all.append(np.array(self.v))
        return m, np.max(np.stack(self.all), axis=0) / (1 - self.beta2**self.t)


ALL_PEAK = ["amsgrad_rising", "amsgrad_peaks", "amsgrad_eps", "amsgrad_defaults"]
MOST_PEAK = ["amsgrad_peaks", "amsgrad_eps", "amsgrad_defaults"]


@wrong(
    "AMSGrad",
    "Adam",
    "You divide by the present average, as Adam does. AMSGrad remembers the largest that there was, so that a burst is never forgotten.",
    loses=MOST_PEAK,
)
class PeakForgotten(AdamPlain):
    pass


@wrong(
    "AMSGrad",
    "the maximum over the corrected averages",
    "You take the maximum over the corrected averages. The convention graded here, torch's, takes it over v as it is, and corrects the maximum for the present t. Early on the two differ a lot.",
    loses=["amsgrad_peaks", "amsgrad_eps", "amsgrad_defaults"],
)
class PeakOfCorrected(AdamPlain):
    peak = 0.0

    def average(self, grad):
        m, v = super().average(grad)
        self.peak = np.maximum(self.peak, v)
        return m, self.peak


@wrong(
    "AMSGrad",
    "no correction",
    "You divide m by the root of the maximum, both uncorrected: the paper's form. The convention graded here, torch's, corrects both for their start at 0.",
    loses=ALL_PEAK,
)
class PeakOfThePaper(PeakPlain):
    def average(self, grad):
        super().average(grad)
        return self.m, self.peak


@wrong(
    "AMSGrad",
    "the maximum uncorrected",
    "You correct m, and leave the maximum as it is. Its start at 0 makes it too small at first, as in Adam.",
    loses=ALL_PEAK,
)
class PeakUncorrected(PeakPlain):
    def average(self, grad):
        m, _ = super().average(grad)
        return m, self.peak


@wrong(
    "AMSGrad",
    "the gradients' average uncorrected",
    "You correct the maximum, and leave m as it is. Its start at 0 makes it too small at first, as in Adam.",
    loses=ALL_PEAK,
)
class PeakOnlySquares(PeakPlain):
    def average(self, grad):
        _, peak = super().average(grad)
        return self.m, peak


@wrong(
    "AMSGrad",
    "the maximum takes the place of v",
    "You store the maximum in v itself, so that the next average starts from it. v goes on forgetting; the maximum stands beside it.",
    loses=["amsgrad_peaks", "amsgrad_eps", "amsgrad_defaults"],
)
class PeakInsteadOfV(AdamPlain):
    def average(self, grad):
        before = self.v
        m, _ = super().average(grad)
        self.v = np.maximum(before, self.v)
        return m, self.v / (1 - self.beta2**self.t)


@wrong(
    "AMSGrad",
    "the largest square instead of the largest average",
    "You keep the largest square of a gradient. The maximum is over averages of squares: one gradient alone does not decide.",
    loses=ALL_PEAK,
)
class PeakOfSquares(PeakPlain):
    def average(self, grad):
        m, _ = super().average(grad)
        self.top = np.maximum(getattr(self, "top", 0.0), grad**2)
        return m, (1 - self.beta2) * self.top / (1 - self.beta2**self.t)


@wrong(
    "AMSGrad",
    "one maximum for all coordinates",
    "You take one maximum over all coordinates. Each has its own: np.maximum compares two arrays entry by entry, np.max makes one number of an array.",
    loses=["amsgrad_rising", "amsgrad_peaks", "amsgrad_eps", "amsgrad_defaults"],
)
class PeakScalar(PeakPlain):
    def average(self, grad):
        m, _ = super().average(grad)
        self.peak = np.max(self.peak)
        return m, self.peak / (1 - self.beta2**self.t)


@wrong(
    "AMSGrad",
    "the smallest so far",
    "You keep the smallest average so far. Then a coordinate's steps can only grow; AMSGrad's can only shrink.",
    loses=ALL_PEAK,
)
class PeakSmallest(AdamPlain):
    def average(self, grad):
        m, _ = super().average(grad)
        self.low = np.minimum(getattr(self, "low", np.inf), self.v)
        return m, self.low / (1 - self.beta2**self.t)


@wrong(
    "AMSGrad",
    "the maximum without the average at hand",
    "Your maximum stops before the average at hand. The largest so far includes the present one.",
    loses=ALL_PEAK,
)
class PeakLate(PeakPlain):
    def average(self, grad):
        before = self.peak
        m, v = super().average(grad)
        return m, before / (1 - self.beta2**self.t) if self.t > 1 else v


@wrong(
    "AMSGrad",
    "the correction in the maximum is the first one's",
    "You correct the maximum for the t at which it was reached. The correction is for the present t, whenever the maximum was reached.",
    loses=["amsgrad_peaks", "amsgrad_eps", "amsgrad_defaults"],
)
class PeakWithItsOwnTime(AdamPlain):
    def average(self, grad):
        m, _ = super().average(grad)
        old = getattr(self, "peak", 0.0), getattr(self, "when", 1)
        higher = self.v >= old[0]
        self.peak, self.when = np.where(higher, self.v, old[0]), np.where(higher, self.t, old[1])
        return m, self.peak / (1 - self.beta2**self.when)


@wrong(
    "AMSGrad",
    "eps under the root",
    "You add eps under the root. Where gradients are tiny, √ε is far larger than ε, and holds the steps back.",
    loses=["amsgrad_eps"],
)
class PeakEpsInside(PeakPlain):
    def update(self, theta, grad):
        m, v = self.average(grad)
        return theta - self.lr * m / np.sqrt(v + self.eps)


@wrong(
    "AMSGrad",
    "eps beside the uncorrected root",
    "You add eps before the correction, to the root of the maximum as it is. Where gradients are tiny it then counts up to 30 times as much.",
    loses=["amsgrad_eps"],
)
class PeakEpsBefore(PeakPlain):
    def update(self, theta, grad):
        m, _ = self.average(grad)
        return theta - self.lr * m * math.sqrt(1 - self.beta2**self.t) / (np.sqrt(self.peak) + self.eps)


@wrong(
    "AMSGrad",
    "other defaults",
    "Your settings are right where they are given. Where they are left out, the contract says which ones to take.",
    loses=["amsgrad_defaults"],
)
class PeakOtherDefaults(PeakPlain):
    def __init__(self, lr=1e-2, beta1=0.9, beta2=0.999, eps=1e-8):
        super().__init__(lr, beta1, beta2, eps)


@wrong("AMSGrad", "state shared by all objects", SHARED, loses=["amsgrad_state"])
class PeakShared(PeakPlain):
    shared: dict = {}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.shared.clear()

    def average(self, grad):
        self.peak = self.shared.get("peak", 0.0)
        averages = super().average(grad)
        self.shared["peak"] = self.peak
        return averages


@wrong("AMSGrad", "theta written into", IN_PLACE, loses=["amsgrad_arrays", "inputs_unchanged"])
class PeakIntoTheta(PeakPlain):
    def update(self, theta, grad):
        m, v = self.average(grad)
        theta -= self.lr * m / (np.sqrt(v) + self.eps)
        return theta


# --------------------------------------------------------------------------------------------- Quickprop


@right("Quickprop")
class QuickPlain:
    def __init__(self, lr, max_factor=1.75):
        self.lr, self.max_factor = lr, max_factor
        self.step = self.previous = None

    def secant(self, grad, difference):
        return self.step * grad / difference

    def limited(self, step):
        longest = self.max_factor * np.abs(self.step)
        return np.clip(step, -longest, longest)

    def usable(self, difference):
        return np.abs(difference) >= 1e-12

    def next(self, grad):
        down = -self.lr * grad
        if self.step is None:
            return down
        difference = self.previous - grad
        usable = self.usable(difference)
        step = self.limited(self.secant(grad, np.where(usable, difference, 1.0)))
        return np.where(usable, step, down)

    def update(self, theta, grad):
        self.step, self.previous = self.next(grad), np.array(grad)
        return theta + self.step


@right("Quickprop")
class QuickInLoops:
    def __init__(self, lr, max_factor=1.75):
        print("quick")
        self.lr, self.max_factor, self.memory = lr, max_factor, {}

    def one(self, index, g):
        step = -self.lr * g
        if index in self.memory:
            last, before = self.memory[index]
            if abs(before - g) >= 1e-12:
                step = last * g / (before - g)
                if abs(step) > self.max_factor * abs(last):
                    step = math.copysign(self.max_factor * last, step)
        self.memory[index] = step, g
        return step

    def update(self, theta, grad):
        new = np.array(theta, order="F")
        for index in entries(theta):
            new[index] += self.one(index, float(grad[index]))
        return new


@right("Quickprop")
class QuickDividing:
    """Divides by whatever comes and sorts it out afterwards."""

    def __init__(self, lr, max_factor=1.75):
        warnings.warn("divides by zero now and then", stacklevel=1)
        self.lr, self.max_factor, self.history = lr, max_factor, deque(maxlen=1)

    def update(self, theta, grad):
        step = np.negative(np.multiply(self.lr, grad))
        for last, before in self.history:
            with np.errstate(all="ignore"):
                ratio = grad / (before - grad)
            ratio = np.minimum(np.maximum(ratio, -self.max_factor), self.max_factor)
            step = np.where(np.abs(before - grad) < 1e-12, step, ratio * last)
        self.history.append((step, grad.copy()))
        return np.add(theta, step)


@right("Quickprop")
class QuickWithMasks:
    """On flat copies, where masks are at home; the limit as a factor on what is too long."""

    def __init__(self, lr, max_factor=1.75):
        self.lr, self.max_factor, self.first = lr, float(max_factor), True

    def update(self, theta, grad):
        g = grad.flatten()
        step = -self.lr * g
        if not self.first:
            chosen = np.flatnonzero(~(np.abs(self.g - g) < 1e-12))
            step[chosen] = self.step[chosen] * g[chosen] / (self.g[chosen] - g[chosen])
            limit = self.max_factor * np.abs(self.step[chosen])
            size = np.abs(step[chosen])
            step[chosen] *= np.where(size > limit, limit / np.where(size > 0, size, 1.0), 1.0)
        self.first, self.g, self.step = False, g, step
        return theta + step.reshape(theta.shape)


LATER_QUICK = ["quickprop_secant", "quickprop_limit", "quickprop_flat"]
ALL_QUICK = ["quickprop_start", *LATER_QUICK]


@wrong(
    "Quickprop",
    "the denominator the other way round",
    "You subtract the old slope from the new one: the step has the right length and the wrong direction. On a parabola whose slope shrinks, the minimum lies ahead.",
    loses=LATER_QUICK,
)
class QuickTurned(QuickPlain):
    def secant(self, grad, difference):
        return -super().secant(grad, difference)


@wrong(
    "Quickprop",
    "subtracted instead of added",
    "You subtract the step. Δ is a change of theta, its sign included: it is added.",
    loses=ALL_QUICK,
)
class QuickSubtracted(QuickPlain):
    def update(self, theta, grad):
        super().update(theta, grad)
        return theta - self.step


@wrong(
    "Quickprop",
    "no limit",
    "Your steps have no limit. Where two slopes hardly differ, the secant's zero is far away, and so is theta afterwards.",
    loses=["quickprop_limit"],
)
class QuickUnlimited(QuickPlain):
    def limited(self, step):
        return step


@wrong(
    "Quickprop",
    "limited on one side",
    "You limit a step only where it goes on in the direction of the last one, or only where it is positive. The limit is on its length.",
    loses=LATER_QUICK,
)
class QuickSigned(QuickPlain):
    def limited(self, step):
        return np.minimum(step, self.max_factor * self.step)


@wrong(
    "Quickprop",
    "limited by a length instead of a ratio",
    "You limit the step to max_factor itself. It is a factor: the step may be so many times as long as the last one.",
    loses=LATER_QUICK,
)
class QuickLengths(QuickPlain):
    def limited(self, step):
        return np.clip(step, -self.max_factor, self.max_factor)


@wrong(
    "Quickprop",
    "the gradient step limited as well",
    "You limit the gradient step, too. Where no secant can be drawn it has any length: after a very short step nothing would get going again.",
    loses=["quickprop_flat"],
)
class QuickLimitsAll(QuickPlain):
    def next(self, grad):
        step = super().next(grad)
        return step if self.step is None else self.limited(step)


@wrong(
    "Quickprop",
    "remembers the step before it was limited",
    "You remember the step as the secant gave it, and make a shorter one. Δ is the step that was made.",
    loses=["quickprop_limit"],
)
class QuickRemembersLong(QuickPlain):
    def update(self, theta, grad):
        step = self.next(grad)
        if self.step is None:
            raw = step
        else:
            difference = self.previous - grad
            usable = self.usable(difference)
            raw = np.where(usable, self.secant(grad, np.where(usable, difference, 1.0)), step)
        self.step, self.previous = raw, np.array(grad)
        return theta + step


@wrong(
    "Quickprop",
    "stands still where no secant can be drawn",
    "Where two slopes are equal you do not move. On a straight slope that would be for ever: make a gradient step there.",
    loses=["quickprop_flat"],
)
class QuickStandsStill(QuickPlain):
    def next(self, grad):
        step = super().next(grad)
        return step if self.step is None else np.where(self.usable(self.previous - grad), step, 0.0)


@wrong(
    "Quickprop",
    "repeats the last step where no secant can be drawn",
    "Where two slopes are equal you repeat the last step. The contract asks for a gradient step there.",
    loses=["quickprop_flat"],
)
class QuickRepeats(QuickPlain):
    def next(self, grad):
        step = super().next(grad)
        return step if self.step is None else np.where(self.usable(self.previous - grad), step, self.step)


@wrong(
    "Quickprop",
    "divides by whatever comes",
    "You do not look at the denominator. Two equal slopes make it 0, and a step that is infinite, or as long as allowed by accident.",
    loses=["quickprop_flat"],
)
class QuickDivides(QuickPlain):
    def usable(self, difference):
        return np.full(np.shape(difference), True)

    def secant(self, grad, difference):
        with np.errstate(all="ignore"):
            return self.step * grad / difference


@wrong(
    "Quickprop",
    "all coordinates or none",
    "As soon as one coordinate has no secant you make a gradient step with all of them. Each decides for itself.",
    loses=["quickprop_flat"],
)
class QuickTogether(QuickPlain):
    def usable(self, difference):
        return np.full(np.shape(difference), np.all(super().usable(difference)))


@wrong(
    "Quickprop",
    "another threshold",
    "You give a secant up too early, or too late. The contract says from which difference on it is unusable.",
    loses=["quickprop_flat"],
)
class QuickThreshold(QuickPlain):
    def usable(self, difference):
        return np.abs(difference) >= 1e-8


@wrong(
    "Quickprop",
    "unusable only where the slopes are equal",
    "You ask whether two slopes are equal. Rounding makes that a matter of luck: below a difference of 1e-12 the secant counts as unusable.",
    loses=["quickprop_flat"],
)
class QuickEquality(QuickPlain):
    def usable(self, difference):
        return difference != 0


@wrong(
    "Quickprop",
    "always measured from the first slope",
    "You never replace the slope that you remember. The secant goes through the last two.",
    loses=["quickprop_secant", "quickprop_limit", "quickprop_flat"],
)
class QuickFirstSlope(QuickPlain):
    def update(self, theta, grad):
        first = self.previous
        new = super().update(theta, grad)
        self.previous = self.previous if first is None else first
        return new


@wrong(
    "Quickprop",
    "the slope itself forgotten",
    "You divide the step by the difference of the slopes, which gives one over a curvature. How far it is to the minimum depends on the slope as well.",
    loses=LATER_QUICK,
)
class QuickSlopeless(QuickPlain):
    def secant(self, grad, difference):
        return self.step / difference


@wrong(
    "Quickprop",
    "never uphill",
    "Where the slope has grown you go on downhill, as long as allowed. That is what Fahlman does; the rule graded here takes the secant as it is, also where it leads back.",
    loses=LATER_QUICK,
)
class QuickNeverUp(QuickPlain):
    def next(self, grad):
        step = super().next(grad)
        if self.step is None:
            return step
        grown = (self.previous * grad > 0) & (np.abs(grad) > np.abs(self.previous)) & self.usable(self.previous - grad)
        return np.where(grown, self.max_factor * self.step, step)


@wrong(
    "Quickprop",
    "a gradient step on top",
    "You add a gradient step to the secant's, as Fahlman does while the sign stays. Here it is one or the other.",
    loses=LATER_QUICK,
)
class QuickOnTop(QuickPlain):
    def next(self, grad):
        step = super().next(grad)
        if self.step is None:
            return step
        same = (self.previous * grad > 0) & self.usable(self.previous - grad)
        return step - np.where(same, self.lr * grad, 0.0)


@wrong(
    "Quickprop",
    "one secant for all coordinates",
    "You draw one secant through the lengths of the gradients. Each coordinate has its own two slopes.",
    loses=LATER_QUICK,
)
class QuickNorms(QuickPlain):
    def next(self, grad):
        down = -self.lr * grad
        if self.step is None:
            return down
        size, before = np.linalg.norm(grad), np.linalg.norm(self.previous)
        usable = abs(before - size) >= 1e-12
        return self.limited(self.step * (size / (before - size))) if usable else down


@wrong("Quickprop", "state shared by all objects", SHARED, loses=["quickprop_state"])
class QuickShared(QuickPlain):
    shared: dict = {}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.shared.clear()

    def update(self, theta, grad):
        self.step, self.previous = self.shared.get("now", (None, None))
        new = super().update(theta, grad)
        self.shared["now"] = self.step, self.previous
        return new


@wrong("Quickprop", "the caller's gradient kept", ALIASED, loses=["quickprop_arrays"])
class QuickAliased(QuickPlain):
    def update(self, theta, grad):
        new = super().update(theta, grad)
        self.previous = grad
        return new


@wrong("Quickprop", "theta written into", IN_PLACE, loses=["quickprop_arrays", "inputs_unchanged"])
class QuickInPlace(QuickPlain):
    def update(self, theta, grad):
        super().update(theta, grad)
        theta += self.step
        return theta
