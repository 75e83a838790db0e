"""Problem set 8, backpropagation: right answers in different styles, and the mistakes people make."""

from __future__ import annotations

import warnings
from itertools import pairwise

import numpy as np

from autograder.misconceptions import Table
from autograder.references.ps8 import (
    MLP,  # noqa: F401 - what train finds beside it, as in a notebook
    Linear,
    ReLU,
    Sigmoid,
    SoftmaxCrossEntropy,
    Tanh,
)

TABLE = Table()
right, wrong = TABLE.right, TABLE.wrong

# ruff: noqa: D101, D102, D103 - the name given to each answer says what it is
# mypy: disable-error-code="no-untyped-def,no-untyped-call,type-arg,has-type,var-annotated,attr-defined,misc,call-arg,name-defined,union-attr,arg-type"


def rows_of_softmax(h):
    e = np.exp(h - h.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def log_rows(h):
    shifted = h - h.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


# ----------------------------------------------------------------------------------- SoftmaxCrossEntropy


@right("SoftmaxCrossEntropy")
class EntropyByLogSumExp:
    def forward(self, h, y):
        self.h, self.y = h, y
        return -np.mean(np.sum(y * log_rows(h), axis=1))

    def backward(self):
        return (np.exp(log_rows(self.h)) - self.y) / len(self.h)


@right("SoftmaxCrossEntropy")
class EntropyInLoops:
    def __init__(self):
        print("a new loss")
        self.gradient = None

    def forward(self, h, y):
        N, K = h.shape
        self.gradient = np.zeros((N, K))
        loss = 0.0
        for n in range(N):
            top = max(h[n])
            total = sum(np.exp(h[n, k] - top) for k in range(K))
            for k in range(K):
                loss += y[n, k] * (np.log(total) + top - h[n, k]) / N
                self.gradient[n, k] = (np.exp(h[n, k] - top) / total - y[n, k]) / N
        return float(loss)

    def backward(self):
        return self.gradient.copy()


@right("SoftmaxCrossEntropy")
class EntropyWithLogAddExp:
    def forward(self, h, y):
        warnings.warn("reduce is slow", stacklevel=1)
        lse = np.logaddexp.reduce(h, axis=1)[:, None]
        self.probabilities, self.targets = np.exp(h - lse), np.asfortranarray(y)
        return np.float64(np.einsum("nk,nk->", y, lse - h) / h.shape[0])

    def backward(self):
        N = self.targets.shape[0]
        return self.probabilities / N - self.targets / N


@wrong(
    "SoftmaxCrossEntropy",
    "no 1/N in the gradient",
    "Your loss is a mean over the samples, your gradient belongs to their sum. Learning rates would depend on the batch size.",
    loses=["entropy_backward"],
)
class EntropyGradientOfTheSum(EntropyByLogSumExp):
    def backward(self):
        return np.exp(log_rows(self.h)) - self.y


@wrong(
    "SoftmaxCrossEntropy",
    "the sum over the samples",
    "Your loss adds up over the samples and grows with the batch. Losses are means in this course.",
    loses=["entropy_forward", "entropy_backward", "entropy_stable"],
)
class EntropySum:
    def forward(self, h, y):
        self.h, self.y = h, y
        return float(-np.sum(y * log_rows(h)))

    def backward(self):
        return np.exp(log_rows(self.h)) - self.y


@wrong(
    "SoftmaxCrossEntropy",
    "the mean over all entries",
    "np.mean over the whole array divides by N·K. Each sample has one loss, a sum over its K classes; the mean goes over the N samples.",
    loses=["entropy_forward", "entropy_backward", "entropy_stable"],
)
class EntropyMeanOfAll:
    def forward(self, h, y):
        self.h, self.y = h, y
        return float(-np.mean(y * log_rows(h)))

    def backward(self):
        return (np.exp(log_rows(self.h)) - self.y) / self.h.size


@wrong(
    "SoftmaxCrossEntropy",
    "softmax without a shift",
    "exp(1000) is infinite, and ∞/∞ is no number. Subtract the largest logit of each row first: the softmax does not notice.",
    loses=["entropy_stable"],
)
class EntropyOverflowing:
    def forward(self, h, y):
        self.p, self.y = np.exp(h) / np.exp(h).sum(axis=1, keepdims=True), y
        return float(-np.mean(np.sum(y * np.log(self.p), axis=1)))

    def backward(self):
        return (self.p - self.y) / len(self.p)


@wrong(
    "SoftmaxCrossEntropy",
    "a logarithm that is cut off",
    "Adding 1e-12 inside the logarithm hides the −∞, and with it every loss above 28. Take the logarithm of the softmax on paper instead.",
    loses=["entropy_stable"],
)
class EntropyClipped:
    def forward(self, h, y):
        self.p, self.y = rows_of_softmax(h), y
        return float(-np.mean(np.sum(y * np.log(self.p + 1e-12), axis=1)))

    def backward(self):
        return (self.p - self.y) / len(self.p)


@wrong(
    "SoftmaxCrossEntropy",
    "softmax over the samples",
    "You normalise along the batch. Each row is one sample, and it is the row that sums to 1.",
    loses=["entropy_forward", "entropy_backward", "entropy_stable"],
)
class EntropyOfColumns:
    def forward(self, h, y):
        self.logs, self.y = log_rows(h.T).T, y
        return float(-np.mean(np.sum(y * self.logs, axis=1)))

    def backward(self):
        return (np.exp(self.logs) - self.y) / len(self.y)


@wrong(
    "SoftmaxCrossEntropy",
    "targets taken for one-hot",
    "You look up the class with argmax, so a soft target counts as its largest entry alone.",
    loses=["entropy_forward", "entropy_backward", "entropy_stable"],
)
class EntropyOfHardTargets(EntropyByLogSumExp):
    def forward(self, h, y):
        return super().forward(h, np.eye(y.shape[1])[y.argmax(axis=1)])


@wrong(
    "SoftmaxCrossEntropy",
    "the gradient points downhill",
    "y − softmax is minus the gradient. The minus sign belongs to the step of the optimiser.",
    loses=["entropy_backward"],
)
class EntropyDownhill(EntropyByLogSumExp):
    def backward(self):
        return -super().backward()


@wrong(
    "SoftmaxCrossEntropy",
    "memory shared by all losses",
    "You keep what backward needs on the class, not on self: the latest forward of any loss overwrites it for all.",
    loses=["entropy_state"],
)
class EntropyOnTheClass:
    def forward(self, h, y):
        EntropyOnTheClass.seen = (h, y)
        return float(-np.mean(np.sum(y * log_rows(h), axis=1)))

    def backward(self):
        h, y = EntropyOnTheClass.seen
        return (np.exp(log_rows(h)) - y) / len(h)


# ----------------------------------------------------------------------------------------------- MSELoss


@right("MSELoss")
class ErrorPlain:
    def forward(self, f, y):
        self.difference = f - y
        return np.mean(np.sum(self.difference**2, axis=1))

    def backward(self):
        return 2 * self.difference / len(self.difference)


@right("MSELoss")
class ErrorByNorm:
    def forward(self, f, y):
        self.residual, self.N = y - f, f.shape[0]
        return float(np.linalg.norm(self.residual, "fro") ** 2 / self.N)

    def backward(self):
        return np.divide(-2 * self.residual, self.N)


@right("MSELoss")
class ErrorInLoops:
    def forward(self, f, y):
        self.f, self.y = f.copy(), y.copy()
        return sum((a - b) ** 2 for a, b in zip(f.ravel(), y.ravel(), strict=True)) / len(f)

    def backward(self):
        return np.array(
            [
                [2 * (a - b) / len(self.f) for a, b in zip(*rows, strict=True)]
                for rows in zip(self.f, self.y, strict=True)
            ]
        )


@wrong(
    "MSELoss",
    "the mean over all entries",
    "You divide by N·K. The convention here sums over the K outputs of a sample and takes the mean over the N samples.",
    loses=["mse_forward", "mse_backward"],
)
class ErrorMeanOfAll:
    def forward(self, f, y):
        self.difference = f - y
        return float(np.mean(self.difference**2))

    def backward(self):
        return 2 * self.difference / self.difference.size


@wrong(
    "MSELoss",
    "a ½ in front",
    "Half the squared error has the nicer gradient. The loss of this course carries no ½ here, so its gradient carries a 2.",
    loses=["mse_forward", "mse_backward"],
)
class ErrorHalved:
    def forward(self, f, y):
        self.difference = f - y
        return float(0.5 * np.mean(np.sum(self.difference**2, axis=1)))

    def backward(self):
        return self.difference / len(self.difference)


@wrong(
    "MSELoss",
    "no 2 in the gradient",
    "The derivative of (f − y)² has a factor 2: without a ½ in the loss nothing cancels it.",
    loses=["mse_backward"],
)
class ErrorWithoutTwo(ErrorPlain):
    def backward(self):
        return self.difference / len(self.difference)


@wrong(
    "MSELoss",
    "no 1/N in the gradient",
    "Your loss is a mean over the samples, your gradient belongs to their sum.",
    loses=["mse_backward"],
)
class ErrorGradientOfTheSum(ErrorPlain):
    def backward(self):
        return 2 * self.difference


@wrong(
    "MSELoss",
    "the gradient of the target",
    "Your sign is that of the derivative with respect to y. backward asks for the one with respect to f.",
    loses=["mse_backward"],
)
class ErrorFlipped(ErrorPlain):
    def backward(self):
        return -2 * self.difference / len(self.difference)


@wrong(
    "MSELoss",
    "the sum over the samples",
    "Your loss adds up over the samples and grows with the batch. Losses are means in this course.",
    loses=["mse_forward", "mse_backward"],
)
class ErrorSum:
    def forward(self, f, y):
        self.difference = f - y
        return float(np.sum(self.difference**2))

    def backward(self):
        return 2 * self.difference


@wrong(
    "MSELoss",
    "one loss per sample",
    "You stop before the mean over the samples: the loss of a batch is one number.",
    loses=["mse_types", "mse_forward"],
)
class ErrorPerSample(ErrorPlain):
    def forward(self, f, y):
        self.difference = f - y
        return np.sum(self.difference**2, axis=1)


@wrong(
    "MSELoss",
    "writing into the outputs",
    "f −= y saves an array and costs the caller theirs: the network's output is still needed elsewhere.",
    loses=["inputs_unchanged"],
)
class ErrorInPlace(ErrorPlain):
    def forward(self, f, y):
        f -= y
        self.difference = f.copy()
        return float(np.mean(np.sum(self.difference**2, axis=1)))


# ------------------------------------------------------------------------------------ numerical_gradient


def entropy(mlp, x, y):
    return -np.mean(np.sum(y * log_rows(mlp.forward(x)), axis=1))


@right("numerical_gradient")
def differences_by_index(mlp, x, y, h=1e-5):
    gradients = []
    for p in mlp.parameters():
        gradient = np.zeros_like(p)
        for i in np.ndindex(p.shape):
            old = p[i]
            p[i] = old + h
            up = entropy(mlp, x, y)
            p[i] = old - h
            down = entropy(mlp, x, y)
            p[i] = old
            gradient[i] = (up - down) / (2 * h)
        gradients.append(gradient)
    return gradients


@right("numerical_gradient")
def differences_of_flat_views(mlp, x, y, h=1e-5):
    loss = SoftmaxCrossEntropy()
    found = []
    for p in mlp.parameters():
        print("parameter of shape", p.shape)
        kept = p.copy()
        slopes = []
        for unit in np.eye(p.size):
            bump = h * unit.reshape(p.shape)
            values = []
            for sign in (1, -1):
                p[...] = kept + sign * bump
                values.append(loss.forward(mlp.forward(x), y))
            slopes.append((values[0] - values[1]) / 2 / h)
        p[...] = kept
        found.append(np.asfortranarray(np.reshape(slopes, p.shape)))
    return found


@right("numerical_gradient")
def differences_with_try(mlp, x, y, h=1e-5):
    def quotient(p, i):
        old = p.flat[i]
        try:
            p.flat[i] = old + h
            right_of = entropy(mlp, x, y)
            p.flat[i] = old - h
            return (right_of - entropy(mlp, x, y)) * (0.5 / h)
        finally:
            p.flat[i] = old

    return [np.array([quotient(p, i) for i in range(p.size)]).reshape(p.shape) for p in mlp.parameters()]


def _quotients(mlp, x, y, difference, loss=entropy, restore=True):
    """Fill one array per parameter with ``difference(f, old)``, where f(value) is the loss with that entry."""
    gradients = []
    for p in mlp.parameters():
        gradient = np.zeros_like(p)
        for i in np.ndindex(p.shape):
            old = p[i]

            def f(value, p=p, i=i):
                p[i] = value
                return loss(mlp, x, y)

            gradient[i] = difference(f, old)
            if restore:
                p[i] = old
        gradients.append(gradient)
    return gradients


@wrong(
    "numerical_gradient",
    "one-sided differences",
    "(L(θ + h) − L(θ))/h is off by a term in h; the central difference by one in h² only. Look from both sides.",
    loses=["differences_value", "differences_step"],
)
def differences_forward(mlp, x, y, h=1e-5):
    return _quotients(mlp, x, y, lambda f, old: (f(old + h) - f(old)) / h)


@wrong(
    "numerical_gradient",
    "divided by h",
    "From θ − h to θ + h it is two steps of h: your gradients are twice too large.",
    loses=["differences_value", "differences_step"],
)
def differences_doubled(mlp, x, y, h=1e-5):
    return _quotients(mlp, x, y, lambda f, old: (f(old + h) - f(old - h)) / h)


@wrong(
    "numerical_gradient",
    "back by arithmetic",
    "θ + h − 2h + h is θ on paper. In floating point it is off in the last digits, and thousands of checks later it shows.",
    loses=["differences_restore"],
)
def differences_drifting(mlp, x, y, h=1e-5):
    gradients = []
    for p in mlp.parameters():
        gradient = np.zeros_like(p)
        for i in np.ndindex(p.shape):
            p[i] += h
            up = entropy(mlp, x, y)
            p[i] -= 2 * h
            gradient[i] = (up - entropy(mlp, x, y)) / (2 * h)
            p[i] += h
        gradients.append(gradient)
    return gradients


@wrong(
    "numerical_gradient",
    "never put back",
    "You leave each entry where the last evaluation put it. From then on you differentiate at another place, and hand back another network.",
    loses=["differences_value", "differences_step", "differences_restore"],
)
def differences_left_behind(mlp, x, y, h=1e-5):
    return _quotients(mlp, x, y, lambda f, old: (f(old + h) - f(old - h)) / (2 * h), restore=False)


@wrong(
    "numerical_gradient",
    "the sum over the samples",
    "You differentiate the sum of the losses. SoftmaxCrossEntropy is their mean.",
    loses=["differences_value", "differences_step"],
)
def differences_of_the_sum(mlp, x, y, h=1e-5):
    return [len(x) * g for g in differences_by_index(mlp, x, y, h)]


@wrong(
    "numerical_gradient",
    "the step is ignored",
    "Your step is always 1e-5. It is an argument, so that one can try which step is best.",
    loses=["differences_step"],
)
def differences_of_one_step(mlp, x, y, h=1e-5):
    return differences_by_index(mlp, x, y)


@wrong(
    "numerical_gradient",
    "a copy is moved",
    "You change a copy of the parameters: the network never notices, and every difference is zero.",
    loses=["differences_value", "differences_step"],
)
def differences_of_copies(mlp, x, y, h=1e-5):
    gradients = []
    for p in mlp.parameters():
        gradient = np.zeros_like(p)
        for i in np.ndindex(p.shape):
            moved = p.copy()
            moved[i] += h
            up = entropy(mlp, x, y)
            moved[i] -= 2 * h
            gradient[i] = (up - entropy(mlp, x, y)) / (2 * h)
        gradients.append(gradient)
    return gradients


@wrong(
    "numerical_gradient",
    "a whole array at once",
    "You move all entries of an array together and get one number for it, the sum of its partial derivatives. Move one entry at a time.",
    loses=["differences_value", "differences_step"],
)
def differences_of_whole_arrays(mlp, x, y, h=1e-5):
    gradients = []
    for p in mlp.parameters():
        old = p.copy()
        p[...] = old + h
        up = entropy(mlp, x, y)
        p[...] = old - h
        down = entropy(mlp, x, y)
        p[...] = old
        gradients.append(np.full_like(p, (up - down) / (2 * h)))
    return gradients


@wrong(
    "numerical_gradient",
    "backpropagation in disguise",
    "You return what backward computes. A check that asks the one to be checked finds no mistakes: use differences of losses alone.",
    loses=["differences_step"],
)
def differences_by_backpropagation(mlp, x, y, h=1e-5):
    mlp.backward((rows_of_softmax(mlp.forward(x)) - y) / len(x))
    return mlp.gradients()


@wrong(
    "numerical_gradient",
    "the squared error",
    "You differentiate the mean squared error. The loss here is the cross-entropy of the softmax.",
    loses=["differences_value", "differences_step"],
)
def differences_of_mse(mlp, x, y, h=1e-5):
    def error(mlp, x, y):
        return np.mean(np.sum((mlp.forward(x) - y) ** 2, axis=1))

    return _quotients(mlp, x, y, lambda f, old: (f(old + h) - f(old - h)) / (2 * h), error)


@wrong(
    "numerical_gradient",
    "one long vector",
    "You return all derivatives in one flat array. Give each parameter an array of its own shape, so that they can be laid side by side.",
    loses=["differences_type", "differences_value", "differences_step"],
)
def differences_flat(mlp, x, y, h=1e-5):
    return np.concatenate([g.ravel() for g in differences_by_index(mlp, x, y, h)])


# ------------------------------------------------------------------------------------------------ Linear


@right("Linear")
class LinearPlain:
    def __init__(self, in_features, out_features, rng):
        limit = np.sqrt(6 / (in_features + out_features))
        self.W = rng.uniform(-limit, limit, size=(out_features, in_features))
        self.b = np.zeros(out_features)

    def forward(self, x):
        self.x = x
        return x @ self.W.T + self.b

    def backward(self, dy):
        self.grad_W = dy.T @ self.x
        self.grad_b = dy.sum(axis=0)
        return dy @ self.W


@right("Linear")
class LinearEinsum:
    def __init__(self, in_features, out_features, rng):
        draws = rng.random((in_features, out_features))  # drawn the other way round, laid upright
        self.W = ((2 * draws - 1) * (6 / (in_features + out_features)) ** 0.5).T
        self.b = 0 * self.W[:, 0]

    def forward(self, x):
        self.cache = {"x": np.array(x, order="F")}
        return np.einsum("nd,kd->nk", x, self.W) + self.b[None]

    def backward(self, dy):
        print("backward", dy.shape)
        self.grad_W = np.einsum("nk,nd->kd", dy, self.cache["x"])
        self.grad_b = np.einsum("nk->k", dy)
        return np.einsum("nk,kd->nd", dy, self.W)


@right("Linear")
class LinearSampleBySample:
    def __init__(self, in_features, out_features, rng):
        r = (6.0 / (in_features + out_features)) ** 0.5
        self.W = np.array([[rng.uniform(-r, r) for _ in range(in_features)] for _ in range(out_features)])
        self.b = np.zeros((out_features,))
        self.grad_W, self.grad_b = np.empty_like(self.W), np.empty_like(self.b)

    def forward(self, x):
        self.inputs = x.copy()
        return np.array([self.W.dot(row) + self.b for row in x])

    def backward(self, dy):
        self.grad_W[:] = 0  # the same arrays every time
        self.grad_b[:] = 0
        dx = np.zeros_like(self.inputs)
        for n, d in enumerate(dy):
            self.grad_W += np.outer(d, self.inputs[n])
            self.grad_b += d
            dx[n] = self.W.T @ d
        return dx


@wrong(
    "Linear",
    "gradients averaged over the batch",
    "You take the mean over the batch. The loss has already divided by N; do it here as well and it is there twice.",
    loses=["linear_gradients"],
)
class LinearMeanGradients(LinearPlain):
    def backward(self, dy):
        self.grad_W = dy.T @ self.x / len(dy)
        self.grad_b = dy.mean(axis=0)
        return dy @ self.W


@wrong(
    "Linear",
    "the bias gradient averaged",
    "grad_W sums over the batch, grad_b takes the mean: the same samples should weigh the same in both.",
    loses=["linear_gradients"],
)
class LinearMeanBias(LinearPlain):
    def backward(self, dy):
        dx = super().backward(dy)
        self.grad_b = dy.mean(axis=0)
        return dx


@wrong(
    "Linear",
    "the bias gradient not summed",
    "The bias is the same for all samples, so its gradient collects from all of them: one number per output.",
    loses=["linear_types", "linear_gradients"],
)
class LinearBiasPerSample(LinearPlain):
    def backward(self, dy):
        dx = super().backward(dy)
        self.grad_b = dy.copy()
        return dx


@wrong(
    "Linear",
    "gradients pile up",
    "You add to the gradients of the pass before. Other libraries do, and then ask for zero_grad; here every backward starts from nothing.",
    loses=["linear_state"],
)
class LinearAccumulating(LinearPlain):
    def __init__(self, in_features, out_features, rng):
        super().__init__(in_features, out_features, rng)
        self.grad_W, self.grad_b = np.zeros_like(self.W), np.zeros_like(self.b)

    def backward(self, dy):
        self.grad_W = self.grad_W + dy.T @ self.x
        self.grad_b = self.grad_b + dy.sum(axis=0)
        return dy @ self.W


@wrong(
    "Linear",
    "grad_W transposed",
    "x.T @ dy has a row per input. The gradient is laid out like W, a row per output, so that the two can be subtracted.",
    loses=["linear_types", "linear_gradients"],
)
class LinearGradientTransposed(LinearPlain):
    def backward(self, dy):
        dx = super().backward(dy)
        self.grad_W = self.x.T @ dy
        return dx


@wrong(
    "Linear",
    "W laid out as (in, out)",
    "Your W has a row per input and works well with x @ W. This course stores it as (out, in), a row per unit, as torch does.",
    loses=["linear_types", "linear_gradients"],
)
class LinearOtherLayout:
    def __init__(self, in_features, out_features, rng):
        limit = np.sqrt(6 / (in_features + out_features))
        self.W = rng.uniform(-limit, limit, size=(in_features, out_features))
        self.b = np.zeros(out_features)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dy):
        self.grad_W = self.x.T @ dy
        self.grad_b = dy.sum(axis=0)
        return dy @ self.W.T


