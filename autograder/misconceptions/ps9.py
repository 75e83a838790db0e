"""Problem set 9, the same network in torch: right answers in different styles, and the mistakes people make."""

from __future__ import annotations

import copy
import warnings
from itertools import pairwise

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from autograder.misconceptions import Table
from autograder.references.ps9 import build_mlp  # also what train_epoch and evaluate find beside them

TABLE = Table()
right, wrong = TABLE.right, TABLE.wrong

# ruff: noqa: D101, D102, D103 - the name given to each answer says what it is
# mypy: disable-error-code="no-untyped-def,no-untyped-call,type-arg,has-type,var-annotated,attr-defined,misc,call-arg,name-defined,union-attr,arg-type,return-value,assignment,operator,index,no-any-return,list-item"

RULES = {
    "sgd": torch.optim.SGD,
    "adam": torch.optim.Adam,
    "rmsprop": torch.optim.RMSprop,
    "adagrad": torch.optim.Adagrad,
}
CURVES = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}


def tensors(model, X, labels):
    return torch.as_tensor(X, dtype=next(model.parameters()).dtype), torch.as_tensor(labels)


def shuffled(n, batch_size, seed):
    return torch.randperm(n, generator=torch.Generator().manual_seed(seed)).split(batch_size)


# --------------------------------------------------------------------------------------------- build_mlp


@right("build_mlp")
def mlp_appended(sizes, activation="relu", batch_norm=False):
    model = nn.Sequential()
    for k in range(len(sizes) - 1):
        model.append(nn.Linear(sizes[k], sizes[k + 1]))
        if k < len(sizes) - 2:
            if batch_norm:
                model.append(nn.BatchNorm1d(sizes[k + 1]))
            model.append(nn.ReLU() if activation == "relu" else nn.Tanh())
    return model


@right("build_mlp")
def mlp_of_blocks(sizes, activation="relu", batch_norm=False):
    def block(fan_in, fan_out):
        norm = [nn.BatchNorm1d(fan_out)] if batch_norm else []
        return nn.Sequential(nn.Linear(fan_in, fan_out, bias=not batch_norm), *norm, CURVES[activation]())

    return nn.Sequential(*map(block, sizes[:-2], sizes[1:-1]), nn.Linear(*sizes[-2:]))


@right("build_mlp")
def mlp_popped(sizes, activation="relu", batch_norm=False):
    print("sizes", sizes)
    layers = []
    for fan_in, fan_out in pairwise(sizes):
        layers += [
            nn.Linear(fan_in, fan_out),
            nn.BatchNorm1d(fan_out),
            getattr(nn, {"relu": "ReLU"}.get(activation, "Tanh"))(),
        ]
    layers = layers[:-2]
    return nn.Sequential(*(layer for layer in layers if batch_norm or not isinstance(layer, nn.BatchNorm1d)))


@right("build_mlp")
def mlp_lazy(sizes, activation="relu", batch_norm=False):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = nn.Sequential()
        curve = CURVES[activation]()  # one object without parameters may stand in many places
        for number, width in enumerate(sizes[1:], start=1):
            model.add_module(f"linear{number}", nn.LazyLinear(width))
            if width is not None and number < len(sizes) - 1:
                if batch_norm:
                    model.add_module(f"norm{number}", nn.BatchNorm1d(width, momentum=0.2))
                model.add_module(f"curve{number}", curve)
    return model


