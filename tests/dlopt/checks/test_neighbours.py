"""What a student's function finds where it was written, and whether it may ask for a name."""

import functools
import types

import numpy as np
import pytest

from dlopt.checks.neighbours import neighbour, reads

NOTEBOOK = """
import functools
import numpy as np
from numpy import exp

def softmax(z): return z
def log(z): return exp(z)
def stub(z): raise NotImplementedError()
def itself(z): return itself(z - 1) if z else 0
def direct(z): return softmax(z)
def helped(z): return direct(z)
def helped_twice(z): return [helped(x) for x in z]
def by_lambda(z): return (lambda x: softmax(x))(z)
def by_generator(z): return sum(softmax(x) for x in z)
def by_attribute(z): return tools.softmax(z)
def by_text(z): return tools["softmax"](z)
def by_dict(z): return kept["s"](z)
def by_default(z, s=direct): return s(z)
def by_keyword(z, *, s=direct): return s(z)
def by_object(z): return thing.forward(z)
def by_partial(z): return part(z)
def by_cache(z): return cached(z)
def by_vectorize(z): return vector(z)
def by_ufunc(z): return ufunc(z)
def by_array(z): return array[0](z)
def by_method(z): return bound(z)
def by_namespace(z): return globals()["soft" + "max"](z)
def by_eval(z): return eval("soft" + "max")(z)
def by_itself(z): return by_itself.tool(z)
def made():
    def inner(z): return softmax(z)
    return inner
def decorated_by(function):
    @functools.wraps(function)
    def inner(*args): return function(*args)
    return inner

class Layer:
    def forward(self, z): return self.help(z)
    @staticmethod
    def help(z): return softmax(z)
class Deeper(Layer):
    def twice(self, z): return 2 * z
class Other:
    def forward(self, z): return log(z)
class Property:
    def forward(self, z): return self.way
    @property
    def way(self): return softmax(1)
class Lying:
    def forward(self, z): return z
    @property
    def __class__(self): raise RuntimeError("nobody may ask")

kept, array, thing, other, lying = {"s": direct}, np.array([direct, None]), Layer(), Other(), Lying()
part, cached, vector = functools.partial(direct), functools.lru_cache(direct), np.vectorize(direct)
ufunc, bound, closure, by_itself.tool = np.frompyfunc(direct, 1, 1), thing.forward, made(), direct
alias = softmax
@decorated_by
def decorated(z): return softmax(z)
@decorated_by
def decorated_too(z): return log(z)
def by_alias(z): return alias(z)
def by_other(z): return other.forward(z)
def by_lying(z): return lying.forward(z)
def says_so(z):
    'softmax is not used here'
    raise ValueError("call softmax first")
def local(z):
    softmax = log
    return softmax(z)
"""
READ = """
direct helped helped_twice by_lambda by_generator by_attribute by_text by_dict by_default by_keyword by_object
by_partial by_cache by_vectorize by_ufunc by_array by_method by_namespace by_eval by_itself closure decorated
Layer Deeper Property
""".split()
READ_NOT = "log stub itself decorated_too by_alias by_other by_lying says_so local Other".split()


@pytest.fixture(scope="module")
def notebook():
    names = {"__name__": "__main__"}
    exec(NOTEBOOK, names)
    return names


def test_a_neighbour_is_what_a_name_means_where_a_function_was_written(notebook):
    assert neighbour(notebook["helped"], "direct") is notebook["direct"]
    assert neighbour(notebook["helped"], "nothing") is None
    assert neighbour(3.0, "direct") is None


@pytest.mark.parametrize("name", READ)
def test_whoever_may_ask_for_a_name_is_seen(notebook, name):
    assert reads(notebook[name], ["nothing", "softmax"])


@pytest.mark.parametrize("name", READ_NOT)
def test_whoever_cannot_ask_for_a_name_is_told(notebook, name):
    assert not reads(notebook[name], ["nothing", "softmax"])


@pytest.mark.parametrize("candidate", [len, 3.0, functools.partial(len), type("Empty", (), {}), types])
def test_what_has_no_code_to_look_at_may_read_anything(candidate):
    assert reads(candidate, ["softmax"])


def test_what_holds_too_much_to_be_looked_at_may_read_anything():
    names = {"held": [[] for _ in range(5000)]}
    exec("def function(): return held", names)
    assert reads(names["function"], ["softmax"])


def test_names_that_are_deleted_and_arrays_without_objects_are_no_obstacle():
    names = {"held": np.ones(3)}
    exec("def function(): return held + gone", names)
    assert not reads(names["function"], ["softmax"])
    assert reads(names["function"], ["gone"])
