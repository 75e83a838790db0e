"""Problem set 3, whitening: right answers in different styles, and the mistakes people make."""

from __future__ import annotations

import warnings

import numpy as np

from autograder.misconceptions import Table

TABLE = Table()
right, wrong = TABLE.right, TABLE.wrong

# ruff: noqa: D103 - the name given to each answer says what it is
# mypy: disable-error-code="no-untyped-def,no-untyped-call,type-arg"

# ------------------------------------------------------------------------------------------- standardize


@right("standardize")
def standardize_where(X):
    still = np.all(X == X[0], axis=0)
    mean = X.mean(axis=0)
    std = np.where(still, 0.0, X.std(axis=0))
    return np.where(still, 0.0, X - mean) / np.where(still, 1.0, std), mean, std


@right("standardize")
def standardize_loops(X):
    N, D = X.shape
    Xs, mean, std = np.zeros((N, D)), np.zeros(D), np.zeros(D)
    for d in range(D):
        for n in range(N):
            mean[d] += X[n, d] / N
        if max(X[:, d]) == min(X[:, d]):
            continue
        for n in range(N):
            std[d] += (X[n, d] - mean[d]) ** 2 / N
        std[d] = std[d] ** 0.5
        for n in range(N):
            Xs[n, d] = (X[n, d] - mean[d]) / std[d]
    return Xs, mean, std


@right("standardize")
def standardize_einsum_with_a_warning(X):
    warnings.warn("is einsum worth it?", stacklevel=1)
    print(X.shape)
    mean = np.einsum("nd->d", X) / len(X)
    centred = X - mean
    std = np.sqrt(np.einsum("nd,nd->d", centred, centred) / len(X))
    std[np.ptp(X, axis=0) == 0] = 0
    with np.errstate(all="ignore"):
        Xs = np.asfortranarray(centred / std)
    Xs[:, std == 0] = 0
    return Xs, mean, std


@right("standardize")
def standardize_in_place_on_a_copy(X):
    Xs = X.copy()
    mean = np.average(Xs, axis=0)
    Xs -= mean
    std = np.sqrt(np.mean(np.square(Xs), axis=0))
    constant = std < 1e-13  # rounding only
    std[constant] = 0.0
    Xs[:, constant] = 0.0
    np.divide(Xs, std, out=Xs, where=~constant)
    return Xs, mean, std


@right("standardize")
def standardize_by_columns(X):
    def column(x):
        if len(set(x.tolist())) == 1:
            return 0 * x, x[0], 0.0
        return (x - np.mean(x)) / np.std(x), np.mean(x), np.std(x)

    columns, means, stds = zip(*[column(x) for x in X.T], strict=True)
    return np.stack(columns, axis=1), np.array(means), np.array(stds)


@wrong(
    "standardize",
    "divided by N − 1",
    "Your standard deviation divides by N − 1, as statisticians do to estimate the spread of a population. In this course, and in numpy's default, the variance is a mean: it divides by N.",
    loses=["standardized_values", "mean_and_std", "narrow_columns"],
)
def standardize_unbiased(X):
    still = np.all(X == X[0], axis=0)
    mean = X.mean(axis=0)
    std = np.where(still, 0.0, X.std(axis=0, ddof=1) if len(X) > 1 else 0.0)
    return np.where(still, 0.0, X - mean) / np.where(still, 1.0, std), mean, std


@wrong(
    "standardize",
    "variance instead of standard deviation",
    "You divide by the variance. That has the square of the data's unit; for columns of standard deviation 1 to come out, the divisor needs the same unit as the data.",
    loses=["standardized_values", "mean_and_std", "narrow_columns"],
)
def standardize_variance(X):
    still = np.all(X == X[0], axis=0)
    mean = X.mean(axis=0)
    var = np.where(still, 0.0, X.var(axis=0))
    return np.where(still, 0.0, X - mean) / np.where(still, 1.0, var), mean, var


@wrong(
    "standardize",
    "the variance returned as std",
    "Your Xs is right, but the third result is the variance: nobody could get X back from it as mean + std · Xs.",
    loses=["mean_and_std"],
)
def standardize_returns_variance(X):
    Xs, mean, std = standardize_where(X)
    return Xs, mean, std**2


@wrong(
    "standardize",
    "0/0 in constant columns",
    "Where a column never changes its standard deviation is 0, and 0/0 is NaN. A network fed with one NaN returns nothing else: decide what such a column is divided by.",
    loses=["constant_columns", "constant_columns_despite_rounding"],
)
def standardize_zero_over_zero(X):
    mean, std = X.mean(axis=0), X.std(axis=0)
    with np.errstate(all="ignore"):
        return (X - mean) / std, mean, std


@wrong(
    "standardize",
    "std compared with 0",
    "You ask whether the computed std is exactly 0. The mean of ten times 0.1 is not quite 0.1, so that std is 1e-17, and dividing rounding by rounding makes ±1 out of nothing.",
    loses=["constant_columns_despite_rounding"],
)
def standardize_exact_zero(X):
    mean, std = X.mean(axis=0), X.std(axis=0)
    return (X - mean) / np.where(std == 0, 1.0, std), mean, std


@wrong(
    "standardize",
    "a small number added to std",
    "Adding a small number to the divisor avoids 0/0, but it also shrinks columns that vary little. Small compared with what? The data's unit is not yours to choose.",
    loses=["narrow_columns"],
)
def standardize_plus_eps(X):
    still = np.all(X == X[0], axis=0)
    mean, std = X.mean(axis=0), np.where(still, 0.0, X.std(axis=0))
    return np.where(still, 0.0, X - mean) / (std + 1e-8), mean, std


@wrong(
    "standardize",
    "small taken for constant",
    "You take columns with a small standard deviation for constant ones. Only a column whose entries are all equal is constant; in another unit the same column varies a lot.",
    loses=["narrow_columns"],
)
def standardize_generous_zero(X):
    mean, std = X.mean(axis=0), X.std(axis=0)
    std = np.where(np.isclose(std, 0), 0.0, std)
    return np.where(std == 0, 0.0, X - mean) / np.where(std == 0, 1.0, std), mean, std


