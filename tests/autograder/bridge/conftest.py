"""A guest in an ordinary subprocess, and one to a whole test module where its state does not matter."""

import os
import socket
import subprocess
import sys

import pytest

from autograder.bridge.host import Guest
from autograder.jail.limits import Limits

LIMITS = Limits(call_seconds=5.0, cell_seconds=10.0, output_bytes=200_000, reply_bytes=32 << 20)

SERVE = """
import os, socket, sys
from autograder.bridge import guest
try:
    fd, output_bytes, reply_bytes = map(int, sys.argv[1:])
    guest.serve(socket.socket(fileno=fd), dict(output_bytes=output_bytes, reply_bytes=reply_bytes))
finally:
    os._exit(0)
"""


def open_guest(limits=LIMITS, code=SERVE, **kwargs):
    """Start a subprocess that serves one end of a pair of sockets, and return the guest at the other."""
    ours, theirs = socket.socketpair()
    with theirs:
        sizes = [str(limits.output_bytes), str(limits.reply_bytes)]
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(theirs.fileno()), *sizes],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env={**os.environ, "MPLBACKEND": "agg"},
        )
    guest = Guest(ours, limits, fate=lambda: process.wait(10), **kwargs)
    guest.process = process
    return guest


def close_guest(guest):
    guest.close()
    guest.process.kill()
    guest.process.wait()


@pytest.fixture
def guest():
    """A guest of the test's own."""
    found = open_guest()
    yield found
    close_guest(found)


@pytest.fixture(scope="module")
def guests():
    """A function that opens guests, which end with the module."""
    opened = []

    def opener(*args, **kwargs):
        opened.append(open_guest(*args, **kwargs))
        return opened[-1]

    yield opener
    for found in opened:
        close_guest(found)


@pytest.fixture(scope="module")
def shared(guests):
    """A guest for all tests of a module; they must not end it."""
    return guests()
