"""Mini-batches in a random order (rows G1, G2)."""

from __future__ import annotations

from dlopt.checks.case import Case
from dlopt.checks.exercise import Exercise
from dlopt.checks.ps5_sgd import _dealt as dealt
from dlopt.checks.ps5_sgd import _rounds as several
from dlopt.checks.ps5_sgd._cases import generator, samples
from dlopt.checks.ps5_sgd._dealt import Dealt
from dlopt.checks.ps5_sgd._played import deal, rounds
from dlopt.checks.ps5_sgd._rounds import Rounds
from dlopt.checks.scenes import canonical, layouts, of_seed

__all__ = ["minibatches"]

minibatches = Exercise("minibatches", ("X", "y", "batch_size", "rng"), canonical=canonical)


def _case(seed: int, number: int, n: int, d: int, batch_size: int) -> Case:
    rng = generator(seed, 80, number)
    args = (samples(rng, n, d), rng.normal(size=n), batch_size, generator(seed, 81, number))
    return Case(args, f"N = {n}, batch_size = {batch_size}", scenario=deal, reading=dealt.noted)


def _cases(seed: int, *settings: tuple[int, int, int]) -> list[Case]:
    return [_case(seed, 10 * n + size, n, d, size) for n, d, size in settings]


@of_seed
def _regular(seed: int) -> list[Case]:
    """Full batches and a rest, without one, one sample a batch, all in one."""
    cases = _cases(seed, (10, 2, 4), (12, 3, 4), (5, 1, 1), (7, 2, 7), (23, 4, 5))
    return cases + layouts(cases[0], "F", "strided")


@of_seed
def _all(seed: int) -> list[Case]:
    """The same, and a batch_size beyond the number of samples."""
    return _regular(seed) + _cases(seed, (3, 2, 8), (1, 1, 1), (1, 3, 5))


@of_seed
def _orders(seed: int) -> list[Case]:
    """Go through the data several times; 40 samples and more, so that no two orders agree by chance."""
    cases = []
    for number, (n, batch_size) in enumerate(((40, 5), (47, 10), (60, 60), (40, 1))):
        rng = generator(seed, 82, number)
        sources = (generator(seed, 83, number), generator(seed, 83, number), generator(seed, 84, number))
        args = (samples(rng, n, 2), rng.normal(size=n), batch_size, *sources)
        cases.append(Case(args, f"N = {n}, batch_size = {batch_size}", scenario=rounds, reading=several.gone))
    return cases


@of_seed
def _guarded(seed: int) -> list[Case]:
    return [_regular(seed)[0], *layouts(_regular(seed)[0], "read-only")]


@minibatches.prop(
    points=0.25, cases=_regular, hint="yield xb, yb: rows of X, and the entries of y that belong to them."
)
def batches_type(case: Case, got: Dealt) -> None:
    """Yields pairs of float64 arrays (b, D) and (b,)"""
    dealt.judge_type(got)


@minibatches.prop(points=0.5, cases=_all, hint="10 samples in batches of 4: which numbers does your loop visit?")
def batches_once(case: Case, got: Dealt) -> None:
    """Every sample comes once, also where batch_size does not divide N or exceeds it"""
    dealt.judge_once(got)


@minibatches.prop(
    points=0.5, cases=_regular, hint="A row of X and its entry of y travel together: what moves one, moves the other."
)
def batches_pairing(case: Case, got: Dealt) -> None:
    """Each row of X keeps its entry of y"""
    dealt.judge_pairing(got)


@minibatches.prop(
    points=0.5, cases=_regular, hint="Full batches as long as they last, then what is left over, if anything is."
)
def batches_sizes(case: Case, got: Dealt) -> None:
    """All batches but the last have batch_size samples, and none is empty"""
    dealt.judge_sizes(got)


@minibatches.prop(points=0.5, cases=_orders, hint="Mix the samples, not the batches, and mix them anew at every call.")
def batches_order(case: Case, got: Rounds) -> None:
    """The samples come in a random order, a new one at each call"""
    several.judge_order(got)


@minibatches.prop(points=0.5, cases=_orders, hint="All chance comes from the generator that was handed in.")
def batches_rng(case: Case, got: Rounds) -> None:
    """The order is decided by rng and by nothing else"""
    several.judge_source(got)


minibatches.keeps_inputs(points=0.25, cases=_guarded)
