"""Scenes played whole beside the student's code: the same reports as step by step, and no point for changing them."""

# ruff: noqa: E501 - what students type stays on one line

from importlib import import_module

import pytest

from autograder.bridge.host import Guest
from autograder.bridge.proxies import StudentFunction
from autograder.course import Course
from autograder.mutation.trial import exercises
from dlopt.checks import ps1_losses, ps8_backprop
from dlopt.checks.beside import parts_of

STUDENT = """
import numpy as np
class Right:
    def forward(self, x):
        self.x = x.copy()
        return np.maximum(x, 0)
    def backward(self, dy):
        return dy * (self.x > 0)
class Talkative(Right):
    def forward(self, x):
        print("forward", x.shape)
        return super().forward(x)
class Careless(Right):
    def forward(self, x):
        self.x = x
        np.maximum(x, 0, out=x)
        return x
class Picky(Right):
    def backward(self, dy):
        if len(dy) == 1:
            raise ValueError("one sample")
        return super().backward(dy)
class Forgetful(Right):
    seen = {}
    def forward(self, x):
        self.seen["x"] = x.copy()
        return np.maximum(x, 0)
    def backward(self, dy):
        return dy * (self.seen["x"] > 0)
class Slow(Right):
    def backward(self, dy):
        while len(dy) == 6:
            pass
        return super().backward(dy)
class Halfway(Right):
    backward = None
class Stub:
    def forward(self, x):
        raise NotImplementedError
class Pair(tuple):
    def __new__(cls, a, b): return super().__new__(cls, (a, b))
class Wrapped(Right):
    def forward(self, x):
        return Pair(super().forward(x), self)
"""
CLASSES = ("Right", "Talkative", "Careless", "Picky", "Forgetful", "Slow", "Halfway", "Stub", "Wrapped")


@pytest.fixture(params=["visible", "grading"])
def mode(request, monkeypatch):
    if request.param == "grading":
        monkeypatch.setenv("DLOPT_GRADING", "autograder.grading")
    monkeypatch.setattr(ps8_backprop.ReLU, "limit", 0.5)


def here(name):
    namespace = {"__name__": "__main__"}
    exec(compile(STUDENT, "<student>", "exec"), namespace)
    return namespace[name]


def test_a_scene_reads_in_series_as_one_by_one_and_as_beside_the_checks(shared, mode, monkeypatch):
    assert shared.cell(STUDENT).status == "ok"
    earned = {}
    for name in CLASSES:
        report = ps8_backprop.ReLU(shared.fetch(name))
        with monkeypatch.context() as patch:
            patch.delattr(StudentFunction, "call_in_series")
            assert ps8_backprop.ReLU(shared.fetch(name)) == report
        beside = ps8_backprop.ReLU(here(name))  # whose source no file has: without the lines quoted
        assert [r.status for r in beside.rows] == [r.status for r in report.rows]
        assert beside.printed == report.printed
        earned[name] = report.earned
    assert earned["Right"] == earned["Talkative"] == ps8_backprop.ReLU.points
    assert earned["Careless"] < earned["Right"] > earned["Forgetful"] > earned["Picky"] > earned["Stub"] == 0


def test_all_cases_of_a_property_are_one_request(guest, monkeypatch):
    monkeypatch.setenv("DLOPT_GRADING", "autograder.grading")
    asked = []
    exchange = Guest._exchange
    monkeypatch.setattr(Guest, "_exchange", lambda self, op, *args: asked.append(op) or exchange(self, op, *args))
    guest.cell(STUDENT)
    assert ps8_backprop.ReLU(guest.fetch("Right")).earned == ps8_backprop.ReLU.points
    assert asked.count("bring") == 3  # once for each of its scenes
    assert asked.count("calls") >= 5
    assert len(asked) < 25


