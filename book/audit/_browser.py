"""A browser that reaches nothing but the site."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Route, sync_playwright

__all__ = ["CHROMIUM", "MODES", "SWITCHES", "WIDTHS", "browser", "visit"]

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
)
MODES = ("light", "dark")
WIDTHS = (390, 1280)  # a phone, a laptop; CSS pixels


@contextmanager
def browser(*switches: str) -> Iterator[Browser]:
    """Start Chromium without a window.

    Raises
    ------
    FileNotFoundError
        When there is no Chromium on the path.
    """
    if CHROMIUM is None:
        raise FileNotFoundError("no Chromium on the path; install the package chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=[*SWITCHES, *switches])
        yield started
        started.close()


@contextmanager
def visit(browser: Browser, url: str, *, width: int = 1280, mode: str = "light") -> Iterator[Page]:
    """Open a page alone, with an empty cache and every other host refused, until the network is quiet."""
    height = 844 if width < 600 else 900
    scheme = "dark" if mode == "dark" else "light"
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    host = urlsplit(url).netloc

    def refuse(route: Route) -> None:
        route.continue_() if urlsplit(route.request.url).netloc == host else route.abort()

    context.route(lambda address: address.startswith("http"), refuse)
    page = context.new_page()
    try:
        page.goto(url, wait_until="networkidle")
        yield page
    finally:
        context.close()