class Curved(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


class Affine(nn.Module):
    def __init__(self, fan_in, fan_out):
        super().__init__()
        self.W = nn.Parameter(torch.randn(fan_out, fan_in) * (2 / fan_in) ** 0.5)
        self.b = nn.Parameter(torch.zeros(fan_out))

    def forward(self, x):
        return x @ self.W.T + self.b


@right("build_mlp")
def mlp_of_own_modules(sizes, activation="relu", batch_norm=False):
    warnings.warn("double precision", stacklevel=1)
    layers = []
    for fan_in, fan_out in pairwise(sizes):
        layers.append(Affine(fan_in, fan_out))
        if batch_norm:
            layers.append(nn.BatchNorm1d(fan_out, affine=False))
        layers.append(Curved(torch.relu if activation == "relu" else torch.tanh))
    return nn.Sequential(*layers[: -2 if batch_norm else -1]).double()


def mlp_with(sizes, activation, layers_of, end=()):
    """Put together a network of which only the hidden layers are in question."""
    layers = []
    for fan_in, fan_out in pairwise(sizes[:-1]):
        layers += layers_of(nn.Linear(fan_in, fan_out), fan_out, CURVES[activation]())
    return nn.Sequential(*layers, nn.Linear(sizes[-2], sizes[-1]), *end)


@wrong(
    "build_mlp",
    "an activation after the last layer",
    "Your network ends in an activation. Its outputs are logits, and a logit may be any number: a ReLU at the end cannot say "
    "that a class is unlikely, a tanh cannot be sure of anything.",
    loses=["build_end"],
)
def mlp_active_to_the_end(sizes, activation="relu", batch_norm=False):
    layers = []
    for number, (fan_in, fan_out) in enumerate(pairwise(sizes), start=2):
        layers.append(nn.Linear(fan_in, fan_out))
        layers += [nn.BatchNorm1d(fan_out)] * (batch_norm and number < len(sizes))
        layers.append(CURVES[activation]())
    return nn.Sequential(*layers)


@wrong(
    "build_mlp",
    "a softmax at the end",
    "Your network ends in a softmax. torch's cross-entropy takes logits and has the softmax inside; a second one flattens "
    "the gradient, and the network learns slowly without ever failing.",
    loses=["build_end"],
)
def mlp_softmax(sizes, activation="relu", batch_norm=False):
    def hidden(linear, width, curve):
        return [linear, *[nn.BatchNorm1d(width)] * batch_norm, curve]

    return mlp_with(sizes, activation, hidden, [nn.Softmax(dim=1)])


@wrong(
    "build_mlp",
    "normalization after the activation",
    "You normalize what comes out of the activation. Asked for is the other order: the linear layer's output is normalized, and "
    "the activation sees numbers around 0, half of them negative.",
    loses=["build_norm_train", "build_norm_eval"],
)
def mlp_norm_behind(sizes, activation="relu", batch_norm=False):
    return mlp_with(sizes, activation, lambda a, width, c: [a, c, *[nn.BatchNorm1d(width)] * batch_norm])


@wrong(
    "build_mlp",
    "the outputs are normalized too",
    "The last layer is followed by a normalization. It forces the logits of every batch to the same mean and spread, so "
    "that the loss of a sample depends on its company; only hidden layers are asked to have one.",
    loses=["build_end", "build_norm_train", "build_norm_eval"],
)
def mlp_norm_at_the_end(sizes, activation="relu", batch_norm=False):
    def hidden(linear, width, curve):
        return [linear, *[nn.BatchNorm1d(width)] * batch_norm, curve]

    return mlp_with(sizes, activation, hidden, [nn.BatchNorm1d(sizes[-1])] * batch_norm)


@wrong(
    "build_mlp",
    "the inputs are normalized instead",
    "You normalize the inputs once, in front of everything. Batch normalization is asked for where distributions drift "
    "while the network learns: between each hidden linear layer and its activation.",
    loses=["build_end", "build_norm_train", "build_norm_eval"],
)
def mlp_norm_in_front(sizes, activation="relu", batch_norm=False):
    model = mlp_with(sizes, activation, lambda a, width, c: [a, c])
    return nn.Sequential(*[nn.BatchNorm1d(sizes[0])] * batch_norm, *model)


@wrong(
    "build_mlp",
    "batch_norm is ignored",
    "With batch_norm=True the model is the same as without. The argument decides whether hidden layers are normalized.",
    loses=["build_norm_train", "build_norm_eval"],
)
def mlp_without_norm(sizes, activation="relu", batch_norm=False):
    return mlp_with(sizes, activation, lambda a, width, c: [a, c])


@wrong(
    "build_mlp",
    "activation is ignored",
    "The model has ReLUs whatever is asked for. Which activation stands between the layers is the argument's to say.",
    loses=["build_tanh", "build_norm_train", "build_norm_eval"],
)
def mlp_always_relu(sizes, activation="relu", batch_norm=False):
    return mlp_with(sizes, "relu", lambda a, width, c: [a, *[nn.BatchNorm1d(width)] * batch_norm, c])


@wrong(
    "build_mlp",
    "nothing between the layers",
    "Your linear layers follow each other with nothing crooked between them. A product of matrices is a matrix: however deep, "
    "such a network is one linear layer.",
    loses=["build_relu", "build_tanh", "build_norm_train", "build_norm_eval"],
)
def mlp_linear(sizes, activation="relu", batch_norm=False):
    return mlp_with(sizes, activation, lambda a, width, c: [a, *[nn.BatchNorm1d(width)] * batch_norm])


@wrong(
    "build_mlp",
    "one normalization for all layers",
    "One normalizing object stands in several places. Its running statistics then mix what different layers see, and belong to "
    "none of them; every place needs an object of its own.",
    loses=["build_norm_train", "build_norm_eval"],
)
def mlp_one_norm(sizes, activation="relu", batch_norm=False):
    kept = {}

    def hidden(linear, width, curve):
        return [linear, *[kept.setdefault(width, nn.BatchNorm1d(width))] * batch_norm, curve]

    return mlp_with(sizes, activation, hidden)


@wrong(
    "build_mlp",
    "one layer in several places",
    "Hidden layers of the same width are one and the same object. Whatever one place learns, the others get too: every "
    "place needs weights of its own.",
    loses=["build_layers", "build_relu"],
)
def mlp_one_layer(sizes, activation="relu", batch_norm=False):
    kept = {}
    layers = []
    for number, (fan_in, fan_out) in enumerate(pairwise(sizes), start=2):
        layers.append(kept.setdefault((fan_in, fan_out), nn.Linear(fan_in, fan_out)))
        if number < len(sizes):
            layers += [*[nn.BatchNorm1d(fan_out)] * batch_norm, CURVES[activation]()]
    return nn.Sequential(*layers)


@wrong(
    "build_mlp",
    "the last layer is missing",
    "Your network ends at the last hidden layer. Count the steps from each number in sizes to the next: so many linear "
    "layers there are.",
    loses=["build_layers", "build_relu", "build_tanh", "build_end", "build_norm_train", "build_norm_eval"],
)
def mlp_without_the_last(sizes, activation="relu", batch_norm=False):
    layers = []
    for fan_in, fan_out in pairwise(sizes[:-1]):
        layers += [nn.Linear(fan_in, fan_out), *[nn.BatchNorm1d(fan_out)] * batch_norm, CURVES[activation]()]
    return nn.Sequential(*layers)


@wrong(
    "build_mlp",
    "statistics of the batch in eval mode as well",
    "Your normalization keeps no running statistics, so that in eval mode too an image's reading depends on the images beside "
    "it, and one image alone cannot be read at all.",
    loses=["build_norm_eval"],
)
def mlp_forgetful_norm(sizes, activation="relu", batch_norm=False):
    def hidden(linear, width, curve):
        return [linear, *[nn.BatchNorm1d(width, track_running_stats=False)] * batch_norm, curve]

    return mlp_with(sizes, activation, hidden)


@wrong(
    "build_mlp",
    "normalized per sample",
    "You normalize each sample over its units (layer normalization). Batch normalization takes one unit at a time and looks "
    "at it across the batch; that is why it has two modes.",
    loses=["build_norm_train", "build_norm_eval"],
)
def mlp_layer_norm(sizes, activation="relu", batch_norm=False):
    return mlp_with(sizes, activation, lambda a, width, c: [a, *[nn.LayerNorm(width)] * batch_norm, c])


@wrong(
    "build_mlp",
    "sizes is used up",
    "Your function takes the numbers out of the list that it was given, and whoever called it finds the list shorter. Read it, "
    "or work on a copy.",
    loses=["inputs_unchanged"],
)
def mlp_popping(sizes, activation="relu", batch_norm=False):
    layers = []
    fan_in = sizes.pop(0)
    while len(sizes) > 1:
        width = sizes.pop(0)
        layers += [nn.Linear(fan_in, width), *[nn.BatchNorm1d(width)] * batch_norm, CURVES[activation]()]
        fan_in = width
    return nn.Sequential(*layers, nn.Linear(fan_in, sizes[0]))


@wrong(
    "build_mlp",
    "a list of layers",
    "You return the layers, in a list. Nothing calls them one after the other yet: torch has a container that does.",
    loses=[
        "build_type",
        "build_layers",
        "build_relu",
        "build_tanh",
        "build_end",
        "build_norm_train",
        "build_norm_eval",
    ],
)
def mlp_list(sizes, activation="relu", batch_norm=False):
    return list(mlp_appended(sizes, activation, batch_norm))


# ------------------------------------------------------------------------------------------- train_epoch


@right("train_epoch")
def epoch_by_randperm(model, X, labels, optimizer_name, lr, batch_size, seed):
    X, labels = tensors(model, X, labels)
    optimizer = RULES[optimizer_name](model.parameters(), lr=lr)
    model.train()
    total = 0.0
    for batch in shuffled(len(X), batch_size, seed):
        optimizer.zero_grad()
        loss = functional.cross_entropy(model(X[batch]), labels[batch])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch)
    return total / len(X)


