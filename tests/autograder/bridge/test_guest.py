"""Cells run as in a notebook, and nothing a student does on the way garbles an answer."""

# ruff: noqa: E501 - what students type stays on one line

import re
import time

import numpy as np
import pytest

from autograder.bridge.host import GuestCrashed, GuestMemory, GuestTimeout
from autograder.jail.limits import Limits
from dlopt.checks import trial


def text(result, name="stdout"):
    return "".join(o["text"] for o in result.outputs if o["output_type"] == "stream" and o["name"] == name)


def kinds(result):
    return [o["output_type"] for o in result.outputs]


def test_a_cell_shows_what_a_notebook_shows(guest):
    result = guest.cell("print('a')\nimport sys\nprint('b', file=sys.stderr)\ndisplay('c')\n6 * 7")
    assert kinds(result) == ["stream", "stream", "display_data", "execute_result"]
    assert result.outputs[-1]["data"]["text/plain"] == "42"
    assert result.outputs[-1]["execution_count"] == 1
    assert guest.cell("7;").outputs == []
    assert guest.cell("_").outputs[0]["data"]["text/plain"] == "42"


def test_an_error_is_an_output_and_a_status(shared):
    result = shared.cell("print('before')\n1 / 0")
    assert (result.status, result.ename) == ("error", "ZeroDivisionError")
    assert kinds(result) == ["stream", "error"]
    assert result.outputs[1]["evalue"] == "division by zero"
    assert "1 / 0" in re.sub(r"\x1b\[[0-9;]*m", "", "".join(result.outputs[1]["traceback"]))
    assert shared.cell("def (").ename == "SyntaxError"


def test_names_come_with_their_kind_when_they_are_bound_anew(guest):
    source = (
        "import numpy as np\nclass C: pass\ndef f(): pass\nc, data, it, g = C(), [1], iter([1]), lambda: 0\n_mine = 1"
    )
    names = guest.cell(source).names
    assert names == {
        "np": "module", "C": "class", "f": "function", "c": "instance", "data": "data",
        "it": "iterator", "g": "function", "_mine": "data",
    }  # fmt: skip
    assert guest.cell("data.append(2)\n3").names == {}
    assert guest.cell("f = 3").names == {"f": "data"}
    assert guest.cell("del c").gone == ["c"]


def test_magics_and_shell_commands_work(shared):
    result = shared.cell("%matplotlib inline\n!echo from the shell\n%time x = 1\nfiles = !echo one two\nprint(files)")
    assert result.status == "ok"
    assert "from the shell" in text(result)
    assert "['one two']" in text(result)
    assert "captured" not in text(shared.cell("%%capture\nprint('captured')"))


def test_figures_appear_after_their_cell(shared):
    result = shared.cell("import matplotlib.pyplot as plt\nplt.plot([1, 2]);\nprint('after')")
    assert kinds(result) == ["stream", "display_data"]
    assert result.outputs[1]["data"]["image/png"].startswith("iVBOR")
    shared.cell("def f(x):\n    plt.plot(x)\n    return plt.get_fignums()")
    assert [shared.fetch("f")(np.ones(2)) for _ in range(3)] == [[1], [1], [1]]


def test_displays_can_be_updated_and_cleared(shared):
    source = "from IPython.display import clear_output\nh = display('old', display_id=True)\nh.update('new')"
    assert [o["data"]["text/plain"] for o in shared.cell(source).outputs] == ["'new'"]
    assert text(shared.cell("print(1)\nclear_output()\nprint(2)")) == "2\n"


def test_await_works_at_the_top_of_a_cell(shared):
    assert text(shared.cell("import asyncio\nawait asyncio.sleep(0)\nprint('awaited')")) == "awaited\n"


def test_input_fails_at_once_and_says_so(shared):
    start = time.monotonic()
    result = shared.cell("name = input('name? ')")
    assert "nobody is there to answer" in result.outputs[0]["evalue"]
    assert time.monotonic() - start < 2
    assert shared.cell("import sys\nsys.stdin.read()").status == "ok"


