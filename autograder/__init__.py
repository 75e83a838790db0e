"""Instructors only: release, grade, report. Students never install this package."""

from autograder import patience as _patience

_patience.postpone_grammar()
