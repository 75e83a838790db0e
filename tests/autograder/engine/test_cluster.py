"""A Dask cluster on loopback, started as docs/scale.md says: killed workers and a killed scheduler lose nothing."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections import Counter

import pytest

from autograder.course import ROOT, CourseError
from autograder.engine.ledger import Ledger
from autograder.engine.pool import GONE
from autograder.engine.pool import Cluster as Pool
from tests.autograder.engine.cluster import PAGE, PS, STUDENTS, Commands, grading

pytestmark = pytest.mark.slow


class Cluster(Commands):
    """A scheduler, and a command that started two workers."""

    def __init__(self, folder):
        super().__init__(folder)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        port = self.address.rpartition(":")[2]
        self.scheduler = self.dask("scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")
        self.nannies = self.dask(
            *("worker", self.address, "--nworkers", "2", "--nthreads", "1", "--no-dashboard"),
            *("--local-directory", str(folder)),
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


@pytest.fixture
def cluster(tmp_path):
    started = Cluster(tmp_path / "first")
    yield started
    started.close()


def test_a_lost_scheduler_ends_the_run_with_a_sentence_and_the_next_run_with_a_killed_worker_completes_it(
    classroom, local, cluster, tmp_path
):
    course = classroom.course
    with grading(course, cluster.address) as process:
        first = json.loads(process.stdout.readline())["student"]
        os.kill(cluster.scheduler.pid, signal.SIGKILL)
        _, said = process.communicate()
        assert process.returncode == 1, said
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


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ((None, None, None), r"tls://127\.0\.0\.1:1 needs a certificate of yours"),
        (("ca.pem", None, None), r"tls://127\.0\.0\.1:1 needs a certificate of yours"),
        (("ca.pem", "mine.pem", "mine.key"), r"cannot be used \(ca\.pem, mine\.pem, mine\.key\): .*No such file"),
    ],
)
def test_an_address_with_tls_is_refused_before_anybody_is_asked_where_no_certificate_is_there(
    dask, files, sentence, tmp_path, monkeypatch
):
    import distributed  # noqa: F401 - brings the defaults, which have to be there before they are set
    from dask import config

    ca, cert, key = files
    monkeypatch.chdir(tmp_path)
    theirs = {"ca-file": ca, "client.cert": cert, "client.key": key}
    with (
        config.set({f"distributed.comm.tls.{name}": value for name, value in theirs.items()}),
        pytest.raises(CourseError, match=sentence),
    ):
        Pool("tls://127.0.0.1:1")


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
