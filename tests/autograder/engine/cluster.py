"""What tests of clusters share: a class, commands of Dask under way, and the coordinator that grades with them."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time

from autograder.course import ROOT

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


class Commands:
    """Commands of Dask by name, each in a session of its own and with a log."""

    def __init__(self, folder):
        folder.mkdir()
        self.folder, self.running = folder, {}

    def dask(self, *arguments, within=(), name=None):
        """Start a command under a name; ``within`` goes before it, such as a program that enters a network."""
        name = name or arguments[0]
        with self.log(name).open("w") as said:
            self.running[name] = subprocess.Popen(
                [*within, sys.executable, "-m", "dask", *arguments],
                **{"stdout": said, "stderr": said, "cwd": ROOT.parent, "start_new_session": True},
            )
        return self.running[name]

    def wait(self, workers):
        """Wait until the scheduler knows so many workers."""
        until = time.monotonic() + LONG
        while self.log("scheduler").read_text().count("Register worker addr") < workers:
            assert time.monotonic() < until, self.log("scheduler").read_text()
            time.sleep(0.1)

    def log(self, name):
        """Where a command writes what it says."""
        return self.folder / f"{name}.log"

    def close(self):
        """End them all, the scheduler last."""
        processes = list(reversed(self.running.values()))
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@contextlib.contextmanager
def grading(course, address, *more, within=(), environment=None):
    """Run `python -m autograder grade` on a cluster; it is ended where it takes too long."""
    command = [sys.executable, "-m", "autograder", "grade", PS, "--course", str(course.root), "--json"]
    process = subprocess.Popen(
        [*within, *command, "--scheduler", address, *more],
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": ROOT.parent},
        env={**os.environ, **(environment or {})},
    )
    watch = threading.Timer(LONG, process.kill)
    watch.start()
    try:
        yield process
    finally:
        watch.cancel()
        process.kill()
        process.communicate()