@wrong(
    "standardize",
    "std 1 reported for constant columns",
    "You replaced the std of constant columns by 1 so that you can divide, and returned the replacement. Divide by the one, return the other.",
    loses=["constant_columns", "constant_columns_despite_rounding"],
)
def standardize_reports_one(X):
    still = np.all(X == X[0], axis=0)
    mean = X.mean(axis=0)
    std = np.where(still, 1.0, X.std(axis=0))
    return np.where(still, 0.0, X - mean) / std, mean, std


@wrong(
    "standardize",
    "one mean for all columns",
    "Without an axis, mean and std are taken over all entries of X. Every column has a mean and a spread of its own: centimetres and kilograms do not mix.",
    loses=[
        "standardized_values",
        "mean_and_std",
        "narrow_columns",
        "constant_columns",
        "constant_columns_despite_rounding",
    ],
)
def standardize_over_everything(X):
    mean, std = np.full(X.shape[1], X.mean()), np.full(X.shape[1], X.std())
    return (X - mean) / np.where(std > 0, std, 1.0), mean, std


@wrong(
    "standardize",
    "rows instead of columns",
    "You standardize every sample by itself. Rows are samples: what belongs together, and is measured in one unit, is a column.",
    loses=[
        "standardize_types",
        "standardized_values",
        "mean_and_std",
        "narrow_columns",
        "constant_columns",
        "constant_columns_despite_rounding",
    ],
)
def standardize_rows(X):
    mean, std = X.mean(axis=1, keepdims=True), X.std(axis=1, keepdims=True)
    return (X - mean) / np.where(std > 0, std, 1.0), mean.ravel(), std.ravel()


@wrong(
    "standardize",
    "scaled but not centred",
    "You divide by the spread and leave the mean where it was. For the regression's curvature the mean is the worse of the two: subtract it first.",
    loses=["standardized_values", "narrow_columns", "constant_columns", "constant_columns_despite_rounding"],
)
def standardize_without_centring(X):
    _, mean, std = standardize_where(X)
    return X / np.where(std > 0, std, 1.0), mean, std


@wrong(
    "standardize",
    "squeezed between 0 and 1",
    "Subtracting the minimum and dividing by the range is another normalisation: it bounds the entries, but leaves mean and variance wherever a single outlier puts them.",
    loses=["standardized_values", "narrow_columns"],
)
def standardize_minmax(X):
    _, mean, std = standardize_where(X)
    low, high = X.min(axis=0), X.max(axis=0)
    return (X - low) / np.where(high > low, high - low, 1.0), mean, std


@wrong(
    "standardize",
    "constant columns left alone",
    "You skip constant columns, so they keep their value. They should be shifted like the others: nothing of them is left.",
    loses=["constant_columns", "constant_columns_despite_rounding"],
)
def standardize_skips_constants(X):
    Xs, mean, std = standardize_where(X)
    return np.where(std == 0, X, Xs), mean, std


@wrong(
    "standardize",
    "constant columns dropped",
    "You drop columns that never change. Xs should have the columns of X, or mean and std no longer belong to them.",
    loses=["constant_columns", "constant_columns_despite_rounding"],
)
def standardize_drops_constants(X):
    Xs, mean, std = standardize_where(X)
    return Xs[:, std > 0], mean, std


@wrong(
    "standardize",
    "results in another order",
    "You return std before mean. The contract's order is (Xs, mean, std).",
    loses=["mean_and_std", "constant_columns", "constant_columns_despite_rounding"],
)
def standardize_swapped(X):
    Xs, mean, std = standardize_where(X)
    return Xs, std, mean


@wrong(
    "standardize",
    "mean and std as rows of a table",
    "With keepdims the numbers are right, but their shape is (1, D). The contract says (D,).",
    loses=["standardize_types"],
)
def standardize_keepdims(X):
    Xs, mean, std = standardize_where(X)
    return Xs, mean[None], std[None]


@wrong(
    "standardize",
    "writing into X",
    "Your result is right, but X -= … changes the caller's data: whoever standardizes twice, or looks at the raw pixels afterwards, is in for a surprise.",
    loses=["inputs_unchanged"],
)
def standardize_in_place(X):
    Xs, mean, std = standardize_where(X)
    X -= mean
    return Xs, mean, std


# -------------------------------------------------------------------------------------------- pca_whiten


@right("pca_whiten")
def pca_eigh(X, eps=0.0):
    Xc = X - X.mean(axis=0)
    D, E = np.linalg.eigh(Xc.T @ Xc / len(X))
    order = [k for k in np.argsort(D)[::-1] if D[k] > 1e-10 * D.max()]
    return Xc @ E[:, order] / np.sqrt(D[order] + eps)


@right("pca_whiten")
def pca_svd(X, eps=0.0):
    N = len(X)
    U, s, _ = np.linalg.svd((X - np.mean(X, axis=0)) / np.sqrt(N), full_matrices=False)
    variances = s**2
    keep = variances > 1e-10 * variances[0]
    return np.sqrt(N) * U[:, keep] * s[keep] / np.sqrt(variances[keep] + eps)


@right("pca_whiten")
def pca_svd_of_the_covariance(X, eps=0.0):
    print("eps =", eps)
    covariance = np.cov(X, rowvar=False, bias=True).reshape(X.shape[1], X.shape[1])
    E, D, _ = np.linalg.svd(covariance)
    R = int(np.sum(D > 1e-10 * D[0]))
    W = E[:, :R] @ np.diag((D[:R] + eps) ** -0.5)
    return np.asfortranarray((X - X.mean(axis=0)) @ W)


