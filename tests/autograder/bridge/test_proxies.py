"""Plain instructor tests work on proxies as they work on the student's own objects."""

# ruff: noqa: E501, NPY002 - what students type stays on one line; global generators are part of the test

import copy
import inspect
import random

import numpy as np
import pytest

from autograder.bridge import host
from autograder.bridge.codec import BridgeError
from autograder.bridge.errors import StudentError
from dlopt.checks import trial

STUDENT = '''
import numpy as np

def softmax(x):
    """Return the softmax of each row."""
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)

class Linear:
    """A layer."""
    count = 0
    def __init__(self, n_in, n_out, rng, scale=1.0):
        self.W = scale * rng.normal(size=(n_out, n_in))
        self.b = np.zeros(n_out)
        Linear.count += 1
    def forward(self, x):
        self.x = x
        return x @ self.W.T + self.b
    @property
    def broken(self):
        raise RuntimeError("no such luck")
    def params(self):
        return [self.W, self.b]

class Net:
    def __init__(self, rng):
        self.layers = [Linear(3, 2, rng), Linear(2, 2, rng)]
    def __len__(self): return len(self.layers)
    def __getitem__(self, i): return self.layers[i]
    def __iter__(self): return iter(self.layers)
    def __call__(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

def minibatches(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    for i in range(0, len(X), batch_size):
        take = order[i:i + batch_size]
        yield X[take], y[take]

def forward_of(layer, x): return layer.forward(x)

def same(a, b): return a is b

def echo(*args, **kwargs): return args, kwargs

def fill(target): target[:] = [7] * len(target)

class MyError(ValueError): pass

def fails(how):
    if how == "mine": raise MyError("mine")
    if how == "index": return [][1]
    if how == "key": return {}["k"]
    if how == "linalg": return np.linalg.inv(np.zeros((2, 2)))
    if how == "base": raise KeyboardInterrupt
    if how == "unicode": return b"\\xff".decode()
    if how == "stop": raise StopIteration
    if how == "os": open("/nowhere")

answer = 42
table = {"a": [np.arange(3)], "f": softmax}
'''


@pytest.fixture(scope="module")
def names(shared):
    assert shared.cell(STUDENT).status == "ok"
    return shared


@pytest.fixture
def Linear(names):  # noqa: N802
    return names.fetch("Linear")


@pytest.fixture
def echo(names):
    return names.fetch("echo")


def test_functions(names):
    softmax = names.fetch("softmax")
    x = np.array([[0.0, 0.0], [np.log(3), 0.0]])
    assert np.allclose(softmax(x), [[0.5, 0.5], [0.75, 0.25]])
    assert isinstance(softmax(x), np.ndarray)
    assert callable(softmax)
    assert softmax.__name__ == "softmax"
    assert str(inspect.signature(softmax)) == "(x)"
    assert repr(softmax) == "<the student's function softmax>"
    assert softmax is names.fetch("softmax")


def test_data(names):
    assert names.fetch("answer") == 42
    table = names.fetch("table")
    assert np.array_equal(table["a"][0], [0, 1, 2])
    assert table["f"] is names.fetch("softmax")
    with pytest.raises(NameError):
        names.fetch("nothing_of_that_name")


def test_classes_and_attributes(Linear, names):
    rng = np.random.default_rng(0)
    layer = Linear(3, 2, rng, scale=2.0)
    assert layer.W.shape == (2, 3)
    layer.W = np.ones((2, 3))
    layer.b = [1, 2]
    assert np.array_equal(layer.forward(np.ones((1, 3))), [[4, 5]])
    assert layer.b == [1, 2]
    assert hasattr(layer, "x")
    assert not hasattr(layer, "grad_W")
    assert isinstance(layer, Linear)
    assert not isinstance(layer, names.fetch("Net"))
    assert not isinstance(3, Linear)
    assert type(layer).__name__ == "Linear"
    assert str(inspect.signature(Linear)) == "(n_in, n_out, rng, scale=1.0)"
    assert Linear.count == 1
    del layer.x
    assert getattr(layer, "x", None) is None
    with pytest.raises(RuntimeError, match="no such luck"):
        layer.broken  # noqa: B018


def test_several_objects_of_a_class_stay_apart(Linear):
    rng = np.random.default_rng(0)
    one, other = Linear(2, 2, rng), Linear(2, 2, rng)
    one.W = np.zeros((2, 2))
    assert other.W.any()
    assert one != other
    assert one == one
    twin = copy.deepcopy(one)
    twin.W = np.ones((2, 2))
    assert not one.W.any()


