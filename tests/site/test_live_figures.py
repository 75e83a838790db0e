"""Live figures in a real browser: on a page without a kernel, over http and from the disk."""

import functools
import http.server
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import expect

from book import audit
from dlopt import live

ROOT = Path(__file__).parents[2]
FIGURES = live.__all__

CONF = f"""
project = "live figures"
extensions = ["myst_nb"]
html_theme = "sphinx_book_theme"
html_static_path = [{str(ROOT / "book" / "assets")!r}]
html_context = {{"default_mode": "auto"}}
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_ipywidgets_js = {{"live_host.js": {{"async": "async"}}}}
nb_mime_priority_overrides = [("html", "text/html", 5)]
"""
HEAD = """---
file_format: mystnb
kernelspec: {{name: python3, display_name: Python 3}}
---
# {}
"""
CELL = "```{{code-cell}} python3\nfrom dlopt import live\n{}\n```\n"
TWICE = CELL.format("first = live.QuadraticDescent()\nfirst") + CELL.format("first")
PAGES = {name: CELL.format(f"live.{name}()") for name in FIGURES}  # one to a page
PAGES |= {"every": "".join(PAGES.values()), "twice": TWICE}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    (folder / "conf.py").write_text(CONF, encoding="utf-8")
    for name, cells in PAGES.items():
        (folder / f"{name}.md").write_text(HEAD.format(name) + cells, encoding="utf-8")
    (folder / "index.md").write_text("# Live figures\n\n```{toctree}\n" + "\n".join(PAGES) + "\n```\n")
    build = [sys.executable, "-m", "sphinx", "-q", "-n", "-W", "-b", "html", str(folder), str(folder / "html")]
    done = subprocess.run(build, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return folder / "html"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        self.send_error(204) if self.path == "/favicon.ico" else super().do_GET()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server(demo):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=demo)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def visit(chromium, server):
    """Open a page until its figures are live; at the end its console is clean and no other host was asked."""
    contexts, trouble = [], []

    def visit(name="QuadraticDescent", base=None, mounted=1, **options):
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console", lambda message: trouble.append(message.text) if message.type in {"error", "warning"} else None
        )
        page.on("pageerror", lambda error: trouble.append(str(error)))
        ours = (base or server, "data:", "blob:")
        page.on("request", lambda sent: None if sent.url.startswith(ours) else trouble.append(sent.url))
        page.goto(f"{base or server}/{name}.html")
        if mounted:
            page.wait_for_function(f"document.querySelectorAll('[data-live-mounted]').length === {mounted}")
        return page

    yield visit
    for context in contexts:
        context.close()
    assert trouble == []


def figure(page, index=0):
    return page.locator("[data-live-mounted] figure.live").nth(index)


def numbers(text):
    return [float(n) for n in re.findall(r"-?\d+\.?\d*", text)]


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_figures_come_alive(visit, demo, scheme):
    page = visit("every", None if scheme == "http" else demo.as_uri(), mounted=len(FIGURES))
    assert page.locator("[data-live]").count() == 0  # the static pictures have made room
    for i in range(len(FIGURES)):
        assert figure(page, i).locator("svg.live-plot").first.is_visible()
        assert figure(page, i).locator("figcaption").inner_text().endswith("?")


def test_the_book_is_configured_to_show_them():
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["sphinx"]["config"]
    assert config["nb_ipywidgets_js"] == {"live_host.js": {"async": "async"}}
    assert ["html", "text/html", 5] in config["nb_mime_priority_overrides"]  # the static picture, not a bare script
    assert "book/assets" in config["html_static_path"]


@pytest.mark.parametrize("name", FIGURES)
def test_every_slider_moves_the_picture_by_keyboard(visit, name):
    live = figure(visit(name))
    for slider in live.get_by_role("slider").all():
        if slider.evaluate("e => e.tagName") != "INPUT":
            continue
        picture, said = live.locator("svg.live-plot").first.inner_html(), slider.get_attribute("aria-valuetext")
        slider.focus()
        slider.press("ArrowRight")
        expect(slider).not_to_have_attribute("aria-valuetext", said)
        for _ in range(50):  # the picture follows in the next frames, on a busy machine a little later
            if live.locator("svg.live-plot").first.inner_html() != picture:
                break
            live.page.wait_for_timeout(50)
        assert live.locator("svg.live-plot").first.inner_html() != picture, said
        assert slider.get_attribute("data-lm-suppress-shortcuts") == "true"


