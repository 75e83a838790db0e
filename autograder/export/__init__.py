"""Taking scores out: nbgrader export plugins for Canvas, Moodle and spreadsheets, and a zip of feedback pages.

They work with nbgrader's own command, ``nbgrader export --exporter=autograder.export.CanvasExportPlugin``, and with
``python -m autograder export``. What nobody has decided yet is an empty cell, never 0, and no cell is a formula.
"""

from autograder.export.canvas import CanvasExportPlugin
from autograder.export.feedback import feedback_zip
from autograder.export.moodle import MoodleExportPlugin
from autograder.export.plain import PlainExportPlugin

__all__ = ["CanvasExportPlugin", "MoodleExportPlugin", "PlainExportPlugin", "feedback_zip"]