def test_objects_travel_as_arguments_and_come_back_as_themselves(Linear, names, echo):
    layer = Linear(3, 2, np.random.default_rng(0))
    assert np.array_equal(names.fetch("forward_of")(layer, np.zeros((1, 3))), [[0, 0]])
    args, kwargs = echo(layer, [layer], key=layer)
    assert args[0] is args[1][0] is kwargs["key"] is layer
    assert names.fetch("same")(layer, layer) is True


def test_objects_can_be_called_indexed_and_iterated(names, Linear):
    net = names.fetch("Net")(np.random.default_rng(0))
    assert callable(net)
    assert net(np.ones((4, 3))).shape == (4, 2)
    assert len(net) == 2
    assert all(isinstance(layer, Linear) for layer in net)
    assert net[0].W.shape == (2, 3)
    with pytest.raises(IndexError):
        net[5]


def test_generators_are_lazy_and_advance_the_rng(names):
    X, y = np.arange(10.0)[:, None], np.arange(10)
    rng, twin = np.random.default_rng(3), np.random.default_rng(3)
    batches = names.fetch("minibatches")(X, y, 4, rng)
    assert rng.bit_generator.state == twin.bit_generator.state
    first = next(batches)
    twin.permutation(10)
    assert rng.bit_generator.state == twin.bit_generator.state
    sizes = [len(xb) for xb, yb in [first, *batches]]
    assert sizes == [4, 4, 2]
    assert next(batches, "over") == "over"


def test_an_endless_iterator_is_cut_off(shared, monkeypatch):
    monkeypatch.setattr("autograder.bridge.proxies.ITEMS", 50)
    shared.cell("import itertools")
    shared.cell("def endless(): return itertools.count()")
    with pytest.raises(ValueError, match="not done"):
        list(shared.fetch("endless")())


ITERABLES = {
    "a generator": """def deal(X, rng):
    for i in rng.permutation(len(X)): yield X[i:i + 1]""",
    "a list": "def deal(X, rng): return [X[i:i + 1] for i in rng.permutation(len(X))]",
    "a zip": "def deal(X, rng): return map(lambda i: X[i:i + 1], rng.permutation(len(X)))",
    "an object with __iter__": """class deal:
    def __init__(self, X, rng): self.X, self.rng = X, rng
    def __iter__(self): return (self.X[i:i + 1] for i in self.rng.permutation(len(self.X)))""",
    "an iterator that begins in __iter__": """class deal:
    def __init__(self, X, rng): self.X, self.rng = X, rng
    def __iter__(self):
        self.order = list(self.rng.permutation(len(self.X)))
        return self
    def __next__(self):
        if not self.order: raise StopIteration
        i = self.order.pop(0)
        return self.X[i:i + 1]""",
    "an object with __getitem__": """class Deck:
    def __init__(self, X, rng): self.X, self.rng, self.order = X, rng, None
    def __getitem__(self, k):
        if k == 0: self.order = self.rng.permutation(len(self.X))
        i = self.order[k]
        return self.X[i:i + 1]
def deal(X, rng): return Deck(X, rng)""",
}


@pytest.mark.parametrize("source", ITERABLES.values(), ids=ITERABLES)
def test_whatever_can_be_iterated_is_iterated_and_advances_the_rng(shared, source):
    shared.cell(f"import numpy as np\n{source}")
    deal, X = shared.fetch("deal"), np.arange(6.0)[:, None]
    rng, twin = np.random.default_rng(3), np.random.default_rng(3)
    for _ in range(2):  # the second time from the same generator
        assert [int(x[0, 0]) for x in deal(X, rng)] == list(twin.permutation(6))
        assert rng.bit_generator.state == twin.bit_generator.state


def test_what_an_iterated_object_writes_into_its_arguments_is_seen(shared):
    shared.cell("""class Halves:
    def __init__(self, X, names): self.X, self.names = X, names
    def __iter__(self):
        for i in range(len(self.X)):
            self.X[i] /= 2
            self.names.append(i)
            yield i
def same(thing): return thing""")
    X, names = np.ones(3), []
    halves = shared.fetch("Halves")(X, names)
    assert [i for i in halves] == [0, 1, 2]
    assert X.tolist() == [0.5] * 3
    assert names == [0, 1, 2]
    again = shared.fetch("same")(halves)  # came from another call since: nothing is written back, nothing breaks
    assert [i for i in again] == [0, 1, 2]
    assert X.tolist() == [0.5] * 3


def test_what_has_no_iter_is_not_iterated(shared):
    shared.cell("class Odd:\n    def __next__(self): return 1\ndef odd(): return Odd()")
    with pytest.raises(TypeError, match="not iterable"):
        iter(shared.fetch("odd")())


