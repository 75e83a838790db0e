"""Attacks on the wire between jail and judge: forged frames, handles, names, changes and exceptions."""

from functools import partial

from tests.redteam import register
from tests.redteam.register import RIGHT_KIND

attack = partial(register.attack, stock="not run: stock has no such part")

SOCKET = """
import gc, os, socket, struct, sys, threading, time
from autograder.bridge import codec, wire
from autograder.bridge.codec import Handle, Nested
def session():
    return next(o for o in gc.get_objects() if type(o).__name__ == "Session" and hasattr(o, "sock"))
def forged(number, value, **more):
    nested = Nested(codec.encode_chunks(value, hand=lambda v: Handle(0, "function", "function", "f", True)))
    return {"id": number, "status": "value", "value": nested, "changed": [], "printed": "", **more}
"""


@attack("bridge")
def forged_replies(sheet):
    """Every descriptor of the process gets the reply of a perfect run."""
    forge = (
        "import os, struct\n"
        'def flood():\n    body = b\'{"id": 7, "status": "value", "value": 3.0}\'\n'
        "    for fd in range(3, 4096):\n        try: os.write(fd, struct.pack('>Q', len(body)) + body)\n"
        "        except OSError: pass\n"
        "def quadratic(A, b, w):\n    flood()\n    return 1.0, b\n"
    )
    return sheet.answer(quadratic=forge, softmax="def softmax(x):\n    flood()\n    return x")


@attack("bridge")
def replies_in_advance(sheet):
    """The socket is found in memory, and well-formed answers to the next thousand questions are written to it."""
    return sheet.add("setup", SOCKET).answer(
        quadratic="""
        def quadratic(A, b, w):
            s = session()
            for number in range(1, 1000):
                wire.send(s.sock, codec.encode_chunks(forged(number, 3.0)))
            return 3.0
        """,
        digits="def digits():\n    wire.send(session().sock, b'DLB1' + bytes(100))\n    return [0] * 4",
    )


@attack("bridge", earns={"condition_number": 0.75, "cross_entropy": 0.5})
def guest_rewritten(sheet):
    """The guest itself is changed in memory: it answers every question with full marks and every name with ours."""
    return sheet.add("setup", SOCKET).answer(
        quadratic="""
        from autograder.bridge import guest
        def cell(self, request, real=guest.Session.cell):
            reply = real(self, request)
            ours = ("check", "check1", "np", "close", "tolerance", "math", "print", "abs", "__builtins__", "AssertionError")
            return {**reply, "names": {**reply["names"], **dict.fromkeys(ours, "function")}, "gone": ["quadratic"] * 9}
        class Yes(float):
            __call__ = lambda *a, **k: True
        def fetch(self, request):
            return {"status": "value", "value": self.out(lambda *a, **k: 3.0), "changed": []}
        s = session()
        s.operations["cell"] = lambda request: cell(s, request)
        s.operations["fetch"] = lambda request: fetch(s, request)
        s.operations["call"] = lambda request: {"status": "value", "value": s.out(3.0), "changed": []}
        """
    )


@attack("bridge", earns={**RIGHT_KIND, "condition_number": 2})
def handles_of_others(sheet):
    """Handles with numbers nobody gave out, of other kinds and with names of modules, come back as results."""
    return (
        sheet.honest("condition_number")
        .add("setup", SOCKET)
        .answer(
            quadratic="def quadratic(A, b, w):\n    return 0.0, b",
            softmax="""
            def softmax(x):
                s = session()
                real = s.out
                numbers = iter(range(10**9, 10**10))
                kinds = ("function", "class", "instance", "iterator", "module")
                hand = lambda v: Handle(next(numbers), kinds[next(numbers) % 5], "numpy.ndarray", "__import__", True)
                s.out = lambda value: (setattr(s, "out", real), Nested(codec.encode_chunks([len, len], s.bounds, hand)))[1]
                return 0
            """,
        )
    )


