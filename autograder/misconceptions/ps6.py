"""Problem set 6: right answers in several styles, and the mistakes people make with batch normalization."""

from __future__ import annotations

import warnings

import numpy as np

from autograder.misconceptions import Table

TABLE = Table()
right, wrong = TABLE.right, TABLE.wrong

# ruff: noqa: D101, D102, D103 - the name given to each answer says what it is
# mypy: disable-error-code="no-untyped-def,no-untyped-call,type-arg,has-type,var-annotated,attr-defined,misc,call-arg"

# --------------------------------------------------------------------------------------------- BatchNorm


@right("BatchNorm")
class NormPlain:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum, self.training = eps, momentum, True
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)

    def forward(self, x):
        self.batch = self.training
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean, var = x.mean(axis=0), x.var(axis=0)
            self.track(x, mean, var)
        self.std = np.sqrt(var + self.eps)
        self.x_hat = (x - mean) / self.std
        return self.gamma * self.x_hat + self.beta

    def track(self, x, mean, var):
        n, m = len(x), self.momentum
        self.running_mean = (1 - m) * self.running_mean + m * mean
        self.running_var = (1 - m) * self.running_var + m * var * n / (n - 1)

    def backward(self, dy):
        self.grad_gamma = np.sum(dy * self.x_hat, axis=0)
        self.grad_beta = np.sum(dy, axis=0)
        dx_hat = dy * self.gamma
        if self.batch:
            dx_hat = dx_hat - dx_hat.mean(axis=0) - self.x_hat * (dx_hat * self.x_hat).mean(axis=0)
        return dx_hat / self.std


@right("BatchNorm")
class NormInLoops:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        print("a layer of", num_features)
        self.F, self.eps, self.m = num_features, eps, momentum
        self.gamma, self.beta = np.full(num_features, 1.0), np.full(num_features, 0.0)
        self.running_mean, self.running_var = np.zeros((num_features,)), np.ones((num_features,))
        self.training = True

    def forward(self, x):
        N = x.shape[0]
        self.x, self.mode = x.copy(), bool(self.training)
        self.mu, self.v = np.empty(self.F), np.empty(self.F)
        y = np.empty((N, self.F), order="F")
        for k in range(self.F):
            column = [x[n, k] for n in range(N)]
            if self.training:
                mu = sum(column) / N
                squares = sum((c - mu) ** 2 for c in column)
                v = squares / N
                self.running_mean[k] += self.m * (mu - self.running_mean[k])
                self.running_var[k] += self.m * (squares / (N - 1) - self.running_var[k])
            else:
                mu, v = self.running_mean[k], self.running_var[k]
            self.mu[k], self.v[k] = mu, v
            for n in range(N):
                y[n, k] = self.gamma[k] * (x[n, k] - mu) / (v + self.eps) ** 0.5 + self.beta[k]
        return y

    def backward(self, dy):
        N, F = dy.shape
        dx = np.zeros((N, F))
        self.grad_gamma, self.grad_beta = np.zeros(F), np.zeros(F)
        for k in range(F):
            s = (self.v[k] + self.eps) ** 0.5
            h = (self.x[:, k] - self.mu[k]) / s
            for n in range(N):
                self.grad_gamma[k] += dy[n, k] * h[n]
                self.grad_beta[k] += dy[n, k]
            for n in range(N):
                dx[n, k] = self.gamma[k] / s * dy[n, k]
                if self.mode:
                    dx[n, k] -= self.gamma[k] / s / N * (self.grad_beta[k] + h[n] * self.grad_gamma[k])
        return dx


