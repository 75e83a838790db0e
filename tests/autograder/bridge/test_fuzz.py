"""Damaged messages and damaged replies by the thousand: each is read or refused; nothing else happens."""

import gc
import json

import numpy as np
import pytest

from autograder.bridge import codec
from autograder.bridge.codec import Bounds, BridgeError, Nested, decode, encode
from autograder.bridge.errors import StudentError
from autograder.bridge.host import Guest
from autograder.jail.limits import Limits
from dlopt.checks.trial import TrialEnded
from tests.autograder.bridge.test_codec import random_value
from tests.autograder.fuzzing import VALUES, damage_bytes, damage_structure, growth, resident, run

BOUNDS = Bounds(bytes=1 << 20)
LIMITS = Limits(reply_bytes=1 << 20, output_bytes=10_000)
PIECES, PIECE = 10, 10_000  #: of each kind: twice the 10⁵ cases of `make exhaustive`, in pieces
TAGS = ["l", "t", "d", "e", "z", "i", "f", "c", "r", "s", "b", "a", "o", "n", "nu", "ns", "T", "g", "h", "m", "pickle"]
NODES = [*VALUES, *TAGS, "C", "Fr", "<f8", "|O", "0x1", "float64", "PCG64", ["s"], ["a", "C"], ["m"], ["b"]]


def damaged(rng, data):
    """Damage a message: its bytes, or the tree and the lengths in its header, or what the header says of the rest."""
    if rng.random() < 0.4:
        return damage_bytes(rng, data)
    end = 8 + int.from_bytes(data[4:8], "big")
    lengths, tree = damage_structure(rng, json.loads(data[8:end]), NODES) or [[], None]
    header = json.dumps([lengths, tree]).encode()
    return b"DLB1" + len(header).to_bytes(4, "big") + header + data[end:]


def handed(rng, data):
    """A damaged message, or an untouched one where no two parts of a header were left."""
    try:
        return damaged(rng, data)
    except (ValueError, TypeError):
        return data


def sound(value, depth=0):
    """Tell whether a value is made of nothing but what a message may hold."""
    if isinstance(value, np.ndarray):
        return type(value) is np.ndarray and (value.dtype != object or all(map(sound, value.ravel().tolist())))
    if type(value) in (list, tuple, set, frozenset):
        return all(sound(inner, depth + 1) for inner in value)
    if type(value) is dict:
        return all(map(sound, value)) and all(map(sound, value.values()))
    plain = (type(None), bool, int, float, complex, str, bytes, range, np.random.Generator, codec.Tensor)
    return type(value) in plain or isinstance(value, np.generic) or type(value).__module__ == "torch"


def message(rng):
    """Try to read a damaged message."""
    generator = np.random.default_rng(rng.getrandbits(32))
    try:
        value = decode(handed(rng, encode(random_value(generator))), BOUNDS)
    except BridgeError:
        return "refused"
    assert sound(value)
    return "read"


class Wire:
    """A socket to nobody: what is sent is lost, and what is received was there before."""

    def __init__(self):
        self.waiting = memoryview(b"")

    def say(self, data):
        self.waiting = memoryview(len(data).to_bytes(8, "big") + data)

    def send(self, view):
        return len(view)

    def recv_into(self, room):
        count = min(len(room), len(self.waiting))
        room[:count] = self.waiting[:count]
        self.waiting = self.waiting[count:]
        return count

    def settimeout(self, seconds): ...

    def setsockopt(self, *option): ...

    def close(self): ...


def inner(value):
    return Nested([encode(value, hand=lambda thing: codec.Handle(5, "function", "function", "f", True))])


ERROR = {"names": ["builtins.OSError", "builtins.Exception"], "message": "m", "args": (2, "m", "f"), "line": "x"}
OUTPUTS = [
    {"output_type": "stream", "name": "stdout", "text": "x"},
    {"output_type": "display_data", "data": {"text/plain": "1"}, "metadata": {}},
    {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["t"]},
]
REPLIES = [
    lambda: {"status": "value", "value": inner([1.5, np.ones(3), {"a": (1, None)}]), "changed": [], "printed": "x"},
    lambda: {"status": "value", "value": inner(len), "changed": [(0, inner(np.zeros(2)))], "printed": "", "drew": True},
    lambda: {"status": "raised", "error": ERROR, "changed": [(0, inner([1, 2])), (1, inner([[3]]))], "printed": ""},
    lambda: {"status": "unsendable", "reason": "too large", "changed": [], "printed": ""},
    lambda: {"status": "timeout", "changed": [], "printed": ""},
    lambda: {"status": "method", "changed": [], "printed": ""},
    lambda: {"status": "ok", "ename": "", "outputs": inner(OUTPUTS), "names": {"f": "function"}, "gone": ["g"]},
    lambda: {"status": "error", "ename": "E", "outputs": inner([]), "names": {}, "gone": []},
]


def damaged_inside(rng, reply):
    """Damage a message inside a reply, whose frame stays whole."""
    made = dict(reply)
    for key, value in made.items():
        if type(value) is Nested and rng.random() < 0.7:
            made[key] = Nested([handed(rng, b"".join(value.chunks))])
    return made


def reply(rng):
    """Let a guest answer one request with a damaged reply, and use what comes of it as the judge does."""
    wire = Wire()
    guest = Guest(wire, LIMITS)
    whole = {"id": 1, **rng.choice(REPLIES)()}
    wire.say(encode(damaged_inside(rng, whole)) if rng.random() < 0.5 else handed(rng, encode(whole)))
    arguments, caught = [np.ones(2), [[1, 2], {"a": 1}]], None
    try:
        if "outputs" in whole or rng.random() < 0.1:
            found = guest.cell("1")
            assert all(type(name) is str and name.isidentifier() for name in found.names)
        else:
            guest.call(("name", "f"), arguments)
    except TrialEnded:
        return "ended"
    except Exception as error:
        caught = error
    finally:
        guest.close()
    # a student's exception, rebuilt by `errors`, or what has been refused: anything else would be ours
    assert caught is None or isinstance(caught, BridgeError | StudentError) or hasattr(caught, "student_line")
    return "raised" if caught else "answered"


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("case", "ends"), [(message, {"read", "refused"}), (reply, {"ended", "raised", "answered"})])
def test_what_is_damaged_is_read_or_refused(case, ends, seed, capsys):
    assert set(run(case, f"sample {seed}", 1000)) == ends


@pytest.mark.exhaustive
@pytest.mark.parametrize("piece", range(PIECES))
@pytest.mark.parametrize("case", [message, reply])
def test_a_hundred_thousand_of_each_are_read_or_refused(case, piece, capsys):
    run(case, "warm up", 500)
    before = resident()
    ends = run(case, f"piece {piece}", PIECE)
    grown = resident() - before
    with capsys.disabled():
        print(f"\n{case.__name__}, piece {piece}: {dict(ends)}, {grown / 2**20:.1f} MiB more")
    assert grown < 64 * 2**20


@pytest.mark.parametrize("case", [message, reply])
def test_what_is_damaged_leaves_no_memory_behind(case, capsys):
    gc.collect()
    assert growth(case, "again", 400) < 100_000
