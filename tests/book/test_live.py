"""A live figure on a page without a notebook."""

import json
import re

from book.live import embedded
from dlopt import live

STATE = re.compile(r'<script type="application/vnd.jupyter.widget-state\+json">(.*?)</script>', re.DOTALL)


def test_state_and_picture_name_the_same_figure():
    html = embedded(live.QuadraticDescent(eta=0.4), "live-index")
    state = json.loads(STATE.search(html)[1])["state"]
    assert state["live-index"]["state"]["eta"] == 0.4
    assert "export default" in state["live-index"]["state"]["_esm"]
    assert html.count('data-live="live-index"') == 1


def test_the_same_figure_makes_the_same_page():
    made = {embedded(live.QuadraticDescent(kappa=7), "live-index") for _ in range(2)}
    assert len(made) == 1
