"""Problem set 10: right answers in several styles, and the mistakes people make with symmetries, masks and saddles."""

from __future__ import annotations

import copy
import math
import warnings
from functools import reduce

import numpy as np

from autograder.misconceptions import Table

TABLE = Table()
right, wrong = TABLE.right, TABLE.wrong

# ruff: noqa: D103 - the name given to each answer says what it is

# mypy: disable-error-code="no-untyped-def,no-untyped-call,type-arg,has-type,var-annotated"

# ---------------------------------------------------------------------------------------- permute_hidden


@right("permute_hidden")
def permute_by_index(W1, b1, W2, perm):
    return W1[perm], b1[perm], W2[:, perm]


@right("permute_hidden")
def permute_unit_by_unit(W1, b1, W2, perm):
    new_W1, new_b1, new_W2 = np.empty_like(W1), np.empty_like(b1), np.empty_like(W2)
    for i, old in enumerate(perm):
        print(f"unit {old} becomes {i}")
        new_W1[i], new_b1[i], new_W2[:, i] = W1[old], b1[old], W2[:, old]
    return new_W1, new_b1, new_W2


@right("permute_hidden")
def permute_by_matrix(W1, b1, W2, perm):
    P = np.eye(len(perm))[perm]
    return P @ W1, P @ b1, W2 @ P.T


@right("permute_hidden")
def permute_with_take(W1, b1, W2, perm):
    warnings.warn("take copies", stacklevel=1)
    W1 = np.asfortranarray(W1.take(perm, axis=0))
    return W1, b1.take(perm), W2.take(perm, axis=-1)


@right("permute_hidden")
def permute_one_column_per_unit(W1, b1, W2, perm):
    units = np.hstack([W1, b1[:, None], W2.T])[perm]  # everything a unit owns in one row
    inputs = W1.shape[1]
    return units[:, :inputs], units[:, inputs], units[:, inputs + 1 :].T


@wrong(
    "permute_hidden",
    "the way back",
    "You put old unit i at place perm[i]. Asked is the other direction: perm[i] says whom place i takes in. The two agree only for permutations that undo themselves.",
    loses=["permute_incoming", "permute_outgoing"],
)
def permute_inverse(W1, b1, W2, perm):
    inverse = np.argsort(perm)
    return W1[inverse], b1[inverse], W2[:, inverse]


@wrong(
    "permute_hidden",
    "what leaves stays",
    "You renumber what enters the hidden units and leave W2 as it is. Then every output listens to the wrong units.",
    loses=["permute_outgoing", "permute_function"],
)
def permute_only_incoming(W1, b1, W2, perm):
    return W1[perm], b1[perm], W2.copy()


@wrong(
    "permute_hidden",
    "there and back",
    "What enters goes by perm, what leaves by its inverse. Think of a unit as one thing: it moves with all its weights to one place.",
    loses=["permute_outgoing", "permute_function"],
)
def permute_there_and_back(W1, b1, W2, perm):
    return W1[perm], b1[perm], W2[:, np.argsort(perm)]


@wrong(
    "permute_hidden",
    "the bias stays",
    "The biases have kept their order. A bias belongs to its unit and moves along.",
    loses=["permute_incoming", "permute_function"],
)
def permute_without_bias(W1, b1, W2, perm):
    return W1[perm], b1.copy(), W2[:, perm]


@wrong(
    "permute_hidden",
    "rows of W2",
    "You exchange rows of W2. Its rows belong to the outputs, its columns to the hidden units.",
    loses=["network_type", "permute_incoming", "permute_outgoing", "permute_function"],
)
def permute_rows_leaving(W1, b1, W2, perm):
    return W1[perm], b1[perm], W2[perm]


@wrong(
    "permute_hidden",
    "columns of W1",
    "You exchange columns of W1. Its columns belong to the inputs, its rows to the hidden units.",
    loses=["network_type", "permute_incoming", "permute_outgoing", "permute_function"],
)
def permute_columns_entering(W1, b1, W2, perm):
    return W1[:, perm], b1[perm], W2[:, perm]


@wrong(
    "permute_hidden",
    "overwritten before it was read",
    "You write into the copy from which you still read: a unit that has been overwritten is lost, and its successor appears twice. Read from the old arrays, write into new ones.",
    loses=["permute_incoming", "permute_outgoing", "permute_function"],
)
def permute_overwriting(W1, b1, W2, perm):
    W1, b1, W2 = W1.copy(), b1.copy(), W2.copy()
    for i, old in enumerate(perm):
        W1[i], b1[i], W2[:, i] = W1[old], b1[old], W2[:, old]
    return W1, b1, W2


@wrong(
    "permute_hidden",
    "in place",
    "You write the new order into the caller's arrays. The network that was handed to you is gone.",
    loses=["inputs_unchanged"],
)
def permute_in_place(W1, b1, W2, perm):
    try:
        W1[:], b1[:], W2[:] = W1[perm], b1[perm], W2[:, perm]
    except ValueError:  # read-only
        return W1[perm], b1[perm], W2[:, perm]
    return W1, b1, W2


# ------------------------------------------------------------------------------------------ rescale_relu


@right("rescale_relu")
def rescale_by_broadcasting(W1, b1, W2, alpha):
    return alpha[:, None] * W1, alpha * b1, W2 / alpha


