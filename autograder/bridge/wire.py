"""Frames on a stream socket: the length in 8 bytes, then that many bytes."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Sequence

import numpy as np

from .arrays import BridgeError, Buffer

__all__ = ["Closed", "OutOfTime", "TooLarge", "receive", "send", "widen"]

PIECE = 1 << 16  #: chunks smaller than this are sent together
ROOM = 1 << 20  #: what a socket should hold; fewer changes between two processes for large arrays


class Closed(Exception):  # noqa: N818 - what happened, not whose fault it is
    """The other end is gone."""


class TooLarge(BridgeError):  # noqa: N818 - as above
    """A frame announces more than it may hold."""


class OutOfTime(Exception):  # noqa: N818 - as above
    """The deadline passed before the frame was through."""


def widen(sock: socket.socket) -> None:
    """Let a socket hold more, as far as the system allows."""
    for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, option, ROOM)


def send(sock: socket.socket, data: Buffer | Sequence[Buffer], deadline: float | None = None) -> None:
    """Send one frame.

    Parameters
    ----------
    sock : socket
        A connected stream socket.
    data : bytes-like, or a sequence of them
        What the frame holds.
    deadline : float, optional
        When to give up, on the clock of `time.monotonic`.

    Raises
    ------
    Closed, OutOfTime
    """
    chunks = [data] if isinstance(data, bytes | bytearray | memoryview) else data
    small = bytearray(sum(map(len, chunks)).to_bytes(8, "big"))
    for chunk in chunks:
        if len(chunk) < PIECE:
            small += chunk
            continue
        _send_all(sock, small, deadline)
        _send_all(sock, chunk, deadline)
        small = bytearray()
    _send_all(sock, small, deadline)


def _send_all(sock: socket.socket, data: Buffer, deadline: float | None) -> None:
    view = memoryview(data)
    while len(view):
        _wait(sock, deadline)
        try:
            view = view[sock.send(view) :]
        except TimeoutError:
            raise OutOfTime from None
        except OSError as error:
            raise Closed(str(error)) from None


def receive(sock: socket.socket, max_bytes: int, deadline: float | None = None) -> memoryview:
    """Receive one frame.

    Parameters
    ----------
    sock : socket
        A connected stream socket.
    max_bytes : int
        The largest frame to accept; memory is taken as bytes arrive, not as they are announced.
    deadline : float, optional
        When to give up, on the clock of `time.monotonic`, however busily the other end drips.

    Raises
    ------
    Closed, OutOfTime, TooLarge
    """
    size = int.from_bytes(_receive_all(sock, 8, deadline), "big")
    if size > max_bytes:
        raise TooLarge(f"a frame of {size} bytes, more than {max_bytes}")
    return _receive_all(sock, size, deadline)


def _receive_all(sock: socket.socket, size: int, deadline: float | None) -> memoryview:
    data: memoryview = np.empty(size, dtype=np.uint8).data  # no page of it is touched before bytes arrive
    filled = 0
    while filled < size:
        _wait(sock, deadline)
        try:
            got = sock.recv_into(data[filled:])
        except TimeoutError:
            raise OutOfTime from None
        except OSError as error:
            raise Closed(str(error)) from None
        if not got:
            raise Closed("the other end closed the connection")
        filled += got
    return data


def _wait(sock: socket.socket, deadline: float | None) -> None:
    """Let the next operation on the socket last until the deadline."""
    if deadline is None:
        if sock.gettimeout() is not None:
            sock.settimeout(None)
        return
    left = deadline - time.monotonic()
    if left <= 0:
        raise OutOfTime
    sock.settimeout(left)
