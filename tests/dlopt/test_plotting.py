"""Figures: legible on light and dark, the same bytes for the same numbers, small."""

import io
import re

import matplotlib as mpl
import pytest
import torch

mpl.use("agg")

import matplotlib.pyplot as plt

from book.audit import contrast
from dlopt import plotting, surfaces
from dlopt.compact_svg import compact


@pytest.fixture(autouse=True)
def _style():
    with mpl.rc_context():
        plotting.use()
        yield
    plt.close("all")


@pytest.mark.parametrize("color", plotting.PALETTE)
@pytest.mark.parametrize("page", ["#ffffff", "#121212"])
def test_colours_stand_out_on_both_pages(color: str, page: str) -> None:
    assert contrast(color, page) >= 3  # WCAG 2.2, graphical objects


@pytest.mark.parametrize("page", ["#ffffff", "#121212"])
def test_text_is_as_legible_as_one_ink_on_two_pages_can_be(page: str) -> None:
    assert contrast(plotting.INK, page) >= 4.2  # 4.33 is the most any single colour reaches on both


def test_never_by_colour_alone() -> None:
    assert len(plotting.PALETTE) == len(plotting.LINES) == len(plotting.MARKERS)
    assert len(set(map(str, plotting.LINES))) == len(plotting.LINES)
    assert len(set(plotting.MARKERS)) == len(plotting.MARKERS)


def drawing() -> str:
    fig, (left, _) = plotting.panels(1, 2)
    plotting.contours(left, surfaces.rosenbrock, (-1, 1), (-1, 1))
    plotting.trail(left, torch.tensor([[0.0, 0.0], [0.5, 0.5]]), label="path")
    plotting.guide(left, [0, 1], [0, 1])
    plotting.bound(left, [0, 1], [1, 1])
    plotting.note(left, "here", (0.5, 0.5))
    left.legend()
    out = io.BytesIO()
    fig.savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue().decode()


def test_the_same_figure_gives_the_same_bytes() -> None:
    assert drawing() == drawing()


def test_svg_is_compact_transparent_and_dateless() -> None:
    svg = drawing()
    assert not re.search(r' d="[^"]*\d\.\d\d', svg)
    assert "<dc:date>" not in svg
    assert "#ffffff" not in svg
    assert len(svg.encode()) < 60_000


def test_svg_can_be_written_to_a_path_and_to_text(tmp_path) -> None:
    fig, _ = plotting.panels()
    fig.savefig(tmp_path / "a.svg", metadata={"Date": None})
    text = io.StringIO()
    fig.savefig(text, format="svg", metadata={"Date": None})
    assert (tmp_path / "a.svg").read_text() == text.getvalue()


@pytest.mark.parametrize("number", ["-0.04", "12.34567", "-3.96", "0.05", "100.0", "-10.04"])
def test_rounding_moves_nothing_by_more_than_a_twentieth(number: str) -> None:
    found = re.search(r'd="M(\S+)', compact(f'<path d="M {number} 1.5"/>'))
    assert found is not None
    assert float(found[1]) == pytest.approx(float(number), abs=0.0501)


def test_contour_levels_of_rough_surfaces_share_the_area() -> None:
    _, (ax,) = plotting.panels()
    plotting.contours(ax, surfaces.monkey_saddle, (-1, 1), (-1, 1), levels="equal shares")
    assert ax.collections


def test_three_columns_are_refused() -> None:
    with pytest.raises(ValueError, match="cols must be 1 or 2"):
        plotting.panels(1, 3)