@right("BatchNorm")
class NormStepByStep:
    """The computational graph of the original paper, with the running statistics updated in place."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum, self.training = float(eps), momentum, True
        self.gamma = np.ones(num_features)
        self.beta = np.zeros(num_features)
        self.running_mean = np.zeros(num_features)
        self.running_var = np.ones(num_features)
        self.grad_gamma = self.grad_beta = None

    def forward(self, x):
        warnings.warn("still slow", stacklevel=1)
        if self.training:
            mu = np.einsum("nf->f", x) / x.shape[0]
            centred = x - mu
            var = np.einsum("nf,nf->f", centred, centred) / x.shape[0]
            self.running_mean *= 1 - self.momentum
            self.running_mean += self.momentum * mu
            self.running_var *= 1 - self.momentum
            self.running_var += self.momentum * np.var(x, axis=0, ddof=1)
        else:
            centred, var = x - self.running_mean, self.running_var.copy()
        inverse = 1 / np.sqrt(var + self.eps)
        self.cache = (centred, inverse, self.training, self.gamma.copy())
        return np.einsum("f,nf,f->nf", self.gamma, centred, inverse) + self.beta[None]

    def backward(self, dy):
        centred, inverse, training, gamma = self.cache
        N = dy.shape[0]
        self.grad_gamma = np.einsum("nf,nf,f->f", dy, centred, inverse)
        self.grad_beta = np.ones(N) @ dy
        d_hat = dy * gamma
        d_centred = d_hat * inverse
        if not training:
            return d_centred
        d_var = np.sum(d_hat * centred, axis=0) * -0.5 * inverse**3
        d_centred = d_centred + 2 / N * centred * d_var
        return d_centred - d_centred.sum(axis=0) / N


@right("BatchNorm")
class NormByMoments:
    """One pass over the batch, the variance as E[x²] − E[x]²; the Jacobian of a column written out."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.rate, self.training = eps, momentum, True
        self.parameters = {"gamma": np.ones(num_features), "beta": np.zeros(num_features)}
        self.gamma, self.beta = self.parameters["gamma"], self.parameters["beta"]
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)

    def forward(self, x):
        if self.training:
            mean = np.mean(x, 0)
            var = np.maximum(np.mean(x * x, 0) - mean * mean, 0)
            self.running_mean = self.running_mean + self.rate * (mean - self.running_mean)
            unbiased = np.cov(x.T, ddof=1).reshape(x.shape[1], x.shape[1]).diagonal()
            self.running_var = self.running_var + self.rate * (unbiased - self.running_var)
        else:
            mean, var = self.running_mean.copy(), self.running_var.copy()
        self.scale = (var + self.eps) ** -0.5
        self.normalized = np.asfortranarray((x - mean) * self.scale)
        self.in_training = self.training
        return np.add(np.multiply(self.normalized, self.gamma), self.beta)

    def backward(self, dy):
        self.grad_gamma = np.diag(dy.T @ self.normalized).copy()
        self.grad_beta = dy.sum(0)
        if not self.in_training:
            return dy * (self.gamma * self.scale)
        N = len(dy)
        columns = []
        for k, h in enumerate(self.normalized.T):
            jacobian = np.eye(N) - 1 / N - np.outer(h, h) / N
            columns.append(self.gamma[k] * self.scale[k] * jacobian @ dy[:, k])
        return np.stack(columns, axis=1)


@right("BatchNorm")
class NormAskingTheMode(NormPlain):
    """Backward looks at the mode as it is then; nobody changes it between forward and backward."""

    def backward(self, dy):
        self.batch = self.training
        return super().backward(dy)


FORWARD = ["norm_training", "norm_eps"]


@wrong(
    "BatchNorm",
    "eps outside the root",
    "You add eps to the standard deviation. It belongs to the variance, under the root: where a column hardly varies the two differ a lot.",
    loses=["norm_eps", "norm_dx_eps"],
)
class NormEpsOutside(NormPlain):
    def forward(self, x):
        y = super().forward(x)
        root = np.sqrt(np.maximum(self.std**2 - self.eps, 0)) + self.eps
        self.x_hat *= self.std / root
        self.std = root
        del y
        return self.gamma * self.x_hat + self.beta


@wrong(
    "BatchNorm",
    "always the same eps",
    "Your eps is always 1e-5. It is an argument of the constructor: keep it on self.",
    loses=["norm_eps", "norm_dx_eps"],
)
class NormOneEps(NormPlain):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__(num_features, 1e-5, momentum)


@wrong(
    "BatchNorm",
    "another default for eps",
    "Your eps is right where it is given. Where it is not, the contract says which one to take.",
    loses=["norm_eps"],
)
class NormOtherDefault(NormPlain):
    def __init__(self, num_features, eps=1e-8, momentum=0.1):
        super().__init__(num_features, eps, momentum)


