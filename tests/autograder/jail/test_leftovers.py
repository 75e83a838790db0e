"""What one session leaves behind, and the next must not find."""

import os
from pathlib import Path

import pytest

from autograder.jail import Jail

LEAVE_FILES = """
import os
for folder in ("/tmp", "/dev/shm", os.path.expanduser("~")):
    with open(f"{folder}/note", "w") as f: f.write("the answer is 42")
    os.makedirs(f"{folder}/.hidden/deeper")
    os.symlink("/bundle", f"{folder}/link")
    os.mkfifo(f"{folder}/.hidden/pipe")
    os.mkdir(f"{folder}/locked", 0)
    os.chmod(f"{folder}/.hidden", 0)
result = True
"""

LEAVE_PROCESSES = """
import os, signal, subprocess, sys, time
if os.fork() == 0:
    os.setsid()
    for s in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        try: signal.signal(s, signal.SIG_IGN)
        except (OSError, ValueError): pass
    if os.fork() == 0:
        while True:
            try: open("/tmp/daemon", "a").write("x")
            except OSError: pass
            time.sleep(0.001)
    os._exit(0)
subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(99)"], start_new_session=True)
import threading
threading.Thread(target=time.sleep, args=(99,)).start()
result = True
"""

LEAVE_EVERYWHERE = r"""
import ctypes, os, socket, subprocess, sys, tempfile, time
libc, kept, said = ctypes.CDLL(None), [], []
def leave(what):
    try:
        kept.append(what())
    except (OSError, ValueError) as error:
        said.append(str(error))
for key in range(1, 30):
    libc.shmget(key, 4096, 0o1666); libc.semget(key, 1, 0o1666); libc.msgget(key, 0o1666)
for name in (b"/posix", b"/posix.sem"):  # shm_open puts a file into /dev/shm, and so does sem_open
    libc.shm_open(name, 0o102, 0o600); libc.sem_open(name, 0o100, 0o600, 1)
def listening(address, family=socket.AF_UNIX, kind=socket.SOCK_STREAM):
    s = socket.socket(family, kind)
    s.bind(address)
    if kind == socket.SOCK_STREAM: s.listen()
    return s
for address in ("\0abstract", "/tmp/by-name", "/dev/shm/by-name", "\0datagram"):
    kind = socket.SOCK_DGRAM if "datagram" in address else socket.SOCK_STREAM
    leave(lambda: listening(address, kind=kind))
leave(lambda: os.memfd_create("left"))
leave(tempfile.mkdtemp)
leave(lambda: tempfile.NamedTemporaryFile(delete=False))
leave(lambda: open("/tmp/\udc80\nname", "w"))
leave(lambda: os.mkdir("/dev/shm/" + "d" * 255))
leave(lambda: os.link("/tmp/by-name", "/tmp/second-name"))
leave(lambda: os.chmod("/tmp/by-name", 0))
held = socket.socketpair()
held[0].send(b"waiting"); socket.send_fds(held[0], [b"x"], [kept[0].fileno()])  # a socket on its way in a socket
for depth in range(4):  # orphans of orphans, each with all of the above in hand
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        if os.fork() == 0:
            os.chdir("/dev/shm")
            subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(99)"], close_fds=False)
        time.sleep(99)
        os._exit(0)
result = True
"""

LIST = """
import os
result = {
    "files": {d: os.listdir(d) for d in ("/tmp", "/dev/shm", "/home/student")},
    "processes": len([n for n in os.listdir("/proc") if n.isdigit()]),
    "ipc": [len(open(f"/proc/sysvipc/{k}").readlines()) for k in ("shm", "sem", "msg")],
    "bound": [line.split()[-1] for line in open("/proc/net/unix").readlines()[1:] if len(line.split()) > 7],
}
"""
CLEAN = {"files": {"/tmp": [], "/dev/shm": [], "/home/student": []}, "processes": 2, "ipc": [1, 1, 1], "bound": []}


@pytest.mark.parametrize("leave", [LEAVE_FILES, LEAVE_PROCESSES, LEAVE_EVERYWHERE])
def test_a_session_starts_from_nothing(fresh, jail, leave):
    assert fresh().run(leave) is True
    notes = list(jail.notes)
    assert fresh().run(LIST) == CLEAN
    assert jail.notes == notes  # cleaned up, not replaced