@right("pca_whiten")
def pca_loops_and_eig(X, eps=0.0):
    N, D = X.shape
    mean = sum(X[n] for n in range(N)) / N
    C = np.zeros((D, D))
    for x in X:
        C += np.outer(x - mean, x - mean) / N
    values, vectors = np.linalg.eig((C + C.T) / 2)
    values, vectors = values.real, vectors.real
    columns = []
    for value, k in sorted(((v, k) for k, v in enumerate(values)), reverse=True):
        if value > 1e-10 * max(values):
            columns.append([-(x - mean) @ vectors[:, k] / (value + eps) ** 0.5 for x in X])
    return np.array(columns).T


@right("pca_whiten")
def pca_of_the_gram_matrix(X, eps=0.0):
    N = X.shape[0]
    centring = np.eye(N) - 1 / N
    Xc = centring @ X
    values, U = np.linalg.eigh(np.einsum("nd,md->nm", Xc, Xc) / N)
    values, U = values[::-1], U[:, ::-1]
    kept = values > 1e-10 * values[0]
    values, U = values[kept], U[:, kept]
    return U * np.sqrt(N * values / (values + eps))


def _pca(X, eps=0.0, *, kept=None, ddof=0, scale=None, order=None):
    """Whiten like `pca_eigh`, with one part of it replaced."""
    Xc = X - X.mean(axis=0)
    D, E = np.linalg.eigh(Xc.T @ Xc / (len(X) - ddof))
    D, E = D[::-1], E[:, ::-1]
    keep = kept(D) if kept else D > 1e-10 * D[0]
    D, E = D[keep], E[:, keep]
    with np.errstate(all="ignore"):
        Z = Xc @ E / (scale(D) if scale else np.sqrt(D + eps))
    return Z[:, order] if order is not None else Z


@wrong(
    "pca_whiten",
    "divided by N − 1",
    "Your covariance divides by N − 1, np.cov's default. Here it is a mean over the samples: the whitened columns should have variance exactly 1 when the variance divides by N.",
    loses=["pca_white", "pca_axes", "pca_eps", "pca_single"],
)
def pca_unbiased(X, eps=0.0):
    return _pca(X, eps, ddof=1)


@wrong(
    "pca_whiten",
    "eigenvalues without the root",
    "You divide by the eigenvalue. It is a variance; the spread along that direction is its square root.",
    loses=["pca_white", "pca_axes", "pca_eps", "pca_single"],
)
def pca_without_root(X, eps=0.0):
    return _pca(X, scale=lambda D: D + eps)


@wrong(
    "pca_whiten",
    "rotated but not scaled",
    "You stop after the rotation: the columns are uncorrelated, each still with a variance of its own. Whitening also divides by the spreads.",
    loses=["pca_white", "pca_axes", "pca_eps", "pca_single"],
)
def pca_rotation_only(X, eps=0.0):
    return _pca(X, scale=np.ones_like)


@wrong(
    "pca_whiten",
    "smallest variance first",
    "Your columns begin with the smallest eigenvalue: that is the order in which np.linalg.eigh returns them.",
    loses=["pca_axes", "pca_eps"],
)
def pca_ascending(X, eps=0.0):
    return pca_eigh(X, eps)[:, ::-1]


@wrong(
    "pca_whiten",
    "rows of E instead of columns",
    "You multiply by Eᵀ where the samples are rows. np.linalg.eigh puts the eigenvectors into the columns of E: the coordinate along one of them is a dot product of x with a column.",
    loses=["pca_white", "pca_axes", "pca_eps"],
)
def pca_rows_of_e(X, eps=0.0):
    Xc = X - X.mean(axis=0)
    D, E = np.linalg.eigh(Xc.T @ Xc / len(X))
    D, E = D[::-1], E[:, ::-1]
    keep = D > 1e-10 * D[0]
    return (Xc @ E.T)[:, keep] / np.sqrt(D[keep] + eps)


@wrong(
    "pca_whiten",
    "the mean still in it",
    "The covariance is right, but the points you rotate and scale are not centred: the result is white around another point than 0.",
    loses=["pca_white", "pca_axes", "pca_eps", "pca_single", "pca_flat"],
)
def pca_not_centred(X, eps=0.0):
    Xc = X - X.mean(axis=0)
    D, E = np.linalg.eigh(Xc.T @ Xc / len(X))
    D, E = D[::-1], E[:, ::-1]
    keep = D > 1e-10 * D[0]
    return X @ E[:, keep] / np.sqrt(D[keep] + eps)


@wrong(
    "pca_whiten",
    "second moments instead of the covariance",
    "You whiten with XᵀX/N of the data as they are. With a mean far from 0 its largest eigenvalue belongs to the mean, not to a direction in which the data vary.",
    loses=["pca_white", "pca_axes", "pca_eps", "pca_single", "pca_flat", "pca_threshold"],
)
def pca_second_moment(X, eps=0.0):
    D, E = np.linalg.eigh(X.T @ X / len(X))
    D, E = D[::-1], E[:, ::-1]
    keep = D > 1e-10 * D[0]
    return (X - X.mean(axis=0)) @ E[:, keep] / np.sqrt(D[keep] + eps)


@wrong(
    "pca_whiten",
    "eps outside the root",
    "You add eps to the standard deviation. The contract adds it to the eigenvalue, a variance, before the root.",
    loses=["pca_eps", "pca_single"],
)
def pca_eps_outside(X, eps=0.0):
    return _pca(X, scale=lambda D: np.sqrt(D) + eps)


@wrong(
    "pca_whiten",
    "eps ignored",
    "You never use eps. It is there so that directions with next to no variance, mostly noise, are not blown up to the size of the others.",
    loses=["pca_eps", "pca_single"],
)
def pca_without_eps(X, eps=0.0):
    return _pca(X)


@wrong(
    "pca_whiten",
    "eps relative to the largest eigenvalue",
    "You scale eps by the largest eigenvalue. That makes a sensible knob, but the contract adds eps itself.",
    loses=["pca_eps", "pca_single"],
)
def pca_relative_eps(X, eps=0.0):
    return _pca(X, scale=lambda D: np.sqrt(D + eps * D[0]))


