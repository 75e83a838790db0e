"""What a student's code can see and reach from within, tried by student code."""

import os
import socket
from pathlib import Path

import pytest

from autograder.jail import bubblewrap

CLONE = Path(__file__).resolve().parents[3]


def test_a_session_has_no_network(session):
    assert "Error" in session.run("import socket\nsocket.create_connection(('127.0.0.1', 80), timeout=2)")
    assert "Error" in session.run("socket.create_connection(('1.1.1.1', 53), timeout=2)")


def test_a_listening_socket_outside_is_out_of_reach(session):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert "Error" in session.run(f"import socket\nsocket.create_connection(('127.0.0.1', {port}), timeout=2)")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"\0jail-test-{os.getpid()}")  # an abstract name, which no file system guards
        server.listen()
        reach = f"socket.socket(socket.AF_UNIX).connect('\\0jail-test-{os.getpid()}')"
        assert "ConnectionRefusedError" in session.run(reach)


def test_sockets_of_other_kinds_than_unix_are_refused_by_the_filter(session):
    """With its own error number: the kernel's would depend on which modules it has, or can load."""
    attempt = """
import errno, socket
result = {}
for family in range(1, 46):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
        for make in (socket.socket, socket.socketpair):
            try: made = make(family, kind)
            except OSError as error: said = errno.errorcode[error.errno]
            else: said = "made"
            result.setdefault(said, set()).add(family)
result = {said: sorted(families) for said, families in result.items()}
"""
    assert session.run(attempt) == {"made": [1], "EAFNOSUPPORT": list(range(2, 46))}


@pytest.mark.parametrize(
    "path",
    [CLONE / "autograder" / "grading.py", CLONE / "solutions", CLONE / "autograder" / "gradebook.db", "/etc/passwd"],
)
def test_the_course_and_the_system_are_not_there(session, path):
    assert session.run(f"import os\nresult = os.path.exists({str(path)!r})") is False


def test_only_the_bundle_is_there_of_the_course(session):
    walk = "import os\nresult = sorted(os.path.join(d, f) for d, _, fs in os.walk('/bundle') for f in fs)"
    found = {name.removeprefix("/bundle/") for name in session.run(walk)}
    checks = {name for name in found if name.startswith("dlopt/checks/ps")}
    jail = {f"autograder/jail/{name}.py" for name in ("__init__", "server", "child", "control", "syscalls", "wipe")}
    bridge = {"autograder/__init__.py", "autograder/bridge/__init__.py", "autograder/bridge/guest.py"}
    dlopt = {f"dlopt/{name}" for name in ("__init__.py", "plotting.py", "compact_svg.py")}
    subjects = ("backprop", "batchnorm", "initialization", "landscape", "loss", "mlp", "optimizer", "sgd", "whitening")
    dlopt |= {"dlopt/pictures.py", *(f"dlopt/{name}_pictures.py" for name in subjects)}
    silent = {"dlopt/checks/__init__.py", "dlopt/checks/grading.py", "dlopt/datasets.py", "dlopt/digits.npz"}
    played = {"dlopt/checks/beside.py"}
    fonts = {name for name in found if name.startswith("fontlist-v")}
    assert len(fonts) == 1
    assert found - checks - fonts == jail | bridge | dlopt | silent | played
    texts = {session.run(f"result = open('/bundle/{name}').read()") for name in checks}
    assert len(texts) == 1
    assert "every check does nothing" in texts.pop()


def test_pictures_have_the_fonts_that_matplotlib_brings_along(session):
    count = (
        "import pathlib, matplotlib.font_manager as m, matplotlib as mpl\n"
        "fonts = [f.fname for f in m.fontManager.ttflist]\n"
        "there = {str(p) for p in pathlib.Path(mpl.get_data_path(), 'fonts', 'ttf').glob('*.ttf')}\n"
        "result = len(fonts), set(fonts) == there, m.findfont('DejaVu Sans').endswith('/DejaVuSans.ttf')"
    )
    number, same, found = session.run(count)
    assert number > 10
    assert same
    assert found


def test_home_is_empty_and_the_environment_holds_no_more_than_we_put_there(session):
    assert session.run("import os\nresult = os.getcwd(), os.listdir(os.path.expanduser('~'))") == ("/home/student", [])
    names = set(session.run("result = list(os.environ)"))
    assert names <= {*bubblewrap._environment(Path("/usr")), "PWD", "SHLVL", "LC_CTYPE"}


def test_a_session_holds_its_socket_and_nothing_else(session):
    list_files = (
        "import os\nresult = {fd: os.readlink(f'/proc/self/fd/{fd}') for fd in os.listdir('/proc/self/fd')[:4]}"
    )
    found = session.run(list_files)
    assert found.pop("3").startswith("socket:")
    assert found == dict.fromkeys("012", "/dev/null")
    assert session.run("result = len(os.listdir('/proc/self/fd'))") == 5  # and the one that lists


def test_a_session_is_nobody_and_can_become_nobody_else(session):
    status = session.run("result = dict(line.split(':\\t') for line in open('/proc/self/status') if ':\\t' in line)")
    for name in ("CapInh", "CapPrm", "CapEff", "CapAmb", "CapBnd"):
        assert int(status[name], 16) == 0, name
    assert status["NoNewPrivs"].strip() == "1"
    assert status["Seccomp"].strip() == "2"
    assert session.run("import os\nresult = os.getuid()") != 0 or os.geteuid() != 0
    assert "Error" in session.run("os.setuid(1 if os.getuid() != 1 else 2)")


