"""Problem set 9: a network, its training and its evaluation, to lend to a student whose own are not right."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
from torch import nn

__all__ = ["build_mlp", "evaluate", "train_epoch"]

# ruff: noqa: D103 - the contract of the problem set documents them
# mypy: disable-error-code="no-untyped-call"


def build_mlp(sizes: list[int], activation: str = "relu", batch_norm: bool = False) -> nn.Sequential:
    curve = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}[activation]
    model = nn.Sequential()
    for number, (fan_in, fan_out) in enumerate(pairwise(sizes), start=2):
        model.append(nn.Linear(fan_in, fan_out))
        if number < len(sizes):
            if batch_norm:
                model.append(nn.BatchNorm1d(fan_out))
            model.append(curve())
    return model


def _tensors(model: nn.Module, X: Any, labels: Any) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.as_tensor(X).to(next(model.parameters()).dtype), torch.as_tensor(labels).long()


def train_epoch(
    model: nn.Module, X: Any, labels: Any, optimizer_name: str, lr: float, batch_size: int, seed: int
) -> float:
    rules = {
        "sgd": torch.optim.SGD,
        "adam": torch.optim.Adam,
        "rmsprop": torch.optim.RMSprop,
        "adagrad": torch.optim.Adagrad,
    }
    rule = rules[optimizer_name](model.parameters(), lr=lr)
    x, y = _tensors(model, X, labels)
    model.train()
    total = 0.0
    for batch in torch.randperm(len(x), generator=torch.Generator().manual_seed(seed)).split(batch_size):
        rule.zero_grad()
        met = nn.functional.cross_entropy(model(x[batch]), y[batch])
        met.backward()
        rule.step()
        total += met.item() * len(batch)
    return total / len(x)


def evaluate(model: nn.Module, X: Any, labels: Any) -> float:
    x, y = _tensors(model, X, labels)
    before = model.training
    model.eval()
    with torch.no_grad():
        right = model(x).argmax(dim=1) == y
    model.train(before)
    return int(right.sum()) / len(y)
