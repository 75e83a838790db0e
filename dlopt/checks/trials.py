"""One candidate on trial: every case tried once, many in one exchange where the candidate lives elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from dlopt.checks import trial
from dlopt.checks.beside import parts_of
from dlopt.checks.case import Case, CasesOf
from dlopt.checks.inside import Stage, in_series, inside

if TYPE_CHECKING:
    from dlopt.checks.exercise import Exercise

__all__ = ["Clock", "Made", "Trials"]

Made = tuple[Sequence[Any], Callable[[], Any]]  # a call made already: the copies it got, and what gives its result


@dataclass
class Clock:
    """Whether a candidate has run out of time already, in whichever way it was tried."""

    out: bool = False


class Trials:
    """The outcomes of one candidate, each case tried once however many properties look at it.

    Cases that ask the same, of whichever property and seed, share an outcome.
    """

    def __init__(self, exercise: Exercise, stage: Stage, clock: Clock) -> None:
        self.exercise = exercise
        self.stage = stage
        self.clock = clock
        self._records: dict[bytes, tuple[Case, trial.Outcome]] = {}
        self._made: dict[bytes, Made] = {}
        self._returned = True  # the latest call did; after one that did not, more of them would be made for nothing
        self._singly = False  # a series of calls did not come back, or would save nothing

    @cached_property
    def differs(self) -> bool:
        """Whether trying it in this way can tell anything that trying it by itself does not."""
        return self.stage.differs()

    def missing(self, seeds: Sequence[int]) -> bool:
        """Tell whether the first case of every property meets nothing but a stub."""
        firsts = (next(self.over(p.cases, seeds))[2] for p in self.exercise.properties)
        return all(outcome.kind in ("missing", "unfit") for outcome in firsts)

    def over(self, cases: CasesOf, seeds: Sequence[int]) -> Iterator[tuple[int, Case, trial.Outcome]]:
        """Yield every case of ``cases`` over ``seeds``, after its seed and before its outcome."""
        everyone = [(seed, case) for seed in seeds for case in self.exercise.cases(cases, seed)]
        for place, (seed, case) in enumerate(everyone):
            if case.key not in self._records:
                if self._returned and case.key not in self._made and self._goes_ahead(case):
                    self._made |= self._ahead([due for _, due in everyone[place:]])
                self._returned = self._outcome(case, self._made.pop(case.key, None)).kind == "returned"
            yield seed, case, self._outcome(case)

    def _outcome(self, case: Case, made: Made | None = None) -> trial.Outcome:
        if case.key not in self._records:
            self._records[case.key] = (case, self._try(case, made))
        return self._records[case.key][1]

    def _goes_ahead(self, case: Case) -> bool:
        """Tell whether a case may be tried in one go with others: a plain one, or one with a marked scenario."""
        return not (self._singly or self.clock.out) and (case.scenario is None or parts_of(case.scenario)[0])

    def _ahead(self, due: Sequence[Case]) -> dict[bytes, Made]:
        """Make the calls of those due that are like the first in one go, as each way there and back costs time.

        Alike are plain cases, and those that share one marked scenario.
        A result is looked at when its case is due: what nobody asks for counts nowhere.
        """
        scenario, there = due[0].scenario, self.stage.candidate
        alike = [c for c in due if c.scenario is scenario and c.limit is None]
        untried = {c.key: c for c in alike if not (c.key in self._records or c.key in self._made)}
        if len(untried) < 2:
            return {}
        fresh: list[list[Any]] = []
        try:
            with self.stage.around():
                call = in_series(there if scenario is None else inside(there, scenario))
                if call is None:  # the candidate lives here: nothing is saved
                    self._singly = True
                    return {}
                fresh = [[trial.lay_out(a, c.layout) for a in c.args] for c in untried.values()]
                before = [] if scenario is None else [there]
                made = call([[*before, *args] for args in fresh], self.exercise.limit)
        except Exception:  # a call ended the other process, or cannot be made: which one, and why, tells trying singly
            made = []
        self._singly = not made
        return dict(zip(untried, zip(fresh, made, strict=False), strict=False))

    def _try(self, case: Case, made: Made | None) -> trial.Outcome:
        # one endless loop costs its limit once; the cases after it get a tenth of it
        attempt = partial(self.exercise.attempt, self.stage.candidate, case, hurry=self.clock.out)
        outcome = None
        if made is not None:
            with suppress(trial.Outdated):
                outcome = attempt(made=made)
        if outcome is None:
            try:
                with self.stage.around():
                    outcome = attempt()
            except trial.TrialEnded as end:  # where the stage is set
                outcome = trial.Outcome(kind=end.kind, error=str(end))
        self.clock.out |= outcome.kind == "timeout"
        return outcome

    def records(self, seeds: Sequence[int]) -> list[tuple[Case, trial.Outcome]]:
        """Return every telling case of the exercise with its outcome, also those no property got to."""
        for prop in self.exercise.properties:
            if any(case.telling for seed in seeds for case in self.exercise.cases(prop.cases, seed)):
                for _ in self.over(prop.cases, seeds):
                    pass
        return [(case, outcome) for case, outcome in self._records.values() if case.telling]

    def printed(self) -> str:
        """Return what the first talkative call printed."""
        return next((o.printed for _, o in self._records.values() if o.printed), "")