@right("train_epoch")
def epoch_by_loader(model, X, labels, optimizer_name, lr, batch_size, seed):
    torch.manual_seed(seed)
    print("one epoch of", optimizer_name)
    dtype = next(model.parameters()).dtype
    data = TensorDataset(torch.as_tensor(X).to(dtype), torch.as_tensor(labels).long())
    optimizer = getattr(torch.optim, {"sgd": "SGD", "rmsprop": "RMSprop"}.get(optimizer_name, optimizer_name.title()))(
        model.parameters(), lr
    )
    criterion = nn.CrossEntropyLoss(reduction="sum")
    model.train(True)
    total = 0
    for xb, yb in DataLoader(data, batch_size=batch_size, shuffle=True):
        loss = criterion(model(xb), yb)
        (loss / len(xb)).backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=False)
        total += loss.detach()
    return total / len(data)  # a tensor without axes


@right("train_epoch")
def epoch_by_numpy(model, X, labels, optimizer_name, lr, batch_size, seed):
    warnings.warn("shuffled by numpy", stacklevel=1)
    parameters = list(model.parameters())
    X = torch.tensor(np.asarray(X), dtype=parameters[0].dtype)
    labels = torch.tensor(np.asarray(labels), dtype=torch.int64)
    order = np.random.default_rng(seed).permutation(len(X))
    optimizer = RULES[optimizer_name](parameters, lr=lr, foreach=False)
    for module in model.modules():
        module.train()
    losses = np.zeros(len(X))
    for start in range(0, len(X), batch_size):
        batch = order[start : start + batch_size]
        each = functional.cross_entropy(model(X[batch]), labels[batch], reduction="none")
        losses[batch] = each.detach().numpy()
        for p, g in zip(parameters, torch.autograd.grad(each.mean(), parameters), strict=True):
            p.grad = g
        optimizer.step()
    return np.mean(losses)


@right("train_epoch")
def epoch_by_hand(model, X, labels, optimizer_name, lr, batch_size, seed):
    """Descends by hand where it is easy, and measures by log_softmax."""
    X, labels = tensors(model, X, labels)
    rng = torch.Generator()
    rng.manual_seed(2 * seed + 1)
    order = torch.rand(len(X), generator=rng).argsort()
    optimizer = None if optimizer_name == "sgd" else RULES[optimizer_name](model.parameters(), lr=lr)
    model.train()
    losses, sizes = [], []
    for xb, yb in zip(X[order].split(batch_size), labels[order].split(batch_size), strict=True):
        model.zero_grad()
        loss = -functional.log_softmax(model(xb), dim=1)[torch.arange(len(yb)), yb].mean()
        loss.backward()
        if optimizer is None:
            with torch.no_grad():
                for p in model.parameters():
                    p -= lr * p.grad
        else:
            optimizer.step()
        losses.append(float(loss))
        sizes.append(len(xb))
    return float(np.average(losses, weights=sizes))


@right("train_epoch")
def epoch_by_closure(model, X, labels, optimizer_name, lr, batch_size, seed):
    X, labels = tensors(model, X, labels)
    optimizer = RULES[optimizer_name](params=model.parameters(), lr=lr)
    generator = torch.Generator()
    generator.manual_seed(seed)
    data = DataLoader(list(zip(X, labels, strict=True)), batch_size, shuffle=True, generator=generator)
    met = 0.0
    model.train()
    for inputs, targets in data:

        def closure(inputs=inputs, targets=targets):
            optimizer.zero_grad()
            loss = nn.CrossEntropyLoss()(model(inputs), targets)
            loss.backward()
            return loss

        met += optimizer.step(closure).item() * len(targets) / len(X)
    return met


