"""Right answers in several styles and named wrong ones, one module per problem set.

The same table serves twice. The tests hold every check to it: each right answer keeps all points, each wrong one
loses those of the properties it names. And while grading, `recognise` compares what a student's function returned
with what each wrong answer returns on the same cases, to say which idea went wrong. It never changes a score.

To add a misconception: write the wrong answer as a function in ``psN.py`` under ``@TABLE.wrong(…)``, with the
properties it must lose and a sentence that explains the idea without giving the line. ``make test`` then proves
that it loses them, that it is recognised, and that nobody else is mistaken for it. ``docs/grading.md`` has an example.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any

from dlopt.checks import Case, Exercise, expect, trial

__all__ = ["Misconception", "Table", "recognise", "table"]

Answer = Callable[..., Any]


@dataclass(frozen=True)
class Misconception:
    """A wrong answer with a name.

    Parameters
    ----------
    exercise, name : str
        Which exercise, and the mistake in a few words.
    sentence : str
        What the student reads.
    loses : tuple of str
        Names of the properties that must fail, no more and no fewer.
    answer : callable
        The wrong answer itself.
    """

    exercise: str
    name: str
    sentence: str
    loses: tuple[str, ...]
    answer: Answer


@dataclass
class Table:
    """The answers known for one problem set, by exercise."""

    right_answers: dict[str, list[Answer]] = field(default_factory=dict)
    misconceptions: dict[str, list[Misconception]] = field(default_factory=dict)

    def right(self, exercise: str) -> Callable[[Answer], Answer]:
        """Register a right answer."""

        def add(answer: Answer) -> Answer:
            self.right_answers.setdefault(exercise, []).append(answer)
            return answer

        return add

    def wrong(self, exercise: str, name: str, sentence: str, *, loses: Sequence[str]) -> Callable[[Answer], Answer]:
        """Register a wrong answer under a name."""

        def add(answer: Answer) -> Answer:
            entry = Misconception(exercise, name, sentence, tuple(loses), answer)
            self.misconceptions.setdefault(exercise, []).append(entry)
            return answer

        return add


def table(ps: str) -> Table:
    """Return the answers known for a problem set.

    Examples
    --------
    >>> len(table("ps2_quadratics").right_answers["newton_step"]) >= 3
    True
    """
    found: Table = import_module(f"{__name__}.{ps.split('_')[0]}").TABLE
    return found


def recognise(
    exercise: Exercise, records: Sequence[tuple[Case, trial.Outcome]], known: Sequence[Misconception]
) -> Misconception | None:
    """Return the one known mistake that reproduces every recorded outcome, or None.

    Parameters
    ----------
    exercise : Exercise
        The exercise that was checked.
    records : sequence of (Case, Outcome)
        What the student's function did in each case.
    known : sequence of Misconception
        The candidates.

    Returns
    -------
    Misconception or None
        None also when several fit: a wrong accusation is worse than none.
    """
    fitting = [m for m in known if all(_repeats(exercise, case, outcome, m) for case, outcome in records)]
    return fitting[0] if len({m.name for m in fitting}) == 1 else None


def _repeats(exercise: Exercise, case: Case, outcome: trial.Outcome, known: Misconception) -> bool:
    theirs = _outcome(exercise, case, known)
    if (outcome.kind, outcome.exception, outcome.changed) != (theirs.kind, theirs.exception, theirs.changed):
        return False
    return expect.same_result(exercise.canonical(outcome.value), theirs.value)


MANY = 20_000  #: outcomes of known mistakes that are remembered

_outcomes: dict[tuple[Answer, str, bytes], tuple[Case, trial.Outcome]] = {}


def _outcome(exercise: Exercise, case: Case, known: Misconception) -> trial.Outcome:
    """Return what a known mistake makes of a case, in canonical form: a whole class is held against it."""
    key = known.answer, exercise.name, case.key
    if key not in _outcomes:
        found = exercise.attempt(known.answer, case)
        if found.kind == "timeout":  # of this moment
            return found
        if len(_outcomes) >= MANY:
            _outcomes.clear()
        _outcomes[key] = case, replace(found, value=exercise.canonical(found.value))  # with what its key stands for
    return _outcomes[key][1]
