"""A run may be killed at any moment: what is in the gradebook is whole, and nothing is graded twice."""

import contextlib
import errno
import hashlib
import json
import os
import pkgutil
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from sqlalchemy import event
from sqlalchemy.engine import Engine

from autograder.course import Course, CourseError
from autograder.engine.audit import explain
from autograder.engine.ledger import Ledger
from autograder.engine.run import Options, run

pytestmark = pytest.mark.slow

PS = "ps2_quadratics"
STUDENTS = 12
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
        "setup", f"import time; time.sleep({number % 4} / 10)  # {number}"
    )


@pytest.fixture(scope="module")
def before(open_classroom, instructors):
    """The class before anybody is graded; tests grade twins of it."""
    room = open_classroom(instructors)
    for number in range(STUDENTS):
        room.hand_in(f"s{number:02}", sleepy(number))
    return room


@pytest.fixture(scope="module")
def classroom(before, tmp_path_factory):
    """The class graded by a run that nothing disturbed."""
    room = before.twin(tmp_path_factory.mktemp("undisturbed"))
    assert len(list(run(room.course, PS, Options(jobs=2)))) == STUDENTS
    return room


def left_by(room, students=range(STUDENTS)):
    """All that a run leaves: rows, notebooks, and what the ledger says, but numbers, times and their order."""
    names = {f"s{number:02}" for number in students}
    rows = {table: [row for row in lines if row[0] in names] for table, lines in room.rows().items()}
    notebooks = {name: room.course.notebook("autograded", PS, name).read_bytes() for name in sorted(names)}
    hashes = {hashlib.sha256(data).hexdigest() for data in notebooks.values()}
    lines = [
        {name: value for name, value in line.items() if name not in ("id", "who", "when", "seconds")}
        for line in Ledger(room.course, PS).lines()
        if line["notebook"] in hashes
    ]
    return rows, notebooks, sorted(lines, key=lambda line: line["key"])


