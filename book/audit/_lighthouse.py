"""Lighthouse, where Node is installed: building and reading the book need no Node, only this measurement does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from ._browser import CHROMIUM

__all__ = ["CATEGORIES", "VERSION", "lighthouse"]

VERSION = "12.8.2"  # the last that runs on Node 18 and 20
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")


def lighthouse(url: str, folder: Path) -> dict[str, int] | None:
    """Return Lighthouse's scores of a page on a desktop, 0 to 100 by category; None where there is no npm.

    Parameters
    ----------
    url : str
        The page.
    folder : Path
        Where npm may install; kept between calls.
    """
    npm = shutil.which("npm")
    if npm is None:
        return None
    program = folder / "node_modules" / ".bin" / "lighthouse"
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        quiet = ["--no-audit", "--no-fund", "--silent", "--prefix", str(folder)]
        subprocess.run([npm, "install", *quiet, f"lighthouse@{VERSION}"], check=True, capture_output=True)
    flags = "--headless=new --no-sandbox --disable-gpu --disable-quic --disable-background-networking"
    command = [str(program), url, "--quiet", "--output=json", "--preset=desktop", f"--chrome-flags={flags}"]
    command.append(f"--only-categories={','.join(CATEGORIES)}")
    environment = {**os.environ, "CHROME_PATH": CHROMIUM or ""}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=180)
    if done.returncode != 0:
        raise RuntimeError(f"lighthouse {VERSION} failed on {url}: {done.stderr.strip()[-400:]}")
    report = json.loads(done.stdout)
    return {name: round(100 * report["categories"][name]["score"]) for name in CATEGORIES}
