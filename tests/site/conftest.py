"""One built site for all tests of this folder, made in a copy of the repository."""

import fcntl
import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from book.build import ROOT
from book.gates import pages
from book.serve import server as make_server

PARTS = (
    "_config.yml",
    "_toc.yml",
    "index.md",
    "pyproject.toml",
    "constraints.txt",
    "README.md",
    "LICENSE",
    "chapters",
    "book",
    "dlopt",
    "autograder",
    "solutions",
)

#: What is no source: compiled Python, and what students handed in.
LEFT_BEHIND = ("__pycache__", ".*", "release", "submitted", "autograded", "feedback", "exports", "*.db")


class Site:
    """A copy of the repository with a built site in it."""

    def __init__(self, root):
        self.root = Path(root)
        self.html = self.root / "_build" / "html"

    def build(self):
        done = subprocess.run([sys.executable, "-m", "book", "build"], cwd=self.root, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr

    @property
    def claims(self):
        return json.loads((self.html / "claims.json").read_text())

    @property
    def pages(self):
        """Every page that a reader can reach."""
        return pages(self.html)

    @property
    def notebooks(self):
        """Sources of the pages that are notebooks."""
        return sorted(p for p in (self.root / "chapters").glob("*.md") if p.read_text().startswith("---\njupytext"))


def copy_repository(target):
    for name in PARTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns(*LEFT_BEHIND))
        else:
            shutil.copy(source, target / name)


@pytest.fixture(scope="session")
def site(tmp_path_factory, worker_id):
    """The site built from nothing: every cell of every chapter has run. Workers share it."""
    base = tmp_path_factory.getbasetemp()
    base = base if worker_id == "master" else base.parent
    with (base / "site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        root = base / "site"
        if not root.exists():
            root.mkdir()
            copy_repository(root)
            Site(root).build()
    return Site(root)


@pytest.fixture(scope="session")
def rebuilt(site, tmp_path_factory):
    """The same site built again after new prose, so that every cell comes from the execution cache."""
    root = tmp_path_factory.mktemp("warm") / "site"
    shutil.copytree(site.root, root)
    again = Site(root)
    for notebook in again.notebooks:
        notebook.write_text(notebook.read_text() + "\nA sentence that no chapter ends with.\n")
    again.build()
    return again


@pytest.fixture(scope="session")
def address(site):
    """Where the site is served, while the tests run."""
    with make_server(site.html, 0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
