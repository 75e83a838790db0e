"""What one session leaves behind, and the next must not find."""

import pytest

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

LIST = """
import os
result = {
    "files": {d: os.listdir(d) for d in ("/tmp", "/dev/shm", "/home/student")},
    "processes": len([n for n in os.listdir("/proc") if n.isdigit()]),
    "ipc": [len(open(f"/proc/sysvipc/{k}").readlines()) for k in ("shm", "sem", "msg")],
}
"""
CLEAN = {"files": {"/tmp": [], "/dev/shm": [], "/home/student": []}, "processes": 2, "ipc": [1, 1, 1]}


@pytest.mark.parametrize("leave", [LEAVE_FILES, LEAVE_PROCESSES])
def test_a_session_starts_from_nothing(fresh, jail, leave):
    assert fresh().run(leave) is True
    notes = list(jail.notes)
    assert fresh().run(LIST) == CLEAN
    assert jail.notes == notes  # cleaned up, not replaced


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
