"""``course.yml``, read in one place: sets and their order, points, deadlines, published solutions.

Release, grading, nbgrader's settings, the book's downloads and the course's total all ask `load`. What may stand in
the file is described in ``course.schema.json``, which editors understand as well.
"""

from autograder.settings._settings import Late, ProblemSet, Settings, load

__all__ = ["Late", "ProblemSet", "Settings", "load"]