@wrong(
    "Linear",
    "the first input remembered for ever",
    "You store x once and never again, so that backward answers for a batch of long ago. Every forward replaces it.",
    loses=["linear_state"],
)
class LinearFirstInput(LinearPlain):
    def forward(self, x):
        y = super().forward(x)
        self.first = getattr(self, "first", x)
        return y

    def backward(self, dy):
        self.x = self.first
        return super().backward(dy)


@wrong(
    "Linear",
    "the input kept on the class",
    "You keep x where all layers share it (on the class, or in a global). In a network every layer has an input of its own.",
    loses=["linear_state"],
)
class LinearOnTheClass(LinearPlain):
    def forward(self, x):
        LinearOnTheClass.x = x
        return x @ self.W.T + self.b


@wrong(
    "Linear",
    "backward returns nothing",
    "You set the gradients and return nothing. The layer before waits for dx: without it the chain ends here.",
    loses=["linear_types", "linear_dx"],
)
class LinearWithoutReturn(LinearPlain):
    def backward(self, dy):
        super().backward(dy)


@wrong(
    "Linear",
    "the weights of the start",
    "backward uses a copy of W that you took in the beginning. Training moves the weights: look at W itself.",
    loses=["linear_dx"],
)
class LinearOfOldWeights(LinearPlain):
    def __init__(self, in_features, out_features, rng):
        super().__init__(in_features, out_features, rng)
        self.W_start = self.W.copy()

    def backward(self, dy):
        super().backward(dy)
        return dy @ self.W_start


