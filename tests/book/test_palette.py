"""The palette of the site can be read in both modes: contrast as WCAG 2.2 counts it."""

import re
from itertools import product

import pytest

from book.audit import contrast
from book.build import ROOT

SHEET = (ROOT / "book" / "assets" / "course.css").read_text(encoding="utf-8")
TEXTS = ["--pst-color-text-base", "--pst-color-text-muted", "--pst-color-link", "--pst-color-link-hover"]
TEXTS += ["--pst-heading-color", "--course-blue", "--course-orange"]
GROUNDS = ["--pst-color-background", "--pst-color-on-background", "--pst-color-surface"]
GROUNDS += ["--course-tint-blue", "--course-tint-orange"]
MARKS = ["--course-good", "--course-grey"]  # lines and ticks, never text


def palette(mode):
    block = re.search(rf'^html\[data-theme="{mode}"\] \{{(.*?)^\}}', SHEET, re.MULTILINE | re.DOTALL)[1]
    return dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6});", block))


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), list(product(TEXTS, GROUNDS)))
def test_text_stands_out_from_every_ground(mode, text, ground):
    colours = palette(mode)
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("mark", MARKS)
def test_marks_stand_out_from_the_page(mode, mark):
    colours = palette(mode)
    assert contrast(colours[mark], colours["--pst-color-background"]) >= 3
