"""Attacks by what a function returns: objects, subclasses and numbers that would like to be right."""

from tests.redteam.register import attack

WRONG_NUMBERS = {"condition_number": 0.75, "newton_step": 0.5}  # what numbers of the right kind earn, right or not


@attack("values", kinds={"softmax": "error"})
def equal_to_everything(sheet):
    """An object that is equal to all there is."""
    lie = (
        "class Yes:\n    __array_priority__ = 1e9\n"
        "    def __getattr__(self, name): return self\n"
        "    def __call__(self, *a, **k): return self\n"
        "    def __eq__(self, other): return True\n"
        "    def __ne__(self, other): return False\n    def __bool__(self): return True\n"
        "    def __lt__(self, other): return True\n    __le__ = __gt__ = __ge__ = __lt__\n"
        "    def __sub__(self, other): return 0.0\n    __rsub__ = __add__ = __radd__ = __abs__ = __sub__\n"
        "    def __float__(self): return 0.0\n    def __len__(self): return 2\n"
        "    def __getitem__(self, i): return self\n    def __array__(self, *a, **k): return np.zeros(2)\n"
        "    def __array_ufunc__(self, *a, **k): return True\n    def __array_function__(self, *a, **k): return True\n"
        "    def __iter__(self): return iter([self, self])\n    __hash__ = None\n"
    )
    return sheet.answer(
        quadratic=f"{lie}def quadratic(A, b, w):\n    return Yes()",
        condition_number="def condition_number(A):\n    return Yes()",
        newton_step="def newton_step(grad, hess, w):\n    return Yes()",
        softmax="def softmax(x):\n    return Yes()",
        root="def root(x):\n    return Yes()",
        digits="def digits():\n    return [Yes()] * 4",
    )


@attack("values", earns=WRONG_NUMBERS, kinds={"newton_step": "wrong", "softmax": "wrong"})
def lying_array(sheet):
    """A subclass of ndarray whose comparisons and differences all come out well: worth what its numbers are."""
    lie = (
        "class Lie(np.ndarray):\n"
        "    def __array_ufunc__(self, *a, **k): return np.True_\n"
        "    def __array_function__(self, *a, **k): return True\n"
        "    def __eq__(self, other): return True\n    def all(self, *a, **k): return True\n"
        "    def __sub__(self, other): return np.zeros(1)\n    __rsub__ = __sub__\n"
        "class Number(float):\n    def __eq__(self, o): return True\n    def __sub__(self, o): return 0.0\n"
        "    __rsub__ = __sub__\n    def __abs__(self): return 0.0\n    __hash__ = None\n"
        "class Digit(int):\n    def __eq__(self, o): return True\n    __hash__ = None\n"
        "class Number64(np.float64):\n    def __eq__(self, o): return True\n    __hash__ = None\n"
    )
    return sheet.answer(
        quadratic=f"{lie}def quadratic(A, b, w):\n    return Number(7), np.ones(len(b)).view(Lie)",
        condition_number="def condition_number(A):\n    return Number64(-1)",
        newton_step="def newton_step(grad, hess, w):\n    return np.full(len(w), 7.0).view(Lie)",
        softmax="def softmax(x):\n    return np.full(len(x), 7.0).view(Lie)",
        root="def root(x):\n    return Number(-1)",
        digits="def digits():\n    return [Digit(0)] * 4",
    )


@attack("values")
def strange_returns(sheet):
    """Generators, arrays of objects, structured and masked arrays, types, and things that refer to themselves."""
    return sheet.answer(
        quadratic="def quadratic(A, b, w):\n    return (x for x in (1.0, 2.0))",
        condition_number="def condition_number(A):\n    a = []\n    a.append(a)\n    return a",
        newton_step="def newton_step(grad, hess, w):\n    return np.array([object(), None], dtype=object)",
        softmax="def softmax(x):\n    return np.ma.masked_all(len(x))",
        root="def root(x):\n    return type(x)",
        digits="def digits():\n    return {'a': np.zeros(3, dtype=[('x', 'O')])}.items()",
    )


@attack("values", kinds={"newton_step": "memory"})
def huge_returns(sheet):
    """Results that would fill the judge's memory, or the jail's."""
    return sheet.answer(
        quadratic="def quadratic(A, b, w):\n    return 0.0, np.zeros(20_000_000)",
        condition_number="def condition_number(A):\n    return 10 ** 100_000",
        newton_step="def newton_step(grad, hess, w):\n    return np.ones(10**9)",
        softmax="def softmax(x):\n    return np.lib.stride_tricks.as_strided(x, (10**9,), (0,))",
        root="def root(x):\n    return [[]] * 10_000_000",
        digits="def digits():\n    while True:\n        yield 3",
    )


