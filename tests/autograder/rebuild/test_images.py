"""Attachments: pictures in answers that a person grades, drawn anew; nothing else."""

import base64
import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin

from autograder.rebuild import _images
from autograder.rebuild._images import MAX_IMAGES, SIDE

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


def encoded(image, kind, **settings):
    target = BytesIO()
    image.save(target, kind, **settings)
    return target.getvalue()


def picture(kind="PNG", size=(40, 30), mode="RGB", colour=(200, 30, 60), **settings):
    return encoded(Image.new(mode, size, colour), kind, **settings)


def bundle(data, mime="image/png"):
    return {mime: base64.b64encode(data).decode()}


def decoded(cell, name="plan.png"):
    ((mime, data),) = cell.attachments[name].items()
    raw = base64.b64decode(data)
    image = Image.open(BytesIO(raw))
    image.load()
    return mime, raw, image


@pytest.fixture
def essay(small, rebuilt, cell_of):
    """Hand in an essay with attachments; return the rebuilt cell and the notes."""

    def run(attachments):
        small["essay"].attachments = attachments
        result = rebuilt(small)
        return cell_of(result.notebook, "essay"), result.notes

    return run


@pytest.mark.parametrize(
    ("kind", "comes_as"),
    [("PNG", "image/png"), ("GIF", "image/png"), ("WEBP", "image/png"), ("JPEG", "image/jpeg")],
)
def test_pictures_of_the_usual_kinds_stay(essay, kind, comes_as):
    cell, notes = essay({"plan.png": bundle(picture(kind), "image/whatever")})
    mime, _, image = decoded(cell)
    assert mime == comes_as
    assert image.size == (40, 30)
    assert image.convert("RGB").getpixel((5, 5)) == pytest.approx((200, 30, 60), abs=8)
    assert notes == []


def test_transparency_stays(essay):
    cell, _ = essay({"plan.png": bundle(picture(mode="RGBA", colour=(1, 2, 3, 77)))})
    assert decoded(cell)[2].getpixel((0, 0)) == (1, 2, 3, 77)


def test_only_pixels_survive(essay):
    """No text chunks, no colour profiles, nothing behind the end of the picture."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "<script>alert(1)</script>")
    data = picture(pnginfo=info, icc_profile=b"profile") + b"<script>alert(2)</script>"
    _, raw, image = decoded(essay({"plan.png": bundle(data)})[0])
    assert b"script" not in raw
    assert b"profile" not in raw
    assert image.info == {}


def test_photographs_are_upright_and_lose_their_exif(essay):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90°
    exif[0x010F] = "somebody's phone"
    _, raw, image = decoded(essay({"plan.png": bundle(picture("JPEG", exif=exif))})[0])
    assert image.size == (30, 40)
    assert b"phone" not in raw


def test_large_pictures_are_scaled_down(essay):
    _, _, image = decoded(essay({"plan.png": bundle(picture(size=(4000, 1000)))})[0])
    assert image.size == (SIDE, SIDE // 4)


def test_noise_does_not_make_huge_files(essay):
    noise = Image.effect_noise((1400, 1400), 100).convert("RGB")
    mime, raw, _ = decoded(essay({"plan.png": bundle(encoded(noise, "PNG"))})[0])
    assert mime == "image/jpeg"
    assert len(raw) < 3 * 2**20


def bomb(width=60_000, height=60_000):
    """A PNG of a few bytes that claims to be huge."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("name", "attachment", "why"),
    [
        ("plan.svg", bundle(SVG, "image/svg+xml"), "no readable PNG, JPEG, GIF or WebP"),
        ("plan.png", bundle(b"<html>", "image/png"), "no readable"),
        ("plan.png", bundle(picture()[:60]), "no readable"),
        ("plan.png", {"image/png": "*not base64*"}, "no readable"),
        ("plan.png", {"image/png": 7}, "no data"),
        ("plan.png", {}, "no data"),
        ("plan.png", [], "no data"),
        ("plan.png", bundle(bomb()), "no readable"),
        ("plan.png", bundle(bomb(6000, 6000)), "6000 × 6000 pixels are too many"),
        ("plan.png", bundle(b"\0" * 9 * 2**20), "larger than 8 MiB"),
        ("a<b>.png", bundle(picture()), "its name has signs that are not taken"),
        ("x" * 500, bundle(picture()), "its name has signs that are not taken"),
    ],
    ids=range(12),
)
def test_anything_else_is_left_out_with_a_reason(essay, name, attachment, why):
    cell, notes = essay({name: attachment})
    assert "attachments" not in cell
    assert "Attachments left out:" in notes[0]
    assert why in notes[0].replace("?", "×")
    assert "<b>" not in notes[0]


