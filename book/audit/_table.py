"""The audit as a table."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser

from book import gates
from book.serve import server

from ._browser import MODES, WIDTHS, browser, visit
from ._figures import exercise, latencies, time_to_figure
from ._lighthouse import CATEGORIES, lighthouse
from ._page import LIMITS, violations, weigh

__all__ = ["audit"]


def audit(html: Path, tools: Path, pages: list[str]) -> Iterator[str]:
    """Measure pages of the built site; yield the table line by line.

    Parameters
    ----------
    html : Path
        The built site.
    tools : Path
        Where Lighthouse may be installed.
    pages : list of str
        Paths below ``html``; empty: every page.

    Raises
    ------
    FileNotFoundError
        When there is no site, or no Chromium.
    """
    chosen = pages or [page.relative_to(html).as_posix() for page in gates.pages(html)]
    with _served(html) as address, browser() as chromium:
        yield f"Limits: {LIMITS.wire // 1000} kB and {LIMITS.requests} requests before the reader scrolls; axe 0."
        yield ""
        yield (
            "| page | kB | requests | kB to the end | axe | figure usable | Lighthouse " + " · ".join(CATEGORIES) + " |"
        )
        yield "|---|---|---|---|---|---|---|"
        for page in chosen:
            yield _row(chromium, f"{address}/{page}", page, tools)
        with_figures = [p for p in chosen if "data-live=" in (html / p).read_text(encoding="utf-8")]
        yield ""
        yield "Key press to painted picture, ms: the work alone; and at 60 Hz, which adds the wait for the frame."
        yield ""
        yield "| figure | presses | work median | work p95 | 60 Hz median | 60 Hz p95 |"
        yield "|---|---|---|---|---|---|"
    with _served(html) as address:
        for page in with_figures:
            yield from _latency(f"{address}/{page}")


def _row(chromium: Browser, url: str, page: str, tools: Path) -> str:
    weight, whole = weigh(chromium, url), weigh(chromium, url, scroll=True)
    found = []
    has_figure = False
    for width in WIDTHS:
        for mode in MODES:
            with visit(chromium, url, width=width, mode=mode) as opened:
                has_figure = exercise(opened) > 0
                found += violations(opened)
    usable = f"{time_to_figure(chromium, url):.1f} s" if has_figure else "–"
    scores = lighthouse(url, tools)
    shown = "no npm" if scores is None else " · ".join(str(scores[name]) for name in CATEGORIES)
    bytes_ = f"{weight.wire / 1000:.0f} | {weight.requests} | {whole.wire / 1000:.0f}"
    return f"| {page} | {bytes_} | {len(found)} | {usable} | {shown} |"


def _latency(url: str) -> Iterator[str]:
    runs = []
    for switches in (("--disable-frame-rate-limit", "--disable-gpu-vsync"), ()):
        with browser(*switches) as chromium, visit(chromium, url) as opened:
            runs.append(latencies(opened))
    for work, seen in zip(*runs, strict=True):
        cells = f"{work.median:.1f} | {work.p95:.1f} | {seen.median:.1f} | {seen.p95:.1f}"
        yield f"| {work.figure} | {work.presses} | {cells} |"


@contextmanager
def _served(html: Path) -> Iterator[str]:
    with server(html, 0) as host:
        thread = threading.Thread(target=host.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{host.server_port}"
        host.shutdown()
        thread.join()
