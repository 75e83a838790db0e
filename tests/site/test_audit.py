"""Every page is light, asks nobody else, and shuts nobody out: what `make audit` prints, without the times."""

import threading

import pytest

from book import audit
from book.serve import server as make_server

pytestmark = pytest.mark.slow


def addresses(site, address):
    return {page.name: f"{address}/{page.relative_to(site.html).as_posix()}" for page in site.pages}


def test_every_page_is_light_and_asks_no_other_host(site, chromium, address):
    for name, url in addresses(site, address).items():
        weight = audit.weigh(chromium, url)
        assert weight.foreign == (), name
        assert 100_000 < weight.wire <= audit.LIMITS.wire, name
        assert weight.requests <= audit.LIMITS.requests, name


@pytest.mark.parametrize("mode", audit.MODES)
@pytest.mark.parametrize("width", audit.WIDTHS)
def test_axe_finds_nothing_with_figures_exercised(site, chromium, address, width, mode):
    moved = 0
    for name, url in addresses(site, address).items():
        with audit.visit(chromium, url, width=width, mode=mode) as page:
            moved += audit.exercise(page)
            assert audit.violations(page) == [], name
    assert moved > 10


@pytest.fixture
def small(tmp_path):
    """A site of one page with a fault that axe knows and one stranger."""
    (tmp_path / "index.html").write_text(
        '<!doctype html><html lang="en"><title>One</title><link rel="stylesheet" href="one.css">'
        '<main><h1>One</h1><img src="http://stranger.example/x.png"><p>text</p></main></html>'
    )
    (tmp_path / "one.css").write_text("p { color: black }\n" * 20_000)
    (tmp_path / "404.html").write_text("<!doctype html><title>Not here</title><h1>Not here</h1>")
    with make_server(tmp_path, 0) as host:
        thread = threading.Thread(target=host.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{host.server_port}"
        host.shutdown()
        thread.join()


def test_the_audit_sees_a_stranger_a_fault_and_packed_bytes(chromium, small):
    weight = audit.weigh(chromium, f"{small}/index.html")
    assert weight.foreign == ("http://stranger.example/x.png",)
    assert weight.requests == 4  # page, sheet, stranger, favicon
    assert 300 < weight.wire < 20_000  # 360 kB of style sheet, packed
    with audit.visit(chromium, f"{small}/index.html") as page:
        assert [line.partition(" ")[0] for line in audit.violations(page)] == ["image-alt"]


def test_what_is_missing_gets_the_page_that_says_so(chromium, small):
    with audit.visit(chromium, f"{small}/index.html") as page:
        answer = page.goto(f"{small}/deep/down/nowhere.html")
        assert answer.status == 404
        assert page.title() == "Not here"