@right("rescale_relu")
def rescale_unit_by_unit(W1, b1, W2, alpha):
    W1, b1, W2 = W1.copy(order="F"), b1.copy(), W2.copy()
    for i in range(len(alpha)):
        W1[i] *= alpha[i]
        b1[i] *= alpha[i]
        W2[:, i] /= alpha[i]
    print("done")
    return W1, b1, W2


@right("rescale_relu")
def rescale_by_matrices(W1, b1, W2, alpha):
    return np.diag(alpha) @ W1, np.diag(alpha) @ b1, W2 @ np.diag(1 / alpha)


@right("rescale_relu")
def rescale_by_einsum(W1, b1, W2, alpha):
    warnings.warn("numbers only", stacklevel=1)
    return np.einsum("h,hi->hi", alpha, W1), np.multiply(alpha, b1), np.einsum("oh,h->oh", W2, alpha**-1.0)


@right("rescale_relu")
def rescale_transposed(W1, b1, W2, alpha):
    return (W1.T * alpha).T, b1 * alpha, np.array([row / alpha for row in W2])


@wrong(
    "rescale_relu",
    "the bias is forgotten",
    "You stretch the weights that enter a unit and not its bias. Then the unit switches on elsewhere: max(0, αw·x + b) is no multiple of max(0, w·x + b).",
    loses=["rescale_incoming", "rescale_function"],
)
def rescale_without_bias(W1, b1, W2, alpha):
    return alpha[:, None] * W1, b1.copy(), W2 / alpha


@wrong(
    "rescale_relu",
    "nothing makes up for it",
    "The hidden units say alpha times as much, and whoever hears them does not know. What leaves a unit has to make up for what enters.",
    loses=["rescale_outgoing", "rescale_function"],
)
def rescale_only_incoming(W1, b1, W2, alpha):
    return alpha[:, None] * W1, alpha * b1, W2.copy()


@wrong(
    "rescale_relu",
    "multiplied on both sides",
    "You multiply what leaves a unit as well. Its contribution to the output then grows with the square of alpha.",
    loses=["rescale_outgoing", "rescale_function"],
)
def rescale_both_up(W1, b1, W2, alpha):
    return alpha[:, None] * W1, alpha * b1, W2 * alpha


@wrong(
    "rescale_relu",
    "in and out exchanged",
    "You divide what enters and multiply what leaves. The function stays, but the contract has it the other way round.",
    loses=["rescale_incoming", "rescale_outgoing"],
)
def rescale_exchanged(W1, b1, W2, alpha):
    return W1 / alpha[:, None], b1 / alpha, W2 * alpha


@wrong(
    "rescale_relu",
    "shared between the two sides",
    "You put the square root of alpha on either side. The function stays, and it is another stretching than the one that was asked for.",
    loses=["rescale_incoming", "rescale_outgoing"],
)
def rescale_by_roots(W1, b1, W2, alpha):
    root = np.sqrt(alpha)
    return root[:, None] * W1, root * b1, W2 / root


@wrong(
    "rescale_relu",
    "along the inputs",
    "alpha meets the columns of W1, which belong to the inputs. Where the numbers of inputs and units differ numpy protests; where they agree it does not.",
    loses=["network_type", "rescale_incoming", "rescale_outgoing", "rescale_function"],
)
def rescale_along_inputs(W1, b1, W2, alpha):
    return alpha * W1, alpha * b1, W2 / alpha


@wrong(
    "rescale_relu",
    "along the outputs",
    "alpha meets the rows of W2, which belong to the outputs. Its columns are the hidden units.",
    loses=["network_type", "rescale_incoming", "rescale_outgoing", "rescale_function"],
)
def rescale_along_outputs(W1, b1, W2, alpha):
    return alpha[:, None] * W1, alpha * b1, W2 / alpha[:, None]


@wrong(
    "rescale_relu",
    "the bias divided",
    "You divide the bias by alpha. It enters the unit like the weights, and is stretched like them.",
    loses=["rescale_incoming", "rescale_function"],
)
def rescale_bias_divided(W1, b1, W2, alpha):
    return alpha[:, None] * W1, b1 / alpha, W2 / alpha


@wrong(
    "rescale_relu",
    "in place",
    "*= and /= write into the caller's arrays: the network that was handed to you has been stretched itself.",
    loses=["inputs_unchanged"],
)
def rescale_in_place(W1, b1, W2, alpha):
    try:
        W1 *= alpha[:, None]
        b1 *= alpha
        W2 /= alpha
    except ValueError:  # read-only
        return alpha[:, None] * W1, alpha * b1, W2 / alpha
    return W1, b1, W2


# ------------------------------------------------------------------------------------------- interpolate


@right("interpolate")
def line_in_a_row(params_a, params_b, t):
    return [(1 - t) * a + t * b for a, b in zip(params_a, params_b, strict=True)]


@right("interpolate")
def line_from_a(params_a, params_b, t):
    point = []
    for k in range(len(params_a)):
        way = params_b[k] - params_a[k]
        point.append(params_a[k] + t * way)
    print(len(point))
    return point


@right("interpolate")
def line_with_deepcopy(params_a, params_b, t):
    warnings.warn("copying", stacklevel=1)
    point = copy.deepcopy(params_a)
    for p, b in zip(point, params_b, strict=True):
        p *= 1 - t
        p += t * b
    return point


