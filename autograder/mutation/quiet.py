"""What a check needs of `autograder.grading` to judge a mutant: the unseen seeds and what is lent, but no diagnosis.

Comparing with every known mistake takes most of the time of a failed check, and no mutant reads it.
"""

from autograder.grading import SEEDS, reference

__all__ = ["SEEDS", "explain", "reference"]


def explain(*_: object) -> None:
    """Name no misconception."""