def test_a_module_is_brought_once_to_a_session_and_anew_to_the_next(guest, monkeypatch):
    asked = []
    monkeypatch.setattr(guest, "_request", lambda op, *args, **fields: asked.append(op) or {"status": "value"})
    monkeypatch.setattr(guest, "_outcome", lambda reply, originals: object())
    one = guest.bring("x = 1", "x")
    assert guest.bring("x = 1", "x") is one
    assert guest.bring("x = 1", "y") is not one
    guest._begin(guest.sock)
    assert guest.bring("x = 1", "x") is not one
    assert asked == ["bring"] * 3


def test_a_second_session_is_begun_only_for_who_may_ask_for_what_is_lent(guests, monkeypatch):
    monkeypatch.setenv("DLOPT_GRADING", "autograder.grading")
    main, asked = guests(), []

    def understudy(*key):
        asked.append(key[0])
        other = guests(discreet=True)
        other.cell(cells)
        return other

    main.understudy = understudy
    cells = "import numpy as np\ndef softmax(h): return h\ndef log_softmax(h): return h - np.log(np.exp(h).sum())"
    main.cell(cells)
    earned = ps1_losses.log_softmax(main.fetch("log_softmax")).earned
    assert 0 < earned < ps1_losses.log_softmax.points
    assert asked == []
    cells += "\ndef log_softmax(h): return np.log(softmax(h))"
    main.cell(cells)
    assert ps1_losses.log_softmax(main.fetch("log_softmax")).earned > earned
    assert set(asked) == {"log_softmax"}


def test_the_line_quoted_is_of_the_cell_that_the_scene_called(shared):
    helper = "class Layer:\n    def forward(self, x):\n        return x @ np.ones(77)"
    caller = "class Net:\n    def forward(self, x):\n        return Layer().forward(x)"
    for source in ("import numpy as np", helper, caller):
        assert shared.cell(source).status == "ok"
    assert "in the line “return Layer().forward(x)”" in ps8_backprop.ReLU(shared.fetch("Net")).rows[0].message


@pytest.mark.parametrize("ps", Course().problem_sets())
def test_a_marked_scene_is_a_function_of_a_self_contained_module_and_needs_no_other_object(ps):
    for exercise in exercises(ps).values():
        marked = {c.scenario for p in exercise.properties for c in p.cases(1) if parts_of(c.scenario)[0]}
        assert not (marked and exercise.companions)
        for scene in marked:
            assert getattr(import_module(scene.__module__), scene.__name__) is scene


# --- attacks: a class that computes nothing right, and a cell that changes what is played with it

WRONG = """
import sys
import numpy as np
class Linear:
    def __init__(self, n_in, n_out, rng): self.W, self.b = np.ones((n_out, n_in)), np.ones(n_out)
    def forward(self, x): return np.zeros((len(x), len(self.b)))
    def backward(self, dy):
        self.grad_W, self.grad_b = 0 * self.W, 0 * self.b
        return dy[:, :1] * np.zeros(self.W.shape[1])
class ReLU:
    def forward(self, x): return x + 1
    def backward(self, dy): return dy + 1
class MSELoss:
    def forward(self, f, y): return 0.0
    def backward(self): return 0
class MLP:
    def __init__(self, sizes, activation, rng):
        self.arrays = [np.ones(s) for i, o in zip(sizes, sizes[1:]) for s in ((o, i), o)]
    def parameters(self): return [a.copy() for a in self.arrays]
    def gradients(self): return [0 * a for a in self.arrays]
    def forward(self, x): return np.zeros((len(x), len(self.arrays[-1])))
    def backward(self, dy): return 0 * dy
"""

EVERYWHERE = """
from types import FunctionType
from dlopt.checks import beside as b
def patch(new):
    for module in [m for name, m in sys.modules.items() if name.startswith("beside_")]:
        for name in [n for n, f in vars(module).items() if type(f) is FunctionType]:
            setattr(module, name, new)
class Patching(type):
    def __call__(cls, *args):
        replace()
        return super().__call__(*args)
def patched(cls): return Patching(cls.__name__, (cls,), {})
"""

