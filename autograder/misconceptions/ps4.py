"""Problem set 4, initialization: right answers in different styles, and the mistakes people make."""

from __future__ import annotations

import copy
import math
import warnings

import numpy as np

from autograder.misconceptions import Table

TABLE = Table()
right, wrong = TABLE.right, TABLE.wrong

# ruff: noqa: D103 - the name given to each answer says what it is
# ruff: noqa: NPY002 - some mistakes are made with the old generator
# mypy: disable-error-code="no-untyped-def,no-untyped-call,type-arg,operator,var-annotated"

OWN = "You make a generator inside the function, always with the same seed, so that every layer of the network starts with the same numbers. The caller's rng is there to be drawn from."
GLOBAL = "You draw from numpy's global generator. Nobody who calls your function with the same rng again will see the same weights; draw from the rng that you are given."
COPIED = "You draw from a copy of the generator. The original stays where it was, so that the next layer gets the same numbers once more."
TURNED = "Your matrix has a row per input. In this course W is (fan_out, fan_in), a row per output, as in y = x @ W.T."
SHARED = "You draw one row and give it to every unit. Units that start with the same weights get the same gradient and stay the same for ever: a wide layer of one unit."
COLUMNS = "You draw one weight per unit and use it for all of its inputs. Then a unit sees only the sum of its inputs, and the weights of a row are not independent draws."


def truncated(rng, size):
    z = rng.standard_normal(size)
    while np.any(np.abs(z) > 2):
        outside = np.abs(z) > 2
        z[outside] = rng.standard_normal(np.count_nonzero(outside))
    return z


# ------------------------------------------------------------------------------------------ lecun_normal


@right("lecun_normal")
def lecun_by_scale(fan_in, fan_out, rng):
    return rng.normal(0.0, np.sqrt(1 / fan_in), size=(fan_out, fan_in))


@right("lecun_normal")
def lecun_in_loops(fan_in, fan_out, rng):
    W = np.zeros((fan_out, fan_in))
    for i in range(fan_out):
        for j in range(fan_in):
            W[i, j] = rng.normal() / math.sqrt(fan_in)
    return W


@right("lecun_normal")
def lecun_drawn_transposed(fan_in, fan_out, rng):
    print("drawing", fan_in * fan_out, "weights")
    return (rng.standard_normal((fan_in, fan_out)) * fan_in**-0.5).T


@right("lecun_normal")
def lecun_by_box_and_muller(fan_in, fan_out, rng):
    warnings.warn("old school", stacklevel=1)
    radius = np.sqrt(-2 * np.log1p(-rng.random((fan_out, fan_in))))
    return np.sqrt(1.0 / fan_in) * radius * np.cos(2 * np.pi * rng.random((fan_out, fan_in)))


@right("lecun_normal")
def lecun_in_place_in_fortran_order(fan_in, fan_out, rng):
    W = np.empty((fan_out, fan_in), order="F")
    for row in W:
        row[:] = rng.standard_normal(fan_in)
    W /= np.sqrt(fan_in)
    W.flags.writeable = False
    return W


@right("lecun_normal")
def lecun_from_multivariate(fan_in, fan_out, rng):
    return np.array([rng.normal(scale=np.float64(fan_in) ** -0.5, size=fan_out) for _ in range(fan_in)]).T.copy()


@wrong(
    "lecun_normal",
    "variance for a standard deviation",
    "rng.normal takes the standard deviation, and you hand it the variance. For a fan-in of 100 your weights are ten times too small, and a few layers later nothing is left of the signal.",
    loses=["weights_scale"],
)
def lecun_variance_as_scale(fan_in, fan_out, rng):
    return rng.normal(0.0, 1 / fan_in, size=(fan_out, fan_in))


@wrong(
    "lecun_normal",
    "fan-out for fan-in",
    "You divide by the number of outputs. How many units look at an input says nothing about how many inputs a unit adds up, and it is that sum whose variance should stay.",
    loses=["weights_scale"],
)
def lecun_fan_out(fan_in, fan_out, rng):
    return rng.normal(0.0, np.sqrt(1 / fan_out), size=(fan_out, fan_in))


@wrong("lecun_normal", "a row per input", TURNED, loses=["weights_type"])
def lecun_turned(fan_in, fan_out, rng):
    return rng.normal(0.0, np.sqrt(1 / fan_in), size=(fan_in, fan_out))


@wrong(
    "lecun_normal",
    "a row per input, and its fan",
    "Your matrix has a row per input, and the variance that belongs to its number of columns. That is right for a layer in the other direction: here rows are outputs and columns inputs.",
    loses=["weights_type", "weights_scale"],
)
def lecun_for_the_way_back(fan_in, fan_out, rng):
    return rng.normal(0.0, np.sqrt(1 / fan_out), size=(fan_in, fan_out))


@wrong(
    "lecun_normal",
    "uniform with the right variance",
    "The variance is right, and for the signal that is what counts; but this recipe asks for normal weights, and yours are uniform.",
    loses=["weights_law"],
)
def lecun_uniform(fan_in, fan_out, rng):
    bound = np.sqrt(3 / fan_in)
    return rng.uniform(-bound, bound, size=(fan_out, fan_in))


@wrong(
    "lecun_normal",
    "the old uniform habit",
    "Uniform weights between ±1/√fan_in look like LeCun's rule, but the bound of a uniform law is not its standard deviation: the variance is a third. The recipe asks for normal weights anyway.",
    loses=["weights_scale", "weights_law"],
)
def lecun_standard(fan_in, fan_out, rng):
    bound = 1 / np.sqrt(fan_in)
    return rng.uniform(-bound, bound, size=(fan_out, fan_in))


@wrong(
    "lecun_normal",
    "cut off at two standard deviations",
    "You draw again what lies beyond two standard deviations, as some libraries do. Without a correction that takes away more than a fifth of the variance; here the draws are not truncated at all.",
    loses=["weights_scale", "weights_law"],
)
def lecun_truncated(fan_in, fan_out, rng):
    return truncated(rng, (fan_out, fan_in)) / np.sqrt(fan_in)


