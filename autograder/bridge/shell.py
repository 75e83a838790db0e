"""An IPython shell without a kernel: runs a student's cells and keeps what they show, cut to size."""

from __future__ import annotations

import base64
import fcntl
import io
import json
import os
import re
import sys
import tempfile
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

__all__ = ["Descriptors", "Recorder", "Shell", "Stream", "plain_json"]

OWN_NAME = re.compile(r"_+|_i+|_i?\d+|_[dio]h|_exit_code|In|Out")  #: IPython's, not users'


class Recorder:
    """The outputs of one cell as nbformat has them, up to a number of bytes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.start()

    def start(self) -> None:
        """Forget everything."""
        self.outputs: list[dict[str, Any]] = []
        self.shown: dict[str, dict[str, Any]] = {}
        self.left = self.limit
        self.cut = False

    def room(self, size: int) -> bool:
        """Take so many bytes of what is left, if that many are left."""
        if size > self.left:
            self.cut = True
            return False
        self.left -= size
        return True

    def stream(self, name: str, text: str) -> None:
        """Add printed text."""
        if not text:
            return
        data = text[: self.left + 1].encode("utf-8", "replace")  # a character is at least one byte
        self.cut |= len(data) > self.left
        kept = data[: self.left].decode("utf-8", "ignore")
        self.left -= len(data[: self.left])
        if not kept:
            return
        last = self.outputs[-1] if self.outputs else {}
        if last.get("output_type") == "stream" and last["name"] == name:
            last["text"].append(kept)
        else:
            self.outputs.append({"output_type": "stream", "name": name, "text": [kept]})

    def add(self, output: dict[str, Any], display_id: Any = None) -> None:
        """Add any other output."""
        if not self.room(len(json.dumps(output))):
            return
        self.outputs.append(output)
        if isinstance(display_id, str):
            self.shown[display_id] = output

    def take(self) -> list[dict[str, Any]]:
        """Return the outputs, with a note where some are missing."""
        outputs = [{**o, "text": "".join(o["text"])} if o["output_type"] == "stream" else o for o in self.outputs]
        if self.cut:
            note = f"\n… output cut after {self.limit} bytes\n"
            outputs.append({"output_type": "stream", "name": "stderr", "text": note})
        return outputs

    def printed(self) -> str:
        """Return what was printed, whichever way."""
        return "".join("".join(o["text"]) for o in self.outputs if o["output_type"] == "stream")


class Stream(io.TextIOBase):
    """Stands in for sys.stdout or sys.stderr."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, recorder: Recorder, name: str) -> None:
        self.recorder, self.name = recorder, name

    def write(self, text: str) -> int:
        """Keep the text."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self.recorder.stream(self.name, str(text))
        return len(text)

    def writable(self) -> bool:
        """Tell that one can write."""
        return True

    def fileno(self) -> int:
        """Return the descriptor that subprocesses may write to; it is captured as well."""
        return 1 if self.name == "stdout" else 2

    @property
    def buffer(self) -> Any:
        """Bytes written here are text."""
        return _Bytes(self)


class _Bytes(io.RawIOBase):
    def __init__(self, stream: Stream) -> None:
        self.stream = stream

    def write(self, data: Any) -> int:
        self.stream.write(bytes(data).decode("utf-8", "replace"))
        return len(data)


class Descriptors:
    """Catches what C code and subprocesses write to descriptors 1 and 2, in files without a name."""

    def __init__(self) -> None:
        self.files = {}
        for number, name in ((1, "stdout"), (2, "stderr")):
            fd = os.memfd_create(name) if hasattr(os, "memfd_create") else os.dup(tempfile.TemporaryFile().fileno())
            fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_APPEND)
            os.dup2(fd, number)
            os.close(fd)
            self.files[number] = name
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)

    def drain(self, recorder: Recorder) -> None:
        """Move what was written into the recorder."""
        for number, name in self.files.items():
            try:
                size = os.fstat(number).st_size
                if size:
                    recorder.stream(name, os.pread(number, min(size, recorder.limit + 1), 0).decode("utf-8", "replace"))
                    os.ftruncate(number, 0)
            except OSError:  # closed, or made something else, by the student
                pass


def plain_json(value: Any) -> Any:
    """Return a copy that JSON can hold: bytes in base64, anything unknown by its repr."""
    if type(value) is str:
        return value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return json.loads(json.dumps(value, default=repr, skipkeys=True))


def _bundle(data: Any, metadata: Any) -> dict[str, Any]:
    return {"data": {str(k): plain_json(v) for k, v in dict(data).items()}, "metadata": plain_json(metadata or {})}


class _Hook(DisplayHook):
    """The value of a cell's last expression becomes an execute_result."""

    def write_output_prompt(self) -> None:
        """Show no prompt."""

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        """Keep the value."""
        shell: Any = self.shell
        count = shell.execution_count - 1  # already that of the next cell
        bundle = _bundle(format_dict, md_dict)
        shell.recorder.add({"output_type": "execute_result", "execution_count": count, **bundle})

    def finish_displayhook(self) -> None:
        """Print nothing."""
        self._is_active = False

    def flush(self) -> None:
        """Forget the latest values; IPython's own collects garbage as well, for every submission."""
        self._ = self.__ = self.___ = ""