@wrong(
    "Linear",
    "no bias",
    "Your output leaves b out. It starts at zero, so at first nothing shows; after a step of training it does.",
    loses=["linear_forward"],
)
class LinearWithoutBias(LinearPlain):
    def forward(self, x):
        self.x = x
        return x @ self.W.T


@wrong(
    "Linear",
    "√(2/(in + out)) as the bound",
    "That is Xavier's standard deviation. A uniform draw between ±a has standard deviation a/√3: the bound is √3 times as far out.",
    loses=["linear_start"],
)
class LinearNarrow(LinearPlain):
    def __init__(self, in_features, out_features, rng):
        super().__init__(in_features, out_features, rng)
        self.W = self.W / np.sqrt(3)


@wrong(
    "Linear",
    "Xavier normal",
    "The variance is right, the distribution is not: uniform is asked for, so no weight lies beyond the bound.",
    loses=["linear_start"],
)
class LinearNormal(LinearPlain):
    def __init__(self, in_features, out_features, rng):
        super().__init__(in_features, out_features, rng)
        self.W = rng.normal(0, np.sqrt(2 / (in_features + out_features)), (out_features, in_features))


@wrong(
    "Linear",
    "the fan-in alone",
    "You leave the outputs out of the bound. Xavier's compromise between the forward and the backward pass needs both counts.",
    loses=["linear_start"],
)
class LinearFanIn(LinearPlain):
    def __init__(self, in_features, out_features, rng):
        super().__init__(in_features, out_features, rng)
        limit = np.sqrt(3 / in_features)
        self.W = rng.uniform(-limit, limit, size=(out_features, in_features))