def epoch_with(
    model, X, labels, optimizer_name, lr, batch_size, seed, *, rule=None, batches=None, loss=None, mean=None
):
    """Train as is right, but for what is given."""
    X, labels = tensors(model, X, labels)
    optimizer = (rule or (lambda name, p, lr: RULES[name](p, lr=lr)))(optimizer_name, model.parameters(), lr)
    model.train()
    met, sizes = [], []
    for batch in (batches or shuffled)(len(X), batch_size, seed):
        value = (loss or functional.cross_entropy)(model(X[batch]), labels[batch])
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        met.append(value.item())
        sizes.append(len(batch))
    return (mean or (lambda met, sizes: float(np.average(met, weights=sizes))))(met, sizes)


ALL_RULES = ["epoch_updates", "epoch_adam", "epoch_rmsprop", "epoch_adagrad"]


@wrong(
    "train_epoch",
    "gradients pile up",
    "backward adds to the gradients that are there. Without a fresh start, every batch steps along the sum of all gradients so "
    "far: momentum that never forgets.",
    loses=ALL_RULES,
)
def epoch_piling_up(model, X, labels, optimizer_name, lr, batch_size, seed):
    X, labels = tensors(model, X, labels)
    optimizer = RULES[optimizer_name](model.parameters(), lr=lr)
    model.train()
    total = 0.0
    for batch in shuffled(len(X), batch_size, seed):
        loss = functional.cross_entropy(model(X[batch]), labels[batch])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch)
    return total / len(X)


@wrong(
    "train_epoch",
    "a second softmax",
    "You give probabilities to torch's cross-entropy, which expects logits and takes the softmax itself. Twice softmax is nearly "
    "flat: the loss hardly falls, and nothing fails.",
    loses=[*ALL_RULES, "epoch_loss"],
)
def epoch_softmax(*args):
    return epoch_with(*args, loss=lambda h, y: functional.cross_entropy(torch.softmax(h, dim=1), y))


@wrong(
    "train_epoch",
    "the mean of the batches' means",
    "You take the mean over the batches. The last batch may be smaller; its samples then count for more than the others.",
    loses=["epoch_loss"],
)
def epoch_mean_of_means(*args):
    return epoch_with(*args, mean=lambda met, sizes: float(np.mean(met)))


@wrong(
    "train_epoch",
    "the last batch's loss",
    "You return the loss of the last batch. It speaks of a few samples; the mean over all that were met is asked for.",
    loses=["epoch_loss"],
)
def epoch_last_loss(*args):
    return epoch_with(*args, mean=lambda met, sizes: met[-1])


@wrong(
    "train_epoch",
    "a sum of losses",
    "You add the losses up and do not divide. Such a number grows with the data and cannot be compared with anything.",
    loses=["epoch_loss"],
)
def epoch_sum(*args):
    return epoch_with(*args, mean=lambda met, sizes: float(np.sum(met)))


@wrong(
    "train_epoch",
    "batch means over the number of samples",
    "You add up the batches' mean losses and divide by the number of samples. Each of them is a mean already: before they are "
    "added, it takes the number of samples that it stands for.",
    loses=["epoch_loss"],
)
def epoch_means_over_samples(*args):
    return epoch_with(*args, mean=lambda met, sizes: float(np.sum(met)) / sum(sizes))


@wrong(
    "train_epoch",
    "the loss afterwards",
    "You measure all samples once more after the epoch. Asked for are the losses met on the way, before each update: they cost "
    "nothing, as the gradient needs them anyway.",
    loses=["epoch_loss"],
)
def epoch_loss_afterwards(model, X, labels, *rest):
    epoch_with(model, X, labels, *rest)
    X, labels = tensors(model, X, labels)
    with torch.no_grad():
        return functional.cross_entropy(model(X), labels).item()


@wrong(
    "train_epoch",
    "not shuffled",
    "The samples are met in the order in which they lie. Sorted data then teach one class after the other, and unteach the ones "
    "before.",
    loses=["epoch_shuffles"],
)
def epoch_in_order(*args):
    return epoch_with(*args, batches=lambda n, batch_size, seed: torch.arange(n).split(batch_size))


@wrong(
    "train_epoch",
    "the seed is ignored",
    "You shuffle, but the seed has no say: run twice, the epoch goes two ways, and no result can be repeated.",
    loses=["epoch_shuffles"],
)
def epoch_unseeded(*args):
    return epoch_with(*args, batches=lambda n, batch_size, seed: torch.randperm(n).split(batch_size))


@wrong(
    "train_epoch",
    "always the same seed",
    "You shuffle with a seed of your own. Every epoch then meets the samples in one and the same order.",
    loses=["epoch_shuffles"],
)
def epoch_seed_zero(*args):
    return epoch_with(*args, batches=lambda n, batch_size, seed: shuffled(n, batch_size, 0))


@wrong(
    "train_epoch",
    "the last batch is dropped",
    "What is left over after the full batches is never met. An epoch is one look at every sample.",
    loses=["epoch_batches"],
)
def epoch_drop_last(*args):
    def full(n, batch_size, seed):
        return [batch for batch in shuffled(n, batch_size, seed) if len(batch) == batch_size]

    return epoch_with(*args, batches=full, mean=lambda met, sizes: float(np.sum(met)) / len(met))