@wrong(
    "lecun_normal",
    "cut off, with the variance mended",
    "You cut the normal law off at two standard deviations and scale it back to the right variance, as some libraries do by default. The contract asks for untruncated draws.",
    loses=["weights_law"],
)
def lecun_truncated_and_mended(fan_in, fan_out, rng):
    return truncated(rng, (fan_out, fan_in)) / np.sqrt(fan_in) / 0.87962566103423978


@wrong(
    "lecun_normal",
    "nothing scaled",
    "Your weights have variance 1 whatever the fan-in. A unit with 100 inputs then puts out a hundred times the variance it is given, and so does the next layer.",
    loses=["weights_scale"],
)
def lecun_unscaled(fan_in, fan_out, rng):
    return rng.standard_normal((fan_out, fan_in))


@wrong(
    "lecun_normal",
    "the bias counted as an input",
    "You count a bias among the inputs. Biases start at 0 and add nothing to the variance of the sum; with few inputs the difference is large.",
    loses=["weights_scale"],
)
def lecun_with_bias(fan_in, fan_out, rng):
    return rng.normal(0.0, np.sqrt(1 / (fan_in + 1)), size=(fan_out, fan_in))


@wrong(
    "lecun_normal",
    "He's variance",
    "You double the variance. That makes up for a ReLU that drops half of the signal; LeCun's rule is about the sums themselves.",
    loses=["weights_scale"],
)
def lecun_he(fan_in, fan_out, rng):
    return rng.normal(0.0, np.sqrt(2 / fan_in), size=(fan_out, fan_in))


@wrong("lecun_normal", "one row for all units", SHARED, loses=["weights_independent"])
def lecun_shared(fan_in, fan_out, rng):
    return np.tile(rng.normal(0.0, np.sqrt(1 / fan_in), size=fan_in), (fan_out, 1))


@wrong(
    "lecun_normal",
    "orthogonal rows",
    "Your rows are at right angles. That is an initialization too, with merits of its own, but its weights depend on each other; here every entry is a draw of its own.",
    loses=["weights_independent"],
)
def lecun_orthogonal(fan_in, fan_out, rng):
    tall = rng.standard_normal((max(fan_in, fan_out), min(fan_in, fan_out)))
    Q = np.linalg.qr(tall)[0] * rng.choice([-1.0, 1.0], size=tall.shape[1])
    return (Q if fan_out > fan_in else Q.T) * np.sqrt(max(1, fan_out / fan_in))


@wrong("lecun_normal", "a generator of one's own", OWN, loses=["weights_rng"])
def lecun_own_generator(fan_in, fan_out, rng):
    return lecun_by_scale(fan_in, fan_out, np.random.default_rng(0))


@wrong("lecun_normal", "numpy's global generator", GLOBAL, loses=["weights_rng"])
def lecun_global_generator(fan_in, fan_out, rng):
    return np.random.randn(fan_out, fan_in) / np.sqrt(fan_in)


@wrong("lecun_normal", "a copy of the generator", COPIED, loses=["weights_rng"])
def lecun_copied_generator(fan_in, fan_out, rng):
    return lecun_by_scale(fan_in, fan_out, copy.deepcopy(rng))


# ---------------------------------------------------------------------------------------- xavier_uniform


@right("xavier_uniform")
def uniform_between_bounds(fan_in, fan_out, rng):
    bound = np.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-bound, bound, size=(fan_out, fan_in))


@right("xavier_uniform")
def uniform_in_loops(fan_in, fan_out, rng):
    bound = math.sqrt(6.0) / math.sqrt(fan_in + fan_out)
    return np.array([[bound * (1 - 2 * rng.random()) for _ in range(fan_in)] for _ in range(fan_out)])


@right("xavier_uniform")
def uniform_drawn_transposed(fan_in, fan_out, rng):
    print("uniform")
    variance = 2 / (fan_in + fan_out)
    return (np.sqrt(12 * variance) * (rng.random((fan_in, fan_out)) - 0.5)).T


@right("xavier_uniform")
def uniform_signs_and_sizes(fan_in, fan_out, rng):
    bound = (6 / (fan_in + fan_out)) ** 0.5
    signs = rng.choice([-1.0, 1.0], size=(fan_out, fan_in))
    warnings.warn("signs apart", stacklevel=1)
    return np.asfortranarray(signs * rng.uniform(0, bound, size=(fan_out, fan_in)))


@wrong(
    "xavier_uniform",
    "the standard deviation as bound",
    "You take the standard deviation for the bound. A uniform law fills the interval between its bounds, and its standard deviation is that bound divided by √3: your variance is a third of Xavier's.",
    loses=["weights_scale"],
)
def uniform_std_as_bound(fan_in, fan_out, rng):
    bound = np.sqrt(2 / (fan_in + fan_out))
    return rng.uniform(-bound, bound, size=(fan_out, fan_in))


@wrong(
    "xavier_uniform",
    "half of Xavier's variance",
    "Your bound belongs to the variance 1/(fan_in + fan_out). The mean of the two fans has a 2 in it; solve variance = bound²/3 once more with that.",
    loses=["weights_scale"],
)
def uniform_half_the_variance(fan_in, fan_out, rng):
    bound = np.sqrt(3 / (fan_in + fan_out))
    return rng.uniform(-bound, bound, size=(fan_out, fan_in))


@wrong(
    "xavier_uniform",
    "the bound without its root",
    "The bound of your interval is the square of what it should be. A variance has the square of the unit of a weight; the bound has that of a weight.",
    loses=["weights_scale"],
)
def uniform_without_root(fan_in, fan_out, rng):
    bound = 6 / (fan_in + fan_out)
    return rng.uniform(-bound, bound, size=(fan_out, fan_in))


@wrong(
    "xavier_uniform",
    "fan-in alone",
    "Only the fan-in stands in your bound. Xavier's rule weighs the way forward against the way back, and for that it needs both fans.",
    loses=["weights_scale"],
)
def uniform_fan_in(fan_in, fan_out, rng):
    bound = np.sqrt(3 / fan_in)
    return rng.uniform(-bound, bound, size=(fan_out, fan_in))