@wrong(
    "Linear",
    "a generator of your own",
    "You make a generator inside the layer, so that every layer starts with the same numbers, or nobody can repeat a run. Use the rng you are given.",
    loses=["linear_rng"],
)
class LinearOwnGenerator(LinearPlain):
    def __init__(self, in_features, out_features, rng):
        super().__init__(in_features, out_features, np.random.default_rng(0))


# -------------------------------------------------------------------------------------------------- ReLU


@right("ReLU")
class ReluMask:
    def forward(self, x):
        self.mask = x > 0
        return x * self.mask

    def backward(self, dy):
        return dy * self.mask


@right("ReLU")
class ReluMaximum:
    def forward(self, x):
        self.y = np.maximum(x, 0)
        return self.y.copy()

    def backward(self, dy):
        dx = dy.copy()
        dx[self.y <= 0] = 0
        return dx


@right("ReLU")
class ReluLoops:
    def forward(self, x):
        self.x = np.array(x)
        return np.array([[max(0.0, v) for v in row] for row in x])

    def backward(self, dy):
        return np.array(
            [[d if v > 0 else 0.0 for d, v in zip(*rows, strict=True)] for rows in zip(dy, self.x, strict=True)]
        )


@wrong(
    "ReLU",
    "derivative 1 at 0",
    "You let the gradient pass where x is exactly 0. The convention of this course, and of torch, is 0 there.",
    loses=["relu_at_zero"],
)
class ReluOpenAtZero(ReluMask):
    def backward(self, dy):
        return dy * self.at_least

    def forward(self, x):
        self.at_least = x >= 0
        return np.maximum(x, 0)


@wrong(
    "ReLU",
    "derivative ½ at 0",
    "The mean of the slopes on both sides is a fair choice, but the convention here is 0.",
    loses=["relu_at_zero"],
)
class ReluHalfAtZero(ReluMask):
    def forward(self, x):
        self.mask = np.heaviside(x, 0.5)
        return np.maximum(x, 0)


