"""What every live figure promises, whatever it shows."""

import gzip
import re
import xml.etree.ElementTree as ET

import pytest
import quickjs
import traitlets

from dlopt import live
from dlopt.live import _base

FIGURES = [getattr(live, name) for name in live.__all__]
VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(params=FIGURES, ids=lambda figure: figure.__name__)
def figure(request):
    return request.param()


def test_module_is_one_text_that_parses_and_touches_no_page(figure):
    context = quickjs.Context()  # has neither document nor window
    context.module(figure._esm)
    assert not re.search(r"^import ", figure._esm, re.MULTILINE)


def test_module_asks_no_other_host(figure):
    assert re.findall(r"https?://[^\s\"']+", figure._esm + figure._css) == ["http://www.w3.org/2000/svg"]


def test_adds_at_most_15_kb_to_a_page(figure):
    assert len(gzip.compress((figure._esm + figure._css + figure.static_html()).encode())) <= 15_000


def test_has_a_name_an_alternative_text_and_a_caption_that_asks(figure):
    assert len(figure.title) > 20
    assert len(figure.alt) > 60
    assert figure.caption.endswith("?")


def test_offers_the_widget_and_a_static_picture(figure):
    data, _ = figure._repr_mimebundle_()
    assert data[VIEW]["model_id"] == figure.model_id
    assert f'data-live="{figure.model_id}"' in data["text/html"]
    assert "0x" not in data["text/plain"]


def test_static_picture_is_well_formed_and_described(figure):
    html = re.sub(r"(<input[^>]*)>", r"\1/>", figure.static_html())
    pictures = [svg for svg in ET.fromstring(html).iter("svg") if svg.get("role")]
    assert pictures
    assert all(svg.get("role") == "img" and len(svg.get("aria-label")) > 40 for svg in pictures)
    assert figure.describe() in pictures[0].get("aria-label")
    assert figure.describe() in html


def test_no_colour_is_fixed_in_the_picture(figure):
    drawn = re.sub(r"<style>.*?</style>", "", figure.static_html(), flags=re.DOTALL)
    assert not re.search(r"#[0-9a-fA-F]{3,6}\b|rgb\(", drawn)
    assert not re.search(r"[\"']#[0-9a-fA-F]{3,6}\b|rgb\(", figure._esm)


def test_values_outside_a_slider_are_refused_by_name(figure):
    wrong = {traitlets.Tuple: (9, 9), traitlets.Int: 10**9}
    for name, trait in figure.traits(control=True).items():
        if isinstance(trait, traitlets.Bool):
            continue
        with pytest.raises(traitlets.TraitError, match=f"{type(figure).__name__}: {name} must lie in"):
            setattr(figure, name, wrong.get(type(trait), 1e9))


def test_prints_as_the_call_that_makes_it(figure):
    again = eval(repr(figure), {type(figure).__name__: type(figure)})
    assert again.get_state(again.trait_names(control=True)) == figure.get_state(figure.trait_names(control=True))


def test_caption_may_be_left_to_the_page(figure):
    figure.caption = ""
    assert "figcaption" not in re.sub(r"<style>.*?</style>", "", figure.static_html(), flags=re.DOTALL)


def test_bundle_refuses_what_it_cannot_join(tmp_path, monkeypatch):
    (tmp_path / "odd.js").write_text('import * as d3 from "d3";\n')
    monkeypatch.setattr(_base, "HERE", tmp_path)
    with pytest.raises(ValueError, match=r"odd\.js: write imports as"):
        _base.bundle("odd")


def test_bundle_takes_each_module_once(tmp_path, monkeypatch):
    (tmp_path / "kit.js").write_text("export const one = 1;\n")
    (tmp_path / "more.js").write_text('import { one } from "./kit.js";\nexport const two = 2 * one;\n')
    (tmp_path / "top.js").write_text(
        'import {\n  one,\n} from "./kit.js";\nimport { two } from "./more.js";\none + two;\n'
    )
    monkeypatch.setattr(_base, "HERE", tmp_path)
    assert _base.bundle("top").count("export const one") == 1
    quickjs.Context().module(_base.bundle("top"))
