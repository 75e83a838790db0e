"""A jail from start to close: restarts, endings, two at once, and none at all."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.jail import Jail, JailError, bubblewrap
from autograder.jail.client import UNJAILED


@pytest.fixture
def own(guest):
    """A jail of the test's own."""
    with Jail("ps2_quadratics", guest=guest) as jail:
        yield jail


def cpu_of_children_and_self():
    times = os.times()
    return times.user + times.system


def test_a_fresh_session_is_a_matter_of_milliseconds(jail, talk):
    wall, cpu = [], []
    for _ in range(10):
        jail.kill_session()
        began, used = time.perf_counter(), cpu_of_children_and_self()
        with jail.session() as sock:
            assert talk(jail, sock).run("result = 1") == 1
        wall.append(time.perf_counter() - began)
        cpu.append(cpu_of_children_and_self() - used)
    assert sorted(wall)[5] < 0.2
    assert sorted(cpu)[5] < 0.1
    assert 0 < jail.start_seconds < 60


def test_what_sessions_took_is_added_up(own, talk):
    took = []
    for _ in range(3):
        with own.session() as sock:
            talk(own, sock).run("result = sum(range(2_000_000))")
        took.append(own.kill_session().cpu_seconds)
    assert min(took) > 0
    assert own.spent == pytest.approx(sum(took))


def test_a_dead_server_is_started_again_once_with_a_note(own, talk):
    with own.session() as sock:
        assert talk(own, sock).run("result = 1") == 1
        os.kill(own._server.pid, signal.SIGKILL)
        ending = own.ending(10)
    assert ending.reason == "server"
    assert not own.alive
    with own.session() as sock:
        assert talk(own, sock).run("result = 2") == 2
    assert own.notes == ["The jail's server ended during a session."]


def test_a_server_that_died_unnoticed_is_replaced_as_well(own, talk):
    os.kill(own._server.pid, signal.SIGKILL)
    time.sleep(0.2)
    with own.session() as sock:
        assert talk(own, sock).run("result = 2") == 2


def test_a_server_that_cannot_open_sessions_is_given_up_after_a_second_try(own, monkeypatch):
    def refuse(server, ours):
        raise ConnectionError("no")

    monkeypatch.setattr(Jail, "_admit", staticmethod(refuse))
    with pytest.raises(JailError, match=r"did not open a session \(no\)"):
        own.session()
    assert len(own.notes) == 2


def test_a_server_that_fails_to_start_says_its_last_words(tmp_path):
    broken = tmp_path / "guest.py"
    broken.write_text("raise ValueError('a broken guest')\n")
    with pytest.raises(JailError, match=r"did not start\. Its last words: ValueError: a broken guest"):
        Jail("ps2_quadratics", guest=broken).start()


def test_the_guest_of_the_bridge_is_complete_in_the_jail():
    """Nothing that it imports is missing from the bundle."""
    with Jail("ps2_quadratics") as jail, jail.session() as sock:
        assert jail.ending(0.2) is None
        sock.close()
        assert jail.ending(10).reason == "exit"


def test_imports_must_not_leave_threads_behind(tmp_path):
    threaded = tmp_path / "guest.py"
    threaded.write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
    )
    with pytest.raises(JailError, match="2 threads"):
        Jail("ps2_quadratics", guest=threaded).start()


def test_two_jails_do_not_see_each_other(own, jail, talk):
    with own.session() as left, jail.session() as right:
        left, right = talk(own, left), talk(jail, right)
        left.run("open('/tmp/mine', 'w').write('x'); open('/dev/shm/mine', 'w').write('x')")
        left.run("import socket\ns = socket.socket(socket.AF_UNIX); s.bind('\\0mine'); s.listen()")
        look = "import os\nresult = [os.listdir('/tmp'), os.listdir('/dev/shm')]"
        assert right.run(look) == [[], []]
        assert right.run("result = [n for n in os.listdir('/proc') if n.isdigit()]")[0] == "1"
        assert right.run("result = sum(n.isdigit() for n in os.listdir('/proc'))") == 2
        assert "refused" in right.run("import socket\nsocket.socket(socket.AF_UNIX).connect('\\0mine')")
        if bubblewrap.becomes_students():
            assert left.run("import os\nresult = os.getuid()") != right.run("result = os.getuid()")