@wrong(
    "BatchNorm",
    "normalized with 1/(N−1)",
    "You divide by the root of the unbiased variance. Within the batch this layer uses 1/N; only running_var is unbiased.",
    loses=["norm_training", "norm_eps", "norm_gradients", "norm_dx", "norm_dx_eps"],
)
class NormUnbiased(NormPlain):
    def forward(self, x):
        y = super().forward(x)
        if self.training:
            self.std = np.sqrt(x.var(axis=0, ddof=1) + self.eps)
            self.x_hat = (x - x.mean(axis=0)) / self.std
            y = self.gamma * self.x_hat + self.beta
        return y


@wrong(
    "BatchNorm",
    "running variance with 1/N",
    "You average the variances that you divide by. They are too small on average, by (N − 1)/N; the running variance makes up for that.",
    loses=["norm_running_var"],
)
class NormBiasedRunning(NormPlain):
    def track(self, x, mean, var):
        m = self.momentum
        self.running_mean = (1 - m) * self.running_mean + m * mean
        self.running_var = (1 - m) * self.running_var + m * var


@wrong(
    "BatchNorm",
    "momentum the other way round",
    "Your momentum is the weight of the past, as in some libraries. Here, as in torch, it is the weight of the new batch.",
    loses=["norm_running_mean", "norm_running_var"],
)
class NormOtherMomentum(NormPlain):
    def track(self, x, mean, var):
        m, n = self.momentum, len(x)
        self.running_mean = m * self.running_mean + (1 - m) * mean
        self.running_var = m * self.running_var + (1 - m) * var * n / (n - 1)


@wrong(
    "BatchNorm",
    "a running standard deviation",
    "You average standard deviations. running_var holds variances: the square goes in before the average.",
    loses=["norm_running_var"],
)
class NormRunningStd(NormPlain):
    def track(self, x, mean, var):
        super().track(x, mean, var)
        if not hasattr(self, "spread"):
            self.spread = np.ones_like(var)
        self.spread = (1 - self.momentum) * self.spread + self.momentum * x.std(axis=0, ddof=1)
        self.running_var = self.spread


@wrong(
    "BatchNorm",
    "variance around the running mean",
    "Your running variance measures from the running mean, as one lecture writes it. Early on that is far from the batch, and its distance gets into the variance. Each batch is measured from its own mean.",
    loses=["norm_running_var"],
)
class NormAroundRunning(NormPlain):
    def track(self, x, mean, var):
        m, n = self.momentum, len(x)
        self.running_mean = (1 - m) * self.running_mean + m * mean
        self.running_var = (1 - m) * self.running_var + m * np.sum((x - self.running_mean) ** 2, axis=0) / (n - 1)


@wrong(
    "BatchNorm",
    "statistics that never run",
    "Your running statistics stay what they were. Every forward pass in training must move them a little, or eval mode knows nothing of the data.",
    loses=["norm_running_mean", "norm_running_var"],
)
class NormNeverTracking(NormPlain):
    def track(self, x, mean, var):
        pass


@wrong(
    "BatchNorm",
    "the batch normalizes in eval mode too",
    "In eval mode you still use the statistics of the batch. Then a sample's answer depends on its neighbours, and a single sample has no answer at all.",
    loses=["norm_eps", "norm_eval", "norm_eval_backward"],
)
class NormAlwaysBatch(NormPlain):
    def forward(self, x):
        mode, self.training = self.training, True
        tracked = self.running_mean, self.running_var
        with np.errstate(all="ignore"):
            y = super().forward(x)
        self.training = mode
        if not mode:
            self.running_mean, self.running_var = tracked
        return y


@wrong(
    "BatchNorm",
    "eval mode keeps learning",
    "Your eval mode moves the running statistics. Whoever asks a trained network a question must leave it as it was.",
    loses=["norm_eval"],
)
class NormEvalTracks(NormPlain):
    def forward(self, x):
        y = super().forward(x)
        if not self.training:
            m = self.momentum
            self.running_mean = (1 - m) * self.running_mean + m * x.mean(axis=0)
        return y