@wrong(
    "xavier_uniform",
    "He's bound",
    "Your bound is that of He's rule: it belongs to the variance 2/fan_in. Xavier's compromise has both fans in it.",
    loses=["weights_scale"],
)
def uniform_he(fan_in, fan_out, rng):
    bound = np.sqrt(6 / fan_in)
    return rng.uniform(-bound, bound, size=(fan_out, fan_in))


@wrong(
    "xavier_uniform",
    "a sum without brackets",
    "A division comes before a sum: without brackets you divide by the fan-in and add the fan-out. Your weights are far larger than 1.",
    loses=["weights_scale"],
)
def uniform_without_brackets(fan_in, fan_out, rng):
    bound = np.sqrt(6 / fan_in + fan_out)
    return rng.uniform(-bound, bound, size=(fan_out, fan_in))


@wrong(
    "xavier_uniform",
    "normal with the right variance",
    "The variance is Xavier's, but the law is normal: some of your weights lie far outside the bounds.",
    loses=["weights_law"],
)
def uniform_normal(fan_in, fan_out, rng):
    return rng.normal(0.0, np.sqrt(2 / (fan_in + fan_out)), size=(fan_out, fan_in))


@wrong(
    "xavier_uniform",
    "positive weights only",
    "rng.random lies between 0 and 1, and so all of your weights are positive. Their mean should be 0, or every layer adds up its inputs to a large common shift.",
    loses=["weights_scale"],
)
def uniform_positive(fan_in, fan_out, rng):
    return np.sqrt(6 / (fan_in + fan_out)) * rng.random((fan_out, fan_in))


@wrong("xavier_uniform", "a row per input", TURNED, loses=["weights_type"])
def uniform_turned(fan_in, fan_out, rng):
    bound = np.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-bound, bound, size=(fan_in, fan_out))


@wrong("xavier_uniform", "one weight per unit", COLUMNS, loses=["weights_independent"])
def uniform_one_per_unit(fan_in, fan_out, rng):
    bound = np.sqrt(6 / (fan_in + fan_out))
    return np.repeat(rng.uniform(-bound, bound, size=(fan_out, 1)), fan_in, axis=1)


@wrong("xavier_uniform", "a generator of one's own", OWN, loses=["weights_rng"])
def uniform_own_generator(fan_in, fan_out, rng):
    return uniform_between_bounds(fan_in, fan_out, np.random.default_rng(42))


@wrong("xavier_uniform", "numpy's global generator", GLOBAL, loses=["weights_rng"])
def uniform_global_generator(fan_in, fan_out, rng):
    bound = np.sqrt(6 / (fan_in + fan_out))
    return np.random.uniform(-bound, bound, size=(fan_out, fan_in))


# ----------------------------------------------------------------------------------------- xavier_normal


@right("xavier_normal")
def xavier_by_scale(fan_in, fan_out, rng):
    return rng.normal(0.0, np.sqrt(2 / (fan_in + fan_out)), size=(fan_out, fan_in))


@right("xavier_normal")
def xavier_by_harmonic_mean(fan_in, fan_out, rng):
    forward, backward = 1 / fan_in, 1 / fan_out
    variance = 1 / ((1 / forward + 1 / backward) / 2)
    print(variance)
    return np.sqrt(variance) * rng.standard_normal((fan_in, fan_out)).T


@right("xavier_normal")
def xavier_in_loops(fan_in, fan_out, rng):
    std = math.sqrt(2.0 / (fan_in + fan_out))
    columns = [[rng.normal(0, std) for _ in range(fan_out)] for _ in range(fan_in)]
    return np.asfortranarray(np.array(columns).T)


@right("xavier_normal")
def xavier_by_covariance(fan_in, fan_out, rng):
    variance = np.divide(2, fan_in + fan_out)
    flat = rng.normal(size=fan_in * fan_out)
    flat *= variance**0.5
    return flat.reshape(fan_out, fan_in)


@wrong(
    "xavier_normal",
    "variance for a standard deviation",
    "rng.normal takes the standard deviation, and you hand it the variance.",
    loses=["weights_scale"],
)
def xavier_variance_as_scale(fan_in, fan_out, rng):
    return rng.normal(0.0, 2 / (fan_in + fan_out), size=(fan_out, fan_in))


@wrong(
    "xavier_normal",
    "half of Xavier's variance",
    "You divide 1 by the sum of the fans. Where fan_in and fan_out are equal, Xavier's rule should agree with LeCun's; try that with yours.",
    loses=["weights_scale"],
)
def xavier_half(fan_in, fan_out, rng):
    return rng.normal(0.0, np.sqrt(1 / (fan_in + fan_out)), size=(fan_out, fan_in))


@wrong(
    "xavier_normal",
    "fan-in alone",
    "That is LeCun's rule: it keeps the variance forward and forgets the way back. Xavier's has both fans in it.",
    loses=["weights_scale"],
)
def xavier_fan_in(fan_in, fan_out, rng):
    return rng.normal(0.0, np.sqrt(1 / fan_in), size=(fan_out, fan_in))


@wrong(
    "xavier_normal",
    "the arithmetic mean of the variances",
    "You average 1/fan_in and 1/fan_out. That mean is ruled by the smaller fan; Xavier's rule averages the two conditions, fan_in and fan_out, and takes one over the result.",
    loses=["weights_scale"],
)
def xavier_arithmetic(fan_in, fan_out, rng):
    return rng.normal(0.0, np.sqrt((1 / fan_in + 1 / fan_out) / 2), size=(fan_out, fan_in))


@wrong(
    "xavier_normal",
    "the geometric mean of the variances",
    "You divide by √(fan_in·fan_out), the geometric mean of the fans. It is a compromise too, but Xavier's is the arithmetic mean of fan_in and fan_out.",
    loses=["weights_scale"],
)
def xavier_geometric(fan_in, fan_out, rng):
    return rng.normal(0.0, (fan_in * fan_out) ** -0.25, size=(fan_out, fan_in))


