"""Attacks that want the grader to wait, to fill up, or to give up on everybody."""

from tests.redteam.register import HARMFUL, attack


@attack("service", kinds={"softmax": "timeout"}, stock=HARMFUL)
def stopped_not_dead(sheet):
    """The process stops itself, blocks every signal, and has its alarm clock taken out."""
    return sheet.answer(
        softmax="import os, signal\ndef softmax(x):\n    os.kill(os.getpid(), signal.SIGSTOP)",
        root="""
        import signal, time
        def root(x):
            signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.setitimer = lambda *a: None
            time.sleep(600)
        """,
    )


@attack("service", earns={"condition_number": 2}, stock=HARMFUL)
def bombs(sheet):
    """Processes and threads multiply until there are no more."""
    return sheet.honest("condition_number").answer(
        quadratic="""
        import os, threading, time
        def quadratic(A, b, w):
            for _ in range(100):
                try:
                    if os.fork() == 0:
                        while True:
                            try: os.fork()
                            except OSError: time.sleep(1)
                except OSError: break
            return 0.0
        """,
        softmax="""
        def softmax(x):
            threads = [threading.Thread(target=time.sleep, args=(600,)) for _ in range(10_000)]
            for t in threads: t.start()
            return x
        """,
    )


@attack("service", kinds={"softmax": "memory"}, earns={"condition_number": 2}, stock=HARMFUL)
def memory_in_many_places(sheet):
    """Memory is taken as arrays, as files in memory, as shared pages, as pipes and by children, all at once."""
    return sheet.honest("condition_number").answer(
        softmax="""
        import mmap, os, time
        def softmax(x):
            keep = [os.memfd_create("x") for _ in range(8)]
            for fd in keep:
                try:
                    for _ in range(64): os.write(fd, bytes(1 << 20))
                except OSError: pass
            for _ in range(12):
                if os.fork() == 0:
                    m = mmap.mmap(-1, 1 << 27)
                    for i in range(0, 1 << 27, 4096): m[i] = 1
                    time.sleep(600)
            time.sleep(3)
            return [bytearray(1 << 26) for _ in range(64)]
        """
    )


@attack("service", earns={"condition_number": 2}, stock=HARMFUL)
def disk_and_descriptors(sheet):
    """Files fill /tmp, holes pretend to be terabytes, links and empty files take the names, descriptors run out."""
    return sheet.honest("condition_number").answer(
        quadratic="""
        import os
        try:
            for i in range(10**6): os.mknod(f"/tmp/redteam-mark-{i % 20_000}-{i}") if i < 20_000 else None
        except OSError as e: print(e)
        for folder in ("/tmp", "/dev/shm", os.path.expanduser("~")):
            try:
                with open(folder + "/big", "wb") as f:
                    f.truncate(10**9)
            except OSError as e: print(e)
            try:
                for k in range(9):
                    with open(f"{folder}/full{k}", "wb") as f:
                        for _ in range(63): f.write(bytes(1 << 20))
            except OSError as e: print(e)
        keep = []
        try:
            while True: keep.append(os.open("/dev/null", 0))
        except OSError as e: print(e)
        del keep
        """
    )


@attack("service", stock=HARMFUL)
def heaps_for_the_judge(sheet):
    """Every result has as many bytes as one may have, so that those the judge remembers fill its memory."""
    return sheet.answer(
        quadratic="def quadratic(A, b, w):\n    return 0.0, np.zeros(len(b)), np.zeros(63 << 20, dtype=np.int8)",
        condition_number="def condition_number(A):\n    return np.zeros(63 << 20, dtype=bool)",
        newton_step="def newton_step(grad, hess, w):\n    return [[]] * 400_000",
        log_softmax="def log_softmax(h):\n    return np.zeros((63 << 20) // 8)",
        cross_entropy="def cross_entropy(h, y):\n    return np.full(10**7, 'x', dtype='U1')",
    )