@wrong(
    "BatchNorm",
    "the running statistics normalize in training",
    "In training you divide by the running statistics. They lag behind; it is the batch's own mean and variance that make its columns normal.",
    loses=["norm_training", "norm_eps", "norm_gradients", "norm_dx", "norm_dx_eps"],
)
class NormRunningInTraining(NormPlain):
    def forward(self, x):
        y = super().forward(x)
        if self.training:
            self.std = np.sqrt(self.running_var + self.eps)
            self.x_hat = (x - self.running_mean) / self.std
            y = self.gamma * self.x_hat + self.beta
        return y


@wrong(
    "BatchNorm",
    "one mean for all features",
    "Without an axis, mean and var run over the whole array. Every feature has statistics of its own, taken over the samples.",
    loses=[
        "norm_training",
        "norm_eps",
        "norm_running_mean",
        "norm_running_var",
        "norm_gradients",
        "norm_dx",
        "norm_dx_eps",
    ],
)
class NormWholeArray(NormPlain):
    def forward(self, x):
        self.batch = self.training
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean, var = x.mean(), x.var()
            self.track(x, mean, var)
        self.std = np.sqrt(var + self.eps)
        self.x_hat = (x - mean) / self.std
        return self.gamma * self.x_hat + self.beta


@wrong(
    "BatchNorm",
    "statistics of each sample",
    "You normalize every row over its features. That is layer normalization, a relative; here every column is normalized over the batch.",
    loses=[
        "norm_training",
        "norm_eps",
        "norm_scale",
        "norm_running_mean",
        "norm_running_var",
        "norm_gradients",
        "norm_dx",
        "norm_dx_eps",
    ],
)
class NormOfRows(NormPlain):
    def forward(self, x):
        self.batch = self.training
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean, var = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
            self.track(x, mean.mean(), var.mean())
        self.std = np.sqrt(var + self.eps)
        self.x_hat = (x - mean) / self.std
        return self.gamma * self.x_hat + self.beta


@wrong(
    "BatchNorm",
    "gamma and beta left out",
    "Your output is always normalized. γ and β give the network back what the normalization took; without them a layer could not even be left unchanged.",
    loses=["norm_scale"],
)
class NormWithoutScale(NormPlain):
    def forward(self, x):
        super().forward(x)
        return self.x_hat.copy()


@wrong(
    "BatchNorm",
    "beta stretched by gamma",
    "You add β first and stretch afterwards. γ stretches what was normalized, then β shifts it.",
    loses=["norm_scale"],
)
class NormBetaStretched(NormPlain):
    def forward(self, x):
        super().forward(x)
        return self.gamma * (self.x_hat + self.beta)


@wrong(
    "BatchNorm",
    "statistics taken for constants",
    "On the way back you treat the batch's mean and variance as constants. Each x moves both of them, and through them every output of its column.",
    loses=["norm_dx", "norm_dx_eps"],
)
class NormConstantStatistics(NormPlain):
    def backward(self, dy):
        super().backward(dy)
        return dy * self.gamma / self.std


@wrong(
    "BatchNorm",
    "the way through the variance forgotten",
    "Your dx knows that x moves the mean, but not that it moves the variance. Stretch a column: the output should not change, and your gradient says it does.",
    loses=["norm_dx", "norm_dx_eps"],
)
class NormWithoutVariancePath(NormPlain):
    def backward(self, dy):
        dx = super().backward(dy)
        if self.batch:
            d = dy * self.gamma
            dx = (d - d.mean(axis=0)) / self.std
        return dx


@wrong(
    "BatchNorm",
    "the way through the mean forgotten",
    "Your dx knows that x moves the variance, but not that it moves the mean. Shift a column: the output should not change, and your gradient says it does.",
    loses=["norm_dx", "norm_dx_eps"],
)
class NormWithoutMeanPath(NormPlain):
    def backward(self, dy):
        dx = super().backward(dy)
        if self.batch:
            d = dy * self.gamma
            dx = (d - self.x_hat * (d * self.x_hat).mean(axis=0)) / self.std
        return dx


@wrong(
    "BatchNorm",
    "gamma forgotten on the way back",
    "Your dx ignores γ. What was stretched by γ on the way forward has a gradient stretched by γ on the way back.",
    loses=["norm_dx", "norm_dx_eps", "norm_eval_backward"],
)
class NormWithoutGamma(NormPlain):
    def backward(self, dy):
        gamma, self.gamma = self.gamma, np.ones_like(self.gamma)
        dx = super().backward(dy)
        self.gamma = gamma
        return dx