def test_output_is_cut_with_a_note(guests):
    guest = guests(Limits(output_bytes=10_000))
    for source in (
        "for i in range(10**6): print(i)",
        "print('é' * 10**7)",
        "!head -c 1000000 /dev/zero | tr '\\0' 'x'",
        "'x' * 10**6",
        "raise ValueError('y' * 10**7)",
        "from IPython.display import HTML\nfor i in range(1000): display(HTML('<b>' * 100))",
    ):
        result = guest.cell(source)
        size = sum(len(str(o)) for o in result.outputs)
        assert size < 25_000, source
        assert "output cut after 10000 bytes" in text(result, "stderr"), source
    assert text(guest.cell("print('fine')")) == "fine\n"


def test_c_level_output_is_captured_in_its_place(shared):
    result = shared.cell(
        "import os\nos.write(1, b'one')\nos.write(2, b'two')\nimport subprocess\nsubprocess.run('echo three', shell=True);"
    )
    assert "one" in text(result)
    assert "three" in text(result)
    assert "two" in text(result, "stderr")
    assert shared.cell("import sys\nprint('x', file=sys.__stdout__, flush=True)").status == "ok"


def test_closing_the_standard_streams_harms_nobody_else(guest):
    guest.cell("import os, sys\nos.close(1); os.close(2); sys.stdout.close(); sys.stdout = None")
    assert text(guest.cell("print('still here')")) == "still here\n"


def test_the_socket_is_nowhere_near(shared):
    result = shared.cell(
        "import os\nprint([f for f in os.listdir('/proc/self/fd') if 2 < int(f) < 32 "
        "and 'socket' in os.readlink(f'/proc/self/fd/{f}')])"
    )
    assert text(result) in ("[]\n", "")
    assert text(shared.cell("!ls -l /proc/self/fd | grep -c socket")).strip() == "0"


def test_a_thread_left_behind_does_not_confuse_it(guest):
    guest.cell(
        "import threading, time\n"
        "def chatter():\n"
        "    while True:\n"
        "        print('thread'); time.sleep(0.001)\n"
        "threading.Thread(target=chatter, daemon=True).start()\n"
        "def f(x): return x + 1"
    )
    f = guest.fetch("f")
    for i in range(100):
        assert f(i) == i + 1


def test_a_fork_left_behind_does_not_answer_twice(guest):
    guest.cell("import os\nchild = os.fork()\ndef f(x): return x + 1")
    f = guest.fetch("f")
    for i in range(20):
        assert f(i) == i + 1
    guest.cell("def forks(x):\n    os.fork()\n    return x")
    forks = guest.fetch("forks")
    assert [forks(i) for i in range(20)] == list(range(20))


def test_worker_processes_work(shared):
    source = "from multiprocessing import get_context\nwith get_context('fork').Pool(2) as pool:\n    print(pool.map(abs, [-1, 2]))"
    assert text(shared.cell(source)) == "[1, 2]\n"


def test_signals_timers_and_limits_of_the_students_own_are_tidied_up(guest):
    guest.cell(
        "import signal, sys\nsignal.signal(signal.SIGALRM, lambda *a: 1 / 0)\nsignal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)"
    )
    guest.cell("sys.setrecursionlimit(30)")
    guest.cell("def f(x): return x + 1")
    f = guest.fetch("f")
    time.sleep(0.05)
    assert [f(i) for i in range(50)] == list(range(1, 51))


def test_a_patched_world_still_answers(guest):
    guest.cell(
        "import numpy as np, json, builtins\n"
        "np.array = np.asarray = np.ascontiguousarray = np.frombuffer = np.allclose = lambda *a, **k: True\n"
        "len = isinstance = type = sum = sorted = None\n"
        "class print: pass\n"
        "def f(x): return x * 2"
    )
    assert guest.fetch("f")(4) == 8


# ------------------------------------------------------------------------------------- how it ends


