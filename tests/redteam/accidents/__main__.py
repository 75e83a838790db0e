"""Grade every accident and write ``docs/accidents.md`` anew: ``python -m tests.redteam.accidents``."""

import tempfile
from pathlib import Path

from autograder.course import ROOT
from tests.autograder.judge.conftest import Classroom, source
from tests.redteam.accidents.classes import Class, chosen
from tests.redteam.accidents.page import page
from tests.redteam.accidents.register import REGISTER


def main() -> None:
    """Write the page."""
    with tempfile.TemporaryDirectory() as folder:
        graded = {}
        for slow in (False, True):
            room = Classroom(Path(folder) / f"course-{slow}" / "autograder", source())
            graded |= Class(room, chosen(slow=slow)).graded
    text = page((accident, graded[name]) for name, accident in REGISTER.items())
    (ROOT.parent / "docs" / "accidents.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