def test_opening_a_session_ends_the_one_before(own, talk):
    with own.session() as first:
        talk(own, first).run("result = 'first'")
        second = own.session()
        assert first.recv(1) == b""
    with second:
        assert talk(own, second).run("result = 'mine'") == "mine"


def groups_of(pid):
    """The control groups that a grader has made."""
    return {path for path in Path("/sys/fs/cgroup").glob(f"**/dlopt-jail-{pid}-*") if path.is_dir()}


def test_closing_leaves_no_process_no_group_and_no_file(guest):
    before, files = groups_of(os.getpid()), len(os.listdir("/proc/self/fd"))
    with Jail("ps2_quadratics", guest=guest) as jail:
        pid = jail._server.pid
        with jail.session():
            pass
    assert not Path(f"/proc/{pid}").exists()
    assert groups_of(os.getpid()) == before
    assert len(os.listdir("/proc/self/fd")) == files


def test_a_killed_grader_takes_its_jail_along(guest, tmp_path):
    script = (
        f"import time\nfrom pathlib import Path\nfrom autograder.jail import Jail\n"
        f"jail = Jail('ps2_quadratics', guest=Path({str(guest)!r})); jail.start(); jail.session()\n"
        f"print(jail._server.pid, flush=True); time.sleep(60)"
    )
    clone = Path(__file__).resolve().parents[3]
    command = [sys.executable, "-c", script]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, cwd=clone, env={**os.environ, "TMPDIR": str(tmp_path)}
    ) as grader:
        pid = int(grader.stdout.readline())
        assert Path(f"/proc/{pid}").exists()
        grader.kill()
    for _ in range(100):
        if not Path(f"/proc/{pid}").exists():
            break
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()
    for group in groups_of(grader.pid):  # empty now; the next grader beside it would have swept them
        group.rmdir()


def test_a_grader_that_forgets_to_close_leaves_no_group(guest):
    script = (
        f"from pathlib import Path\nfrom autograder.jail import Jail\n"
        f"jail = Jail('ps2_quadratics', guest=Path({str(guest)!r})); jail.start(); jail.session()"
    )
    grader = subprocess.Popen([sys.executable, "-c", script], cwd=Path(__file__).resolve().parents[3])
    assert grader.wait(60) == 0
    assert not groups_of(grader.pid)


def test_where_no_jail_can_be_built_grading_is_refused_with_what_to_do(monkeypatch):
    monkeypatch.setattr("autograder.jail.bubblewrap.find", lambda: (None, "bwrap says: no permissions."))
    with pytest.raises(JailError, match=r"bwrap says: no permissions\. .*--no-jail"):
        Jail("ps2_quadratics").start()


def test_without_a_jail_everything_works_under_a_loud_warning(guest, talk):
    jail = Jail("ps2_quadratics", unjailed=True, guest=guest)
    with pytest.warns(RuntimeWarning, match="without a jail"):
        jail.start()
    with jail:
        assert jail.notes == [UNJAILED]
        with jail.session() as sock:
            session = talk(jail, sock)
            leave = """
import os, subprocess, sys
open("note", "w").write("x")
p = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
result = os.getcwd(), p.pid
"""
            home, pid = session.run(leave)
            assert jail.kill_session().reason == "killed"
        assert not Path(f"/proc/{pid}").exists()
        with jail.session() as sock:
            assert talk(jail, sock).run("import os\nresult = os.listdir('.')") == []
            assert "MemoryError" in talk(jail, sock).run("import numpy as np\nnp.ones(10**10)")
    assert not Path(home).exists()


@pytest.mark.slow
def test_torch_is_there_where_the_problem_set_asks_for_it(guest, talk):
    with Jail("ps9_mlp_torch", torch=True, guest=guest) as jail, jail.session() as sock:
        session = talk(jail, sock)
        train = """
import torch
from torch import nn
net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
step = torch.optim.SGD(net.parameters(), lr=0.1)
x = torch.randn(512, 64)
for _ in range(20):
    step.zero_grad(); loss = net(x).square().mean(); loss.backward(); step.step()
result = torch.get_num_threads(), bool(loss.isfinite())
"""
        assert session.run(train) == (1, True)
        for name in ("scipy", "sklearn", "joblib"):
            assert "ModuleNotFoundError" in session.run(f"import {name}")


def test_the_module_tells_what_this_machine_offers(capsys):
    from autograder.jail.__main__ import main

    assert main() == 0
    assert "ms to open" in capsys.readouterr().out