def test_sentence_and_readout_follow_the_step_size(visit):
    live = figure(visit())
    slider = live.get_by_role("slider", name="step size η")
    slider.focus()
    slider.press("End")
    live.page.wait_for_timeout(400)
    assert slider.get_attribute("aria-valuetext") == "η = 2.50"
    assert "Overall: diverging, rate predicted 1.500, measured 1.500" in live.locator("[aria-live]").inner_text()
    assert live.locator("table b").inner_text() == "diverging"
    live.get_by_role("button", name="Reset").click()
    live.page.wait_for_timeout(400)
    assert "rate predicted 0.840" in live.locator("[aria-live]").inner_text()


def test_start_moves_by_arrow_keys_and_stays_in_the_plane(visit):
    live = figure(visit())
    grip = live.get_by_role("slider", name="start of the descent")
    grip.focus()
    grip.press("ArrowUp")
    assert grip.get_attribute("aria-valuetext") == "(−2.60, 0.50)" or live.page.wait_for_timeout(50) is None
    for _ in range(3):
        grip.press("Shift+ArrowLeft")
    live.page.wait_for_timeout(50)
    assert grip.get_attribute("aria-valuetext") == "(−3.00, 0.50)"


def centre(locator):
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_start_follows_the_mouse(visit):
    page = visit()
    grip = figure(page).get_by_role("slider", name="start of the descent")
    grip.scroll_into_view_if_needed()
    x, y = centre(grip)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y - 40, steps=4)
    page.mouse.up()
    page.mouse.move(x + 200, y)  # let go: it stays
    page.wait_for_timeout(50)
    assert centre(grip) == pytest.approx((x + 60, y - 40), abs=2)
    path = figure(page).locator(".live-path").get_attribute("points").split(" ")[0]
    place = grip.get_attribute("transform")
    assert numbers(path) == pytest.approx(numbers(place), abs=0.02)