@wrong(
    "xavier_normal",
    "the uniform law's bound as standard deviation",
    "√6/√(fan_in + fan_out) is where the uniform version ends. As a standard deviation it makes the variance three times too large.",
    loses=["weights_scale"],
)
def xavier_bound_as_std(fan_in, fan_out, rng):
    return rng.normal(0.0, np.sqrt(6 / (fan_in + fan_out)), size=(fan_out, fan_in))


@wrong(
    "xavier_normal",
    "uniform with the right variance",
    "The variance is Xavier's, but this is the normal version, and your weights are uniform.",
    loses=["weights_law"],
)
def xavier_uniform_instead(fan_in, fan_out, rng):
    bound = np.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-bound, bound, size=(fan_out, fan_in))


@wrong(
    "xavier_normal",
    "clipped at two standard deviations",
    "You push what lies beyond two standard deviations back to the edge. That takes variance away and heaps weights up at two values; here nothing is cut off.",
    loses=["weights_scale", "weights_law"],
)
def xavier_clipped(fan_in, fan_out, rng):
    std = np.sqrt(2 / (fan_in + fan_out))
    jitter = 1e-9 * rng.standard_normal((fan_out, fan_in))
    return np.clip(rng.normal(0.0, std, size=(fan_out, fan_in)), -2 * std, 2 * std) + std * jitter


@wrong("xavier_normal", "a row per input", TURNED, loses=["weights_type"])
def xavier_turned(fan_in, fan_out, rng):
    return rng.normal(0.0, np.sqrt(2 / (fan_in + fan_out)), size=(fan_in, fan_out))


@wrong(
    "xavier_normal",
    "an outer product",
    "You multiply a number per output by a number per input. That is a matrix of rank one: whatever comes in, all units give the same signal at different volumes.",
    loses=["weights_law", "weights_independent"],
)
def xavier_outer(fan_in, fan_out, rng):
    std = np.sqrt(2 / (fan_in + fan_out))
    left, across = rng.standard_normal(fan_out), rng.standard_normal(fan_in)
    left, across = (v / np.sqrt(np.mean(v**2)) for v in (left, across))
    return std * np.outer(left, across)


@wrong("xavier_normal", "a generator of one's own", OWN, loses=["weights_rng"])
def xavier_own_generator(fan_in, fan_out, rng):
    return xavier_by_scale(fan_in, fan_out, np.random.default_rng(1))


@wrong("xavier_normal", "a copy of the generator", COPIED, loses=["weights_rng"])
def xavier_copied_generator(fan_in, fan_out, rng):
    return xavier_by_scale(fan_in, fan_out, copy.deepcopy(rng))


# --------------------------------------------------------------------------------------------- he_normal


@right("he_normal")
def he_by_scale(fan_in, fan_out, rng):
    return rng.normal(0.0, np.sqrt(2 / fan_in), size=(fan_out, fan_in))


@right("he_normal")
def he_from_lecun(fan_in, fan_out, rng):
    return np.sqrt(2) * lecun_drawn_transposed(fan_in, fan_out, rng)


@right("he_normal")
def he_row_by_row(fan_in, fan_out, rng):
    W = np.zeros((fan_out, fan_in))
    for k in reversed(range(fan_out)):
        W[k] = rng.normal(loc=0, scale=math.sqrt(2 / fan_in), size=fan_in)
    return W


@right("he_normal")
def he_einsum_with_a_warning(fan_in, fan_out, rng):
    warnings.warn("He et al.", stacklevel=1)
    draws = rng.standard_normal((1, fan_out, fan_in))
    return np.einsum("koi,k->oi", draws, np.array([np.sqrt(2.0 / fan_in)]))


@wrong(
    "he_normal",
    "variance for a standard deviation",
    "rng.normal takes the standard deviation, and you hand it the variance.",
    loses=["weights_scale"],
)
def he_variance_as_scale(fan_in, fan_out, rng):
    return rng.normal(0.0, 2 / fan_in, size=(fan_out, fan_in))


@wrong(
    "he_normal",
    "the 2 outside of the root",
    "Your standard deviation is 2/√fan_in, so that the variance is four times LeCun's. A ReLU drops half of the mean square: it is the variance that needs doubling.",
    loses=["weights_scale"],
)
def he_two_outside(fan_in, fan_out, rng):
    return rng.normal(0.0, 2 / np.sqrt(fan_in), size=(fan_out, fan_in))


@wrong(
    "he_normal",
    "the root of the 2 only",
    "You take the root of the 2 and not of the fan-in. A standard deviation falls with the root of the number of terms that a unit adds up.",
    loses=["weights_scale"],
)
def he_root_of_two_only(fan_in, fan_out, rng):
    return rng.normal(0.0, np.sqrt(2) / fan_in, size=(fan_out, fan_in))


@wrong(
    "he_normal",
    "fan-out for fan-in",
    "Your variance has the fan-out in it. That version exists, for keeping the gradient's size; the recipe here keeps the signal's, and a unit adds up its inputs.",
    loses=["weights_scale"],
)
def he_fan_out(fan_in, fan_out, rng):
    return rng.normal(0.0, np.sqrt(2 / fan_out), size=(fan_out, fan_in))


@wrong(
    "he_normal",
    "Xavier's variance",
    "That is Xavier's rule. It has a 2 as well, but from the mean of two fans; He's 2 makes up for the half that ReLU drops, and has the fan-in alone under it.",
    loses=["weights_scale"],
)
def he_xavier(fan_in, fan_out, rng):
    return rng.normal(0.0, np.sqrt(2 / (fan_in + fan_out)), size=(fan_out, fan_in))


@wrong(
    "he_normal",
    "LeCun's variance",
    "That is LeCun's rule. It keeps the variance of the sums, but a ReLU lets only half of their mean square through, layer after layer.",
    loses=["weights_scale"],
)
def he_lecun(fan_in, fan_out, rng):
    return rng.normal(0.0, np.sqrt(1 / fan_in), size=(fan_out, fan_in))


