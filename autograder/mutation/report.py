"""What became of the mutants, exercise by exercise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.mutation.trial import Trial

__all__ = ["ENOUGH", "Count", "Report"]

ENOUGH = 0.95  #: share of the mutants that must die, in every exercise


@dataclass(frozen=True)
class Count:
    """The mutants of one exercise.

    Parameters
    ----------
    exercise : str
        Its name.
    mutants, equivalent, killed : int
        How many were tried, how many of them are listed as equivalent, and how many of the others lost points.
    error, timeout : int
        How many of those killed raised an exception, and how many did not finish in time: the rest gave wrong results.
    """

    exercise: str
    mutants: int
    equivalent: int
    killed: int
    error: int
    timeout: int

    @property
    def survived(self) -> int:
        """How many kept all points and are not equivalent."""
        return self.mutants - self.equivalent - self.killed

    @property
    def share(self) -> float:
        """Killed among those that are not equivalent; 1 where there are none.

        Examples
        --------
        >>> Count("softmax", mutants=24, equivalent=4, killed=19, error=2, timeout=0).share
        0.95
        """
        counted = self.mutants - self.equivalent
        return self.killed / counted if counted else 1.0


@dataclass(frozen=True)
class Report:
    """The judged mutants of one problem set; its text is a table, and below it what needs a person.

    Parameters
    ----------
    ps : str
        The problem set.
    trials : sequence of Trial
        All of them judged.
    unknown : sequence of str
        Entries of the list of equivalent mutants that no mutant bears.
    every : int
        Which share was tried: every so-many-th mutant.
    """

    ps: str
    trials: Sequence[Trial]
    unknown: Sequence[str] = ()
    every: int = 1

    @property
    def counts(self) -> list[Count]:
        """One line per exercise, in the order of the notebook."""
        return [self._count(name) for name in dict.fromkeys(trial.exercise for trial in self.trials)]

    def _count(self, exercise: str) -> Count:
        tried = [trial for trial in self.trials if trial.exercise == exercise]
        fates = [trial.fate for trial in tried if trial.killed and not trial.equivalent]
        listed = sum(trial.equivalent for trial in tried)
        return Count(exercise, len(tried), listed, len(fates), fates.count("error"), fates.count("timeout"))

    @property
    def share(self) -> float:
        """Killed among those that are not equivalent, over all exercises; 1 where there are none."""
        counted = [trial.killed for trial in self.trials if not trial.equivalent]
        return sum(counted) / len(counted) if counted else 1.0

    @property
    def survivors(self) -> list[str]:
        """Mutants that keep all points and are not listed as equivalent."""
        return [_named(trial) for trial in self.trials if not trial.killed and not trial.equivalent]

    @property
    def stale(self) -> list[str]:
        """What the list of equivalent mutants says wrongly: they lose points, or they no longer exist."""
        wrong = [f"{_named(trial)}: it loses points" for trial in self.trials if trial.killed and trial.equivalent]
        return wrong + [f"{entry}: no mutant has this name" for entry in self.unknown]

    @property
    def good(self) -> bool:
        """Whether enough mutants die in every exercise and the list of equivalent ones is true."""
        return not self.stale and all(count.share >= ENOUGH for count in self.counts)

    def __str__(self) -> str:
        wide = max([len(self.ps), *(len(count.exercise) for count in self.counts)])
        head = ("mutants", "equivalent", "killed", "by error", "by time-out", "survived", "share")
        lines = [f"{self.ps:<{wide}}  " + "  ".join(head)]
        for c in self.counts:
            numbers = (c.mutants, c.equivalent, c.killed, c.error, c.timeout, c.survived, f"{100 * c.share:.1f} %")
            cells = (f"{number:>{len(title)}}" for number, title in zip(numbers, head, strict=True))
            lines.append(f"{c.exercise:<{wide}}  " + "  ".join(cells))
        if self.every > 1:
            lines.append(f"a sample: every {self.every}th mutant")
        lines += [f"survived: {name}" for name in self.survivors]
        lines += [f"not equivalent: {entry}" for entry in self.stale]
        return "\n".join(lines)


def _named(trial: Trial) -> str:
    return f"{trial.exercise}: {trial.mutant.name}"
