"""What a run looks like while it runs: a live bar on a terminal, plain lines elsewhere, JSON lines for scripts, a log.

Everything here goes to standard error, but for JSON: that is data, and goes to standard output.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from autograder.engine.run import Step

__all__ = ["Progress", "needs_a_person"]

EVERY = 10.0  #: seconds between two plain lines


def needs_a_person(step: Step) -> str:
    """Say in a few words why somebody has to look at a submission; empty where nobody has to.

    Answers in words wait for a person in every notebook: they are no reason.
    """
    if step.done.ungradable:
        return "ungradable"
    odd = {cell.grade_id: cell.kind for cell in step.done.cells if cell.kind == "ungradable"}
    return ", ".join(f"{name} {kind}" for name, kind in odd.items())


@dataclass
class Progress:
    """Looks at the steps of a run as they pass.

    Parameters
    ----------
    kind : str
        "bar", "lines" or "json".
    log : Path, optional
        A file that gets a line per submission.
    err, out : text files
        Where talk and data go.
    clock : callable
        Seconds.
    """

    kind: str
    log: Path | None = None
    err: TextIO = field(default_factory=lambda: sys.stderr)
    out: TextIO = field(default_factory=lambda: sys.stdout)
    clock: Callable[[], float] = time.monotonic

    @classmethod
    def fitting(cls, *, as_json: bool, log: Path | None = None) -> Progress:
        """Choose by where the talk goes: a bar needs a terminal."""
        return cls("json" if as_json else "bar" if sys.stderr.isatty() else "lines", log)

    def __call__(self, steps: Iterator[Step]) -> Iterator[Step]:
        """Yield the steps on, showing each."""
        self.began = self.said = self.clock()
        self.graded = self.failed = 0
        self.people: list[str] = []
        with self._bar() as bar, self._log() as log:
            for step in steps:
                why = needs_a_person(step)
                self.graded, self.failed = step.graded, self.failed + bool(step.done.ungradable)
                if why:
                    self.people.append(step.student)
                if log is not None:
                    log.write(f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S%z} {step.student} {why or 'graded'}\n")
                    log.flush()
                self._show(bar, step, why)
                yield step
        if self.kind == "lines" and self.graded:
            print(f"{self._counts(0)}; {self.clock() - self.began:.0f} s in all", file=self.err, flush=True)

    def _bar(self) -> Any:
        if self.kind != "bar":
            return nullcontext()
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = [
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[people]}", markup=False),
        ]
        bar = Progress(*columns, console=Console(file=self.err))
        bar.add_task("", total=None, rate="", people="starting")
        return bar

    def _log(self) -> Any:
        if self.log is None:
            return nullcontext()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        return self.log.open("a", encoding="utf-8")

    def _show(self, bar: Any, step: Step, why: str) -> None:
        if self.kind == "json":
            record = {"student": step.student, "left": step.left, "needs_a_person": why, **step.done.record()}
            print(json.dumps(record, ensure_ascii=False), file=self.out, flush=True)
        elif self.kind == "bar":
            rate = step.graded / max(self.clock() - self.began, 1e-9)
            people = f"{self.failed} failed; for a person: {', '.join(self.people[-5:])}" if self.people else ""
            total = step.graded + step.left
            bar.update(0, completed=step.graded, total=total, rate=f"{rate:.1f}/s", people=people)
        elif why or step.left == 0 or self.clock() - self.said >= EVERY or step.graded == 1:
            self.said = self.clock()
            print(f"{self._counts(step.left)}{f'; {step.student} is {why}' if why else ''}", file=self.err, flush=True)

    def _counts(self, left: int) -> str:
        """Say how many are done, failed and left, at which rate, and for how long still."""
        rate = self.graded / max(self.clock() - self.began, 1e-9)
        still = f", about {left / rate:.0f} s" if left else ""
        return f"{self.graded} graded, {self.failed} ungradable, {left} left ({rate:.1f}/s{still})"
