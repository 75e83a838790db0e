"""A Dask cluster with certificates on machines that only a network connects, set up as docs/scale.md says.

The machines are network namespaces; where they cannot be had, these tests are left out, in CI as well.
"""

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
from collections import Counter

import pytest

from autograder.engine.ledger import Ledger
from autograder.engine.pool import GONE
from tests.autograder.engine.cluster import PAGE, PS, STUDENTS, Commands, grading
from tests.autograder.engine.network import Network, why_not

pytestmark = pytest.mark.slow

FOLDER = "/home/you/tls"  # of the page
SECTION = PAGE.partition("## With certificates\n")[2].partition("\n## ")[0]
COMMANDS = re.findall(r"^    (\S.*)$", SECTION, re.MULTILINE)
(ADDRESS,) = {word for line in COMMANDS for word in line.split() if word.startswith("tls://")}
SOONER = dict([re.search(r"(DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP)=(\w+)", PAGE).groups()])  # for whoever is cut off


def said_on_the_page(program, folder):
    """The command of the page that begins like this, with certificates in another folder."""
    (line,) = [line for line in COMMANDS if line.startswith(program)]
    return shlex.split(line.removeprefix(program).replace(FOLDER, str(folder)))


@pytest.fixture(scope="module")
def network():
    reason = why_not()
    if reason:
        pytest.skip(reason)
    with contextlib.closing(Network("scheduler", "one", "two", "desk")) as made:
        yield made


@pytest.fixture(scope="module")
def certificates(network, tmp_path_factory):
    """A certificate as on the page, and beside it the configuration of whoever grades."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl")
    folder = tmp_path_factory.mktemp("tls")
    for command in COMMANDS:
        if command.startswith("openssl"):
            subprocess.run(shlex.split(command), cwd=folder, check=True, capture_output=True)
    (text,) = re.findall(r"^```yaml\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)
    (folder / "distributed.yaml").write_text(text.replace(FOLDER, str(folder)))
    return folder


@pytest.fixture(scope="module")
def cluster(dask, network, certificates, tmp_path_factory):
    """A scheduler and two workers, each on a machine of its own."""
    with contextlib.closing(Commands(tmp_path_factory.mktemp("cluster") / "logs")) as started:
        asked = said_on_the_page(".venv/bin/dask scheduler", certificates)
        started.dask("scheduler", *asked, within=network.within("scheduler"))
        asked = said_on_the_page(".venv/bin/dask worker", certificates)
        asked[asked.index("--nworkers") + 1] = "1"
        for machine in ("one", "two"):
            place = "--local-directory", str(started.folder / machine)
            started.dask("worker", *asked, *place, within=network.within(machine), name=machine)
        started.wait(2)
        yield started


@pytest.fixture
def room(classroom, tmp_path):
    """A copy of the class, nobody graded yet."""
    return classroom.twin(tmp_path / "class")


@pytest.fixture
def graded(room, network, certificates):
    """Grade the copy from the desk; afterwards every cable is in its place."""

    def begin(address=ADDRESS, configuration=certificates, **environment):
        environment["DASK_CONFIG"] = str(configuration)
        return grading(room.course, address, within=network.within("desk"), environment=environment)

    yield begin
    for machine in network.machines:
        network.mend(machine)


def once(room):
    """Whether everybody was graded, and nobody twice."""
    times = Counter(line["who"] for line in Ledger(room.course, PS).lines())
    return sorted(times.values()) == [1] * STUDENTS


@contextlib.contextmanager
def asleep(worker):
    """Keep a worker from finishing what it is given: it still has work when a cable is taken out."""
    os.killpg(worker.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(worker.pid, signal.SIGCONT)


def test_a_coordinator_that_is_cut_off_ends_with_a_sentence_and_the_next_run_completes_the_class(
    cluster, network, graded, room, local
):
    with graded(**SOONER) as process:
        with asleep(cluster.running["one"]):
            process.stdout.readline()
            network.cut("desk")
        _, said = process.communicate()
        network.mend("desk")
        assert process.returncode == 1, said
    assert said.splitlines()[-1] == f"python -m autograder: {GONE}"
    assert "Traceback" not in said
    assert 1 <= len(list(Ledger(room.course, PS).lines())) < STUDENTS
    with graded() as process:
        _, said = process.communicate()
        assert process.returncode == 0, said
    assert once(room)
    assert room.rows() == local.rows()


def nothing(folder):
    """Somebody who has no configuration."""
    return ""


def no_files(folder):
    """Somebody who wrote the configuration and copied no certificate."""
    return (folder / "distributed.yaml").read_text().replace("grading.pem", "none.pem")


def signed_by_nobody(folder):
    """Somebody who made a certificate without the key of the authority."""
    command = "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=grading -keyout mine.key -out mine.pem"
    subprocess.run(shlex.split(command), cwd=folder, check=True, capture_output=True)
    return (folder / "distributed.yaml").read_text().replace("grading.", "mine.")


@pytest.mark.parametrize(
    ("configured", "address", "sentence"),
    [
        (nothing, ADDRESS, "needs a certificate of yours"),
        (no_files, ADDRESS, "the certificate for"),
        (signed_by_nobody, ADDRESS, "no Dask scheduler answers at"),
        (nothing, ADDRESS.replace("tls", "tcp"), "no Dask scheduler answers at"),
    ],
)
def test_whoever_has_no_certificate_is_refused_with_a_sentence(
    configured, address, sentence, cluster, graded, room, certificates, tmp_path
):
    (tmp_path / "distributed.yaml").write_text(configured(certificates))
    with graded(address, tmp_path) as process:
        out, said = process.communicate()
        assert process.returncode == 1, said
    assert not out
    (line,) = said.splitlines()
    assert line.startswith("python -m autograder: ")
    assert sentence in line
    assert not list(Ledger(room.course, PS).lines())


def test_a_worker_that_is_cut_off_ends_and_what_it_had_is_graded_by_the_other(cluster, network, graded, room, local):
    lost = cluster.running["one"]
    with graded() as process:
        with asleep(lost):
            seen = [json.loads(process.stdout.readline())["student"]]
            network.cut("one")
        rest, said = process.communicate()
        assert process.returncode == 0, said
    assert f"Remove worker addr: tls://{network.address('one')}:" in cluster.log("scheduler").read_text()
    seen += [json.loads(line)["student"] for line in rest.splitlines()]
    assert len(seen) == len(set(seen)) == STUDENTS
    assert once(room)
    assert room.rows() == local.rows()
    lost.wait(30)
