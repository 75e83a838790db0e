"""What the report counts, what it names, and when it is content."""

import pytest

from autograder.mutation import Mutant, Report, Trial


def trial(name: str, fate: str, *, equivalent: bool = False, exercise: str = "softmax") -> Trial:
    return Trial("ps1_losses", exercise, Mutant(name, "sign", ""), equivalent, fate)


MIXED = [
    trial("a", "wrong"),
    trial("b", "error"),
    trial("c", "timeout"),
    trial("d", "survived"),
    trial("e", "survived", equivalent=True),
    trial("f", "wrong", exercise="mse"),
]


def test_equivalent_mutants_are_counted_and_do_not_count():
    softmax, mse = Report("ps1_losses", MIXED).counts
    assert (softmax.mutants, softmax.equivalent, softmax.killed, softmax.survived) == (5, 1, 3, 1)
    assert (softmax.error, softmax.timeout, softmax.share) == (1, 1, 0.75)
    assert (mse.exercise, mse.share) == ("mse", 1.0)
    assert Report("ps1_losses", MIXED).share == 0.8


def test_the_table_says_it_line_by_line():
    lines = str(Report("ps1_losses", MIXED, every=7)).splitlines()
    assert lines[0].split() == [*"ps1_losses mutants equivalent killed by error by time-out survived share".split()]
    assert lines[1].split() == ["softmax", "5", "1", "3", "1", "1", "1", "75.0", "%"]
    assert lines[3:] == ["a sample: every 7th mutant", "survived: softmax: d"]


@pytest.mark.parametrize(
    ("trials", "unknown", "good"),
    [
        ([trial("a", "wrong")] * 19 + [trial("d", "survived")], [], True),
        ([trial("a", "wrong")] * 18 + [trial("d", "survived")], [], False),
        ([trial("a", "wrong"), trial("e", "wrong", equivalent=True)], [], False),
        ([trial("a", "wrong")], ["softmax: x → y"], False),
    ],
    ids=["95 % die", "fewer die", "an equivalent one dies", "a listed one is gone"],
)
def test_it_is_content_when_enough_die_and_the_list_is_true(trials, unknown, good):
    assert Report("ps1_losses", trials, unknown).good is good


def test_stale_entries_are_named():
    report = Report("ps1_losses", [trial("e", "wrong", equivalent=True)], ["softmax: x → y"])
    assert report.stale == ["softmax: e: it loses points", "softmax: x → y: no mutant has this name"]
    assert str(report).splitlines()[-1] == "not equivalent: softmax: x → y: no mutant has this name"
