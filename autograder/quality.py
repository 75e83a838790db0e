"""How well the graders are tested, in numbers: one line per problem set, for the table in ``docs/grading.md``."""

from __future__ import annotations

import os
from dataclasses import dataclass
from unittest import mock

from autograder.misconceptions import Misconception, table
from autograder.mutation import Report as Mutation
from autograder.mutation import plan, run
from autograder.mutation.trial import exercises
from dlopt.checks import Report, grading

__all__ = ["HEAD", "Quality", "quality", "told"]

HEAD = (
    "| set | exercises | points | right answers | mistakes | named | told without | mutants | equivalent | killed |\n"
    "|---|---|---|---|---|---|---|---|---|---|"
)  #: the table's head, in markdown

#: Lines about shape, type, start, state and inputs say by themselves what is wrong.
PLAIN = ("_type", "_types", "_start", "_state", "inputs_unchanged")


@dataclass(frozen=True)
class Quality:
    """What is known of the graders of one problem set.

    Parameters
    ----------
    ps : str
        The problem set.
    exercises, right, wrong : int
        Exercises with checks, and the right and wrong answers that these are held to.
    points : float
        Points of all of them.
    named, told : int
        How many wrong answers are recognised by name while grading, and how many read something specific (see `told`)
        without that.
    mutants, equivalent, killed : int
        As in `autograder.mutation`.
    """

    ps: str
    exercises: int
    points: float
    right: int
    wrong: int
    named: int
    told: int
    mutants: int
    equivalent: int
    killed: int

    def __str__(self) -> str:
        """Write the line of the table."""
        answers = f"{self.exercises} | {self.points:g} | {self.right} | {self.wrong}"
        shares = f"{self.named / self.wrong:.0%} | {self.told / self.wrong:.0%}"
        tried = f"{self.mutants} | {self.equivalent} | {self.killed}"
        return f"| {self.ps} | {answers} | {shares} | {tried} |"


def quality(ps: str, *, jobs: int = 1) -> Quality:
    """Try every wrong answer and every mutant of a problem set. Takes a minute or so."""
    checks, known = exercises(ps), table(ps)
    wrong = [m for name in checks for m in known.misconceptions.get(name, [])]
    reports = [_graded(ps, m) for m in wrong]
    counts = Mutation(ps, list(run(plan(ps), jobs=jobs))).counts
    return Quality(
        ps=ps,
        exercises=len(checks),
        points=sum(check.points for check in checks.values()),
        right=sum(len(known.right_answers.get(name, [])) for name in checks),
        wrong=len(wrong),
        named=sum(r.misconception == (m.name, m.sentence) for r, m in zip(reports, wrong, strict=True)),
        told=sum(map(told, reports)),
        mutants=sum(count.mutants for count in counts),
        equivalent=sum(count.equivalent for count in counts),
        killed=sum(count.killed for count in counts),
    )


def _graded(ps: str, known: Misconception) -> Report:
    """Check a wrong answer with the unseen seeds and all misconceptions."""
    with mock.patch.dict(os.environ, {grading.VARIABLE: "autograder.grading"}):
        return exercises(ps)[known.exercise](known.answer)


def told(report: Report) -> bool:
    """Tell whether a report says more than "expected this, got that", the name of the misconception aside.

    That is a clue (a sign, a factor, an axis, a missing term…), an exception with the line that raised it, or a failed
    line about shape, type, start, state or inputs.
    """
    lost = [row for row in report.rows if row.status not in ("pass", "later")]
    return any(row.clue or row.status in ("error", "timeout") or row.name.endswith(PLAIN) for row in lost)