@right("interpolate")
def line_by_tensordot(params_a, params_b, t):
    weights = np.array([1 - t, t])
    return [
        np.array(np.tensordot(weights, np.stack([a, b]), axes=1), order="F")
        for a, b in zip(params_a, params_b, strict=True)
    ]


@right("interpolate")
def line_through_one_vector(params_a, params_b, t):
    a, b = (np.concatenate([np.ravel(p) for p in params]) for params in (params_a, params_b))
    flat, point = b + (1 - t) * (a - b), []
    for p in params_a:
        point.append(flat[: p.size].reshape(p.shape))
        flat = flat[p.size :]
    return point


@wrong(
    "interpolate",
    "from b to a",
    "At t = 0 you are at params_b. The line begins at params_a.",
    loses=["line_ends", "line_between", "line_beyond"],
)
def line_backwards(params_a, params_b, t):
    return [t * a + (1 - t) * b for a, b in zip(params_a, params_b, strict=True)]


@wrong(
    "interpolate",
    "all of a and some of b",
    "You add t times b to all of a. On the way to b, as much as comes of b has to go of a.",
    loses=["line_ends", "line_between", "line_beyond"],
)
def line_without_leaving(params_a, params_b, t):
    return [a + t * b for a, b in zip(params_a, params_b, strict=True)]


@wrong(
    "interpolate",
    "always the middle",
    "You take the mean of the two whatever t is.",
    loses=["line_ends", "line_between", "line_beyond"],
)
def line_middle(params_a, params_b, t):
    return [(a + b) / 2 for a, b in zip(params_a, params_b, strict=True)]


@wrong(
    "interpolate",
    "away from b",
    "You go from a in the direction a − b, away from b. The difference has its sign the wrong way round.",
    loses=["line_ends", "line_between", "line_beyond"],
)
def line_away(params_a, params_b, t):
    return [a + t * (a - b) for a, b in zip(params_a, params_b, strict=True)]


@wrong(
    "interpolate",
    "t kept between 0 and 1",
    "You keep t between 0 and 1. The formula does not: beyond the ends the line goes on, and it is worth a look.",
    loses=["line_beyond"],
)
def line_clipped(params_a, params_b, t):
    t = min(max(t, 0.0), 1.0)
    return [(1 - t) * a + t * b for a, b in zip(params_a, params_b, strict=True)]


@wrong(
    "interpolate",
    "an eased way",
    "You ease t in and out, 3t² − 2t³, as in a film. You visit the same points of the line at other times; asked is where t says.",
    loses=["line_between", "line_beyond"],
)
def line_eased(params_a, params_b, t):
    t = t * t * (3 - 2 * t)
    return [(1 - t) * a + t * b for a, b in zip(params_a, params_b, strict=True)]


@wrong(
    "interpolate",
    "one long vector",
    "You return all parameters in one vector. A network needs them in their shapes again: a list like the ones that came in.",
    loses=["line_type", "line_ends", "line_between", "line_beyond"],
)
def line_as_a_vector(params_a, params_b, t):
    a, b = (np.concatenate([np.ravel(p) for p in params]) for params in (params_a, params_b))
    return (1 - t) * a + t * b


@wrong(
    "interpolate",
    "the very networks at the ends",
    "At the ends you hand back the lists of arrays you were given. Whoever trains on from there changes the network that the line began with.",
    loses=["results_new"],
)
def line_with_shortcuts(params_a, params_b, t):
    if t == 0:
        return list(params_a)
    if t == 1:
        return list(params_b)
    return [(1 - t) * a + t * b for a, b in zip(params_a, params_b, strict=True)]


@wrong(
    "interpolate",
    "in place",
    "You write the point into params_a. After one call the line begins somewhere else.",
    loses=["results_new", "inputs_unchanged"],
)
def line_in_place(params_a, params_b, t):
    for a, b in zip(params_a, params_b, strict=True):
        if not a.flags.writeable:
            return [(1 - t) * a + t * b for a, b in zip(params_a, params_b, strict=True)]
        a[...] = (1 - t) * a + t * b
    return params_a


# ---------------------------------------------------------------------------------------- magnitude_mask


@right("magnitude_mask")
def mask_by_sorting(W, sparsity):
    keep = round((1 - sparsity) * W.size)
    mask = np.zeros(W.size, dtype=bool)
    mask[np.argsort(np.abs(W), axis=None)[W.size - keep :]] = True
    return mask.reshape(W.shape)


@right("magnitude_mask")
def mask_by_partition(W, sparsity):
    gone = W.size - int(np.rint((1 - sparsity) * W.size))
    mask = np.ones(W.shape, dtype=bool)
    if gone:
        mask.flat[np.argpartition((W**2).ravel(), gone - 1)[:gone]] = False
    return mask


@right("magnitude_mask")
def mask_by_ranks(W, sparsity):
    print("pruning", W.shape)
    order = np.argsort(-np.abs(W).ravel(), kind="stable")
    ranks = np.empty(W.size, dtype=int)
    ranks[order] = np.arange(W.size)
    return np.asfortranarray(ranks.reshape(W.shape) < round(W.size * (1 - sparsity)))


@right("magnitude_mask")
def mask_one_by_one(W, sparsity):
    warnings.warn("this takes its time", stacklevel=1)
    left = {index: abs(float(W[index])) for index in np.ndindex(W.shape)}
    mask = np.full(W.shape, False)
    for _ in range(int((1 - sparsity) * W.size + 0.5)):
        largest = max(left, key=left.__getitem__)
        del left[largest]
        mask[largest] = True
    return mask


