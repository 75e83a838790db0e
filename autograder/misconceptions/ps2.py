"""Problem set 2, quadratics: right answers in different styles, and the mistakes people make."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from autograder.misconceptions import Table

TABLE = Table()
right, wrong = TABLE.right, TABLE.wrong

# ruff: noqa: D103 - the name given to each answer says what it is
# mypy: disable-error-code="no-untyped-def,no-untyped-call,type-arg"

# --------------------------------------------------------------------------------------------- quadratic


@right("quadratic")
def quadratic_matmul(A, b, w):
    gradient = A @ w - b
    return 0.5 * (w @ A @ w) - b @ w, gradient


@right("quadratic")
def quadratic_loops(A, b, w):
    M = len(w)
    loss, gradient = 0.0, np.zeros(M)
    for i in range(M):
        for j in range(M):
            loss += 0.5 * w[i] * A[i, j] * w[j]
            gradient[i] += A[i, j] * w[j]
        loss -= b[i] * w[i]
        gradient[i] -= b[i]
    return float(loss), gradient


@right("quadratic")
def quadratic_einsum_with_a_warning(A, b, w):
    warnings.warn("still learning einsum", stacklevel=1)
    print("w =", w)
    Aw = np.einsum("ij,j->i", A, w)
    return np.float64(np.einsum("i,i->", w, Aw / 2 - b)), np.asfortranarray(Aw - b)


@right("quadratic")
def quadratic_symmetrised(A, b, w):
    column = w.reshape(-1, 1)
    loss = (0.5 * column.T @ A @ column - b.reshape(1, -1) @ column).item()
    return loss, ((A + A.T) @ w / 2) - b


@wrong(
    "quadratic",
    "no ½ in the loss",
    "Your loss is wᵀA w − bᵀw. The ½ belongs to the definition here; it is what makes the gradient come out without a 2.",
    loses=["loss_value"],
)
def quadratic_without_half(A, b, w):
    return w @ A @ w - b @ w, A @ w - b


@wrong(
    "quadratic",
    "a 2 in the gradient",
    "You differentiated wᵀA w as if the ½ were not there: check the gradient against a finite difference of your own loss.",
    loses=["gradient_value"],
)
def quadratic_gradient_doubled(A, b, w):
    return 0.5 * w @ A @ w - b @ w, 2 * A @ w - b


@wrong(
    "quadratic",
    "the ½ missing everywhere",
    "Loss and gradient fit each other, but they belong to wᵀA w − bᵀw: the quadratic of this course carries a ½.",
    loses=["loss_value", "gradient_value"],
)
def quadratic_of_another_convention(A, b, w):
    return w @ A @ w - b @ w, 2 * A @ w - b


@wrong(
    "quadratic",
    "b with a plus sign",
    "The linear term is subtracted. With a plus the minimum would lie at −A⁻¹b, the mirror image of where it should be.",
    loses=["loss_value", "gradient_value"],
)
def quadratic_plus_b(A, b, w):
    return 0.5 * w @ A @ w + b @ w, A @ w + b


@wrong(
    "quadratic",
    "b missing in the gradient",
    "Your gradient vanishes at w = 0 whatever b is. Differentiate the linear term of the loss as well.",
    loses=["gradient_value"],
)
def quadratic_gradient_without_b(A, b, w):
    return 0.5 * w @ A @ w - b @ w, A @ w


@wrong(
    "quadratic",
    "gradient pointing downhill",
    "You return the descent direction, minus the gradient. The gradient itself points uphill; the minus sign belongs to the step.",
    loses=["gradient_value"],
)
def quadratic_downhill(A, b, w):
    return 0.5 * w @ A @ w - b @ w, b - A @ w


@wrong(
    "quadratic",
    "elementwise product",
    "A * w multiplies each column of A by a number; the matrix-vector product also adds them up.",
    loses=["loss_and_gradient_types", "loss_value", "gradient_value"],
)
def quadratic_elementwise(A, b, w):
    return 0.5 * w * A * w - b * w, A * w - b


@wrong(
    "quadratic",
    "½ on the linear term too",
    "The ½ multiplies the quadratic term only, not bᵀw.",
    loses=["loss_value"],
)
def quadratic_half_of_everything(A, b, w):
    return 0.5 * (w @ A @ w - b @ w), A @ w - b


# -------------------------------------------------------------------------------------- gradient_descent


@right("gradient_descent")
def descent_preallocated(A, b, w0, lr, num_steps):
    path = np.empty((num_steps + 1, len(w0)))
    path[0] = w0
    for k in range(num_steps):
        path[k + 1] = path[k] - lr * (A @ path[k] - b)
    return path


@right("gradient_descent")
def descent_appending_copies(A, b, w0, lr, num_steps):
    w = w0.copy()
    path = [w.copy()]
    for _ in range(num_steps):
        w -= lr * (A @ w - b)
        path.append(w.copy())
    return np.array(path)


@right("gradient_descent")
def descent_recursive(A, b, w0, lr, num_steps):
    if num_steps == 0:
        return w0[None, :].copy()
    rest = descent_recursive(A, b, w0 - lr * (A @ w0 - b), lr, num_steps - 1)
    return np.vstack([w0, rest])


@right("gradient_descent")
def descent_by_iteration_matrix(A, b, w0, lr, num_steps):
    step = np.eye(len(w0)) - lr * A
    path = [w0]
    while len(path) <= num_steps:
        path.append(step.dot(path[-1]) + lr * b)
    return np.stack(path)


@wrong(
    "gradient_descent",
    "the same array stored every time",
    "You append the one array that you then change in place, so every row ends up being the last point.",
    loses=["first_step", "path_value"],
)
def descent_aliased(A, b, w0, lr, num_steps):
    w = w0.copy()
    path = [w]
    for _ in range(num_steps):
        w -= lr * (A @ w - b)
        path.append(w)
    return np.array(path)


@wrong(
    "gradient_descent",
    "uphill",
    "You add the gradient. It points to where the loss grows fastest; descent goes the other way.",
    loses=["first_step", "path_value"],
)
def descent_uphill(A, b, w0, lr, num_steps):
    return descent_preallocated(A, b, w0, -lr, num_steps)


@wrong(
    "gradient_descent",
    "the start is missing",
    "Your first row is the point after one step. The path begins where you begin, at w0.",
    loses=["path_shape", "first_step", "path_value"],
)
def descent_without_start(A, b, w0, lr, num_steps):
    return descent_preallocated(A, b, w0, lr, num_steps)[1:]


@wrong(
    "gradient_descent",
    "one step too few",
    "You return num_steps points; between them lie only num_steps − 1 steps.",
    loses=["path_shape", "first_step", "path_value"],
)
def descent_too_short(A, b, w0, lr, num_steps):
    return descent_preallocated(A, b, w0, lr, num_steps)[:-1]


@wrong(
    "gradient_descent",
    "only the last point",
    "You return where descent ends. The exercise asks for the whole way there, one row per point.",
    loses=["path_shape", "first_step", "path_value"],
)
def descent_last_only(A, b, w0, lr, num_steps):
    return descent_preallocated(A, b, w0, lr, num_steps)[-1]


@wrong(
    "gradient_descent",
    "the gradient never recomputed",
    "Every step uses the gradient of the start. It changes with w: compute it anew at each point.",
    loses=["path_value"],
)
def descent_frozen_gradient(A, b, w0, lr, num_steps):
    gradient = A @ w0 - b
    return np.array([w0 - k * lr * gradient for k in range(num_steps + 1)])


@wrong(
    "gradient_descent",
    "normalised gradient",
    "You divide the gradient by its length, so every step is equally long. Plain gradient descent takes shorter steps as the slope flattens.",
    loses=["first_step", "path_value"],
)
def descent_normalised(A, b, w0, lr, num_steps):
    path = [w0]
    for _ in range(num_steps):
        gradient = A @ path[-1] - b
        path.append(path[-1] - lr * gradient / np.linalg.norm(gradient))
    return np.array(path)


@wrong(
    "gradient_descent",
    "b forgotten",
    "Your path runs to 0 instead of A⁻¹b: the gradient has a term with b.",
    loses=["first_step", "path_value"],
)
def descent_without_b(A, b, w0, lr, num_steps):
    return descent_preallocated(A, 0 * b, w0, lr, num_steps)


@wrong(
    "gradient_descent",
    "writing into w0",
    "Your path is right, but w -= … also moves the caller's w0. Start from a copy.",
    loses=["inputs_unchanged"],
)
def descent_moves_the_start(A, b, w0, lr, num_steps):
    path = [w0.copy()]
    for _ in range(num_steps):
        w0 -= lr * (A @ w0 - b)
        path.append(w0.copy())
    return np.array(path)


@wrong(
    "gradient_descent",
    "a list of points",
    "The points are right, but they come as a Python list: stack them into one array.",
    loses=["path_shape"],
)
def descent_list(A, b, w0, lr, num_steps):
    return list(descent_preallocated(A, b, w0, lr, num_steps))


# -------------------------------------------------------------------------------------- condition_number


@right("condition_number")
def kappa_eigvalsh(A):
    eigenvalues = np.linalg.eigvalsh(A)
    return eigenvalues[-1] / eigenvalues[0]


@right("condition_number")
def kappa_singular_values(A):
    return float(np.linalg.cond(A))


@right("condition_number")
def kappa_norms(A):
    return np.linalg.norm(A, 2) * np.linalg.norm(np.linalg.inv(A), 2)


@right("condition_number")
def kappa_unsorted_eig(A):
    values = np.linalg.eig(A)[0].real
    return float(max(values) / min(values))


@wrong(
    "condition_number",
    "upside down",
    "You divide the smallest eigenvalue by the largest. Some lectures do, and call a small number bad; here the condition number is at least 1.",
    loses=["kappa_value", "kappa_extremes"],
)
def kappa_inverse(A):
    eigenvalues = np.linalg.eigvalsh(A)
    return eigenvalues[0] / eigenvalues[-1]


@wrong(
    "condition_number",
    "Frobenius norm",
    "‖A‖·‖A⁻¹‖ gives this condition number with the spectral norm only; the Frobenius norm mixes all eigenvalues.",
    loses=["kappa_value", "kappa_extremes"],
)
def kappa_frobenius(A):
    return float(np.linalg.cond(A, "fro"))


@wrong(
    "condition_number",
    "diagonal instead of eigenvalues",
    "You compare diagonal entries. They are the eigenvalues only when A is diagonal, when the valley lies along an axis.",
    loses=["kappa_value", "kappa_extremes"],
)
def kappa_diagonal(A):
    diagonal = np.diag(A)
    return float(diagonal.max() / diagonal.min())


@wrong(
    "condition_number",
    "the condition number of AᵀA",
    "You took singular values or eigenvalues of AᵀA, which are the squares: the ratio comes out squared.",
    loses=["kappa_value", "kappa_extremes"],
)
def kappa_squared(A):
    return float(np.linalg.cond(A) ** 2)


@wrong(
    "condition_number",
    "a root too many",
    "The root of the ratio is how elongated the contour ellipse is (its axes go as λ^−½). The condition number is the ratio of the curvatures themselves.",
    loses=["kappa_value", "kappa_extremes"],
)
def kappa_root(A):
    return float(np.sqrt(np.linalg.cond(A)))


@wrong(
    "condition_number",
    "eig taken for sorted",
    "np.linalg.eig returns eigenvalues in no particular order: first over last is not largest over smallest.",
    loses=["kappa_value", "kappa_extremes"],
)
def kappa_first_over_last(A):
    values = np.linalg.eig(A)[0]
    return float(values[0] / values[-1])


@wrong(
    "condition_number",
    "a difference, not a ratio",
    "You subtract the eigenvalues. The condition number compares them by division, so that the scale of A does not matter.",
    loses=["kappa_value", "kappa_extremes"],
)
def kappa_difference(A):
    eigenvalues = np.linalg.eigvalsh(A)
    return eigenvalues[-1] - eigenvalues[0]


# -------------------------------------------------------------------------------------- convergence_rate


@right("convergence_rate")
def rate_all_directions(A, lr):
    return np.max(np.abs(1 - lr * np.linalg.eigvalsh(A)))


@right("convergence_rate")
def rate_two_ends(A, lr):
    eigenvalues = sorted(np.linalg.eigh(A)[0])
    return float(max(abs(1 - lr * eigenvalues[0]), abs(1 - lr * eigenvalues[-1])))


@right("convergence_rate")
def rate_spectral_norm(A, lr):
    return np.linalg.norm(np.eye(len(A)) - lr * A, ord=2)


@right("convergence_rate")
def rate_loop(A, lr):
    worst = 0.0
    for singular in np.linalg.svd(A, compute_uv=False):
        worst = max(worst, float(abs(1 - lr * singular)))
    return worst


@wrong(
    "convergence_rate",
    "no absolute value",
    "1 − ηλ is negative where a direction overshoots. What counts is how much of the error is left, whatever its sign.",
    loses=["rate_of_large_steps", "rate_of_divergence"],
)
def rate_signed(A, lr):
    return float(np.max(1 - lr * np.linalg.eigvalsh(A)))


@wrong(
    "convergence_rate",
    "only the steepest direction",
    "You look at λ_max only. With small steps the flattest direction is the slow one.",
    loses=["rate_of_small_steps"],
)
def rate_steepest(A, lr):
    return float(abs(1 - lr * np.linalg.eigvalsh(A)[-1]))


@wrong(
    "convergence_rate",
    "only the flattest direction",
    "You look at λ_min only. With large steps the steepest direction overshoots first.",
    loses=["rate_of_large_steps", "rate_of_divergence"],
)
def rate_flattest(A, lr):
    return float(abs(1 - lr * np.linalg.eigvalsh(A)[0]))


@wrong(
    "convergence_rate",
    "the fastest direction",
    "You take the smallest factor, the direction that converges fastest. The whole waits for the slowest.",
    loses=["rate_of_small_steps", "rate_of_large_steps", "rate_of_divergence"],
)
def rate_fastest(A, lr):
    return float(np.min(np.abs(1 - lr * np.linalg.eigvalsh(A))))


@wrong(
    "convergence_rate",
    "the rate of the best step",
    "(κ − 1)/(κ + 1) is the rate of the best learning rate. Yours has to depend on the lr that is given.",
    loses=["rate_of_small_steps", "rate_of_large_steps", "rate_of_divergence"],
)
def rate_of_optimum(A, lr):
    kappa = np.linalg.cond(A)
    return float((kappa - 1) / (kappa + 1))


@wrong(
    "convergence_rate",
    "the rate of the loss",
    "You squared it: that is how fast the loss shrinks. The rate asked for is that of the distance to the minimum.",
    loses=["rate_of_small_steps", "rate_of_large_steps", "rate_of_divergence"],
)
def rate_squared(A, lr):
    return float(np.max(np.abs(1 - lr * np.linalg.eigvalsh(A))) ** 2)


@wrong(
    "convergence_rate",
    "cut off at 1",
    "You report at most 1. Beyond 2/λ_max the error grows, and the rate says how fast: it exceeds 1.",
    loses=["rate_of_divergence"],
)
def rate_clipped(A, lr):
    return float(min(np.max(np.abs(1 - lr * np.linalg.eigvalsh(A))), 1.0))


@wrong(
    "convergence_rate",
    "an average over the directions",
    "You average the factors. After a few steps only the slowest direction is left, so the largest factor decides alone.",
    loses=["rate_of_small_steps", "rate_of_large_steps", "rate_of_divergence"],
)
def rate_mean(A, lr):
    return float(np.mean(np.abs(1 - lr * np.linalg.eigvalsh(A))))


# --------------------------------------------------------------------------------- optimal_learning_rate


@right("optimal_learning_rate")
def best_ends(A):
    eigenvalues = np.linalg.eigvalsh(A)
    return 2 / (eigenvalues[0] + eigenvalues[-1])


@right("optimal_learning_rate")
def best_norms(A):
    return float(2 / (np.linalg.norm(A, 2) + 1 / np.linalg.norm(np.linalg.inv(A), 2)))


@right("optimal_learning_rate")
def best_with_kappa(A):
    singular = np.linalg.svd(A)[1]
    kappa = singular.max() / singular.min()
    return float(2 * kappa / (singular.max() * (kappa + 1)))


@wrong(
    "optimal_learning_rate",
    "one over the largest eigenvalue",
    "1/λ_max makes the steepest direction arrive at once and the flattest crawl. A larger step balances the two.",
    loses=["best_value"],
)
def best_steepest(A):
    return float(1 / np.linalg.eigvalsh(A)[-1])


@wrong(
    "optimal_learning_rate",
    "the edge of stability",
    "2/λ_max is where descent stops converging, not where it converges fastest.",
    loses=["best_value", "best_on_round_bowls"],
)
def best_edge(A):
    return float(2 / np.linalg.eigvalsh(A)[-1])


@wrong(
    "optimal_learning_rate",
    "mean over all eigenvalues",
    "You average all eigenvalues. Only the two at the ends compete for being the slowest.",
    loses=["best_value"],
)
def best_mean(A):
    return float(1 / np.mean(np.linalg.eigvalsh(A)))


@wrong(
    "optimal_learning_rate",
    "half of it",
    "The mean of the two end eigenvalues is their sum divided by 2: a factor of 2 got lost.",
    loses=["best_value", "best_on_round_bowls"],
)
def best_half(A):
    eigenvalues = np.linalg.eigvalsh(A)
    return float(1 / (eigenvalues[0] + eigenvalues[-1]))


@wrong(
    "optimal_learning_rate",
    "the eigenvalue instead of its inverse",
    "You return the mean curvature. A steeper bowl needs a smaller step: the learning rate goes as one over it.",
    loses=["best_value", "best_on_round_bowls"],
)
def best_inverted(A):
    eigenvalues = np.linalg.eigvalsh(A)
    return float((eigenvalues[0] + eigenvalues[-1]) / 2)


@wrong(
    "optimal_learning_rate",
    "geometric mean",
    "1/√(λ_min λ_max) balances ratios. What has to balance are the two rates 1 − ηλ_min and ηλ_max − 1.",
    loses=["best_value"],
)
def best_geometric(A):
    eigenvalues = np.linalg.eigvalsh(A)
    return float(1 / np.sqrt(eigenvalues[0] * eigenvalues[-1]))


@wrong(
    "optimal_learning_rate",
    "the rate, not the learning rate",
    "(κ − 1)/(κ + 1) is the rate reached with the best learning rate; the learning rate itself is asked for.",
    loses=["best_value", "best_on_round_bowls"],
)
def best_rate(A):
    kappa = np.linalg.cond(A)
    return float((kappa - 1) / (kappa + 1))


# ----------------------------------------------------------------------------------------- to_eigenbasis


@right("to_eigenbasis")
def eigenbasis_eigh(A, b, w):
    eigenvalues, Q = np.linalg.eigh(A)
    return eigenvalues, Q.T @ (w - np.linalg.solve(A, b))


@right("to_eigenbasis")
def eigenbasis_sorted_eig(A, b, w):
    values, vectors = np.linalg.eig(A)
    order = np.argsort(values.real)
    Q = vectors[:, order].real
    w_star = np.linalg.inv(A).dot(b)
    z = np.array([Q[:, m] @ (w - w_star) for m in range(len(w))])
    return values.real[order].copy(), z


@right("to_eigenbasis")
def eigenbasis_svd_with_flipped_signs(A, b, w):
    _, singular, Vt = np.linalg.svd(A)
    w_star = (Vt.T / singular) @ (Vt @ b)
    return np.ascontiguousarray(singular[::-1]), -(Vt @ (w - w_star))[::-1]


@wrong(
    "to_eigenbasis",
    "descending order",
    "Your eigenvalues run from the largest to the smallest: the contract wants the flattest direction first.",
    loses=["eigenvalues_ascending"],
)
def eigenbasis_descending(A, b, w):
    eigenvalues, z = eigenbasis_eigh(A, b, w)
    return eigenvalues[::-1].copy(), z[::-1].copy()


@wrong(
    "to_eigenbasis",
    "measured from the origin",
    "You rotate w itself. z measures the distance from the minimum: subtract it before you rotate.",
    loses=["z_value"],
)
def eigenbasis_from_origin(A, b, w):
    eigenvalues, Q = np.linalg.eigh(A)
    return eigenvalues, Q.T @ w


@wrong(
    "to_eigenbasis",
    "Q instead of Qᵀ",
    "The eigenvectors are the columns of Q. To get coordinates along them, take dot products with the columns, not with the rows.",
    loses=["z_value"],
)
def eigenbasis_wrong_way(A, b, w):
    eigenvalues, Q = np.linalg.eigh(A)
    return eigenvalues, Q @ (w - np.linalg.solve(A, b))


@wrong(
    "to_eigenbasis",
    "b taken for the minimum",
    "You subtract b. The minimum is where A w = b.",
    loses=["z_value"],
)
def eigenbasis_b_for_minimum(A, b, w):
    eigenvalues, Q = np.linalg.eigh(A)
    return eigenvalues, Q.T @ (w - b)


@wrong(
    "to_eigenbasis",
    "not rotated",
    "You return w − w* in the old axes. Its coordinates along the eigenvectors are asked for.",
    loses=["z_value"],
)
def eigenbasis_unrotated(A, b, w):
    return np.linalg.eigvalsh(A), w - np.linalg.solve(A, b)


@wrong(
    "to_eigenbasis",
    "z out of order",
    "The eigenvalues are sorted, z is not: sort the eigenvectors together with their eigenvalues.",
    loses=["z_value"],
)
def eigenbasis_z_unsorted(A, b, w):
    eigenvalues, z = eigenbasis_eigh(A, b, w)
    return eigenvalues, z[::-1].copy()


@wrong(
    "to_eigenbasis",
    "A applied instead of its inverse",
    "The minimum solves A w = b; multiplying b by A goes the wrong way.",
    loses=["z_value"],
)
def eigenbasis_forward(A, b, w):
    eigenvalues, Q = np.linalg.eigh(A)
    return eigenvalues, Q.T @ (w - A @ b)


# ------------------------------------------------------------------------------------- exact_line_search


@right("exact_line_search")
def search_with_break(A, b, w0, num_steps):
    path = np.tile(w0, (num_steps + 1, 1))
    for k in range(num_steps):
        g = A @ path[k] - b
        if not np.any(g):
            path[k:] = path[k]
            break
        path[k + 1] = path[k] - (g @ g) / (g @ A @ g) * g
    return path


@right("exact_line_search")
def search_with_tolerance(A, b, w0, num_steps):
    points = [np.array(w0)]
    for _ in range(num_steps):
        w = points[-1]
        residual = b - A.dot(w)
        if np.linalg.norm(residual) < 1e-12:
            points.append(w.copy())
        else:
            points.append(w + residual * np.sum(residual**2) / np.sum(residual * A.dot(residual)))
    return np.vstack(points)


@right("exact_line_search")
def search_updating_the_gradient(A, b, w0, num_steps):
    w, path = 1.0 * w0, []
    g = A @ w - b
    for _ in range(num_steps + 1):
        path.append(w)
        curvature = g @ A @ g
        with np.errstate(all="ignore"):
            t = np.nan_to_num((g @ g) / curvature)
        w = w - t * g
        g = A @ w - b
    return np.asarray(path)


@wrong(
    "exact_line_search",
    "0/0 at the minimum",
    "Where the gradient vanishes the step length is 0/0, and NaN spreads from there. Look before you divide.",
    loses=["search_stays"],
)
def search_divides_by_zero(A, b, w0, num_steps):
    path = [w0]
    for _ in range(num_steps):
        g = A @ path[-1] - b
        with np.errstate(all="ignore"):
            path.append(path[-1] - (g @ g) / (g @ A @ g) * g)
    return np.array(path)


def _search(A, b, w0, num_steps, length) -> Any:
    """Walk along −g by ``length(g, A)``, staying put at rest."""
    path = [w0]
    for _ in range(num_steps):
        g = A @ path[-1] - b
        path.append(path[-1] - length(g, A) * g if np.any(g) else path[-1])
    return np.array(path)


@wrong(
    "exact_line_search",
    "one step length for all steps",
    "You compute the step length at the start and keep it. Each step looks along its own line and has its own length.",
    loses=["search_path"],
)
def search_frozen_length(A, b, w0, num_steps):
    g = A @ w0 - b
    t = (g @ g) / (g @ A @ g) if np.any(g) else 0.0
    return _search(A, b, w0, num_steps, lambda g, A: t)


@wrong(
    "exact_line_search",
    "step length upside down",
    "You divide the curvature along g by the squared slope. The steeper the curve, the shorter the step must be.",
    loses=["search_first_step", "search_path", "search_stays"],
)
def search_inverted(A, b, w0, num_steps):
    return _search(A, b, w0, num_steps, lambda g, A: (g @ A @ g) / (g @ g))


@wrong(
    "exact_line_search",
    "‖g‖ not squared",
    "Differentiate the loss along the ray: the slope at the start is ‖g‖², the square of the length.",
    loses=["search_first_step", "search_path", "search_stays"],
)
def search_unsquared(A, b, w0, num_steps):
    return _search(A, b, w0, num_steps, lambda g, A: np.linalg.norm(g) / (g @ A @ g))


@wrong(
    "exact_line_search",
    "half the step",
    "You stop half-way down the ray. Set the derivative along it to zero once more; mind the ½ of the quadratic.",
    loses=["search_first_step", "search_path", "search_stays"],
)
def search_half(A, b, w0, num_steps):
    return _search(A, b, w0, num_steps, lambda g, A: 0.5 * (g @ g) / (g @ A @ g))


@wrong(
    "exact_line_search",
    "twice the step",
    "You land on the opposite slope at the same height, so the loss never falls: the step is twice too long.",
    loses=["search_first_step", "search_path", "search_stays"],
)
def search_double(A, b, w0, num_steps):
    return _search(A, b, w0, num_steps, lambda g, A: 2 * (g @ g) / (g @ A @ g))


@wrong(
    "exact_line_search",
    "a fixed learning rate",
    "You walk with the best fixed learning rate. Line search chooses a new length for each step, from the gradient at hand.",
    loses=["search_first_step", "search_path"],
)
def search_fixed(A, b, w0, num_steps):
    return _search(A, b, w0, num_steps, lambda g, A: best_ends(A))


@wrong(
    "exact_line_search",
    "the start is missing",
    "Your first row is the point after one step. The path begins at w0.",
    loses=["search_shape", "search_first_step", "search_path", "search_stays"],
)
def search_without_start(A, b, w0, num_steps):
    return search_with_break(A, b, w0, num_steps)[1:]


@wrong(
    "exact_line_search",
    "conjugate gradients",
    "Your directions are conjugate, which is better than what is asked: each step here goes along the gradient itself.",
    loses=["search_path"],
)
def search_conjugate(A, b, w0, num_steps):
    path, r = [w0], b - A @ w0
    d = r
    for _ in range(num_steps):
        if np.linalg.norm(r) < 1e-10:
            path.append(path[-1])
            continue
        t = (r @ r) / (d @ A @ d)
        path.append(path[-1] + t * d)
        new = r - t * (A @ d)
        d, r = new + (new @ new) / (r @ r) * d, new
    return np.array(path)


# ------------------------------------------------------------------------------------------- newton_step


@right("newton_step")
def newton_solve(grad, hess, w):
    return w - np.linalg.solve(hess, grad)


@right("newton_step")
def newton_inverse(grad, hess, w):
    step = np.linalg.inv(hess).dot(grad[:, None])
    return w - step.ravel()


@right("newton_step")
def newton_eigh(grad, hess, w):
    eigenvalues, Q = np.linalg.eigh(hess)
    new = w.copy()
    for value, direction in zip(eigenvalues, Q.T, strict=True):
        new -= (direction @ grad) / value * direction
    return new


@right("newton_step")
def newton_least_squares(grad, hess, w):
    return w + np.linalg.lstsq(hess, -grad, rcond=None)[0]


@wrong(
    "newton_step",
    "plus instead of minus",
    "You move away from the critical point, by exactly the distance you should have gone towards it.",
    loses=["newton_lands", "newton_any_signature"],
)
def newton_plus(grad, hess, w):
    return w + np.linalg.solve(hess, grad)


@wrong(
    "newton_step",
    "multiplied by the Hessian",
    "You multiply the gradient by the Hessian. Newton divides by the curvature: steep directions get short steps.",
    loses=["newton_lands", "newton_any_signature"],
)
def newton_multiplied(grad, hess, w):
    return w - hess @ grad


@wrong(
    "newton_step",
    "only the diagonal",
    "You divide by the diagonal of the Hessian. That is right only when the axes are the eigenvectors; solve with the whole matrix.",
    loses=["newton_lands", "newton_any_signature"],
)
def newton_diagonal(grad, hess, w):
    return w - grad / np.diag(hess)


@wrong(
    "newton_step",
    "the step instead of the new point",
    "You return the step. The new point is asked for: where you are plus where you go.",
    loses=["newton_lands", "newton_any_signature"],
)
def newton_step_only(grad, hess, w):
    return -np.linalg.solve(hess, grad)


@wrong(
    "newton_step",
    "absolute eigenvalues",
    "You take the curvatures without their signs, which makes the step repelled by saddles. A useful method, but not Newton's.",
    loses=["newton_any_signature"],
)
def newton_saddle_free(grad, hess, w):
    eigenvalues, Q = np.linalg.eigh(hess)
    return w - Q @ ((Q.T @ grad) / np.abs(eigenvalues))


@wrong(
    "newton_step",
    "a gradient step",
    "You ignore the Hessian: that is gradient descent with learning rate 1.",
    loses=["newton_lands", "newton_any_signature"],
)
def newton_gradient(grad, hess, w):
    return w - grad


@wrong(
    "newton_step",
    "elementwise inverse",
    "1 / hess inverts each entry. The inverse of a matrix is something else; better still, solve a linear system.",
    loses=["newton_lands", "newton_any_signature"],
)
def newton_elementwise(grad, hess, w):
    return w - (1 / hess) @ grad


@wrong(
    "newton_step",
    "writing into w",
    "Your point is right, but w -= … also moves the caller's w. Return a new array.",
    loses=["inputs_unchanged"],
)
def newton_in_place(grad, hess, w):
    w -= np.linalg.solve(hess, grad)
    return w.copy()


# ------------------------------------------------------------------------------- classify_critical_point


@right("classify_critical_point")
def classify_eigvalsh(H):
    eigenvalues = np.linalg.eigvalsh(H)
    if np.any(np.abs(eigenvalues) <= 1e-10):
        return "degenerate"
    if np.all(eigenvalues > 0):
        return "minimum"
    return "maximum" if np.all(eigenvalues < 0) else "saddle"


@right("classify_critical_point")
def classify_counting(H):
    ups = downs = 0
    for value in np.linalg.eig(H)[0].real:
        if -1e-10 < value < 1e-10:
            return "degenerate"
        ups += value > 0
        downs += value < 0
    return {(True, False): "minimum", (False, True): "maximum"}.get((ups > 0, downs > 0), "saddle")


@right("classify_critical_point")
def classify_extremes(H):
    values = np.linalg.eigh(H)[0]
    kind = str(np.str_("saddle"))
    if min(abs(values)) < 1e-10:
        kind = "degenerate"
    elif values[0] > 0:
        kind = "minimum"
    elif values[-1] < 0:
        kind = "maximum"
    return kind


def _by_signs(values) -> str:
    return "minimum" if np.all(values > 0) else "maximum" if np.all(values < 0) else "saddle"


@wrong(
    "classify_critical_point",
    "minimum and maximum swapped",
    "Positive curvature means the loss rises on both sides: that is a minimum.",
    loses=["kind_of_extrema", "kind_near_zero"],
)
def classify_swapped(H):
    swapped = {"minimum": "maximum", "maximum": "minimum"}
    kind = classify_eigvalsh(H)
    return swapped.get(kind, kind)


@wrong(
    "classify_critical_point",
    "never degenerate",
    "An eigenvalue that is zero up to rounding leaves its direction undecided; your answer still takes its sign at face value.",
    loses=["kind_of_flat", "kind_near_zero"],
)
def classify_never_degenerate(H):
    values = np.linalg.eigvalsh(H)
    return "minimum" if np.all(values >= 0) else "maximum" if np.all(values <= 0) else "saddle"


@wrong(
    "classify_critical_point",
    "the saddle decided too early",
    "You call it a saddle before you look for a flat direction. With one eigenvalue at zero it is degenerate, whatever the others say.",
    loses=["kind_of_flat", "kind_near_zero"],
)
def classify_saddle_first(H):
    values = np.linalg.eigvalsh(H)
    if np.any(values > 1e-10) and np.any(values < -1e-10):
        return "saddle"
    return "degenerate" if np.any(np.abs(values) <= 1e-10) else _by_signs(values)


@wrong(
    "classify_critical_point",
    "determinant only",
    "In two dimensions the determinant tells a saddle; in four, two negative curvatures multiply to a positive one. Look at each eigenvalue.",
    loses=["kind_of_extrema", "kind_of_saddles", "kind_near_zero"],
)
def classify_determinant(H):
    determinant = np.linalg.det(H)
    if abs(determinant) <= 1e-10:
        return "degenerate"
    if determinant < 0:
        return "saddle"
    return "minimum" if np.trace(H) > 0 else "maximum"


@wrong(
    "classify_critical_point",
    "diagonal instead of eigenvalues",
    "The diagonal holds the curvatures along the axes. A direction in between can still lead down.",
    loses=["kind_of_saddles", "kind_of_flat"],
)
def classify_diagonal(H):
    diagonal = np.diag(H)
    return "degenerate" if np.any(np.abs(diagonal) <= 1e-10) else _by_signs(diagonal)


@wrong(
    "classify_critical_point",
    "exactly zero",
    "You compare with 0 exactly. Computed eigenvalues carry rounding errors of 1e-16, so a flat direction rarely shows a clean 0.",
    loses=["kind_of_flat", "kind_near_zero"],
)
def classify_exact_zero(H):
    values = np.linalg.eigvalsh(H)
    return "degenerate" if np.any(values == 0) else _by_signs(values)


@wrong(
    "classify_critical_point",
    "a generous tolerance",
    "Your bound for “zero” is so large that weak but real curvature counts as flat. The contract draws the line at 1e-10.",
    loses=["kind_near_zero"],
)
def classify_loose(H):
    values = np.linalg.eigvalsh(H)
    return "degenerate" if np.any(np.isclose(values, 0)) else _by_signs(values)


@wrong(
    "classify_critical_point",
    "a relative tolerance",
    "You compare with the largest eigenvalue. The contract's bound of 1e-10 is absolute.",
    loses=["kind_near_zero"],
)
def classify_relative(H):
    values = np.linalg.eigvalsh(H)
    return "degenerate" if np.any(np.abs(values) <= 1e-10 * np.abs(values).max()) else _by_signs(values)


@wrong(
    "classify_critical_point",
    "degenerate only when all vanish",
    "One flat direction is enough: then the second-order test no longer decides.",
    loses=["kind_of_flat", "kind_near_zero"],
)
def classify_all_zero(H):
    values = np.linalg.eigvalsh(H)
    return "degenerate" if np.all(np.abs(values) <= 1e-10) else _by_signs(values)
