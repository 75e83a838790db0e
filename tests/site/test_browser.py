"""What a reader's browser makes of the site, with every other host refused."""

import io
import json
import re
import zipfile
from urllib.parse import urlsplit

import pytest

pytestmark = pytest.mark.slow

SIZES = {"desktop": (1280, 900), "phone": (390, 844)}


@pytest.fixture
def visit(chromium, address):
    """Open a page of the site; keep what it asked of other hosts, and what it complained about."""
    contexts = []

    def open_page(path, *, size="desktop", mode="light"):
        width, height = SIZES[size]
        context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=mode)
        contexts.append(context)
        page = context.new_page()
        page.foreign, page.complaints = [], []

        def route(route):
            if urlsplit(route.request.url).hostname == "127.0.0.1":
                route.continue_()
            else:
                page.foreign.append(route.request.url)
                route.abort()

        context.route(lambda url: url.startswith("http"), route)
        page.on("console", lambda m: page.complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(f"{address}/{path}", wait_until="networkidle")
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_pages_load_alone_in_silence_and_fit(site, visit, size, mode):
    for file in site.pages:
        page = visit(file.relative_to(site.html).as_posix(), size=size, mode=mode)
        assert page.foreign == [], file.name
        assert page.complaints == [], file.name
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0], file.name
        assert page.evaluate("document.documentElement.dataset.theme") == mode, file.name


def test_formulas_are_set_without_a_network(visit):
    page = visit("chapters/02_quadratics.html")
    page.wait_for_selector("mjx-container", state="attached")
    page.locator("mjx-container").first.evaluate("e => e.scrollIntoView({ block: 'center', behavior: 'instant' })")
    page.wait_for_selector("mjx-container mjx-math", state="attached")
    assert page.locator("mjx-lazy").count() > 10  # formulas far below wait
    assert page.locator("mjx-merror").count() == 0


def test_formulas_measured_by_one_of_them_have_the_size_that_each_would_measure(visit):
    page = visit("chapters/02_quadratics.html")
    page.wait_for_selector("article mjx-container")
    sizes = page.evaluate(
        """() => {
          const jax = MathJax.startup.output;
          return [...MathJax.startup.document.math].slice(0, 60).map(({ display, metrics, start }) => {
            const sample = jax.getTestElement(start.node.parentNode, display);
            const own = jax.measureMetrics(sample, false).scale;
            sample.remove();
            return [metrics.scale, own];
          });
        }"""
    )
    assert len(sizes) == 60
    assert all(shared == pytest.approx(own, rel=0.02) for shared, own in sizes)


def test_code_that_scrolls_can_be_reached_and_code_that_does_not_is_no_stop(visit):
    page = visit("chapters/02_quadratics.html")
    blocks = page.locator("article div.highlight pre")
    assert blocks.evaluate_all("all => all.every((pre) => pre.tabIndex === 0 || pre.checkVisibility())")
    wait = (
        "pre => new Promise((done) => setTimeout(() => done([pre.tabIndex, pre.scrollWidth > pre.clientWidth]), 700))"
    )
    seen = page.locator("article div.highlight pre:visible").all()[:3]
    for block in seen:
        block.scroll_into_view_if_needed()
        stop, scrolls = block.evaluate(wait)
        assert (stop == 0) == scrolls


def test_every_formula_is_set_on_paper(visit):
    page = visit("chapters/02_quadratics.html")
    page.wait_for_selector("mjx-container", state="attached")
    page.pdf()
    page.wait_for_function("document.querySelectorAll('article mjx-lazy').length === 0")
    assert page.locator("mjx-merror").count() == 0
    assert page.locator("mjx-container mjx-math").count() == page.locator("mjx-container").count() > 10


def test_what_is_offered_can_be_opened(visit, address):
    page = visit("chapters/downloads.html")
    links = page.locator("ul.downloads a").evaluate_all("all => all.map(a => a.href)")
    assert {url.rsplit(".", 1)[1] for url in links} >= {"whl", "ipynb", "md"}
    for place, url in enumerate(links):
        page = visit("chapters/downloads.html")  # anew: Chromium stops a page after ten
        link = page.locator("ul.downloads a").nth(place)
        link.evaluate("a => { a.download = ''; }")
        with page.expect_download() as started:
            link.click()
        body = started.value.path().read_bytes()
        assert len(body) > 1000
        if url.endswith((".whl", ".zip")):
            assert zipfile.ZipFile(io.BytesIO(body)).testzip() is None
        elif url.endswith(".ipynb"):
            assert json.loads(body)["nbformat"] == 4


def test_the_landing_page_has_a_live_figure(visit):
    page = visit("index.html")
    page.wait_for_selector("[data-live-mounted]")
    slider = page.get_by_role("slider", name="step size")
    before = page.locator(".live-path").get_attribute("points")
    slider.press("ArrowRight")
    page.wait_for_function(
        "before => document.querySelector('.live-path').getAttribute('points') !== before", arg=before
    )
    assert page.locator(".live figcaption").inner_text().endswith("?")


def test_search_finds_a_word_of_a_chapter(visit):
    page = visit("search.html?q=quadratic")
    page.wait_for_selector("ul.search li a")
    assert page.locator("ul.search li a").count() > 0


def test_the_search_key_opens_the_search(visit):
    page = visit("index.html")
    page.keyboard.press("Control+k")
    assert page.locator("#pst-search-dialog").evaluate("d => d.open")


def test_code_can_be_copied(visit):
    page = visit("chapters/02_quadratics.html")
    assert page.locator("div.cell_input button.copybtn").count() > 5


def test_the_colour_mode_can_be_switched(visit):
    page = visit("index.html")
    modes = set()
    for _ in range(3):
        page.locator(".theme-switch-button:visible").first.click()
        modes.add(page.evaluate("document.documentElement.dataset.theme"))
    assert modes == {"light", "dark"}


def test_a_check_in_the_ledger_leads_to_its_badge(visit):
    page = visit("chapters/ledger.html")
    page.locator("table.ledger td a").first.click()
    page.wait_for_load_state()
    assert page.evaluate("document.querySelector(':target')?.className") == "dlopt-claim"


def loaded(page):
    """Names and sizes in bytes, unpacked, of what a page has loaded."""
    script = "performance.getEntriesByType('resource').map(e => [e.name.split('/').pop(), e.decodedBodySize])"
    return dict(page.evaluate(script))


def test_a_page_of_text_is_light(visit):
    sizes = loaded(visit("index.html"))
    assert not [name for name in sizes if "mathjax" in name or "tex-chtml" in name]
    assert sum(sizes.values()) < 1_100_000


def test_a_page_of_formulas_loads_mathjax_and_none_of_what_was_left_out(visit):
    sizes = loaded(visit("chapters/conventions.html"))
    assert "tex-chtml.js" in sizes
    assert not [name for name in sizes if "fontawesome.js" in name or "thebe" in name or "require" in name]


@pytest.mark.parametrize("part", ["p", "h2", "div.cell_input pre", "figcaption"])
def test_a_dark_page_prints_dark_on_white(visit, part):
    page = visit("chapters/02_quadratics.html", mode="dark")
    page.emulate_media(media="print")
    colour = page.locator(f"article {part}").first.evaluate("e => getComputedStyle(e).color")
    assert max(int(n) for n in re.findall(r"\d+", colour)[:3]) < 90