class _Publisher(DisplayPublisher):
    """What is displayed becomes display_data."""

    def publish(self, data: Any, metadata: Any = None, *args: Any, **kwargs: Any) -> None:
        """Keep the data, or put it in place of what was displayed under the same id."""
        recorder: Recorder = self.shell.recorder
        display_id = (kwargs.get("transient") or {}).get("display_id")
        bundle = _bundle(data, metadata)
        if not kwargs.get("update"):
            recorder.add({"output_type": "display_data", **bundle}, display_id)
        elif display_id in recorder.shown and recorder.room(len(json.dumps(bundle))):
            recorder.shown[display_id].update(bundle)

    def clear_output(self, wait: bool = False) -> None:
        """Forget this cell's outputs so far."""
        self.shell.recorder.outputs.clear()


class Shell(InteractiveShell):
    """IPython without terminal, history file, configuration and profile."""

    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)

    def __init__(self, **kwargs: Any) -> None:
        self.recorder = Recorder(1 << 20)
        self.descriptors: Descriptors | None = None
        config = Config()
        config.HistoryManager.enabled = False
        with tempfile.TemporaryDirectory() as folder:  # IPython wants one while it starts
            super().__init__(config=config, ipython_dir=folder, **kwargs)  # type: ignore[no-untyped-call]
        self.db = {}  # what %cd and others keep in that folder
        vars(self)["system"] = self.subprocess
        self.figures()

    def init_virtualenv(self) -> None:
        """Look for no other environment."""

    def ask_exit(self) -> None:
        """Stay: ``exit()`` in a notebook ends nothing that is graded."""

    def enable_gui(self, gui: Any = None) -> None:
        """Run no event loop."""

    def subprocess(self, command: str) -> None:
        """Run ``!command`` without a pseudo-terminal, and show what it printed where it belongs."""
        self.system_raw(command)  # type: ignore[no-untyped-call]
        if self.descriptors is not None:
            self.descriptors.drain(self.recorder)

    def figures(self) -> None:
        """Show figures after each cell, as notebooks do."""
        try:
            self.enable_matplotlib("inline")  # type: ignore[no-untyped-call]
        except ImportError:
            pass

    def _format_exception_for_storage(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Keep no second copy of a traceback for a history that nobody reads: to format one takes milliseconds."""
        return {}

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        self.recorder.add(
            {
                "output_type": "error",
                "ename": str(getattr(etype, "__name__", etype))[:200],
                "evalue": _text(evalue)[:2000],
                "traceback": [str(line) for line in stb],
            }
        )

    def user_names(self) -> dict[str, Any]:
        """Return the names that cells have defined, with what they stand for."""
        hidden = self.user_ns_hidden
        return {
            name: value
            for name, value in self.user_ns.items()
            if not (OWN_NAME.fullmatch(name) or (name in hidden and hidden[name] is value))
        }


def _text(value: Any) -> str:
    try:
        return str(value)
    except Exception:
        return f"<{type(value).__name__}>"


def streams(shell: Shell) -> None:
    """Point Python's own streams at the recorder, whatever they point at now."""
    sys.stdout, sys.stderr = Stream(shell.recorder, "stdout"), Stream(shell.recorder, "stderr")
    sys.stdin = io.StringIO()
