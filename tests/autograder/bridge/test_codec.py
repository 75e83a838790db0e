"""Values arrive as what they were; whatever else arrives is refused."""

import json
import math
import struct
import time

import numpy as np
import pytest

from autograder.bridge import writing
from autograder.bridge.arrays import layout_of, npy
from autograder.bridge.codec import Bounds, BridgeError, Handle, Nested, Tensor, decode, encode, encode_chunks

DTYPES = ["f8", "f4", "f2", "i8", "i4", "i2", "i1", "u1", "u8", "?", "c16", ">f8", ">i4", "U3", "S4", "longdouble"]


def same(a, b):
    """Equal in every respect that the judge can see."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        alike = a.dtype == b.dtype and a.shape == b.shape and layout_of(a) == layout_of(b)
        if a.dtype == object:
            return alike and all(map(same, a.ravel(), b.ravel()))
        return alike and a.tobytes() == b.tobytes()
    if isinstance(a, np.generic):
        return a.dtype == b.dtype and a.tobytes() == b.tobytes()
    if isinstance(a, float):
        return struct.pack("d", a) == struct.pack("d", b) or (math.isnan(a) and math.isnan(b))
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return len(a) == len(b) and all(map(same, a, b)) and all(map(same, a.values(), b.values()))
    if isinstance(a, np.random.Generator):
        return str(a.bit_generator.state) == str(b.bit_generator.state)
    return a == b


def random_array(rng):
    shape = tuple(int(n) for n in rng.integers(0, 5, size=rng.integers(0, 4)))
    dtype = np.dtype(DTYPES[rng.integers(len(DTYPES))])
    flat = np.asarray(rng.integers(-100, 100, size=shape))
    array = flat.astype(dtype) if dtype.kind != "S" else np.asarray(np.abs(flat)).astype("U4").astype(dtype)
    layout = rng.integers(4)
    if layout == 1:
        array = np.asfortranarray(array)
    elif layout == 2 and array.ndim:
        array = np.repeat(array, 2, axis=-1)[..., ::2]
    elif layout == 3:
        array.flags.writeable = False
    return array


def random_value(rng, depth=0):
    leaf = [
        lambda: None,
        lambda: bool(rng.integers(2)),
        lambda: int(rng.integers(-1000, 1000)),
        lambda: int(rng.integers(1, 9)) ** int(rng.integers(200)) * (-1) ** int(rng.integers(2)),
        lambda: float(rng.normal() * 10.0 ** rng.integers(-320, 308)),
        lambda: [math.nan, math.inf, -math.inf, -0.0][rng.integers(4)],
        lambda: complex(rng.normal(), math.inf),
        lambda: "".join(map(chr, rng.integers(1, 0xD7FF, size=rng.integers(0, 1200)))),
        lambda: rng.bytes(rng.integers(0, 50)),
        lambda: range(int(rng.integers(9)), int(rng.integers(9)), 2),
        lambda: np.dtype(DTYPES[rng.integers(12)]).type(rng.integers(0, 2)),
        lambda: np.str_("κ" * rng.integers(4)),
        lambda: np.random.Generator(
            [np.random.PCG64, np.random.MT19937, np.random.Philox, np.random.SFC64][rng.integers(4)](rng.integers(99))
        ),
        lambda: random_array(rng),
    ]
    tree = [
        lambda: [random_value(rng, depth + 1) for _ in range(rng.integers(4))],
        lambda: tuple(random_value(rng, depth + 1) for _ in range(rng.integers(4))),
        lambda: {f"k{i}": random_value(rng, depth + 1) for i in range(rng.integers(4))},
        lambda: {(int(i), None): random_value(rng, depth + 1) for i in range(rng.integers(3))},
        lambda: {int(i) for i in rng.integers(0, 99, size=3)},
        lambda: frozenset("ab"),
        lambda: np.array([None, "x", 1.5, [1]], dtype=object)[: rng.integers(5)],
    ]
    choices = leaf + (tree if depth < 4 else [])
    return choices[rng.integers(len(choices))]()


@pytest.mark.parametrize("seed", range(400))
def test_a_value_comes_back_as_what_it_was(seed):
    value = random_value(np.random.default_rng(seed))
    data = encode(value)
    back = decode(data)
    assert same(value, back)
    assert encode(back) == data


@pytest.mark.parametrize(
    ("value", "base"),
    [
        (np.ones(2).view(np.recarray), np.ndarray),
        (np.ma.masked_array([1.0, 2.0], [True, False]), np.ndarray),
        (__import__("collections").Counter("aab"), dict),
        (__import__("collections").OrderedDict(a=1), dict),
        (__import__("collections").namedtuple("Pair", "a b")(1, 2), tuple),
    ],
)
def test_subclasses_of_data_arrive_as_their_base(value, base):
    assert type(decode(encode(value))) is base


def test_memory_of_an_array_is_its_own_and_writable():
    data = bytearray(encode(np.ones((3, 3))))
    array = decode(data)
    data[-8:] = bytes(8)
    assert array[2, 2] == 1
    array[0] = 0


def test_a_tensor_without_torch_is_an_array_with_a_dtype():
    tensor = Tensor(np.ones(3, dtype="f4"), "float32", True)
    back = decode(encode(tensor))
    if type(back) is Tensor:
        assert (back.dtype, back.requires_grad, back.array.tolist()) == ("float32", True, [1, 1, 1])
    else:  # another test has loaded torch
        assert (str(back.dtype), back.requires_grad, back.tolist()) == ("torch.float32", True, [1, 1, 1])


def test_torch_tensors_keep_dtype_and_gradient():
    torch = pytest.importorskip("torch")
    for tensor in (torch.ones(2, 3), torch.tensor(2), torch.ones(2, dtype=torch.bfloat16), torch.tensor([True])):
        back = decode(encode(tensor))
        assert (back.dtype, back.shape) == (tensor.dtype, tensor.shape)
        assert torch.equal(back, tensor)
    assert decode(encode(torch.nn.Parameter(torch.ones(2)))).requires_grad


# ------------------------------------------------------------------------------------- what is refused


class Odd:
    pass


@pytest.mark.parametrize(
    "value",
    [
        Odd(),
        [Odd()],
        {"a": Odd()},
        Odd,
        len,
        np.array([(1, 2)], dtype="i4,i4"),
        np.array(["2020"], dtype="M8[Y]"),
        1 << 400_000,
    ],
    ids=lambda v: type(v).__name__,
)
def test_what_is_no_data_does_not_travel_by_itself(value):
    with pytest.raises(BridgeError):
        encode(value)


def test_a_list_that_holds_itself_is_too_deep():
    loop = []
    loop.append(loop)
    with pytest.raises(BridgeError, match="levels deep"):
        encode(loop)


def test_too_much_is_refused_while_it_is_written():
    with pytest.raises(BridgeError, match="bytes"):
        encode(np.zeros(1000), Bounds(bytes=4000))
    with pytest.raises(BridgeError, match="values"):
        encode([0] * 1000, Bounds(items=999))


def message(tree, *blobs, lengths=None):
    header = tree if isinstance(tree, bytes) else json.dumps([lengths or [len(b) for b in blobs], tree]).encode()
    return b"DLB1" + len(header).to_bytes(4, "big") + header + b"".join(blobs)


def an_npy(descr="'<f8'", shape="(2,)", data=bytes(16), order="False", version=b"\x01\x00"):
    text = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY" + version + len(text).to_bytes(2, "little") + text + data


def generator_tree(name="PCG64", state=1, **extra):
    keys = ["bit_generator", "state", "has_uint32", "uinteger"]
    inner = ["d", ["state", "inc"], [state, 3]]
    return ["g", name, ["d", [*keys, *extra], [name, inner, 0, 0, *extra.values()]]]


MT = np.random.MT19937(0).state
HUGE = 10**18 - 1
MALFORMED = {
    "nothing": b"",
    "another magic": b"PICK" + bytes(8),
    "only a magic": b"DLB1",
    "a header that is announced and missing": b"DLB1\xff\xff\xff\xff",
    "no JSON": message(b"[[]"),
    "JSON of one part": message(b"[[]]"),
    "a JSON object": message(b'[[],{"a":1}]'),
    "a JSON object with a key twice": message(b'[[],{"a":1,"a":2}]'),
    "NaN as JSON": message(b"[[],NaN]"),
    "Infinity as JSON": message(b"[[],-Infinity]"),
    "a float beyond floats": message(b"[[],1e999]"),
    "an integer of many digits": message(b"[[]," + b"9" * 30 + b"]"),
    "an integer of too many digits": message(b"[[]," + b"9" * 100_000 + b"]"),
    "deep JSON": message(b"[[]," + b"[" * 100_000 + b"]" * 100_000 + b"]"),
    "deep lists": message(b"[[]," + b'["l",' * 60 + b"1" + b"]" * 60 + b"]"),
    "bytes that are no ASCII": message('[[],"é"]'.encode()),
    "half a surrogate": message(b'[[],"\\ud800"]'),
    "half a surrogate in a blob": message(["s"], b"\xed\xa0\x80"),
    "an unknown tag": message(["pickle", "x"]),
    "a tag that is no string": message([["l"], 1]),
    "an empty list": message([]),
    "too many values": message(b"[[],[" + b'"l",' + b"0," * 5_000_000 + b"0]]"),
    "a blob too few": message(["b"]),
    "a blob too many": message(1, b"abc"),
    "lengths that lie": message(["b"], b"abc", lengths=[2]),
    "a length below zero": message(["b"], b"abc", lengths=[-3]),
    "lengths that cancel": message(["l", ["b"], ["b"]], b"abc", lengths=[-1, 4]),
    "a length that is a float": message(["b"], b"abc", lengths=[3.0]),
    "lengths that are huge": message(["b"], b"abc", lengths=[2**62]),
    "a dict with a key twice": message(["d", ["a", "a"], [1, 2]]),
    "a dict with equal keys": message(["d", [1, True], [1, 2]]),
    "a dict with a list as key": message(["d", [["l"]], [1]]),
    "a dict that does not pair up": message(["d", ["a"], []]),
    "a dict of colliding keys": message(["d", [["i", hex(k * (2**61 - 1))] for k in range(5000)], list(range(5000))]),
    "a set with a member twice": message(["e", 1, 1]),
    "a set of lists": message(["e", ["l"]]),
    "an integer in words": message(["i", "0xzz"]),
    "an integer without end": message(["i", "0x" + "f" * 200_000]),
    "a float in words": message(["f", "1.0"]),
    "a complex number of strings": message(["c", "1", "2"]),
    "a range without steps": message(["r", 0, 1, 0]),
    "a handle nobody asked for": message(["h", 0, "function", "function", "f", True]),
    "a message inside a value": message(["m"], b"abc"),
    "an array that is a pickle": message(["a", "C"], b"\x80\x04N."),
    "an array of objects": message(["a", "C"], an_npy("'|O'")),
    "an array of structures": message(["a", "C"], an_npy("[('a', '<f8')]")),
    "an array of dates": message(["a", "C"], an_npy("'<M8[s]'")),
    "an array of empty strings": message(["a", "C"], an_npy("'<U0'", "(1000000000000,)", b"")),
    "an array with code for a header": message(["a", "C"], an_npy("'<f8'", "__import__('os').getpid()")),
    "an array of huge shape": message(["a", "C"], an_npy(shape="(1000000000, 1000000000)")),
    "an array of impossible shape": message(["a", "C"], an_npy(shape=f"(0, {HUGE}, {HUGE})", data=b"")),
    "an array of negative shape": message(["a", "C"], an_npy(shape="(-2,)")),
    "an array of 99 axes": message(["a", "C"], an_npy(shape="(" + "1, " * 99 + ")", data=bytes(8))),
    "an array cut short": message(["a", "C"], an_npy(data=bytes(15))),
    "an array with more behind": message(["a", "C"], an_npy(data=bytes(17))),
    "an array of another version": message(["a", "C"], an_npy(version=b"\x02\x00")),
    "an array whose header is announced": message(["a", "C"], b"\x93NUMPY\x01\x00\xff\xff"),
    "an array in no order": message(["a", "X"], an_npy()),
    "an array without order": message(["a", 1], an_npy()),
    "text beyond Unicode": message(["a", "C"], an_npy("'<U1'", data=b"\xff\xff\xff\x7f" * 2)),
    "text of half surrogates": message(["a", "C"], an_npy("'<U1'", data=b"\x00\xd8\x00\x00" * 2)),
    "objects that do not fill": message(["o", [3], 1, 2]),
    "objects of huge shape": message(["o", [0, 2**62, 2**62]]),
    "objects of negative shape": message(["o", [-1, -2], 1, 2]),
    "a scalar of another size": message(["n", "<f8", "00"]),
    "a scalar without digits": message(["n", "<f8", "zz"]),
    "a scalar that is an object": message(["n", "|O", "00" * 8]),
    "a scalar of a list": message(["n", ["l"], 0]),
    "a numpy string of bytes": message(["nu", ["b"]], b"a"),
    "a tensor of an unknown dtype": message(["T", "float33", False, ["a", "C"]], an_npy()),
    "a tensor of other values": message(["T", "float32", False, ["a", "C"]], an_npy()),
    "a tensor of a list": message(["T", "float64", False, ["l"]]),
    "a generator of a class of ours": message(generator_tree("Generator")),
    "a generator beyond 128 bits": message(generator_tree(state=["i", hex(1 << 128)])),
    "a generator in a negative state": message(generator_tree(state=-1)),
    "a generator with a secret": message(generator_tree(other=1)),
    "a generator of floats": message(generator_tree(state=1.5)),
    "a generator of booleans": message(generator_tree(state=True)),
}


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED)
def test_what_is_malformed_is_refused_soon(data):
    start = time.perf_counter()
    with pytest.raises(BridgeError):
        decode(data)
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize("pos", [-1, 625, 10**9])
def test_a_generator_cannot_point_outside_of_its_memory(pos):
    from autograder.bridge.arrays import generator

    with pytest.raises(BridgeError):
        generator("MT19937", {**MT, "state": {**MT["state"], "pos": pos}})


@pytest.mark.parametrize("seed", range(300))
def test_whatever_the_bytes_nothing_but_a_bridge_error_is_raised(seed):
    rng = np.random.default_rng(seed)
    data = bytearray(encode(random_value(rng)))
    for _ in range(rng.integers(1, 6)):
        at = rng.integers(len(data))
        match rng.integers(4):
            case 0:
                data[at] = rng.integers(256)
            case 1:
                del data[at:]
            case 2:
                data[at:at] = rng.bytes(rng.integers(1, 9))
            case 3:
                data[at : at + 1] = [b"[", b"]", b",", b"-", b"9", b'"', b"1e9"][rng.integers(7)]
        if not data:
            break
    try:
        decode(bytes(data), Bounds(bytes=1 << 20))
    except BridgeError:
        pass


def test_bounds_hold_while_reading():
    for data, bounds in [
        (encode(np.zeros(1000)), Bounds(bytes=4000)),
        (encode([[[[1]]]]), Bounds(depth=3)),
        (encode(list(range(1000))), Bounds(items=999)),
    ]:
        with pytest.raises(BridgeError):
            decode(data, bounds)


def test_booleans_of_any_bits_are_true_or_false():
    array = decode(message(["a", "C"], an_npy("'|b1'", data=b"\x02\x00")))
    assert array.tolist() == [True, False]
    assert array.view(np.uint8).tolist() == [1, 0]


def test_an_array_of_one_boolean_without_axes_is_an_array():
    for locked in (False, True):
        value = np.array(True)
        value.flags.writeable = not locked
        back = decode(encode(value))
        assert same(back, value)
        assert back.flags.writeable != locked


def test_npy_is_what_numpy_itself_reads(tmp_path):
    for array in (np.ones((2, 3)), np.asfortranarray(np.ones((2, 3))), np.array(1.5), np.array(["a", "bc"])):
        (tmp_path / "x.npy").write_bytes(b"".join(npy(array)))
        back = np.load(tmp_path / "x.npy", allow_pickle=False)
        assert np.array_equal(back, array)


def test_large_arrays_are_written_without_a_copy():
    array = np.zeros(1 << 20)
    assert any(np.shares_memory(np.frombuffer(c, np.uint8), array) for c in encode_chunks(array) if len(c) > 1000)


def test_handles_and_inner_messages_come_only_where_they_are_asked_for():
    data = encode([Odd()], hand=lambda thing: Handle(7, "instance", "Odd"))
    assert decode(data, take=lambda handle: handle.id) == [7]
    (inner,) = decode(encode([Nested([b"abc"])]), nested=True)
    assert bytes(inner.chunks[0]) == b"abc"


@pytest.mark.parametrize(
    "node",
    [
        ["h", -1, "function", "f", "f", True],
        ["h", True, "function", "f", "f", True],
        ["h", 1 << 60, "function", "f", "f", True],
        ["h", 1, "secret", "f", "f", True],
        ["h", 1, "function", 5, "f", True],
        ["h", 1, "function", "f", "f", 1],
        ["h", 1],
    ],
)
def test_a_forged_handle_is_refused(node):
    with pytest.raises(BridgeError):
        decode(message(node), take=lambda handle: handle)


LONE = [
    *(np.arange(6).reshape(2, 3).astype(t) for t in ("b1", "u1", "<i8", ">i4", "f2", "f4", "f8", ">f8", "c8", "c16")),
    *(np.asfortranarray(np.ones((2, 3))), np.ones(6)[::2], np.ones((0, 3)), np.array(2.5), np.full((), np.nan)),
]


@pytest.mark.parametrize("array", LONE, ids=lambda a: f"{a.dtype.str}-{a.shape}-{a.strides}")
@pytest.mark.parametrize("writeable", [True, False])
def test_an_array_alone_is_the_same_message_as_the_general_writer_makes(array, writeable):
    array = array.view()
    array.flags.writeable = writeable
    writer = writing._Writer(Bounds(), None)
    tree = writer.write(array, 0)
    header = json.dumps([writer.lengths, tree], separators=(",", ":")).encode()
    assert encode(array) == b"".join([b"DLB1", len(header).to_bytes(4, "big"), header, *writer.chunks])
    back = decode(encode(array))
    np.testing.assert_array_equal(back, array)
    assert back.dtype == array.dtype
    assert (back.flags.writeable, back.flags.c_contiguous) == (writeable, array.flags.c_contiguous)


@pytest.mark.parametrize(
    "header",
    [b'[[999],["a","C"]]', b'[[0],["a","C"]]', b'[[0136],["a","C"]]', b'[[136],["a","Cr"],1]', b'[[136],["a"]]'],
)
def test_an_array_alone_is_believed_no_more_than_any_other_message(header):
    body = encode(np.ones(1)).partition(b'"C"]]')[2]
    with pytest.raises(BridgeError):
        decode(b"DLB1" + len(header).to_bytes(4, "big") + header + body)
