"""What building the website costs: ``python -m book build`` beside plain ``jupyter-book build .``.

    python benchmarks/book.py [--times 3]

Each builds its own copy of the repository: cold, after a word of prose has changed in the longest chapter, and with
nothing changed. Plain Jupyter Book neither checks what it made nor refuses warnings; the downloads are made for it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "_build", "node_modules", "__pycache__", ".*_cache")
OURS = [sys.executable, "-m", "book", "build"]
PLAIN = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build", "."]


def seconds(command: list[str], folder: Path) -> float:
    """Time one build in that copy; stop when it fails."""
    start = time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")
    return time.perf_counter() - start


def edit(folder: Path) -> None:
    """Change the prose of the longest chapter, and none of its cells."""
    chapter = max((folder / "chapters").glob("*.md"), key=lambda path: path.stat().st_size)
    with chapter.open("a", encoding="utf-8") as page:
        page.write(f"\nAnother sentence, number {time.time_ns()}.\n")


def rows(ours: Path, plain: Path, times: int) -> dict[str, tuple[float, float]]:
    """Time both on each task, in turns."""

    def median(prepare: Callable[[Path], None]) -> tuple[float, float]:
        found = []
        for _ in range(times):
            prepare(ours)
            prepare(plain)
            found.append((seconds(OURS, ours), seconds(PLAIN, plain)))
        first, second = zip(*found, strict=True)
        return statistics.median(first), statistics.median(second)

    cold = seconds(OURS, ours)
    shutil.copytree(ours / "_build" / "downloads", plain / "_build" / "downloads")
    return {
        "cold": (cold, seconds(PLAIN, plain)),
        "prose edit": median(edit),
        "nothing changed": median(lambda folder: None),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=3, help="warm builds of each kind, median (default: %(default)s)")
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory() as folder:
        ours, plain = Path(folder) / "ours", Path(folder) / "plain"
        for copy in (ours, plain):
            shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        found = rows(ours, plain, times)
    print(f"{'build':16} {'book':>8} {'jupyter-book':>13} {'ratio':>7}   ({os.cpu_count()} cores)")
    for name, (mine, other) in found.items():
        print(f"{name:16} {mine:6.1f} s {other:11.1f} s {mine / other:7.2f}")


if __name__ == "__main__":
    main()