@wrong(
    "BatchNorm",
    "no eps on the way back",
    "backward divides by √var, forward by √(var + eps). Where a column hardly varies that is another function's derivative.",
    loses=["norm_dx_eps"],
)
class NormBackwardWithoutEps(NormPlain):
    def backward(self, dy):
        dx = super().backward(dy)
        if self.batch:
            with np.errstate(all="ignore"):
                dx = dx * self.std / np.sqrt(self.std**2 - self.eps)
        return dx


@wrong(
    "BatchNorm",
    "gradients averaged over the batch",
    "grad_gamma and grad_beta are means over the batch in your layer. They are sums: the loss has already divided by N.",
    loses=["norm_gradients", "norm_eval_backward"],
)
class NormMeanGradients(NormPlain):
    def backward(self, dy):
        dx = super().backward(dy)
        self.grad_gamma, self.grad_beta = self.grad_gamma / len(dy), self.grad_beta / len(dy)
        return dx


@wrong(
    "BatchNorm",
    "the gradient of gamma taken with y",
    "γ multiplies the normalized x, so its gradient collects dy times that; you multiply dy with the layer's output.",
    loses=["norm_gradients", "norm_eval_backward"],
)
class NormGammaFromOutput(NormPlain):
    def backward(self, dy):
        dx = super().backward(dy)
        self.grad_gamma = np.sum(dy * (self.gamma * self.x_hat + self.beta), axis=0)
        return dx


@wrong(
    "BatchNorm",
    "gradients not summed",
    "You keep one gradient per sample. γ and β are the same for all samples, so their gradients collect from all of them: one number per feature.",
    loses=["norm_types", "norm_gradients", "norm_eval_backward"],
)
class NormGradientsPerSample(NormPlain):
    def backward(self, dy):
        dx = super().backward(dy)
        self.grad_gamma, self.grad_beta = dy * self.x_hat, dy.copy()
        return dx


@wrong(
    "BatchNorm",
    "gradients pile up",
    "You add to the gradients of the pass before. Other libraries do, and then ask for zero_grad; here every backward starts from nothing.",
    loses=["norm_state"],
)
class NormAccumulating(NormPlain):
    def backward(self, dy):
        old = getattr(self, "grad_gamma", 0), getattr(self, "grad_beta", 0)
        dx = super().backward(dy)
        self.grad_gamma, self.grad_beta = self.grad_gamma + old[0], self.grad_beta + old[1]
        return dx


@wrong(
    "BatchNorm",
    "eval mode goes back as if in training",
    "After an eval pass your backward still corrects for mean and variance. The running statistics do not depend on x: nothing is to be corrected.",
    loses=["norm_eval_backward"],
)
class NormEvalBackAsTraining(NormPlain):
    def backward(self, dy):
        self.batch = True
        return super().backward(dy)


@wrong(
    "BatchNorm",
    "memory shared by all layers",
    "You keep what backward needs where all layers share it (on the class, or in a global). In a network every layer has a batch of its own.",
    loses=["norm_state"],
)
class NormOnTheClass(NormPlain):
    def forward(self, x):
        y = super().forward(x)
        NormOnTheClass.latest = (self.batch, self.std, self.x_hat)
        return y

    def backward(self, dy):
        self.batch, self.std, self.x_hat = NormOnTheClass.latest
        return super().backward(dy)


@wrong(
    "BatchNorm",
    "running statistics shared by all layers",
    "Your running statistics belong to the class: every layer moves those of all others. Make them in __init__, on self.",
    loses=["norm_state"],
)
class NormSharedStatistics(NormPlain):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__(num_features, eps, momentum)
        del self.running_mean, self.running_var
        NormSharedStatistics.running_mean = np.zeros(num_features)
        NormSharedStatistics.running_var = np.ones(num_features)

    def track(self, x, mean, var):
        cls, n, m = NormSharedStatistics, len(x), self.momentum
        cls.running_mean = (1 - m) * cls.running_mean + m * mean
        cls.running_var = (1 - m) * cls.running_var + m * var * n / (n - 1)