@attack("service", stock=HARMFUL)
def flood_of_prints(sheet):
    """Each item of an endless iterator comes with a megabyte of text, each call with another."""
    return sheet.answer(
        quadratic="""
        def quadratic(A, b, w):
            print("x" * 10**6)
            return 0.0
        """,
        digits="""
        def digits():
            while True:
                print("y" * 10**6)
                yield 7
        """,
        total="""
        class total:
            def __init__(self, values): pass
            def __iter__(self): return self
            def __next__(self): print("z" * 10**6); return 0.0
        """,
    )


@attack("service", stock=HARMFUL)
def many_cells_that_end_it(sheet):
    """Forty cells, each of which ends the process, so that all before it has to be run again."""
    for number in range(40):
        sheet.add("setup", f"import os\nos._exit({number})")
    return sheet


@attack("service", says="more or larger pictures than one notebook may show", stock=HARMFUL)
def pictures_that_grow(sheet):
    """Small files that become large pictures: a bomb, and noise that no format packs."""
    return sheet.answer(
        quadratic="""
        import io, struct, zlib
        from IPython.display import Image, display
        def png(width, height):
            def chunk(kind, data):
                return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
            head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
            rows = zlib.compress(bytes((width + 1) * min(height, 20_000)), 9)
            return b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
        for _ in range(40):
            display(Image(png(2000, 2000)))
        display(Image(png(30_000, 30_000)), Image(png(2**31 - 1, 2**31 - 1)))
        import matplotlib.pyplot as plt
        plt.figure(figsize=(19, 19)); plt.imshow(np.random.rand(1900, 1900)); plt.show()
        """
    )


@attack("service", stock=HARMFUL)
def names_without_end(sheet):
    """Classes, functions, cells and documentation with names of megabytes, and ten thousand names in one cell."""
    return sheet.add("setup", "globals().update({f'name_{i}': i for i in range(50_000)})").answer(
        quadratic="""
        quadratic = type("x" * 10**6, (), {"__call__": lambda *a: quadratic, "__doc__": "y" * 10**7})()
        """,
        softmax="def softmax(x):\n    return type('é' * 10**6, (), {'__repr__': lambda s: 'z' * 10**8})()",
        root=f"def root({', '.join(f'a{i}=0' for i in range(3000))}):\n    return root",
        digits="def digits():\n    return {float(i): i for i in range(10**5)}",
    )


@attack("service", earns={"condition_number": 2}, stock=HARMFUL)
def afterwards(sheet):
    """Destructors, exit handlers, finalizers and threads wait until everything is over, and then never end."""
    return sheet.honest("condition_number").answer(
        quadratic="""
        import atexit, gc, os, signal, threading, time, weakref
        def forever(*a):
            while True: time.sleep(1)
        class Late:
            __del__ = forever
        atexit.register(forever)
        os.register_at_fork(before=forever)
        late = [Late()]
        loop = Late(); loop.self = loop; del loop
        weakref.finalize(late[0], forever)
        threading.Thread(target=forever).start()
        for s in (signal.SIGTERM, signal.SIGHUP, signal.SIGXCPU, signal.SIGPIPE): signal.signal(s, forever)
        def quadratic(A, b, w):
            return Late.__name__
        """
    )


@attack("service", stock=HARMFUL)
def sentences_without_end(sheet):
    """Results and exceptions whose words for the instructor would be megabytes: reprs, messages, arguments."""
    return sheet.answer(
        quadratic="raise ValueError('x' * 10**8)",
        condition_number="def condition_number(A):\n    raise ValueError(*['y' * 1000] * 1000)",
        newton_step="def newton_step(grad, hess, w):\n    return 'z' * 10**7",
        softmax="def softmax(x):\n    return np.full(4, 'w' * 10**5)",
        root="print('\\x1b[31m' * 10**6)\nfor i in range(10**5): print(i, flush=True)",
        digits="from IPython.display import display\nfor i in range(10**4): display({'text/plain': 'v' * 50}, raw=True)",
    )
