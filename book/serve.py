"""Serve the built site on this machine as a static host would: packed on the wire, a page for what is missing."""

from __future__ import annotations

import gzip
import io
import mimetypes
from functools import lru_cache, partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO

__all__ = ["server"]

TEXT = ("text/", "application/json", "application/javascript", "image/svg+xml")


@lru_cache(maxsize=512)
def _packed(path: Path, changed: int) -> bytes:
    """Pack a file once for as long as it stays the same."""
    return gzip.compress(path.read_bytes(), 6, mtime=0)


class _Host(SimpleHTTPRequestHandler):
    def send_head(self) -> io.BytesIO | BinaryIO | None:
        """Answer with the file: packed where it is text and the browser unpacks, 404.html where there is none."""
        path = Path(self.translate_path(self.path))
        if path.is_dir() and self.path.partition("?")[0].endswith("/"):
            path /= "index.html"
        if not path.exists() and (Path(self.directory) / "404.html").exists():
            return self._send(Path(self.directory) / "404.html", HTTPStatus.NOT_FOUND)
        kind = mimetypes.guess_type(path.name)[0] or ""
        if path.is_file() and kind.startswith(TEXT) and "gzip" in self.headers.get("Accept-Encoding", ""):
            return self._send(path, HTTPStatus.OK, packed=True)
        return super().send_head()

    def _send(self, path: Path, status: HTTPStatus, *, packed: bool = False) -> io.BytesIO:
        body = _packed(path, path.stat().st_mtime_ns) if packed else path.read_bytes()
        self.send_response(status)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(body)))
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        return io.BytesIO(body)

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
    return ThreadingHTTPServer(("127.0.0.1", port), partial(_Host, directory=str(html)))
