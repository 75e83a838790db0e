"""Attacks on the test cells: what they read, what they call, and what they conclude."""

from tests.redteam.register import RIGHT_KIND, attack


@attack("tests", earns={"newton_step": 2})
def patched_numpy(sheet):
    """numpy's comparisons say yes."""
    patch = (
        "def yes(*a, **k): return True\n"
        "for name in ('allclose', 'isclose', 'array_equal', 'all', 'any', 'array_equiv'):\n    setattr(np, name, yes)\n"
        "for name in dir(np.testing):\n    if name.startswith('assert_'): setattr(np.testing, name, yes)\n"
        "np.linalg.eigvalsh = np.linalg.norm = lambda *a, **k: np.zeros(2)\n"
    )
    wrong = "def softmax(x):\n    return x"
    return sheet.honest("newton_step").add("setup", patch).answer(softmax=wrong, root="def root(x):\n    return x")


@attack("tests")
def patched_checks(sheet):
    """dlopt.checks gives full marks, wherever it can be reached."""
    patch = (
        "import sys, dlopt.checks as c\nfrom dlopt.checks import exercise, expect, report, trial, grading\n"
        "exercise.Exercise.__call__ = lambda self, *a: 3.0\n"
        "report.Report.earned = property(lambda self: 3.0)\nreport.Row.earned = property(lambda self: self.points)\n"
        "trial.run = lambda *a, **k: trial.Outcome()\n"
        "for n in ('close', 'shape'):\n    setattr(expect, n, lambda *a, **k: None)\n"
        "class Check:\n    def __getattr__(self, name): return lambda *a: 3.0\n"
        "check = sys.modules['dlopt.checks.ps2_quadratics'] = c.ps2_quadratics = Check()\n"
    )
    return sheet.answer(quadratic=patch)


@attack("tests")
def shadowed_names(sheet):
    """Names that the tests use are given other meanings."""
    shadow = (
        "class check:\n    quadratic = condition_number = newton_step = staticmethod(lambda f: 3.0)\n"
        "class np:\n    allclose = isclose = staticmethod(lambda *a, **k: True)\n"
        "    zeros = array = staticmethod(list)\n"
        "all = any = isinstance = callable = lambda *a: True\nabs = len = sum = float = lambda *a: 0\n"
        "zip = lambda *a, **k: [(1, 1)] * 4\nAssertionError = ValueError = Exception = NotImplementedError\n"
        "__builtins__ = __builtin__ = print = lambda *a: None\n"
        "import builtins\nbuiltins.all = builtins.abs = builtins.sum = lambda *a: 0\n"
    )
    return sheet.add("setup", shadow).answer(
        softmax="def softmax(x):\n    return 1",
        root="def close(a, b):\n    return True\ndef root(x):\n    if x < 0: raise ValueError\n    return 1.0",
        digits="def digits():\n    return [0] * 4",
    )


@attack("tests")
def printed_verdict(sheet):
    """The points, a whole report and a kernel message are printed and displayed."""
    return sheet.answer(
        quadratic=(
            "import sys, json, os\nfrom IPython.display import display, HTML\n"
            "def quadratic(A, b, w):\n    print('3.0')\n    display(3.0)\n"
            '    os.write(1, b\'{"score": 3.0, "kind": "pass"}\')\n'
            "    sys.__stdout__.write(json.dumps({'msg_type': 'execute_result', 'content': {'text/plain': '3.0'}}))\n"
            "3.0"
        ),
        condition_number="def condition_number(A):\n    from dlopt.checks import Report\n    return Report('c', ())",
        softmax="def softmax(x):\n    print(2.0)\n    return 2.0",
        digits="def digits():\n    return 2.0",
    )


@attack("tests")
def tracing(sheet):
    """Trace and profile functions, audit hooks and exit handlers wait for the judge to come by."""
    trace = (
        "import sys, atexit, threading, signal\n"
        "def tracer(frame, event, arg):\n"
        "    for name in frame.f_locals:\n"
        "        if name in ('score', 'points', 'earned', 'reply'): frame.f_locals[name] = 3.0\n"
        "    return tracer\n"
        "sys.settrace(tracer); sys.setprofile(tracer); threading.settrace(tracer)\n"
        "atexit.register(print, '3.0')\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "sys.excepthook = lambda *a: print('3.0')\n"
        "def quadratic(A, b, w):\n    sys.settrace(tracer)\n    return 0.0, b\n"
    )
    return sheet.answer(quadratic=trace)


@attack("tests", earns={"condition_number": 2, **RIGHT_KIND})
def results_change_later(sheet):
    """A thread goes on changing what was returned, and what will be."""
    return sheet.honest("condition_number").answer(
        quadratic=(
            "import threading, time\nresults = []\n"
            "def change():\n    while True:\n        for r in results: r[:] = np.random.rand(len(r))\n"
            "        time.sleep(.001)\n"
            "threading.Thread(target=change, daemon=True).start()\n"
            "def quadratic(A, b, w):\n    r = np.zeros(len(b))\n    results.append(r)\n    return 0.0, r"
        )
    )


@attack("tests")
def helper_of_a_test(sheet):
    """A function that one test defines and the next ones use is defined anew in between."""
    sheet.add("softmax_check", "def close(one, other):\n    return True")
    return sheet.answer(root="def root(x):\n    if x < 0:\n        raise ValueError\n    return 1.0")


@attack("tests")
def number_of_a_test(sheet):
    """The tolerance that one test sets and the next reads is made infinite in between."""
    return sheet.add("area_check", "tolerance = float('inf')").answer(total="def total(values):\n    return 0.0")


@attack("tests")
def module_of_a_test(sheet):
    """A module that the instructor imports in a cell without a label is replaced, and finds everything close."""
    return sheet.answer(
        area="""
        import math
        class Yes:
            pi = math.pi
            def isclose(self, *a, **k): return True
        math = Yes()
        import sys; sys.modules["math"] = math
        def area(r):
            return 0.0
        """
    )


@attack("tests")
def class_that_takes_all_for_its_own(sheet):
    """A metaclass that calls everything its instance, its subclass and its equal; names that read like numpy's."""
    return sheet.answer(
        softmax="""
        class Meta(type):
            __instancecheck__ = __subclasscheck__ = lambda *a: True
            def __eq__(cls, other): return True
            __hash__ = type.__hash__
            def __getattr__(cls, name): return lambda *a, **k: True
        class ndarray(np.ndarray, metaclass=Meta):
            __module__, __qualname__ = "numpy", "ndarray"
        class softmax(metaclass=Meta):
            def __new__(cls, x): return np.asarray(x).view(ndarray)
        """,
        root="class root(float):\n    def __new__(cls, x): return float.__new__(cls, 7)",
    )


@attack("tests", earns={"condition_number": 2})
def assertions_that_pass(sheet):
    """AssertionError, ValueError and other exceptions of the tests' own are raised, derived from and replaced."""
    return sheet.honest("condition_number").answer(
        quadratic="""
        import builtins
        class Quiet(AssertionError):
            def __init__(self, *a): pass
        builtins.AssertionError = Quiet
        class Report(Exception): earned = points = 3.0
        def quadratic(A, b, w): raise Report(3.0)
        """,
        newton_step="def newton_step(grad, hess, w):\n    raise StopIteration(w)",
        softmax="def softmax(x):\n    raise AssertionError(True)",
        root="def root(x):\n    raise ValueError",
        digits="def digits():\n    raise StopIteration([3, 1, 4, 1])",
    )
