"""A guest that lies is found out, or lies to no avail."""

# ruff: noqa: E501 - what students type stays on one line

import contextlib
import json
import socket
import threading
import time

import numpy as np
import pytest

from autograder.bridge import codec, wire
from autograder.bridge.codec import Bounds, BridgeError, Nested
from autograder.bridge.host import Guest, GuestCrashed, GuestGarbled, GuestTimeout
from autograder.jail.limits import Limits
from dlopt.checks import expect, trial

LIMITS = Limits(call_seconds=0.2, cell_seconds=0.2, reply_bytes=1 << 20)


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr("autograder.bridge.host.GRACE", 0.3)


def answer(**fields):
    """Return what a liar sends: a reply with these fields, right in all others."""

    def reply(request):
        whole = {"id": request["id"], "status": "value", "value": nested(1), "changed": [], "printed": ""}
        return codec.encode({**whole, **fields})

    return reply


def nested(value):
    return Nested([codec.encode(value, hand=lambda v: codec.Handle(5, "function", "function", "f", True))])


@contextlib.contextmanager
def liar(reply, frame=True, limits=LIMITS):
    """Return a guest whose other end answers every request with ``reply(request)``."""
    ours, theirs = socket.socketpair()

    def lie():
        with contextlib.suppress(wire.Closed, OSError):
            while True:
                request = codec.decode(wire.receive(theirs, 1 << 30), Bounds(1 << 30), nested=True)
                for data in [reply(request)] if not isinstance(reply, list) else [r(request) for r in reply]:
                    if data is None:
                        theirs.close()
                        return
                    wire.send(theirs, data) if frame else theirs.sendall(data)

    thread = threading.Thread(target=lie)
    thread.start()
    guest = Guest(ours, limits)
    try:
        yield guest
    finally:
        guest.close()
        theirs.close()
        thread.join(5)
        assert not thread.is_alive()


ERROR = {"names": ["builtins.ValueError"], "message": "m", "args": ("m",), "line": "x"}
LIES = {
    "garbage": lambda request: b"garbage",
    "nothing": lambda request: b"",
    "JSON": lambda request: b'{"id": 1}',
    "a pickle": lambda request: b"\x80\x04\x95",
    "a list": lambda request: codec.encode([1]),
    "another id": answer(id=99),
    "an id of another type": answer(id=1.0),
    "an unknown status": answer(status="passed"),
    "a status of another type": answer(status=1),
    "a value that is not inside": answer(value=[1]),
    "a value that is text": answer(value="1"),
    "no value": lambda request: codec.encode({"id": request["id"], "status": "value", "changed": [], "printed": ""}),
    "a malformed value": answer(value=Nested([b"DLB1"])),
    "a value with something inside": answer(value=Nested([codec.encode(Nested([b"x"]))])),
    "printed bytes": answer(printed=b"x"),
    "changes that are none": answer(changed=[1]),
    "a change of no argument": answer(changed=[(5, nested(1))]),
    "a change of an attribute": answer(changed=[("__class__", nested(1))]),
    "a malformed change": answer(changed=[(0, Nested([b""]))]),
    "no changes": answer(changed=None),
    "an exception that is none": answer(status="raised", error={"names": []}),
    "an exception without a name": answer(status="raised", error={**ERROR, "names": []}),
    "an exception of numbers": answer(status="raised", error={**ERROR, "names": [1]}),
    "an exception with an array": answer(status="raised", error={**ERROR, "args": (np.ones(1),)}),
    "an exception with a long line": answer(status="raised", error={**ERROR, "line": 5}),
    "no reason": answer(status="unsendable"),
    "two replies": [answer(), answer()],
}


@pytest.mark.parametrize("reply", LIES.values(), ids=LIES)
def test_a_malformed_answer_ends_the_session(reply):
    with liar(reply) as guest:
        with pytest.raises(BridgeError) as caught:  # noqa: PT012 - the second answer is found at the second question
            guest.call(("name", "f"), (np.ones(2),))
            guest.call(("name", "f"), (np.ones(2),))
        assert isinstance(caught.value, GuestGarbled)
        assert isinstance(guest.ended, trial.TrialEnded)
        assert guest.ended.kind == "crashed"
        with pytest.raises(GuestGarbled):
            guest.fetch("f")


