"""Mutants that no input within the contract tells from the solution: named, each with the reason, in this one place.

They do not count. An entry is found by the name of its mutant, so moving lines leaves it alone, and changing the
statement makes it stale. `autograder.mutation.Report` names stale entries, those that lose points after all
among them, and the tests refuse both.
"""

from __future__ import annotations

__all__ = ["EQUIVALENTS"]

SAME_PRODUCT = "a product of vectors, or of a vector with a symmetric matrix, is the same from both sides"
SAME_LENGTH = "strict= only guards against sequences of different lengths, and these have one length"
A_FLOAT = "numpy.float64 is a float of the contract as well"
ONLY_ZERO = "the count is only asked whether it is 0"
NONE_NEAR_ZERO = "eigenvalues within 1e-10 of 0 have been sorted out before"
FREE_SIGNS = "the contract leaves the signs free"
ROUNDING = "of equal entries only the rounding of their mean is left, and nothing is held against rounding"
MIRRORED = "the law is symmetric about 0, and the contract leaves the draws free"
SAME_MAXIMUM = "the larger of two numbers is the same from both sides"
SQUARED = "it is squared"
SAME_PRODUCT_OF_NUMBERS = "a and b play the same part, and only their product is returned"
SAME_SIGNS = "a positive factor changes no sign"
NEVER_ZERO = "an eigenvalue of random matrices is exactly 0 with probability 0"
OTHER_CHOICE = "sizes, steps and epochs are the student's to choose, and this choice reads the digits as well"
OWN_ARRAY = "the result is a new array either way; a caller who writes into it is no input"

SAME_ZERO = "0 and 0.0 are the same number to begin with"
EXACT_THRESHOLD = "a difference of two slopes is exactly 1e-12 by luck of rounding only, which nothing is held against"
UNUSED_DIVISOR = "where the secant is unusable its value is not used"