@right("magnitude_mask")
def mask_by_threshold_and_ties(W, sparsity):
    keep, size = round((1 - sparsity) * W.size), np.abs(W)
    if keep == 0:
        return np.zeros(W.shape, dtype=bool)
    threshold = np.sort(size, axis=None)[-keep]
    mask = size > threshold
    for index in np.argwhere(size == threshold)[: keep - mask.sum()]:
        mask[tuple(index)] = True
    return mask


@wrong(
    "magnitude_mask",
    "signs count",
    "You sort the weights themselves, so that −3 goes before 0.1. How much a weight matters depends on its size, whatever its sign.",
    loses=["mask_largest", "mask_ties"],
)
def mask_signed(W, sparsity):
    mask = np.zeros(W.size, dtype=bool)
    mask[np.argsort(W, axis=None)[W.size - round((1 - sparsity) * W.size) :]] = True
    return mask.reshape(W.shape)


@wrong(
    "magnitude_mask",
    "the smallest stay",
    "You keep the smallest weights. Pruning takes those away that are hardly felt.",
    loses=["mask_largest", "mask_ties"],
)
def mask_smallest(W, sparsity):
    mask = np.zeros(W.size, dtype=bool)
    mask[np.argsort(np.abs(W), axis=None)[: round((1 - sparsity) * W.size)]] = True
    return mask.reshape(W.shape)


@wrong(
    "magnitude_mask",
    "True for those that go",
    "Your mask marks the weights to be pruned. It should be True where a weight stays, so that mask * W is the pruned layer.",
    loses=["mask_count", "mask_largest", "mask_ends", "mask_ties"],
)
def mask_inverted(W, sparsity):
    return ~mask_by_sorting(W, sparsity)


@wrong(
    "magnitude_mask",
    "sparsity taken for density",
    "You keep a share of sparsity. Sparsity is the share of zeros: a layer of sparsity 0.9 has a tenth of its weights left.",
    loses=["mask_count", "mask_ends", "mask_ties"],
)
def mask_density(W, sparsity):
    return mask_by_sorting(W, 1 - sparsity)


@wrong(
    "magnitude_mask",
    "cut off instead of rounded",
    "int(…) cuts off: 18.9 weights become 18, and 0.9999999999999998, which is what (1 − 0.9)·10 is in floating point, becomes none.",
    loses=["mask_count"],
)
def mask_truncated(W, sparsity):
    keep = int((1 - sparsity) * W.size)
    mask = np.zeros(W.size, dtype=bool)
    mask[np.argsort(np.abs(W), axis=None)[W.size - keep :]] = True
    return mask.reshape(W.shape)


@wrong(
    "magnitude_mask",
    "everything where nothing should stay",
    "x[-0:] is x[0:], all of it. With nothing to keep you keep everything.",
    loses=["mask_count", "mask_ends"],
)
def mask_last_zero(W, sparsity):
    keep = round((1 - sparsity) * W.size)
    mask = np.zeros(W.size, dtype=bool)
    mask[np.argsort(np.abs(W), axis=None)[-keep:]] = True
    return mask.reshape(W.shape)


@wrong(
    "magnitude_mask",
    "a threshold that lets all ties in",
    "You compare with the size of the last weight to stay. Every other weight of exactly this size stays with it, and the count is off.",
    loses=["mask_ties"],
)
def mask_by_threshold(W, sparsity):
    keep = round((1 - sparsity) * W.size)
    if keep == 0:
        return np.zeros(W.shape, dtype=bool)
    return np.abs(W) >= np.sort(np.abs(W), axis=None)[W.size - keep]


@wrong(
    "magnitude_mask",
    "a threshold that lets no tie in",
    "You compare with the size of the first weight to go. Every other weight of exactly this size goes with it, and the count is off.",
    loses=["mask_ties"],
)
def mask_above_threshold(W, sparsity):
    gone = W.size - round((1 - sparsity) * W.size)
    if gone == 0:
        return np.ones(W.shape, dtype=bool)
    return np.abs(W) > np.sort(np.abs(W), axis=None)[gone - 1]


@wrong(
    "magnitude_mask",
    "by a quantile",
    "You compare with a quantile of |W|. It lies between two weights only roughly where the contract counts, and ties fall on one side together.",
    loses=["mask_count", "mask_ends", "mask_ties"],
)
def mask_by_quantile(W, sparsity):
    return np.abs(W) > np.quantile(np.abs(W), sparsity)


@wrong(
    "magnitude_mask",
    "row by row",
    "You prune every row alike. The largest of all of W are asked for; some rows may lose much, others nothing.",
    loses=["mask_count", "mask_largest", "mask_ties"],
)
def mask_row_by_row(W, sparsity):
    if W.ndim == 1:
        return mask_by_sorting(W, sparsity)
    return np.stack([mask_by_sorting(row, sparsity) for row in W])


@wrong(
    "magnitude_mask",
    "the pruned weights",
    "You return the pruned weights. A mask says of each place whether its weight stays, True or False, and no more.",
    loses=["mask_type", "mask_ties"],
)
def mask_times_weights(W, sparsity):
    return W * mask_by_sorting(W, sparsity)


# ------------------------------------------------------------------------------------------ clip_by_norm


