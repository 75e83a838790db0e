"""A guest for the jail's own tests: runs what it is sent, and sends back the repr of `result`.

Messages are a length (8 bytes) and text. What a student could run, this runs.
"""

import socket
import struct
import traceback


def receive(sock: socket.socket) -> str | None:
    head = sock.recv(8, socket.MSG_WAITALL)
    if len(head) < 8:
        return None
    return sock.recv(struct.unpack("<Q", head)[0], socket.MSG_WAITALL).decode()


def send(sock: socket.socket, text: str) -> None:
    data = text.encode()
    sock.sendall(struct.pack("<Q", len(data)) + data)


def serve(sock: socket.socket, limits: dict[str, object]) -> None:
    names: dict[str, object] = {"sock": sock, "limits": limits}
    while (source := receive(sock)) is not None:
        names["result"] = None
        try:
            exec(source, names)
            reply = repr(names["result"])
        except BaseException:
            reply = traceback.format_exc(limit=-2)
        send(sock, reply)
