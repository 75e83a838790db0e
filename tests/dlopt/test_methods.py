"""The table of methods: invariances that theory promises, and what is counted."""

import pytest

from dlopt import methods

ROWS = {m.name: m for m in (*methods.FIRST_ORDER, *methods.CURVED)}
SIGNS = ("Rprop", "AdaGrad", "RMSprop", "RMSprop + Nesterov", "Adam", "AMSGrad")


@pytest.mark.parametrize("name", ["gradient descent", "momentum", "Nesterov"])
def test_methods_linear_in_the_gradient_may_be_turned_only(name):
    assert [methods.stays(ROWS[name], change) for change in methods.CHANGES] == [False, False, True]


@pytest.mark.parametrize("name", SIGNS)
def test_methods_that_normalise_each_coordinate_may_be_scaled_only(name):
    assert [methods.stays(ROWS[name], change) for change in methods.CHANGES] == [True, False, False]


def test_newton_survives_everything():
    assert all(methods.stays(ROWS["Newton"], change) for change in methods.CHANGES)


def test_an_unknown_change_is_refused():
    with pytest.raises(ValueError, match="change must be one of"):
        methods.stays(ROWS["Adam"], "shifted")


@pytest.mark.parametrize(("name", "numbers"), [("Nesterov", 1), ("Rprop", 2), ("Adam", 2), ("AMSGrad", 3)])
def test_memory_is_what_the_update_needs(name, numbers):
    assert methods.memory(ROWS[name]) == numbers


def test_l_bfgs_keeps_its_pairs():
    assert 20 <= methods.memory(ROWS["L-BFGS"]) <= 23  # ten pairs, the last direction and gradient


def test_the_table_has_a_row_for_every_method():
    html = methods.table()
    assert html.count("<tr") == 1 + len(ROWS) == html.count('scope="row"') + 1
    assert html.count("<td>") == 5 * len(ROWS)
    assert all(f'<th scope="row">{name}</th>' in html for name in ROWS)