@wrong(
    "ReLU",
    "ReLU of the gradient",
    "You cut off negative gradients. What decides is the sign of the input of the forward pass, not that of dy.",
    loses=["relu_backward", "relu_at_zero"],
)
class ReluOfGradient(ReluMask):
    def backward(self, dy):
        return np.maximum(dy, 0)


@wrong(
    "ReLU",
    "the derivative without dy",
    "You return the slope of ReLU itself. backward multiplies it with the gradient that comes from behind.",
    loses=["relu_backward"],
)
class ReluSlopeOnly(ReluMask):
    def backward(self, dy):
        return self.mask.astype(float)


@wrong(
    "ReLU",
    "the output instead of the slope",
    "You multiply dy with the output. The slope is 1 wherever the unit is on, however large its output.",
    loses=["relu_backward"],
)
class ReluTimesOutput(ReluMaximum):
    def backward(self, dy):
        return dy * self.y


@wrong(
    "ReLU",
    "writing into x",
    "x[x < 0] = 0 changes the caller's array: the layer before still needs it.",
    loses=["inputs_unchanged"],
)
class ReluInPlace(ReluMask):
    def forward(self, x):
        self.mask = x > 0
        x[x < 0] = 0
        return x.copy()


@wrong(
    "ReLU",
    "writing into dy",
    "dy[…] = 0 changes the gradient that somebody else handed you. Zero a copy.",
    loses=["inputs_unchanged"],
)
class ReluInPlaceBack(ReluMask):
    def backward(self, dy):
        dy[~self.mask] = 0
        return dy.copy()


@wrong(
    "ReLU",
    "a leak",
    "You let a hundredth of the negative side through: that is the leaky ReLU.",
    loses=["relu_forward", "relu_backward"],
)
class ReluLeaky:
    def forward(self, x):
        self.slope = np.where(x > 0, 1.0, 0.01 * (x < 0))
        return x * self.slope

    def backward(self, dy):
        return dy * self.slope


@wrong(
    "ReLU",
    "the mask kept on the class",
    "You keep the mask where all ReLUs share it. In a network there is one after every layer, each with a mask of its own.",
    loses=["relu_state"],
)
class ReluOnTheClass:
    def forward(self, x):
        ReluOnTheClass.mask = x > 0
        return np.maximum(x, 0)

    def backward(self, dy):
        return dy * ReluOnTheClass.mask


# -------------------------------------------------------------------------------------------------- Tanh


@right("Tanh")
class TanhPlain:
    def forward(self, x):
        self.y = np.tanh(x)
        return self.y.copy()

    def backward(self, dy):
        return dy * (1 - self.y**2)


@right("Tanh")
class TanhCosh:
    def forward(self, x):
        self.x = x.copy()
        return 1 - 2 / (np.exp(2 * x) + 1)

    def backward(self, dy):
        return np.divide(dy, np.cosh(self.x) ** 2)


@right("Tanh")
class TanhSlopeAtOnce:
    slope = None

    def forward(self, x):
        y = np.sinh(x) / np.cosh(x)
        self.slope = (1 + y) * (1 - y)
        return y

    def backward(self, dy):
        assert self.slope is not None, "forward comes first"
        return np.asfortranarray(self.slope * dy)


@wrong(
    "Tanh",
    "a sigmoid, stretched",
    "2σ(x) − 1 runs from −1 to 1 as well, but only half as steeply: tanh(x) is 2σ(2x) − 1.",
    loses=["tanh_forward", "tanh_backward"],
)
class TanhTooFlat(TanhPlain):
    def forward(self, x):
        self.y = 2 / (1 + np.exp(-x)) - 1
        return self.y.copy()


@wrong(
    "Tanh",
    "derivative at the wrong place",
    "1 − x² takes the input for the output. The formula holds for y = tanh(x).",
    loses=["tanh_backward"],
)
class TanhOfInput(TanhPlain):
    def forward(self, x):
        self.y = x
        return np.tanh(x)


@wrong(
    "Tanh",
    "tanh twice",
    "You store the output and take the tanh of it once more in backward: the slope belongs to the input you were given, not to y.",
    loses=["tanh_backward"],
)
class TanhTwice(TanhPlain):
    def backward(self, dy):
        return dy * (1 - np.tanh(self.y) ** 2)


@wrong(
    "Tanh",
    "the square is missing",
    "1 − y is the slope of no tanh: for negative y it exceeds 1. Differentiate sinh/cosh once more.",
    loses=["tanh_backward"],
)
class TanhNoSquare(TanhPlain):
    def backward(self, dy):
        return dy * (1 - self.y)


@wrong(
    "Tanh",
    "the sigmoid's derivative",
    "y(1 − y) belongs to the sigmoid. It is zero at y = 0, where tanh is steepest.",
    loses=["tanh_backward"],
)
class TanhSigmoidSlope(TanhPlain):
    def backward(self, dy):
        return dy * self.y * (1 - self.y)


@wrong(
    "Tanh",
    "the derivative without dy",
    "You return the slope of tanh itself. backward multiplies it with the gradient that comes from behind.",
    loses=["tanh_backward"],
)
class TanhSlopeOnly(TanhPlain):
    def backward(self, dy):
        return 1 - self.y**2


@wrong(
    "Tanh",
    "tanh at dy",
    "You evaluate the slope at dy. It belongs to the x of the forward pass; dy is what gets multiplied.",
    loses=["tanh_backward"],
)
class TanhAtGradient(TanhPlain):
    def backward(self, dy):
        return 1 - np.tanh(dy) ** 2


@wrong(
    "Tanh",
    "the output kept on the class",
    "You keep the output where all Tanhs share it. In a network there is one after every layer, each with its own.",
    loses=["tanh_state"],
)
class TanhOnTheClass:
    def forward(self, x):
        TanhOnTheClass.y = np.tanh(x)
        return np.tanh(x)

    def backward(self, dy):
        return dy * (1 - TanhOnTheClass.y**2)


# ----------------------------------------------------------------------------------------------- Sigmoid


@right("Sigmoid")
class SigmoidByTanh:
    def forward(self, x):
        self.y = 0.5 * (1 + np.tanh(x / 2))
        return self.y.copy()

    def backward(self, dy):
        return dy * self.y * (1 - self.y)


@right("Sigmoid")
class SigmoidTwoBranches:
    def forward(self, x):
        y = np.empty_like(x)
        up = x >= 0
        y[up] = 1 / (1 + np.exp(-x[up]))
        e = np.exp(x[~up])
        y[~up] = e / (1 + e)
        self.slope = y - y * y
        return y

    def backward(self, dy):
        return self.slope * dy


@right("Sigmoid")
class SigmoidPlainWithAWarning:
    def forward(self, x):
        self.y = 1 / (1 + np.exp(-x))  # exp(−x) may overflow, with a warning: 1/∞ is the 0 one wants
        return np.array(self.y)

    def backward(self, dy):
        return np.multiply(dy, self.y * (1 - self.y))