@wrong(
    "pca_whiten",
    "eps as a cut-off",
    "You drop the directions whose variance is below eps. eps is added to the variances; which directions count is decided without it.",
    loses=["pca_eps", "pca_single"],
)
def pca_eps_as_cutoff(X, eps=0.0):
    return _pca(X, kept=lambda D: (D > 1e-10 * D[0]) & (D >= eps))


@wrong(
    "pca_whiten",
    "flat directions kept",
    "You keep all D directions. Where the data do not vary the eigenvalue is 0 up to rounding, of either sign, and its root is NaN or noise.",
    loses=["pca_flat", "pca_threshold"],
)
def pca_keeps_all(X, eps=0.0):
    return _pca(X, eps, kept=lambda D: np.full(len(D), True))


@wrong(
    "pca_whiten",
    "flat directions as columns of zeros",
    "You fill directions without variance with zeros. The contract leaves them out: R columns, one per eigenvalue that counts.",
    loses=["pca_flat", "pca_threshold"],
)
def pca_zero_columns(X, eps=0.0):
    Z = pca_eigh(X, eps)
    return np.hstack([Z, np.zeros((len(X), X.shape[1] - Z.shape[1]))])


@wrong(
    "pca_whiten",
    "an absolute threshold",
    "You compare the eigenvalues with 1e-10 itself. Multiply the data by a thousand and other directions would count: compare with the largest eigenvalue.",
    loses=["pca_threshold"],
)
def pca_absolute_threshold(X, eps=0.0):
    return _pca(X, eps, kept=lambda D: D > 1e-10)


@wrong(
    "pca_whiten",
    "the threshold on standard deviations",
    "You compare standard deviations with 1e-10 of the largest. The contract compares eigenvalues, their squares: the same number draws another line.",
    loses=["pca_threshold"],
)
def pca_threshold_on_roots(X, eps=0.0):
    N = len(X)
    U, s, _ = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)
    keep = s > 1e-10 * s[0]
    variances = s[keep] ** 2 / N
    return U[:, keep] * s[keep] / np.sqrt(variances + eps)


@wrong(
    "pca_whiten",
    "directions counted after adding eps",
    "You compare eigenvalue + eps with the threshold, so with a positive eps no direction is flat any more. Count first, then add.",
    loses=["pca_flat"],
)
def pca_counts_after_eps(X, eps=0.0):
    return _pca(X, eps, kept=lambda D: D + eps > 1e-10 * (D[0] + eps))


@wrong(
    "pca_whiten",
    "left singular vectors alone",
    "The columns of U have length 1, so their variance is 1/N. White data have variance 1.",
    loses=["pca_white", "pca_axes", "pca_eps", "pca_single"],
)
def pca_unit_columns(X, eps=0.0):
    return pca_eigh(X, eps) / np.sqrt(len(X))


@wrong(
    "pca_whiten",
    "rotated back",
    "You return the whitened data in the axes of X: that is ZCA, the next exercise. Here each column is a principal direction.",
    loses=["pca_axes", "pca_eps", "pca_flat", "pca_threshold"],
)
def pca_rotated_back(X, eps=0.0):
    return zca_eigh(X, eps)


@wrong(
    "pca_whiten",
    "Cholesky instead of principal axes",
    "Your result is white, but it comes from a Cholesky factor: its columns depend on the order of the columns of X, and are no principal directions.",
    loses=["pca_axes", "pca_eps", "pca_flat", "pca_threshold"],
)
def pca_cholesky(X, eps=0.0):
    Xc = X - X.mean(axis=0)
    L = np.linalg.cholesky(Xc.T @ Xc / len(X) + eps * np.eye(X.shape[1]))
    return np.linalg.solve(L, Xc.T).T


@wrong(
    "pca_whiten",
    "transposed",
    "Your rows are directions and your columns samples. In this course rows are samples, on the way in and on the way out.",
    loses=["pca_type", "pca_white", "pca_axes", "pca_eps", "pca_flat", "pca_threshold"],
)
def pca_transposed(X, eps=0.0):
    return pca_eigh(X, eps).T


@wrong(
    "pca_whiten",
    "a single column forgotten",
    "With one column np.cov returns a number without axes, and eigh asks for a matrix. One column is a data set too.",
    loses=["pca_single"],
)
def pca_of_np_cov(X, eps=0.0):
    D, E = np.linalg.eigh(np.cov(X, rowvar=False, bias=True))
    order = np.flatnonzero(D > 1e-10 * D[-1])[::-1]
    return (X - X.mean(axis=0)) @ E[:, order] / np.sqrt(D[order] + eps)


@wrong(
    "pca_whiten",
    "writing into X",
    "Your result is right, but X -= … centres the caller's data as well. Make a new array.",
    loses=["inputs_unchanged"],
)
def pca_in_place(X, eps=0.0):
    Z = pca_eigh(X, eps)
    X -= X.mean(axis=0)
    return Z


# -------------------------------------------------------------------------------------------- zca_whiten


@right("zca_whiten")
def zca_eigh(X, eps=0.0):
    Xc = X - X.mean(axis=0)
    D, E = np.linalg.eigh(Xc.T @ Xc / len(X))
    keep = D > 1e-10 * D[-1]
    W = (E[:, keep] / np.sqrt(D[keep] + eps)) @ E[:, keep].T
    return Xc @ W


@right("zca_whiten")
def zca_from_pca(X, eps=0.0):
    Z = pca_eigh(X, eps)
    Xc = X - X.mean(axis=0)
    E = np.linalg.eigh(Xc.T @ Xc / len(X))[1][:, ::-1][:, : Z.shape[1]]
    return np.asfortranarray(Z @ E.T)


@right("zca_whiten")
def zca_svd(X, eps=0.0):
    U, s, Vt = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)
    variances = s * s / len(X)
    shrunk = np.zeros_like(s)
    keep = variances > 1e-10 * variances.max()
    shrunk[keep] = s[keep] / np.sqrt(variances[keep] + eps)
    return np.einsum("nr,r,rd->nd", U, shrunk, Vt)