@wrong(
    "train_epoch",
    "drawn with replacement",
    "Every batch draws anew from all samples. Some are then met twice in an epoch and a third of them not at all.",
    loses=["epoch_batches"],
)
def epoch_with_replacement(*args):
    def drawn(n, batch_size, seed):
        return torch.randint(n, (n,), generator=torch.Generator().manual_seed(seed)).split(batch_size)

    return epoch_with(*args, batches=drawn)


@wrong(
    "train_epoch",
    "one sample at a time",
    "Your steps follow single samples. batch_size says over how many samples the gradient of a step is averaged.",
    loses=["epoch_batches", "epoch_mode"],
)
def epoch_single(*args):
    return epoch_with(*args, batches=lambda n, batch_size, seed: shuffled(n, 1, seed))


@wrong(
    "train_epoch",
    "not in train mode",
    "You train the model in the mode in which it comes. After an evaluation that is eval mode: dropout sleeps, and batch "
    "normalization neither looks at the batch nor learns anything about it.",
    loses=["epoch_mode"],
)
def epoch_as_it_comes(model, *args):
    came = model.training
    keep = model.train
    model.train = lambda mode=True: model  # the line that is missing
    try:
        return epoch_with(model, *args)
    finally:
        model.train = keep
        assert model.training is came


@wrong(
    "train_epoch",
    "trained in eval mode",
    "You switch to eval mode and train in it. Dropout then sleeps, and batch normalization neither looks at the batch nor "
    "learns anything about it.",
    loses=["epoch_mode"],
)
def epoch_in_eval_mode(model, X, labels, optimizer_name, lr, batch_size, seed):
    X, labels = tensors(model, X, labels)
    optimizer = RULES[optimizer_name](model.parameters(), lr=lr)
    model.eval()
    total = 0.0
    for batch in shuffled(len(X), batch_size, seed):
        optimizer.zero_grad()
        loss = functional.cross_entropy(model(X[batch]), labels[batch])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch)
    return total / len(X)


@wrong(
    "train_epoch",
    "the sum of a batch's losses is differentiated",
    "You step along the gradient of a batch's summed loss. It is batch_size times as long, so that lr means something else for "
    "every batch size, and for the last batch again.",
    loses=ALL_RULES,
)
def epoch_summed_gradient(*args):
    return epoch_with(
        *args,
        loss=lambda h, y: functional.cross_entropy(h, y, reduction="sum"),
        mean=lambda met, sizes: float(np.sum(met)) / sum(sizes),
    )


@wrong(
    "train_epoch",
    "momentum nobody asked for",
    "Your SGD has momentum. torch's default has none, and apart from lr the defaults are asked for.",
    loses=["epoch_updates"],
)
def epoch_momentum(*args):
    return epoch_with(*args, rule=lambda name, p, lr: RULES[name](p, lr, **{"momentum": 0.9} if name == "sgd" else {}))


@wrong(
    "train_epoch",
    "lr reaches SGD only",
    "Adam, RMSprop and AdaGrad run with torch's own step sizes: the lr of your function never reaches them.",
    loses=["epoch_adam", "epoch_rmsprop", "epoch_adagrad"],
)
def epoch_default_lr(*args):
    return epoch_with(*args, rule=lambda name, p, lr: RULES[name](p, **{"lr": lr} if name == "sgd" else {}))


@wrong(
    "train_epoch",
    "AdamW for Adam",
    "Your 'adam' is AdamW, which shrinks all weights a little in every step. Adam, in torch's defaults, does not.",
    loses=["epoch_adam"],
)
def epoch_adamw(*args):
    rules = {**RULES, "adam": torch.optim.AdamW}
    return epoch_with(*args, rule=lambda name, p, lr: rules[name](p, lr=lr))


@wrong(
    "train_epoch",
    "RMSprop that forgets faster",
    "Your RMSprop remembers with 0.9, as in the lectures. torch's default is 0.99, and the defaults are graded here.",
    loses=["epoch_rmsprop"],
)
def epoch_fast_rmsprop(*args):
    return epoch_with(*args, rule=lambda name, p, lr: RULES[name](p, lr, **{"alpha": 0.9} if name == "rmsprop" else {}))


@wrong(
    "train_epoch",
    "Adam whatever is asked for",
    "The optimizer is Adam for every name. optimizer_name decides.",
    loses=["epoch_updates", "epoch_rmsprop", "epoch_adagrad"],
)
def epoch_always_adam(*args):
    return epoch_with(*args, rule=lambda name, p, lr: torch.optim.Adam(p, lr=lr))


@wrong(
    "train_epoch",
    "a new optimizer for every batch",
    "You make the optimizer inside the loop. SGD does not mind; the others keep what they know about past gradients in that object, "
    "and start from nothing in every batch.",
    loses=["epoch_adam", "epoch_rmsprop", "epoch_adagrad"],
)
def epoch_new_optimizers(model, X, labels, optimizer_name, lr, batch_size, seed):
    X, labels = tensors(model, X, labels)
    model.train()
    total = 0.0
    for batch in shuffled(len(X), batch_size, seed):
        optimizer = RULES[optimizer_name](model.parameters(), lr=lr)
        optimizer.zero_grad()
        loss = functional.cross_entropy(model(X[batch]), labels[batch])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch)
    return total / len(X)


@wrong(
    "train_epoch",
    "no step is made",
    "The gradients are computed and nobody follows them: the optimizer never makes a step.",
    loses=ALL_RULES,
)
def epoch_without_steps(model, X, labels, optimizer_name, lr, batch_size, seed):
    return epoch_with(
        model, X, labels, optimizer_name, 0.0, batch_size, seed, rule=lambda name, p, lr: torch.optim.SGD(p, lr=0.0)
    )