@wrong(
    "BatchNorm",
    "the running variance starts at 0",
    "Your running variance starts at 0, as the mean does. A layer that has seen nothing should change nothing: what must it divide by?",
    loses=["norm_start", "norm_running_var"],
)
class NormVarianceFromZero(NormPlain):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__(num_features, eps, momentum)
        self.running_var = np.zeros(num_features)


@wrong(
    "BatchNorm",
    "writing into the batch",
    "x −= mean saves an array and costs the caller theirs: the layer before may still need its output.",
    loses=["inputs_unchanged"],
)
class NormInPlace(NormPlain):
    def forward(self, x):
        y = super().forward(x)
        x -= self.running_mean
        return y


@wrong(
    "BatchNorm",
    "gradients handed back instead of kept",
    "You return dx together with the gradients of γ and β. backward returns dx alone; the other two stay with the layer, as grad_gamma and grad_beta.",
    loses=["norm_types", "norm_gradients", "norm_dx", "norm_dx_eps", "norm_eval_backward", "norm_state"],
)
class NormTriple(NormPlain):
    def backward(self, dy):
        dx = super().backward(dy)
        gradients = self.grad_gamma, self.grad_beta
        del self.grad_gamma, self.grad_beta
        return dx, *gradients


# ---------------------------------------------------------------------------------------- fold_batchnorm


@right("fold_batchnorm")
def fold_by_scale_and_shift(gamma, beta, mean, var, eps, W, b):
    scale = gamma / np.sqrt(var + eps)
    shift = beta - scale * mean
    return W * scale, b + W @ shift


@right("fold_batchnorm")
def fold_with_diagonal_matrix(gamma, beta, mean, var, eps, W, b):
    print("folding", W.shape)
    D = np.diag(gamma) @ np.linalg.inv(np.diag((var + eps) ** 0.5))
    W2 = np.asfortranarray(W @ D)
    return W2, W.dot(beta) - W2.dot(mean) + b


@right("fold_batchnorm")
def fold_in_loops(gamma, beta, mean, var, eps, W, b):
    warnings.warn("slow", stacklevel=1)
    W2, b2 = np.zeros(W.shape), b.copy()
    for j in range(W.shape[0]):
        for k in range(W.shape[1]):
            W2[j, k] = W[j, k] * gamma[k] / np.sqrt(var[k] + eps)
            b2[j] += W[j, k] * beta[k] - W2[j, k] * mean[k]
    return W2, b2


@right("fold_batchnorm")
def fold_by_asking(gamma, beta, mean, var, eps, W, b):
    """Feed both layers known inputs: the answer at 0 is the bias, the rest are the columns."""

    def both(x):
        return (gamma * (x - mean) / np.sqrt(var + eps) + beta) @ W.T + b

    units = np.sqrt(var + eps)[:, None] * np.eye(len(mean))
    b2 = both(np.zeros((1, len(mean))))[0]
    W2 = (both(mean + units) - both(mean[None])) / np.sqrt(var + eps)[:, None]
    return np.ascontiguousarray(W2.T), b2


def _scale(gamma, var, eps):
    return gamma / np.sqrt(var + eps)


@wrong(
    "fold_batchnorm",
    "eps forgotten",
    "You divide by √var alone. Where a feature hardly varied that is far off, and where it never varied it is a division by zero.",
    loses=["fold_small_variances"],
)
def fold_without_eps(gamma, beta, mean, var, eps, W, b):
    with np.errstate(all="ignore"):
        return fold_by_scale_and_shift(gamma, beta, mean, var, 0.0, W, b)


@wrong(
    "fold_batchnorm",
    "eps outside the root",
    "You add eps to the standard deviation. The layer you fold adds it to the variance, under the root.",
    loses=["fold_small_variances"],
)
def fold_eps_outside(gamma, beta, mean, var, eps, W, b):
    scale = gamma / (np.sqrt(var) + eps)
    return W * scale, b + W @ (beta - scale * mean)