@wrong(
    "Sigmoid",
    "overflow on the right",
    "eˣ/(1 + eˣ) becomes ∞/∞ for large x. Divided by eˣ on paper, the same formula never does.",
    loses=["sigmoid_stable"],
)
class SigmoidOverflowing(SigmoidByTanh):
    def forward(self, x):
        self.y = np.exp(x) / (1 + np.exp(x))
        return self.y.copy()


@wrong(
    "Sigmoid",
    "a slope that overflows",
    "e^(−x)/(1 + e^(−x))² is ∞/∞ far to the left. Write the slope with the output instead.",
    loses=["sigmoid_stable"],
)
class SigmoidSlopeOverflowing(SigmoidByTanh):
    def forward(self, x):
        self.x = x
        return super().forward(x)

    def backward(self, dy):
        return dy * np.exp(-self.x) / (1 + np.exp(-self.x)) ** 2


@wrong(
    "Sigmoid",
    "derivative at the wrong place",
    "x(1 − x) takes the input for the output. The formula y(1 − y) holds for y = σ(x).",
    loses=["sigmoid_backward", "sigmoid_stable"],
)
class SigmoidOfInput(SigmoidByTanh):
    def backward(self, dy):
        return dy * self.x * (1 - self.x)

    def forward(self, x):
        self.x = x
        return super().forward(x)


@wrong(
    "Sigmoid",
    "sigmoid twice",
    "You store the output and take the sigmoid of it once more in backward: the slope belongs to the input you were given, not to y.",
    loses=["sigmoid_backward", "sigmoid_stable"],
)
class SigmoidTwice(SigmoidByTanh):
    def backward(self, dy):
        again = 1 / (1 + np.exp(-self.y))
        return dy * again * (1 - again)


@wrong(
    "Sigmoid",
    "the derivative of tanh",
    "1 − y² belongs to tanh. The sigmoid is never steeper than ¼.",
    loses=["sigmoid_backward", "sigmoid_stable"],
)
class SigmoidTanhSlope(SigmoidByTanh):
    def backward(self, dy):
        return dy * (1 - self.y**2)


@wrong(
    "Sigmoid",
    "the derivative without dy",
    "You return the slope of the sigmoid itself. backward multiplies it with the gradient that comes from behind.",
    loses=["sigmoid_backward"],
)
class SigmoidSlopeOnly(SigmoidByTanh):
    def backward(self, dy):
        return self.y * (1 - self.y)


@wrong(
    "Sigmoid",
    "mirrored",
    "1/(1 + eˣ) falls from 1 to 0. The sigmoid rises: mind the sign in the exponent.",
    loses=["sigmoid_forward", "sigmoid_backward", "sigmoid_stable"],
)
class SigmoidMirrored:
    def forward(self, x):
        self.y = 0.5 * (1 - np.tanh(x / 2))
        return self.y.copy()

    def backward(self, dy):
        return -dy * self.y * (1 - self.y)


@wrong(
    "Sigmoid",
    "a clipped input",
    "You clip x before the exponential, which is safe, but at ±5 the sigmoid has not yet arrived: clip no sooner than at ±40.",
    loses=["sigmoid_stable"],
)
class SigmoidClipped(SigmoidByTanh):
    def forward(self, x):
        return super().forward(np.clip(x, -5, 5))


@wrong(
    "Sigmoid",
    "the output kept on the class",
    "You keep the output where all Sigmoids share it. In a network there is one after every layer, each with its own.",
    loses=["sigmoid_state"],
)
class SigmoidOnTheClass:
    def forward(self, x):
        SigmoidOnTheClass.y = 0.5 * (1 + np.tanh(x / 2))
        return 0.5 * (1 + np.tanh(x / 2))

    def backward(self, dy):
        return dy * SigmoidOnTheClass.y * (1 - SigmoidOnTheClass.y)


# --------------------------------------------------------------------------------------------------- MLP

KINDS = {"relu": ReLU, "tanh": Tanh, "sigmoid": Sigmoid}


@right("MLP")
class NetOfOneList:
    def __init__(self, sizes, activation, rng):
        self.layers = []
        for i in range(len(sizes) - 1):
            self.layers.append(Linear(sizes[i], sizes[i + 1], rng))
            if i < len(sizes) - 2:
                self.layers.append({"relu": ReLU, "tanh": Tanh, "sigmoid": Sigmoid}[activation]())

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dy):
        for layer in self.layers[::-1]:
            dy = layer.backward(dy)
        return dy

    def parameters(self):
        found = []
        for layer in self.layers:
            if hasattr(layer, "W"):
                found += [layer.W, layer.b]
        return found

    def gradients(self):
        found = []
        for layer in self.layers:
            if hasattr(layer, "W"):
                found += [layer.grad_W, layer.grad_b]
        return found


@right("MLP")
class NetOfTwoLists:
    def __init__(self, sizes, activation, rng):
        kind = ReLU if activation == "relu" else Tanh if activation == "tanh" else Sigmoid
        self.linear = [Linear(a, b, rng) for a, b in pairwise(sizes)]
        self.between = [kind() for _ in self.linear[1:]]

    def forward(self, x):
        print("forward", x.shape)
        for linear, between in zip(self.linear[:-1], self.between, strict=True):
            x = between.forward(linear.forward(x))
        return self.linear[-1].forward(x)

    def backward(self, dy):
        dx = self.linear[-1].backward(dy)
        for linear, between in zip(self.linear[-2::-1], self.between[::-1], strict=True):
            dx = linear.backward(between.backward(dx))
        return dx

    def parameters(self):
        return [p for layer in self.linear for p in (layer.W, layer.b)]

    def gradients(self):
        return [g for layer in self.linear for g in (layer.grad_W, layer.grad_b)]


@right("MLP")
class NetByRecursion:
    """A first layer and the rest of the network."""

    def __init__(self, sizes, activation, rng):
        first, second, *others = sizes
        self.linear, self.rest = Linear(first, second, rng), None
        if others:
            self.curve = {"relu": ReLU, "tanh": Tanh, "sigmoid": Sigmoid}[activation]()
            self.rest = NetByRecursion([second, *others], activation, rng)

    def forward(self, x):
        y = self.linear.forward(x)
        return y if self.rest is None else self.rest.forward(self.curve.forward(y))

    def backward(self, dy):
        if self.rest is not None:
            dy = self.curve.backward(self.rest.backward(dy))
        return self.linear.backward(dy)

    def parameters(self):
        return [self.linear.W, self.linear.b] + (self.rest.parameters() if self.rest else [])

    def gradients(self):
        return [self.linear.grad_W, self.linear.grad_b] + (self.rest.gradients() if self.rest else [])


