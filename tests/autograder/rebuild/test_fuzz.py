"""Thousands of damaged submissions: each is rebuilt or refused, soon and with little memory; nothing else happens."""

import copy
import json
import random
import time
import tracemalloc

import nbformat
import pytest

from autograder import samples
from autograder.rebuild import Ungradable, rebuild

PS = "ps2_quadratics"
TOKENS = [
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b",",
    b":",
    b"\\u",
    b"\\ud800",
    b"NaN",
    b"null",
    b"1e999",
    b"\xff",
    b"\0",
    b"<<<<<<< ",
]
VALUES = [
    None,
    True,
    -1,
    1e308,
    float("nan"),
    "",
    "x",
    "\ud800",
    "quadratic",
    [],
    {},
    [[]],
    {"": {}},
    ["a", None],
    [{}] * 3,
]


@pytest.fixture(scope="session")
def handed_in(ps2_release, tmp_path_factory):
    """The sample class's notebooks."""
    released = tmp_path_factory.mktemp("fuzz") / f"{PS}.ipynb"
    nbformat.write(ps2_release, released)
    return [json.loads(samples.notebook(sample, released)) for sample in samples.honest(PS)]


def damage_bytes(rng, data):
    """Change, insert, delete, repeat or cut off bytes at a few places."""
    data = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at, length = rng.randrange(len(data) + 1), rng.choice([1, 2, 10, 1000])
        action = rng.randrange(6)
        if action == 0:
            data[at : at + 1] = bytes([rng.randrange(256)])
        elif action == 1:
            data[at:at] = rng.choice(TOKENS)
        elif action == 2:
            del data[at : at + length]
        elif action == 3:
            data[at:at] = data[at : at + length]
        elif action == 4:
            data[at : at + len(data)] = b"" if rng.random() < 0.3 else data[at:]
        else:
            data[at:at] = rng.choice([b"[", b'{"a":']) * rng.choice([3, 300, 30_000])
    return bytes(data)


def places(value, path=()):
    """Yield the path of every value inside a JSON value."""
    yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(inner, (*path, key))


def damage_structure(rng, nb):
    """Replace, delete, repeat or swap values anywhere in a notebook."""
    nb = copy.deepcopy(nb)
    for _ in range(rng.randint(1, 5)):
        spots = [path for path in places(nb) if path]
        if not spots:
            break
        *above, key = rng.choice(spots)
        holder = nb
        for step in above:
            holder = holder[step]
        action = rng.randrange(4)
        if action == 0:
            holder[key] = copy.deepcopy(rng.choice(VALUES))
        elif action == 1:
            del holder[key]
        elif action == 2 and isinstance(holder, list):
            holder.insert(rng.randrange(len(holder) + 1), copy.deepcopy(holder[key]))
        else:
            other = rng.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
            holder[key], holder[other] = holder[other], holder[key]
    return json.dumps(nb).encode(rng.choice(["utf-8", "utf-8", "utf-16"]))


def outcome(submission, release):
    """Rebuild; the only two outcomes are a valid notebook and a sentence."""
    start = time.perf_counter()
    try:
        result = rebuild(submission, release)
    except Ungradable as refusal:
        kind, sentence = "ungradable", str(refusal)
    else:
        kind, sentence = "rebuilt", "Notebooks that are rebuilt need no sentence."
        assert [c.metadata for c in result.notebook.cells if c.metadata] == [c.metadata for c in release.cells]
        assert all(len(note) < 1000 for note in result.notes)
    assert 40 < len(sentence) < 1000
    assert sentence.endswith(".")
    assert time.perf_counter() - start < 2
    return kind


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("damage", ["bytes", "structure"])
def test_damaged_submissions_are_rebuilt_or_refused(handed_in, ps2_release, damage, seed):
    rng = random.Random(f"{damage} {seed}")
    seen = []
    for _ in range(250):
        nb = rng.choice(handed_in)
        text = json.dumps(nb, indent=rng.choice([None, 1])).encode()
        submission = damage_bytes(rng, text) if damage == "bytes" else damage_structure(rng, nb)
        seen.append(outcome(submission, ps2_release))
    assert set(seen) == {"rebuilt", "ungradable"}


def test_what_is_rebuilt_can_be_written_and_read(handed_in, ps2_release):
    rng = random.Random(0)
    written = 0
    for _ in range(150):
        submission = damage_structure(rng, rng.choice(handed_in))
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
    start = time.perf_counter()
    try:
        with pytest.raises(Ungradable):
            rebuild(submission, small_release)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert time.perf_counter() - start < 30  # being watched, Python is several times slower
    assert peak < 500 * 2**20
