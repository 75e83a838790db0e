"""What a page weighs on the wire, and what axe finds in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

__all__ = ["LIMITS", "Weight", "violations", "weigh"]


@dataclass(frozen=True)
class Limits:
    """What every page is held to.

    Attributes
    ----------
    wire : int
        Bytes that arrive before the reader scrolls, compressed, headers included.
    requests : int
        Requests until the network is quiet.
    """

    wire: int = 720_000
    requests: int = 36


LIMITS = Limits()


@dataclass(frozen=True)
class Weight:
    """One visit with an empty cache: bytes on the wire, requests, and other hosts that were asked."""

    wire: int
    requests: int
    foreign: tuple[str, ...]


def weigh(browser: Browser, url: str, *, scroll: bool = False) -> Weight:
    """Count what a page fetches until the network is quiet.

    Parameters
    ----------
    browser : Browser
        Chromium.
    url : str
        The page, on a host that compresses as usual.
    scroll : bool
        Read on to the end, so that every lazy picture is fetched too.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    session = context.new_cdp_session(page)
    asked: list[str] = []
    sizes: list[float] = []
    session.on("Network.requestWillBeSent", lambda e: asked.append(e["request"]["url"]))
    session.on("Network.loadingFinished", lambda e: sizes.append(e["encodedDataLength"]))
    session.send("Network.enable")
    page.goto(url, wait_until="networkidle")
    if scroll:
        _read_on(page)
    context.close()
    sent = [address for address in asked if address.startswith("http")]
    origin = "/".join(url.split("/")[:3]) + "/"
    return Weight(round(sum(sizes)), len(sent), tuple(a for a in sent if not a.startswith(origin)))


def _read_on(page: Page) -> None:
    while page.evaluate("scrollY + innerHeight < document.documentElement.scrollHeight - 2"):
        page.evaluate("scrollBy({ top: innerHeight, behavior: 'instant' })")
        page.wait_for_timeout(60)
    page.wait_for_load_state("networkidle")


def violations(page: Page) -> list[str]:
    """Return what axe finds, whatever its impact: a line per element, rule first."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:160]} | {' '.join(node['failureSummary'].split())[:300]}"
        for rule in found
        for node in rule["nodes"]
    ]