@right("clip_by_norm")
def clip_plain(grads, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in grads))
    factor = min(1.0, max_norm / norm) if norm > 0 else 1.0
    return [factor * g for g in grads]


@right("clip_by_norm")
def clip_through_one_vector(grads, max_norm):
    norm = np.linalg.norm(np.concatenate([g.ravel() for g in grads]))
    print("norm", norm)
    if norm <= max_norm:
        return [g.copy() for g in grads]
    return [np.array(g * max_norm / norm, order="F") for g in grads]


@right("clip_by_norm")
def clip_with_hypot(grads, max_norm):
    norm = math.hypot(*(np.linalg.norm(g) for g in grads))
    clipped = copy.deepcopy(grads)
    if norm > max_norm:
        for g in clipped:
            g /= norm / max_norm
    return clipped


@right("clip_by_norm")
def clip_by_division(grads, max_norm):
    norms = [np.linalg.norm(np.ravel(g)) for g in grads]
    with np.errstate(divide="ignore"):
        factor = np.minimum(1.0, max_norm / np.linalg.norm(norms))  # inf for a norm of 0: 1 is smaller
    return list(map(lambda g: np.multiply(factor, g), grads))


@right("clip_by_norm")
def clip_dividing_by_the_larger(grads, max_norm):
    warnings.warn("no branch needed", stacklevel=1)
    square = reduce(lambda total, g: total + float(np.vdot(g, g)), grads, 0.0)
    return [g * (max_norm / max(max_norm, square**0.5)) for g in grads]


@wrong(
    "clip_by_norm",
    "each array by itself",
    "You clip every array by its own norm. The gradient is one vector in pieces: with a factor for each piece its direction changes.",
    loses=["clip_global"],
)
def clip_each(grads, max_norm):
    return [clip_plain([g], max_norm)[0] for g in grads]


@wrong(
    "clip_by_norm",
    "entry by entry",
    "You cut off every entry at ±max_norm. That is another method: it bends the direction towards a diagonal.",
    loses=["clip_one", "clip_global", "clip_exact"],
)
def clip_entries(grads, max_norm):
    return [np.clip(g, -max_norm, max_norm) for g in grads]


@wrong(
    "clip_by_norm",
    "short ones are stretched",
    "You bring every gradient to length max_norm, short ones too. Near a minimum, where gradients are small, the steps then never get smaller.",
    loses=["clip_short"],
)
def clip_always(grads, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in grads))
    return [g.copy() if norm == 0 else g * (max_norm / norm) for g in grads]


@wrong(
    "clip_by_norm",
    "a small number in the denominator",
    "You add a small number to the norm, as some libraries do. The factor is then not quite max_norm/norm, and beside a small norm not even nearly.",
    loses=["clip_exact"],
)
def clip_with_epsilon(grads, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in grads))
    return [g * min(1.0, max_norm / (norm + 1e-8)) for g in grads]


@wrong(
    "clip_by_norm",
    "norms added",
    "You add up the norms of the arrays. Lengths at right angles add up like the sides of a triangle: squares are added.",
    loses=["clip_global", "clip_short"],
)
def clip_by_sum_of_norms(grads, max_norm):
    norm = sum(np.linalg.norm(np.ravel(g)) for g in grads)
    return [g * min(1.0, max_norm / norm) if norm > 0 else g.copy() for g in grads]


@wrong(
    "clip_by_norm",
    "the root is missing",
    "You compare with the sum of squares, the square of the norm. The root is missing.",
    loses=["clip_one", "clip_global", "clip_short", "clip_exact"],
)
def clip_by_square(grads, max_norm):
    square = sum(np.sum(g**2) for g in grads)
    return [g * min(1.0, max_norm / square) if square > 0 else g.copy() for g in grads]


@wrong(
    "clip_by_norm",
    "by the largest entry",
    "You compare the largest entry with max_norm. The norm is the length of the whole vector, to which all entries contribute.",
    loses=["clip_one", "clip_global", "clip_exact"],
)
def clip_by_largest(grads, max_norm):
    norm = max(np.max(np.abs(g)) for g in grads)
    return [g * min(1.0, max_norm / norm) if norm > 0 else g.copy() for g in grads]


@wrong(
    "clip_by_norm",
    "0/0",
    "For a gradient of zeros you divide by 0, and 0 times infinity is no number. One NaN in a gradient, and the network is gone.",
    loses=["clip_zero"],
)
def clip_dividing_by_zero(grads, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in grads))
    return [g / norm * min(max_norm, norm) for g in grads]


@wrong(
    "clip_by_norm",
    "the very arrays that came in",
    "Where nothing is too long you hand back the arrays you were given. An optimizer that writes into them changes the caller's gradients.",
    loses=["results_new"],
)
def clip_handing_back(grads, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in grads))
    return grads if norm <= max_norm else [max_norm / norm * g for g in grads]


@wrong(
    "clip_by_norm",
    "in place",
    "*= writes into the caller's gradients, as torch's clip_grad_norm_ does on purpose. Here new arrays are asked for.",
    loses=["results_new", "inputs_unchanged"],
)
def clip_in_place(grads, max_norm):
    if not grads[0].flags.writeable:
        return clip_plain(grads, max_norm)
    norm = np.sqrt(sum(np.sum(g**2) for g in grads))
    if norm > max_norm:
        for g in grads:
            g *= max_norm / norm
    return grads


# ----------------------------------------------------------------------------------------- mode_strength