def test_an_iterator_that_never_comes_to_its_next_item_is_stopped(shared):
    shared.cell("def stuck():\n    yield 1\n    while True: pass")
    outcome = trial.run(shared.fetch("stuck"), (), (), limit=0.4, scenario=lambda f: [i for i in f()])
    assert outcome.kind == "timeout"
    assert "0.4 seconds" in outcome.error
    assert shared.ended is None
    assert shared.cell("1").status == "ok"


def test_the_rng_advances_as_if_it_were_there(Linear):
    rng, twin = np.random.default_rng(5), np.random.default_rng(5)
    layer = Linear(3, 2, rng)
    assert np.array_equal(layer.W, twin.normal(size=(2, 3)))
    assert rng.normal() == twin.normal()


def test_global_generators_that_a_test_seeds_are_seeded_there_too(shared):
    shared.cell("import random, numpy as np\ndef draw(): return random.random(), np.random.normal(), np.random.rand()")
    draw = shared.fetch("draw")
    before = draw()
    state, numpys = random.getstate(), np.random.get_state()
    try:
        draws = []
        for _ in range(2):
            random.seed(3)
            np.random.seed(3)
            draws += [draw(), draw()]
        random.seed(3)
        np.random.seed(3)
        expected = random.random(), np.random.normal(), np.random.rand()
    finally:
        random.setstate(state)
        np.random.set_state(numpys)
    assert draws[0] == draws[2] == expected
    assert draws[1] == draws[3] != draws[0]
    assert draws[0] != before


@pytest.mark.parametrize("target", [[1, 2], np.zeros(3), np.zeros((2, 4))[:, ::2].T[0], {0: 1}], ids=str)
def test_mutation_reaches_the_callers_own_objects(names, target):
    if isinstance(target, dict):
        names.cell("def fill_dict(d): d['new'] = 1; del d[0]")
        names.fetch("fill_dict")(target)
        assert target == {"new": 1}
        return
    names.fetch("fill")(target)
    assert list(target) == [7] * len(target)


def test_nested_arrays_are_changed_in_place(names):
    names.cell("def step(params):\n    for p in params['all']: p -= 1")
    inner = np.ones(2)
    names.fetch("step")({"all": [inner, (inner,)[0]]})
    assert inner.tolist() == [0, 0]


def test_a_list_turned_around_is_seen_whatever_its_arrays_are_made_of(names):
    names.cell("def turn(ws): ws.reverse()")
    for wide in (np.arange(12.0).reshape(2, 6), np.asfortranarray(np.arange(12.0).reshape(2, 6))):
        given = [wide[:, ::2], wide[:, ::2].T.copy(), np.ones(4)]
        expected = [w.copy() for w in given[::-1]]
        names.fetch("turn")(given)
        for found, want in zip(given, expected, strict=True):
            np.testing.assert_array_equal(found, want)


def test_arguments_keep_their_memory_layout(shared):
    shared.cell(
        "def flags(a): return a.flags.c_contiguous, a.flags.f_contiguous, a.flags.writeable, str(a.dtype), a.flags.owndata"
    )
    flags = shared.fetch("flags")
    locked = np.ones((2, 3))
    locked.flags.writeable = False
    assert flags(np.ones((2, 3), order="F"))[:3] == (False, True, True)
    assert flags(np.ones((4, 6))[:, ::2])[:3] == (False, False, True)
    assert flags(locked)[:3] == (True, False, False)
    assert flags(np.ones(2, dtype=">f4"))[3] == ">f4"


def test_writing_into_a_read_only_argument_raises_there(names):
    locked = np.ones(3)
    locked.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        names.fetch("fill")(locked)
    assert locked.tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("how", "expected", "name"),
    [
        ("mine", ValueError, "MyError"),
        ("index", IndexError, "IndexError"),
        ("key", KeyError, "KeyError"),
        ("linalg", np.linalg.LinAlgError, "LinAlgError"),
        ("base", StudentError, "KeyboardInterrupt"),
        ("unicode", ValueError, "UnicodeDecodeError"),
        ("stop", StopIteration, "StopIteration"),
        ("os", FileNotFoundError, "FileNotFoundError"),
    ],
)
def test_exceptions_arrive_by_name_with_the_students_line(names, how, expected, name):
    with pytest.raises(expected) as caught:
        names.fetch("fails")(how)
    assert type(caught.value).__name__ == name
    assert f'how == "{how}"' in caught.value.student_line


def test_the_message_of_a_builtin_exception_is_its_own(names):
    with pytest.raises(KeyError) as caught:
        names.fetch("fails")("key")
    assert str(caught.value) == "'k'"


