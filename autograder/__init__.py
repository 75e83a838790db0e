"""Instructors only: release, grade, report. Students never install this package."""