@right("mode_strength")
def mode_in_a_row(a0, b0, sigma, lr, num_steps):
    a, b, strengths = a0, b0, [a0 * b0]
    for _ in range(num_steps):
        error = sigma - a * b
        a, b = a + 2 * lr * error * b, b + 2 * lr * error * a
        strengths.append(a * b)
    return np.array(strengths)


@right("mode_strength")
def mode_with_gradients(a0, b0, sigma, lr, num_steps):
    factors, path = np.array([a0, b0], dtype=float), np.zeros(num_steps + 1)
    for k in range(num_steps):
        path[k] = factors.prod()
        factors = factors - lr * (-2 * (sigma - path[k]) * factors[::-1])
    path[num_steps] = factors.prod()
    return path


@right("mode_strength")
def mode_by_sum_and_difference(a0, b0, sigma, lr, num_steps):
    total, apart = a0 + b0, a0 - b0  # each is multiplied by a number at every step
    strengths = [a0 * b0]
    for _ in range(num_steps):
        step = 2 * lr * (sigma - strengths[-1])
        total, apart = total * (1 + step), apart * (1 - step)
        strengths.append((total**2 - apart**2) / 4)
    print(strengths[-1])
    return np.asarray(strengths)


@right("mode_strength")
def mode_of_matrices(a0, b0, sigma, lr, num_steps):
    warnings.warn("one by one", stacklevel=1)
    W, Q = np.array([[a0]], dtype=float), np.array([[b0]], dtype=float)
    products = [Q @ W]
    for _ in range(num_steps):
        rest = sigma - Q @ W
        W, Q = W + 2 * lr * Q.T @ rest, Q + 2 * lr * rest @ W.T
        products.append(Q @ W)
    return np.concatenate(products).ravel()


@right("mode_strength")
def mode_by_generator(a0, b0, sigma, lr, num_steps):
    def walk():
        a, b = np.float64(a0), np.float64(b0)
        while True:
            yield a * b
            slope = 2 * (a * b - sigma)
            old = a
            a -= lr * slope * b
            b -= lr * slope * old

    return np.fromiter(walk(), dtype=np.float64, count=num_steps + 1)


@wrong(
    "mode_strength",
    "the 2 is missing",
    "Your gradient is that of ½(σ − ab)². Lectures like the ½; the loss here has none.",
    loses=["mode_balanced", "mode_unbalanced", "mode_wild"],
)
def mode_of_half_the_loss(a0, b0, sigma, lr, num_steps):
    return mode_in_a_row(a0, b0, sigma, lr / 2, num_steps)


@wrong(
    "mode_strength",
    "one after the other",
    "You move a, and b already sees the new a. Both derivatives belong to the same point, the one before the step.",
    loses=["mode_balanced", "mode_unbalanced", "mode_wild"],
)
def mode_one_after_the_other(a0, b0, sigma, lr, num_steps):
    a, b, strengths = a0, b0, [a0 * b0]
    for _ in range(num_steps):
        a = a + 2 * lr * (sigma - a * b) * b
        b = b + 2 * lr * (sigma - a * b) * a
        strengths.append(a * b)
    return np.array(strengths)


@wrong(
    "mode_strength",
    "the old error with the new factor",
    "You keep the error of the old point, which is right, but b moves along the new a. Both derivatives belong to the point before the step.",
    loses=["mode_balanced", "mode_unbalanced", "mode_wild"],
)
def mode_half_simultaneous(a0, b0, sigma, lr, num_steps):
    a, b, strengths = a0, b0, [a0 * b0]
    for _ in range(num_steps):
        error = sigma - a * b
        a = a + 2 * lr * error * b
        b = b + 2 * lr * error * a
        strengths.append(a * b)
    return np.array(strengths)


@wrong(
    "mode_strength",
    "each along itself",
    "You move a in proportion to a, and b to b. The derivative of ab with respect to a is b. From a = b nobody can tell; elsewhere it shows.",
    loses=["mode_unbalanced", "mode_wild"],
)
def mode_along_itself(a0, b0, sigma, lr, num_steps):
    a, b, strengths = a0, b0, [a0 * b0]
    for _ in range(num_steps):
        error = sigma - a * b
        a, b = a + 2 * lr * error * a, b + 2 * lr * error * b
        strengths.append(a * b)
    return np.array(strengths)


@wrong(
    "mode_strength",
    "uphill",
    "You climb. The gradient of (σ − ab)² has a minus from the chain rule, and the step against it another one.",
    loses=["mode_balanced", "mode_unbalanced", "mode_wild", "mode_settles"],
)
def mode_uphill(a0, b0, sigma, lr, num_steps):
    with np.errstate(all="ignore"):
        return mode_in_a_row(np.float64(a0), np.float64(b0), sigma, -lr, num_steps)


@wrong(
    "mode_strength",
    "descent on the product",
    "You treat the strength as the parameter and move it towards σ. The network has only a and b; that the product starts slowly is the whole point.",
    loses=["mode_balanced", "mode_unbalanced", "mode_wild"],
)
def mode_of_the_product(a0, b0, sigma, lr, num_steps):
    u = [a0 * b0]
    for _ in range(num_steps):
        u.append(u[-1] + 2 * lr * (sigma - u[-1]))
    return np.array(u)