@wrong(
    "train_epoch",
    "a copy is trained",
    "You train a copy and drop it. The model that was handed over is the one to be changed.",
    loses=[*ALL_RULES, "epoch_loss", "epoch_batches", "epoch_shuffles", "epoch_mode", "epoch_forms"],
)
def epoch_of_a_copy(model, *args):
    return epoch_with(copy.deepcopy(model), *args)


@wrong(
    "train_epoch",
    "always float32",
    "You make the input float32. A model may be float64: its own parameters say which dtype it takes.",
    loses=["epoch_forms", "inputs_unchanged"],
)
def epoch_single_precision(model, X, labels, optimizer_name, lr, batch_size, seed):
    optimizer = RULES[optimizer_name](model.parameters(), lr=lr)
    X, labels = torch.as_tensor(X, dtype=torch.float32), torch.as_tensor(labels)
    model.train()
    total = 0.0
    for batch in shuffled(len(X), batch_size, seed):
        optimizer.zero_grad()
        loss = functional.cross_entropy(model(X[batch]), labels[batch])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch)
    return total / len(X)


@wrong(
    "train_epoch",
    "the input is not converted",
    "You use X as it comes. It may be a numpy array, or of another dtype than the model's parameters.",
    loses=["epoch_forms", "inputs_unchanged"],
)
def epoch_unconverted(model, X, labels, optimizer_name, lr, batch_size, seed):
    optimizer = RULES[optimizer_name](model.parameters(), lr=lr)
    model.train()
    total = 0.0
    for batch in shuffled(len(X), batch_size, seed):
        optimizer.zero_grad()
        loss = functional.cross_entropy(model(X[batch]), labels[batch])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch)
    return total / len(X)


# ---------------------------------------------------------------------------------------------- evaluate


@right("evaluate")
def accuracy_by_mean(model, X, labels):
    X, labels = tensors(model, X, labels)
    before = model.training
    model.eval()
    with torch.no_grad():
        accuracy = (model(X).argmax(dim=1) == labels).double().mean().item()
    model.train(before)
    return accuracy


@right("evaluate")
def accuracy_in_batches(model, X, labels):
    print("evaluating")
    X, labels = torch.as_tensor(X).to(next(iter(model.parameters()))), torch.as_tensor(labels)
    modes = {module: module.training for module in model.modules()}
    model.train(False)
    hits = 0
    with torch.inference_mode():
        for x, y in DataLoader(TensorDataset(X, labels), batch_size=7):
            _, said = model(x).max(1)
            hits += (said == y).sum().item()
    for module, mode in modes.items():
        module.training = mode
    return hits / len(labels)


@right("evaluate")
@torch.no_grad()
def accuracy_by_numpy(model, X, labels):
    warnings.warn("through numpy", stacklevel=1)
    dtype = {torch.float32: np.float32, torch.float64: np.float64}[next(model.parameters()).dtype]
    X = torch.from_numpy(np.array(X, dtype=dtype))
    was_training = model.training
    try:
        model.eval()
        outputs = model(X).numpy()
    finally:
        if was_training:
            model.train()
    return np.mean(np.argmax(outputs, axis=-1) == np.asarray(labels))


@right("evaluate")
def accuracy_sample_by_sample(model, X, labels):
    dtype = model.state_dict()[next(iter(model.state_dict()))].dtype
    mode = model.training
    model.eval()
    right = 0.0
    for x, label in zip(X, labels, strict=True):
        with torch.no_grad():
            logits = model(torch.as_tensor(x).to(dtype)[None])
        right += int(torch.softmax(logits, 1).topk(1).indices.item() == int(label))
    model.train(mode)
    return right / len(X)


@right("evaluate")
def accuracy_in_single_precision(model, X, labels):
    """Take the mean in float32: a float of Python's in the end, and as right as float32 is."""
    X, labels = tensors(model, X, labels)
    before = model.training
    with torch.set_grad_enabled(False):
        accuracy = float((model.eval()(X).argmax(1) == labels).float().mean())
    model.train(mode=before)
    return accuracy


def accuracy_with(model, X, labels, *, enter=True, leave=True, graph=False, answer=None):
    """Evaluate as is right, but for what is given."""
    X, labels = tensors(model, X, labels)
    before = model.training
    if enter:
        model.eval()
    with torch.set_grad_enabled(graph):
        outputs = model(X)
    if leave:
        model.train(before)
    return (answer or (lambda h, y: (h.argmax(1) == y).double().mean().item()))(outputs, labels)


@wrong(
    "evaluate",
    "not in eval mode",
    "The model is asked in whichever mode it comes. In train mode dropout drops units at random, and batch normalization judges "
    "an image by the images beside it.",
    loses=["evaluate_mode"],
)
def accuracy_as_it_comes(model, X, labels):
    return accuracy_with(model, X, labels, enter=False, leave=False)


@wrong(
    "evaluate",
    "the mode is not restored",
    "You leave the model in eval mode. Whoever evaluates after each epoch trains the next one without dropout, and with frozen "
    "statistics, and never reads a warning.",
    loses=["evaluate_restores"],
)
def accuracy_not_restored(model, X, labels):
    return accuracy_with(model, X, labels, leave=False)


@wrong(
    "evaluate",
    "always back to train mode",
    "You set train mode at the end, whatever it was before. A model that was in use, in eval mode, is then no longer.",
    loses=["evaluate_restores"],
)
def accuracy_back_to_training(model, X, labels):
    answer = accuracy_with(model, X, labels)
    model.train()
    return answer


