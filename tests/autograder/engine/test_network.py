"""A Dask cluster with certificates on machines that only a network connects, set up as docs/scale.md says.

The machines are network namespaces; where they cannot be had, these tests are left out, in CI as well.
"""

import json
import re
import shlex
import shutil
import subprocess
import time
from collections import Counter

import pytest

from autograder.engine.ledger import Ledger
from tests.autograder.engine.cluster import PAGE, PS, STUDENTS, Commands, grading
from tests.autograder.engine.network import Network, why_not

pytestmark = pytest.mark.slow

FOLDER = "/home/you/tls"  # of the page
SECTION = PAGE.partition("## With certificates\n")[2].partition("\n## ")[0]
COMMANDS = re.findall(r"^    (\S.*)$", SECTION, re.MULTILINE)


def said_on_the_page(program, folder):
    """The command of the page that begins like this, with certificates in another folder."""
    (line,) = [line for line in COMMANDS if line.startswith(program)]
    return shlex.split(line.removeprefix(program).replace(FOLDER, str(folder)))


@pytest.fixture(scope="module")
def network():
    reason = why_not()
    if reason:
        pytest.skip(reason)
    made = Network("scheduler", "one", "two", "desk")
    yield made
    made.close()


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
    started = Commands(tmp_path_factory.mktemp("cluster") / "logs")
    started.dask("scheduler", *said_on_the_page(".venv/bin/dask scheduler", certificates), within=network.within("scheduler"))
    asked = said_on_the_page(".venv/bin/dask worker", certificates)
    asked[asked.index("--nworkers") + 1] = "1"
    for machine in ("one", "two"):
        place = "--local-directory", str(started.folder / machine)
        started.dask("worker", *asked, *place, within=network.within(machine), log=machine)
    yield started
    started.close()


@pytest.fixture
def graded(classroom, network, certificates, tmp_path):
    """Grade a copy of the class from the desk."""

    def begin(**environment):
        room = classroom.twin(tmp_path / "class")
        (address,) = {word for line in COMMANDS for word in line.split() if word.startswith("tls://")}
        where = {"DASK_CONFIG": str(certificates), **environment}
        return room, grading(room.course, address, within=network.within("desk"), environment=where)

    return begin


def test_exp_all(classroom, local, graded, cluster):
    t = time.monotonic()
    room, process = graded()
    with process as process:
        out, said = process.communicate()
    print("RUN", time.monotonic() - t, process.returncode, said[-500:])
    assert room.rows() == local.rows()


def test_exp_refused(graded, cluster, tmp_path):
    t = time.monotonic()
    room, process = graded(DASK_CONFIG=str(tmp_path))
    with process as process:
        out, said = process.communicate()
    print("RUN", time.monotonic() - t, process.returncode, said[-800:])


def test_exp_cut(classroom, local, graded, cluster, network):
    t = time.monotonic()
    room, process = graded()
    with process as process:
        print("first", process.stdout.readline(), time.monotonic() - t)
        network.cut("one")
        c = time.monotonic()
        for line in process.stdout:
            print(round(time.monotonic() - c, 2), line[:80])
        out, said = process.communicate()
    print("CUT", time.monotonic() - c, process.returncode, said[-1500:])
    print((cluster.log("scheduler")).read_text()[-3000:])
    assert room.rows() == local.rows()
    network.mend("one")
    time.sleep(40)
    print((cluster.log("scheduler")).read_text()[-3000:])
    print((cluster.log("one")).read_text()[-5000:])