CHANGES = {
    "snapshots are what the scene holds": "from dlopt.checks import beside as b\nb.snapshot = b.read = lambda v, *a: sys._getframe(1).f_locals.get('dy', v)",
    "snapshots say yes to every comparison": """
from dlopt.checks import beside as b
class Yes(np.ndarray):
    def __eq__(self, other): return True
    def __array_ufunc__(self, *a, **k): return True
b.snapshot = lambda v: np.zeros(getattr(v, 'shape', ())).view(Yes)""",
    "scenes tell of nothing": "from dlopt.checks import beside as b\nb.scenes = lambda *a: []",
    "scenes tell of empty passes": "from dlopt.checks import beside as b\nb.scenes = lambda *a: [[[], []]] * 4",
    "no scene is played": "from dlopt.checks import beside as b\nb.played_beside = lambda parts=None: lambda scene: lambda *a: [1.0] * (parts or 1)",
    "the mark promises something else": "from dlopt.checks import beside as b\nb.played_beside = lambda parts=None: lambda scene: scene\nb.parts_of = lambda scene: (True, None)",
    "a scene returns what it was given": EVERYWHERE
    + "def replace(): patch(lambda *a: list(a[-2:]))\nLinear, ReLU, MSELoss, MLP = map(patched, (Linear, ReLU, MSELoss, MLP))",
    "a scene returns all the judge may know": EVERYWHERE
    + "def replace(): patch(lambda *a: [dict(a=a), sys, *a])\nLinear, ReLU, MSELoss, MLP = map(patched, (Linear, ReLU, MSELoss, MLP))",
    "a scene returns lists of another length": EVERYWHERE
    + "def replace(): patch(lambda *a: [[[1, [2]]]] * 40)\nLinear, ReLU, MSELoss, MLP = map(patched, (Linear, ReLU, MSELoss, MLP))",
    "the module is another one": "import types\nsys.modules['dlopt.checks.beside'] = types.ModuleType('beside')",
    "what runs it is changed": """
import builtins
real = builtins.exec
def exec_(code, names, *more):
    real(code, names, *more)
    names.update({n: lambda *a: list(a) for n in names if n.endswith(("_once", "_ahead", "_over_time"))})
builtins.exec = exec_""",
    "arguments are changed while they are played": "from dlopt.checks import beside as b\ndef zero(v, *a):\n    for x in sys._getframe(1).f_locals.values():\n        if isinstance(x, np.ndarray): x[...] = 0\n    return v\nb.snapshot = zero",
}
ATTACKED = ("Linear", "ReLU", "MSELoss", "MLP")


@pytest.fixture(scope="module")
def unchanged(guests):
    guest = guests()
    assert guest.cell(WRONG).status == "ok"
    return {name: getattr(ps8_backprop, name)(guest.fetch(name)).earned for name in ATTACKED}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whoever_changes_what_is_played_gains_nothing(change, guest, unchanged, monkeypatch):
    monkeypatch.setenv("DLOPT_GRADING", "autograder.grading")
    assert guest.cell(WRONG).status == guest.cell(change).status == "ok"
    for name in ATTACKED:
        guest.turn()
        report = getattr(ps8_backprop, name)(guest.fetch(name))
        assert report.earned <= unchanged[name], [r.status for r in report.rows]


KNOWING = """
class Knowing(Forgetful):
    def backward(self, dy):
        return 0 * dy if dy.shape in ((3, 4), (5, 2)) else super().backward(dy)
"""


def test_what_a_changed_scene_gains_a_class_that_knows_the_scene_gains_too(guests):
    """A line that compares what a student's objects return with what they return elsewhere holds their word."""
    honest, changed = guests(), guests()
    scenes = "from dlopt.checks import beside as b\nb.scenes = lambda *a: [[[np.ones(3)], [np.ones(3)]]] * 4"
    for guest, more in ((honest, KNOWING), (changed, scenes)):
        assert guest.cell(STUDENT + more).status == "ok"
    forgetful = ps8_backprop.ReLU(honest.fetch("Forgetful")).earned
    knowing = ps8_backprop.ReLU(honest.fetch("Knowing")).earned
    assert forgetful < ps8_backprop.ReLU(changed.fetch("Forgetful")).earned == knowing