@wrong(
    "fold_batchnorm",
    "divided by the variance",
    "You divide by the variance. The normalization divides by its square root: a spread, in the units of x.",
    loses=["fold_weights", "fold_bias", "fold_small_variances"],
)
def fold_by_variance(gamma, beta, mean, var, eps, W, b):
    scale = gamma / (var + eps)
    return W * scale, b + W @ (beta - scale * mean)


@wrong(
    "fold_batchnorm",
    "beta forgotten",
    "Your bias takes the mean away and forgets β, which the normalization adds afterwards and W then mixes.",
    loses=["fold_bias", "fold_small_variances"],
)
def fold_without_beta(gamma, beta, mean, var, eps, W, b):
    scale = _scale(gamma, var, eps)
    return W * scale, b - W @ (scale * mean)


@wrong(
    "fold_batchnorm",
    "the mean forgotten",
    "Your layer stretches as the normalization does, and never takes the mean away.",
    loses=["fold_bias", "fold_small_variances"],
)
def fold_without_mean(gamma, beta, mean, var, eps, W, b):
    return W * _scale(gamma, var, eps), b + W @ beta


@wrong(
    "fold_batchnorm",
    "the mean added",
    "Your bias adds the mean where the normalization takes it away.",
    loses=["fold_bias", "fold_small_variances"],
)
def fold_adding_mean(gamma, beta, mean, var, eps, W, b):
    scale = _scale(gamma, var, eps)
    return W * scale, b + W @ (beta + scale * mean)


@wrong(
    "fold_batchnorm",
    "the mean not stretched",
    "You take the mean away after the stretch. The normalization takes it away first, so it is stretched along with x.",
    loses=["fold_bias", "fold_small_variances"],
)
def fold_mean_unstretched(gamma, beta, mean, var, eps, W, b):
    return W * _scale(gamma, var, eps), b + W @ (beta - mean)


@wrong(
    "fold_batchnorm",
    "beta stretched too",
    "You pass β through the new weights. β is added after the stretch: the old W is what it meets.",
    loses=["fold_bias", "fold_small_variances"],
)
def fold_beta_stretched(gamma, beta, mean, var, eps, W, b):
    W2 = W * _scale(gamma, var, eps)
    return W2, b + W2 @ (beta - mean)


@wrong(
    "fold_batchnorm",
    "the old bias left behind",
    "Your new bias holds what the normalization adds, and not the b that was there before.",
    loses=["fold_bias", "fold_small_variances"],
)
def fold_without_old_bias(gamma, beta, mean, var, eps, W, b):
    scale = _scale(gamma, var, eps)
    return W * scale, W @ (beta - scale * mean)


@wrong(
    "fold_batchnorm",
    "gamma forgotten",
    "You divide by the spread and leave γ out, in the weights and in the bias.",
    loses=["fold_weights", "fold_bias", "fold_small_variances"],
)
def fold_without_gamma(gamma, beta, mean, var, eps, W, b):
    return fold_by_scale_and_shift(np.ones_like(gamma), beta, mean, var, eps, W, b)


@wrong(
    "fold_batchnorm",
    "the normalization behind the linear layer",
    "You fold a normalization that comes after the linear layer, one stretch per output. Here it comes before, with one per input.",
    loses=["fold_type", "fold_weights", "fold_bias", "fold_small_variances"],
)
def fold_the_other_order(gamma, beta, mean, var, eps, W, b):
    scale = _scale(gamma, var, eps)
    return scale[:, None] * W, scale * (b - mean) + beta


@wrong(
    "fold_batchnorm",
    "W2 transposed",
    "Your weights have a row per input. This course's layers have a row per output, y = x @ W.T + b.",
    loses=["fold_type", "fold_weights", "fold_small_variances"],
)
def fold_transposed(gamma, beta, mean, var, eps, W, b):
    W2, b2 = fold_by_scale_and_shift(gamma, beta, mean, var, eps, W, b)
    return W2.T, b2


@wrong(
    "fold_batchnorm",
    "writing into W",
    "W *= … changes the caller's layer: the network that was folded is no longer the one it was.",
    loses=["inputs_unchanged"],
)
def fold_in_place(gamma, beta, mean, var, eps, W, b):
    scale = _scale(gamma, var, eps)
    b2 = b + W @ (beta - scale * mean)
    W *= scale
    return W.copy(), b2
