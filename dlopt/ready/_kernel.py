"""A fresh kernel of this Python, and what its cells do: with the student's rights, and nothing written by us."""

from __future__ import annotations

import os
import queue
import re
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from dlopt.checks.grading import VARIABLE
from dlopt.checks.report import MACHINE_READABLE, READY
from dlopt.notebooks import Unreadable

__all__ = ["Kernel", "Ran"]

GRACE = 5.0  #: seconds that an interrupted cell has to stop
START = 60.0  #: seconds that a kernel has to start
GOODBYE = 3.0  #: seconds that a kernel may take to end after exit()
POLL = 0.5  #: seconds between two looks at whether the kernel lives
ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Ran:
    """What one cell did.

    Parameters
    ----------
    kind : str
        "done", "raised", "timeout" (interrupted), "stuck" (interrupted in vain; the kernel was ended) or "died".
    error, message : str
        Type and text of what it raised.
    line : str
        The line of the cell that raised it, where the traceback names one, and
    line_number : int
        its number, or 0.
    report : dict or None
        The last check table that it showed, as `dlopt.checks.Report.to_dict` writes it.
    """

    kind: str = "done"
    error: str = ""
    message: str = ""
    line: str = ""
    line_number: int = 0
    report: dict[str, Any] | None = None


class Kernel:
    """A context manager that runs cells one after the other, as Jupyter would.

    Parameters
    ----------
    folder : Path
        Where the notebook lies: the kernel's current folder.

    Raises
    ------
    Unreadable
        On entering, where there is no Jupyter kernel in this environment, or it does not start.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> Kernel:
        try:
            from ipykernel.kernelspec import RESOURCES, get_kernel_dict
            from jupyter_client.kernelspec import KernelSpec
            from jupyter_client.manager import KernelManager
        except ImportError as error:
            raise Unreadable(
                f"Cells are run by a Jupyter kernel, and this Python has none ({error}). Install JupyterLab "
                "here: pip install jupyterlab. To look at the notebook without running it: --no-run."
            ) from None
        self._tmp = tempfile.TemporaryDirectory(prefix="dlopt-ready-", ignore_cleanup_errors=True)
        # Always this Python: what is called "python3" in a student's Jupyter may be another one
        self.manager = KernelManager(connection_file=str(Path(self._tmp.name) / "kernel.json"))
        self.manager._kernel_spec = KernelSpec(resource_dir=RESOURCES, **get_kernel_dict())
        env = {name: value for name, value in os.environ.items() if name != VARIABLE}
        env |= {READY: "1", "IPYTHONDIR": self._tmp.name}  # no history, no profile in the student's home
        try:
            quiet = {
                "stdout": subprocess.DEVNULL,
                "stderr": subprocess.DEVNULL,
            }  # its own log, and what goes past Jupyter
            options = ["--HistoryManager.enabled=False"]
            self.manager.start_kernel(cwd=str(self.folder), env=env, extra_arguments=options, **quiet)
            self.client = self.manager.client()
            self.client.start_channels()
            self.client.wait_for_ready(timeout=START)
        except (RuntimeError, OSError) as error:
            self.__exit__(None, None, None)
            raise Unreadable(f"The Jupyter kernel of this Python does not start: {error}") from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if hasattr(self, "client"):
            self.client.stop_channels()
        if self.manager.has_kernel:
            self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()
        self._tmp.cleanup()

    def run(self, source: str, limit: float) -> Ran:
        """Run one cell, for at most ``limit`` seconds."""
        asked = self.client.execute(source, allow_stdin=False, stop_on_error=False)
        ran, late, deadline = Ran(), False, time.monotonic() + limit
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=POLL)
            except queue.Empty:
                if not self.manager.is_alive():
                    ran.kind = "died"
                    return ran
            else:
                if message["parent_header"].get("msg_id") == asked and self._heard(message, ran):
                    ran.kind = "timeout" if late else ran.kind
                    return ran
            if time.monotonic() < deadline:
                continue
            if late:
                self.manager.shutdown_kernel(now=True)
                ran.kind = "stuck"
                return ran
            self.manager.interrupt_kernel()
            late, deadline = True, time.monotonic() + GRACE

    def leaves(self) -> bool:
        """Tell whether the kernel ends within a moment: ``exit()`` lets its cell finish first."""
        deadline = time.monotonic() + GOODBYE
        while self.manager.is_alive():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def _heard(self, message: dict[str, Any], ran: Ran) -> bool:
        """Note what a message says; tell whether it is the cell's last."""
        kind, content = message["header"]["msg_type"], message["content"]
        if kind == "error":
            ran.kind, ran.error = "raised", str(content.get("ename", ""))
            ran.message = ANSI.sub("", str(content.get("evalue", "")))
            ran.line_number, ran.line = _line([ANSI.sub("", str(part)) for part in content.get("traceback", [])])
        elif kind in ("execute_result", "display_data"):
            report = content.get("data", {}).get(MACHINE_READABLE)
            ran.report = report if isinstance(report, dict) else ran.report
        return bool(kind == "status" and content.get("execution_state") == "idle")


def _line(traceback: list[str]) -> tuple[int, str]:
    r"""Find the line of the notebook nearest to where it was raised.

    Examples
    --------
    >>> _line(["---", "Cell In[4], line 2\n      1 def f(x):\n----> 2     return y"])
    (2, 'return y')
    """
    for part in reversed(traceback):
        if re.search(r"^\s*(File .*)?Cell In", part) or part.lstrip().startswith("Input In"):
            if found := re.search(r"^-+> ?(\d+)(.*)$", part, re.MULTILINE):
                return int(found[1]), found[2].strip()[:100]
    whole = "\n".join(traceback)  # a syntax error has no frames
    if found := re.search(r"Cell In\[\d+\], line (\d+)\n(.*)", whole):
        return int(found[1]), found[2].strip()[:100]
    return 0, ""
