import ast
import importlib.util
import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.jail import Jail, limits_for, why_not

GUEST = Path(__file__).with_name("toy_guest.py")
_spec = importlib.util.spec_from_file_location("toy_guest", GUEST)
toy = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(toy)

MIB = 1 << 20
TIGHT = replace(
    limits_for("ps2_quadratics"),
    memory_bytes=160 * MIB,
    processes=24,
    open_files=64,
    file_bytes=4 * MIB,
    tmp_bytes=8 * MIB,
    shm_bytes=8 * MIB,
    cpu_seconds=20,
)


class Session:
    """One session, driven by source code: what a student might write."""

    def __init__(self, jail: Jail, sock: socket.socket) -> None:
        self.jail, self.sock = jail, sock
        sock.settimeout(15)

    def send(self, source: str) -> None:
        toy.send(self.sock, source)

    def run(self, source: str) -> object:
        """Execute source in the session; the value of `result`, or the traceback's text."""
        self.send(source)
        reply = toy.receive(self.sock)
        assert reply is not None, f"the session ended: {self.jail.ending(2)}"
        try:
            return ast.literal_eval(reply)
        except (ValueError, SyntaxError):
            return reply

    def end_of(self, source: str, timeout: float = 15) -> object:
        """Execute source that ends the session, and tell how it ended."""
        self.send(source)
        return self.jail.ending(timeout)


@pytest.fixture(scope="session", autouse=True)
def _needs_a_jail() -> None:
    if (sentence := why_not()) is not None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(sentence)


@pytest.fixture(scope="module")
def jail() -> Iterator[Jail]:
    with Jail("ps2_quadratics", limits=TIGHT, guest=GUEST) as jail:
        yield jail


@pytest.fixture
def fresh(jail: Jail) -> Iterator[Callable[[], Session]]:
    """Open fresh sessions in the module's jail."""
    opened = []

    def open_session() -> Session:
        opened.append(Session(jail, jail.session()))
        return opened[-1]

    yield open_session
    for session in opened:
        session.sock.close()


@pytest.fixture
def session(fresh: Callable[[], Session]) -> Session:
    return fresh()


@pytest.fixture
def guest() -> Path:
    return GUEST


@pytest.fixture
def talk() -> Callable[[Jail, socket.socket], Session]:
    return Session
