"""What the site costs its readers, and whom it shuts out: bytes, requests, times, Lighthouse, axe.

``make audit`` prints the table; the tests hold bytes, requests and axe to `LIMITS`, times only the table shows.
"""

from ._browser import CHROMIUM, MODES, WIDTHS, browser, visit
from ._contrast import contrast
from ._figures import Latency, exercise, latencies, time_to_figure
from ._lighthouse import lighthouse
from ._page import LIMITS, Weight, violations, weigh
from ._table import audit

__all__ = [
    "CHROMIUM",
    "LIMITS",
    "MODES",
    "WIDTHS",
    "Latency",
    "Weight",
    "audit",
    "browser",
    "contrast",
    "exercise",
    "latencies",
    "lighthouse",
    "time_to_figure",
    "violations",
    "visit",
    "weigh",
]