@wrong(
    "he_normal",
    "uniform with the right variance",
    "The variance is He's, but the recipe asks for normal weights, and yours are uniform.",
    loses=["weights_law"],
)
def he_uniform_instead(fan_in, fan_out, rng):
    bound = np.sqrt(6 / fan_in)
    return rng.uniform(-bound, bound, size=(fan_out, fan_in))


@wrong(
    "he_normal",
    "cut off, with the variance mended",
    "You cut the normal law off at two standard deviations and scale it back to the right variance, as some libraries do by default. The contract asks for untruncated draws.",
    loses=["weights_law"],
)
def he_truncated_and_mended(fan_in, fan_out, rng):
    return truncated(rng, (fan_out, fan_in)) * np.sqrt(2 / fan_in) / 0.87962566103423978


@wrong("he_normal", "a row per input", TURNED, loses=["weights_type"])
def he_turned(fan_in, fan_out, rng):
    return rng.normal(0.0, np.sqrt(2 / fan_in), size=(fan_in, fan_out))


@wrong("he_normal", "one row for all units", SHARED, loses=["weights_independent"])
def he_shared(fan_in, fan_out, rng):
    return np.ones((fan_out, 1)) * rng.normal(0.0, np.sqrt(2 / fan_in), size=fan_in)


@wrong("he_normal", "a generator of one's own", OWN, loses=["weights_rng"])
def he_own_generator(fan_in, fan_out, rng):
    return he_by_scale(fan_in, fan_out, np.random.default_rng(7))


@wrong("he_normal", "numpy's global generator", GLOBAL, loses=["weights_rng"])
def he_global_generator(fan_in, fan_out, rng):
    return np.random.normal(0.0, np.sqrt(2 / fan_in), (fan_out, fan_in))


# ------------------------------------------------------------------------------------- forward_variances

ACTIVATIONS = {"linear": lambda s: s, "tanh": np.tanh, "relu": lambda s: np.maximum(s, 0)}
SLOPES = {
    "linear": lambda s: np.ones_like(s),
    "tanh": lambda s: 1 - np.tanh(s) ** 2,
    "relu": lambda s: (s > 0).astype(float),
}

MEAN_SQUARE = "You compute mean squares. They are variances only where the mean is 0, and neither inputs nor what leaves a ReLU need to be centred."
UNBIASED = "You divide by n − 1, as statisticians do to estimate the spread of a population. In this course, and in numpy's default, the variance is a mean: it divides by n, and that of a single number is 0."
BY_UNIT = "You take the variance of each unit over the samples, and average. Then the differences between the units' means are lost; asked for is one variance over all entries."
BY_SAMPLE = "You take the variance of each sample over the units, and average. Then the differences between the samples' means are lost; asked for is one variance over all entries."
ROOTS = "You return standard deviations. The chapter's straight lines are of variances: squares multiply by fan-in times var w, their roots do not."
TRANSPOSED = "Weights are (out, in) and samples are rows, so a layer is h @ W.T. Without the transpose the shapes fit only where a layer is square, and then the sums are of another layer."


def walk_up(x, weights, activation):
    outputs = []
    for W in weights:
        x = ACTIVATIONS[activation](x @ W.T)
        outputs.append(x)
    return outputs


@right("forward_variances")
def forward_in_a_row(x, weights, activation):
    return np.array([h.var() for h in walk_up(x, weights, activation)])


@right("forward_variances")
def forward_in_loops(x, weights, activation):
    found = np.zeros(len(weights))
    h = x.tolist()
    for layer, W in enumerate(weights):
        new = []
        for sample in h:
            row = []
            for unit in range(W.shape[0]):
                s = sum(float(W[unit, j]) * sample[j] for j in range(W.shape[1]))
                if activation == "tanh":
                    s = math.tanh(s)
                elif activation == "relu":
                    s = s if s > 0 else 0.0
                row.append(s)
            new.append(row)
        h = new
        flat = [v for row in h for v in row]
        mean = sum(flat) / len(flat)
        found[layer] = sum((v - mean) ** 2 for v in flat) / len(flat)
    return found


@right("forward_variances")
def forward_einsum_with_a_warning(x, weights, activation):
    warnings.warn("einsum again", stacklevel=1)
    h, found = np.asfortranarray(x), np.empty(len(weights))
    for k, W in enumerate(weights):
        s = np.einsum("nj,ij->ni", h, W)
        if activation == "relu":
            s[s < 0] = 0
        elif activation == "tanh":
            np.tanh(s, out=s)
        h = s
        found[k] = np.mean(h**2) - np.mean(h) ** 2
        print(k, found[k])
    return found


@right("forward_variances")
def forward_with_samples_in_columns(x, weights, activation):
    h = x.T.copy()
    found = []
    for W in weights:
        h = W @ h
        if activation == "tanh":
            h = 2 / (1 + np.exp(-2 * h)) - 1
        if activation == "relu":
            h = h * (h > 0)
        found += [np.std(h) ** 2]
    return np.asarray(found)


@right("forward_variances")
def forward_by_recursion(x, weights, activation):
    if not weights:
        return np.zeros(0)
    h = ACTIVATIONS[activation](np.dot(x, weights[0].T))
    total_variance = np.cov(h.ravel(), bias=True)
    return np.concatenate([[total_variance], forward_by_recursion(h, weights[1:], activation)])


@wrong(
    "forward_variances",
    "before the activation",
    "You take the variance of the sums, before the activation. What travels on to the next layer is what leaves the activation.",
    loses=["forward_tanh", "forward_relu", "forward_smallest"],
)
def forward_of_sums(x, weights, activation):
    found = []
    for W in weights:
        s = x @ W.T
        found.append(s.var())
        x = ACTIVATIONS[activation](s)
    return np.array(found)


@wrong(
    "forward_variances",
    "no activation after the last layer",
    "You leave out the activation after the last matrix, as a classifier does. Here every layer ends in it, the last one too.",
    loses=["forward_tanh", "forward_relu", "forward_smallest"],
)
def forward_open_end(x, weights, activation):
    found = forward_in_a_row(x, weights, activation)
    for W in weights[:-1]:
        x = ACTIVATIONS[activation](x @ W.T)
    found[-1] = (x @ weights[-1].T).var()
    return found