@right("MLP")
class NetWithoutLayers:
    """All in one class, with a cache of its own."""

    def __init__(self, sizes, activation, rng):
        self.activation, self.p = activation, []
        for i, o in pairwise(sizes):
            a = np.sqrt(6 / (i + o))
            self.p += [rng.uniform(-a, a, (o, i)), np.zeros(o)]

    def forward(self, x):
        self.inputs, self.outputs = [], []
        for k in range(0, len(self.p), 2):
            self.inputs.append(x)
            x = x @ self.p[k].T + self.p[k + 1]
            if k + 2 < len(self.p):
                x = {"relu": np.maximum(x, 0), "tanh": np.tanh(x), "sigmoid": 0.5 + 0.5 * np.tanh(x / 2)}[
                    self.activation
                ]
                self.outputs.append(x)
        return x

    def backward(self, dy):
        self.g = []
        for k in reversed(range(len(self.inputs))):
            if k < len(self.outputs):
                y = self.outputs[k]
                dy = dy * {"relu": y > 0, "tanh": 1 - y * y, "sigmoid": y - y * y}[self.activation]
            self.g = [dy.T @ self.inputs[k], dy.sum(0), *self.g]
            dy = dy @ self.p[2 * k]
        return dy

    def parameters(self):
        return list(self.p)

    def gradients(self):
        return list(self.g)


@wrong(
    "MLP",
    "an activation after the last layer",
    "Your outputs pass through the activation too. The last layer gives logits: they may have any sign and size.",
    loses=["mlp_forward", "mlp_dx", "mlp_gradients"],
)
class NetActivatedToTheEnd(NetOfOneList):
    def __init__(self, sizes, activation, rng):
        super().__init__(sizes, activation, rng)
        self.layers.append(KINDS[activation]())


@wrong(
    "MLP",
    "no activation at all",
    "Linear layers in a row are one linear layer. Between them stands the activation.",
    loses=["mlp_forward", "mlp_dx", "mlp_gradients"],
)
class NetOfLinearLayers(NetOfOneList):
    def __init__(self, sizes, activation, rng):
        super().__init__(sizes, activation, rng)
        self.layers = self.layers[::2]


@wrong(
    "MLP",
    "one activation object for all layers",
    "The same activation object stands in several places. Each forward overwrites what it remembers, so that backward finds the last layer's everywhere.",
    loses=["mlp_dx", "mlp_gradients"],
)
class NetWithOneActivation(NetOfOneList):
    def __init__(self, sizes, activation, rng):
        super().__init__(sizes, activation, rng)
        shared = KINDS[activation]()
        self.layers[1::2] = [shared for _ in self.layers[1::2]]


@wrong(
    "MLP",
    "always ReLU",
    "You never look at the argument activation: tanh and sigmoid networks come out as ReLU networks.",
    loses=["mlp_forward", "mlp_dx", "mlp_gradients"],
)
class NetAlwaysRelu(NetOfOneList):
    def __init__(self, sizes, activation, rng):
        super().__init__(sizes, "relu", rng)


@wrong(
    "MLP",
    "gradients from back to front",
    "Backward visits the last layer first, and you list the gradients as they come. parameters() begins with the first layer, so gradients() must.",
    loses=["mlp_types", "mlp_gradients"],
)
class NetGradientsBackwards(NetOfOneList):
    def gradients(self):
        return [g for layer in self.layers[::-2] for g in (layer.grad_W, layer.grad_b)]


@wrong(
    "MLP",
    "copies of the parameters",
    "parameters() hands out copies. Training would change the copies, and the network would stay as it is.",
    loses=["mlp_live"],
)
class NetOfCopies(NetOfOneList):
    def parameters(self):
        return [p.copy() for p in super().parameters()]


@wrong(
    "MLP",
    "the same start in every layer",
    "Every layer gets a fresh generator with the same seed, or a copy of it: layers of one size start alike. Pass on the one rng.",
    loses=["mlp_start"],
)
class NetOfTwinLayers(NetOfOneList):
    def __init__(self, sizes, activation, rng):
        seed = int(rng.integers(2**31))
        super().__init__(sizes, activation, rng)
        for layer in self.layers[::2]:
            layer.W = Linear(*layer.W.shape[::-1], np.random.default_rng(seed)).W


@wrong(
    "MLP",
    "backward stops after the first Linear's gradients",
    "You leave the gradient at the input out, because training does not need it. The contract asks for it: a network is a block like any other.",
    loses=["mlp_types", "mlp_dx"],
)
class NetWithoutDx(NetOfOneList):
    def backward(self, dy):
        super().backward(dy)


@wrong(
    "MLP",
    "backward in forward order",
    "Your backward goes through the layers from first to last. The chain rule starts at the loss: the last layer comes first.",
    loses=["mlp_types", "mlp_dx", "mlp_gradients", "mlp_state", "inputs_unchanged"],
)
class NetBackwardForwards(NetOfOneList):
    def backward(self, dy):
        for layer in self.layers:
            dy = layer.backward(dy)
        return dy


@wrong(
    "MLP",
    "weights and biases apart",
    "You list all weights, then all biases. Layer by layer is asked for: W₁, b₁, W₂, b₂, …",
    loses=["mlp_types", "mlp_forward", "mlp_dx", "mlp_gradients", "mlp_live", "mlp_start"],
)
class NetWeightsFirst(NetOfOneList):
    def parameters(self):
        return [layer.W for layer in self.layers[::2]] + [layer.b for layer in self.layers[::2]]

    def gradients(self):
        return [layer.grad_W for layer in self.layers[::2]] + [layer.grad_b for layer in self.layers[::2]]


@wrong(
    "MLP",
    "a list of gradients made once",
    "You collect the gradients into a list at the first backward and hand out that list for ever. The layers make new arrays in every pass.",
    loses=["mlp_state"],
)
class NetOfFirstGradients(NetOfOneList):
    def backward(self, dy):
        dx = super().backward(dy)
        if not hasattr(self, "collected"):
            self.collected = super().gradients()
        return dx

    def gradients(self):
        return list(self.collected)


# ------------------------------------------------------------------------------------------------- train


@right("train")
def train_by_permutation(mlp, X, labels, num_epochs, batch_size, lr, rng):
    loss = SoftmaxCrossEntropy()
    losses = []
    for _ in range(num_epochs):
        order = rng.permutation(len(X))
        total = 0.0
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            h = mlp.forward(X[batch])
            y = np.eye(h.shape[1])[labels[batch]]
            total += loss.forward(h, y) * len(batch)
            mlp.backward(loss.backward())
            for p, g in zip(mlp.parameters(), mlp.gradients(), strict=True):
                p -= lr * g
        losses.append(total / len(X))
    return losses


@right("train")
def train_by_shuffling_pairs(mlp, X, labels, num_epochs, batch_size, lr, rng):
    parameters = mlp.parameters()
    history = []
    for epoch in range(num_epochs):
        index = np.arange(len(X))
        rng.shuffle(index)
        met = []
        for part in np.split(index, range(batch_size, len(X), batch_size)):
            xb = np.asfortranarray(X[part])
            logs = log_rows(mlp.forward(xb))
            y = np.zeros_like(logs)
            y[np.arange(len(part)), labels[part]] = 1
            met.extend(-logs[np.arange(len(part)), labels[part]])
            mlp.backward((np.exp(logs) - y) / len(part))
            for p, g in zip(parameters, mlp.gradients(), strict=True):
                np.subtract(p, lr * g, out=p)
        history.append(float(np.mean(met)))
        print("epoch", epoch, "accuracy", np.mean(mlp.forward(X).argmax(axis=1) == labels))
    return history