@right("zca_whiten")
def zca_direction_by_direction(X, eps=0.0):
    warnings.warn("a loop", stacklevel=1)
    Xc = np.array([x - sum(X) / len(X) for x in X])
    E, D, _ = np.linalg.svd(Xc.T.dot(Xc) / len(X))
    out = np.zeros(X.shape)
    for variance, e in zip(D, E.T, strict=True):
        if variance > 1e-10 * D[0]:
            out += np.outer(Xc @ e, e) / (variance + eps) ** 0.5
    return out


@right("zca_whiten")
def zca_leaving_flat_directions_alone(X, eps=0.0):
    Xc = X - X.mean(axis=0)
    D, E = np.linalg.eigh(Xc.T @ Xc / len(X))
    gain = np.zeros(len(D))
    gain[D > 1e-10 * max(D)] = [1 / np.sqrt(d + eps) for d in D if d > 1e-10 * max(D)]
    return (E @ np.diag(gain) @ E.T @ Xc.T).T


def _zca(X, eps=0.0, *, kept=None, ddof=0, scale=None):
    """Whiten like `zca_eigh`, with one part of it replaced."""
    Xc = X - X.mean(axis=0)
    D, E = np.linalg.eigh(Xc.T @ Xc / (len(X) - ddof))
    keep = kept(D) if kept else D > 1e-10 * D[-1]
    D, E = D[keep], E[:, keep]
    with np.errstate(all="ignore"):
        return Xc @ (E / (scale(D) if scale else np.sqrt(D + eps))) @ E.T


@wrong(
    "zca_whiten",
    "not rotated back",
    "You return coordinates along the principal axes: PCA whitening. ZCA goes one step further, back to the axes in which X came, so that a whitened digit still looks like a digit.",
    loses=["zca_value", "zca_eps", "zca_flat", "zca_threshold"],
)
def zca_only_pca(X, eps=0.0):
    return pca_eigh(X, eps)


@wrong(
    "zca_whiten",
    "rotated on instead of back",
    "You multiply by E once more. To undo the rotation x ↦ xE of a row, multiply by the transpose.",
    loses=["zca_value", "zca_eps", "zca_flat", "zca_threshold"],
)
def zca_rotated_twice(X, eps=0.0):
    Xc = X - X.mean(axis=0)
    E, D, _ = np.linalg.svd(Xc.T @ Xc / len(X))
    gain = np.zeros(len(D))
    keep = D > 1e-10 * D[0]
    gain[keep] = 1 / np.sqrt(D[keep] + eps)
    return Xc @ E * gain @ E


@wrong(
    "zca_whiten",
    "divided by N − 1",
    "Your covariance divides by N − 1, np.cov's default. In this course it is a mean over the samples.",
    loses=["zca_white", "zca_value", "zca_eps", "zca_single"],
)
def zca_unbiased(X, eps=0.0):
    return _zca(X, eps, ddof=1)


@wrong(
    "zca_whiten",
    "eigenvalues without the root",
    "You multiply by the inverse of the covariance. Whitening needs its inverse square root: applied twice, it makes the inverse.",
    loses=["zca_white", "zca_value", "zca_eps", "zca_single"],
)
def zca_inverse_covariance(X, eps=0.0):
    return _zca(X, scale=lambda D: D + eps)


@wrong(
    "zca_whiten",
    "the mean put back",
    "You add the mean at the end. The rotation is undone, the centring is not: white data have mean 0.",
    loses=["zca_white", "zca_value", "zca_eps", "zca_single", "zca_flat"],
)
def zca_mean_restored(X, eps=0.0):
    return zca_eigh(X, eps) + X.mean(axis=0)


@wrong(
    "zca_whiten",
    "not centred",
    "You apply the right matrix to X itself. Subtract the mean first: whitening is centring and then a linear map.",
    loses=["zca_white", "zca_value", "zca_eps", "zca_single"],
)
def zca_not_centred(X, eps=0.0):
    Xc = X - X.mean(axis=0)
    D, E = np.linalg.eigh(Xc.T @ Xc / len(X))
    keep = D > 1e-10 * D[-1]
    return X @ (E[:, keep] / np.sqrt(D[keep] + eps)) @ E[:, keep].T


@wrong(
    "zca_whiten",
    "eps outside the root",
    "You add eps to the standard deviation. The contract adds it to the eigenvalue, a variance, before the root.",
    loses=["zca_eps", "zca_single"],
)
def zca_eps_outside(X, eps=0.0):
    return _zca(X, scale=lambda D: np.sqrt(D) + eps)


@wrong(
    "zca_whiten",
    "eps ignored",
    "You never use eps, so the faintest directions, mostly noise, come back as large as all others.",
    loses=["zca_eps", "zca_single"],
)
def zca_without_eps(X, eps=0.0):
    return _zca(X)


@wrong(
    "zca_whiten",
    "eps as a cut-off",
    "You drop the directions whose variance is below eps. eps is added to the variances; which directions count is decided without it.",
    loses=["zca_eps", "zca_single"],
)
def zca_eps_as_cutoff(X, eps=0.0):
    return _zca(X, eps, kept=lambda D: (D > 1e-10 * D[-1]) & (D >= eps))


@wrong(
    "zca_whiten",
    "flat directions kept",
    "You divide by the root of every eigenvalue. Where the data do not vary it is 0 up to rounding, of either sign, and one NaN spreads over the whole row when you rotate back.",
    loses=["zca_flat", "zca_threshold"],
)
def zca_keeps_all(X, eps=0.0):
    return _zca(X, eps, kept=lambda D: np.full(len(D), True))


@wrong(
    "zca_whiten",
    "an absolute threshold",
    "You compare the eigenvalues with 1e-10 itself. Measured in other units the same data would lose other directions: compare with the largest eigenvalue.",
    loses=["zca_threshold"],
)
def zca_absolute_threshold(X, eps=0.0):
    return _zca(X, eps, kept=lambda D: D > 1e-10)


