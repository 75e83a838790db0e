"""Problem set 1, losses: right answers in different styles, and the mistakes people make."""

from __future__ import annotations

import math
import warnings

import numpy as np

from autograder.misconceptions import Table

TABLE = Table()
right, wrong = TABLE.right, TABLE.wrong

# ruff: noqa: D103 - the name given to each answer says what it is
# mypy: disable-error-code="no-untyped-def,no-untyped-call,type-arg"


# not called softmax and log_softmax: these names are lent while grading, and a mistake here has to stay one
def shares(h):
    e = np.exp(h - h.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def log_shares(h):
    shifted = h - h.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def raw_shares(h):
    e = np.exp(h)
    return e / e.sum(axis=-1, keepdims=True)


# ----------------------------------------------------------------------------------------------- one_hot


@right("one_hot")
def one_hot_eye(labels, num_classes):
    return np.eye(num_classes)[labels]


@right("one_hot")
def one_hot_loop(labels, num_classes):
    y = np.zeros((len(labels), num_classes))
    for n, label in enumerate(labels):
        print(n, label)
        y[n][label] = 1
    return y


@right("one_hot")
def one_hot_comparison(labels, num_classes):
    warnings.warn("comparing is not the fastest way", stacklevel=1)
    return (np.arange(num_classes)[:, None] == labels).astype(float).T


@right("one_hot")
def one_hot_put_along_axis(labels, num_classes):
    y = np.zeros((labels.size, num_classes), order="F")
    np.put_along_axis(y, labels[:, np.newaxis], 1.0, axis=1)
    return y


@right("one_hot")
def one_hot_lists(labels, num_classes):
    return np.array([[float(k == label) for k in range(num_classes)] for label in labels.tolist()])


@wrong(
    "one_hot",
    "as wide as the labels at hand",
    "You take the largest label plus one for the number of classes. A batch without the last class then comes out too narrow.",
    loses=["one_hot_width"],
)
def one_hot_of_the_maximum(labels, num_classes):
    return np.eye(labels.max() + 1)[labels]


@wrong(
    "one_hot",
    "only the classes that occur",
    "You number the classes by what occurs in the batch. A class that is missing still has its column, with zeros in it.",
    loses=["one_hot_width"],
)
def one_hot_of_the_unique(labels, num_classes):
    classes = np.unique(labels)
    return (labels[:, None] == classes).astype(float)


@wrong(
    "one_hot",
    "whole numbers instead of floats",
    "Your zeros and ones are integers. They are compared with probabilities and multiplied by logarithms: make them floats.",
    loses=["one_hot_type"],
)
def one_hot_of_integers(labels, num_classes):
    return np.eye(num_classes, dtype=int)[labels]


@wrong(
    "one_hot",
    "truth values instead of floats",
    "A comparison gives True and False. They look like 1 and 0, but they are booleans, and True + True is True.",
    loses=["one_hot_type"],
)
def one_hot_of_booleans(labels, num_classes):
    return labels[:, None] == np.arange(num_classes)


@wrong(
    "one_hot",
    "a list of rows",
    "The rows are right, but they come as Python lists: put them into one array.",
    loses=["one_hot_type"],
)
def one_hot_of_lists(labels, num_classes):
    return [[1.0 if k == label else 0.0 for k in range(num_classes)] for label in labels]


@wrong(
    "one_hot",
    "one column per sample",
    "Your samples are the columns. Rows are samples in this course.",
    loses=["one_hot_type", "one_hot_rows", "one_hot_width"],
)
def one_hot_in_columns(labels, num_classes):
    return np.eye(num_classes)[:, labels]


@wrong(
    "one_hot",
    "classes counted from 1",
    "You subtract 1 from the labels. They run from 0 already, so class 0 lands in the last column.",
    loses=["one_hot_rows", "one_hot_width"],
)
def one_hot_from_one(labels, num_classes):
    return np.eye(num_classes)[labels - 1]


@wrong(
    "one_hot",
    "every row gets every one",
    "y[:, labels] selects whole columns, in all rows. You need one entry per row: row and column have to be paired.",
    loses=["one_hot_rows", "one_hot_width"],
)
def one_hot_in_all_rows(labels, num_classes):
    y = np.zeros((len(labels), num_classes))
    y[:, labels] = 1
    return y


@wrong(
    "one_hot",
    "the label instead of a one",
    "You write the label itself into its column. A target is a probability: the entry is 1 whatever the class is called.",
    loses=["one_hot_rows", "one_hot_width"],
)
def one_hot_of_values(labels, num_classes):
    return np.eye(num_classes)[labels] * labels[:, None]


# ----------------------------------------------------------------------------------------------- softmax


@right("softmax")
def softmax_shifted(h):
    e = np.exp(h - np.max(h, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


@right("softmax")
def softmax_in_loops(h):
    f = np.zeros(h.shape)
    for n in range(h.shape[0]):
        top = max(h[n])
        total = math.fsum(math.exp(v - top) for v in h[n])
        for k in range(h.shape[1]):
            f[n, k] = math.exp(h[n, k] - top) / total
    return f


@right("softmax")
def softmax_by_logaddexp(h):
    return np.exp(h - np.logaddexp.reduce(h, axis=1)[:, np.newaxis])


@right("softmax")
def softmax_of_differences(h):
    # 1 / Σ_k exp(h_k − h_j): where exp overflows, the quotient is the 0 it should be; numpy warns
    print("mind the warnings")
    return 1 / np.exp(h[:, None, :] - h[:, :, None]).sum(axis=2)


@right("softmax")
def softmax_in_place_on_a_copy(h):
    f = h.T.copy()
    f -= f.max(axis=0)
    np.exp(f, out=f)
    f /= f.sum(axis=0)
    return f.T


@wrong(
    "softmax",
    "no shift",
    "exp(1000) is infinite, and ∞/∞ is no number. Adding one number to all logits of a row changes no probability: choose it well.",
    loses=["softmax_large", "softmax_apart"],
)
def softmax_unshifted(h):
    return raw_shares(h)


@wrong(
    "softmax",
    "normalised over the samples",
    "Your columns sum to 1. A sample is a row, and it is its K probabilities that have to sum to 1.",
    loses=["softmax_value", "softmax_large", "softmax_apart"],
)
def softmax_of_columns(h):
    return shares(h.T).T


@wrong(
    "softmax",
    "normalised over the whole batch",
    "All N·K of your numbers together sum to 1. Each sample has a distribution of its own: each row sums to 1.",
    loses=["softmax_value", "softmax_large", "softmax_apart"],
)
def softmax_of_everything(h):
    e = np.exp(h - h.max())
    return e / e.sum()


@wrong(
    "softmax",
    "one shift for the whole batch",
    "You subtract the largest logit of the batch. A row far below it is left with exponentials that are all 0, and 0/0 is no number.",
    loses=["softmax_apart"],
)
def softmax_shifted_once(h):
    return raw_shares(h - h.max())


@wrong(
    "softmax",
    "shifted by column",
    "You subtract another number in each column. Only a shift that all logits of a row share leaves the row's probabilities alone.",
    loses=["softmax_value", "softmax_large", "softmax_apart"],
)
def softmax_shifted_by_column(h):
    return raw_shares(h - h.max(axis=0))


@wrong(
    "softmax",
    "shifted by the smallest",
    "You subtract the smallest logit of a row, so the largest one is as dangerous as before. Which shift bounds exp from above?",
    loses=["softmax_large", "softmax_apart"],
)
def softmax_shifted_by_minimum(h):
    return raw_shares(h - h.min(axis=1, keepdims=True))


@wrong(
    "softmax",
    "logits cut off",
    "Clipping keeps exp finite, but two logits beyond the bound become equal, however far apart they were.",
    loses=["softmax_large", "softmax_apart"],
)
def softmax_clipped(h):
    return raw_shares(np.clip(h, -500, 500))


@wrong(
    "softmax",
    "row sums that lie across the columns",
    "Dividing by a vector of N row sums stretches it along the columns: numpy needs it as N × 1. For N = K nothing even complains.",
    loses=["softmax_type", "softmax_value", "softmax_large", "softmax_apart"],
)
def softmax_without_keepdims(h):
    e = np.exp(h - h.max(axis=1, keepdims=True))
    return e / e.sum(axis=1)


@wrong(
    "softmax",
    "no exponential",
    "You divide the logits by their sum. Logits can be negative; the exponential is what makes them positive first.",
    loses=["softmax_value", "softmax_large", "softmax_apart"],
)
def softmax_linear(h):
    return h / h.sum(axis=1, keepdims=True)


@wrong(
    "softmax",
    "minus in the exponent",
    "Your largest logit gets the smallest probability: the sign in the exponent is the other one.",
    loses=["softmax_value", "softmax_large", "softmax_apart"],
)
def softmax_of_energies(h):
    return shares(-h)


@wrong(
    "softmax",
    "a sigmoid per class",
    "Each of your entries is a probability, but they do not know of each other: those of one sample have to sum to 1.",
    loses=["softmax_value", "softmax_large", "softmax_apart"],
)
def softmax_as_sigmoids(h):
    return 0.5 * (1 + np.tanh(h / 2))


@wrong(
    "softmax",
    "writing into the logits",
    "h −= … shifts the caller's logits too. The probabilities survive that; whoever needs h later does not.",
    loses=["inputs_unchanged"],
)
def softmax_in_place(h):
    h -= h.max(axis=1, keepdims=True)
    return raw_shares(h)


# ------------------------------------------------------------------------------------------- log_softmax


@right("log_softmax")
def log_softmax_shifted(h):
    shifted = h - h.max(axis=1)[:, None]
    return shifted - np.log(np.sum(np.exp(shifted), axis=1))[:, None]


@right("log_softmax")
def log_softmax_in_loops(h):
    rows = []
    for row in h:
        top = float(np.max(row))
        total = top + math.log(sum(math.exp(v - top) for v in row))
        rows.append([v - total for v in row])
    return np.array(rows)


@right("log_softmax")
def log_softmax_by_logaddexp(h):
    warnings.warn("reduce is slow", stacklevel=1)
    return np.asfortranarray(h - np.logaddexp.reduce(h, axis=1, keepdims=True))


@right("log_softmax")
def log_softmax_of_differences(h):
    N, K = h.shape
    result = np.empty((N, K))
    for k in range(K):
        result[:, k] = -np.logaddexp.reduce(h - h[:, k : k + 1], axis=1)
    return result


@wrong(
    "log_softmax",
    "the logarithm of the softmax",
    "A probability below 1e-323 is stored as 0, and its logarithm is −∞. Take the logarithm of the quotient on paper: the exponential of the numerator disappears.",
    loses=["log_softmax_large"],
)
def log_softmax_by_softmax(h):
    return np.log(shares(h))


@wrong(
    "log_softmax",
    "a small constant inside the logarithm",
    "Adding 1e-12 avoids −∞ by replacing every logarithm below −28 with −28. Such a probability is small, but you are asked how small.",
    loses=["log_softmax_unlikely", "log_softmax_large"],
)
def log_softmax_with_epsilon(h):
    return np.log(shares(h) + 1e-12)


@wrong(
    "log_softmax",
    "probabilities cut off below",
    "Clipping the probabilities makes all unlikely classes equally unlikely. With the logarithm taken on paper there is nothing to cut off.",
    loses=["log_softmax_unlikely", "log_softmax_large"],
)
def log_softmax_clipped(h):
    return np.log(np.clip(shares(h), 1e-15, 1.0))


@wrong(
    "log_softmax",
    "no shift",
    "The formula is right, but exp(1000) is infinite. Shift the logits of each row first, and put the shift where it belongs.",
    loses=["log_softmax_large"],
)
def log_softmax_unshifted(h):
    return h - np.log(np.exp(h).sum(axis=1, keepdims=True))


@wrong(
    "log_softmax",
    "the shift is not undone",
    "You shift the logits inside the logarithm and not in front of it. Both have to be the same logits, or the shift counts.",
    loses=["log_softmax_value", "log_softmax_unlikely", "log_softmax_large"],
)
def log_softmax_half_shifted(h):
    return h - np.log(np.exp(h - h.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True))


@wrong(
    "log_softmax",
    "one shift for the whole batch",
    "You subtract the largest logit of the batch. A row far below it is left with zeros only, and their logarithm is −∞.",
    loses=["log_softmax_large"],
)
def log_softmax_shifted_once(h):
    shifted = h - h.max()
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


@wrong(
    "log_softmax",
    "normalised over the samples",
    "Your columns are the distributions. A sample is a row: sum along it.",
    loses=["log_softmax_value", "log_softmax_unlikely", "log_softmax_large"],
)
def log_softmax_of_columns(h):
    return log_shares(h.T).T


@wrong(
    "log_softmax",
    "normalised over the whole batch",
    "One sum for all samples makes one distribution of the batch. Each row has its own.",
    loses=["log_softmax_value", "log_softmax_unlikely", "log_softmax_large"],
)
def log_softmax_of_everything(h):
    return log_shares(h.reshape(1, -1)).reshape(h.shape)


@wrong(
    "log_softmax",
    "the negative logarithm",
    "You return −log, which is the price of a class. The logarithm of a probability is never positive.",
    loses=["log_softmax_value", "log_softmax_unlikely", "log_softmax_large"],
)
def log_softmax_negative(h):
    return -log_shares(h)


@wrong(
    "log_softmax",
    "logarithms of base 2",
    "log2 counts in bits. Throughout the course log is the natural logarithm, the inverse of exp.",
    loses=["log_softmax_value", "log_softmax_unlikely", "log_softmax_large"],
)
def log_softmax_in_bits(h):
    return log_shares(h) / np.log(2)


@wrong(
    "log_softmax",
    "writing into the logits",
    "h −= … shifts the caller's logits as well. Give the shifted ones a name of their own.",
    loses=["inputs_unchanged"],
)
def log_softmax_in_place(h):
    h -= h.max(axis=1, keepdims=True)
    return h - np.log(np.exp(h).sum(axis=1, keepdims=True))


# ----------------------------------------------------------------------------------------- cross_entropy


@right("cross_entropy")
def entropy_of_log_softmax(h, y):
    return -np.mean(np.sum(y * log_shares(h), axis=1))


@right("cross_entropy")
def entropy_in_loops(h, y):
    N, K = h.shape
    loss = 0
    for n in range(N):
        top = max(h[n, k] for k in range(K))
        log_total = top + math.log(sum(math.exp(h[n, k] - top) for k in range(K)))
        for k in range(K):
            loss += y[n, k] * (log_total - h[n, k]) / N
    return float(loss)


@right("cross_entropy")
def entropy_by_logaddexp(h, y):
    print("N =", len(h))
    paid = np.logaddexp.reduce(h, axis=1) - np.einsum("nk,nk->n", y, h)
    return paid.mean()


@right("cross_entropy")
def entropy_where_there_is_a_target(h, y):
    warnings.warn("zeros in y are skipped", stacklevel=1)
    log_f = log_shares(h)
    return np.float64(-math.fsum((y[y > 0] * log_f[y > 0]).tolist()) / h.shape[0])


@right("cross_entropy")
def entropy_as_a_trace(h, y):
    return (-np.trace(y @ log_shares(h).T) / len(y)).item()


@wrong(
    "cross_entropy",
    "the sum over the samples",
    "Your loss adds up over the samples and grows with the batch. Losses are means over the samples in this course.",
    loses=["entropy_one_hot", "entropy_soft", "entropy_confident", "entropy_large"],
)
def entropy_summed(h, y):
    return -np.sum(y * log_shares(h))


@wrong(
    "cross_entropy",
    "the mean over all entries",
    "np.mean over the whole array divides by N·K. Each sample has one loss, a sum over its K classes; the mean goes over the N samples.",
    loses=["entropy_one_hot", "entropy_soft", "entropy_confident", "entropy_large"],
)
def entropy_averaged_over_all(h, y):
    return -np.mean(y * log_shares(h))


@wrong(
    "cross_entropy",
    "targets taken for one-hot",
    "You look up the class with argmax, so a soft target counts as its largest entry alone.",
    loses=["entropy_soft", "entropy_confident", "entropy_large"],
)
def entropy_of_hard_targets(h, y):
    return -np.mean(log_shares(h)[np.arange(len(h)), y.argmax(axis=1)])


@wrong(
    "cross_entropy",
    "softmax without a shift",
    "exp(1000) is infinite, and ∞/∞ is no number. Everyday logits do not show it: build the loss on a log-softmax that can take large ones.",
    loses=["entropy_large"],
)
def entropy_overflowing(h, y):
    return -np.mean(np.sum(y * np.log(raw_shares(h)), axis=1))


@wrong(
    "cross_entropy",
    "the logarithm of the softmax",
    "Your softmax is stable, and still a probability below 1e-323 is stored as 0: its logarithm is −∞, and 0 · ∞ is no number.",
    loses=["entropy_large"],
)
def entropy_of_the_log_of_softmax(h, y):
    return -np.mean(np.sum(y * np.log(shares(h)), axis=1))


@wrong(
    "cross_entropy",
    "a logarithm that is cut off",
    "Adding 1e-12 inside the logarithm hides the −∞, and with it every loss above 28: a network that is more wrong than that is not told so.",
    loses=["entropy_confident", "entropy_large"],
)
def entropy_with_epsilon(h, y):
    return -np.mean(np.sum(y * np.log(shares(h) + 1e-12), axis=1))


@wrong(
    "cross_entropy",
    "softmax twice",
    "You apply the softmax to what is a softmax already. Its entries lie between 0 and 1, so the second one cannot tell the classes apart.",
    loses=["entropy_one_hot", "entropy_soft", "entropy_confident", "entropy_large"],
)
def entropy_of_softmax_twice(h, y):
    return -np.mean(np.sum(y * log_shares(shares(h)), axis=1))


@wrong(
    "cross_entropy",
    "the sign",
    "Your loss is the log-likelihood itself: it is largest where the network is best. Losses are minimised.",
    loses=["entropy_one_hot", "entropy_soft", "entropy_confident", "entropy_large"],
)
def entropy_positive(h, y):
    return np.mean(np.sum(y * log_shares(h), axis=1))


@wrong(
    "cross_entropy",
    "targets and probabilities swapped",
    "You take the logarithm of the targets and weigh it by the softmax. It is the network's probability whose logarithm is paid for.",
    loses=["entropy_one_hot", "entropy_soft", "entropy_confident", "entropy_large"],
)
def entropy_swapped(h, y):
    return -np.mean(np.sum(shares(h) * np.log(y + 1e-12), axis=1))


@wrong(
    "cross_entropy",
    "one loss per sample",
    "You stop before the mean over the samples: the loss of a batch is one number.",
    loses=["entropy_type", "entropy_one_hot", "entropy_soft", "entropy_confident", "entropy_large"],
)
def entropy_per_sample(h, y):
    return -np.sum(y * log_shares(h), axis=1)


@wrong(
    "cross_entropy",
    "the entropy of the targets taken off",
    "You compute the KL divergence, which is 0 where network and target agree. Cross-entropy keeps the targets' own entropy; for one-hot targets that is 0, and the two are equal.",
    loses=["entropy_soft", "entropy_confident", "entropy_large"],
)
def entropy_as_divergence(h, y):
    own = np.sum(np.where(y > 0, y * np.log(np.where(y > 0, y, 1)), 0), axis=1)
    return np.mean(own - np.sum(y * log_shares(h), axis=1))


@wrong(
    "cross_entropy",
    "a yes-or-no loss per class",
    "You also charge log(1 − f) for the classes that are not the target. The softmax has made them compete already: only the target's share is paid for.",
    loses=["entropy_one_hot", "entropy_soft", "entropy_confident", "entropy_large"],
)
def entropy_binary(h, y):
    f = np.clip(shares(h), 1e-12, 1 - 1e-12)
    return -np.mean(np.sum(y * np.log(f) + (1 - y) * np.log(1 - f), axis=1))


# ------------------------------------------------------------------------------------ cross_entropy_grad


@right("cross_entropy_grad")
def entropy_grad_plain(h, y):
    return (shares(h) - y) / len(h)


@right("cross_entropy_grad")
def entropy_grad_in_loops(h, y):
    g = np.zeros_like(h)
    for n in range(len(h)):
        top = max(h[n])
        e = [math.exp(v - top) for v in h[n]]
        for k, v in enumerate(e):
            g[n, k] = (v / sum(e) - y[n, k]) / len(h)
    return g


@right("cross_entropy_grad")
def entropy_grad_by_log_softmax(h, y):
    print("…")
    g = np.exp(log_shares(h))
    g -= y
    g *= 1 / h.shape[0]
    return np.asfortranarray(g)


@right("cross_entropy_grad")
def entropy_grad_by_the_jacobian_of_log_softmax(h, y):
    J = np.eye(h.shape[1]) - shares(h)[:, None, :]  # (N, K, K): ∂ log fᵢ / ∂hⱼ
    return -np.einsum("ni,nij->nj", y, J) / len(y)


@wrong(
    "cross_entropy_grad",
    "no 1/N",
    "Your gradient belongs to the sum of the losses. The loss is a mean over the samples; otherwise learning rates would depend on the batch size.",
    loses=["grad_one_hot", "grad_soft", "grad_large"],
)
def entropy_grad_of_the_sum(h, y):
    return shares(h) - y


@wrong(
    "cross_entropy_grad",
    "divided by all entries",
    "You divide by N·K. The loss sums over the K classes; only the N samples are averaged.",
    loses=["grad_one_hot", "grad_soft", "grad_large"],
)
def entropy_grad_of_the_mean_of_all(h, y):
    return (shares(h) - y) / h.size


@wrong(
    "cross_entropy_grad",
    "the gradient points downhill",
    "y − softmax is minus the gradient. The minus sign belongs to the step of the optimiser.",
    loses=["grad_one_hot", "grad_soft", "grad_large"],
)
def entropy_grad_downhill(h, y):
    return (y - shares(h)) / len(h)


@wrong(
    "cross_entropy_grad",
    "softmax without a shift",
    "The formula is right, but exp(1000) is infinite, and ∞/∞ is no number. Your softmax needs the shift.",
    loses=["grad_large"],
)
def entropy_grad_overflowing(h, y):
    return (raw_shares(h) - y) / len(h)


@wrong(
    "cross_entropy_grad",
    "through a division by the probabilities",
    "You go through ∂L/∂f = −y/f and the Jacobian of the softmax. On paper the f cancels; on the computer it is 0/0 as soon as a probability is too small to be stored.",
    loses=["grad_large"],
)
def entropy_grad_through_the_quotient(h, y):
    f = shares(h)
    J = f[:, :, None] * (np.eye(h.shape[1]) - f[:, None, :])
    return np.einsum("ni,nij->nj", -y / f, J) / len(h)


@wrong(
    "cross_entropy_grad",
    "targets taken for one-hot",
    "You subtract 1 at the largest target. A soft target asks for a share of every class: subtract the target itself.",
    loses=["grad_soft", "grad_large"],
)
def entropy_grad_of_hard_targets(h, y):
    g = shares(h)
    g[np.arange(len(h)), y.argmax(axis=1)] -= 1
    return g / len(h)


@wrong(
    "cross_entropy_grad",
    "the derivative by the probabilities",
    "−y/f is how the loss changes with the probabilities. The logits are one step further back: every probability depends on every logit.",
    loses=["grad_one_hot", "grad_soft", "grad_large"],
)
def entropy_grad_at_the_probabilities(h, y):
    return -y / shares(h) / len(h)


@wrong(
    "cross_entropy_grad",
    "a slope too many",
    "You multiply by f(1 − f) once more, the slope of a sigmoid. In softmax − y the derivative of the softmax is in already, and that it cancels is what makes this loss learn.",
    loses=["grad_one_hot", "grad_soft", "grad_large"],
)
def entropy_grad_with_another_slope(h, y):
    f = shares(h)
    return (f - y) * f * (1 - f) / len(h)


@wrong(
    "cross_entropy_grad",
    "only the target's logit",
    "You push the target's logit up and leave the others alone. Raising another logit lowers the target's probability, so it has a gradient as well.",
    loses=["grad_one_hot", "grad_soft", "grad_large"],
)
def entropy_grad_of_the_target_alone(h, y):
    return y * (shares(h) - 1) / len(h)


@wrong(
    "cross_entropy_grad",
    "softmax over the samples",
    "You normalise along the batch. Each row is one sample, and it is the row that sums to 1.",
    loses=["grad_one_hot", "grad_soft", "grad_large"],
)
def entropy_grad_of_columns(h, y):
    return (shares(h.T).T - y) / len(h)


@wrong(
    "cross_entropy_grad",
    "writing into the logits",
    "Your gradient is right, but it is stored in the caller's h. The shift, too, has to happen on a copy.",
    loses=["inputs_unchanged"],
)
def entropy_grad_in_place(h, y):
    h -= h.max(axis=1, keepdims=True)
    return (raw_shares(h) - y) / len(h)


# --------------------------------------------------------------------------------------------------- mse


@right("mse")
def mse_plain(f, y):
    return np.mean(np.sum((f - y) ** 2, axis=1))


@right("mse")
def mse_in_loops(f, y):
    total = 0
    for a, b in zip(f, y, strict=True):
        for u, v in zip(a, b, strict=True):
            total += (u - v) ** 2
    return total / len(f)


@right("mse")
def mse_by_norm(f, y):
    print("Frobenius")
    return float(np.linalg.norm(f - y, "fro") ** 2 / f.shape[0])


@right("mse")
def mse_by_einsum(f, y):
    warnings.warn("einsum", stacklevel=1)
    d = np.asfortranarray(y) - f
    return np.einsum("nk,nk", d, d) / np.float64(len(d))


@right("mse")
def mse_mean_of_all_times_k(f, y):
    return f.shape[1] * np.square(f - y).mean()


@wrong(
    "mse",
    "the mean over all entries",
    "You divide by N·K, as some libraries do. The convention here sums over the K outputs of a sample and takes the mean over the N samples.",
    loses=["mse_sum", "mse_value"],
)
def mse_averaged_over_all(f, y):
    return np.mean((f - y) ** 2)


@wrong(
    "mse",
    "the sum over the samples",
    "Your loss adds up over the samples and grows with the batch. Losses are means over the samples in this course.",
    loses=["mse_mean", "mse_value"],
)
def mse_summed(f, y):
    return np.sum((f - y) ** 2)


@wrong(
    "mse",
    "a ½ in front",
    "Half the squared error has the nicer gradient. The squared error of this course carries no ½.",
    loses=["mse_mean", "mse_sum", "mse_value"],
)
def mse_halved(f, y):
    return 0.5 * np.mean(np.sum((f - y) ** 2, axis=1))


@wrong(
    "mse",
    "the root of it",
    "You take the square root at the end. The root mean squared error has the units of y, but it is not the loss asked for.",
    loses=["mse_mean", "mse_sum", "mse_value"],
)
def mse_root(f, y):
    return np.sqrt(np.mean(np.sum((f - y) ** 2, axis=1)))


@wrong(
    "mse",
    "distances that are not squared",
    "You average the lengths of the rows of f − y. The squared error averages their squares.",
    loses=["mse_mean", "mse_sum", "mse_value"],
)
def mse_of_distances(f, y):
    return np.mean(np.linalg.norm(f - y, axis=1))


@wrong(
    "mse",
    "absolute values",
    "You add absolute differences. The squared error weighs a difference of 2 four times as heavily as one of 1.",
    loses=["mse_mean", "mse_sum", "mse_value"],
)
def mse_of_absolute_values(f, y):
    return np.mean(np.sum(np.abs(f - y), axis=1))


@wrong(
    "mse",
    "one loss per sample",
    "You stop before the mean over the samples: the loss of a batch is one number.",
    loses=["mse_type", "mse_mean", "mse_value"],
)
def mse_per_sample(f, y):
    return np.sum((f - y) ** 2, axis=1)


@wrong(
    "mse",
    "one loss per output",
    "You average over the samples and keep the K outputs apart. The loss of a batch is one number: their sum.",
    loses=["mse_type", "mse_sum", "mse_value"],
)
def mse_per_output(f, y):
    return np.mean((f - y) ** 2, axis=0)


@wrong(
    "mse",
    "differences that cancel",
    "You add the differences and square the sum: an error of +1 and one of −1 make no error at all. Square each of them.",
    loses=["mse_sum", "mse_value"],
)
def mse_of_the_sum(f, y):
    return np.mean(np.sum(f - y, axis=1) ** 2)


@wrong(
    "mse",
    "writing into the outputs",
    "f −= y saves an array and costs the caller theirs: the network's output is still needed elsewhere.",
    loses=["inputs_unchanged"],
)
def mse_in_place(f, y):
    f -= y
    return np.mean(np.sum(f**2, axis=1))


# ---------------------------------------------------------------------------------------------- mse_grad


@right("mse_grad")
def mse_grad_plain(f, y):
    return 2 * (f - y) / len(f)


@right("mse_grad")
def mse_grad_in_loops(f, y):
    N, K = f.shape
    print(N, K)
    return np.array([[2.0 / N * (f[n, k] - y[n, k]) for k in range(K)] for n in range(N)])


@right("mse_grad")
def mse_grad_doubled_by_addition(f, y):
    g = f - y
    g += g
    g /= f.shape[0]
    return g


@right("mse_grad")
def mse_grad_in_fortran_order(f, y):
    return np.array(np.divide(np.subtract(y, f), -0.5 * len(y)), order="F")


@wrong(
    "mse_grad",
    "no 2",
    "The derivative of (f − y)² has a factor 2. There is no ½ in the loss that would cancel it.",
    loses=["mse_grad_one", "mse_grad_mean", "mse_grad_value"],
)
def mse_grad_without_two(f, y):
    return (f - y) / len(f)


@wrong(
    "mse_grad",
    "no 1/N",
    "Your gradient belongs to the sum over the samples. The loss is their mean.",
    loses=["mse_grad_mean", "mse_grad_value"],
)
def mse_grad_of_the_sum(f, y):
    return 2 * (f - y)


@wrong(
    "mse_grad",
    "divided by all entries",
    "You divide by N·K. The loss sums over the K outputs; only the N samples are averaged.",
    loses=["mse_grad_one", "mse_grad_value"],
)
def mse_grad_of_the_mean_of_all(f, y):
    return 2 * (f - y) / f.size


@wrong(
    "mse_grad",
    "the derivative by the target",
    "y − f is how the loss changes with y. Asked for is the derivative by f: where f is too large, it is positive.",
    loses=["mse_grad_one", "mse_grad_mean", "mse_grad_value"],
)
def mse_grad_flipped(f, y):
    return 2 * (y - f) / len(f)


@wrong(
    "mse_grad",
    "neither 2 nor 1/N",
    "f − y is the gradient of half the sum. The loss here has no ½, and it is a mean over the samples.",
    loses=["mse_grad_one", "mse_grad_mean", "mse_grad_value"],
)
def mse_grad_of_half_the_sum(f, y):
    return f - y


@wrong(
    "mse_grad",
    "averaged over the samples",
    "You average the gradients of the samples into one row. Each sample has outputs of its own, and so a row of the gradient of its own.",
    loses=["mse_grad_type", "mse_grad_mean", "mse_grad_value"],
)
def mse_grad_averaged(f, y):
    return np.mean(2 * (f - y), axis=0, keepdims=True)


@wrong(
    "mse_grad",
    "summed over the outputs",
    "You add up the derivatives by the K outputs of a sample. They are asked for one by one.",
    loses=["mse_grad_type", "mse_grad_one", "mse_grad_value"],
)
def mse_grad_summed(f, y):
    return np.sum(2 * (f - y) / len(f), axis=1, keepdims=True)


@wrong(
    "mse_grad",
    "the gradient of the distance",
    "You divide by the distance: that is the gradient of its length, which is 1 wherever you are. The squared error pulls harder from further away.",
    loses=["mse_grad_one", "mse_grad_mean", "mse_grad_value"],
)
def mse_grad_of_the_distance(f, y):
    return (f - y) / np.linalg.norm(f - y, axis=1, keepdims=True) / len(f)


@wrong(
    "mse_grad",
    "the square is still there",
    "The exponent comes down as a factor, and goes down by one itself: a square becomes twice the first power.",
    loses=["mse_grad_one", "mse_grad_mean", "mse_grad_value"],
)
def mse_grad_squared(f, y):
    return 2 * (f - y) ** 2 / len(f)


@wrong(
    "mse_grad",
    "writing into the outputs",
    "f −= y saves an array and costs the caller theirs: the network's output is still needed elsewhere.",
    loses=["inputs_unchanged"],
)
def mse_grad_in_place(f, y):
    f -= y
    return 2 * f / len(f)


# -------------------------------------------------------------------------------------- softmax_jacobian


@right("softmax_jacobian")
def jacobian_outer(h):
    y = shares(h)
    return np.diag(y) - np.outer(y, y)


@right("softmax_jacobian")
def jacobian_in_loops(h):
    K = len(h)
    e = [math.exp(v - max(h)) for v in h]
    y = [v / math.fsum(e) for v in e]
    J = np.zeros((K, K))
    for i in range(K):
        for j in range(K):
            J[i, j] = y[i] * (1 - y[i]) if i == j else -y[i] * y[j]
    return J


@right("softmax_jacobian")
def jacobian_broadcast(h):
    y = np.exp(log_shares(h[np.newaxis]))[0]
    print(y.sum())
    return y[:, None] * (np.eye(h.size) - y)


@right("softmax_jacobian")
def jacobian_in_place_of_the_diagonal(h):
    y = shares(h.reshape(1, -1)).ravel()
    J = -np.einsum("i,j->ij", y, y)
    J.flat[:: len(y) + 1] += y
    return np.asfortranarray(J)


@wrong(
    "softmax_jacobian",
    "only the diagonal",
    "You differentiate each probability by its own logit only. All of them share a denominator: each depends on every logit.",
    loses=["jacobian_rest", "jacobian_large"],
)
def jacobian_diagonal_only(h):
    y = shares(h)
    return np.diag(y * (1 - y))


@wrong(
    "softmax_jacobian",
    "plus instead of minus",
    "Raising one logit takes probability from the others: beside the diagonal the entries are negative.",
    loses=["jacobian_diagonal", "jacobian_rest", "jacobian_large"],
)
def jacobian_plus(h):
    y = shares(h)
    return np.diag(y) + np.outer(y, y)


@wrong(
    "softmax_jacobian",
    "the numerator forgotten",
    "Your −yᵢyⱼ comes from the denominator. On the diagonal the numerator depends on the logit as well.",
    loses=["jacobian_diagonal", "jacobian_large"],
)
def jacobian_of_the_denominator(h):
    y = shares(h)
    return -np.outer(y, y)


@wrong(
    "softmax_jacobian",
    "the same slope in the whole row",
    "You use yᵢ(1 − yⱼ) for every pair. The 1 is a δᵢⱼ: it is there on the diagonal only.",
    loses=["jacobian_rest", "jacobian_large"],
)
def jacobian_without_delta(h):
    y = shares(h)
    return np.outer(y, 1 - y)


@wrong(
    "softmax_jacobian",
    "y² taken off twice",
    "On the diagonal yᵢ(1 − yᵢ) contains −yᵢ² already, and the outer product takes it off once more.",
    loses=["jacobian_diagonal", "jacobian_large"],
)
def jacobian_square_twice(h):
    y = shares(h)
    return np.diag(y * (1 - y)) - np.outer(y, y)


@wrong(
    "softmax_jacobian",
    "the Jacobian of the log-softmax",
    "δᵢⱼ − yⱼ is the derivative of log yᵢ. To get that of yᵢ itself, the chain rule has one factor more.",
    loses=["jacobian_diagonal", "jacobian_rest", "jacobian_large"],
)
def jacobian_of_the_logarithm(h):
    return np.eye(len(h)) - shares(h)


@wrong(
    "softmax_jacobian",
    "a subtraction that broadcasts",
    "diag(y) − y takes yⱼ off every entry of column j. The product of two probabilities is missing.",
    loses=["jacobian_diagonal", "jacobian_rest", "jacobian_large"],
)
def jacobian_broadcast_wrongly(h):
    y = shares(h)
    return np.diag(y) - y


@wrong(
    "softmax_jacobian",
    "a vector of slopes",
    "y(1 − y) is the derivative of each output by its own input. The softmax mixes its inputs, so there are K · K derivatives.",
    loses=["jacobian_type", "jacobian_diagonal", "jacobian_rest", "jacobian_large"],
)
def jacobian_as_a_vector(h):
    y = shares(h)
    return y * (1 - y)


@wrong(
    "softmax_jacobian",
    "softmax without a shift",
    "The matrix is right, but exp(1000) is infinite, and ∞/∞ is no number. Shift the logits, or call your softmax.",
    loses=["jacobian_large"],
)
def jacobian_overflowing(h):
    y = raw_shares(h)
    return np.diag(y) - np.outer(y, y)


@wrong(
    "softmax_jacobian",
    "all signs flipped",
    "Raising a logit raises its own probability: the diagonal is positive, the rest negative.",
    loses=["jacobian_diagonal", "jacobian_rest", "jacobian_large"],
)
def jacobian_flipped(h):
    y = shares(h)
    return np.outer(y, y) - np.diag(y)


@wrong(
    "softmax_jacobian",
    "writing into the logits",
    "h −= … shifts the caller's logits as well. Give the shifted ones a name of their own.",
    loses=["inputs_unchanged"],
)
def jacobian_in_place(h):
    h -= h.max()
    y = raw_shares(h)
    return np.diag(y) - np.outer(y, y)


# -------------------------------------------------------------------------------------------- perceptron


@right("perceptron")
def perceptron_plain(X, t, max_epochs):
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(max_epochs):
        mistakes = 0
        for x, s in zip(X, t, strict=True):
            if s * (w @ x + b) <= 0:
                w, b = w + s * x, b + s
                mistakes += 1
        if mistakes == 0:
            break
    return np.append(w, b)


@right("perceptron")
def perceptron_with_a_column_of_ones(X, t, max_epochs):
    Z = np.hstack([X, np.ones((len(X), 1))]) * t[:, None]
    w = np.zeros(Z.shape[1])
    epoch, learned = 0, True
    while learned and epoch < max_epochs:
        learned = False
        for z in Z:
            if not np.dot(w, z) > 0:
                w += z
                learned = True
        epoch += 1
    print(epoch, "epochs")
    return w


@right("perceptron")
def perceptron_counting_mistakes(X, t, max_epochs):
    inner = X @ X.T + 1  # (N, N): what one correction does to the side of every sample
    counts = np.zeros(len(X))
    for _ in range(max_epochs):
        before = counts.copy()
        for n in range(len(X)):
            if t[n] * np.sum(counts * t * inner[n]) <= 0:
                counts[n] += 1
        if np.array_equal(before, counts):
            break
    return np.concatenate([(counts * t) @ X, [counts @ t]])


@right("perceptron")
def perceptron_in_plain_python(X, t, max_epochs):
    warnings.warn("lists are slow", stacklevel=1)
    rows, signs = X.tolist(), t.tolist()
    w = [0.0] * (X.shape[1] + 1)
    for _ in range(max_epochs):
        old = list(w)
        for row, s in zip(rows, signs, strict=True):
            if s * (sum(a * b for a, b in zip(w, row, strict=False)) + w[-1]) > 0:
                continue
            for d, v in enumerate([*row, 1.0]):
                w[d] += s * v
        if old == w and all(
            s * (sum(a * b for a, b in zip(w, row, strict=False)) + w[-1]) > 0
            for row, s in zip(rows, signs, strict=True)
        ):
            break
    return np.asfortranarray(w)


def _walk(X, t, max_epochs, is_mistake=lambda side: side <= 0, step=lambda side: 1.0, order=None):
    """Run the perceptron with another test or another step; the bias is last."""
    Z = np.column_stack([X, np.ones(len(X))]) * t[:, None]
    w = np.zeros(Z.shape[1])
    for _ in range(max_epochs):
        before = w.copy()
        for z in Z if order is None else Z[order(len(Z))]:
            side = w @ z
            if is_mistake(side):
                w = w + step(side) * z
        if np.array_equal(before, w):
            break
    return w


@wrong(
    "perceptron",
    "on the line counts as right",
    "With all weights at 0 every sample lies on the line. If that is no mistake, nothing is ever learned: the test is ≤, not <.",
    loses=["perceptron_first", "perceptron_epoch", "perceptron_separates", "perceptron_stops", "perceptron_epochs"],
)
def perceptron_strict(X, t, max_epochs):
    return _walk(X, t, max_epochs, is_mistake=lambda side: side < 0)


@wrong(
    "perceptron",
    "the bias in front",
    "Your weights are right, with the bias first. The contract puts it last.",
    loses=["perceptron_first", "perceptron_epoch", "perceptron_separates", "perceptron_stops"],
)
def perceptron_bias_first(X, t, max_epochs):
    return np.roll(_walk(X, t, max_epochs), 1)


@wrong(
    "perceptron",
    "the bias never moves",
    "Your line stays at the origin. The bias is corrected like a weight whose input is always 1.",
    loses=["perceptron_first", "perceptron_epoch", "perceptron_separates"],
)
def perceptron_without_bias(X, t, max_epochs):
    w = np.zeros(X.shape[1])
    for _ in range(max_epochs):
        mistakes = 0
        for x, s in zip(X, t, strict=True):
            if s * (w @ x) <= 0:
                w = w + s * x
                mistakes += 1
        if not mistakes:
            break
    return np.append(w, 0.0)


@wrong(
    "perceptron",
    "the difference to the prediction",
    "You step by t minus the predicted sign, and for labels of ±1 that is 2 t. The rule adds the sample once.",
    loses=["perceptron_epoch"],
)
def perceptron_of_differences(X, t, max_epochs):
    return _walk(X, t, max_epochs, step=lambda side: 1 - np.sign(side))


@wrong(
    "perceptron",
    "half a step",
    "Your corrections are too small by a factor of 2. The perceptron needs no learning rate: scaling all weights moves no line.",
    loses=["perceptron_first", "perceptron_epoch"],
)
def perceptron_halved(X, t, max_epochs):
    return _walk(X, t, max_epochs) / 2


@wrong(
    "perceptron",
    "corrections saved up for the end of the epoch",
    "You collect the mistakes of an epoch and correct them together. Each sample has to be judged by the weights that the sample before it has left.",
    loses=["perceptron_epoch", "perceptron_epochs"],
)
def perceptron_in_batches(X, t, max_epochs):
    Z = np.column_stack([X, np.ones(len(X))]) * t[:, None]
    w = np.zeros(Z.shape[1])
    for _ in range(max_epochs):
        mistakes = Z[w @ Z.T <= 0]
        if len(mistakes) == 0:
            break
        w = w + mistakes.sum(axis=0)
    return w


@wrong(
    "perceptron",
    "learning from every sample",
    "You add t x whether the sample is right or wrong. The perceptron learns from its mistakes only, which is why it can stop.",
    loses=["perceptron_first", "perceptron_epoch", "perceptron_separates", "perceptron_epochs"],
)
def perceptron_of_hebb(X, t, max_epochs):
    Z = np.column_stack([X, np.ones(len(X))]) * t[:, None]
    w = np.zeros(Z.shape[1])
    for _ in range(max_epochs):
        mistakes = 0
        for z in Z:
            mistakes += w @ z <= 0
            w = w + z
        if not mistakes:
            break
    return w


@wrong(
    "perceptron",
    "an epoch too few",
    "You count epochs from 1 and stop before max_epochs. With max_epochs = 1 you never look at a sample.",
    loses=["perceptron_epoch", "perceptron_epochs"],
)
def perceptron_one_epoch_less(X, t, max_epochs):
    return _walk(X, t, max_epochs - 1)


@wrong(
    "perceptron",
    "an epoch too many",
    "You pass over the samples max_epochs + 1 times. The last pass is one more than the contract allows.",
    loses=["perceptron_epoch", "perceptron_epochs"],
)
def perceptron_one_epoch_more(X, t, max_epochs):
    return _walk(X, t, max_epochs + 1)


@wrong(
    "perceptron",
    "backwards through the samples",
    "You begin with the last sample. Which line the perceptron ends with depends on the order, and the contract asks for theirs.",
    loses=["perceptron_epoch"],
)
def perceptron_backwards(X, t, max_epochs):
    return _walk(X, t, max_epochs, order=lambda n: np.arange(n)[::-1])


@wrong(
    "perceptron",
    "from the start after every mistake",
    "After a correction you begin again with the first sample. The contract goes on to the next one and comes back in the next epoch.",
    loses=["perceptron_epoch", "perceptron_epochs"],
)
def perceptron_starting_over(X, t, max_epochs):
    Z = np.column_stack([X, np.ones(len(X))]) * t[:, None]
    w = np.zeros(Z.shape[1])
    for _ in range(max_epochs):
        wrong_ones = [z for z in Z if w @ z <= 0]
        if not wrong_ones:
            break
        w = w + wrong_ones[0]
    return w


@wrong(
    "perceptron",
    "only one epoch",
    "You stop after the first pass, whatever max_epochs says. A correction can undo an earlier one: go on until an epoch brings none.",
    loses=["perceptron_separates", "perceptron_epochs"],
)
def perceptron_once(X, t, max_epochs):
    return _walk(X, t, 1)


@wrong(
    "perceptron",
    "writing into the samples",
    "X *= … multiplies the caller's samples by their labels. The idea is good; do it on a copy.",
    loses=["inputs_unchanged"],
)
def perceptron_in_place(X, t, max_epochs):
    X *= t[:, None]
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(max_epochs):
        before = b
        for x, s in zip(X, t, strict=True):
            if w @ x + s * b <= 0:
                w, b = w + x, b + s
                before = np.inf
        if before == b:
            break
    return np.append(w, b)
