"""Damaged submissions by the thousand: each is rebuilt or refused, with little memory; nothing else happens."""

import json
import random
import time
import tracemalloc

import nbformat
import pytest

from autograder import samples
from autograder.rebuild import Ungradable, rebuild
from tests.autograder.fuzzing import damage_bytes, damage_structure, growth, resident, run

PS = "ps2_quadratics"
PIECES, PIECE = 20, 5000  #: the 10⁵ cases of `make exhaustive`, in pieces


@pytest.fixture(scope="session")
def handed_in(ps2_release, small_release, tmp_path_factory):
    """The sample class's notebooks, and a small one with every kind of cell; each with its release."""
    released = tmp_path_factory.mktemp("fuzz") / f"{PS}.ipynb"
    nbformat.write(ps2_release, released)
    large = [(json.loads(samples.notebook(sample, released)), ps2_release) for sample in samples.honest(PS)]
    small = json.loads(nbformat.writes(small_release))
    picture = {
        "p.png": {"image/png": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"}
    }
    for cell in small["cells"]:
        if cell["cell_type"] == "markdown":
            cell["attachments"] = picture
    old = {"nbformat": 3, "worksheets": [{"cells": [{**c, "input": c["source"]} for c in small["cells"]]}]}
    return large, [(small, small_release), (old, small_release)]


@pytest.fixture(scope="session")
def case(handed_in):
    """Try one damaged submission: of bytes or of structure, mostly of the small notebook, which is quick."""

    def tried(rng):
        notebook, release = rng.choice(handed_in[rng.random() > 0.1])
        if rng.random() < 0.5:
            submission = damage_bytes(rng, json.dumps(notebook, indent=rng.choice([None, 1])).encode())
        else:
            submission = json.dumps(damage_structure(rng, notebook)).encode(rng.choice(["utf-8", "utf-8", "utf-16"]))
        return outcome(submission, release)

    return tried


def outcome(submission, release):
    """Rebuild; the only two outcomes are a valid notebook and a sentence."""
    try:
        result = rebuild(submission, release)
    except Ungradable as refusal:
        kind, sentence = "ungradable", str(refusal)
    else:
        kind, sentence = "rebuilt", "Notebooks that are rebuilt need no sentence."
        assert [c.metadata for c in result.notebook.cells if c.metadata] == [
            c.metadata for c in release.cells if c.metadata
        ]
        assert all(len(note) < 1000 for note in result.notes)
        assert sum(len(c.source) for c in result.notebook.cells) <= 2 * len(submission) + 50_000  # no work beyond that
    assert 40 < len(sentence) < 1000
    assert sentence.endswith(".")
    return kind


@pytest.mark.parametrize("seed", range(4))
def test_damaged_submissions_are_rebuilt_or_refused(case, seed):
    assert set(run(case, f"sample {seed}", 500)) == {"rebuilt", "ungradable"}


@pytest.mark.exhaustive
@pytest.mark.parametrize("piece", range(PIECES))
def test_a_hundred_thousand_damaged_submissions_are_rebuilt_or_refused(case, piece):
    run(case, "warm up", 300)
    before = resident()
    ends = run(case, f"piece {piece}", PIECE)
    grown = resident() - before
    print(f"rebuild, piece {piece}: {dict(ends)}, {grown / 2**20:.1f} MiB more")
    assert set(ends) == {"rebuilt", "ungradable"}
    assert grown < 64 * 2**20


def test_damaged_submissions_leave_no_memory_behind(case):
    assert growth(case, "again", 150) < 100_000


def test_what_is_rebuilt_can_be_written_and_read(handed_in, ps2_release):
    rng = random.Random(0)
    written = 0
    for _ in range(150):
        submission = json.dumps(damage_structure(rng, rng.choice(handed_in[0])[0])).encode()
        try:
            nb = rebuild(submission, ps2_release).notebook
        except Ungradable:
            continue
        assert nbformat.reads(nbformat.writes(nb), as_version=4) == nb
        written += 1
    assert written > 50


@pytest.mark.parametrize(
    "submission",
    [
        b"[" * 20_000_000,
        b'{"a":' * 5_000_000,
        b'{"cells": [' + b"[]," * 900_000 + b"0]}",
        b'{"cells": [0,' + b'{"a":1},' * 990_000 + b"0]}",
        b'{"nbformat": 4, "cells": [{"source": [' + b'"",' * 1_900_000 + b'""]}]}',
        b'{"nbformat": 4, "cells": [{"source": "' + b"\\ud800" * 1_500_000 + b'"}]}',
        b'{"nbformat": 4, "cells": [' + b"9" * 30_000_000 + b"]}",
        b'"' + "🙂".encode() + b"x" * 30_000_000 + b'"',
        b"\xff" * 30_000_000,
        b"<" * 30_000_000,
        b"{" + b"\n" * 30_000_000 + b"}x",
    ],
    ids=[
        "lists",
        "objects",
        "list of lists",
        "list of objects",
        "many lines",
        "surrogates",
        "digits",
        "wide",
        "ff",
        "html",
        "newlines",
    ],
)
def test_bombs_of_the_largest_size_are_refused_within_half_a_gigabyte(small_release, submission):
    tracemalloc.start()
    start = time.process_time()
    try:
        with pytest.raises(Ungradable):
            rebuild(submission, small_release)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert time.process_time() - start < 30  # being watched, Python is several times slower
    assert peak < 500 * 2**20
