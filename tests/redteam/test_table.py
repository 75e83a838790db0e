"""The table of attacks in the documentation is the register's."""

import json

import pytest

from tests.redteam import stock
from tests.redteam.__main__ import PAGE, page


def test_the_table_of_attacks_is_not_stale():
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m tests.redteam writes it anew"


def test_stock_was_given_all_that_the_register_does_not_keep_from_it():
    assert list(json.loads(stock.FILE.read_text(encoding="utf-8"))) == stock.runnable()


@pytest.mark.exhaustive
def test_what_stock_nbgrader_makes_of_the_attacks_is_as_kept():
    kept = json.loads(stock.FILE.read_text(encoding="utf-8"))
    assert dict(stock.measure(list(kept))) == kept