def test_the_number_of_pictures_is_limited(essay):
    cell, notes = essay({f"{n}.png": bundle(picture(size=(2, 2))) for n in range(MAX_IMAGES + 5)})
    assert len(cell.attachments) == MAX_IMAGES
    assert "more than 30 pictures" in notes[0]


def test_all_pictures_together_may_have_so_many_pixels_and_no_more(essay, monkeypatch):
    """What does not fit is left out, each with the reason; smaller ones behind it, and the words, stay."""
    monkeypatch.setattr(_images, "MAX_ALL_PIXELS", 2_000_000)
    sizes = {"a.png": (1000, 1000), "b.png": (1000, 999), "c.png": (1000, 2), "d.png": (1000, 1), "e.png": (1, 1)}
    cell, notes = essay({name: bundle(picture(size=size)) for name, size in sizes.items()})
    assert list(cell.attachments) == ["a.png", "b.png", "d.png"]
    (note,) = notes
    for name in ("c.png", "e.png"):
        assert f"{name} (all pictures together have more than 2 million pixels)" in note


def test_pixels_are_counted_over_all_answers_of_a_submission(small, rebuilt, cell_of, monkeypatch):
    monkeypatch.setattr(_images, "MAX_ALL_PIXELS", 1_000_000)
    small["essay"].attachments = {"a.png": bundle(picture(size=(1000, 600)))}
    small["essay"].source = "My words."
    small.write("![](attachment:b.png)", after="drawing", kind="markdown").attachments = {
        "b.png": bundle(picture(size=(1000, 600)))
    }
    result = rebuilt(small)
    assert [list(cell.attachments) for cell in result.notebook.cells if "attachments" in cell] == [["a.png"]]
    assert cell_of(result.notebook, "essay").source == "My words."
    assert "![](attachment:b.png)" in [cell.source for cell in result.notebook.cells]
    assert "b.png (all pictures together" in result.notes[0]


def test_a_picture_that_cannot_be_decoded_costs_its_pixels_too(essay, monkeypatch):
    """Else broken pictures could be tried without end."""
    monkeypatch.setattr(_images, "MAX_ALL_PIXELS", 9_000_000)
    cell, (note,) = essay({"broken.png": bundle(bomb(3000, 3000)), "plan.png": bundle(picture())})
    assert "attachments" not in cell
    assert "broken.png (no readable PNG" in note
    assert "plan.png (all pictures together have more than 9 million pixels)" in note


def test_a_picture_below_a_task_stays_for_there_it_is_answered(small, rebuilt):
    cell = small.write("![](attachment:plan.png)", after="drawing", kind="markdown")
    cell.attachments = {"plan.png": bundle(picture())}
    (kept,) = [c for c in rebuilt(small).notebook.cells if "attachments" in c]
    assert kept.source == "![](attachment:plan.png)"


def test_a_picture_anywhere_else_is_left_out_with_a_note(small, rebuilt):
    small.write("![](attachment:plan.png)", after="f", kind="markdown").attachments = {"plan.png": bundle(picture())}
    small["f"].attachments = {"plan.png": bundle(picture())}
    result = rebuilt(small)
    assert not any("attachments" in cell for cell in result.notebook.cells)
    assert "cell f (only manually graded answers may have some)" in result.notes[0]
    assert "cell 6 (only" in result.notes[0]


def test_the_instructors_own_pictures_stay(small, small_release, cell_of):
    import copy

    from autograder.rebuild import rebuild

    release = copy.deepcopy(small_release)
    cell_of(release, "title").attachments = {"logo.svg": bundle(SVG, "image/svg+xml")}
    small["title"].attachments = {"logo.svg": bundle(b"<svg>other</svg>", "image/svg+xml")}
    result = rebuild(small.bytes, release)
    assert result.notebook.cells[0].attachments == {"logo.svg": bundle(SVG, "image/svg+xml")}
    assert result.notes == []