@wrong(
    "forward_variances",
    "mean squares",
    MEAN_SQUARE,
    loses=["forward_linear", "forward_tanh", "forward_relu", "forward_smallest"],
)
def forward_mean_squares(x, weights, activation):
    return np.array([np.mean(h**2) for h in walk_up(x, weights, activation)])


@wrong(
    "forward_variances",
    "divided by n − 1",
    UNBIASED,
    loses=["forward_linear", "forward_tanh", "forward_relu", "forward_smallest"],
)
def forward_unbiased(x, weights, activation):
    return np.array([h.var(ddof=1) for h in walk_up(x, weights, activation)])


@wrong(
    "forward_variances",
    "divided by n − 1 except for a single number",
    UNBIASED,
    loses=["forward_linear", "forward_tanh", "forward_relu", "forward_smallest"],
)
def forward_unbiased_where_it_can_be(x, weights, activation):
    return np.array([h.var(ddof=1) if h.size > 1 else 0.0 for h in walk_up(x, weights, activation)])


@wrong(
    "forward_variances",
    "each unit by itself",
    BY_UNIT,
    loses=["forward_linear", "forward_tanh", "forward_relu", "forward_smallest"],
)
def forward_by_unit(x, weights, activation):
    return np.array([h.var(axis=0).mean() for h in walk_up(x, weights, activation)])


@wrong(
    "forward_variances",
    "each sample by itself",
    BY_SAMPLE,
    loses=["forward_linear", "forward_tanh", "forward_relu", "forward_smallest"],
)
def forward_by_sample(x, weights, activation):
    return np.array([h.var(axis=1).mean() for h in walk_up(x, weights, activation)])


@wrong(
    "forward_variances",
    "standard deviations",
    ROOTS,
    loses=["forward_linear", "forward_tanh", "forward_relu", "forward_smallest"],
)
def forward_roots(x, weights, activation):
    return np.sqrt(forward_in_a_row(x, weights, activation))


@wrong(
    "forward_variances",
    "each layer's input",
    "Your list begins with the variance of x and ends before the last layer. Asked for is what leaves each layer, not what enters it.",
    loses=["forward_linear", "forward_tanh", "forward_relu", "forward_smallest"],
)
def forward_of_inputs(x, weights, activation):
    return np.array([h.var() for h in [x, *walk_up(x, weights, activation)[:-1]]])


@wrong(
    "forward_variances",
    "x counted as a layer",
    "The variance of x stands first in your list, which makes it L + 1 long. Asked for is one number per weight matrix.",
    loses=["forward_type", "forward_linear", "forward_tanh", "forward_relu", "forward_smallest"],
)
def forward_with_x(x, weights, activation):
    return np.array([h.var() for h in [x, *walk_up(x, weights, activation)]])


@wrong(
    "forward_variances",
    "the theory instead of the signal",
    "You multiply the variance by fan-in times the variance of the weights, layer by layer. That is what theory predicts on average over draws; asked for is what this network does to these inputs.",
    loses=["forward_linear", "forward_tanh", "forward_relu", "forward_smallest"],
)
def forward_theory(x, weights, activation):
    variance, found = x.var(), []
    for W in weights:
        variance *= W.shape[1] * W.var() * (0.5 if activation == "relu" else 1)
        found.append(variance)
    return np.array(found)


@wrong(
    "forward_variances",
    "no activation at all",
    "The argument activation is never used: every chain of yours is a linear one.",
    loses=["forward_tanh", "forward_relu", "forward_smallest"],
)
def forward_always_linear(x, weights, activation):
    return forward_in_a_row(x, weights, "linear")


@wrong(
    "forward_variances",
    "weights not transposed",
    TRANSPOSED,
    loses=["forward_type", "forward_linear", "forward_tanh", "forward_relu", "forward_smallest"],
)
def forward_without_transpose(x, weights, activation):
    found = []
    for W in weights:
        x = ACTIVATIONS[activation](x @ W)
        found.append(x.var())
    return np.array(found)


@wrong(
    "forward_variances",
    "the list of weights used up",
    "You take the matrices out of the list that the caller gave you. The numbers are right, and the caller's network has no layers left.",
    loses=["inputs_unchanged"],
)
def forward_pops_the_weights(x, weights, activation):
    found = []
    while weights:
        x = ACTIVATIONS[activation](x @ weights.pop(0).T)
        found.append(x.var())
    return np.array(found)


@wrong(
    "forward_variances",
    "inputs centred first",
    "You take the mean out of the inputs before you begin. Asked for is what the network does to x as it is.",
    loses=["forward_linear", "forward_tanh", "forward_relu", "forward_smallest"],
)
def forward_centred(x, weights, activation):
    return forward_in_a_row(x - x.mean(axis=0), weights, activation)


# ------------------------------------------------------------------------------------ backward_variances


def sums_of(x, weights, activation):
    found = []
    for W in weights:
        found.append(x @ W.T)
        x = ACTIVATIONS[activation](found[-1])
    return found


def walk_down(x, weights, activation, dy, slope=None):
    """Return the gradients at every layer's input, the first layer's first, and dy."""
    slope = SLOPES[activation] if slope is None else slope
    found = [dy]
    for W, s in zip(weights[::-1], sums_of(x, weights, activation)[::-1], strict=True):
        found.append((found[-1] * slope(s)) @ W)
    return found[::-1]


@right("backward_variances")
def backward_in_a_row(x, weights, activation, dy):
    return np.array([g.var() for g in walk_down(x, weights, activation, dy)[:-1]])


