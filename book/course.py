"""The chapters of the course, those that exist and those to come."""

from __future__ import annotations

from dataclasses import dataclass

from dlopt import syllabus

__all__ = ["CHAPTERS", "Chapter"]


@dataclass(frozen=True)
class Chapter:
    """A chapter as the map on the landing page shows it.

    Attributes
    ----------
    name : str
        File name without suffix, ``"02_quadratics"``; `dlopt.syllabus` uses the same.
    title : str
        What the map calls it.
    question : str
        The question it answers.
    """

    name: str
    title: str
    question: str

    @property
    def number(self) -> int:
        """Place in the course, from 1."""
        return int(self.name[:2])

    @property
    def docname(self) -> str:
        """Name of the page, as Sphinx counts."""
        return f"chapters/{self.name}"

    @property
    def rows(self) -> tuple[syllabus.Row, ...]:
        """Rows of the syllabus that it teaches."""
        return tuple(r for r in syllabus.rows() if r.chapter == self.name)


CHAPTERS = (
    Chapter("01_losses", "Losses", "What should a network be punished for, and what does the gradient see of it?"),
    Chapter("02_quadratics", "Quadratic convergence", "How fast can one step size go when the bowl is a ravine?"),
    Chapter("03_whitening", "Input whitening", "What can be mended before the first step is taken?"),
    Chapter(
        "04_initialization",
        "Initialization",
        "Why did random starts fail for twenty years, and what is a good one?",
    ),
    Chapter("05_sgd", "Stochastic gradient descent", "Why is a noisy gradient a better bargain than an exact one?"),
    Chapter("06_batchnorm", "Batch normalization", "What keeps a hundred layers from saying all the same?"),
    Chapter("07_optimizers", "Momentum and adaptive methods", "When does memory help, and when does it mislead?"),
    Chapter("08_landscapes", "Loss landscapes", "Where are the bad minima that everybody feared?"),
    Chapter("09_backprop", "Backpropagation", "Can you write all of it yourself, and trust it?"),
)