CELL = {"status": "ok", "ename": "", "outputs": nested([]), "names": {}, "gone": []}
CELL_LIES = {
    "a status of its own": {"status": "passed"},
    "names that are none": {"names": {"a b": "data"}},
    "a kind of its own": {"names": {"f": "trusted"}},
    "names as list": {"names": []},
    "gone numbers": {"gone": [1]},
    "outputs that are text": {"outputs": nested("x")},
    "an output of its own kind": {"outputs": nested([{"output_type": "verdict", "points": 3}])},
    "an output with more": {"outputs": nested([{"output_type": "stream", "name": "stdout", "text": "", "score": 1}])},
    "a stream of numbers": {"outputs": nested([{"output_type": "stream", "name": "stdout", "text": 1}])},
    "a traceback of numbers": {
        "outputs": nested([{"output_type": "error", "ename": "", "evalue": "", "traceback": [1]}])
    },
    "a handle among outputs": {"outputs": nested([len])},
}


@pytest.mark.parametrize("fields", CELL_LIES.values(), ids=CELL_LIES)
def test_a_malformed_result_of_a_cell_ends_the_session(fields):
    with liar(answer(**{**CELL, **fields})) as guest, pytest.raises(GuestGarbled):
        guest.cell("1")


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ((1 << 62).to_bytes(8, "big") + b"x", GuestGarbled),
        ((1 << 20).to_bytes(8, "big") + b"x", GuestTimeout),
        (b"\x00", GuestTimeout),
    ],
    ids=["a huge frame", "a frame that never comes", "half a length"],
)
def test_a_frame_that_does_not_come_costs_its_deadline_only(data, error):
    with liar(lambda request: data, frame=False) as guest:
        start = time.monotonic()
        with pytest.raises(error):
            guest.cell("1")
        assert time.monotonic() - start < 2


def test_a_frame_that_drips_costs_its_deadline_only():
    def drip(request):
        time.sleep(0.05)
        return b"\x00"

    with liar([drip] * 20, frame=False) as guest:
        start = time.monotonic()
        with pytest.raises((GuestTimeout, GuestGarbled)):
            guest.cell("1")
        assert time.monotonic() - start < 2


def test_hanging_up_is_a_crash():
    with liar(lambda request: None) as guest, pytest.raises(GuestCrashed):
        guest.cell("1")


def test_one_who_never_reads_costs_the_deadline_only():
    ours, theirs = socket.socketpair()
    with theirs, contextlib.closing(Guest(ours, LIMITS)) as guest, pytest.raises(GuestTimeout):
        guest.call(("name", "f"), (np.zeros(10**7),))


def test_a_handle_of_nobody_is_an_error_later():
    with liar(answer(value=nested(len))) as guest:
        f = guest.fetch("f")
        assert callable(f)
        assert f(1) is f  # it can only answer with data and with itself


def test_a_forged_handle_leads_nowhere(shared):
    shared.cell("class C: pass\nc = C()")
    thing = shared.fetch("c")
    forged = codec.Handle(10**9, "instance", "C")
    object.__setattr__(thing, "_bridge_handle", forged)
    with pytest.raises(Exception, match="no object"):
        thing.anything  # noqa: B018
    assert shared.ended is None


def test_a_change_cannot_reach_beyond_the_arguments():
    A = np.ones(2)
    with liar(answer(changed=[(0, nested(np.zeros(2)))])) as guest:
        guest.call(("name", "f"), (A,))
        assert A.tolist() == [0, 0]  # a mutation that the judge sees
    with liar(answer(changed=[(0, nested([1, 2, 3]))])) as guest:
        guest.call(("name", "f"), (A,))
        assert A.tolist() == [0, 0]


# -------------------------------------------------------------------- objects that would like to be right