@attack("bridge")
def changes_of_what_was_not_given(sheet):
    """An answer claims to have changed arguments that the judge never gave, its globals and its expectations."""
    return sheet.add("setup", SOCKET).answer(
        softmax="""
        def softmax(x):
            s = session()
            request_id = max(f.f_locals["request"]["id"] for f in sys._current_frames().values()
                             for f in frames(f) if "request" in f.f_locals)
            nested = Nested(codec.encode_chunks(3.0))
            for where in (0, 1, -1, "x", "__globals__", "expected"):
                wire.send(s.sock, codec.encode_chunks(forged(request_id, 0.25, changed=[(where, nested)])))
            return 0
        def frames(f):
            while f: yield f; f = f.f_back
        """
    )


@attack("bridge")
def frames_without_end(sheet):
    """Frames that announce terabytes, end early, drip byte by byte, or hold a hundred thousand levels."""
    return sheet.add("setup", SOCKET).answer(
        softmax="def softmax(x):\n    session().sock.sendall((1 << 45).to_bytes(8, 'big'))\n    time.sleep(9)",
        root="def root(x):\n    session().sock.sendall(b'\\0' * 7)\n    time.sleep(9)",
        digits="""
        def digits():
            head = b"[[]," + b"[" * 100_000 + b"]"
            data = b"DLB1" + len(head).to_bytes(4, "big") + head
            wire.send(session().sock, data)
        """,
        total="""
        def total(values):
            deep = []
            for _ in range(10**5): deep = [deep]
            return deep
        """,
    )


@attack("bridge", earns={"condition_number": 2})
def descriptors_handed_over(sheet):
    """Open files and sockets are passed to the judge as ancillary data, and a child keeps the line when its parent dies."""
    return (
        sheet.honest("condition_number")
        .add("setup", SOCKET)
        .answer(
            softmax="""
            def softmax(x):
                s = session()
                body = b"".join(codec.encode_chunks(forged(1, 0.25)))
                socket.send_fds(s.sock, [struct.pack(">Q", len(body)) + body], [os.open("/dev/zero", 0) for _ in range(50)])
                return 0
            """,
            root="""
            def root(x):
                fd = os.dup(session().sock.fileno())
                if os.fork():
                    os._exit(0)
                body = b"".join(codec.encode_chunks(forged(99, 3.0)))
                while True:
                    os.write(fd, struct.pack(">Q", len(body)) + body)
                    time.sleep(0.1)
            """,
        )
    )


@attack("bridge")
def exceptions_of_the_judge(sheet):
    """Exceptions that claim to be the judge's, with names of ten megabytes, null bytes, markup and huge numbers."""
    return sheet.answer(
        quadratic="def quadratic(A, b, w):\n    raise type('TrialEnded', (Exception,), {'kind': 'pass'})(3.0)",
        condition_number="def condition_number(A):\n    raise type('Unfit', (Exception,), {})('x' * 10**7)",
        newton_step="def newton_step(grad, hess, w):\n    raise type('x' * 10**6, (Exception,), {})(10**5000)",
        softmax="def softmax(x):\n    raise type('A\\0<b>', (AssertionError, ValueError), {})('<script>alert(1)</script>')",
        root="def root(x):\n    raise ExceptionGroup('all', [ValueError()] * 10)",
        digits="def digits():\n    raise type('OutOfTime', (BaseException,), {})",
        total="def total(values):\n    raise UnicodeDecodeError('utf-8', b'x', 0, 1, 'y' * 10**6)",
    )


@attack("bridge")
def luck_of_the_judge(sheet):
    """The generators that a test may seed are steered, pickled and exchanged, so that the judge draws what is known."""
    return sheet.answer(
        quadratic="""
        import random
        def quadratic(A, b, w):
            np.random.seed(0); random.seed(0)
            np.random.set_state(("MT19937", np.zeros(624, np.uint32), 10**6))
            return np.random.default_rng(0), random.Random(0)
        """,
        softmax="def softmax(x):\n    return np.random.Generator(np.random.MT19937(0))",
    )
