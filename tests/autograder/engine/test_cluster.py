"""A Dask cluster on loopback, started as docs/scale.md says: killed workers and a killed scheduler lose nothing."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from importlib.util import find_spec

import pytest

from autograder.course import ROOT
from autograder.engine.ledger import Ledger
from autograder.engine.pool import GONE
from autograder.engine.run import Options, run

pytestmark = pytest.mark.slow

PS = "ps2_quadratics"
STUDENTS = 6
CASES = (
    lambda sheet: sheet.honest(),
    lambda sheet: sheet.honest("quadratic", "softmax").answer(words="Because it is so."),
    lambda sheet: sheet.honest().answer(root="def root(x):\n    import os\n    os._exit(3)"),
    lambda sheet: sheet.honest().text()[:5000],
)
PAGE = (ROOT.parent / "docs" / "scale.md").read_text(encoding="utf-8")
LONG = 120  #: seconds after which a test gives up on a cluster


@pytest.fixture(scope="module")
def dask():
    """Dask, which has to be there in CI."""
    if find_spec("distributed") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("needs Dask (requirements-cluster.txt)")


@pytest.fixture(scope="module")
def classroom(dask, open_classroom, instructors):
    room = open_classroom(instructors)
    for number in range(STUDENTS):
        case = CASES[number % len(CASES)]
        room.hand_in(f"s{number}", case)
    return room


@pytest.fixture(scope="module")
def local(classroom, tmp_path_factory):
    """The same class, graded by processes of this machine."""
    other = classroom.twin(tmp_path_factory.mktemp("twin"))
    assert len(list(run(other.course, PS, Options(jobs=2)))) == STUDENTS
    return other


class Cluster:
    """A scheduler, and a command that started two workers."""

    def __init__(self, folder):
        folder.mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        self.folder = folder
        port = self.address.rpartition(":")[2]
        self.scheduler = self.dask("scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")
        self.nannies = self.dask(
            *("worker", self.address, "--nworkers", "2", "--nthreads", "1", "--no-dashboard"),
            *("--local-directory", str(folder)),
        )

    def dask(self, *arguments):
        log = (self.folder / f"{arguments[0]}.log").open("w")
        with log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", *arguments],
                **{"stdout": log, "stderr": log, "cwd": ROOT.parent, "start_new_session": True},
            )

    def workers(self):
        """The processes that grade: forked by the nannies, one each."""
        found = subprocess.run(
            ["ps", "-eww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
        ).stdout
        lines = [line.split(None, 2) for line in found.splitlines()]
        return [
            int(pid) for pid, parent, command in lines if int(parent) == self.nannies.pid and "spawn_main" in command
        ]

    def close(self):
        for process in (self.nannies, self.scheduler):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in (self.nannies, self.scheduler):
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@pytest.fixture
def cluster(tmp_path):
    started = Cluster(tmp_path / "first")
    yield started
    started.close()


@contextlib.contextmanager
def grading(course, address, *more):
    """Run `python -m autograder grade` on a cluster; it is ended where it takes too long."""
    command = [sys.executable, "-m", "autograder", "grade", PS, "--course", str(course.root), "--json"]
    process = subprocess.Popen(
        [*command, "--scheduler", address, *more],
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": ROOT.parent},
    )
    watch = threading.Timer(LONG, process.kill)
    watch.start()
    try:
        yield process
    finally:
        watch.cancel()
        process.kill()
        process.communicate()


def test_a_lost_scheduler_ends_the_run_with_a_sentence_and_the_next_run_with_a_killed_worker_completes_it(
    classroom, local, cluster, tmp_path
):
    course = classroom.course
    with grading(course, cluster.address) as process:
        first = json.loads(process.stdout.readline())["student"]
        os.kill(cluster.scheduler.pid, signal.SIGKILL)
        began = time.monotonic()
        _, said = process.communicate()
        assert process.returncode == 1, said
        assert time.monotonic() - began < 60
    assert "Traceback" not in said
    assert said.splitlines()[-1].endswith("what is graded is kept: start it again, and grade again")
    kept = [line["who"] for line in Ledger(course, PS).lines()]
    assert 1 <= len(kept) < STUDENTS

    again = Cluster(tmp_path / "second")
    try:
        with grading(course, again.address) as process:
            seen = [json.loads(process.stdout.readline())["student"]]
            victims = again.workers()
            assert len(victims) == 2
            os.kill(victims[0], signal.SIGKILL)
            rest, said = process.communicate()
            assert process.returncode == 0, said
    finally:
        again.close()
    seen += [json.loads(line)["student"] for line in rest.splitlines()]
    assert first not in seen
    assert len(seen) == len(set(seen)) == STUDENTS - len(kept)
    lines = list(Ledger(course, PS).lines())
    assert set(Counter(line["who"] for line in lines).values()) == {1}
    assert len(lines) == STUDENTS
    assert classroom.rows() == local.rows()
    for student in (f"s{number}" for number in range(STUDENTS)):
        theirs, ours = (c.notebook("autograded", PS, student).read_bytes() for c in (local.course, course))
        assert theirs == ours


@pytest.mark.parametrize("command", ["scheduler", "worker", "ssh"])
def test_the_page_on_scale_uses_options_that_dask_has(dask, command):
    used = re.findall(rf"^ +\.venv/bin/dask {command}\b(.*)$", PAGE, re.MULTILINE)
    assert used
    done = subprocess.run([sys.executable, "-m", "dask", command, "--help"], capture_output=True, text=True, check=True)
    assert set(re.findall(r"--[\w-]+", " ".join(used))) <= set(re.findall(r"--[\w-]+", done.stdout))


def test_the_page_on_scale_says_what_is_so():
    assert GONE in PAGE
    for snippet in re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        compile(snippet, "docs/scale.md", "exec")
    pinned = dict(re.findall(r"^([\w-]+)==(\S+)", (ROOT.parent / "requirements-cluster.txt").read_text(), re.MULTILINE))
    assert f"distributed {pinned['distributed']}," in PAGE
