"""A run may be killed at any moment: what is in the gradebook is whole, and nothing is graded twice."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from autograder.course import CourseError
from autograder.engine.ledger import Ledger
from autograder.engine.run import Options, run

pytestmark = pytest.mark.slow

PS = "ps2_quadratics"
STUDENTS = 5
RUN = """
import sys
from pathlib import Path
from autograder.course import Course
from autograder.engine.run import Options, run
if __name__ == "__main__":
    for step in run(Course(Path(sys.argv[1])), sys.argv[2], Options(jobs=2)):
        print(step.student, flush=True)
"""


def sleepy(number):
    return lambda sheet: sheet.honest("quadratic", "softmax").add(
        "setup", f"import time; time.sleep({number % 4} / 10)"
    )


@pytest.fixture(scope="module")
def classroom(open_classroom, instructors):
    room = open_classroom(instructors)
    for number in range(STUDENTS):
        room.hand_in(f"s{number:02}", sleepy(number))
    return room


def started(course):
    return subprocess.Popen(
        [sys.executable, "-c", RUN, str(course.root), PS], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def workers_of(pid):
    """Processes of a run, the fork server's included: all that name it as an ancestor."""
    found = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(a): int(b) for a, b in (line.split() for line in found.splitlines())}

    def below(process):
        while process in parents:
            process = parents[process]
            if process == pid:
                return True
        return False

    return [process for process in parents if below(process)]


def test_killed_again_and_again_it_ends_as_if_undisturbed(classroom):
    course, rng = classroom.course, random.Random(1)
    kills = 0
    for _ in range(40):
        process = started(course)
        family = []
        for _ in range(1 + rng.randrange(2)):  # let so many through, then strike within a moment
            if not process.stdout.readline():
                break
        else:
            family = workers_of(process.pid)
            time.sleep(rng.random() * 0.2)
            kills += process.poll() is None
            process.kill()
        code = process.wait()
        process.stdout.close()
        deadline = time.monotonic() + 30
        while any(os.path.exists(f"/proc/{pid}") for pid in family):
            assert time.monotonic() < deadline, "workers outlive their coordinator"
            time.sleep(0.05)
        if code == 0:
            break
    assert code == 0
    assert kills >= 2
    lines = list(Ledger(course, PS).lines())
    assert set(Counter(line["who"] for line in lines).values()) == {1}  # nobody twice
    assert len(lines) == STUDENTS  # nobody never
    disturbed = classroom.rows()
    classroom.autograde("--force")
    assert classroom.rows() == disturbed


def test_a_line_that_a_crash_kept_from_the_ledger_is_written_by_the_next_run(classroom):
    ledger = Ledger(classroom.course, PS)
    before = ledger.path.read_bytes()
    ledger.path.write_bytes(before.rstrip().rpartition(b"\n")[0] + b'\n{"id": "cut sho')
    assert list(run(classroom.course, PS)) == []
    assert sorted(line["id"] for line in ledger.lines()) == sorted(
        json.loads(line)["id"] for line in before.splitlines()
    )


def test_a_worker_that_dies_costs_nothing_but_its_time(classroom):
    seen, struck = [], False
    for step in run(classroom.course, PS, Options(jobs=2, force=True, only=[f"s{n:02}" for n in range(4)])):
        seen.append(step.student)
        if not struck:
            struck = True
            for pid in workers_of(os.getpid()):
                with contextlib.suppress(FileNotFoundError):  # gone meanwhile
                    name = Path(f"/proc/{pid}/cmdline").read_text()
                    if "forkserver" in name and pid not in servers():
                        os.kill(pid, signal.SIGKILL)
    assert sorted(seen) == [f"s{n:02}" for n in range(4)]
    assert not any(classroom.result(student).judge["ungradable"] for student in seen)


def servers():
    """The process that workers are forked from."""
    from multiprocessing.forkserver import _forkserver

    return {_forkserver._forkserver_pid}


def test_two_runs_at_once_are_one_too_many(classroom):
    first = run(classroom.course, PS, Options(jobs=1, force=True, only=["s00", "s01"]))
    next(first)
    with pytest.raises(CourseError, match="is being graded by another process"):
        next(run(classroom.course, PS))
    first.close()


def test_a_full_disk_stops_the_run_with_a_sentence(classroom, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("autograder.engine.files.write_whole", full)
    before = classroom.rows()
    with pytest.raises(CourseError, match=r"cannot be written \(No space left on device\)"):
        list(run(classroom.course, PS, Options(jobs=1, force=True, only=["s03"])))
    assert classroom.rows() == before
