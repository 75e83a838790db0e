"""An exercise: the cases it is tried on and the properties a right answer has, each worth points of its own.

A check module declares one `Exercise` per contract line and hangs properties on it::

    quadratic = Exercise("quadratic", ("A", "b", "w"))

    @quadratic.prop(points=1, cases=bowls, hint="Where does the loss stand at w = 0?")
    def the_loss(case, got):
        '''the loss is right'''
        expect.close(got[0], case.truth.loss, "The loss")

``quadratic(their_function)`` then returns the `dlopt.checks.report.Report` that the check cell shows.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import Any

from dlopt.checks import expect, grading, trial
from dlopt.checks.beside import parts_of
from dlopt.checks.case import Case, CasesOf
from dlopt.checks.inside import Stage, Together, inside, standing_in
from dlopt.checks.neighbours import neighbour, reads
from dlopt.checks.report import SIGNS, Report, Row
from dlopt.checks.trials import Clock, Made, Trials

__all__ = ["Exercise", "Property"]

PUBLIC_SEEDS = (1, 2)  #: seeds of the cases that students see


Judgement = Callable[[Case, Any], None]


@dataclass(frozen=True)
class Property:
    """One line of the table: a function that is silent or raises `dlopt.checks.expect.Failure`."""

    name: str
    line: str
    points: float
    cases: CasesOf
    hint: str
    judge: Judgement
    of_outcome: bool = False  # judges the whole Outcome, and counts only once some value is right


@dataclass
class Exercise:
    """One line of the contract, ready to be called on a student's function.

    Parameters
    ----------
    name : str
        The function's name in the contract.
    parameters : tuple of str
        Its parameters, in order.
    limit : float
        Seconds one call may take.
    canonical : callable
        Maps a result to the form in which two right results are equal; used to recognise misconceptions.
    kind : str
        "function" or "class", for the sentences.
    companions : tuple of str
        Names of the student's other objects to try it with as well, where they exist.
    lent : tuple of (str, tuple of str), optional
        The problem set, and the names of its other exercises that an answer may build on. Where a property fails,
        grading tries an answer that may read them (`dlopt.checks.neighbours.reads`) again, with references under
        these names: one mistake should not cost two exercises.
    """

    name: str
    parameters: tuple[str, ...]
    limit: float = 5.0
    canonical: Callable[[Any], Any] = lambda value: value
    kind: str = "function"
    companions: tuple[str, ...] = ()
    lent: tuple[str, tuple[str, ...]] | None = None
    properties: list[Property] = field(default_factory=list)
    _cases: dict[tuple[CasesOf, int], Sequence[Case]] = field(default_factory=dict, init=False, repr=False)

    @property
    def points(self) -> float:
        """Points of the whole exercise."""
        return sum(p.points for p in self.properties)

    def prop(
        self, *, points: float, cases: CasesOf, hint: str = "", of_outcome: bool = False
    ) -> Callable[[Judgement], Judgement]:
        """Hang a property on the exercise; the first line of its docstring is what students read.

        Parameters
        ----------
        points : float
            What it is worth, a multiple of ¼.
        cases : callable
            ``cases(seed)`` returns the cases it must hold in.
        hint : str
            Shown when it fails: points the way, never gives the line.
        of_outcome : bool
            The judge looks at the whole `dlopt.checks.trial.Outcome` instead of the returned value. Such a
            property is about manners: it earns nothing while no other property of the exercise holds.
        """

        def hang(judge: Judgement) -> Judgement:
            line = (judge.__doc__ or judge.__name__).strip().splitlines()[0]
            self.properties.append(Property(judge.__name__, line, points, cases, hint, judge, of_outcome))
            return judge

        return hang

    def keeps_inputs(self, *, points: float, cases: CasesOf) -> None:
        """Hang on the property that no argument is changed."""

        def inputs_unchanged(case: Case, outcome: trial.Outcome) -> None:
            """Its arguments are left as they were"""
            if outcome.changed:
                what = " and ".join(outcome.changed)
                raise expect.Failure(f"Your {self.kind} writes into its argument {what}.")

        hint = "x -= … and x[…] = … change the caller's array. Work on a copy (x = x.copy()) or write x = x - …"
        self.prop(points=points, cases=cases, hint=hint, of_outcome=True)(inputs_unchanged)

    def __call__(self, candidate: Any) -> Report:
        """Try ``candidate`` on every case and return the table."""
        if not callable(candidate):
            what = f"check.{self.name} expects your {self.kind} {self.name} itself; it got {expect.kind(candidate)}."
            return self._nothing(what)
        seeds = grading.seeds()
        clock = Clock()
        ways = [Trials(self, stage, clock) for stage in self._stages(candidate)]
        if all(trials.missing(seeds) for trials in ways if trials.differs):
            return self._nothing("not yet implemented", status="missing")
        rows = [self._best(prop, ways, seeds) for prop in self.properties]
        if not any(r.status == "pass" for r, p in zip(rows, self.properties, strict=True) if not p.of_outcome):
            rows = [
                replace(r, status="later") if p.of_outcome else r for r, p in zip(rows, self.properties, strict=True)
            ]
        report = Report(self.name, tuple(rows), printed=ways[0].printed())
        if report.earned < report.points and grading.active() and not clock.out:
            # with lent names, where it reads any: what goes wrong then is this exercise's own mistake
            told = ways[-1] if self.lent and ways[-1].differs else ways[0]
            report = report.with_misconception(grading.explain(self, told.records(seeds)))
        return report

    def _stages(self, candidate: Any) -> list[Stage]:
        """Return the ways to try a candidate: by itself, with the student's other objects, with lent names."""
        stages = [Stage(candidate)]
        others = tuple(inside(candidate, neighbour)(candidate, name) for name in self.companions)
        if others and all(map(callable, others)):
            stages.append(Stage(Together(candidate, others)))
        if self.lent:
            problem_set, names = self.lent
            reference = grading.reference(problem_set)
            if reference is not None:
                around = partial(standing_in, candidate, reference, names)
                stages.append(Stage(candidate, around, partial(_reads, candidate, names)))
        return stages

    def _best(self, prop: Property, ways: Sequence[Trials], seeds: Sequence[int]) -> Row:
        """Judge one property in one way after the other, until it holds; the first way that could tell decides."""
        rows: list[Row] = []
        for trials in ways:
            if rows and not trials.differs:
                continue
            rows.append(self._row(prop, trials, seeds))
            if rows[-1].status == "pass":
                return rows[-1]
        row = next((r for r in rows if r.status != "unfit"), rows[0])
        return replace(row, status="error") if row.status == "unfit" else row

    def attempt(
        self,
        candidate: Any,
        case: Case,
        *,
        hurry: bool = False,
        made: Made | None = None,
    ) -> trial.Outcome:
        """Try a candidate on one case within the time limit, or in a hurry within a tenth of the exercise's.

        Where the call is ``made`` already, its result is taken as `dlopt.checks.trial.run` takes it.
        """
        limit = 0.1 * self.limit if hurry else self.limit if case.limit is None else case.limit
        if case.scenario is None:
            called = trial.run(candidate, case.args, self.parameters, layout=case.layout, limit=limit, made=made)
            return called if case.reading is None else _read(case, called)
        names = _names(case.scenario)
        play = partial(_beside, case.scenario) if parts_of(case.scenario)[0] else case.scenario
        found = trial.run(candidate, case.args, names, layout=case.layout, limit=limit, scenario=play, made=made)
        return _read(case, found)

    def cases(self, of: CasesOf, seed: int) -> Sequence[Case]:
        """Return the cases of a generator, which is asked once for each seed."""
        if (of, seed) not in self._cases:
            self._cases[of, seed] = of(seed)
        return self._cases[of, seed]

    def _nothing(self, message: str, status: str = "wrong") -> Report:
        rows = tuple(
            Row(p.name, p.line, p.points, status, message if i == 0 else "") for i, p in enumerate(self.properties)
        )
        return Report(self.name, rows)

    def _row(self, prop: Property, trials: Trials, seeds: Sequence[int]) -> Row:
        """Judge one property: the first case in which it does not hold decides."""
        for seed, case, outcome in trials.over(prop.cases, seeds):
            visible = seed in PUBLIC_SEEDS
            where = case.label if visible else f"{case.label}, a case beyond the visible ones"
            row = partial(Row, prop.name, prop.line, prop.points, case=where)
            if outcome.kind != "returned" and not (prop.of_outcome and outcome.changed):
                status = outcome.kind if outcome.kind in (*SIGNS, "unfit") else "error"
                return row(status, outcome.error, hint=_advice(outcome))
            try:
                prop.judge(case, outcome if prop.of_outcome else outcome.value)
            except expect.Failure as failure:
                picture = failure.picture if visible else ""
                return row("wrong", failure.message, failure.clue, prop.hint, picture=picture)
        return Row(prop.name, prop.line, prop.points, "pass")


