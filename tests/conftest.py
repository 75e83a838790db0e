"""What tests of several folders share: what is left out, a browser, and JupyterLab to point it at."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import pytest

from book.audit import CHROMIUM, browser


def pytest_collection_modifyitems(config, items):
    """Leave out what only `make exhaustive` runs, whatever else is selected, until ``-m`` asks for it by name."""
    if "exhaustive" in config.option.markexpr:
        return
    left_out = [item for item in items if item.get_closest_marker("exhaustive")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("exhaustive")]


@pytest.fixture(scope="session")
def chromium():
    """A browser."""
    if CHROMIUM is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("needs Chromium on the path")
    with browser() as started:
        yield started


@contextmanager
def lab(folder):
    """Run JupyterLab on a folder, with settings of its own and without a password; yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {f"JUPYTER_{name}_DIR": str(folder / f".{name.lower()}") for name in ("CONFIG", "DATA", "RUNTIME")}
    flags = ["--no-browser", "--allow-root", "--IdentityProvider.token=", f"--ServerApp.port={port}"]
    flags += ["--LabApp.news_url=", "--ServerApp.ip=127.0.0.1", f"--ServerApp.root_dir={folder}"]
    with (folder / "server.log").open("w") as log:
        command = [sys.executable, "-m", "jupyter", "lab", *flags]
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, env={**os.environ, **own})
    address = f"http://127.0.0.1:{port}"
    for _ in range(120):
        try:
            urllib.request.urlopen(f"{address}/api").close()
            break
        except OSError:
            time.sleep(0.5)
    yield address
    server.terminate()
    server.wait(30)


@pytest.fixture(scope="session")
def jupyter_lab():
    """Return `lab`, to be entered with a folder."""
    return lab
