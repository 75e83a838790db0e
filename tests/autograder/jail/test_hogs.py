"""Student code that takes more than its share, and what the grader learns of it."""

import os
import time
from dataclasses import replace

import pytest

from autograder.jail import Jail
from autograder.jail.cgroups import SessionGroup

MIB = 1 << 20


def test_one_large_array_is_refused_as_a_memory_error(session):
    assert "MemoryError" in session.run("import numpy as np\nnp.ones(10**10)")
    assert session.run("result = float(np.ones(10).sum())") == 10.0


def test_many_processes_together_run_out_of_memory(session):
    """Each stays below the limit of one process; only their sum does not."""
    many = """
import os, time
for _ in range(8):
    if os.fork() == 0:
        hog = bytearray(60 << 20)
        for i in range(0, len(hog), 4096): hog[i] = 1
        time.sleep(60)
for _ in range(8):
    os.wait()
os._exit(3)
"""
    assert session.end_of(many).reason == "memory"


def test_files_in_memory_count_as_memory_and_are_limited(session):
    fill = "import os\nwith open('/dev/shm/{0}', 'wb') as f:\n    for _ in range(64): f.write(bytes(1 << 20))"
    assert "File too large" in session.run(fill.format("one"))
    several = (
        "for i in range(8):\n    with open(f'/tmp/{i}', 'wb') as f:\n        for _ in range(3): f.write(bytes(1 << 20))"
    )
    assert "No space left" in session.run(several)


def test_limits_hold_at_their_edges(session):
    """What just fits is taken, one more is refused."""
    limits = session.jail.limits
    grow = f"""
import os
with open("edge", "wb", buffering=0) as file:
    file.truncate({limits.file_bytes} - 1)
    file.seek(0, os.SEEK_END)
    result = [file.write(b"x")]
    try: file.write(b"x")
    except OSError as error: result.append(error.strerror)
os.unlink("edge")
"""
    assert session.run(grow) == [1, "File too large"]
    fill = f"""
left = {limits.tmp_bytes}
names = [f"/tmp/{{n}}" for n in range(left // {limits.file_bytes})]
for name in names:
    with open(name, "wb") as file: file.write(bytes({limits.file_bytes}))
try:
    with open("/tmp/more", "wb", buffering=0) as file: result = file.write(b"x")
except OSError as error:
    result = error.strerror
for name in os.listdir("/tmp"): os.unlink(f"/tmp/{{name}}")
"""
    assert session.run(fill) == "No space left on device"
    count = """
files = []
try:
    while True: files.append(os.open("/dev/null", os.O_RDONLY))
except OSError:
    result = max(files)
for fd in files: os.close(fd)
"""
    assert session.run(count) == limits.open_files - 1


def test_a_fork_bomb_stays_within_its_limit_and_leaves_nothing(session, fresh):
    bomb = """
import os, time
started = 0
def bomb(depth):
    global started
    for _ in range(100):
        try:
            pid = os.fork()
        except OSError:
            return
        if pid == 0:
            bomb(depth + 1)
            time.sleep(60)
        started += 1
bomb(0)
result = len([n for n in os.listdir('/proc') if n.isdigit()])
"""
    assert 10 < session.run(bomb) <= session.jail.limits.processes + 1
    assert session.jail.kill_session().reason == "killed"
    assert fresh().run("import os\nresult = len([n for n in os.listdir('/proc') if n.isdigit()])") == 2


def test_threads_are_limited_too(session):
    threads = """
import threading, time
try:
    for n in range(1000): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
except RuntimeError:
    result = n
"""
    assert 5 < session.run(threads) <= session.jail.limits.processes


def test_open_files_are_limited(session):
    assert "Too many open files" in session.run("files = [open('/dev/null') for _ in range(1000)]")


def test_a_core_is_never_dumped_and_a_crash_is_told_by_its_signal(session):
    crash = "import ctypes\nctypes.string_at(0)"
    ending = session.end_of(crash)
    assert (ending.reason, ending.signal) == ("signal", 11)
    assert str(ending) == "the process was ended by SIGSEGV"


def test_leaving_is_told_by_its_exit_code(session):
    ending = session.end_of("import os\nos._exit(7)")
    assert (ending.reason, ending.exit_code) == ("exit", 7)


def test_killing_everybody_kills_only_oneself(session, fresh):
    everybody = "import os\ntry: os.kill(-1, 9)\nexcept OSError: pass\nos.kill(os.getpid(), 9)"
    ending = session.end_of(everybody)
    assert (ending.reason, ending.signal) == ("signal", 9)
    assert session.jail.alive
    assert fresh().run("result = 1") == 1


def test_an_endless_loop_runs_until_the_grader_ends_it(session):
    session.send("while True: pass")
    time.sleep(0.3)
    assert session.jail.ending() is None
    ending = session.jail.kill_session()
    assert ending.reason == "killed"
    assert ending.cpu_seconds > 0.01


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"cpu_seconds": 1}, "cpu"), ({"wall_seconds": 0.5}, "wall")],
)
def test_time_of_processor_and_of_the_session_are_limited(guest, talk, change, reason):
    limits = replace(Jail("ps2_quadratics").limits, **change)
    with Jail("ps2_quadratics", limits=limits, guest=guest) as jail, jail.session() as sock:
        assert talk(jail, sock).end_of("while True: pass").reason == reason


def test_without_control_groups_the_sum_of_memory_is_watched(guest, talk, monkeypatch):
    monkeypatch.setattr("autograder.jail.launch.SessionGroup.make", lambda limits: None)
    limits = replace(Jail("ps2_quadratics").limits, memory_bytes=160 * MIB)
    many = """
import os, time
for _ in range(8):
    if os.fork() == 0:
        hog = b"x" * (60 << 20)
        time.sleep(60)
time.sleep(60)
"""
    with Jail("ps2_quadratics", limits=limits, guest=guest) as jail, jail.session() as sock:
        assert not jail.grouped
        assert talk(jail, sock).end_of(many).reason == "memory"


@pytest.mark.parametrize("doors", ["open", "shut", "none"])
def test_a_session_is_in_its_control_groups_whether_it_goes_in_or_is_put_in(guest, talk, monkeypatch, doors):
    def shut(group):
        if group.version == 1:
            group.doors += [os.open(folder / "tasks", os.O_RDONLY) for folder in (group.memory, group.pids)]

    if doors != "open":
        monkeypatch.setattr(SessionGroup, "_open", shut if doors == "shut" else lambda group: None)
    with Jail("ps2_quadratics", guest=guest) as jail, jail.session() as sock:
        group = jail._server.group
        if group is None or group.version != 1:
            pytest.skip("needs control groups of version 1 that we may make")
        assert len(group.doors) == (0 if doors == "none" else 2)
        assert talk(jail, sock).run("result = 1") == 1
        for folder in (group.memory, group.pids):
            assert len((folder / "cgroup.procs").read_text().split()) == 1