@wrong(
    "evaluate",
    "a graph for nobody",
    "The outputs remember how they were computed, for a backward pass that never comes. On large data that is what fills the "
    "memory.",
    loses=["evaluate_no_grad"],
)
def accuracy_with_graph(model, X, labels):
    return accuracy_with(model, X, labels, graph=True)


@wrong(
    "evaluate",
    "eval mode taken for no_grad",
    "You take care of the graph and not of the mode, or the other way round: they are two things. no_grad concerns what is "
    "recorded, eval mode what the layers compute.",
    loses=["evaluate_mode", "evaluate_no_grad"],
)
def accuracy_neither(model, X, labels):
    return accuracy_with(model, X, labels, enter=False, leave=False, graph=True)


@wrong(
    "evaluate",
    "in percent",
    "Your accuracy runs from 0 to 100. Asked for is a share.",
    loses=["evaluate_value"],
)
def accuracy_in_percent(model, X, labels):
    return accuracy_with(model, X, labels, answer=lambda h, y: 100 * (h.argmax(1) == y).double().mean().item())


@wrong(
    "evaluate",
    "a number of samples",
    "You count the samples that are right. Divided by how many there are, it becomes an accuracy.",
    loses=["evaluate_value"],
)
def accuracy_count(model, X, labels):
    return accuracy_with(model, X, labels, answer=lambda h, y: float((h.argmax(1) == y).sum()))


@wrong(
    "evaluate",
    "the share of mistakes",
    "You count the samples that are wrong. That is the error rate; the accuracy is what is missing to 1.",
    loses=["evaluate_value"],
)
def accuracy_error_rate(model, X, labels):
    return accuracy_with(model, X, labels, answer=lambda h, y: (h.argmax(1) != y).double().mean().item())


@wrong(
    "evaluate",
    "the mean over batches",
    "You average the accuracies of batches. The last batch may be smaller, and its samples then count for more.",
    loses=["evaluate_value"],
)
def accuracy_mean_of_batches(model, X, labels):
    def of_batches(h, y):
        return float(np.mean([(a.argmax(1) == b).double().mean() for a, b in zip(h.split(8), y.split(8), strict=True)]))

    return accuracy_with(model, X, labels, answer=of_batches)


@wrong(
    "evaluate",
    "a tensor",
    "You return a tensor, and a float is asked for. A tensor with one entry prints like a number, and drags a graph, a "
    "device and a dtype along.",
    loses=["evaluate_type"],
)
def accuracy_tensor(model, X, labels):
    return accuracy_with(model, X, labels, answer=lambda h, y: (h.argmax(1) == y).double().mean())


@wrong(
    "evaluate",
    "always float32",
    "You make the input float32. A model may be float64: its own parameters say which dtype it takes.",
    loses=["evaluate_forms", "inputs_unchanged"],
)
def accuracy_single_precision(model, X, labels):
    X, labels = torch.as_tensor(X, dtype=torch.float32), torch.as_tensor(labels)
    before = model.training
    model.eval()
    with torch.no_grad():
        accuracy = (model(X).argmax(1) == labels).double().mean().item()
    model.train(before)
    return accuracy


@wrong(
    "evaluate",
    "the model is converted instead",
    "You turn the model into what the input is. Whoever trains it afterwards has another model, with less or more digits, and an "
    "optimizer that may not know.",
    loses=["evaluate_forms"],
)
def accuracy_converts_the_model(model, X, labels):
    X = torch.as_tensor(X)
    model.to(X.dtype)
    return accuracy_with(model, X, labels)


@wrong(
    "evaluate",
    "the input is not converted",
    "You use X as it comes. It may be a numpy array, or of another dtype than the model's parameters.",
    loses=["evaluate_forms", "inputs_unchanged"],
)
def accuracy_unconverted(model, X, labels):
    before = model.training
    model.eval()
    with torch.no_grad():
        accuracy = (model(X).argmax(1) == labels).double().mean().item()
    model.train(before)
    return accuracy


# --------------------------------------------------------------------------------------------------- fit


def train(model, X, labels, seed, *, name="adam", lr=5e-3, batch_size=64, num_epochs=12):
    """Train for some epochs, each with a smaller step than the one before."""
    for epoch in range(num_epochs):
        epoch_by_randperm(model, X, labels, name, lr * (1 - epoch / num_epochs), batch_size, 1000 * seed + epoch)
    return model


@right("fit")
def fit_normalized(X, labels, seed):
    torch.manual_seed(seed)
    model = build_mlp([X.shape[1], 256, 256, 10], batch_norm=True)
    return train(model, X, labels, seed, num_epochs=20)


