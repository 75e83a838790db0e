"""Graders under test: every small slip in a model solution must cost points.

`slips` says what goes wrong in numerical code, `mutants` puts one slip at a time into a solution, `trial` has the
grading checks judge the result, `report` counts. ``python -m autograder mutation`` runs all of it. A mutant that no
input within the contract tells from the solution stands in `equivalents`, with the reason.
"""

from autograder.mutation.mutants import Mutant, mutants
from autograder.mutation.report import ENOUGH, Count, Report
from autograder.mutation.trial import Trial, plan, run, unknown

__all__ = ["ENOUGH", "Count", "Mutant", "Report", "Trial", "mutants", "plan", "run", "unknown"]
