"""A large class of all sorts, honest, wrong, hostile and broken: everyone has an outcome, and nobody a neighbour's.

Forty in `make test`, a thousand in `make exhaustive`.
"""

import inspect
import json
import random
import re
import subprocess
import sys
import textwrap
from dataclasses import dataclass, field
from typing import Any

import pytest

from autograder.engine.ledger import Ledger
from autograder.engine.run import Options, run
from autograder.misconceptions import table
from tests.autograder.judge.conftest import EXERCISES, PS
from tests.redteam import course as planted
from tests.redteam.attacks import ATTACKS

pytestmark = pytest.mark.slow

GROWTH = 24 << 20  #: bytes that the coordinator may grow by after the first tenth of a class
ENDLESS = "service"  #: attacks on time and memory, most of which cost seconds each
RUN = """
import json, os, sys
from pathlib import Path
from autograder.course import Course
from autograder.engine.run import Options, run
if __name__ == "__main__":
    for step in run(Course(Path(sys.argv[1])), sys.argv[2], Options(jobs=2)):
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        print(json.dumps([step.student, pages * os.sysconf("SC_PAGE_SIZE"), step.done.seconds]), flush=True)
"""


def honest(rng, sheet):
    """All of it, or some of it, with a cell of one's own."""
    some = rng.random() < 0.5
    names = rng.sample(sorted(sheet.answers), rng.randint(1, 5)) if some else ()
    return sheet.honest(*names).add("setup", f"note = {rng.random()}")


def wrong(rng, sheet):
    """Right, but for a known mistake in each of some exercises."""
    known = table(PS).misconceptions
    for exercise in rng.sample(EXERCISES, rng.randint(1, 3)):
        source = textwrap.dedent(inspect.getsource(rng.choice(known[exercise]).answer))
        found = re.search(r"^def \w+(.*)", source, re.MULTILINE | re.DOTALL)
        if found:
            sheet.answer(**{exercise: f"def {exercise}{found[1]}"})
    return sheet.add("setup", f"note = {rng.random()}")


def wrong_in_parts(rng, sheet):
    return wrong(rng, sheet.honest())


def broken(rng, sheet):
    """A file that was cut, emptied, renamed or never was a notebook."""
    text = sheet.honest().text()
    files = (
        {f"{PS}.ipynb": text[: rng.randint(1, len(text) - 10)]},
        {f"{PS}.ipynb": ""},
        {f"{PS}.ipynb": "[]"},
        {"notes.txt": "later"},
    )
    return rng.choice(files)


@dataclass
class Soaked:
    """A class that went through the engine."""

    target: Any
    kinds: dict[str, str]
    memory: list[int] = field(default_factory=list)
    graded: list[str] = field(default_factory=list)
    said: str = ""


SIZES = [40, pytest.param(1000, marks=pytest.mark.exhaustive)]


@pytest.fixture(scope="module", params=SIZES)
def soaked(request, tmp_path_factory):
    """A class of so many, handed in and graded by one run in a process of its own."""
    size, rng = request.param, random.Random(request.param)
    target = planted.Target(tmp_path_factory.mktemp("soak") / "autograder")
    attacks = [a for a in ATTACKS.values() if a.outcome != "refused" and (size > len(ATTACKS) or a.group != ENDLESS)]
    attacks = rng.sample(attacks, min(len(attacks), size // 4))
    kinds = {}
    for attack in attacks:
        target.hand_in(attack.student, attack.submission)
        kinds[attack.student] = attack.outcome
    target.hand_in("aaron", lambda sheet: honest(rng, sheet))  # whom some attacks are after
    kinds["aaron"] = "honest"
    makers = [honest, honest, honest, wrong, wrong_in_parts, broken]
    for number in range(size - len(kinds)):
        make = makers[number % len(makers)]
        target.hand_in(f"s{number:04}", lambda sheet, make=make: make(rng, sheet))
        kinds[f"s{number:04}"] = make.__name__
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(target.course.root), PS],
        **{"capture_output": True, "text": True, "env": target.environment},
    )
    assert done.returncode == 0, done.stderr[-4000:]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return Soaked(target, kinds, [line[1] for line in lines], [line[0] for line in lines], done.stderr)


def test_everyone_has_an_outcome_and_is_in_the_ledger_once(soaked):
    course = soaked.target.course
    assert sorted(soaked.graded) == sorted(soaked.kinds)
    records = list(Ledger(course, PS).lines())
    assert len({record["who"] for record in records}) == len(records) == len(soaked.kinds)
    for student, result in soaked.target.results(soaked.kinds).items():
        if result.judge["ungradable"]:
            assert soaked.kinds[student] in ("broken", "ungradable"), result.judge["ungradable"]
            assert set(result.points.values()) == {None}
        else:
            assert soaked.kinds[student] != "broken"
            assert {cell["grade_id"].removesuffix("_check") for cell in result.judge["cells"]} == set(planted.WORTH)
            left_to_a_person = {cell["grade_id"] for cell in result.judge["cells"] if cell["kind"] == "ungradable"}
            assert {f"{e}_check" for e in planted.WORTH if result.points[e] is None} == left_to_a_person
            assert not left_to_a_person or soaked.kinds[student] == "graded"  # an attack on the points of a cell
    assert list(run(course, PS)) == []


def test_an_honest_answer_keeps_its_points_in_any_company(soaked):
    names = [student for student, kind in soaked.kinds.items() if kind == "honest"]
    assert len(names) >= len(soaked.kinds) // 4
    answers = soaked.target.answers
    for student, result in soaked.target.results(names).items():
        cells = {c.metadata.get("nbgrader", {}).get("grade_id"): c.source for c in result.notebook.cells}
        for exercise, worth in planted.WORTH.items():
            if cells[exercise] == answers[exercise] and exercise != "cross_entropy":  # which needs log_softmax
                assert result.points[exercise] == worth, (student, exercise)


def test_nobody_s_score_depends_on_the_neighbours(soaked):
    rng, course = random.Random(0), soaked.target.course
    of_each = {kind: [s for s, k in soaked.kinds.items() if k == kind] for kind in sorted(set(soaked.kinds.values()))}
    sample = [
        student for names in of_each.values() for student in rng.sample(names, min(len(names), 1 + len(names) // 50))
    ]
    assert len(sample) >= len(of_each)
    rows = soaked.target.results(sample)
    for student in sample:
        (alone,) = run(course, PS, Options(only=[student], force=True, dry=True))
        scores = {name.removesuffix("_check"): score for name, score in alone.done.scores.items()}
        assert scores == rows[student].points, student


def test_the_coordinator_s_memory_is_flat(soaked):
    early, late = soaked.memory[len(soaked.memory) // 10], soaked.memory[-1]
    assert late - early < GROWTH, f"{early >> 20} MiB after a tenth, {late >> 20} MiB in the end"
