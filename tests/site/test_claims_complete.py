"""Every row of the syllabus is checked, and the site says so, after a cold and after a warm build."""

import json
import re

import pytest
import yaml

from book.build import ROOT
from dlopt import syllabus

pytestmark = pytest.mark.slow


def finished():
    """Chapters in the table of contents: a chapter stands there when it is complete."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    names = [entry["file"].rsplit("/", 1)[-1] for part in toc["parts"] for entry in part["chapters"]]
    return [name for name in names if re.match(r"\d\d_", name)]


ROWS = syllabus.rows()


@pytest.fixture(params=["site", "rebuilt"], ids=["cold", "warm"])
def built(request):
    return request.getfixturevalue(request.param)


def test_all_chapters_are_finished_and_hold_the_82_rows():
    assert len(ROWS) == 82
    assert finished() == sorted({row.chapter for row in ROWS})


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.id)
def test_every_row_is_checked_in_its_chapter(built, row):
    checks = [c for c in built.claims if c["id"] == row.id and c["chapter"] == row.chapter]
    assert checks
    assert all(c["passed"] is True for c in checks)


def test_each_check_is_listed_once_with_all_it_takes_to_redo_it(built):
    keys = {"id", "part", "measured", "theory", "relation", "tolerance", "passed", "chapter"}
    assert all(set(c) == keys for c in built.claims)
    assert len({(c["id"], c["part"], c["chapter"]) for c in built.claims}) == len(built.claims)


def test_a_warm_build_keeps_every_number(site, rebuilt):
    assert rebuilt.claims == site.claims


def test_the_ledger_lists_each_check(built):
    page = (built.html / "chapters" / "ledger.html").read_text()
    assert page.count('class="ledger-mark"') == len(built.claims)


def test_executed_notebooks_have_their_outputs(built):
    assert built.notebooks
    for source in built.notebooks:
        notebook = json.loads((built.html / "_sources" / "chapters" / f"{source.stem}.ipynb").read_text())
        code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        outputs = [output for cell in code for output in cell["outputs"]]
        assert not [o for o in outputs if o["output_type"] == "error"]
        assert all(cell["execution_count"] for cell in code)
        badges = [o for o in outputs if "dlopt_claim" in o.get("metadata", {})]
        assert len(badges) == len([c for c in built.claims if c["chapter"] == source.stem])


def test_a_rebuilt_notebook_has_the_new_prose(rebuilt):
    for source in rebuilt.notebooks:
        text = (rebuilt.html / "_sources" / "chapters" / f"{source.stem}.ipynb").read_text()
        assert "A sentence that no chapter ends with." in text
