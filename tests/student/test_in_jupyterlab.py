"""What a student sees in JupyterLab: every set with its stubs, and with right answers; *Run All Cells*, *Validate*."""

import json
import os
import re

import pytest

from autograder.course import Course

pytestmark = pytest.mark.slow

SETS = Course().problem_sets()
SAMPLE = ("ps2_quadratics", "ps6_batchnorm")
EVERY = [pytest.param(ps, marks=() if ps in SAMPLE else pytest.mark.exhaustive) for ps in SETS]
MINUTES = 60_000.0  # in milliseconds, as the browser counts
ALL_HAVE_RUN = """() => {
    const prompts = [...document.querySelectorAll(".jp-Notebook .jp-CodeCell .jp-InputPrompt")];
    return prompts.length > 0 && prompts.every(prompt => /\\[\\d+\\]/.test(prompt.textContent));
}"""
KERNEL_IS_UP = """async () => {
    const kernels = await (await fetch("/api/kernels")).json();
    return kernels.length > 0 && kernels.every(kernel => kernel.execution_state === "idle");
}"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory, jupyter_lab):
    """A folder, and the address of JupyterLab in it."""
    folder = tmp_path_factory.mktemp("desk")
    settings = folder / ".config" / "lab" / "user-settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    # cells out of sight are in the page as well, to be looked at
    (settings / "tracker.jupyterlab-settings").write_text(json.dumps({"windowingMode": "none"}))
    with jupyter_lab(folder) as address:
        yield folder, address


@pytest.fixture
def opened(chromium, desk):
    """Open a notebook in JupyterLab, its kernel ready; return the page, which gives the kernel back at the end."""
    folder, address = desk
    pages = []

    def at(notebook, name):
        notebook.save(folder, name)
        page = chromium.new_page(viewport={"width": 1280, "height": 1000})
        pages.append(page)
        page.goto(f"{address}/lab/tree/{name}?reset")
        page.locator(".jp-Notebook .jp-CodeCell").nth(2).wait_for(timeout=MINUTES)
        page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').wait_for(timeout=MINUTES)
        page.wait_for_function(KERNEL_IS_UP, timeout=2 * MINUTES)  # the indicator is idle before there is a kernel
        return page

    yield at
    for page in pages:
        page.evaluate("""async () => {
            const xsrf = document.cookie.match(/_xsrf=([^;]+)/);
            const headers = xsrf ? {"X-XSRFToken": xsrf[1]} : {};
            for (const kernel of await (await fetch("/api/kernels")).json())
                await fetch(`/api/kernels/${kernel.id}`, {method: "DELETE", headers});
        }""")
        page.close()


def run_all(page, minutes=4):
    """Choose Run All Cells, again where JupyterLab did not take the first call; wait for the last cell."""
    for _ in range(6):
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        page.wait_for_timeout(3000)
        if page.locator(".jp-Dialog").count():
            page.keyboard.press("Escape")
        elif page.locator(".jp-CodeCell .jp-InputPrompt", has_text=re.compile(r"\[(\*|\d+)\]")).count():
            break
    page.wait_for_function(ALL_HAVE_RUN, timeout=minutes * MINUTES)


def output(page, notebook, label):
    """The output area of a labelled cell."""
    return page.locator(".jp-Notebook .jp-Cell").nth(notebook.index(label)).locator(".jp-OutputArea-output")


def code(notebook, *, check):
    """Labels of the check cells, or of the picture cells."""
    labels = [c.metadata.nbgrader.grade_id for c in notebook.cells if c.cell_type == "code"]
    return [label for label in labels if label.endswith("_check" if check else "_picture")]


def nothing_red(page):
    for kind in ("error", "stderr"):
        assert page.locator(f'[data-mime-type="application/vnd.jupyter.{kind}"]').count() == 0


def picture(page, name):
    """Keep what the student sees, from top to bottom, where DLOPT_SHOTS names a folder."""
    if shots := os.environ.get("DLOPT_SHOTS"):
        height = page.locator(".jp-WindowedPanel-outer").evaluate("panel => panel.scrollHeight")
        page.set_viewport_size({"width": 1280, "height": min(int(height) + 150, 15_000)})
        page.locator(".jp-WindowedPanel-outer").evaluate("panel => { panel.scrollTop = 0; }")
        page.wait_for_timeout(500)
        page.locator(".jp-Notebook").screenshot(path=f"{shots}/{name}.png")


@pytest.mark.parametrize("ps", EVERY)
def test_stubs_say_that_they_are_not_implemented_and_nothing_is_red(opened, blank, ps):
    notebook = blank(ps)
    page = opened(notebook, f"{ps}.ipynb")
    run_all(page)
    picture(page, f"{ps}-stubs")
    nothing_red(page)
    for label in code(notebook, check=True):
        said = output(page, notebook, label).inner_text()
        assert f"{label.removesuffix('_check')}: not yet implemented (0 of " in said
    for label in code(notebook, check=False):
        assert output(page, notebook, label).inner_text().startswith("This picture draws itself once you have written ")


@pytest.mark.parametrize("ps", EVERY)
def test_right_answers_are_all_right_and_every_picture_appears(opened, solved, ps):
    notebook = solved(ps)
    page = opened(notebook, f"{ps}.ipynb")
    run_all(page, minutes=5)
    picture(page, f"{ps}-solved")
    nothing_red(page)
    for label in code(notebook, check=True):
        said = output(page, notebook, label).inner_text()
        assert "points — all right" in said
        assert "✗" not in said
    for label in code(notebook, check=False):
        shown = output(page, notebook, label).locator("img, svg").first
        shown.scroll_into_view_if_needed()
        size = shown.bounding_box()
        assert size["width"] > 200
        assert size["height"] > 100
        if shown.evaluate("element => element.tagName") == "IMG":
            assert shown.evaluate("image => image.naturalWidth") > 0
            assert shown.get_attribute("alt")


class TestValidateButton:
    """The button of nbgrader's extension, which students have where nbgrader is installed."""

    PS = "ps6_batchnorm"

    def validate(self, page):
        page.get_by_role("button", name="Validate", exact=True).click()
        dialog = page.locator(".jp-Dialog")
        dialog.wait_for(timeout=MINUTES)
        return dialog.inner_text()

    def test_stubs_are_named(self, opened, blank):
        said = self.validate(opened(blank(self.PS), "stubs.ipynb"))
        assert said.count("The following cell failed:") == 3
        assert "BatchNorm: not yet implemented (0 of 5 points)" in said
        assert "You did not provide a response." in said  # the answer in words

    def test_right_answers_succeed(self, opened, solved):
        said = self.validate(opened(solved(self.PS), "solved.ipynb"))
        assert "Success! Your notebook passes all the tests." in said

    def test_a_changed_check_is_named(self, opened, solved):
        notebook = solved(self.PS).answer("fold_batchnorm_check", "print('fine')")
        assert "The source of the following cell has changed, but it should not have!" in self.validate(
            opened(notebook, "changed.ipynb")
        )
