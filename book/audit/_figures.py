"""Live figures under the hand: when they are usable, and how long a touch takes to show."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Browser, Page

__all__ = ["SLOW", "Latency", "exercise", "latencies", "time_to_figure"]

FIGURE = "[data-live-mounted] figure.live"

# A keydown's own time stamp, to the task after the frame that shows its effect has been painted.
WATCH = """() => {
  window.waits = [];
  addEventListener("keydown", ({ timeStamp }) => requestAnimationFrame(() => {
    const after = new MessageChannel();
    after.port1.onmessage = () => window.waits.push(performance.now() - timeStamp);
    after.port2.postMessage(0);
  }), true);
}"""

SLOW = {"latency_ms": 150, "bits_per_second": 1.6e6, "cpu": 4}  # a phone on a poor line


@dataclass(frozen=True)
class Latency:
    """Milliseconds from a key press to the painted picture, over all sliders of one figure."""

    figure: str
    presses: int
    median: float
    p95: float


def exercise(page: Page) -> int:
    """Move everything that a page's live figures let the reader move; return how many controls there were."""
    count = 0
    for control in page.locator(f"{FIGURE} :is(input, button, [role=slider])").all():
        if control.is_disabled():
            continue
        kind = control.get_attribute("type")
        if kind in ("checkbox", "button"):
            control.press("Space")
        else:
            control.press("ArrowRight")
            control.press("ArrowUp")
        count += 1
    page.wait_for_timeout(400)  # the sentence waits until the hand rests
    return count


def latencies(page: Page, presses: int = 40) -> list[Latency]:
    """Press arrow keys on every slider and point of every figure of a page."""
    result = []
    for figure in page.locator(FIGURE).all():
        figure.scroll_into_view_if_needed()
        page.evaluate(WATCH)
        for control in figure.locator("input[type=range], [role=slider][tabindex]").all():
            control.focus()
            for k in range(presses):
                control.press("ArrowRight" if k % 8 < 4 else "ArrowLeft")
        page.wait_for_timeout(100)
        waits = sorted(page.evaluate("window.waits.splice(0)"))
        name = (figure.get_attribute("aria-label") or "").removeprefix("Live figure: ")
        result.append(Latency(name, len(waits), waits[len(waits) // 2], waits[int(0.95 * len(waits))]))
    return result


def time_to_figure(browser: Browser, url: str) -> float:
    """Return the seconds until a page's first live figure can be used, on a slow phone with an empty cache."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    speed = SLOW["bits_per_second"] / 8
    line = {"offline": False, "latency": SLOW["latency_ms"], "downloadThroughput": speed, "uploadThroughput": speed / 2}
    session.send("Network.emulateNetworkConditions", line)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOW["cpu"]})
    page.add_init_script(
        """new MutationObserver((_, watch) => {
          if (!document.querySelector("[data-live-mounted]")) return;
          watch.disconnect();
          requestAnimationFrame(() => setTimeout(() => { window.liveAt = performance.now(); }));  // and it is seen
        }).observe(document, { childList: true, subtree: true, attributes: true });"""
    )
    page.goto(url, wait_until="commit")
    page.wait_for_function("window.liveAt", timeout=60_000)
    seconds = float(page.evaluate("window.liveAt")) / 1000
    context.close()
    return seconds
