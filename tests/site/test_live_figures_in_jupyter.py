"""The same figures in JupyterLab and Notebook 7: picture and Python traits follow each other."""

import ast
import json
import os
import re

import pytest

from dlopt import live

pytestmark = pytest.mark.slow

CELLS = [
    "from dlopt import live\nfigure = live.QuadraticDescent()\nfigure",
    "print('eta is', figure.eta, 'start is', figure.start)",
    "figure.eta = 0.75\nfigure.kappa = 3",
]
EVERY = [
    "from dlopt import live\nfigures = {name: getattr(live, name)() for name in live.__all__}",
    "print('now', {n: {t: getattr(f, t) for t in f.trait_names(control=True)} for n, f in figures.items()}, 'end')",
    "display(*figures.values())",
]


def notebook(sources):
    code = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    cells = [{**code, "id": f"c{i}", "source": source} for i, source in enumerate(sources)]
    spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return json.dumps({"cells": cells, "metadata": spec, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory, jupyter_lab):
    folder = tmp_path_factory.mktemp("jupyter")
    (folder / "figure.ipynb").write_text(notebook(CELLS), encoding="utf-8")
    (folder / "every.ipynb").write_text(notebook(EVERY), encoding="utf-8")
    with jupyter_lab(folder) as address:
        yield address


def open_notebook(page, url):
    page.goto(f"{url}?reset")
    page.locator(".jp-Notebook .jp-CodeCell").nth(2).wait_for(timeout=60_000)
    page.wait_for_timeout(2000)  # the kernel


def run_cell(page, index):
    page.locator(".jp-Notebook .jp-CodeCell").nth(index).locator(".cm-content").click()
    page.keyboard.press("Control+Enter")


def printed(page, pattern):
    """What the second cell prints now."""
    run_cell(page, 1)
    page.wait_for_timeout(800)
    return re.search(pattern, page.locator(".jp-CodeCell").nth(1).locator(".jp-OutputArea").inner_text())[1]


WHERE = pytest.mark.parametrize("where", ["lab/tree", "notebooks"], ids=["JupyterLab", "Notebook 7"])


@WHERE
def test_slider_moves_picture_and_trait_and_trait_moves_slider(chromium, jupyter, where):
    page = chromium.new_page(viewport={"width": 1280, "height": 1400})
    open_notebook(page, f"{jupyter}/{where}/figure.ipynb")
    run_cell(page, 0)
    page.locator("figure.live").wait_for(timeout=60_000)
    assert page.locator("[data-live]").count() == 0  # the widget, not its static twin

    slider = page.get_by_role("slider", name="step size η")
    path = page.locator(".live-path")
    before = path.get_attribute("points")
    slider.focus()
    for _ in range(3):
        slider.press("ArrowRight")
    page.wait_for_timeout(200)
    assert slider.get_attribute("aria-valuetext") == "η = 1.63"
    assert path.get_attribute("points") != before
    grip = page.get_by_role("slider", name="start of the descent")
    grip.focus()
    grip.press("ArrowUp")
    assert printed(page, r"eta is ([\d.]+)") == "1.63"
    assert printed(page, r"start is (\(.*\))") == "(-2.6, 0.5)"

    before = path.get_attribute("points")
    run_cell(page, 2)
    page.wait_for_timeout(1000)
    assert slider.get_attribute("aria-valuetext") == "η = 0.75"
    assert page.get_by_role("slider", name="condition number κ").get_attribute("aria-valuetext") == "κ = 3"
    assert path.get_attribute("points") != before
    assert "Overall: monotone" in page.locator(".live-say").inner_text()
    if shots := os.environ.get("DLOPT_SHOTS"):
        page.screenshot(path=f"{shots}/{where.replace('/', '-')}.png")
    page.close()


@WHERE
def test_every_figure_moves_its_trait(chromium, jupyter, where):
    page = chromium.new_page(viewport={"width": 1280, "height": 1400})
    open_notebook(page, f"{jupyter}/{where}/every.ipynb")
    run_cell(page, 0)
    run_cell(page, 2)
    figures = page.locator("figure.live")
    figures.nth(len(live.__all__) - 1).wait_for(timeout=60_000)
    assert figures.count() == len(live.__all__)
    before = ast.literal_eval(printed(page, r"now (.*) end"))
    for figure in figures.all():
        slider = figure.locator("input[type=range]").first
        slider.focus()
        at_its_end = slider.evaluate("input => Number(input.value) >= Number(input.max)")
        slider.press("ArrowLeft" if at_its_end else "ArrowRight")
    after = ast.literal_eval(printed(page, r"now (.*) end"))
    assert [name for name in live.__all__ if before[name] == after[name]] == []
    page.close()