def started(course):
    return subprocess.Popen(
        [sys.executable, "-c", RUN, str(course.root), PS],
        **{"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True, "start_new_session": True},
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


def killed(process, rng):
    """Kill a run, or it and its workers, at a random moment; tell whether it was still running."""
    for _ in range(rng.randrange(3)):  # let so many through, then strike within a moment
        if not process.stdout.readline():
            break
    time.sleep(rng.random() * rng.choice((0.05, 0.5, 2)))
    family, running = workers_of(process.pid), process.poll() is None
    if running and rng.random() < 0.5:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
    process.stdout.close()
    deadline = time.monotonic() + 30
    while any(os.path.exists(f"/proc/{pid}") for pid in family):
        assert time.monotonic() < deadline, "workers outlive their coordinator"
        time.sleep(0.05)
    return running


@pytest.mark.parametrize("kills", [5, pytest.param(100, marks=pytest.mark.exhaustive)])
def test_killed_again_and_again_it_ends_as_if_undisturbed(classroom, before, tmp_path, kills):
    rng, struck, rounds = random.Random(kills), 0, 0
    while struck < kills:
        room, rounds = before.twin(tmp_path / str(rounds)), rounds + 1
        code = None
        while struck < kills and code != 0:
            process = started(room.course)
            struck += killed(process, rng)
            code = process.returncode
        list(run(room.course, PS, Options(jobs=2)))
        lines = list(Ledger(room.course, PS).lines())
        assert Counter(line["who"] for line in lines).most_common(1)[0][1] == 1  # nobody twice
        assert len(lines) == STUDENTS  # nobody never
        assert left_by(room) == left_by(classroom)
        assert list(run(room.course, PS)) == []


def test_a_line_that_a_crash_kept_from_the_ledger_is_written_by_the_next_run(classroom, tmp_path):
    room = classroom.twin(tmp_path)
    ledger = Ledger(room.course, PS)
    before = ledger.path.read_bytes()
    ledger.path.write_bytes(before.rstrip().rpartition(b"\n")[0] + b'\n{"id": "cut sho')
    assert list(run(room.course, PS)) == []
    assert sorted(line["id"] for line in ledger.lines()) == sorted(
        json.loads(line)["id"] for line in before.splitlines()
    )


def test_a_worker_that_dies_costs_nothing_but_its_time(classroom, tmp_path):
    room = classroom.twin(tmp_path)
    seen, struck = [], False
    for step in run(room.course, PS, Options(jobs=2, force=True, only=[f"s{n:02}" for n in range(4)])):
        seen.append(step.student)
        if not struck:
            struck = True
            for pid in workers_of(os.getpid()):
                with contextlib.suppress(FileNotFoundError):  # gone meanwhile
                    name = Path(f"/proc/{pid}/cmdline").read_text()
                    if "forkserver" in name and pid not in servers():
                        os.kill(pid, signal.SIGKILL)
    assert sorted(seen) == [f"s{n:02}" for n in range(4)]
    assert not any(room.result(student).judge["ungradable"] for student in seen)


def servers():
    """The process that workers are forked from."""
    from multiprocessing.forkserver import _forkserver

    return {_forkserver._forkserver_pid}


def test_two_runs_at_once_are_one_too_many(classroom, tmp_path):
    room = classroom.twin(tmp_path)
    first = run(room.course, PS, Options(jobs=1, force=True, only=["s00", "s01"]))
    next(first)
    with pytest.raises(CourseError, match="is being graded by another process"):
        next(run(room.course, PS))
    first.close()


FEW = range(3)
ONLY = tuple(f"s{number:02}" for number in FEW)


def on_the_second_call(monkeypatch, place, error):
    """Have a function fail the second time it is called."""
    module, name = place.rsplit(".", 1)
    owner = pkgutil.resolve_name(module)
    real, calls = getattr(owner, name), []

    def failing(*arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise error
        return real(*arguments)

    monkeypatch.setattr(owner, name, failing)


class Full(Gradebook):
    """A gradebook that cannot grow: SQLite takes a limit below its size for its size."""

    def __init__(self, url):
        event.listen(Engine, "connect", self._limit)
        super().__init__(url)

    @staticmethod
    def _limit(connection, _):
        connection.execute("PRAGMA max_page_count = 1")

    def close(self):
        event.remove(Engine, "connect", self._limit)
        super().close()


FULL = {
    "notebook": ("autograder.engine.files.write_whole", "No space left on device"),
    "ledger": ("autograder.engine.ledger.Ledger.append", "No space left on device"),
    "gradebook": ("", "database or disk is full"),
}


@pytest.mark.parametrize("file", FULL)
def test_a_full_disk_stops_the_run_with_a_sentence_and_the_next_run_completes_it(
    classroom, before, tmp_path, monkeypatch, file
):
    room, (place, said) = before.twin(tmp_path), FULL[file]
    with monkeypatch.context() as patch:
        if place:
            on_the_second_call(patch, place, OSError(errno.ENOSPC, said))
        else:
            list(run(room.course, PS, Options(only=ONLY[:1])))
            patch.setattr("autograder.engine.book.Gradebook", Full)
        with pytest.raises(CourseError, match=rf"cannot be written \({said}\); what was graded before is kept"):
            list(run(room.course, PS, Options(only=ONLY)))
    assert left_by(room, [0])[0] == left_by(classroom, [0])[0]
    list(run(room.course, PS, Options(only=ONLY)))
    assert left_by(room, FEW) == left_by(classroom, FEW)


@pytest.mark.parametrize("graded", [False, True], ids=["first", "again"])
def test_a_read_only_gradebook_stops_the_run_with_a_sentence(classroom, before, tmp_path, graded):
    room = (classroom if graded else before).twin(tmp_path)
    kept = (room.course.root / "gradebook.db").read_bytes()
    closed = Course(room.course.root, f"sqlite:///file:{room.course.root / 'gradebook.db'}?mode=ro&uri=true")
    with pytest.raises(CourseError, match=r"attempt to write a readonly database.*mend this, and grade again"):
        list(run(closed, PS, Options(only=ONLY, force=True)))
    assert (room.course.root / "gradebook.db").read_bytes() == kept
    list(run(room.course, PS, Options(only=ONLY)))
    assert left_by(room, FEW) == left_by(classroom, FEW)


def test_a_clock_that_jumps_back_hides_nothing_that_is_new(classroom, before, tmp_path, monkeypatch):
    room = before.twin(tmp_path)
    list(run(room.course, PS, Options(only=ONLY[:2])))
    past = datetime(2001, 1, 1, tzinfo=UTC)
    monkeypatch.setattr("autograder.engine.book.now", lambda: past.isoformat(timespec="seconds"))
    monkeypatch.setattr(time, "time", past.timestamp)
    mine = room.course.notebook("submitted", PS, "s00")
    mine.write_text(room.sheet().honest("softmax").text(), encoding="utf-8")
    os.utime(mine, (past.timestamp(), past.timestamp()))
    assert sorted(step.student for step in run(room.course, PS, Options(only=ONLY))) == ["s00", "s02"]
    assert list(run(room.course, PS, Options(only=ONLY))) == []
    assert room.result("s00").points["softmax"] == 2
    assert room.result("s00").points["quadratic"] == 0
    assert left_by(room, [1, 2]) == left_by(classroom, [1, 2])
    times = [
        line["when"][:4] for line in Ledger(room.course, PS).lines()
    ]  # as they were graded, whatever the clock said
    assert times[:2] != ["2001"] * 2
    assert times[2:] == ["2001"] * 2
    assert next(explain(room.course, PS, "s00")).startswith("s00, ps2_quadratics: graded 2001-01-01")
