"""Calls made in series are the calls made one by one: same values, same exceptions, same arguments afterwards."""

import contextlib
import io
import types
from collections import Counter
from functools import partial

import numpy as np
import pytest

from autograder.bridge.host import GuestMemory
from autograder.bridge.proxies import StudentFunction
from dlopt.checks import Case
from dlopt.checks.exercise import Exercise
from dlopt.checks.expect import Failure
from dlopt.checks.inside import Stage, standing_in
from dlopt.checks.trial import Outdated, TrialEnded
from dlopt.checks.trials import Clock, Trials

STUDENT = """
import numpy as np
calls = 0
def twice(x):
    global calls
    calls += 1
    print("call", calls)
    x += 1
    return 2 * x
def picky(x):
    if x[0] > 1:
        raise ValueError("too large")
    return x[0]
def slow(x):
    while x[0] > 1:
        pass
    return x[0]
def odd(x):
    return open("/dev/null")
def drawn(rng):
    for _ in range(3):
        yield rng.normal()
def large(x):
    return np.ones((2, 1 << 20))
def below(x):
    import os
    os.write(1, b"from below")
    return x[0]
def inner():
    return 1
def outer(x):
    return x[0] * inner()
def ends(x):
    import os
    if x[0] > 0:
        os._exit(3)
    return x[0]
"""


@pytest.fixture
def names(guest):
    defined = guest.cell(STUDENT).names
    return {name: guest.fetch(name) for name, kind in defined.items() if kind == "function"}


def series(count=3):
    return [[np.full(2, float(i))] for i in range(count)]


def test_each_call_has_its_own_result_print_and_written_argument(names):
    args = series()
    made = names["twice"].call_in_series(args, 5.0)
    assert len(made) == 3
    for number, result in enumerate(made):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            np.testing.assert_array_equal(result(), 2.0 * (np.full(2, number) + 1))
        assert out.getvalue() == f"call {number + 1}\n"
        np.testing.assert_array_equal(args[number][0], np.full(2, number + 1.0))


def test_what_is_written_below_python_is_told_by_the_first_call_of_a_series(names, capfd):
    printed = []
    for result in names["below"].call_in_series(series(3), 5.0):
        result()
        printed.append(capfd.readouterr().out)
    assert printed == ["from below" * 3, "", ""]


def test_a_series_ends_with_the_first_exception(names):
    made = names["picky"].call_in_series(series(5), 5.0)
    assert [made[0](), made[1]()] == [0.0, 1.0]
    assert len(made) == 3
    with pytest.raises(ValueError, match="too large"):
        made[2]()


def test_a_series_ends_with_the_first_endless_loop(names):
    made = names["slow"].call_in_series(series(4), 0.2)
    assert len(made) == 3
    with pytest.raises(TrialEnded, match="did not finish"):
        made[2]()


def test_objects_stay_there(names):
    (first, *_) = names["odd"].call_in_series(series(2), 5.0)
    assert "TextIOWrapper" in repr(first())


def test_the_end_of_the_process_is_the_end_of_the_series(names):
    with pytest.raises(TrialEnded):
        names["ends"].call_in_series(series(2), 5.0)


def test_an_object_ends_the_series_and_remembers_its_arguments(names):
    args = [[np.random.default_rng(seed)] for seed in (1, 2)]
    (first,) = names["drawn"].call_in_series(args, 5.0)
    items = list(first())
    there = np.random.default_rng(1)
    assert items == [there.normal() for _ in range(3)]
    assert args[0][0].normal() == there.normal()  # what it drew is drawn here as well