def test_a_cell_that_never_ends_is_interrupted_and_the_session_goes_on(guest):
    guest.cell("x = 5")
    result = guest.cell("while True:\n    pass", seconds=0.2)
    assert result.status == "timeout"
    assert text(guest.cell("print(x)")) == "5\n"


def test_a_call_that_never_ends_is_interrupted_and_the_session_goes_on(guests):
    guest = guests(Limits(call_seconds=0.3))
    guest.cell("def f(x):\n    while x: pass\n    return 1")
    f = guest.fetch("f")
    with pytest.raises(GuestTimeout):
        f(1)
    assert guest.ended is None
    assert f(0) == 1


@pytest.mark.parametrize(
    "source",
    [
        "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})\nwhile True: pass",
        "sum(range(10**11))",
    ],
    ids=["signals blocked", "uninterruptible C"],
)
def test_what_cannot_be_interrupted_ends_the_session(guest, source):
    start = time.monotonic()
    with pytest.raises(GuestTimeout, match="could not be interrupted"):
        guest.cell(source, seconds=0.3)
    assert time.monotonic() - start < 4
    assert guest.ended is not None
    with pytest.raises(GuestTimeout):
        guest.cell("1")


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("import os; os._exit(3)", "exit code 3"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "SIGKILL"),
        ("import ctypes; ctypes.string_at(0)", "SIGSEGV"),
        ("import os; os.closerange(0, 100000)", "ended"),
    ],
)
def test_a_crash_is_a_crash_with_its_reason(guest, source, word):
    with pytest.raises(GuestCrashed, match=word):
        guest.cell(source)
    with pytest.raises(GuestCrashed):
        guest.fetch("x")


def test_too_much_memory_is_an_outcome_of_its_own(guest):
    guest.cell("import numpy as np\ndef f(x): return np.zeros(10**15)\ndef g(x): raise MemoryError")
    for name in "fg":
        with pytest.raises(GuestMemory):
            guest.fetch(name)(1)
    assert guest.ended is None


def test_leaving_python_from_a_cell_leaves_nothing(guest):
    guest.cell("x = 5\nimport sys, atexit\natexit.register(print, 'bye')")
    assert guest.cell("sys.exit(0)").ename == "SystemExit"
    assert guest.cell("exit()").status == "ok"
    assert text(guest.cell("print(x)")) == "5\n"


def test_a_session_can_be_replaced_and_named_functions_go_on(guests):
    cell = "def f(x):\n    if x < 0: import os; os._exit(1)\n    return x\nclass C: pass"

    def revive(guest):
        fresh = guests()
        guest.reconnect(fresh.sock)
        guest.cell(cell)

    guest = guests(revive=revive)
    guest.cell("shifts = [object() for _ in range(5)]")
    guest.fetch("shifts")
    guest.cell(cell)
    f, thing = guest.fetch("f"), guest.fetch("C")()
    with pytest.raises(GuestCrashed):
        f(-1)
    assert f(3) == 3
    assert guest.generation == 1
    with pytest.raises(Exception, match="a run that has ended"):
        thing.anything  # noqa: B018


def test_beginning_again_takes_no_time_of_the_call_that_needs_it(guests):
    cell = "def f(x):\n    while x == 1: pass\n    if x < 0: import os; os._exit(1)\n    return x"

    def revive(guest):
        guest.reconnect(guests().sock)
        guest.cell(f"import time\ntime.sleep(0.5)\n{cell}")

    guest = guests(revive=revive)
    guest.cell(cell)
    f = guest.fetch("f")
    assert trial.run(f, (-1,), ("x",), limit=0.4).kind == "crashed"
    assert trial.run(f, (3,), ("x",), limit=0.4).value == 3
    assert trial.run(f, (-1,), ("x",), limit=0.4).kind == "crashed"
    assert trial.run(f, (1,), ("x",), limit=0.4).kind == "timeout"  # its own time is counted as before
    assert guest.generation == 2