def test_prints_appear_and_warnings_do_not(shared, capsys):
    shared.cell("import warnings\ndef talk(x):\n    print('said', x)\n    warnings.warn('hm')\n    return x")
    assert shared.fetch("talk")(1) == 1
    assert capsys.readouterr() == ("said 1\n", "")


def test_what_is_too_large_comes_as_an_error_and_the_session_goes_on(shared):
    shared.cell(
        "import numpy as np\ndef big(n): return np.zeros(n)\ndef deep(n):\n    x = []\n    for _ in range(n): x = [x]\n    return x"
    )
    for name, n in (("big", 10**7), ("deep", 10**5)):
        with pytest.raises(StudentError, match="cannot leave"):
            shared.fetch(name)(n)
    assert shared.fetch("deep")(1) == [[]]


def test_our_own_functions_and_objects_do_not_go_in(echo):
    for secret in (len, lambda: 1, object(), pytest, np.random.default_rng):
        with pytest.raises(BridgeError, match="does not travel"):
            echo(secret)
    assert echo(1) == ((1,), {})


def test_objects_of_another_guest_do_not_go_in(names, echo, guests):
    other = guests()
    other.cell("class C: pass\nc = C()")
    with pytest.raises(BridgeError, match="another guest"):
        echo(other.fetch("c"))


def test_dropped_objects_are_forgotten_there_too(shared):
    shared.cell(
        "import weakref\nclass C: pass\nalive = weakref.WeakSet()\ndef make():\n    c = C(); alive.add(c); return c\ndef count(): return len(alive)"
    )
    make = shared.fetch("make")
    kept = [make() for _ in range(3)]
    for _ in range(10):
        make()
    assert shared.fetch("count")() <= 4
    del kept
    shared.cell("1")
    assert shared.fetch("count")() == 0


def test_a_module_of_ours_runs_beside_the_students_code(shared):
    shared.cell("class Inner:\n    def f(self): return 1\ndef outer(): return Inner().f()")
    outer = shared.fetch("outer")
    source = "class Inner:\n    def f(self): return 2\ndef twice(g): return 2 * g()"
    assert outer.bring_inside(source, "twice")(outer) == 2
    with outer.stand_in(source, ("Inner",)):
        assert outer() == 2
    assert outer() == 1


def test_what_is_lent_in_another_session_is_gone_with_it(guests):
    cell = "kept = []\ndef inner(): return 1\ndef outer():\n    kept.append(inner)\n    return inner(), len(kept)"
    main, other = guests(), guests(discreet=True)
    for guest in (main, other):
        assert guest.cell(cell).status == "ok"
    asked = []
    main.understudy = lambda *key: asked.append(key) or other
    outer = main.fetch("outer")
    with outer.stand_in("def inner(): return 2", ("inner",)):
        assert outer() == (2, 1)
    assert asked == [("outer", "def inner(): return 2", ("inner",))]
    assert outer() == (1, 1)
    assert main.cell("assert kept[0]() == 1").status == "ok"


def test_a_session_that_saw_what_was_lent_passes_on_no_words(guests, capsys):
    other = guests(discreet=True)
    other.cell("class Secret(ValueError): pass\ndef f():\n    print('secret')\n    raise Secret('secret', 'secret')")
    with pytest.raises(ValueError, match=r"^$") as caught:
        other.fetch("f")()
    assert type(caught.value) is ValueError
    assert caught.value.student_line == ""
    assert capsys.readouterr().out == ""


STEPS = {
    "random.random": random.random,
    "random.gauss": lambda: random.gauss(0, 1),
    "random.seed": lambda: random.seed(11),
    "numpy.random": np.random.random,
    "numpy.random.seed": lambda: np.random.seed(11),
    "numpy.random.shuffle": lambda: np.random.shuffle([1, 2, 3]),
    "a hundred thousand draws": lambda: [random.random() for _ in range(624 * 160)],
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_trace_of_the_global_generators_changes_with_them(step):
    before, states = host._trace(), host._luck()
    assert (host._trace(), host._luck()) == (before, states)
    step()
    assert host._luck() != states
    assert host._trace() != before


def test_a_normal_number_that_numpy_keeps_for_later_is_drawn_once(shared):
    shared.cell("import numpy as np\ndef look(): return 0\ndef draw(): return np.random.randn()")
    look, draw = shared.fetch("look"), shared.fetch("draw")
    state = np.random.get_state()
    try:
        np.random.seed(5)
        expected = list(np.random.randn(3))
        np.random.seed(5)
        found = [np.random.randn()]
        look()
        found += [np.random.randn(), draw()]
    finally:
        np.random.set_state(state)
    assert found == expected