@right("backward_variances")
def backward_in_loops(x, weights, activation, dy):
    L, N = len(weights), len(x)
    found = np.zeros(L)
    inputs = [x]
    for W in weights:
        inputs.append(ACTIVATIONS[activation](inputs[-1] @ W.T))
    g = [[float(v) for v in row] for row in dy]
    for layer in range(L - 1, -1, -1):
        W, h = weights[layer], inputs[layer + 1]
        out, into = W.shape
        new = [[0.0] * into for _ in range(N)]
        for n in range(N):
            for i in range(out):
                slope = 1.0
                if activation == "tanh":
                    slope = 1 - h[n, i] ** 2
                elif activation == "relu":
                    slope = 1.0 if h[n, i] > 0 else 0.0
                for j in range(into):
                    new[n][j] += g[n][i] * slope * W[i, j]
        g = new
        flat = [v for row in g for v in row]
        found[layer] = sum(v * v for v in flat) / len(flat) - (sum(flat) / len(flat)) ** 2
    return found


@right("backward_variances")
def backward_einsum_with_a_warning(x, weights, activation, dy):
    warnings.warn("backwards", stacklevel=1)
    masks, h = [], x
    for W in weights:
        s = np.einsum("nj,ij->ni", h, W)
        if activation == "relu":
            h = np.where(s > 0, s, 0.0)
            masks.append((s > 0) * 1.0)
        elif activation == "tanh":
            h = np.tanh(s)
            masks.append(np.cosh(s) ** -2)
        else:
            h = s
            masks.append(1.0)
    g, found = dy, []
    for W, mask in zip(reversed(weights), reversed(masks), strict=True):
        g = np.einsum("ni,ij->nj", g * mask, W)
        found.insert(0, np.var(g))
        print(found[0])
    return np.array(found)


@right("backward_variances")
def backward_by_jacobians(x, weights, activation, dy):
    down = [[] for _ in weights]
    for sample, end in zip(x, dy, strict=True):
        h, jacobians = sample, []
        for W in weights:
            s = W @ h
            jacobians.append(SLOPES[activation](s)[:, None] * W)
            h = ACTIVATIONS[activation](s)
        g = end
        for layer in range(len(weights))[::-1]:
            g = jacobians[layer].T @ g
            down[layer].append(g)
    return np.array([np.var(np.stack(g)) for g in down])


@right("backward_variances")
def backward_by_recursion(x, weights, activation, dy):
    def below(h, rest):
        if not rest:
            return dy, []
        s = h @ rest[0].T
        g, found = below(ACTIVATIONS[activation](s), rest[1:])
        g = np.asfortranarray(g * SLOPES[activation](s)) @ rest[0]
        return g, [g.var(), *found]

    return np.array(below(x, weights)[1])


@wrong(
    "backward_variances",
    "no slope of the activation",
    "You send the gradient through the matrices only. On its way back it also crosses each activation, and is multiplied by the slope there.",
    loses=["backward_tanh", "backward_relu", "backward_relu_at_zero", "backward_smallest"],
)
def backward_always_linear(x, weights, activation, dy):
    return np.array([g.var() for g in walk_down(x, weights, activation, dy, np.ones_like)[:-1]])


@wrong(
    "backward_variances",
    "the last activation forgotten",
    "You begin behind the last activation: dy is the gradient at its output, and has to cross it before it comes to the last matrix.",
    loses=["backward_tanh", "backward_relu", "backward_relu_at_zero", "backward_smallest"],
)
def backward_skips_the_last(x, weights, activation, dy):
    sums = sums_of(x, weights, activation)
    g, found = dy, []
    for k in reversed(range(len(weights))):
        g = (g if k == len(weights) - 1 else g * SLOPES[activation](sums[k])) @ weights[k]
        found.append(g.var())
    return np.array(found[::-1])


@wrong(
    "backward_variances",
    "the slope of tanh at tanh",
    "You evaluate the slope of tanh at its output. If h is the output, 1 − h² is the slope; 1 − tanh(h)² applies tanh twice.",
    loses=["backward_tanh", "backward_smallest"],
)
def backward_tanh_twice(x, weights, activation, dy):
    return np.array(
        [
            g.var()
            for g in walk_down(x, weights, activation, dy, lambda s: SLOPES[activation](ACTIVATIONS[activation](s)))[
                :-1
            ]
        ]
    )


@wrong(
    "backward_variances",
    "the slope of tanh without its square",
    "Your slope of tanh is 1 − tanh(s). The square is missing: for large negative sums yours is 2, where the curve is flat.",
    loses=["backward_tanh", "backward_smallest"],
)
def backward_tanh_without_square(x, weights, activation, dy):
    slope = (lambda s: 1 - np.tanh(s)) if activation == "tanh" else None
    return np.array([g.var() for g in walk_down(x, weights, activation, dy, slope)[:-1]])


@wrong(
    "backward_variances",
    "the slope of tanh from the sum",
    "You compute 1 − s² from the sum s. It is the output of tanh that belongs there: for sums beyond 1 your slope is negative, on a curve that only rises.",
    loses=["backward_tanh", "backward_smallest"],
)
def backward_tanh_of_sum(x, weights, activation, dy):
    slope = (lambda s: 1 - s**2) if activation == "tanh" else None
    return np.array([g.var() for g in walk_down(x, weights, activation, dy, slope)[:-1]])


@wrong(
    "backward_variances",
    "a mask that is always true",
    "You ask where the output of the ReLU is at least 0. It is so everywhere; what you want to know is where the sum was positive.",
    loses=["backward_relu", "backward_relu_at_zero"],
)
def backward_mask_always_true(x, weights, activation, dy):
    slope = (lambda s: (np.maximum(s, 0) >= 0) * 1.0) if activation == "relu" else None
    return np.array([g.var() for g in walk_down(x, weights, activation, dy, slope)[:-1]])


@wrong(
    "backward_variances",
    "slope 1 at 0",
    "You let the gradient through where the sum is exactly 0. Any value between 0 and 1 can be defended; in this course, and in torch, it is 0.",
    loses=["backward_relu_at_zero"],
)
def backward_one_at_zero(x, weights, activation, dy):
    slope = (lambda s: (s >= 0) * 1.0) if activation == "relu" else None
    return np.array([g.var() for g in walk_down(x, weights, activation, dy, slope)[:-1]])