@right("train")
def train_by_sorting_random_keys(mlp, X, labels, num_epochs, batch_size, lr, rng):
    def batches():
        order = np.argsort(rng.random(len(labels)))
        while len(order):
            yield order[:batch_size]
            order = order[batch_size:]

    losses = np.zeros(num_epochs)
    for epoch in range(num_epochs):
        for batch in batches():
            h, criterion = mlp.forward(X[batch]), SoftmaxCrossEntropy()
            y = (labels[batch][:, None] == np.arange(h.shape[-1])).astype(float)
            losses[epoch] += criterion.forward(h, y) * len(batch) / len(X)
            mlp.backward(criterion.backward())
            for i, g in enumerate(mlp.gradients()):
                mlp.parameters()[i][...] -= lr * g
    return list(losses)


def _train(
    mlp,
    X,
    labels,
    num_epochs,
    batch_size,
    lr,
    rng,
    *,
    order=lambda rng, n, epoch: rng.permutation(n),
    move=lambda p, g, n: np.subtract(p, g, out=p),
    epoch_loss=lambda met: sum(n * loss for n, loss in met) / sum(n for n, _ in met),
    drop=False,
    width=lambda h, labels: h.shape[1],
):
    losses = []
    for epoch in range(num_epochs):
        index, met = order(rng, len(X), epoch), []
        for start in range(0, len(index), batch_size):
            batch = index[start : start + batch_size]
            if drop and len(batch) < batch_size:
                continue
            h, loss = mlp.forward(X[batch]), SoftmaxCrossEntropy()
            y = np.eye(width(h, labels))[labels[batch]]
            met.append((len(batch), loss.forward(h, y)))
            mlp.backward(loss.backward())
            for p, g in zip(mlp.parameters(), mlp.gradients(), strict=True):
                move(p, lr * g, len(batch))
        losses.append(float(epoch_loss(met)))
    return losses


@wrong(
    "train",
    "never shuffled",
    "Every epoch meets the samples in the order in which they lie. Sorted data would be unlearned as fast as it is learned.",
    loses=["train_shuffles"],
)
def train_in_order(*args):
    return _train(*args, order=lambda rng, n, epoch: np.arange(n))


@wrong(
    "train",
    "shuffled once",
    "You shuffle before the first epoch only, so that the same samples meet in the same batches for ever. Draw a new order every epoch.",
    loses=["train_shuffles"],
)
def train_shuffled_once(mlp, X, labels, num_epochs, batch_size, lr, rng):
    once = rng.permutation(len(X))
    return _train(mlp, X, labels, num_epochs, batch_size, lr, rng, order=lambda rng, n, epoch: once)


@wrong(
    "train",
    "a generator of your own",
    "You make a generator with a fixed seed. The order should come from rng, so that whoever calls you decides.",
    loses=["train_shuffles"],
)
def train_by_own_generator(mlp, X, labels, num_epochs, batch_size, lr, rng):
    return _train(mlp, X, labels, num_epochs, batch_size, lr, np.random.default_rng(0))


@wrong(
    "train",
    "samples drawn with replacement",
    "You draw each batch anew, so some samples come twice in an epoch and others not at all. Cut one permutation into pieces.",
    loses=["train_batches"],
)
def train_with_replacement(*args):
    return _train(*args, order=lambda rng, n, epoch: rng.integers(n, size=n))


@wrong(
    "train",
    "the last batch dropped",
    "What does not fill a batch is left out. The last batch may be smaller, and it is a batch all the same.",
    loses=["train_losses", "train_updates", "train_batches"],
)
def train_dropping_the_rest(*args):
    return _train(*args, drop=True)


@wrong(
    "train",
    "the mean over batches",
    "You average the batch losses. When the last batch is smaller, its samples count too much: weigh each batch with its size.",
    loses=["train_losses"],
)
def train_mean_of_means(*args):
    return _train(*args, epoch_loss=lambda met: np.mean([loss for _, loss in met]))


@wrong(
    "train",
    "the last batch's loss",
    "You report the loss of the epoch's last batch. It stands for a handful of samples; the mean over all of them is asked for.",
    loses=["train_losses"],
)
def train_last_loss(*args):
    return _train(*args, epoch_loss=lambda met: met[-1][1])


@wrong(
    "train",
    "the sum over batches",
    "You add up the batch losses of an epoch. Smaller batches would then mean larger losses: take the mean over the samples.",
    loses=["train_losses"],
)
def train_sum_of_losses(*args):
    return _train(*args, epoch_loss=lambda met: sum(loss for _, loss in met))


@wrong(
    "train",
    "the loss after the epoch",
    "You go over all samples once more after the epoch. The losses met on the way, before each update, come for free and are asked for.",
    loses=["train_losses"],
)
def train_loss_afterwards(mlp, X, labels, num_epochs, batch_size, lr, rng):
    losses = []
    for _ in range(num_epochs):
        _train(mlp, X, labels, 1, batch_size, lr, rng)
        h = mlp.forward(X)
        losses.append(SoftmaxCrossEntropy().forward(h, np.eye(h.shape[1])[labels]))
    return losses


@wrong(
    "train",
    "new arrays instead of a step in place",
    "p = p − lr·g makes a new array and forgets it; the network keeps the old one. Change the array itself.",
    loses=["train_losses", "train_updates", "train_width", "train_digits"],
)
def train_rebinding(*args):
    return _train(*args, move=lambda p, g, n: p - g)


@wrong(
    "train",
    "uphill",
    "You add the gradient, and climb. Descent subtracts it.",
    loses=["train_losses", "train_updates", "train_digits"],
)
def train_uphill(*args):
    return _train(*args, move=lambda p, g, n: np.add(p, g, out=p))


@wrong(
    "train",
    "divided by the batch size again",
    "The loss is a mean, so its gradient has the 1/N already. Divided once more, the step shrinks with the batch.",
    loses=["train_losses", "train_updates"],
)
def train_divided_again(*args):
    return _train(*args, move=lambda p, g, n: np.subtract(p, g / n, out=p))


@wrong(
    "train",
    "as many targets as labels at hand",
    "You count the classes that occur. The network may have outputs for others too: targets are as wide as its output.",
    loses=["train_width"],
)
def train_narrow_targets(*args):
    return _train(*args, width=lambda h, labels: labels.max() + 1)


@wrong(
    "train",
    "an array of losses",
    "The losses are right, but they come as an array; a list of floats is asked for.",
    loses=["train_type"],
)
def train_array(*args):
    return np.array(_train(*args))