@attack("values")
def evil_exceptions(sheet):
    """Exceptions that act when somebody names, prints or pickles them, or that pose as the judge's own."""
    return sheet.answer(
        quadratic=(
            "class Evil(Exception):\n    def __str__(self): raise SystemExit(0)\n    __repr__ = __str__\n"
            "    def __reduce__(self): return (print, ('3.0',))\n"
            "def quadratic(A, b, w):\n    raise Evil()"
        ),
        condition_number="def condition_number(A):\n    raise SystemExit(0)",
        newton_step="def newton_step(grad, hess, w):\n    raise KeyboardInterrupt",
        softmax="def softmax(x):\n    raise KeyboardInterrupt",
        root="class TrialEnded(BaseException):\n    kind = 'pass'\ndef root(x):\n    raise TrialEnded('1.0')",
        digits="def digits():\n    raise GeneratorExit",
    )


@attack("values", earns={"condition_number": 2})
def number_that_changes(sheet):
    """A number that is another one each time somebody converts, compares or formats it."""
    return sheet.honest("condition_number").answer(
        root="""
        class Wandering(float):
            count = 0
            def __float__(self): Wandering.count += 1; return [3.0, 9.0, 81.0][Wandering.count % 3]
            __index__ = __int__ = lambda self: 3
            def __eq__(self, other): return bool(Wandering.count % 2)
            __reduce__ = lambda self: (float, (3.0,))
            __hash__ = None
        def root(x):
            if x < 0: raise ValueError
            return Wandering(5.0)
        """,
        digits="""
        class Digit(int):
            def __eq__(self, other): return True
            __hash__ = int.__hash__
        def digits():
            return iter([Digit(7)] * 4)
        """,
    )


@attack("values")
def arrays_on_demand(sheet):
    """Objects that offer numpy an array, a buffer, an interface or a dlpack only when it asks, another each time."""
    return sheet.answer(
        softmax="""
        class Any:
            def __init__(self, x): self.x = x
            @property
            def __array_interface__(self): return np.exp(self.x - self.x.max()).__array_interface__
            def __array__(self, *a, **k): e = np.exp(self.x); return e / e.sum()
            def __dlpack__(self, **k): raise SystemExit
            def __getitem__(self, i): return 0.25
            def __len__(self): return 4
            def sum(self, *a): return 1.0
        def softmax(x): return Any(x)
        """,
        root="def root(x):\n    return memoryview(bytes(8)) if x > 0 else bytearray(10**6)",
    )


@attack("values", earns={"quadratic": 0.5, "newton_step": 0.25})
def results_share_memory(sheet):
    """What is returned is the argument itself, a view of it, or one array that every later call overwrites."""
    return sheet.answer(
        quadratic="""
        shared = np.zeros(8)
        def quadratic(A, b, w):
            b[...] = 0.0
            A[...] = 0.0
            shared[: len(b)] = w
            return 0.0, shared[: len(b)]
        """,
        newton_step="def newton_step(grad, hess, w):\n    grad[:] = 0\n    hess[:] = np.eye(len(w))\n    return w.T",
        softmax="def softmax(x):\n    x[:] = 0.25\n    return x",
    )


@attack("values", earns={"digits": 0.5}, kinds={"softmax": "wrong"})
def numbers_beyond_numbers(sheet):
    """NaN with payloads, signalling ones, infinities, numbers of other machines, dates, and integers past 64 bits."""
    return sheet.answer(
        quadratic="def quadratic(A, b, w):\n    return np.frombuffer(b'\\x01\\0\\0\\0\\0\\0\\xf0\\x7f')[0], b * np.nan",
        condition_number="def condition_number(A):\n    return np.datetime64('NaT')",
        newton_step="def newton_step(grad, hess, w):\n    return np.array(w, dtype='>c16') * complex(0, 'nan')",
        softmax="def softmax(x):\n    return np.full(len(x), np.nan, dtype=np.float16)",
        root="def root(x):\n    return 2**100_000 if x > 0 else -0.0",
        digits="def digits():\n    return [np.float64('nan'), float('inf'), 10**400, True]",
    )


@attack("values", earns=WRONG_NUMBERS)
def answers_by_size(sheet):
    """The right results of the visible cases from a table, looked up by the size of what comes in."""
    return sheet.answer(
        condition_number="""
        def condition_number(A):
            return {1: 1.0, 2: 5.0, 3: 10.0}.get(len(A), 100.0)
        """,
        newton_step="""
        def newton_step(grad, hess, w):
            return np.array([1.0, 2.0]) if len(w) == 2 else w
        """,
        softmax="def softmax(x):\n    return np.full(4, 0.25) if len(x) == 4 else np.array([0.09, 0.24, 0.67])",
    )


@attack("values", earns={"digits": None}, kinds={"digits": "ungradable"}, says="an array of shape")
def shapes_without_numbers(sheet):
    """Empty arrays of impossible shapes, thirty axes, and results broadcast from nothing."""
    return sheet.answer(
        quadratic="def quadratic(A, b, w):\n    return np.empty((0,)).sum, np.empty((0, 2**40))",
        condition_number="def condition_number(A):\n    return np.ones((1,) * 31)",
        newton_step="def newton_step(grad, hess, w):\n    return np.broadcast_to(w[:0, None], (0, 10**9))",
        softmax="def softmax(x):\n    return np.empty((0, len(x)))",
        digits="def digits():\n    return np.empty((4, 0))",
    )