@wrong(
    "zca_whiten",
    "the threshold on standard deviations",
    "You compare standard deviations with 1e-10 of the largest. The contract compares eigenvalues, their squares: the same number draws another line.",
    loses=["zca_threshold"],
)
def zca_threshold_on_roots(X, eps=0.0):
    U, s, Vt = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)
    keep = s > 1e-10 * s[0]
    return U[:, keep] * (s[keep] / np.sqrt(s[keep] ** 2 / len(X) + eps)) @ Vt[keep]


@wrong(
    "zca_whiten",
    "Cholesky instead of the symmetric root",
    "Your result is white, but the matrix you apply is a triangle: it turns the cloud. Of all matrices that whiten, only the symmetric one moves the points as little as possible.",
    loses=["zca_value", "zca_eps", "zca_flat", "zca_threshold"],
)
def zca_cholesky(X, eps=0.0):
    Xc = X - X.mean(axis=0)
    return np.linalg.solve(np.linalg.cholesky(Xc.T @ Xc / len(X) + eps * np.eye(X.shape[1])), Xc.T).T


@wrong(
    "zca_whiten",
    "only standardized",
    "You scale each column by its own standard deviation. The columns stay correlated: whitening first turns to the directions that are not.",
    loses=["zca_white", "zca_value", "zca_eps", "zca_flat", "zca_threshold"],
)
def zca_standardized(X, eps=0.0):
    still = np.all(X == X[0], axis=0)
    return np.where(still, 0.0, X - X.mean(axis=0)) / np.sqrt(np.where(still, 1.0, X.var(axis=0)) + eps)


@wrong(
    "zca_whiten",
    "root taken entry by entry",
    "The root and the inverse of a matrix are not those of its entries: only along its own axes, where it is diagonal, do they become roots and inverses of numbers.",
    loses=["zca_white", "zca_value", "zca_eps", "zca_flat", "zca_threshold"],
)
def zca_entrywise_root(X, eps=0.0):
    Xc = X - X.mean(axis=0)
    return Xc @ np.linalg.pinv(np.sqrt(np.abs(Xc.T @ Xc / len(X)) + eps * np.eye(X.shape[1])), rcond=1e-10)


@wrong(
    "zca_whiten",
    "a single column forgotten",
    "With one column np.cov returns a number without axes, and eigh asks for a matrix. One column is a data set too.",
    loses=["zca_single"],
)
def zca_of_np_cov(X, eps=0.0):
    D, E = np.linalg.eigh(np.cov(X, rowvar=False, bias=True))
    keep = np.flatnonzero(D > 1e-10 * D[-1])[::-1]
    return (X - X.mean(axis=0)) @ E[:, keep] / np.sqrt(D[keep] + eps) @ E[:, keep].T


@wrong(
    "zca_whiten",
    "writing into X",
    "Your result is right, but X -= … centres the caller's data as well. Make a new array.",
    loses=["inputs_unchanged"],
)
def zca_in_place(X, eps=0.0):
    Z = zca_eigh(X, eps)
    X -= X.mean(axis=0)
    return Z


# ------------------------------------------------------------------------------------ regression_hessian


@right("regression_hessian")
def hessian_matmul(X):
    return X.T @ X / len(X)


@right("regression_hessian")
def hessian_loops(X):
    N, D = X.shape
    H = np.zeros((D, D))
    for i in range(D):
        for j in range(D):
            for n in range(N):
                H[i, j] += X[n, i] * X[n, j] / N
    return H


@right("regression_hessian")
def hessian_einsum_with_a_warning(X):
    warnings.warn("einsum again", stacklevel=1)
    print(X.shape)
    return np.asfortranarray(np.einsum("ni,nj->ij", X, X) / X.shape[0])


@right("regression_hessian")
def hessian_mean_of_outer_products(X):
    return np.mean([np.outer(x, x) for x in X], axis=0)


@right("regression_hessian")
def hessian_covariance_and_mean(X):
    mean = X.mean(axis=0)
    centred = X - mean
    return np.average(centred[:, :, None] * centred[:, None, :], axis=0) + np.outer(mean, mean)


@wrong(
    "regression_hessian",
    "the covariance",
    "You subtract the mean. The loss does not: its curvature is the second moment of X as it is, and a large mean is the largest curvature of all. That is why inputs are centred first.",
    loses=["hessian_off_centre"],
)
def hessian_covariance(X):
    Xc = X - X.mean(axis=0)
    return Xc.T @ Xc / len(X)


@wrong(
    "regression_hessian",
    "sum instead of mean",
    "You sum over the samples. The loss is a mean: twice the data should not double the curvature.",
    loses=["hessian_value", "hessian_off_centre", "hessian_scales"],
)
def hessian_sum(X):
    return X.T @ X


@wrong(
    "regression_hessian",
    "a factor of 2",
    "You differentiated the square, and the 2 stayed. The ½ of the loss is there to cancel it.",
    loses=["hessian_value", "hessian_off_centre", "hessian_scales"],
)
def hessian_doubled(X):
    return 2 * X.T @ X / len(X)


@wrong(
    "regression_hessian",
    "the ½ kept",
    "You kept the ½ of the loss, but differentiating a square twice makes a 2 that cancels it.",
    loses=["hessian_value", "hessian_off_centre", "hessian_scales"],
)
def hessian_halved(X):
    return X.T @ X / (2 * len(X))


@wrong(
    "regression_hessian",
    "divided by N − 1",
    "You divide by N − 1. This is no estimate of a covariance, it is the second derivative of a mean over N samples.",
    loses=["hessian_value", "hessian_off_centre", "hessian_scales"],
)
def hessian_unbiased(X):
    return X.T @ X / max(len(X) - 1, 1)


@wrong(
    "regression_hessian",
    "samples instead of weights",
    "You multiply sample by sample: (N, N). The Hessian has one row and one column per weight.",
    loses=["hessian_type", "hessian_directions", "hessian_value", "hessian_off_centre", "hessian_scales"],
)
def hessian_gram(X):
    return X @ X.T / len(X)


@wrong(
    "regression_hessian",
    "divided by the number of weights",
    "You divide by the number of columns. Rows are samples: N is len(X), or X.shape[0].",
    loses=["hessian_value", "hessian_off_centre", "hessian_scales"],
)
def hessian_by_d(X):
    return X.T @ X / X.shape[1]