def test_each_session_of_a_root_grader_is_another_user(fresh):
    if not bubblewrap.becomes_students():
        pytest.skip("only root can become others")
    users = {fresh().run("import os\nresult = os.getuid()") for _ in range(3)}
    assert len(users) == 3
    assert min(users) >= 1 << 15


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/usr/lib",
        "/site",
        "/site/numpy",
        "/bundle",
        "/bundle/dlopt",
        "/dev",
        "/home",
        "/proc",
        "/root",
        os.devnull,
    ],
)
def test_nothing_can_be_written_outside_the_temporary_folders(session, path):
    attempt = f"import os\nwith open(os.path.join({path!r}, 'mark'), 'w') as f: f.write('x')"
    assert "Error" in session.run(attempt)
    assert "Error" in session.run(f"os.chmod({path!r}, 0o777)")


def test_the_writable_folders_are_exactly_those_that_are_wiped(session):
    find = """
import os
result = []
for folder, _, _ in os.walk("/"):
    if not folder.startswith("/proc") and os.access(folder, os.W_OK):
        result.append(folder)
"""
    assert sorted(session.run(find)) == sorted(bubblewrap.WRITABLE)


@pytest.mark.parametrize(
    "name", ["torch", "scipy", "sklearn", "joblib", "autograder.jail.client", "autograder.grading"]
)
def test_what_would_answer_an_exercise_cannot_be_imported(session, name):
    assert "ModuleNotFoundError" in session.run(f"import {name}")


def test_no_folder_of_the_system_holds_the_libraries_that_are_left_out(session):
    """Else a student would put it on the import path."""
    scan = """
import os
result = []
for folder, inner, _ in os.walk("/"):
    inner[:] = [name for name in inner if folder != "/" or name != "proc"]
    result += [f"{folder}/{name}" for name in inner if name in ("torch", "scipy", "sklearn", "joblib", "dlopt")]
"""
    # packages of ours that hold an adapter called torch are welcome
    assert [path for path in session.run(scan) if path.count("/") < 4 or "/site/" not in path] == ["/bundle/dlopt"]
    left_out = ("torch-", "scipy-", "scikit_learn-", "joblib-")
    assert session.run(f"result = [name for name in os.listdir('/site') if name.startswith({left_out!r})]") == []


@pytest.mark.parametrize(
    "name",
    [
        "dlopt.quadratics",
        "dlopt.curvature",
        "dlopt.descent",
        "dlopt.networks",
        "dlopt.checks.exercise",
        "dlopt.schedules",
    ],
)
def test_the_answering_parts_of_dlopt_are_not_there(session, name):
    assert "ModuleNotFoundError" in session.run(f"import {name}")


def test_set_up_cells_run_and_checks_are_silent(session):
    setup = """
import numpy as np
import matplotlib.pyplot as plt
from dlopt import datasets, pictures, plotting
from dlopt.checks import ps2_quadratics as check
import dlopt.checks.ps2_quadratics
result = check.quadratic(lambda: None), dlopt.checks.ps2_quadratics.newton_step(None)
"""
    assert session.run(setup) == (None, None)
    digits = session.run("d = datasets.digits()\nresult = d.x_train.shape, float(d.x_train.max()), d.x_test.shape")
    assert digits == ((1347, 64), 1.0, (0, 64))


def test_the_server_cannot_be_read_traced_or_killed(session):
    for signal in ("KILL", "STOP", "INT", "TERM", "CHLD", "SEGV"):  # as the same user one may, to no effect
        session.run(f"import os, signal\nos.kill(1, signal.SIG{signal})")
    assert session.run("result = os.getppid()") == 1
    for name in ("mem", "environ", "maps", "fd"):
        assert "PermissionError" in session.run(
            f"os.listdir('/proc/1/fd') if {name!r} == 'fd' else open('/proc/1/{name}')"
        )
    trace = "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nresult = libc.ptrace(16, 1, 0, 0)"
    assert session.run(trace) == -1
    assert "PermissionError" in session.run("import resource\nresource.prlimit(1, resource.RLIMIT_CPU, (1, 1))")
    assert "PermissionError" in session.run("os.sched_setaffinity(1, {0})")
    assert "PermissionError" in session.run("os.setpriority(os.PRIO_PROCESS, 1, 10)")
    assert session.jail.alive
    assert session.run("result = 'still here'") == "still here"


def test_no_namespace_lends_a_student_more_rights(session):
    unshare = "import ctypes\nlibc = ctypes.CDLL(None)\nresult = [libc.unshare(f) for f in (0x10000000, 0x20000)]"
    assert session.run(unshare) == [-1, -1]
    assert (
        session.run("result = libc.syscall(56, 0x10000000 | 17, 0, 0, 0, 0) if hasattr(libc, 'syscall') else -1") == -1
    )
    assert session.run("result = libc.mount(b'none', b'/tmp', b'tmpfs', 0, None)") == -1


def test_processes_outside_are_invisible(session):
    assert session.run("import os\nresult = sorted(int(n) for n in os.listdir('/proc') if n.isdigit())")[0] == 1
    assert session.run("result = len([n for n in os.listdir('/proc') if n.isdigit()])") == 2
    assert "ProcessLookupError" in session.run(f"os.kill({os.getpid()}, 0)")


def test_students_who_seed_nothing_draw_different_numbers(fresh):
    draw = "import random, numpy as np\nresult = random.random(), float(np.random.rand())"
    first, second = (fresh().run(draw) for _ in range(2))
    assert first[0] != second[0]
    assert first[1] != second[1]