@wrong(
    "backward_variances",
    "slope one half at 0",
    "You give ReLU the slope ½ where the sum is exactly 0. Any value between 0 and 1 can be defended; in this course, and in torch, it is 0.",
    loses=["backward_relu_at_zero"],
)
def backward_half_at_zero(x, weights, activation, dy):
    slope = (lambda s: np.heaviside(s, 0.5)) if activation == "relu" else None
    return np.array([g.var() for g in walk_down(x, weights, activation, dy, slope)[:-1]])


@wrong(
    "backward_variances",
    "the sign of the gradient instead of the sum's",
    "You let through what is positive in the gradient. What a ReLU lets through was decided on the way forward, by the sign of the sum.",
    loses=["backward_relu", "backward_relu_at_zero"],
)
def backward_relu_of_gradient(x, weights, activation, dy):
    if activation != "relu":
        return backward_in_a_row(x, weights, activation, dy)
    found = []
    for W in weights[::-1]:
        dy = np.maximum(dy, 0) @ W
        found.append(dy.var())
    return np.array(found[::-1])


@wrong(
    "backward_variances",
    "last layer first",
    "Your numbers are in the order in which the gradient meets the layers. The contract wants them in the order of the layers.",
    loses=["backward_linear", "backward_tanh", "backward_relu", "backward_relu_at_zero", "backward_smallest"],
)
def backward_last_first(x, weights, activation, dy):
    return backward_in_a_row(x, weights, activation, dy)[::-1].copy()


@wrong(
    "backward_variances",
    "each layer's output",
    "You report the gradient at each layer's output: the variance of dy is among your numbers, and that at x is missing.",
    loses=["backward_linear", "backward_tanh", "backward_relu", "backward_relu_at_zero", "backward_smallest"],
)
def backward_at_outputs(x, weights, activation, dy):
    return np.array([g.var() for g in walk_down(x, weights, activation, dy)[1:]])


@wrong(
    "backward_variances",
    "at the sums",
    "You report the gradient at the sums, after it has crossed the activation. At the layer's input it has crossed the matrix as well.",
    loses=["backward_linear", "backward_tanh", "backward_relu", "backward_relu_at_zero", "backward_smallest"],
)
def backward_at_sums(x, weights, activation, dy):
    gradients = walk_down(x, weights, activation, dy)[1:]
    sums = sums_of(x, weights, activation)
    return np.array([(g * SLOPES[activation](s)).var() for g, s in zip(gradients, sums, strict=True)])


@wrong(
    "backward_variances",
    "dy counted as well",
    "The variance of dy stands at the end of your list, which makes it L + 1 long. Asked for is one number per layer, at its input.",
    loses=[
        "backward_type",
        "backward_linear",
        "backward_tanh",
        "backward_relu",
        "backward_relu_at_zero",
        "backward_smallest",
    ],
)
def backward_with_dy(x, weights, activation, dy):
    return np.array([g.var() for g in walk_down(x, weights, activation, dy)])


@wrong(
    "backward_variances",
    "gradients of the weights",
    "You report how much the gradients of the weight matrices vary. They are what training uses; asked for here is the gradient at the signals.",
    loses=["backward_linear", "backward_tanh", "backward_relu", "backward_relu_at_zero", "backward_smallest"],
)
def backward_of_weights(x, weights, activation, dy):
    gradients = walk_down(x, weights, activation, dy)[1:]
    inputs = [x, *walk_up(x, weights, activation)]
    sums = sums_of(x, weights, activation)
    return np.array(
        [((g * SLOPES[activation](s)).T @ h).var() for g, s, h in zip(gradients, sums, inputs[:-1], strict=True)]
    )


@wrong(
    "backward_variances",
    "mean squares",
    MEAN_SQUARE,
    loses=["backward_linear", "backward_tanh", "backward_relu", "backward_relu_at_zero", "backward_smallest"],
)
def backward_mean_squares(x, weights, activation, dy):
    return np.array([np.mean(g**2) for g in walk_down(x, weights, activation, dy)[:-1]])


@wrong(
    "backward_variances",
    "divided by n − 1",
    UNBIASED,
    loses=["backward_linear", "backward_tanh", "backward_relu", "backward_relu_at_zero", "backward_smallest"],
)
def backward_unbiased(x, weights, activation, dy):
    return np.array([g.var(ddof=1) for g in walk_down(x, weights, activation, dy)[:-1]])


@wrong(
    "backward_variances",
    "each unit by itself",
    BY_UNIT,
    loses=["backward_linear", "backward_tanh", "backward_relu", "backward_relu_at_zero", "backward_smallest"],
)
def backward_by_unit(x, weights, activation, dy):
    return np.array([g.var(axis=0).mean() for g in walk_down(x, weights, activation, dy)[:-1]])


@wrong(
    "backward_variances",
    "divided by the number of samples",
    "You divide the gradient by the number of samples. The mean over samples belongs to a loss, and whatever gave you dy has taken care of it.",
    loses=["backward_linear", "backward_tanh", "backward_relu", "backward_relu_at_zero", "backward_smallest"],
)
def backward_over_n(x, weights, activation, dy):
    return backward_in_a_row(x, weights, activation, dy / len(x))


@wrong(
    "backward_variances",
    "dy overwritten",
    "You multiply the slope into the array dy itself. The caller's gradient is not what it was; write g = g * slope instead of g *= slope.",
    loses=["inputs_unchanged"],
)
def backward_overwrites_dy(x, weights, activation, dy):
    found = []
    for W, s in zip(weights[::-1], sums_of(x, weights, activation)[::-1], strict=True):
        dy *= SLOPES[activation](s)
        dy = dy @ W
        found.append(dy.var())
    return np.array(found[::-1])


@wrong(
    "backward_variances",
    "the list of weights turned around",
    "weights.reverse() turns the caller's list around, and the caller's network with it. reversed(weights) walks it backwards and leaves it alone.",
    loses=["inputs_unchanged"],
)
def backward_reverses_the_weights(x, weights, activation, dy):
    found = backward_in_a_row(x, weights, activation, dy)
    weights.reverse()
    return found