@wrong(
    "regression_hessian",
    "only the diagonal",
    "You return the curvatures along the axes. Inputs that vary together make the weights pull on each other: that is what the off-diagonal entries say.",
    loses=["hessian_directions", "hessian_value", "hessian_off_centre", "hessian_scales"],
)
def hessian_diagonal(X):
    return np.diag(np.mean(X**2, axis=0))


@wrong(
    "regression_hessian",
    "minus sign",
    "Your Hessian is negative: the loss would be a dome. The minus in (y − wᵀx) meets itself in the second derivative.",
    loses=["hessian_directions", "hessian_value", "hessian_off_centre", "hessian_scales"],
)
def hessian_negative(X):
    return -X.T @ X / len(X)


@wrong(
    "regression_hessian",
    "a ridge added",
    "You add a little to the diagonal, perhaps so that it can be inverted. The Hessian of this loss has no such term, and small inputs would drown in it.",
    loses=["hessian_directions", "hessian_value", "hessian_off_centre", "hessian_scales"],
)
def hessian_ridge(X):
    return X.T @ X / len(X) + 1e-4 * np.eye(X.shape[1])


@wrong(
    "regression_hessian",
    "correlations",
    "You divide by the standard deviations: a correlation has lost the scale of the data, and the curvature is all about scale.",
    loses=["hessian_directions", "hessian_value", "hessian_off_centre", "hessian_scales"],
)
def hessian_correlation(X):
    Xc = X - X.mean(axis=0)
    length = np.linalg.norm(Xc, axis=0)
    Xn = Xc / np.where(length > 0, length, 1.0)
    return Xn.T @ Xn


@wrong(
    "regression_hessian",
    "writing into X",
    "Your Hessian is right, but X /= … scales the caller's data. Make a new array.",
    loses=["inputs_unchanged"],
)
def hessian_in_place(X):
    H = X.T @ X / len(X)
    X /= np.sqrt(len(X))
    return H


# ----------------------------------------------------------------------------------------- regression_gd


@right("regression_gd")
def gd_with_residuals(X, y, lr, num_steps):
    w = np.zeros(X.shape[1])
    losses = np.empty(num_steps + 1)
    for k in range(num_steps + 1):
        residual = X @ w - y
        losses[k] = 0.5 * np.mean(residual**2)
        w -= lr * X.T @ residual / len(y)
    return losses


@right("regression_gd")
def gd_sample_by_sample(X, y, lr, num_steps):
    N, D = X.shape
    w = [0.0] * D
    losses = []
    for k in range(num_steps + 1):
        if k > 0:
            gradient = [0.0] * D
            for n in range(N):
                error = y[n] - sum(w[d] * X[n, d] for d in range(D))
                for d in range(D):
                    gradient[d] -= error * X[n, d] / N
            w = [w[d] - lr * gradient[d] for d in range(D)]
        losses.append(sum((y[n] - sum(w[d] * X[n, d] for d in range(D))) ** 2 for n in range(N)) / (2 * N))
    return np.array(losses)


@right("regression_gd")
def gd_as_a_quadratic(X, y, lr, num_steps):
    print("steps:", num_steps)
    A, b, c = hessian_matmul(X), X.T @ y / len(y), 0.5 * np.mean(y**2)
    w = np.zeros(len(b))
    values = [c]
    for _ in range(num_steps):
        w = w - lr * (A @ w - b)
        values.append(0.5 * w @ A @ w - b @ w + c)
    return np.asarray(values)


@right("regression_gd")
def gd_on_predictions(X, y, lr, num_steps):
    K = X @ X.T / len(y)
    f = 0 * y
    losses: list = []
    while len(losses) <= num_steps:
        losses.append(np.linalg.norm(f - y) ** 2 / (2 * len(y)))
        f = f + lr * K @ (y - f)
    return np.stack(losses)


@right("regression_gd")
def gd_in_columns(X, y, lr, num_steps):
    warnings.warn("columns everywhere", stacklevel=1)
    target, w = y.reshape(-1, 1), np.zeros((X.shape[1], 1))
    losses = np.zeros((num_steps + 1, 1))
    for k in range(num_steps + 1):
        errors = target - X.dot(w)
        losses[k] = (errors.T @ errors).item() / (2 * X.shape[0])
        w = w + lr / X.shape[0] * np.einsum("nd,nk->dk", X, errors)
    return losses.ravel()


def _gd(X, y, lr, num_steps, *, loss=None, gradient=None, start=0.0):
    """Descend like `gd_with_residuals`, with one part of it replaced."""
    w = np.full(X.shape[1], start)
    losses = []
    for _ in range(num_steps + 1):
        r = X @ w - y
        losses.append(loss(r) if loss else 0.5 * np.mean(r**2))
        w = w - lr * (gradient(X, r) if gradient else X.T @ r / len(y))
    return np.array(losses)


@wrong(
    "regression_gd",
    "no ½ in the reported loss",
    "You report the mean squared error. The steps are those of ½ of it: the loss of this exercise carries the ½.",
    loses=["gd_start", "gd_path"],
)
def gd_reports_mse(X, y, lr, num_steps):
    return _gd(X, y, lr, num_steps, loss=lambda r: np.mean(r**2))


@wrong(
    "regression_gd",
    "a 2 in the gradient",
    "Your gradient is that of the squared error without the ½: every step is twice too long, and half the learning rates that should work do not.",
    loses=["gd_path", "gd_wild"],
)
def gd_gradient_doubled(X, y, lr, num_steps):
    return _gd(X, y, lr, num_steps, gradient=lambda X, r: 2 * X.T @ r / len(r))


@wrong(
    "regression_gd",
    "the ½ missing everywhere",
    "Loss and gradient fit each other, but they belong to the mean squared error: this exercise has ½ of it.",
    loses=["gd_start", "gd_path", "gd_wild"],
)
def gd_of_the_mse(X, y, lr, num_steps):
    return _gd(X, y, lr, num_steps, loss=lambda r: np.mean(r**2), gradient=lambda X, r: 2 * X.T @ r / len(r))