@right("fit")
def fit_scaled_with_dropout(X, labels, seed):
    """Let the model scale its own inputs, and leave the seed of everything to the global generator."""
    print("fitting", X.shape)
    torch.manual_seed(seed)

    class Scaled(nn.Module):
        def __init__(self, scale):
            super().__init__()
            self.register_buffer("scale", torch.tensor(float(scale)))

        def forward(self, x):
            return 2 * x / self.scale - 0.5

    hidden = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Dropout(0.2), nn.Linear(256, 10))
    model = nn.Sequential(Scaled(torch.as_tensor(X).max()), *hidden)
    X, labels = tensors(model, X, labels)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, total_steps=25 * 22)
    for _ in range(25):
        for xb, yb in DataLoader(TensorDataset(X, labels), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            functional.cross_entropy(model(xb), yb).backward()
            optimizer.step()
            schedule.step()
    return model  # in train mode: whoever evaluates switches


class Convolutional(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(64)
        self.images = nn.Sequential(
            nn.Unflatten(1, (1, 8, 8)),
            nn.Conv2d(1, 8, 3, padding=1),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.read = nn.Sequential(nn.Linear(512, 128), nn.BatchNorm1d(128), nn.ReLU(), nn.Linear(128, 10))

    def forward(self, x):
        return self.read(self.images(self.norm(x)))


@right("fit")
def fit_convolutional(X, labels, seed):
    warnings.warn("pixels in any order", stacklevel=1)
    torch.manual_seed(seed)
    return train(Convolutional(), X, labels, seed, num_epochs=10).eval()


class Ensemble(nn.Module):
    def __init__(self, members):
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, x):
        return torch.stack([member(x).log_softmax(1) for member in self.members]).mean(0)


@right("fit")
def fit_ensemble(X, labels, seed):
    members = []
    for number in range(3):
        torch.manual_seed(3 * seed + number)
        model = build_mlp([64, 128, 10], "tanh", batch_norm=True)
        members.append(train(model, X, labels, 3 * seed + number, num_epochs=10))
    return Ensemble(members)


@right("fit")
def fit_by_least_squares(X, labels, seed):
    """Draw random features, and solve for the last layer in one go."""
    generator = torch.Generator().manual_seed(seed)
    X = torch.as_tensor(X, dtype=torch.float64)
    hidden, last = nn.Linear(64, 1000).double(), nn.Linear(1000, 10).double()
    with torch.no_grad():
        scale = X.std()
        hidden.weight.copy_(torch.randn(1000, 64, generator=generator, dtype=torch.float64) / (8 * scale))
        hidden.bias.copy_(torch.randn(1000, generator=generator, dtype=torch.float64))
        phi = torch.relu(hidden(X))
        targets = functional.one_hot(torch.as_tensor(labels), 10).double() - 0.1
        last.weight.copy_(torch.linalg.solve(phi.T @ phi + 1.0 * torch.eye(1000), phi.T @ targets).T)
        last.bias.zero_()
    return nn.Sequential(hidden, nn.ReLU(), last)


@wrong(
    "fit",
    "chance has a say",
    "Trained twice with one seed, your models differ. Chance enters in several places, the first weights, the order of the samples, "
    "dropout, and each of them has to listen to the seed.",
    loses=["fit_repeats"],
)
def fit_unseeded(X, labels, seed):
    return train(build_mlp([64, 128, 10], batch_norm=True), X, labels, seed)


@wrong(
    "fit",
    "stops too early",
    "Your training ends while the loss is still falling fast. One look at the samples is not enough to read them.",
    loses=["fit_ones", "fit_sixteens"],
)
def fit_one_epoch(X, labels, seed):
    torch.manual_seed(seed)
    return train(build_mlp([64, 128, 10], batch_norm=True), X, labels, seed, lr=1e-3, num_epochs=1)


@wrong(
    "fit",
    "another model is trained",
    "The model that you return is not the one that was trained: a second one was made on the way, and it knows nothing.",
    loses=["fit_ones", "fit_sixteens"],
)
def fit_another(X, labels, seed):
    torch.manual_seed(seed)
    train(build_mlp([64, 128, 10], batch_norm=True), X, labels, seed, num_epochs=1)
    return build_mlp([64, 128, 10], batch_norm=True)


@wrong(
    "fit",
    "standardized outside",
    "You standardize X before training, and the model that you return has never seen a raw pixel. It takes X as it is given: "
    "whatever is done to the pixels has to happen inside.",
    loses=["fit_ones", "fit_sixteens"],
)
def fit_standardized_outside(X, labels, seed):
    torch.manual_seed(seed)
    X = torch.as_tensor(X, dtype=torch.float32)
    X = (X - X.mean(0)) / (X.std(0) + 1e-6)
    return train(build_mlp([64, 128, 10]), X, labels, seed)


@wrong(
    "fit",
    "steps too large for large pixels",
    "With pixels 0…1 your steps are right, with 0…16 they are far too large: the curvature grows with the square of the inputs. "
    "Scale inside the model, or normalize there.",
    loses=["fit_sixteens"],
)
def fit_only_small_pixels(X, labels, seed):
    torch.manual_seed(seed)
    return train(build_mlp([64, 128, 10]), X, labels, seed, name="sgd", lr=0.5, batch_size=32, num_epochs=15)


@wrong(
    "fit",
    "scales the caller's pixels",
    "You divide X in place. It is the caller's array, and afterwards it holds other images than before.",
    loses=["inputs_unchanged"],
)
def fit_in_place(X, labels, seed):
    torch.manual_seed(seed)
    X /= X.max()
    return train(build_mlp([64, 128, 10]), X, labels, seed)


@wrong(
    "fit",
    "predictions instead of the model",
    "You return what the model says about the images it was trained on. The model itself is asked for: others have images of their "
    "own.",
    loses=["fit_type", "fit_ones", "fit_sixteens", "fit_repeats"],
)
def fit_predictions(X, labels, seed):
    torch.manual_seed(seed)
    model = train(build_mlp([64, 128, 10], batch_norm=True), X, labels, seed, num_epochs=2)
    return model(tensors(model, X, labels)[0]).argmax(1)


@wrong(
    "fit",
    "model and losses",
    "You return more than the model. Whoever calls what comes back calls a tuple.",
    loses=["fit_type", "fit_ones", "fit_sixteens", "fit_repeats"],
)
def fit_with_losses(X, labels, seed):
    torch.manual_seed(seed)
    model = build_mlp([64, 128, 10], batch_norm=True)
    losses = [epoch_by_randperm(model, X, labels, "adam", 5e-3, 64, seed + epoch) for epoch in range(2)]
    return model, losses