TRICKS = {
    "equal to everything": "class T:\n    __eq__ = lambda s, o: True\n    __ne__ = lambda s, o: False\nT = T()",
    "arithmetic that vanishes": "class T:\n    __sub__ = __rsub__ = __abs__ = lambda s, *o: 0.0\n    __lt__ = __le__ = lambda s, o: True\nT = T()",
    "an array on demand": "class T:\n    def __array__(self, *a, **k): return np.ones(2)\nT = T()",
    "an array interface": "class T:\n    __array_interface__ = np.ones(2).__array_interface__\nT = T()",
    "numpy's own hooks": (
        "class T:\n"
        "    def __array_ufunc__(self, *a, **k): return True\n"
        "    def __array_function__(self, *a, **k): return True\n"
        "    all = any = lambda self, *a, **k: True\n"
        "T = T()"
    ),
    "a number on demand": "class T:\n    __float__ = lambda s: 1.0\n    __bool__ = __index__ = lambda s: 1\nT = T()",
    "a list that is equal": "class T(list):\n    __eq__ = lambda s, o: True\n    __iter__ = lambda s: iter([1.0, 1.0])\nT = T()",
    "a float that is equal": "class T(float):\n    __eq__ = lambda s, o: True\n    __sub__ = __rsub__ = lambda s, o: 0.0\nT = T(7)",
    "a string that is equal": "class T(str):\n    __eq__ = lambda s, o: True\n    __hash__ = str.__hash__\nT = T('x')",
    "a dict that is equal": "class T(dict):\n    __eq__ = lambda s, o: True\nT = T()",
    "an array that is equal": (
        "class T(np.ndarray):\n"
        "    __eq__ = lambda s, o: True\n"
        "    __array_ufunc__ = __array_function__ = lambda s, *a, **k: True\n"
        "    __array_finalize__ = lambda s, o: None\n"
        "    tolist = tobytes = lambda s: [1.0, 1.0]\n"
        "    shape = property(lambda s: (2,))\n"
        "T = np.zeros(3).view(T)"
    ),
    "a masked array": "T = np.ma.masked_array([9.0, 9.0], [True, True])",
    "a class of equals": "class M(type):\n    __eq__ = lambda c, o: True\n    __hash__ = type.__hash__\nclass T(metaclass=M): pass",
    "a patched numpy": "T = np.zeros(2)\nnp.allclose = np.array_equal = np.isclose = lambda *a, **k: True",
    "a patched assert": "T = np.zeros(2)\nimport builtins\nbuiltins.all = builtins.any = builtins.abs = lambda *a: True",
}


@pytest.mark.parametrize("source", TRICKS.values(), ids=TRICKS)
def test_no_object_talks_its_way_into_being_right(guests, source):
    guest = guests()
    assert guest.cell(f"import numpy as np\n{source}\ndef f(x): return T").status == "ok"
    want = np.ones(2)
    got = guest.fetch("f")(want.copy())
    assert type(got).__module__ in ("numpy", "builtins", "__main__")
    for test in (
        lambda: np.allclose(got, want),
        lambda: np.array_equal(got, want),
        lambda: bool(np.all(got == want)),
        lambda: bool(np.all(want == got)),
        lambda: got == [1.0, 1.0],
        lambda: got == 1.0 or got == "right" or got in ("right",),
        lambda: "right" in got,
        lambda: bool(np.max(np.abs(got - want)) < 1e-6),
        lambda: bool(np.max(np.abs(want - got)) < 1e-6),
        lambda: abs(got - 1.0) < 1e-6,
        lambda: float(got) == 1.0,
        lambda: bool(np.sum(got) == 2.0),
        lambda: np.testing.assert_allclose(got, want) is None,
        lambda: expect.same_result(got, want),
        lambda: expect.close(got, want) is None,
        lambda: expect.text(got, ["right"]) is None,
    ):
        try:
            right = bool(np.all(test()))
        except Exception:  # as good as wrong
            right = False
        assert not right


def test_a_string_that_claims_to_be_ours_is_a_string(guest):
    guest.cell("class T(str):\n    __eq__ = lambda s, o: True\n    __hash__ = str.__hash__\ndef f(): return T('wrong')")
    got = guest.fetch("f")()
    assert got != "right"


def test_nothing_printed_is_taken_for_an_answer(guest, capsys):
    reply = json.dumps({"id": 2, "status": "value"})
    guest.cell(f"import os, sys\ndef f():\n    print({reply!r})\n    os.write(1, b'DLB1')\n    return 0")
    assert guest.fetch("f")() == 0
    assert "DLB1" in capsys.readouterr().out
