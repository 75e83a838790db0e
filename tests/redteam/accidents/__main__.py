"""Grade every accident and write ``docs/accidents.md`` anew: ``python -m tests.redteam.accidents``."""

import tempfile
from pathlib import Path
from typing import Any

from autograder.course import ROOT
from tests.autograder.judge.conftest import Classroom, source
from tests.redteam.accidents.classes import ALL, Class, chosen
from tests.redteam.accidents.page import page


def main() -> None:
    """Write the page."""
    with tempfile.TemporaryDirectory() as folder:
        before: Class | None = None
        graded: dict[str, Any] = {}
        for slow in (False, True):
            room = Classroom(Path(folder) / f"course-{slow}" / "autograder", source())
            before = Class(room, chosen(slow=slow), before)
            graded |= before.graded
    text = page((accident, graded[accident.name]) for accident in ALL)
    (ROOT.parent / "docs" / "accidents.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