@wrong(
    "regression_gd",
    "a sum in the gradient",
    "Your gradient sums over the samples, so the step grows with the size of the data. The loss is a mean, and so is its gradient.",
    loses=["gd_path", "gd_wild"],
)
def gd_gradient_summed(X, y, lr, num_steps):
    return _gd(X, y, lr, num_steps, gradient=lambda X, r: X.T @ r)


@wrong(
    "regression_gd",
    "sums in the reported loss",
    "You report the sum over the samples. The steps are right; the loss is their mean.",
    loses=["gd_start", "gd_path"],
)
def gd_reports_sum(X, y, lr, num_steps):
    return _gd(X, y, lr, num_steps, loss=lambda r: 0.5 * np.sum(r**2))


@wrong(
    "regression_gd",
    "uphill",
    "The loss grows: with r = Xw − y the gradient is Xᵀr/N and is subtracted; with r = y − Xw its sign turns.",
    loses=["gd_path", "gd_wild"],
)
def gd_uphill(X, y, lr, num_steps):
    return _gd(X, y, -lr, num_steps)


@wrong(
    "regression_gd",
    "the start is missing",
    "Your first loss is the one after the first step. The curve begins at w = 0, before any step.",
    loses=["gd_type", "gd_start"],
)
def gd_without_start(X, y, lr, num_steps):
    return _gd(X, y, lr, num_steps)[1:]


@wrong(
    "regression_gd",
    "one loss too few",
    "You return num_steps losses, and the one after the last step is missing: num_steps steps lie between num_steps + 1 losses.",
    loses=["gd_type"],
)
def gd_too_short(X, y, lr, num_steps):
    return _gd(X, y, lr, num_steps)[:-1]


@wrong(
    "regression_gd",
    "only the last loss",
    "You return where the loss ends. The whole curve is asked for.",
    loses=["gd_type", "gd_start", "gd_path", "gd_wild"],
)
def gd_last_only(X, y, lr, num_steps):
    return _gd(X, y, lr, num_steps)[-1]


@wrong(
    "regression_gd",
    "inputs centred on the way",
    "You subtract the mean of X before you descend. That would be a good idea, but then the loss is another one: here X is used as it is.",
    loses=["gd_path", "gd_wild"],
)
def gd_centred(X, y, lr, num_steps):
    return _gd(X - X.mean(axis=0), y, lr, num_steps)


@wrong(
    "regression_gd",
    "targets centred on the way",
    "You subtract the mean of y, or fit a bias. The model of this exercise is wᵀx, without one.",
    loses=["gd_start", "gd_path", "gd_wild"],
)
def gd_centred_targets(X, y, lr, num_steps):
    return _gd(X, y - y.mean(), lr, num_steps)


@wrong(
    "regression_gd",
    "a bias learnt as well",
    "You append a column of ones. The model of this exercise has no bias: with one the loss goes lower than it should.",
    loses=["gd_path", "gd_wild"],
)
def gd_with_bias(X, y, lr, num_steps):
    return _gd(np.hstack([X, np.ones((len(X), 1))]), y, lr, num_steps)


@wrong(
    "regression_gd",
    "a start other than zero",
    "Your weights do not start at 0, so the first loss is not that of predicting 0 for everybody.",
    loses=["gd_start", "gd_path", "gd_wild"],
)
def gd_from_ones(X, y, lr, num_steps):
    return _gd(X, y, lr, num_steps, start=1.0)


@wrong(
    "regression_gd",
    "divided by the number of weights",
    "You divide by the number of columns. The mean goes over samples: N is len(y).",
    loses=["gd_path", "gd_wild"],
)
def gd_divided_by_d(X, y, lr, num_steps):
    return _gd(X, y, lr, num_steps, gradient=lambda X, r: X.T @ r / X.shape[1])


@wrong(
    "regression_gd",
    "one sample at a time",
    "You step after every sample. That is stochastic gradient descent, chapter 5; here one step uses the gradient of the whole loss.",
    loses=["gd_path", "gd_wild"],
)
def gd_stochastic(X, y, lr, num_steps):
    w = np.zeros(X.shape[1])
    losses = [0.5 * np.mean((X @ w - y) ** 2)]
    for _ in range(num_steps):
        for x, target in zip(X, y, strict=True):
            w = w - lr / len(y) * (x @ w - target) * x
        losses.append(0.5 * np.mean((X @ w - y) ** 2))
    return np.array(losses)


@wrong(
    "regression_gd",
    "the gradient never recomputed",
    "Every step uses the gradient of the start. The residuals change with w: compute them anew.",
    loses=["gd_path", "gd_wild"],
)
def gd_frozen_gradient(X, y, lr, num_steps):
    g = -X.T @ y / len(y)
    return np.array([0.5 * np.mean((y + k * lr * X @ g) ** 2) for k in range(num_steps + 1)])


@wrong(
    "regression_gd",
    "stops when the loss grows",
    "You stop, or repeat the last loss, as soon as the loss no longer falls. A learning rate that is too large should be seen to be: report what happens.",
    loses=["gd_wild"],
)
def gd_stops(X, y, lr, num_steps):
    return np.minimum.accumulate(_gd(X, y, lr, num_steps))


@wrong(
    "regression_gd",
    "a column of losses",
    "The losses are right, but as a table of one column. The contract says (num_steps + 1,).",
    loses=["gd_type"],
)
def gd_column(X, y, lr, num_steps):
    return _gd(X, y, lr, num_steps)[:, None]


@wrong(
    "regression_gd",
    "writing into y",
    "Your losses are right, but y -= … turns the caller's targets into residuals. Make a new array.",
    loses=["inputs_unchanged"],
)
def gd_in_place(X, y, lr, num_steps):
    losses = _gd(X, y, lr, num_steps)
    y -= X @ np.zeros(X.shape[1]) + 1.0
    return losses