@lru_cache(maxsize=256)
def _names(scenario: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names of a scenario's arguments, the candidate left out."""
    return tuple(inspect.signature(scenario).parameters)[1:]


def _reads(candidate: Any, names: Sequence[str]) -> bool:
    """Tell whether a candidate may ask for these names; where its process does not say, it may."""
    try:
        return inside(candidate, reads)(candidate, names) is not False
    except Exception:  # the other process ended, say: trying shows what becomes of it
        return True


def _beside(scenario: Callable[..., Any], candidate: Any, *args: Any) -> Any:
    """Play a marked scenario where the candidate lives."""
    return inside(candidate, scenario)(candidate, *args)


def _read(case: Case, outcome: trial.Outcome) -> trial.Outcome:
    """Add what is known of a case to what was found."""
    if outcome.kind != "returned":
        return outcome
    _, parts = parts_of(case.scenario)
    try:
        if parts is not None:
            expect.collected(outcome.value, parts)
        return outcome if case.reading is None else replace(outcome, value=case.reading(case.args, outcome.value))
    except expect.Failure as failure:
        return replace(outcome, value=None, kind="raised", error=failure.message)


def _advice(outcome: trial.Outcome) -> str:
    """Say what the commonest exceptions mean."""
    advice: Mapping[str, str] = {
        "NameError": "A name is used before it exists: a typo, or a variable of another cell?",
        "UnboundLocalError": "A variable is read before it is assigned inside the function.",
        "LinAlgError": "numpy could not solve it: is the matrix the one you mean?",
        "RecursionError": "The function calls itself without end.",
    }
    if "read-only" in outcome.error:
        return "Arguments may be read-only: build new arrays instead of writing into them."
    if "matmul" in outcome.error or "broadcast" in outcome.error or "not aligned" in outcome.error:
        return "Two shapes do not fit: print the .shape of both sides and compare with the contract."
    return advice.get(outcome.exception, "")
