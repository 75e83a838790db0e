"""Getting submissions in: from an nbgrader exchange, a folder or a zip to ``submitted/<student>/<set>/<set>.ipynb``.

``rules`` reads from names whose file it is, ``sources`` reads folders and zips without trusting them, ``attempts`` puts
the newest where grading looks and keeps the older ones, ``exchange`` runs nbgrader's own collect, ``command`` is the
command line. What is odd is refused with a sentence, file by file: nobody else's submission waits for it.
"""

from autograder.intake.attempts import Attempt, Outcome, place
from autograder.intake.collect import collect
from autograder.intake.rules import Rule, load_rules
from autograder.intake.sources import Refused

__all__ = ["Attempt", "Outcome", "Refused", "Rule", "collect", "load_rules", "place"]
