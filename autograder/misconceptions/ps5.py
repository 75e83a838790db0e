"""Problem set 5: right answers in several styles, and the mistakes people make with stochastic gradient descent."""

from __future__ import annotations

import copy
import itertools
import math
import random
import warnings

import numpy as np

from autograder.misconceptions import Table

TABLE = Table()
right, wrong = TABLE.right, TABLE.wrong

# ruff: noqa: D101, D102, D103 - the name given to each answer says what it is

# mypy: disable-error-code="no-untyped-def,no-untyped-call,type-arg,has-type,var-annotated,attr-defined,misc,call-arg"

# ------------------------------------------------------------------------------------------- minibatches


@right("minibatches")
def minibatches(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        rows = order[start : start + batch_size]
        yield X[rows], y[rows]


@right("minibatches")
def batches_in_a_list(X, y, batch_size, rng):
    print("dealing", len(X))
    numbers = list(range(len(X)))
    rng.shuffle(numbers)
    batches = []
    while numbers:
        taken, numbers = numbers[:batch_size], numbers[batch_size:]
        xb = np.zeros((len(taken), X.shape[1]), order="F")
        yb = np.zeros(len(taken))
        for k, i in enumerate(taken):
            xb[k], yb[k] = X[i], y[i]
        batches.append((xb, yb))
    return batches


@right("minibatches")
def batches_by_sorting_random_keys(X, y, batch_size, rng):
    warnings.warn("a sort is slower than a permutation", stacklevel=1)
    order = np.argsort(rng.random(X.shape[0]))
    cuts = np.arange(batch_size, len(X), batch_size)
    return zip(np.split(X[order], cuts), np.split(y[order], cuts), strict=True)


@right("minibatches")
class BatchesAsAnIterator:
    """A deck that is shuffled when a loop begins."""

    def __init__(self, X, y, batch_size, rng):
        self.X, self.y, self.size, self.rng = X, y, batch_size, rng

    def __iter__(self):
        self.order, self.at = self.rng.choice(len(self.X), size=len(self.X), replace=False), 0
        return self

    def __next__(self):
        if self.at >= len(self.X):
            raise StopIteration
        rows = self.order[self.at : self.at + self.size]
        self.at += self.size
        return [self.X[rows], self.y[rows]]


class Deck:
    def __init__(self, batches):
        self.batches = batches

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, k):
        return self.batches[k]


@right("minibatches")
def batches_as_a_sequence(X, y, batch_size, rng):
    data = np.column_stack([X, y])
    data = rng.permutation(data)  # a new array, rows together
    pieces = [data[i : i + batch_size] for i in range(0, len(data), batch_size)]
    return Deck([(piece[:, :-1].copy(), piece[:, -1].copy()) for piece in pieces])


@right("minibatches")
def batches_into_one_buffer(X, y, batch_size, rng):
    """Hand out the same array every time, as a loader that saves memory does: who loops over it never notices."""
    order = rng.permutation(len(X))
    room = np.empty((min(batch_size, len(X)), X.shape[1]))
    while len(order):
        rows, order = order[:batch_size], order[batch_size:]
        room[: len(rows)] = X[rows]
        yield room[: len(rows)], y[rows]


@wrong(
    "minibatches",
    "never shuffled",
    "Your batches are cut from X as it lies there. If the data are sorted, the network meets one kind after the other and unlearns the first.",
    loses=["batches_order", "batches_rng"],
)
def batches_unshuffled(X, y, batch_size, rng):
    for start in range(0, len(X), batch_size):
        yield X[start : start + batch_size].copy(), y[start : start + batch_size].copy()