#: By exercise: the mutant's name, and why no legal input tells it apart.
EQUIVALENTS: dict[str, dict[str, str]] = {
    # ps1_losses
    "mse": {
        "return np.mean(np.sum((f - y) ** 2, axis=1)) → return np.mean(np.sum((y - f) ** 2, axis=1))": SQUARED,
    },
    "softmax_jacobian": {
        "y = softmax(h[np.newaxis])[0] → y = softmax(h[np.newaxis])[-1]": "there is one row, the first and the last",
    },
    "perceptron": {
        "for x, sign in zip(inputs, t, strict=True): → for x, sign in zip(inputs, t, strict=False):": SAME_LENGTH,
        "if sign * (w @ x) <= 0: → if sign * (x @ w) <= 0:": SAME_PRODUCT,
        "mistakes += 1 → mistakes -= 1": ONLY_ZERO,
        "mistakes += 1 → mistakes = 1": ONLY_ZERO,
        "mistakes += 1 → mistakes += 2": ONLY_ZERO,
    },
    # ps2_quadratics
    "quadratic": {
        "loss = 0.5 * w @ A @ w - b @ w → loss = w @ (0.5 * w @ A) - b @ w": SAME_PRODUCT,
        "loss = 0.5 * w @ A @ w - b @ w → loss = A @ (0.5 * w) @ w - b @ w": SAME_PRODUCT,
        "loss = 0.5 * w @ A @ w - b @ w → loss = 0.5 * w @ A @ w - w @ b": SAME_PRODUCT,
        "gradient = A @ w - b → gradient = w @ A - b": SAME_PRODUCT,
        "return (float(loss), gradient) → return (loss, gradient)": A_FLOAT,
    },
    "gradient_descent": {
        "path[k + 1] = path[k] - lr * (A @ path[k] - b) → path[k + 1] = path[k] - lr * (path[k] @ A - b)": SAME_PRODUCT,
    },
    "convergence_rate": {
        "return np.max(np.abs(1 - lr * np.linalg.eigvalsh(A)))"
        " → return np.max(np.abs(lr * np.linalg.eigvalsh(A) - 1))": "the absolute value is taken",
    },
    "to_eigenbasis": {
        "return (eigenvalues, Q.T @ (w - minimum)) → return (eigenvalues, Q.T @ (minimum - w))": FREE_SIGNS,
    },
    "exact_line_search": {
        "g = A @ path[k] - b → g = path[k] @ A - b": SAME_PRODUCT,
        "curvature = g @ A @ g → curvature = g @ (g @ A)": SAME_PRODUCT,
        "curvature = g @ A @ g → curvature = A @ g @ g": SAME_PRODUCT,
        "alpha = g @ g / curvature if curvature > 0 else 0.0 → alpha = g @ g / curvature if curvature > 0 else 1.0": (
            "A is positive definite: without curvature the gradient is 0, and any step stays"
        ),
    },
    "classify_critical_point": {
        "if np.any(np.abs(eigenvalues) <= 1e-10): → if np.any(np.abs(eigenvalues) < 1e-10):": (
            "they differ at 1e-10 itself, where rounding decides"
        ),
        "if np.all(eigenvalues > 0): → if np.all(eigenvalues >= 0):": NONE_NEAR_ZERO,
        "if np.all(eigenvalues < 0): → if np.all(eigenvalues <= 0):": NONE_NEAR_ZERO,
    },
    # ps3_whitening
    "standardize": {
        "constant = np.all(X == X[0], axis=0) → constant = np.all(X == X[-1], axis=0)": (
            "all entries equal the first where all equal the last"
        ),
        "std = np.where(constant, 0.0, X.std(axis=0)) → std = np.where(0.0, constant, X.std(axis=0))": ROUNDING,
        "Xs = np.where(constant, 0.0, X - mean) / np.where(constant, 1.0, std)"
        " → Xs = np.where(0.0, constant, X - mean) / np.where(constant, 1.0, std)": ROUNDING,
        "Xs = np.where(constant, 0.0, X - mean) / np.where(constant, 1.0, std)"
        " → Xs = np.where(constant, 0.0, X - mean) / np.where(constant, 2.0, std)": "0 divided by any number is 0",
        "Xs = np.where(constant, 0.0, X - mean) / np.where(constant, 1.0, std)"
        " → Xs = np.where(constant, 0.0, X - mean) / np.where(constant, 0.5, std)": "0 divided by any number is 0",
    },
    "pca_whiten": {
        "centred = X - X.mean(axis=0) → centred = X.mean(axis=0) - X": FREE_SIGNS,
        "return centred @ E[:, kept] / np.sqrt(eigenvalues[kept] + eps)"
        " → return -(centred @ E[:, kept] / np.sqrt(eigenvalues[kept] + eps))": FREE_SIGNS,
    },
    "regression_gd": {
        "residual = X @ w - y → residual = X @ w + y": "w walks the mirrored path, and every residual keeps its size",
    },
    # ps4_initialization
    **{
        name: {
            "return rng.normal(0.0, std, size=(fan_out, fan_in))"
            " → return -rng.normal(0.0, std, size=(fan_out, fan_in))": MIRRORED
        }
        for name in ("lecun_normal", "xavier_normal", "he_normal")
    },
    "xavier_uniform": {
        "return rng.uniform(-edge, edge, size=(fan_out, fan_in))"
        " → return -rng.uniform(-edge, edge, size=(fan_out, fan_in))": MIRRORED,
    },
    "forward_variances": {
        "phi = {'linear': lambda s: s, 'tanh': np.tanh, 'relu': lambda s: np.maximum(s, 0)}[activation]"
        " → phi = {'linear': lambda s: s, 'tanh': np.tanh, 'relu': lambda s: np.maximum(0, s)}[activation]": (
            SAME_MAXIMUM
        ),
    },
    "backward_variances": {
        "phi = {'linear': lambda s: s, 'tanh': np.tanh, 'relu': lambda s: np.maximum(s, 0)}[activation]"
        " → phi = {'linear': lambda s: s, 'tanh': np.tanh, 'relu': lambda s: np.maximum(0, s)}[activation]": (
            SAME_MAXIMUM
        ),
        "slope = {'linear': np.ones_like, 'tanh': lambda s: 1 - np.tanh(s) ** 2, 'relu': lambda s: s > 0}[activation]"
        " → slope = {'linear': np.ones_like, 'tanh': lambda s: np.tanh(s) ** 2 - 1, 'relu': lambda s: s > 0}"
        "[activation]": ("the gradient of a whole layer changes its sign, and a variance does not ask for it"),
        "for W, s in zip(reversed(weights), reversed(sums), strict=True):"
        " → for W, s in zip(reversed(weights), reversed(sums), strict=False):": SAME_LENGTH,
    },
    # ps5_sgd
    "balanced_minibatches": {
        "rank = np.empty(len(X), dtype=int) → rank = np.empty(len(X))": "ranks are only compared and sorted",
        "for c in np.unique(labels): → for c in labels:": "a class dealt twice is as random as before",
    },
    "sgd_step": {
        "return [p - lr * g for p, g in zip(params, grads, strict=True)]"
        " → return [p - lr * g for p, g in zip(params, grads, strict=False)]": SAME_LENGTH,
    },
    "linear_decay": {"a = min(k / tau, 1.0) → a = min(1.0, k / tau)": "the smaller of two numbers, from both sides"},
    "EMA": {
        "update: pairs = zip(self.average, params, strict=True)"
        " → pairs = zip(self.average, params, strict=False)": SAME_LENGTH,
    },
    "sgd_linear_regression": {
        "losses = [np.mean((y - X @ w) ** 2) / 2] → losses = [np.mean((y + X @ w) ** 2) / 2]": "w is 0 here",
        "losses = [np.mean((y - X @ w) ** 2) / 2] → losses = [np.mean((X @ w - y) ** 2) / 2]": SQUARED,
        "losses.append(np.mean((y - X @ w) ** 2) / 2) → losses.append(np.mean((X @ w - y) ** 2) / 2)": SQUARED,
    },
    # ps7_optimizers
    "Rprop": {
        "update: self.size = np.clip(self.size * factor, self.min_step, self.max_step)"
        " → self.size = np.clip(self.min_step, self.size * factor, self.max_step)": SAME_MAXIMUM,
    },
    "Adam": {
        "__init__: self.m, self.v, self.t = (0.0, 0.0, 0) → self.m, self.v, self.t = (0.0, 0, 0.0)": SAME_ZERO,
    },
    "AMSGrad": {
        "__init__: self.m, self.v, self.v_max, self.t = (0.0, 0.0, 0.0, 0)"
        " → self.m, self.v, self.v_max, self.t = (0.0, 0.0, 0, 0.0)": SAME_ZERO,
        "update: self.v_max = np.maximum(self.v_max, self.v)"
        " → self.v_max = np.maximum(self.v, self.v_max)": SAME_MAXIMUM,
    },
    "Quickprop": {
        "update: usable = np.abs(difference) >= 1e-12 → usable = np.abs(difference) > 1e-12": EXACT_THRESHOLD,
        "update: secant = self.step * grad / np.where(usable, difference, 1.0)"
        " → secant = self.step * grad / np.where(usable, difference, 2.0)": UNUSED_DIVISOR,
        "update: secant = self.step * grad / np.where(usable, difference, 1.0)"
        " → secant = self.step * grad / np.where(usable, difference, 0.5)": UNUSED_DIVISOR,
        "update: step = np.where(usable, np.clip(secant, -longest, longest), step)"
        " → step = np.where(usable, np.clip(-longest, secant, longest), step)": SAME_MAXIMUM,
    },
    # ps8_backprop
    "Tanh": {"forward: return self.y.copy() → return self.y": OWN_ARRAY},
    "Sigmoid": {"forward: return self.y.copy() → return self.y": OWN_ARRAY},
    "train": {
        "for parameter, gradient in zip(mlp.parameters(), mlp.gradients(), strict=True):"
        " → for parameter, gradient in zip(mlp.parameters(), mlp.gradients(), strict=False):": SAME_LENGTH,
        "losses.append(float(total / len(X))) → losses.append(total / len(X))": A_FLOAT,
    },
    # ps9_mlp_torch
    "train_epoch": {
        "order = torch.randperm(len(X), generator=torch.Generator().manual_seed(seed))"
        " → order = torch.randperm(len(X), generator=torch.manual_seed(seed))": "how the seed decides is free",
        "total += len(batch) * loss.item() → total += len(batch) * loss": "the loss may be a tensor without axes",
    },
    "evaluate": {
        "labels = torch.as_tensor(labels) → (dropped)": "torch compares with an array as it does with a tensor",
    },
    "fit": {
        "model = build_mlp([64, 256, 256, 10], batch_norm=True)"
        " → model = build_mlp([64, 257, 256, 10], batch_norm=True)": OTHER_CHOICE,
        "model = build_mlp([64, 256, 256, 10], batch_norm=True)"
        " → model = build_mlp([64, 255, 256, 10], batch_norm=True)": OTHER_CHOICE,
        "model = build_mlp([64, 256, 256, 10], batch_norm=True)"
        " → model = build_mlp([64, 256, 257, 10], batch_norm=True)": OTHER_CHOICE,
        "model = build_mlp([64, 256, 256, 10], batch_norm=True)"
        " → model = build_mlp([64, 256, 255, 10], batch_norm=True)": OTHER_CHOICE,
        "model = build_mlp([64, 256, 256, 10], batch_norm=True)"
        " → model = build_mlp([64, 256, 256, 10], batch_norm=False)": OTHER_CHOICE,
        "num_epochs = 15 → num_epochs = 16": OTHER_CHOICE,
        "num_epochs = 15 → num_epochs = 14": OTHER_CHOICE,
        "for epoch in range(num_epochs): → for epoch in range(num_epochs + 1):": OTHER_CHOICE,
        "for epoch in range(num_epochs): → for epoch in range(num_epochs - 1):": OTHER_CHOICE,
        "lr = 0.003 * (1 - epoch / num_epochs) → lr = 0.006 * (1 - epoch / num_epochs)": OTHER_CHOICE,
        "lr = 0.003 * (1 - epoch / num_epochs) → lr = 0.0015 * (1 - epoch / num_epochs)": OTHER_CHOICE,
        "lr = 0.003 * (1 - epoch / num_epochs) → lr = 0.003 * (1 + epoch / num_epochs)": OTHER_CHOICE,
        "lr = 0.003 * (1 - epoch / num_epochs) → lr = 0.003 * (2 - epoch / num_epochs)": OTHER_CHOICE,
        "train_epoch(model, X, labels, 'adam', lr, 64, seed + epoch)"
        " → train_epoch(model, X, labels, 'adam', lr, 65, seed + epoch)": OTHER_CHOICE,
        "train_epoch(model, X, labels, 'adam', lr, 64, seed + epoch)"
        " → train_epoch(model, X, labels, 'adam', lr, 63, seed + epoch)": OTHER_CHOICE,
        "train_epoch(model, X, labels, 'adam', lr, 64, seed + epoch)"
        " → train_epoch(model, X, labels, 'adam', lr, 64, seed - epoch)": "how the seed decides is free",
    },
    # ps10_landscapes
    "interpolate": {
        "return [(1 - t) * a + t * b for a, b in zip(params_a, params_b, strict=True)]"
        " → return [(1 - t) * a + t * b for a, b in zip(params_a, params_b, strict=False)]": SAME_LENGTH,
    },
    "mode_strength": {
        "a, b = (a0, b0) → a, b = (b0, a0)": SAME_PRODUCT_OF_NUMBERS,
        "a, b = (a + step * b, b + step * a) → a, b = (b + step * a, a + step * b)": SAME_PRODUCT_OF_NUMBERS,
    },
    "random_hessian_saddle_fraction": {
        **{
            "eigenvalues = np.linalg.eigvalsh((G + G.transpose(0, 2, 1)) / 2)"
            f" → eigenvalues = np.linalg.eigvalsh((G + G.transpose(0, 2, 1)) {other})": SAME_SIGNS
            for other in ("* 2", "/ 1", "/ 3")
        },
        **{
            "return np.mean((eigenvalues[:, 0] < 0) & (eigenvalues[:, -1] > 0))"
            f" → return np.mean((eigenvalues[:, 0] {low} 0) & (eigenvalues[:, -1] {high} 0))": NEVER_ZERO
            for low, high in (("<=", ">"), ("<", ">="))
        },
    },
    "clip_by_norm": {
        "factor = max_norm / norm if norm > max_norm else 1.0"
        " → factor = max_norm / norm if norm >= max_norm else 1.0": ("at norm = max_norm the quotient is 1"),
    },
}
