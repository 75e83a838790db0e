"""The accidents' class, graded once: the quick ones, and those that wait for a limit."""

import pytest

from tests.autograder.judge.conftest import instructors, open_classroom  # noqa: F401 - fixtures
from tests.redteam.accidents.classes import Class, chosen


@pytest.fixture(scope="session")
def quickly(open_classroom, instructors):  # noqa: F811 - that fixture
    return Class(open_classroom(instructors), chosen(slow=False))


@pytest.fixture(scope="session")
def slowly(open_classroom, instructors, quickly):  # noqa: F811 - that fixture
    return Class(open_classroom(instructors), chosen(slow=True), before=quickly)