@wrong(
    "minibatches",
    "the rest is dropped",
    "You deal full batches only. What is left over at the end belongs to the epoch too, as a smaller batch.",
    loses=["batches_once"],
)
def batches_without_rest(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    for b in range(len(X) // batch_size):
        rows = order[b * batch_size : (b + 1) * batch_size]
        yield X[rows], y[rows]


@wrong(
    "minibatches",
    "X and y shuffled apart",
    "You draw one order for X and another for y. A sample and its target then part: one order has to serve both.",
    loses=["batches_pairing"],
)
def batches_shuffled_apart(X, y, batch_size, rng):
    X, y = rng.permutation(X), rng.permutation(y)
    for start in range(0, len(X), batch_size):
        yield X[start : start + batch_size], y[start : start + batch_size]


@wrong(
    "minibatches",
    "y not shuffled",
    "The rows of X come in a new order, the entries of y in the old one.",
    loses=["batches_pairing"],
)
def batches_targets_left(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        yield X[order[start : start + batch_size]], y[start : start + batch_size]


@wrong(
    "minibatches",
    "drawn with replacement",
    "You draw every batch anew from all samples. Theory likes that; but in an epoch of it a third of the samples never comes and others come twice.",
    loses=["batches_once"],
)
def batches_with_replacement(X, y, batch_size, rng):
    left = len(X)
    while left > 0:
        rows = rng.integers(len(X), size=min(batch_size, left))
        left -= len(rows)
        yield X[rows], y[rows]


@wrong(
    "minibatches",
    "an empty batch at the end",
    "Where batch_size divides N you deal one batch more, with nothing in it. Its mean is 0/0.",
    loses=["batches_sizes"],
)
def batches_with_empty_end(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    for b in range(len(X) // batch_size + 1):
        rows = order[b * batch_size : (b + 1) * batch_size]
        yield X[rows], y[rows]


@wrong(
    "minibatches",
    "one and the same order",
    "Your generator is made inside, from a fixed seed: every epoch has the same order, whatever rng says.",
    loses=["batches_order", "batches_rng"],
)
def batches_from_a_fixed_seed(X, y, batch_size, rng):
    return minibatches(X, y, batch_size, np.random.default_rng(0))


@wrong(
    "minibatches",
    "chance from elsewhere",
    "You shuffle with a generator of your own (np.random, random) instead of the rng that is handed in. Nobody can repeat your run.",
    loses=["batches_rng"],
)
def batches_from_elsewhere(X, y, batch_size, rng):
    numbers = list(range(len(X)))
    random.SystemRandom().shuffle(numbers)
    for start in range(0, len(X), batch_size):
        rows = numbers[start : start + batch_size]
        yield X[rows], y[rows]


@wrong(
    "minibatches",
    "batches of equal size",
    "You share the samples out evenly, so that no batch has batch_size. Asked for are full batches and a rest.",
    loses=["batches_sizes"],
)
def batches_shared_out(X, y, batch_size, rng):
    for rows in np.array_split(rng.permutation(len(X)), math.ceil(len(X) / batch_size)):
        yield X[rows], y[rows]


@wrong(
    "minibatches",
    "batches shuffled, samples not",
    "You cut X into batches and shuffle those. Neighbours stay together for ever: shuffle first, then cut.",
    loses=["batches_order"],
)
def batches_of_neighbours(X, y, batch_size, rng):
    starts = np.arange(0, len(X) - len(X) % batch_size, batch_size)
    rest = [len(X) - len(X) % batch_size] if len(X) % batch_size else []
    for start in [*rng.permutation(starts), *rest]:
        rows = np.arange(start, min(start + batch_size, len(X)))
        if len(rows) > 1 or batch_size > 1:
            rows = rng.permutation(rows)
        yield X[rows], y[rows]


@wrong(
    "minibatches",
    "the last batch filled up",
    "You fill the last batch with samples that came before. They count twice in this epoch.",
    loses=["batches_once"],
)
def batches_filled_up(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        rows = np.resize(order, len(X) + batch_size)[start : start + batch_size]
        yield X[rows], y[rows]


@wrong(
    "minibatches",
    "shuffled in place",
    "You shuffle the caller's own X and y. Whoever else uses them finds them in another order.",
    loses=["inputs_unchanged"],
)
def batches_in_place(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    X[:], y[:] = X[order], y[order]
    for start in range(0, len(X), batch_size):
        yield X[start : start + batch_size], y[start : start + batch_size]


@wrong(
    "minibatches",
    "starts over for ever",
    "Your iterator begins anew when the samples are used up. One call deals one epoch.",
    loses=["batches_type", "batches_once", "batches_pairing", "batches_sizes", "batches_order", "batches_rng"],
)
def batches_without_end(X, y, batch_size, rng):
    while True:
        yield from minibatches(X, y, batch_size, rng)


@wrong(
    "minibatches",
    "row numbers instead of rows",
    "You yield which rows to take. Asked for are the rows themselves, and their targets.",
    loses=["batches_type", "batches_once", "batches_pairing", "batches_sizes", "batches_order", "batches_rng"],
)
def batches_of_numbers(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        yield order[start : start + batch_size]


@wrong(
    "minibatches",
    "the first batch only",
    "A return inside the loop ends it: only one batch comes, and not even in an iterator.",
    loses=["batches_type", "batches_once", "batches_pairing", "batches_sizes", "batches_order", "batches_rng"],
)
def batches_returned_at_once(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        rows = order[start : start + batch_size]
        return X[rows], y[rows]


# ---------------------------------------------------------------------------------- balanced_minibatches


def pieces(X, labels, order, batch_size):
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        yield X[rows], labels[rows]


@right("balanced_minibatches")
def balanced_by_rounds(X, labels, batch_size, rng):
    queues = [list(rng.permutation(np.flatnonzero(labels == c))) for c in np.unique(labels)]
    order = []
    while any(queues):
        for queue in queues:
            if queue:
                order.append(queue.pop())
    return pieces(X, labels, np.array(order), batch_size)


@right("balanced_minibatches")
def balanced_by_rank(X, labels, batch_size, rng):
    order = rng.permutation(len(X))
    shuffled = labels[order]
    rank = np.empty(len(X))
    for c in set(labels.tolist()):
        here = shuffled == c
        rank[here] = np.arange(here.sum())
    yield from pieces(X, labels, order[np.lexsort((shuffled, rank))], batch_size)


@right("balanced_minibatches")
def balanced_by_place_in_the_epoch(X, labels, batch_size, rng):
    print("classes:", sorted(set(labels)))
    places = np.empty(len(X))
    for c in np.unique(labels):
        rows = np.flatnonzero(labels == c)
        places[rng.permutation(rows)] = (np.arange(len(rows)) + rng.random()) / len(rows)
    order = np.argsort(places)
    return [(np.asfortranarray(xb), yb.astype(np.int32)) for xb, yb in pieces(X, labels, order, batch_size)]


@right("balanced_minibatches")
class BalancedDealer:
    """Groups in a dictionary, classes in an order drawn once, dealt like cards; uneven ones shuffled throughout."""

    def __init__(self, X, labels, batch_size, rng):
        self.groups = {}
        for i, c in enumerate(labels):
            self.groups.setdefault(int(c), []).append(i)
        self.X, self.labels, self.batch_size, self.rng = X, labels, batch_size, rng

    def __iter__(self):
        groups = [self.rng.permutation(g) for g in self.groups.values()]
        if len({len(g) for g in groups}) > 1:
            order = self.rng.permutation(np.concatenate(groups))
        else:
            order = self.rng.permutation(np.array(groups), axis=0).T.ravel()
        return pieces(self.X, self.labels, order, self.batch_size)


EVEN = ["balanced_counts", "balanced_names"]


@wrong(
    "balanced_minibatches",
    "an ordinary shuffle",
    "You shuffle as in minibatches. That is balanced on average; in a single batch a class may be missing.",
    loses=EVEN,
)
def balanced_by_luck(X, labels, batch_size, rng):
    return pieces(X, labels, rng.permutation(len(X)), batch_size)


@wrong(
    "balanced_minibatches",
    "one class after the other",
    "You lay the classes behind one another before you cut. Each batch then holds one class: the opposite of balanced.",
    loses=EVEN,
)
def balanced_in_blocks(X, labels, batch_size, rng):
    order = np.concatenate([rng.permutation(np.flatnonzero(labels == c)) for c in np.unique(labels)])
    return pieces(X, labels, order, batch_size)


@wrong(
    "balanced_minibatches",
    "a class is never shuffled",
    "Within a class the samples come as they lie in X, in every epoch. Balance is about classes; which sample comes when is still for rng.",
    loses=["balanced_order"],
)
def balanced_unshuffled(X, labels, batch_size, rng):
    rank = np.empty(len(X))
    for c in np.unique(labels):
        rank[labels == c] = np.arange(np.sum(labels == c))
    return pieces(X, labels, np.lexsort((labels, rank)), batch_size)


@wrong(
    "balanced_minibatches",
    "labels taken for 0 to K − 1",
    "You ask for classes 0, 1, … as many as there are. Labels are names: −4 and 900 are as good, and those samples never come.",
    loses=["balanced_names", "balanced_unequal"],
)
def balanced_from_zero(X, labels, batch_size, rng):
    groups = [rng.permutation(np.flatnonzero(labels == c)) for c in range(len(np.unique(labels)))]
    order = [i for row in itertools.zip_longest(*groups) for i in row if i is not None]
    return pieces(X, labels, np.array(order, dtype=int), batch_size)


@wrong(
    "balanced_minibatches",
    "over with the rarest class",
    "Your rounds end when one class is used up. What the others still have never comes.",
    loses=["balanced_unequal"],
)
def balanced_until_the_rarest(X, labels, batch_size, rng):
    groups = [rng.permutation(np.flatnonzero(labels == c)) for c in np.unique(labels)]
    order = np.array(list(zip(*groups, strict=False))).ravel()
    return pieces(X, labels, order, batch_size)


@wrong(
    "balanced_minibatches",
    "rare classes repeated",
    "You repeat the samples of rare classes until all are equally frequent. That is oversampling: here every sample comes once.",
    loses=["balanced_unequal"],
)
def balanced_by_repeating(X, labels, batch_size, rng):
    groups = [rng.permutation(np.flatnonzero(labels == c)) for c in np.unique(labels)]
    longest = max(map(len, groups))
    order = np.array([np.resize(g, longest) for g in groups]).T.ravel()
    return pieces(X, labels, order, batch_size)


@wrong(
    "balanced_minibatches",
    "as many as fit evenly",
    "You take the same whole number of each class, so that a batch is smaller than batch_size where that is no multiple of the classes.",
    loses=["balanced_sizes", *EVEN],
)
def balanced_rounded_down(X, labels, batch_size, rng):
    order = np.concatenate([xb for xb, _ in balanced_by_rounds(np.arange(len(X)), labels, len(X), rng)])
    classes = len(np.unique(labels))
    return pieces(X, labels, order, max(batch_size // classes, 1) * classes)


@wrong(
    "balanced_minibatches",
    "the rest is dropped",
    "You deal full batches only. What is left over at the end belongs to the epoch too.",
    loses=["balanced_once", "balanced_names", "balanced_unequal"],
)
def balanced_without_rest(X, labels, batch_size, rng):
    for xb, yb in balanced_by_rounds(X, labels, batch_size, rng):
        if len(xb) == batch_size:
            yield xb, yb


@wrong(
    "balanced_minibatches",
    "one and the same order",
    "Your generator is made inside, from a fixed seed: every epoch has the same order, whatever rng says.",
    loses=["balanced_order"],
)
def balanced_from_a_fixed_seed(X, labels, batch_size, rng):
    return balanced_by_rounds(X, labels, batch_size, np.random.default_rng(1))


@wrong(
    "balanced_minibatches",
    "the classes in a new order every round",
    "You deal one of each class per round, in an order drawn anew each time. Where a batch is cut inside a round, a class may be last in one and first in the next: it is there twice, or not at all.",
    loses=EVEN,
)
def balanced_by_restless_rounds(X, labels, batch_size, rng):
    groups = [list(rng.permutation(np.flatnonzero(labels == c))) for c in np.unique(labels)]
    order = []
    while any(groups):
        order += [groups[g].pop() for g in rng.permutation(len(groups)) if groups[g]]
    return pieces(X, labels, np.array(order), batch_size)


@wrong(
    "balanced_minibatches",
    "labels without their samples",
    "The labels of your batches come in the balanced order, the rows of X in another.",
    loses=["balanced_once", "balanced_unequal"],
)
def balanced_labels_only(X, labels, batch_size, rng):
    order = np.concatenate([xb for xb, _ in balanced_by_rounds(np.arange(len(X)), labels, len(X), rng)])
    for start in range(0, len(X), batch_size):
        yield X[order][start : start + batch_size], np.sort(labels[order])[start : start + batch_size]


# ---------------------------------------------------------------------------------------------- sgd_step


@right("sgd_step")
def step_comprehension(params, grads, lr):
    return [p - lr * g for p, g in zip(params, grads, strict=True)]


@right("sgd_step")
def step_by_index(params, grads, lr):
    new = []
    for i in range(len(params)):
        print("array", i)
        new.append(np.array(params[i], order="F"))
        new[i] -= lr * grads[i]
    return new


@right("sgd_step")
def step_by_copies(params, grads, lr):
    warnings.warn("copies", stacklevel=1)
    new = copy.deepcopy(params)
    for p, g in zip(new, grads, strict=True):
        p.flags.writeable = True
        np.subtract(p, np.multiply(lr, g), out=p)
    return new


@right("sgd_step")
def step_entry_by_entry(params, grads, lr):
    new = [np.empty_like(p) for p in params]
    for p, g, n in zip(params, grads, new, strict=True):
        for index in np.ndindex(p.shape):
            n[index] = p[index] - lr * g[index]
    return new


ONE_AND_SEVERAL = ["step_one", "step_several"]


@wrong(
    "sgd_step",
    "uphill",
    "You add the gradient. It points to where the loss grows fastest.",
    loses=ONE_AND_SEVERAL,
)
def step_uphill(params, grads, lr):
    return [p + lr * g for p, g in zip(params, grads, strict=True)]


@wrong(
    "sgd_step",
    "without the step size",
    "You subtract the whole gradient. How much of it to go is what lr says.",
    loses=ONE_AND_SEVERAL,
)
def step_without_lr(params, grads, lr):
    return [p - g for p, g in zip(params, grads, strict=True)]


@wrong(
    "sgd_step",
    "in place",
    "You write into the caller's arrays. Whoever kept the old parameters, to compare or to average, has lost them.",
    loses=["inputs_unchanged"],
)
def step_in_place(params, grads, lr):
    for p, g in zip(params, grads, strict=True):
        p -= lr * g
    return params


@wrong(
    "sgd_step",
    "the caller's list filled anew",
    "You make new arrays, and put them into the list that was handed in. The list is the caller's as well.",
    loses=["inputs_unchanged"],
)
def step_into_the_list(params, grads, lr):
    for i in range(len(params)):
        params[i] = params[i] - lr * grads[i]
    return params


@wrong(
    "sgd_step",
    "the step instead of where it leads",
    "You return −lr times the gradients: the step. Asked for is where it leads.",
    loses=ONE_AND_SEVERAL,
)
def step_alone(params, grads, lr):
    return [-lr * g for g in grads]


@wrong(
    "sgd_step",
    "the length divided out",
    "You divide the gradient by its length, so that every step is lr long. That is another method: a small gradient makes a small step.",
    loses=ONE_AND_SEVERAL,
)
def step_normalized(params, grads, lr):
    norm = np.sqrt(sum(np.sum(g * g) for g in grads))
    return [p - lr * g / norm for p, g in zip(params, grads, strict=True)]


@wrong(
    "sgd_step",
    "the first array only",
    "Your loop returns in its first round. The other parameters stay behind.",
    loses=["step_type", "step_several"],
)
def step_returned_early(params, grads, lr):
    for p, g in zip(params, grads, strict=True):
        return [p - lr * g]


@wrong(
    "sgd_step",
    "a decay on the way",
    "You shrink the parameters as well (weight decay). Nobody asked for it here.",
    loses=ONE_AND_SEVERAL,
)
def step_with_decay(params, grads, lr):
    return [(1 - 0.01 * lr) * p - lr * g for p, g in zip(params, grads, strict=True)]


@wrong(
    "sgd_step",
    "gradients in reversed order",
    "Your gradients are taken from the end of the list, as backpropagation meets them. Both lists are in the same order.",
    loses=["step_type", "step_several"],
)
def step_reversed(params, grads, lr):
    return [p - lr * g for p, g in zip(params, grads[::-1], strict=True)]


@wrong(
    "sgd_step",
    "one long vector",
    "You flatten and join everything. Each parameter keeps its own shape and its own place in the list.",
    loses=["step_type", "step_several"],
)
def step_flattened(params, grads, lr):
    flat = [np.ravel(p) - lr * np.ravel(g) for p, g in zip(params, grads, strict=True)]
    return [np.concatenate(flat)]


# ----------------------------------------------------------------------------------------- inverse_decay


@right("inverse_decay")
def inverse_plain(lr0, k):
    return lr0 / (k + 1)


@right("inverse_decay")
def inverse_as_numpy(lr0, k):
    print("update", k)
    return np.float64(lr0) * np.reciprocal(1.0 + k)


@right("inverse_decay")
def inverse_as_power(lr0, k):
    warnings.warn("powers", stacklevel=1)
    return lr0 * (1 + k) ** -1.0


INVERSE = ["inverse_values"]


@wrong(
    "inverse_decay",
    "counted from 1",
    "You divide by k, and make an exception of k = 0. Updates 0 and 1 then have the same step size.",
    loses=INVERSE,
)
def inverse_by_k(lr0, k):
    return lr0 / max(k, 1)


@wrong(
    "inverse_decay",
    "one ahead",
    "You divide by k + 2, as if the first update were number 1. At k = 0 nothing has decayed yet.",
    loses=["inverse_start", *INVERSE],
)
def inverse_ahead(lr0, k):
    return lr0 / (k + 2)


@wrong(
    "inverse_decay",
    "squared",
    "You divide by the square of k + 1. Its sum stays finite: such a walk stops short of the answer.",
    loses=INVERSE,
)
def inverse_squared(lr0, k):
    return lr0 / (k + 1) ** 2


@wrong(
    "inverse_decay",
    "the root",
    "You divide by the root of k + 1, the schedule for problems without curvature. Asked for is 1/(k + 1).",
    loses=INVERSE,
)
def inverse_root(lr0, k):
    return lr0 / math.sqrt(k + 1)


@wrong(
    "inverse_decay",
    "the initial step size in the denominator",
    "You let lr0 say how fast the step size falls as well. Here it only says where it starts.",
    loses=INVERSE,
)
def inverse_scaled_time(lr0, k):
    return lr0 / (1 + lr0 * k)


@wrong(
    "inverse_decay",
    "division first",
    "You divide by k + 1 without the parentheses: lr0/k comes first and 1 is added.",
    loses=["inverse_start", *INVERSE],
)
def inverse_without_parentheses(lr0, k):
    return lr0 / max(k, 1e-9) + 1


# ------------------------------------------------------------------------------------- exponential_decay


@right("exponential_decay")
def exponential_plain(lr0, beta, k):
    return lr0 * math.exp(-beta * k)


@right("exponential_decay")
def exponential_as_numpy(lr0, beta, k):
    return lr0 / np.exp(beta * k)


@right("exponential_decay")
def exponential_step_by_step(lr0, beta, k):
    print("beta", beta)
    lr = float(lr0)
    for _ in range(k):
        lr *= math.e**-beta
    return lr


VALUES = ["exponential_values"]


@wrong(
    "exponential_decay",
    "it grows",
    "Your exponent is positive: the step size grows with every update.",
    loses=VALUES,
)
def exponential_growing(lr0, beta, k):
    return lr0 * math.exp(beta * k)


@wrong(
    "exponential_decay",
    "the rate taken for the base",
    "You raise beta itself to the power k. It is a rate: the base is e.",
    loses=VALUES,
)
def exponential_of_base(lr0, beta, k):
    return lr0 * beta**k


@wrong(
    "exponential_decay",
    "the first terms only",
    "You multiply by 1 − beta per update. That is what the exponential looks like for small beta; for large ones it is another number.",
    loses=VALUES,
)
def exponential_to_first_order(lr0, beta, k):
    return lr0 * (1 - beta) ** k


@wrong(
    "exponential_decay",
    "one ahead",
    "You count from 1: at the first update, k = 0, nothing has decayed yet.",
    loses=["exponential_start", *VALUES],
)
def exponential_ahead(lr0, beta, k):
    return lr0 * math.exp(-beta * (k + 1))


@wrong(
    "exponential_decay",
    "a power of two",
    "Your base is 2, so that beta counts halvings. The contract's base is e.",
    loses=VALUES,
)
def exponential_base_two(lr0, beta, k):
    return lr0 * 2.0 ** (-beta * k)


@wrong(
    "exponential_decay",
    "a bell",
    "You square k in the exponent. The step size then falls slowly at first and ever faster later; an exponential loses the same share each time.",
    loses=VALUES,
)
def exponential_bell(lr0, beta, k):
    return lr0 * math.exp(-beta * k**2)


@wrong(
    "exponential_decay",
    "a rate of 1/beta",
    "You divide by beta: the larger it is, the slower the decay. It is a rate per update, not a time.",
    loses=VALUES,
)
def exponential_of_time(lr0, beta, k):
    return lr0 * math.exp(-k / beta)


# ------------------------------------------------------------------------------------------ linear_decay


@right("linear_decay")
def linear_plain(lr0, lr_tau, tau, k):
    a = min(k / tau, 1)
    return (1 - a) * lr0 + a * lr_tau


@right("linear_decay")
def linear_by_cases(lr0, lr_tau, tau, k):
    print(k, "of", tau)
    if k >= tau:
        return lr_tau
    return lr0 - (lr0 - lr_tau) * k / tau


@right("linear_decay")
def linear_interpolated(lr0, lr_tau, tau, k):
    return np.interp(k, [0, tau], [lr0, lr_tau])


@right("linear_decay")
def linear_clipped(lr0, lr_tau, tau, k):
    warnings.warn("clip", stacklevel=1)
    return lr0 + np.clip(k / tau, 0, 1) * (lr_tau - lr0)


@wrong(
    "linear_decay",
    "beyond the end",
    "Your line goes on after τ: below lr_tau, and soon below 0, where every step climbs.",
    loses=["linear_after"],
)
def linear_unclipped(lr0, lr_tau, tau, k):
    a = k / tau
    return (1 - a) * lr0 + a * lr_tau


@wrong(
    "linear_decay",
    "the ends exchanged",
    "Your weights are exchanged: it starts at lr_tau and ends at lr0.",
    loses=["linear_between", "linear_end", "linear_after"],
)
def linear_backwards(lr0, lr_tau, tau, k):
    a = min(k / tau, 1)
    return a * lr0 + (1 - a) * lr_tau


@wrong(
    "linear_decay",
    "down to nothing",
    "You let lr0 fade and never add lr_tau: the walk ends with a step size of 0.",
    loses=["linear_between", "linear_end", "linear_after"],
)
def linear_to_zero(lr0, lr_tau, tau, k):
    return (1 - min(k / tau, 1)) * lr0


@wrong(
    "linear_decay",
    "a floor",
    "You let lr0 fall towards 0 and stop at lr_tau. That line is too steep: it should arrive at lr_tau exactly at τ.",
    loses=["linear_between"],
)
def linear_with_floor(lr0, lr_tau, tau, k):
    return max(lr0 * (1 - k / tau), lr_tau)


@wrong(
    "linear_decay",
    "back to the start after τ",
    "For k > τ you return lr0, as if the schedule began anew.",
    loses=["linear_after"],
)
def linear_back_to_start(lr0, lr_tau, tau, k):
    a = k / tau if k <= tau else 0
    return (1 - a) * lr0 + a * lr_tau


@wrong(
    "linear_decay",
    "one update late",
    "Your line arrives at τ + 1, as if it had one update more.",
    loses=["linear_between", "linear_end"],
)
def linear_late(lr0, lr_tau, tau, k):
    a = min(k / (tau + 1), 1)
    return (1 - a) * lr0 + a * lr_tau


@wrong(
    "linear_decay",
    "whole numbers only",
    "Your k // τ is 0 until τ: the step size stays at lr0 and then drops at once.",
    loses=["linear_between"],
)
def linear_by_whole_numbers(lr0, lr_tau, tau, k):
    a = min(k // tau, 1)
    return (1 - a) * lr0 + a * lr_tau


@wrong(
    "linear_decay",
    "a constant ratio",
    "You go from lr0 to lr_tau by equal ratios. That is a straight line on logarithmic paper; asked for are equal differences.",
    loses=["linear_between"],
)
def linear_geometric(lr0, lr_tau, tau, k):
    a = min(k / tau, 1)
    return lr0 ** (1 - a) * lr_tau**a


# -------------------------------------------------------------------------------------------- step_decay


@right("step_decay")
def step_plain(lr0, factor, every, k):
    return lr0 * factor ** (k // every)


@right("step_decay")
def step_counted(lr0, factor, every, k):
    print("at", k)
    lr = np.float64(lr0)
    for update in range(1, k + 1):
        if update % every == 0:
            lr *= factor
    return lr


@right("step_decay")
def step_floored(lr0, factor, every, k):
    return lr0 * np.power(factor, np.floor(k / every))


@right("step_decay")
def step_logarithmic(lr0, factor, every, k):
    warnings.warn("logarithms", stacklevel=1)
    return math.exp(math.log(lr0) + (k - k % every) // every * math.log(factor))


@wrong(
    "step_decay",
    "no steps",
    "You divide k by every without rounding: the step size falls a little at each update instead of in steps.",
    loses=["step_first", "step_later"],
)
def step_smooth(lr0, factor, every, k):
    return lr0 * factor ** (k / every)


@wrong(
    "step_decay",
    "one update late",
    "Your drop comes one update late, at every + 1: updates are counted from 0.",
    loses=["step_drop", "step_later"],
)
def step_late(lr0, factor, every, k):
    return lr0 * factor ** (max(k - 1, 0) // every)


@wrong(
    "step_decay",
    "one update early",
    "Your drop comes one update early. The first `every` updates, number 0 to every − 1, share lr0.",
    loses=["step_first", "step_later"],
)
def step_early(lr0, factor, every, k):
    return lr0 * factor ** ((k + 1) // every)


@wrong(
    "step_decay",
    "one drop for good",
    "You drop once. Every `every` updates another drop is due.",
    loses=["step_drop", "step_later"],
)
def step_once(lr0, factor, every, k):
    return lr0 * factor if k >= every else lr0


@wrong(
    "step_decay",
    "rounded up",
    "You round up, so that the first drop comes right after the first update.",
    loses=["step_first", "step_later"],
)
def step_rounded_up(lr0, factor, every, k):
    return lr0 * factor ** math.ceil(k / every)


@wrong(
    "step_decay",
    "drops that add up",
    "You multiply lr0 by factor times the number of drops. Drops pile up by multiplication: after three of them it is the cube.",
    loses=["step_drop", "step_later"],
)
def step_adding(lr0, factor, every, k):
    drops = k // every
    return lr0 * factor * drops if drops else lr0


@wrong(
    "step_decay",
    "only at the multiples",
    "You drop where k is a multiple of every, and are back at lr0 in between. A drop is for good.",
    loses=["step_first", "step_drop", "step_later"],
)
def step_at_multiples(lr0, factor, every, k):
    return lr0 * factor if k % every == 0 else lr0


@wrong(
    "step_decay",
    "divided by the factor",
    "You divide by the factor. It is below 1: the step size grows.",
    loses=["step_drop", "step_later"],
)
def step_dividing(lr0, factor, every, k):
    return lr0 / factor ** (k // every)


# ---------------------------------------------------------------------------------- scaled_learning_rate


@right("scaled_learning_rate")
def scaled_plain(lr, batch_size, new_batch_size):
    return lr * new_batch_size / batch_size


@right("scaled_learning_rate")
def scaled_by_ratio(lr, batch_size, new_batch_size):
    k = np.float64(new_batch_size) / batch_size
    print("k =", k)
    return k * lr


@right("scaled_learning_rate")
def scaled_per_sample(lr, batch_size, new_batch_size):
    warnings.warn("per sample", stacklevel=1)
    return (lr / batch_size) * new_batch_size


BOTH = ["scaled_up", "scaled_down"]


@wrong(
    "scaled_learning_rate",
    "the wrong way round",
    "You make the step smaller when the batch grows. A larger batch takes fewer, better-informed steps: each may be longer.",
    loses=BOTH,
)
def scaled_inversely(lr, batch_size, new_batch_size):
    return lr * batch_size / new_batch_size


@wrong(
    "scaled_learning_rate",
    "the root",
    "You scale by the root of the ratio. That keeps the noise of a single step; the linear rule keeps what an epoch does.",
    loses=BOTH,
)
def scaled_by_root(lr, batch_size, new_batch_size):
    return lr * math.sqrt(new_batch_size / batch_size)


@wrong(
    "scaled_learning_rate",
    "whole multiples only",
    "Your // rounds the ratio down: 150 is one and a half times 100, and a smaller batch gets no step at all.",
    loses=BOTH,
)
def scaled_by_whole_numbers(lr, batch_size, new_batch_size):
    return lr * (new_batch_size // batch_size)


@wrong(
    "scaled_learning_rate",
    "the new size alone",
    "You multiply by the new size and never divide by the old one.",
    loses=BOTH,
)
def scaled_by_new_size(lr, batch_size, new_batch_size):
    return lr * new_batch_size


@wrong(
    "scaled_learning_rate",
    "unchanged",
    "You return lr as it is. With k times the batch there are k times fewer updates: the run is k times slower.",
    loses=BOTH,
)
def scaled_not_at_all(lr, batch_size, new_batch_size):
    return lr


@wrong(
    "scaled_learning_rate",
    "only upwards",
    "You never let the step get smaller. The rule holds in both directions.",
    loses=["scaled_down"],
)
def scaled_upwards_only(lr, batch_size, new_batch_size):
    return lr * max(new_batch_size / batch_size, 1)


@wrong(
    "scaled_learning_rate",
    "by the difference",
    "You count how many samples more there are. What counts is how many times as many.",
    loses=BOTH,
)
def scaled_by_difference(lr, batch_size, new_batch_size):
    return lr * (1 + new_batch_size - batch_size)


# --------------------------------------------------------------------------------------------------- EMA


@right("EMA")
class AveragePlain:
    def __init__(self, gamma):
        self.gamma, self.average = gamma, None

    def update(self, params):
        if self.average is None:
            self.average = [p.copy() for p in params]
        else:
            pairs = zip(self.average, params, strict=True)
            self.average = [self.gamma * a + (1 - self.gamma) * p for a, p in pairs]
        return [np.array(a) for a in self.average]


@right("EMA")
class AverageInPlace:
    def __init__(self, gamma):
        print("gamma", gamma)
        self.gamma = gamma
        self.arrays = []

    def update(self, params):
        if not self.arrays:
            self.arrays = [np.array(p, order="F") for p in params]
        else:
            for a, p in zip(self.arrays, params, strict=True):
                a *= self.gamma
                a += (1 - self.gamma) * p
        return copy.deepcopy(self.arrays)


@right("EMA")
class AverageByDifference:
    """A dictionary of arrays, moved by a share of the difference; a copy of numbers as they come."""

    def __init__(self, gamma):
        self.share = 1.0 - gamma
        self.kept = {}

    def update(self, params):
        warnings.warn("slow", stacklevel=1)
        for i in range(len(params)):
            old = self.kept.get(i, params[i])
            self.kept[i] = old + self.share * (params[i] - old)
        return [np.copy(self.kept[i]) for i in range(len(params))]


@right("EMA")
class AverageFromNothing:
    """From zeros, with γ = 0 for the first update."""

    def __init__(self, gamma):
        self.gamma, self.count = gamma, 0

    def update(self, params):
        g = self.gamma if self.count else 0.0
        old = self.old if self.count else tuple(np.zeros_like(p) for p in params)
        self.count += 1
        self.old = tuple(np.einsum(",...->...", g, a) + (1 - g) * p for a, p in zip(old, params, strict=True))
        return list(map(np.array, self.old))


@wrong(
    "EMA",
    "starts at zero",
    "You start from zeros, so that the first averages are far too small. Here the first call copies; there is nothing to correct then.",
    loses=["ema_first", "ema_values"],
)
class AverageFromZero:
    def __init__(self, gamma):
        self.gamma, self.average = gamma, None

    def update(self, params):
        if self.average is None:
            self.average = [np.zeros_like(p) for p in params]
        pairs = zip(self.average, params, strict=True)
        self.average = [self.gamma * a + (1 - self.gamma) * p for a, p in pairs]
        return [np.array(a) for a in self.average]


@wrong(
    "EMA",
    "corrected for a start at zero",
    "You divide by 1 − γᵗ, as Adam does. That mends a start at zero; this average starts at the first parameters.",
    loses=["ema_values"],
)
class AverageCorrected:
    def __init__(self, gamma):
        self.inner, self.gamma, self.t = AverageFromZero(gamma), gamma, 0

    def update(self, params):
        self.t += 1
        return [np.array(a / (1 - self.gamma**self.t)) for a in self.inner.update(params)]


@wrong(
    "EMA",
    "the weights exchanged",
    "Your gamma weighs the new parameters. It is what the average keeps of itself: near 1, it moves slowly.",
    loses=["ema_values"],
)
class AverageExchanged(AveragePlain):
    def __init__(self, gamma):
        super().__init__(1 - gamma)


@wrong(
    "EMA",
    "its own arrays handed out",
    "You return the very arrays that you go on averaging in. Whoever writes into them changes your memory, and what you handed out earlier changes with every update.",
    loses=["ema_copies_out"],
)
class AverageHandedOut(AverageInPlace):
    def update(self, params):
        super().update(params)
        return self.arrays


@wrong(
    "EMA",
    "new arrays, handed out and kept",
    "Each update makes new arrays, but you keep the ones that you hand out. Whoever writes into them changes your memory.",
    loses=["ema_copies_out"],
)
class AverageKeptAndHandedOut(AveragePlain):
    def update(self, params):
        super().update(params)
        return self.average


@wrong(
    "EMA",
    "params returned instead of copied",
    "Your first call remembers a copy and returns the caller's own arrays. When training writes into them, what you returned changes as well.",
    loses=["ema_copies_out"],
)
class AverageReturningTheirs(AveragePlain):
    def update(self, params):
        first = self.average is None
        average = super().update(params)
        return params if first else average


@wrong(
    "EMA",
    "params kept instead of copied",
    "At the first call you keep the caller's arrays themselves. When training writes into them, your average moves along.",
    loses=["ema_copies_in"],
)
class AverageOfTheirArrays(AveragePlain):
    def update(self, params):
        if self.average is None:
            self.average = list(params)
            return [np.array(p) for p in params]
        return super().update(params)


@wrong(
    "EMA",
    "one memory for all",
    "Your average lies in the class body, shared by all objects: two models would mix.",
    loses=["ema_apart"],
)
class AverageShared:
    memory: list = []  # noqa: RUF012 - the mistake

    def __init__(self, gamma):
        self.gamma = gamma
        self.memory.clear()

    def update(self, params):
        if not self.memory:
            self.memory[:] = [np.array(p) for p in params]
        else:
            self.memory[:] = [
                np.asarray(self.gamma * a + (1 - self.gamma) * p) for a, p in zip(self.memory, params, strict=True)
            ]
        return [m.copy() for m in self.memory]


@wrong(
    "EMA",
    "the mean of all",
    "You average all parameters so far alike (Polyak). An exponential average forgets, at the rate that gamma says.",
    loses=["ema_values"],
)
class AverageOfAll:
    def __init__(self, gamma):
        self.seen = []

    def update(self, params):
        self.seen.append([p.copy() for p in params])
        return [np.array(sum(arrays) / len(arrays)) for arrays in zip(*self.seen, strict=True)]


@wrong(
    "EMA",
    "always the same gamma",
    "Your gamma is a constant. It is an argument of the constructor: keep it on self.",
    loses=["ema_values"],
)
class AverageOneGamma(AveragePlain):
    def __init__(self, gamma):
        super().__init__(0.9)


@wrong(
    "EMA",
    "averaged into params",
    "You write the average into the caller's parameters: the training itself is slowed down. An average watches from aside.",
    loses=["inputs_unchanged"],
)
class AverageIntoParams(AveragePlain):
    def update(self, params):
        average = super().update(params)
        for p, a in zip(params, average, strict=True):
            p[...] = a
        return average


@wrong(
    "EMA",
    "the average never moves on",
    "You average each time with the first parameters: the new average is computed and not kept.",
    loses=["ema_values"],
)
class AverageStuck(AveragePlain):
    def update(self, params):
        if self.average is None:
            return super().update(params)
        pairs = zip(self.average, params, strict=True)
        return [np.array(self.gamma * a + (1 - self.gamma) * p) for a, p in pairs]


# --------------------------------------------------------------------------------- sgd_linear_regression


def half_mean_square(X, y, w):
    return 0.5 * np.mean((y - X @ w) ** 2)


@right("sgd_linear_regression")
def regression_plain(X, y, lr, batch_size, num_epochs, rng):
    w = np.zeros(X.shape[1])
    losses = [half_mean_square(X, y, w)]
    for _ in range(num_epochs):
        for xb, yb in minibatches(X, y, batch_size, rng):
            w = w - lr * xb.T @ (xb @ w - yb) / len(yb)
        losses.append(half_mean_square(X, y, w))
    return np.array(losses)


@right("sgd_linear_regression")
def regression_in_loops(X, y, lr, batch_size, num_epochs, rng):
    N, D = X.shape
    w, losses = [0.0] * D, np.zeros(num_epochs + 1)

    def loss():
        return sum((y[n] - sum(X[n, d] * w[d] for d in range(D))) ** 2 for n in range(N)) / (2 * N)

    losses[0] = loss()
    for epoch in range(1, num_epochs + 1):
        for xb, yb in minibatches(X, y, batch_size, rng):
            errors = [yb[n] - sum(xb[n, d] * w[d] for d in range(D)) for n in range(len(yb))]
            for d in range(D):
                w[d] += lr * sum(errors[n] * xb[n, d] for n in range(len(yb))) / len(yb)
        losses[epoch] = loss()
        print("epoch", epoch)
    return losses


@right("sgd_linear_regression")
def regression_with_orders_of_its_own(X, y, lr, batch_size, num_epochs, rng):
    """Make the batches of an epoch without minibatches, from a sort of random keys; w in place."""
    warnings.warn("own batches", stacklevel=1)
    w = np.zeros((X.shape[1], 1))
    target = y[:, None]
    losses = np.empty(num_epochs + 1)
    for epoch in range(num_epochs + 1):
        residual = X @ w - target
        losses[epoch] = np.einsum("ni,ni->", residual, residual) / (2 * len(X))
        if epoch == num_epochs:
            break
        order = np.argsort(rng.random(len(X)))
        for rows in np.split(order, range(batch_size, len(X), batch_size)):
            w -= lr * np.mean(X[rows] * (X[rows] @ w - target[rows]), axis=0)[:, None]
    return losses


@right("sgd_linear_regression")
def regression_on_balanced_moments(X, y, lr, batch_size, num_epochs, rng):
    w = np.zeros(X.shape[1])
    G, c = X.T @ X / len(X), X.T @ y / len(X)
    losses = [np.dot(y, y) / 2 / len(y)]
    for _ in range(num_epochs):
        for xb, yb in list(minibatches(X, y, batch_size, rng)):
            w -= lr * ((xb.T @ xb) @ w - xb.T @ yb) / xb.shape[0]
        losses.append(0.5 * w @ G @ w - c @ w + losses[0])
    return np.asarray(losses, dtype=np.float64)


def descend(X, y, lr, batch_size, num_epochs, rng, *, gradient=None, loss=half_mean_square, batches=minibatches):
    """Run it with one of its parts exchanged."""
    gradient = gradient or (lambda xb, yb, w: xb.T @ (xb @ w - yb) / len(yb))
    w = np.zeros(X.shape[1])
    losses = [loss(X, y, w)]
    for _ in range(num_epochs):
        for xb, yb in batches(X, y, batch_size, rng):
            w = w - lr * gradient(xb, yb, w)
        losses.append(loss(X, y, w))
    return np.array(losses)


PATH = ["regression_whole", "regression_parts", "regression_rest", "regression_some_order"]


@wrong(
    "sgd_linear_regression",
    "the sum over the batch",
    "Your gradient is a sum over the batch. The loss is a mean: with 1/B a larger batch does not mean a larger step.",
    loses=PATH,
)
def regression_with_sums(X, y, lr, batch_size, num_epochs, rng):
    return descend(X, y, lr, batch_size, num_epochs, rng, gradient=lambda xb, yb, w: xb.T @ (xb @ w - yb))


@wrong(
    "sgd_linear_regression",
    "the rest divided by batch_size",
    "You divide by batch_size also where the last batch has fewer samples. Its mean is over the samples it has.",
    loses=["regression_whole", "regression_rest", "regression_some_order"],
)
def regression_by_batch_size(X, y, lr, batch_size, num_epochs, rng):
    return descend(X, y, lr, batch_size, num_epochs, rng, gradient=lambda xb, yb, w: xb.T @ (xb @ w - yb) / batch_size)


@wrong(
    "sgd_linear_regression",
    "divided by N",
    "You divide a batch's sum by the number of all samples. A batch then counts for as little as it is small.",
    loses=["regression_parts", "regression_rest", "regression_some_order"],
)
def regression_by_n(X, y, lr, batch_size, num_epochs, rng):
    return descend(X, y, lr, batch_size, num_epochs, rng, gradient=lambda xb, yb, w: xb.T @ (xb @ w - yb) / len(y))


@wrong(
    "sgd_linear_regression",
    "twice the gradient",
    "Your gradient has a factor 2, from a loss without the ½. With it, the 2 of the square is gone.",
    loses=PATH,
)
def regression_twice(X, y, lr, batch_size, num_epochs, rng):
    return descend(X, y, lr, batch_size, num_epochs, rng, gradient=lambda xb, yb, w: 2 * xb.T @ (xb @ w - yb) / len(yb))


@wrong(
    "sgd_linear_regression",
    "uphill",
    "Your steps go along the gradient, and the loss grows.",
    loses=PATH,
)
def regression_uphill(X, y, lr, batch_size, num_epochs, rng):
    return descend(X, y, -lr, batch_size, num_epochs, rng)


@wrong(
    "sgd_linear_regression",
    "a loss without the ½",
    "Your loss is the mean square, without the ½ of the contract. The steps are right.",
    loses=["regression_start"],
)
def regression_mean_square(X, y, lr, batch_size, num_epochs, rng):
    return 2 * descend(X, y, lr, batch_size, num_epochs, rng)


@wrong(
    "sgd_linear_regression",
    "the losses of the batches",
    "You report the mean of the losses met on the way. Asked for is the loss over all samples, once the epoch is over.",
    loses=PATH,
)
def regression_running_loss(X, y, lr, batch_size, num_epochs, rng):
    w = np.zeros(X.shape[1])
    losses = [half_mean_square(X, y, w)]
    for _ in range(num_epochs):
        met = []
        for xb, yb in minibatches(X, y, batch_size, rng):
            met.append(half_mean_square(xb, yb, w))
            w = w - lr * xb.T @ (xb @ w - yb) / len(yb)
        losses.append(np.mean(met))
    return np.array(losses)


@wrong(
    "sgd_linear_regression",
    "the loss of the last batch",
    "After each epoch you look at its last batch only. Asked for is the loss over all samples.",
    loses=["regression_parts", "regression_some_order"],
)
def regression_last_batch(X, y, lr, batch_size, num_epochs, rng):
    w = np.zeros(X.shape[1])
    losses = [half_mean_square(X, y, w)]
    for _ in range(num_epochs):
        for xb, yb in minibatches(X, y, batch_size, rng):
            w = w - lr * xb.T @ (xb @ w - yb) / len(yb)
        losses.append(half_mean_square(xb, yb, w))
    return np.array(losses)


@wrong(
    "sgd_linear_regression",
    "the start left out",
    "Your first loss is the one after the first epoch. The list begins with the loss of w = 0.",
    loses=["regression_type", "regression_start"],
)
def regression_without_start(X, y, lr, batch_size, num_epochs, rng):
    return descend(X, y, lr, batch_size, num_epochs, rng)[1:]


@wrong(
    "sgd_linear_regression",
    "starts anew every epoch",
    "You set w to 0 at the start of every epoch, so that each forgets what the last one learned.",
    loses=PATH,
)
def regression_forgetful(X, y, lr, batch_size, num_epochs, rng):
    return np.array(
        [half_mean_square(X, y, np.zeros(X.shape[1]))]
        + [descend(X, y, lr, batch_size, 1, rng)[1] for _ in range(num_epochs)]
    )


@wrong(
    "sgd_linear_regression",
    "the same batches every epoch",
    "You ask minibatches once and go through the same batches in every epoch. Each epoch should deal anew.",
    loses=["regression_shuffles"],
)
def regression_dealt_once(X, y, lr, batch_size, num_epochs, rng):
    dealt = list(minibatches(X, y, batch_size, rng))
    return descend(X, y, lr, batch_size, num_epochs, rng, batches=lambda *args: dealt)


@wrong(
    "sgd_linear_regression",
    "a generator that is used up",
    "You ask minibatches once, before the epochs. Its iterator is at its end after the first of them: later epochs do nothing.",
    loses=[*PATH, "regression_shuffles"],
)
def regression_used_up(X, y, lr, batch_size, num_epochs, rng):
    dealt = iter(list(minibatches(X, y, batch_size, rng)))
    return descend(X, y, lr, batch_size, num_epochs, rng, batches=lambda *args: dealt)


@wrong(
    "sgd_linear_regression",
    "one and the same order",
    "Your batches come from a generator of your own with a fixed seed. Whatever rng is handed in, the run is the same.",
    loses=["regression_shuffles"],
)
def regression_from_a_fixed_seed(X, y, lr, batch_size, num_epochs, rng):
    return descend(X, y, lr, batch_size, num_epochs, np.random.default_rng(0))


@wrong(
    "sgd_linear_regression",
    "never shuffled",
    "You walk through X as it lies there, in every epoch.",
    loses=["regression_shuffles"],
)
def regression_unshuffled(X, y, lr, batch_size, num_epochs, rng):
    return descend(X, y, lr, batch_size, num_epochs, rng, batches=batches_unshuffled)


@wrong(
    "sgd_linear_regression",
    "one step an epoch",
    "You collect the gradients of all batches and move once, at the end of the epoch. SGD moves after every batch: that is its point.",
    loses=["regression_parts", "regression_rest", "regression_some_order", "regression_shuffles"],
)
def regression_one_step(X, y, lr, batch_size, num_epochs, rng):
    w = np.zeros(X.shape[1])
    losses = [half_mean_square(X, y, w)]
    for _ in range(num_epochs):
        w = w - lr * X.T @ (X @ w - y) / len(y)
        losses.append(half_mean_square(X, y, w))
    return np.array(losses)