@wrong(
    "mode_strength",
    "the formula for small steps",
    "You return the solution of the differential equation, what is left when the steps become infinitely small. Asked are the steps themselves.",
    loses=["mode_balanced", "mode_unbalanced", "mode_wild"],
)
def mode_by_the_flow(a0, b0, sigma, lr, num_steps):
    u0, decay = a0 * b0, np.exp(-4 * sigma * lr * np.arange(num_steps + 1))
    with np.errstate(all="ignore"):
        return np.nan_to_num(sigma / (1 - decay + sigma / np.float64(u0) * decay))


@wrong(
    "mode_strength",
    "the start is missing",
    "You note the strength after each step only. The one before the first step is there as well.",
    loses=["mode_type", "mode_start", "mode_balanced", "mode_unbalanced", "mode_wild"],
)
def mode_without_start(a0, b0, sigma, lr, num_steps):
    return mode_in_a_row(a0, b0, sigma, lr, num_steps)[1:]


@wrong(
    "mode_strength",
    "the errors instead of the strengths",
    "You return the losses. Asked are the strengths a·b, which rise to σ while the loss falls to 0.",
    loses=["mode_start", "mode_balanced", "mode_unbalanced", "mode_wild", "mode_settles"],
)
def mode_losses(a0, b0, sigma, lr, num_steps):
    return (sigma - mode_in_a_row(a0, b0, sigma, lr, num_steps)) ** 2


# ------------------------------------------------------------------------ random_hessian_saddle_fraction


@right("random_hessian_saddle_fraction")
def saddles_at_once(n, samples, rng):
    G = rng.standard_normal((samples, n, n))
    eigenvalues = np.linalg.eigvalsh((G + G.transpose(0, 2, 1)) / 2)
    return np.mean((eigenvalues[:, 0] < 0) & (eigenvalues[:, -1] > 0))


@right("random_hessian_saddle_fraction")
def saddles_one_by_one(n, samples, rng):
    count = 0
    for _ in range(samples):
        G = rng.normal(size=(n, n))
        eigenvalues = np.linalg.eigvalsh(G + G.T)  # the ½ changes no sign
        count += bool(eigenvalues.min() < 0 < eigenvalues.max())
    print(count)
    return count / samples


@right("random_hessian_saddle_fraction")
def saddles_from_the_triangle(n, samples, rng):
    """Draw the entries of the symmetric matrix directly: variance 1 on the diagonal, ½ beside it."""
    upper = np.triu(rng.normal(scale=np.sqrt(0.5), size=(samples, n, n)), 1)
    H = upper + upper.transpose(0, 2, 1)
    H[:, np.arange(n), np.arange(n)] = rng.normal(size=(samples, n))
    signs = np.sign(np.linalg.eigvalsh(H))
    return float((np.abs(signs.sum(axis=1)) < n).sum() / samples)


@right("random_hessian_saddle_fraction")
def saddles_by_blocks(n, samples, rng):
    warnings.warn("blocks save memory", stacklevel=1)
    single, left = 0, samples
    while left:
        block = min(left, 500)
        G = rng.normal(size=(n, n, block)).T  # matrices in the last two axes
        eigenvalues = np.linalg.eigh(0.5 * (G + np.swapaxes(G, 1, 2))).eigenvalues
        single += int(np.all(eigenvalues > 0, axis=1).sum() + np.all(eigenvalues < 0, axis=1).sum())
        left -= block
    return 1 - single / samples


@right("random_hessian_saddle_fraction")
def saddles_with_a_child_generator(n, samples, rng):
    child = np.random.default_rng(rng.integers(2**63))
    G = child.normal(size=(samples, n, n))
    eigenvalues = np.linalg.eigvalsh((G + np.moveaxis(G, 1, 2)) / 2)
    positive = (eigenvalues > 0).sum(axis=1)
    return np.mean([0 < p < n for p in positive])


def eigenvalues_of(n, samples, rng):
    G = rng.standard_normal((samples, n, n))
    return np.linalg.eigvalsh((G + G.transpose(0, 2, 1)) / 2)


@wrong(
    "random_hessian_saddle_fraction",
    "not symmetrized",
    "You hand G to eigvalsh, which reads one triangle and believes the rest. The entries off the diagonal then vary twice as much as those of (G + Gᵀ)/2.",
    loses=["saddle_two", "saddle_three"],
)
def saddles_of_one_triangle(n, samples, rng):
    eigenvalues = np.linalg.eigvalsh(rng.standard_normal((samples, n, n)))
    return np.mean((eigenvalues[:, 0] < 0) & (eigenvalues[:, -1] > 0))


@wrong(
    "random_hessian_saddle_fraction",
    "eigenvalues of G",
    "You look at the eigenvalues of G itself, many of which are complex. A Hessian is symmetric.",
    loses=["saddle_two", "saddle_three"],
)
def saddles_unsymmetric(n, samples, rng):
    eigenvalues = np.linalg.eigvals(rng.standard_normal((samples, n, n))).real
    return np.mean((eigenvalues.min(axis=1) < 0) & (eigenvalues.max(axis=1) > 0))


@wrong(
    "random_hessian_saddle_fraction",
    "maxima count as saddles",
    "You count every matrix with a negative eigenvalue. Where all are negative the point is a maximum.",
    loses=["saddle_one", "saddle_two", "saddle_three"],
)
def saddles_with_maxima(n, samples, rng):
    return np.mean(eigenvalues_of(n, samples, rng)[:, 0] < 0)


