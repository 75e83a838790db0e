"""Rosters: the students of a course, from the CSV file that a learning platform exports into nbgrader's gradebook."""

from autograder.roster._cells import check_id, clean
from autograder.roster._csv import COLUMNS, Person, read
from autograder.roster._enter import Changes, enter

__all__ = ["COLUMNS", "Changes", "Person", "check_id", "clean", "enter", "read"]
