"""Nothing a student wrote or printed can act in the browser of whoever looks at it."""

import base64
import io

import pytest
from nbconvert import HTMLExporter
from nbformat import from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from PIL import Image

from autograder.judge import harmless

EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>"


def png(size=(2, 2)) -> str:
    stream = io.BytesIO()
    Image.new("RGB", size, "red").save(stream, "PNG")
    return base64.b64encode(stream.getvalue()).decode()


@pytest.mark.parametrize(
    "mime", ["text/html", "application/javascript", "image/svg+xml", "text/latex", "text/markdown", "application/json"]
)
def test_only_text_and_pictures_pass(mime):
    output = {"output_type": "display_data", "data": {mime: EVIL, "text/plain": "plain"}, "metadata": {"x": EVIL}}
    assert harmless.outputs([output]) == [
        {"output_type": "display_data", "metadata": {}, "data": {"text/plain": "plain"}}
    ]


def test_a_picture_is_drawn_anew():
    output = {"output_type": "execute_result", "data": {"image/png": png()}}
    (kept,) = harmless.outputs([output])
    assert Image.open(io.BytesIO(base64.b64decode(kept["data"]["image/png"]))).size == (2, 2)


@pytest.mark.parametrize("broken", ["", "not base64 !", base64.b64encode(b"GIF89a").decode(), 7, None, ["a"]])
def test_what_is_no_picture_is_left_out(broken):
    (kept,) = harmless.outputs([{"output_type": "display_data", "data": {"image/png": broken}}])
    assert "image/png" not in kept["data"]


def test_a_picture_too_large_to_look_at_is_left_out():
    (kept,) = harmless.outputs([{"output_type": "display_data", "data": {"image/png": png((3000, 3000))}}])
    assert "image/png" not in kept["data"]


def shown(pictures, *sizes):
    """Show pictures in one cell; tell which of them stay."""
    found = [{"output_type": "display_data", "data": {"image/png": png(size), "text/plain": "plot"}} for size in sizes]
    kept = [output["data"] for output in harmless.outputs(found, pictures)]
    assert all(data["text/plain"] == "plot" + f"\n{harmless.LEFT_OUT}" * ("image/png" not in data) for data in kept)
    return ["image/png" in data for data in kept]


def test_all_pictures_of_a_notebook_together_may_have_so_many_pixels(monkeypatch):
    monkeypatch.setattr(harmless, "MAX_ALL_PIXELS", 10_000)
    pictures = harmless.Pictures()
    assert shown(pictures, (100, 50)) == [True]
    assert shown(pictures, (100, 49), (10, 10), (1, 1), (10, 10)) == [True, True, False, False]
    assert pictures.spent
    assert shown(harmless.Pictures(), (100, 50)) == [True]  # of another notebook


def test_all_pictures_of_a_notebook_together_may_take_so_much_room(monkeypatch):
    """Noise is small as JPEG, and large when written anew."""
    file = io.BytesIO()
    Image.effect_noise((300, 300), 100).save(file, "JPEG", quality=5)
    noise = base64.b64encode(file.getvalue()).decode()
    monkeypatch.setattr(harmless, "MAX_ALL_BYTES", 20 * len(noise))
    found = [{"output_type": "display_data", "data": {"image/jpeg": noise}}] * 40
    kept = [output["data"] for output in harmless.outputs(found)]
    room = sum(len(base64.b64decode(data.get("image/png", ""))) for data in kept)
    assert 0 < room <= 20 * len(noise)
    assert next(data for data in kept if "image/png" not in data)["text/plain"].endswith(harmless.LEFT_OUT)


def test_a_picture_that_is_broken_costs_its_pixels_too(monkeypatch):
    """Else it could be tried without end."""
    monkeypatch.setattr(harmless, "MAX_ALL_PIXELS", 10_000)
    pictures = harmless.Pictures()
    broken = base64.b64encode(base64.b64decode(png((100, 99)))[:60]).decode()
    (kept,) = harmless.outputs([{"output_type": "display_data", "data": {"image/png": broken}}], pictures)
    assert "image/png" not in kept["data"]
    assert pictures.pixels == 100


def test_long_text_is_cut_with_a_note():
    (kept,) = harmless.outputs([{"output_type": "stream", "name": "stdout", "text": "x" * 10**6}])
    assert len(kept["text"]) < harmless.MAX_TEXT + 100
    assert "980000 more characters" in kept["text"]


def test_many_outputs_are_cut_with_a_note():
    kept = harmless.outputs([{"output_type": "stream", "name": "stdout", "text": "x"}] * 1000)
    assert len(kept) == harmless.MAX_OUTPUTS + 1
    assert "950 more outputs" in kept[-1]["text"]


def test_terminal_sequences_do_not_reach_a_terminal():
    assert harmless.text("\x1b]0;title\x07\x1b[2J\x1b[31mred\x1b[0m") == "red"


@pytest.mark.parametrize("output", [{}, {"output_type": "nonsense"}, {"output_type": "display_data", "data": 3}])
def test_malformed_outputs_are_survived(output):
    assert isinstance(harmless.outputs([output]), list)


SOURCES = [
    EVIL,
    "[click](javascript:alert(1))",
    "[click](  JaVaScRiPt:alert(1))",
    "[click](java&#115;cript:alert(1))",
    "[click](javascript&colon;alert(1))",
    "![x](data:text/html,<script>alert(1)</script>)",
    r"$\href{javascript:alert(1)}{x}$",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    "<svg/onload=alert(1)>",
    "[a]: javascript:alert(1)\n[a]",
]


@pytest.mark.parametrize("source", SOURCES)
def test_markdown_is_harmless_once_rendered(source):
    nb = new_notebook(cells=[new_markdown_cell(harmless.markdown(source))])
    html = HTMLExporter(template_name="basic").from_notebook_node(nb)[0].lower()
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert 'href="javascript' not in html
    assert 'href="data' not in html
    assert "\\href" not in html
    assert "<iframe" not in html
    assert "<svg/" not in html


def test_code_outputs_are_escaped_once_rendered():
    cell = new_code_cell("1", outputs=[])
    cell.outputs = [
        *map(
            from_dict,
            harmless.outputs(
                [
                    {"output_type": "stream", "name": "stdout", "text": EVIL},
                    {"output_type": "error", "ename": EVIL, "evalue": EVIL, "traceback": [EVIL]},
                ]
            ),
        )
    ]
    html = HTMLExporter(template_name="basic").from_notebook_node(new_notebook(cells=[cell]))[0]
    assert "<script>alert" not in html
    assert "<img src=x" not in html