def test_what_is_looked_for_would_be_found(fresh):
    """In the very session that left it, the list is not empty."""
    session = fresh()
    assert session.run(LEAVE_EVERYWHERE) is True
    found = session.run(LIST)
    assert all(found["files"][folder] for folder in ("/tmp", "/dev/shm"))
    assert found["processes"] > 6
    assert "@abstract" in found["bound"]
    assert "/tmp/by-name" in found["bound"]


def test_names_that_a_session_has_taken_are_free_for_the_next(fresh):
    for _ in range(2):
        session = fresh()
        assert session.run(LEAVE_EVERYWHERE) is True
        assert session.run("result = said") == []


def outside():
    """What the machine holds under the names that a session gave: shared memory, sockets and files."""
    shared = [line.split()[:2] for kind in ("shm", "sem", "msg") for line in lines(f"/proc/sysvipc/{kind}")[1:]]
    bound = [line for line in lines("/proc/net/unix") if line.endswith(("abstract", "datagram", "by-name"))]
    named = [
        name for folder in ("/tmp", "/dev/shm") for name in os.listdir(folder) if name.startswith(("by-", "posix"))
    ]
    return shared, bound, named


def lines(path):
    return Path(path).read_text().splitlines()


def namespace(pid):
    try:
        return os.readlink(f"/proc/{pid}/ns/pid")
    except OSError:  # gone meanwhile, or another user's
        return ""


def test_nothing_is_left_outside_of_the_jail_either(guest, talk):
    before = outside()
    with Jail("ps2_quadratics", guest=guest) as jail:
        inside = namespace(jail._server.pid)
        with jail.session() as sock:
            assert talk(jail, sock).run(LEAVE_EVERYWHERE) is True
            assert outside() == before  # while it runs, all of it is in there
            assert len([pid for pid in os.listdir("/proc") if pid.isdigit() and namespace(pid) == inside]) > 6
        jail.kill_session()
        assert outside() == before
        assert [int(pid) for pid in os.listdir("/proc") if pid.isdigit() and namespace(pid) == inside] == [
            jail._server.pid
        ]


def test_a_session_that_ends_itself_is_cleaned_up_at_once(fresh, jail):
    session = fresh()
    session.run(LEAVE_PROCESSES)
    ending = session.end_of(LEAVE_FILES + "os._exit(0)", timeout=5)
    assert ending.reason == "exit"
    assert session.sock.recv(1) == b""  # though a daemon held the other end
    assert fresh().run(LIST) == CLEAN


def test_shared_memory_by_name_is_removed(fresh):
    shm = "from multiprocessing import shared_memory as m\nresult = m.SharedMemory('secret', create=True, size=99).name"
    assert fresh().run(shm) == "secret"
    assert fresh().run(LIST) == CLEAN


def test_system_v_memory_and_message_queues_cannot_be_left(fresh):
    session = fresh()
    make = "import ctypes\nl = ctypes.CDLL(None)\nresult = l.shmget(7, 99, 0o1666), l.msgget(7, 0o1666)"
    assert session.run(make) == (-1, -1)
    assert session.run("result = l.semget(7, 1, 0o1666)") == -1
    assert session.run("result = l.mq_open(b'/q', 0o102, 0o666, None)") == -1
    assert fresh().run(LIST) == CLEAN


def test_a_very_deep_folder_is_removed(fresh, jail):
    deep = "import os\nos.chdir('/tmp')\nfor _ in range(3000):\n    os.mkdir('d'); os.chdir('d')\nresult = True"
    assert fresh().run(deep) is True
    assert fresh().run(LIST) == CLEAN


def test_a_jail_that_cannot_be_cleaned_in_time_is_replaced(fresh, jail):
    flood = "import os\nfor i in range(110_000): os.mknod(f'/tmp/{i}')\nresult = True"
    session = fresh()
    assert session.run(flood) is True
    assert fresh().run(LIST) == CLEAN
    assert "replaced" in jail.notes[-1]


def test_module_state_does_not_pass_from_one_session_to_the_next(fresh):
    fresh().run("import numpy as np\nnp.allclose = lambda *a, **k: True")
    assert fresh().run("import numpy as np\nresult = bool(np.allclose(0, 1))") is False