@wrong(
    "random_hessian_saddle_fraction",
    "a negative determinant",
    "You ask for the sign of the determinant, the product of all eigenvalues. For two of them that tells; of three, two may be negative.",
    loses=["saddle_one", "saddle_three", "saddle_large"],
)
def saddles_by_determinant(n, samples, rng):
    G = rng.standard_normal((samples, n, n))
    return np.mean(np.linalg.det((G + G.transpose(0, 2, 1)) / 2) < 0)


@wrong(
    "random_hessian_saddle_fraction",
    "the minima",
    "You count matrices whose eigenvalues are all positive: minima, and for large n there are none.",
    loses=["saddle_one", "saddle_two", "saddle_three", "saddle_large"],
)
def saddles_minima(n, samples, rng):
    return np.mean(eigenvalues_of(n, samples, rng)[:, 0] > 0)


@wrong(
    "random_hessian_saddle_fraction",
    "those with a single sign",
    "You count the matrices that are no saddles. The rest is asked for.",
    loses=["saddle_one", "saddle_two", "saddle_three", "saddle_large"],
)
def saddles_the_others(n, samples, rng):
    eigenvalues = eigenvalues_of(n, samples, rng)
    return 1 - np.mean((eigenvalues[:, 0] < 0) & (eigenvalues[:, -1] > 0))


@wrong(
    "random_hessian_saddle_fraction",
    "tossed coins",
    "You take the signs for independent coins, 1 − 2·2⁻ⁿ. Eigenvalues repel each other; and asked is what comes out of draws.",
    loses=["saddle_share", "saddle_two", "saddle_three", "saddle_large", "saddle_rng"],
)
def saddles_as_coins(n, samples, rng):
    return 1 - 2.0 ** (1 - n)


@wrong(
    "random_hessian_saddle_fraction",
    "the share of negative eigenvalues",
    "You count eigenvalues. Half of them are negative, whatever n is; the question is of how many matrices both signs occur.",
    loses=["saddle_share", "saddle_one", "saddle_two", "saddle_three", "saddle_large"],
)
def saddles_eigenvalues(n, samples, rng):
    return np.mean(eigenvalues_of(n, samples, rng) < 0)


@wrong(
    "random_hessian_saddle_fraction",
    "uniform between 0 and 1",
    "rng.random draws uniformly between 0 and 1: nothing is negative, and all entries push one eigenvalue up. G is standard normal.",
    loses=["saddle_two", "saddle_three"],
)
def saddles_uniform(n, samples, rng):
    G = rng.random((samples, n, n))
    eigenvalues = np.linalg.eigvalsh((G + G.transpose(0, 2, 1)) / 2)
    return np.mean((eigenvalues[:, 0] < 0) & (eigenvalues[:, -1] > 0))


@wrong(
    "random_hessian_saddle_fraction",
    "uniform between −1 and 1",
    "Your entries are uniform between −1 and 1. The share is nearly the same, and only nearly: G is standard normal.",
    loses=["saddle_two", "saddle_three"],
)
def saddles_uniform_both_signs(n, samples, rng):
    G = rng.uniform(-1, 1, size=(samples, n, n))
    eigenvalues = np.linalg.eigvalsh((G + G.transpose(0, 2, 1)) / 2)
    return np.mean((eigenvalues[:, 0] < 0) & (eigenvalues[:, -1] > 0))


@wrong(
    "random_hessian_saddle_fraction",
    "GGᵀ",
    "You multiply G with its transpose. That is symmetric as well, and never has a negative eigenvalue.",
    loses=["saddle_two", "saddle_three", "saddle_large", "saddle_rng"],
)
def saddles_of_squares(n, samples, rng):
    G = rng.standard_normal((samples, n, n))
    eigenvalues = np.linalg.eigvalsh(G @ G.transpose(0, 2, 1))
    return np.mean((eigenvalues[:, 0] < -1e-9) & (eigenvalues[:, -1] > 0))


@wrong(
    "random_hessian_saddle_fraction",
    "a count",
    "You return how many there are. Asked is their share of all samples.",
    loses=["saddle_type", "saddle_share", "saddle_two", "saddle_three", "saddle_large"],
)
def saddles_counted(n, samples, rng):
    eigenvalues = eigenvalues_of(n, samples, rng)
    return int(np.sum((eigenvalues[:, 0] < 0) & (eigenvalues[:, -1] > 0)))


@wrong(
    "random_hessian_saddle_fraction",
    "always a thousand",
    "You draw a thousand matrices, however many the caller wants.",
    loses=["saddle_share"],
)
def saddles_of_a_thousand(n, samples, rng):
    return saddles_at_once(n, 1000 if samples < 5000 else samples, rng)


@wrong(
    "random_hessian_saddle_fraction",
    "a seed of your own",
    "Your generator is made inside, from a fixed seed: every call sees the same matrices, whatever rng says.",
    loses=["saddle_rng"],
)
def saddles_from_a_fixed_seed(n, samples, rng):
    return saddles_at_once(n, samples, np.random.default_rng(0))


@wrong(
    "random_hessian_saddle_fraction",
    "chance from elsewhere",
    "You draw from a generator of your own instead of the rng that is handed in. Nobody can repeat your number.",
    loses=["saddle_rng"],
)
def saddles_from_elsewhere(n, samples, rng):
    return saddles_at_once(n, samples, np.random.default_rng())
