"""Serve the built site on this machine, for reading."""

from __future__ import annotations

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

__all__ = ["server"]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a page makes thirty requests."""


def server(html: Path, port: int) -> ThreadingHTTPServer:
    """Return a server of the folder ``html`` on localhost; port 0 takes any free one.

    Raises
    ------
    FileNotFoundError
        When there is no site in that folder.
    OSError
        When the port is taken.
    """
    if not (html / "index.html").exists():
        raise FileNotFoundError("there is no site yet; build it with: make book")
    return ThreadingHTTPServer(("127.0.0.1", port), partial(_Quiet, directory=str(html)))
