"""Messages between the grader and the fork server: one line of JSON each, perhaps with an open file.

Runs on both sides; inside the jail with nothing but the standard library. No student's process holds either end.
"""

from __future__ import annotations

import json
import select
import socket
from typing import Any

__all__ = ["Control"]


class Control:
    """One end of the connection.

    Parameters
    ----------
    sock
        A connected AF_UNIX stream socket.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._buffer = b""
        self._fds: list[int] = []

    def send(self, message: dict[str, Any], fd: int | None = None) -> None:
        """Send a message, with an open file if given; OSError if nobody listens any more."""
        line = json.dumps(message).encode() + b"\n"
        if fd is None:
            self.sock.sendall(line)
        else:
            sent = socket.send_fds(self.sock, [line], [fd])
            self.sock.sendall(line[sent:])

    def ready(self, timeout: float | None, other: int = -1) -> bool:
        """Wait until something can be received, or until the file ``other`` becomes readable."""
        if b"\n" in self._buffer:
            return True
        poll = select.poll()
        poll.register(self.sock, select.POLLIN)
        if other >= 0:
            poll.register(other, select.POLLIN)
        return self.sock.fileno() in {fd for fd, _ in poll.poll(None if timeout is None else timeout * 1000)}

    def receive(self) -> dict[str, Any] | None:
        """Receive a message, waiting for it; None when the other end is closed."""
        while b"\n" not in self._buffer:
            try:
                data, fds, _, _ = socket.recv_fds(self.sock, 1 << 16, 4)
            except ConnectionError:
                return None
            if not data:
                return None
            self._buffer += data
            self._fds += fds
        line, _, self._buffer = self._buffer.partition(b"\n")
        message: dict[str, Any] = json.loads(line)
        return message

    def take_socket(self) -> socket.socket:
        """Return the socket that came with the message just received."""
        return socket.socket(fileno=self._fds.pop(0))