def test_what_a_series_returns_takes_from_the_room_of_the_cell(names, guest):
    guest.turn()
    room, per_call = guest._room, 2 << 23
    made = names["large"].call_in_series(series(5), 5.0)
    assert guest._room == room  # nothing is looked at yet
    made[0]()
    assert room - 2 * per_call < guest._room < room - per_call
    for _ in range(room // per_call - 2):
        names["large"].call_in_series(series(2), 5.0)[0]()
    made = names["large"].call_in_series(series(2), 5.0)
    with pytest.raises(GuestMemory, match="all together"):
        made[0]()


def test_a_discreet_guest_says_nothing_of_a_series(names, guest, capsys):
    guest.discreet = True
    made = names["picky"].call_in_series([[np.full(2, 9.0)], [np.full(2, 9.0)]], 5.0)
    with pytest.raises(ValueError, match=r"^$"):
        made[0]()
    (first, *_) = names["twice"].call_in_series(series(2), 5.0)
    first()
    assert capsys.readouterr().out == ""


def test_results_of_a_session_that_was_replaced_are_void(names, guest):
    made = names["twice"].call_in_series(series(2), 5.0)
    guest.generation += 1
    with pytest.raises(Outdated, match="has ended"):
        made[0]()


def test_a_series_pauses_where_the_answers_would_be_too_large_together(names):
    assert 0 < len(names["large"].call_in_series(series(40), 5.0)) < 4


def checked(candidate):
    seen = []

    def cases(seed):
        return [Case((np.full(2, float(k)),), f"case {k}") for k in range(4)] if seed == 1 else []

    one = Exercise("one", ("x",), limit=0.3)

    @one.prop(points=1, cases=cases)
    def value(case, got):
        """is its first entry"""
        seen.append(case.label)
        assert got == case.args[0][0]

    return one(candidate), seen


def test_a_check_in_series_reads_as_one_made_call_by_call(names, guest, monkeypatch):
    for name in ("picky", "slow"):
        report, seen = checked(names[name])
        with monkeypatch.context() as patch:
            patch.delattr(StudentFunction, "call_in_series")
            assert checked(names[name]) == (report, seen)


def test_a_function_that_ends_the_session_costs_the_series_once(names, guest):
    called = []
    calls = guest.calls
    guest.calls = lambda *args: called.append(args) or calls(*args)
    guest.revive = lambda guest: None
    checked(names["ends"])
    assert len(called) == 1


def requests(guest):
    """Count what a guest is asked from now on, by operation."""
    asked = Counter()
    exchange = guest._exchange
    guest._exchange = lambda op, *rest: asked.update([op]) or exchange(op, *rest)
    return asked


def numbered(function, x):
    return function(x)


def mixed(seed):
    """Plain cases and others in turn."""
    return [Case((np.full(2, 10.0 * seed + k),), f"case {k}", scenario=numbered if k == 2 else None) for k in range(6)]


def first_entries(cases):
    """Build an exercise whose first property fails and leaves calls made ahead, and whose second ends the session."""
    one = Exercise("one", ("x",), limit=1.0)

    @one.prop(points=1, cases=cases)
    def never(case, got):
        """never"""
        raise Failure("never")

    @one.prop(points=1, cases=lambda seed: [Case((np.ones(2) * -seed, "by the end"), "ends", scenario=to_the_end)])
    def lives(case, got):
        """survives"""

    @one.prop(points=1, cases=lambda seed: [Case((np.full(2, 99.0),), "another")])
    def another(case, got):
        """is called in whatever session there is"""

    @one.prop(points=1, cases=cases)
    def value(case, got):
        """is its first entry"""
        assert got == case.args[0][0]

    return one


def to_the_end(function, x, word):
    return function(np.full(2, 7.0)), function(x)


def test_cases_alike_are_tried_in_one_go_wherever_they_stand(names, guest):
    asked = requests(guest)
    one = Exercise("one", ("x",))
    trials = Trials(one, Stage(names["outer"]), Clock())
    tried = list(trials.over(mixed, (1, 2, 3)))
    assert [outcome.value for _, case, outcome in tried] == [case.args[0][0] for _, case, _ in tried]
    assert asked == {"calls": 1, "call": 3}


def test_an_endless_loop_in_a_series_leaves_the_rest_a_tenth_of_the_time(names):
    clock = Clock()
    trials = Trials(Exercise("one", ("x",), limit=0.3), Stage(names["slow"]), clock)
    seen = [
        (outcome.kind, clock.out)
        for _, _, outcome in trials.over(lambda seed: [Case(tuple(a), str(a)) for a in series(4)], (1,))
    ]
    assert seen == [("returned", False), ("returned", False), ("timeout", True), ("timeout", True)]


def test_names_are_lent_once_for_a_whole_series(names, guest):
    asked = requests(guest)
    module = types.ModuleType("ours")
    source = "def inner():\n    return 5\n"
    exec(source, vars(module))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dlopt.checks.inside._source", lambda module: source)
        around = partial(standing_in, names["outer"], module, ("inner",))
        trials = Trials(Exercise("one", ("x",)), Stage(names["outer"], around), Clock())
        tried = list(trials.over(mixed, (1, 2)))
    assert [outcome.value for _, case, outcome in tried] == [5 * case.args[0][0] for _, case, _ in tried]
    assert asked == {"lend": 3, "calls": 1, "call": 2, "give_back": 3}  # and once for either case that goes singly
    assert names["outer"](np.ones(1)) == 1.0


DIES_AT_7 = """
def f(x):
    if x[0] == 7:
        import os
        os._exit(3)
    return x[0]
"""


def test_a_call_made_ahead_is_made_again_where_its_session_is_gone(guests):
    def revive(guest):
        guest.reconnect(guests().sock)
        guest.cell(DIES_AT_7)

    guest = guests(revive=revive)
    guest.cell(DIES_AT_7)
    report = first_entries(lambda seed: [c for c in mixed(seed) if c.scenario is None])(guest.fetch("f"))
    assert [row.status for row in report.rows] == ["wrong", "crashed", "pass", "pass"]
    assert guest.generation == 1


def test_after_a_call_that_raises_none_are_made_ahead_until_one_returns(names, guest):
    asked = requests(guest)
    one = Exercise("picky", ("x",))
    for name, entries in (("raises", [2, 3, 4]), ("goes on", [5, 6, 0]), ("returns", [-1, -2, -3, -4])):

        def judge(case, got):
            """is its first entry"""
            assert got == case.args[0][0]

        judge.__name__ = name
        cases = [Case((np.full(2, float(k)),), f"case {k}") for k in entries]
        one.prop(points=1, cases=lambda seed, cases=cases: cases)(judge)
    report = one(names["picky"])
    assert [row.status for row in report.rows] == ["error", "error", "pass"]
    assert asked == {"calls": 2, "call": 2}  # all of the first; the first of the next two; what is left of the last