def test_start_follows_a_finger_and_the_page_stays_put(visit):
    page = visit(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    grip = figure(page).get_by_role("slider", name="start of the descent")
    figure(page).evaluate("e => e.scrollIntoView({ block: 'center', behavior: 'instant' })")
    grip.evaluate("e => e.scrollIntoView({ block: 'center', behavior: 'instant' })")
    page.wait_for_timeout(100)
    before, (x, y) = page.evaluate("scrollY"), centre(grip)
    touch = page.context.new_cdp_session(page)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for k in range(1, 6):
        moved = [{"x": x + 12 * k, "y": y + 10 * k}]
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": moved})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(50)
    assert centre(grip) == pytest.approx((x + 60, y + 50), abs=2)
    assert page.evaluate("scrollY") == before


def test_point_rides_the_rate_curve(visit):
    page = visit("RateCurve")
    live = figure(page)
    slider = live.get_by_role("slider", name="step size η")
    box = live.locator("svg.live-plot").bounding_box()
    page.evaluate("y => scrollTo({ top: y, behavior: 'instant' })", box["y"] - 100)
    x, y = centre(live.locator(".live-core"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + box["width"], y, steps=5)  # beyond the right end
    page.mouse.up()
    page.wait_for_timeout(400)
    assert slider.get_attribute("aria-valuetext") == "η = 2.50"
    top = numbers(live.locator("polyline.live-max").get_attribute("points"))[-2:]
    assert numbers(live.locator(".live-handle").get_attribute("transform")) == pytest.approx(top, abs=0.02)
    assert "diverging, the error never shrinks" in live.locator("[aria-live]").inner_text()


def test_player_moves_only_when_asked_and_stops_at_the_end(visit):
    live = figure(visit("GradientFlow"))
    shown = live.locator(".live-player output")
    live.page.wait_for_timeout(400)
    assert shown.inner_text() == "time 8 of 12"
    live.get_by_role("button", name="Play").press("Enter")
    live.page.wait_for_timeout(400)
    live.get_by_role("button", name="Pause").press("Enter")
    paused = shown.inner_text()
    assert paused != "time 8 of 12"
    live.page.wait_for_timeout(400)
    assert shown.inner_text() == paused
    live.get_by_role("button", name="Back to start").click()
    live.get_by_role("button", name="Step").click()
    assert shown.inner_text() == "time 1 of 12"
    live.get_by_role("button", name="Play").click()
    live.get_by_role("button", name="Reset").click()  # another hand: playing stops
    assert live.get_by_role("button", name="Play").is_visible()
    live.get_by_role("button", name="Play").click()
    live.get_by_role("button", name="Play").wait_for(timeout=5000)
    assert shown.inner_text() == "time 12 of 12"


def test_player_jumps_to_the_end_where_motion_is_unwelcome(visit):
    live = figure(visit("LineSearch", reduced_motion="reduce"))
    live.get_by_role("button", name="Play").click()
    assert live.locator(".live-player output").inner_text() == "step 20 of 20"
    assert live.get_by_role("button", name="Play").is_visible()
    for button in live.locator(".live-player button").all():
        assert button.bounding_box()["height"] >= 44


def test_toggle_shows_the_comparison_by_keyboard(visit):
    live = figure(visit("LineSearch"))
    box = live.get_by_role("checkbox", name="compare with constant step η*")
    assert not box.is_checked()
    box.press("Space")
    live.page.wait_for_timeout(50)
    paths = [live.locator(f"polyline.live-{n}").first.get_attribute("points") for n in ("shallow", "steep")]
    assert numbers(paths[0]) == pytest.approx(numbers(paths[1]), abs=0.02)  # from a worst start they are the same
    live.get_by_role("button", name="Reset").click()
    live.page.wait_for_timeout(50)
    assert not box.is_checked()


def rgb(colour):
    return tuple(c / 255 for c in numbers(colour)[:3])


SEEN = {  # what must stand out, by how much
    ".live-say": ("color", 4.5),
    "figcaption": ("color", 4.5),
    ".live-axes text": ("fill", 4.5),
    "text.live-shallow": ("fill", 4.5),
    "text.live-steep": ("fill", 4.5),
    ".live-ring": ("stroke", 3.0),
    "polyline.live-shallow": ("stroke", 3.0),
    "polyline.live-steep": ("stroke", 3.0),
}


NOTHING_TO_DRAG = {"BackpropSteps"}  # sliders and a player, no ring


@pytest.mark.parametrize("name", FIGURES)
def test_colours_follow_the_theme_and_stand_out(visit, name):
    page = visit(name, color_scheme="light")
    seen = {}
    for mode in ("light", "dark"):
        page.evaluate("mode => { document.documentElement.dataset.theme = mode }", mode)
        page.wait_for_timeout(300)
        ground = figure(page).locator(".live-ground").first.evaluate("e => getComputedStyle(e).fill")
        for selector, (what, least) in SEEN.items():
            element = figure(page).locator(selector).first
            if selector == ".live-ring" and name in NOTHING_TO_DRAG:
                continue
            colour = element.evaluate(f"e => getComputedStyle(e).{what}")
            assert audit.contrast(rgb(colour), rgb(ground)) >= least, (mode, selector)
            seen.setdefault(selector, set()).add(colour)
    assert all(len(colours) == 2 for colours in seen.values())  # nothing kept its colour


@pytest.mark.parametrize("name", FIGURES)
def test_directions_differ_by_more_than_colour(visit, name):
    live = figure(visit(name))
    dashes = [
        live.locator(f"polyline.live-{n}").first.evaluate("e => getComputedStyle(e).strokeDasharray")
        for n in ("shallow", "steep")
    ]
    assert dashes[0] == "none"
    assert dashes[1] != "none"


@pytest.mark.parametrize("width", [360, 390, 1280])
def test_fits_the_screen(visit, width):
    page = visit("every", mounted=len(FIGURES), viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for svg in page.locator("[data-live-mounted] svg.live-plot").all():
        box = svg.bounding_box()
        assert 0 <= box["x"]
        assert box["x"] + box["width"] <= width
    smallest = page.evaluate("""() => Math.min(...[...document.querySelectorAll('.live-plot text')].map((t) =>
        parseFloat(getComputedStyle(t).fontSize) * t.ownerSVGElement.getScreenCTM().a))""")
    assert smallest >= 9
    for control in page.locator("[data-live-mounted] :is(input, button)").all():
        assert control.bounding_box()["height"] >= 24


def test_nothing_moves_by_itself(visit):
    page = visit("every", mounted=len(FIGURES), reduced_motion="reduce")
    assert page.evaluate("document.getAnimations().filter(a => a.effect.target.closest('.live')).length") == 0


# of every shape in a picture what places it, and its words
SHAPES = """all => all.map((e) => [
  ["points", "d", "x", "y", "rx", "transform", "class"].map((name) => e.getAttribute(name) ?? ""), e.textContent])"""


@pytest.mark.parametrize("name", FIGURES)
def test_without_javascript_the_same_picture_stands_there(visit, name):
    still, live = visit(name, mounted=0, java_script_enabled=False), figure(visit(name))
    static = still.locator("[data-live]")
    assert static.locator("svg[role=img]").first.is_visible()
    assert static.locator("figcaption").is_visible()
    assert static.locator(".live-say").inner_text() == live.locator(".live-say").inner_text()
    for shape in ("polyline", "ellipse", "text", "path", "line"):
        ours, theirs = (w.locator(f"svg.live-plot {shape}").evaluate_all(SHAPES) for w in (static, live))
        assert [words for _, words in ours] == [words for _, words in theirs]
        for (mine, _), (other, _) in zip(ours, theirs, strict=True):
            for a, b in zip(mine, other, strict=True):
                assert numbers(a) == pytest.approx(numbers(b), abs=0.02), shape


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", FIGURES)
def test_nothing_jumps_when_the_figure_takes_over(visit, name, width):
    size = {"width": width, "height": 900}
    still, live = visit(name, mounted=0, java_script_enabled=False, viewport=size), visit(name, viewport=size)
    before = still.locator("[data-live] figure.live").bounding_box()
    after = figure(live).bounding_box()
    assert after["height"] == pytest.approx(before["height"], abs=2)
    assert after["width"] == pytest.approx(before["width"], abs=2)


def test_one_figure_shown_twice_is_one_figure(visit):
    page = visit("twice", mounted=2)
    slider = figure(page, 0).get_by_role("slider", name="step size η")
    slider.focus()
    slider.press("ArrowRight")
    page.wait_for_timeout(50)
    other = figure(page, 1).get_by_role("slider", name="step size η")
    assert other.get_attribute("aria-valuetext") == "η = 1.61"


def test_a_broken_module_leaves_the_static_picture(chromium, server):
    page = chromium.new_page()
    page.route(
        "**/QuadraticDescent.html",
        lambda route: route.fulfill(
            response=(r := route.fetch()),
            body=r.text().replace("export default { render }", "export default { render: null }"),
        ),
    )
    page.goto(f"{server}/QuadraticDescent.html")
    page.wait_for_timeout(500)
    assert page.locator("[data-live] svg.live-plot").first.is_visible()
    page.close()


def test_prints_the_picture_without_its_controls(visit):
    page = visit()
    page.emulate_media(media="print")
    assert figure(page).locator("svg.live-plot").first.is_visible()
    assert not figure(page).get_by_role("slider", name="step size η").is_visible()


@pytest.mark.slow
def test_every_live_figure_of_the_book_comes_alive(chromium, site):
    for file in site.pages:
        expected = file.read_text(encoding="utf-8").count("data-live=")
        if not expected:
            continue
        page = chromium.new_page()
        page.goto(file.as_uri())
        page.wait_for_function(f"document.querySelectorAll('[data-live-mounted]').length === {expected}")
        assert page.locator("[data-live]").count() == 0, file.name
        page.close()


@pytest.fixture
def slow_line(site):
    """Serves the site, but stops in the middle of chapter 2, below its first figure, until told to go on."""
    go_on = threading.Event()

    class Stalling(Quiet):
        def do_GET(self):
            if not self.path.endswith("02_quadratics.html"):
                return super().do_GET()
            page = (site.html / "chapters" / "02_quadratics.html").read_bytes()
            cut = page.index(b"</p>", page.index(b"</figure>", page.index(b"data-live="))) + 4
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page[:cut])
            self.wfile.flush()
            go_on.wait(30)
            self.wfile.write(page[cut:])

    handler = functools.partial(Stalling, directory=site.html)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/chapters/02_quadratics.html", go_on
        go_on.set()
        server.shutdown()


def test_a_figure_lives_before_the_rest_of_the_page_has_come(chromium, slow_line):
    url, go_on = slow_line
    context = chromium.new_context()
    page = context.new_page()
    page.goto(url, wait_until="commit")
    page.wait_for_selector("[data-live-mounted]")
    assert page.evaluate("document.readyState") == "loading"
    assert page.locator("[data-live-mounted]").count() == 1
    go_on.set()
    page.wait_for_function("document.readyState === 'complete'")
    page.wait_for_function("!document.querySelector('[data-live]')")
    assert page.locator("[data-live-mounted]").count() > 1
    context.close()


def test_what_figures_share_stands_on_a_page_once(site):
    page = (site.html / "chapters" / "02_quadratics.html").read_text(encoding="utf-8")
    assert page.count("data-live=") > 1
    assert page.count(".live-plot { display: block;") == 1  # the style
    assert page.count("export function frame(") == page.count("function frame(") == 1  # the kit
