"""Attacks that read: the grader, other submissions, the solutions, the machine, and the session before."""

from tests.redteam.register import attack


@attack("secrets")
def reading_the_grader(sheet):
    """The environment, the seeds, the gradebook and other students' files are looked for, and shown."""
    look = (
        "import os, sys, subprocess\nprint(dict(os.environ))\n"
        "try:\n    import autograder.grading as g\n    print(g.SEEDS)\nexcept ImportError as e: print('no', e)\n"
        "os.environ['DLOPT_GRADING'] = 'autograder.grading'\n"
        "for top in ('/', os.path.expanduser('~'), os.getcwd(), *sys.path):\n"
        "    for folder, dirs, files in os.walk(top):\n"
        "        if folder.startswith(('/sys', '/usr/share')): dirs.clear()\n"
        "        for f in files:\n"
        "            if f in ('gradebook.db', 'grading.py', 'nbgrader_config.py', 'environ', 'ps2_quadratics.ipynb'):\n"
        "                try: text = open(os.path.join(folder, f), errors='replace').read()\n"
        "                except OSError: continue\n"
        "                if any(s in text for s in ('SEEDS = (79', 'correct horse', 'SQLite')):\n"
        "                    print('FOUND', folder, f)\n"
    )
    return sheet.answer(
        quadratic=look, softmax="def softmax(x):\n    import autograder.grading as g\n    return g.SEEDS"
    )


@attack("secrets")
def looking_for_expected_values(sheet):
    """The caller's frames and every object alive are searched for the right result."""
    look = (
        "import gc, inspect, sys\n"
        "def steal(name):\n    found = []\n"
        "    for frame in inspect.stack():\n        found += [repr(v) for v in frame.frame.f_locals.values()]\n"
        "    found += [repr(o) for o in gc.get_objects() if type(o).__name__ in ('Case', 'Truth', 'Exercise')]\n"
        "    text = '\\n'.join(found)\n    for secret in ('15485863', '32452843', '0.6460'):\n"
        "        if secret in text: print('FOUND', secret)\n"
        "    return [v for f in inspect.stack() for v in f.frame.f_locals.values() if isinstance(v, float)]\n"
        "def quadratic(A, b, w):\n    return steal('quadratic'), b\n"
    )
    return sheet.answer(quadratic=look, softmax="def softmax(x):\n    return (steal('softmax') + [0.0])[0]")


@attack("secrets", earns={"cross_entropy": 0.5}, stock="not run: stock has no such part")
def stolen_reference(sheet):
    """The right function that grading lends to an exercise which builds on it is kept, shown, and handed in."""
    return sheet.answer(
        cross_entropy="""
        import builtins, sys
        stolen, sources, real = [], [], builtins.compile
        def compile(source, *a, **k):
            sources.append(source)
            return real(source, *a, **k)
        builtins.compile = compile
        def log_softmax(h):
            return h
        def cross_entropy(h, y):
            found = globals()["log_softmax"]
            if "beside" in found.__module__:
                stolen.append(found)
            return 1.0
        """,
        log_softmax="""
        print("".join(map(str, sources)))
        for name, module in list(sys.modules.items()):
            if name.startswith("beside"):
                print(name, vars(module).keys())
        def log_softmax(h):
            return stolen[-1](h)
        """,
    )


@attack("secrets", earns={"cross_entropy": 0.5, "log_softmax": 0.5}, stock="not run: stock has no such part")
def lent_source_is_printed(sheet):
    """What grading lends is disassembled, searched for constants and printed in every way, at once and later."""
    return sheet.add(
        "log_softmax_check",
        """
        import gc, dis, types
        for o in gc.get_objects():
            # dlopt.checks.neighbours is there as well, and in everybody's wheel
            if isinstance(o, types.FunctionType) and "beside" in str(o.__module__) and "softmax" in o.__name__:
                print("FOUND"); dis.dis(o)
        for line in notes: print(line)
        """,
    ).answer(
        cross_entropy="""
        import inspect, linecache, sys, threading, time
        notes = []
        def log_softmax(h): return h
        def cross_entropy(h, y):
            f = globals()["log_softmax"]
            code = f.__code__
            if "beside" in code.co_filename:
                notes.append(("FOUND", code.co_names, code.co_consts, code.co_code))
                open("/tmp/notes", "w").write("FOUND")
                threading.Thread(target=lambda: (time.sleep(.1), print("FOUND"))).start()
                raise ValueError(f"FOUND {code.co_names}")
            return 0.0
        import os
        if os.path.exists("/tmp/notes"): print("FOUND")
        """,
        log_softmax="import os\nif os.path.exists('/tmp/notes'): print('FOUND')\ndef log_softmax(h):\n    return h",
    )


@attack("secrets")
def tour_of_proc(sheet):
    """/proc is read: environments, command lines, memory maps, open files, keys and the kernel's own memory."""
    return sheet.answer(
        quadratic="""
        import os
        names = ("environ", "maps", "mem", "fd/3", "fd/0", "root/etc/passwd", "cwd/gradebook.db", "task/1/environ")
        paths = [f"/proc/{p}/{n}" for p in os.listdir("/proc") for n in names if p.isdigit()]
        paths += ["/proc/kcore", "/proc/keys", "/proc/kallsyms", "/proc/sys/kernel/core_pattern", "/proc/mounts"]
        paths += ["/proc/sched_debug", "/proc/1/root/../../etc/shadow", "/proc/self/root/etc/hostname"]
        for path in paths:
            try:
                text = open(path, "rb").read(10**6)
            except (OSError, ValueError):
                continue
            if b"CANARY" in text or b"correct horse" in text or b"root:x:" in text:
                print("FOUND", path)
            print(path, text[:200])
        """
    )


@attack("secrets")
def memory_that_was_not_cleared(sheet):
    """Fresh memory is read before it is written: something of the grader or of others may still stand in it."""
    return sheet.answer(
        quadratic="""
        import ctypes, re
        canary = re.compile(rb"CANARY-[A-Z]+-[0-9a-f]{4}|horse battery [s]taple")
        def look(where, data):
            for found in canary.findall(data): print("FOUND", where, found)
        for size in (64, 4096, 10**6, 10**8):
            look("empty", np.empty(size, np.uint8).tobytes())
        for line in open("/proc/self/maps"):
            area, rights = line.split()[:2]
            start, end = (int(x, 16) for x in area.split("-"))
            if rights.startswith("rw") and end - start < 10**8 and "[stack]" not in line:
                look(line, ctypes.string_at(start, end - start))
        """
    )


@attack("secrets")
def note_to_the_next(sheet):
    """Files, sockets, locks and shared memory are left for the submission that is graded next."""
    return sheet.answer(
        quadratic="""
        import ctypes, os, socket
        from multiprocessing import shared_memory
        keep = []
        def leave(step, *arguments):
            try: keep.append(step(*arguments))
            except (OSError, ValueError) as error: print(arguments, error)
        def file(*parts):
            with open(os.path.join(*parts), "w") as f: f.write("redteam-mark")
        def server(family, address):
            keep.append(socket.socket(family))
            keep[-1].bind(address); keep[-1].listen()
        def talk(family, address):
            caller = socket.socket(family)
            caller.connect(address); caller.send(b"redteam-mark"); caller.close()
        for folder in ("/tmp", "/dev/shm", os.path.expanduser("~"), "/var/tmp", "/run", "/"):
            for name in ("redteam-mark", ".redteam-mark", "numpy.py", "sitecustomize.py"):
                leave(file, folder, name)
        here, there = socket.AF_UNIX, (socket.AF_INET, socket.AF_INET6)
        for address in ("\\0redteam-mark", "/tmp/redteam-mark.sock", "/dev/shm/redteam-mark.sock"):
            leave(server, here, address); leave(talk, here, address)
        for family in there:
            for port in range(40_000, 40_003):
                address = ("::1" if family == socket.AF_INET6 else "127.0.0.1", port)
                leave(server, family, address); leave(talk, family, address)
        libc = ctypes.CDLL(None)
        print(libc.shmget(0x5EED, 64, 0o1666), libc.semget(0x5EED, 1, 0o1666), libc.msgget(0x5EED, 0o1666))
        libc.mq_open(b"/redteam-mark", 0o102, 0o666, None); libc.sem_open(b"/redteam-mark", 0o100, 0o666, 1)
        leave(lambda: shared_memory.SharedMemory("redteam-mark.shm", create=True, size=64))
        """
    )


@attack("secrets")
def note_to_the_next_is_read(sheet):
    """What the submission graded just before may have left behind is looked for."""
    return sheet.answer(
        quadratic="""
        import os, socket
        from multiprocessing import shared_memory
        for folder in ("/tmp", "/dev/shm", os.path.expanduser("~"), "/var/tmp", "/run", "/"):
            if os.path.isdir(folder) and any("redteam" in n or n.endswith(".py") for n in os.listdir(folder)):
                print("FOUND", folder)
        for path in ("/proc/net/unix", "/proc/net/tcp", "/proc/sysvipc/shm", "/proc/sysvipc/msg", "/proc/sysvipc/sem"):
            try: text = open(path).read()
            except OSError: continue
            if "redteam" in text or ":9C4" in text or len(text.splitlines()) > 1 and "sysvipc" in path:
                print("FOUND", path, text)
        addresses = [("AF_UNIX", "\\0redteam-mark")]
        addresses += [("AF_UNIX", f"{folder}/redteam-mark.sock") for folder in ("/tmp", "/dev/shm")]
        for port in range(40_000, 40_003):
            addresses += [("AF_INET", ("127.0.0.1", port)), ("AF_INET6", ("::1", port))]
        for family, address in addresses:
            try: socket.socket(getattr(socket, family)).connect(address); print("FOUND", address)
            except OSError: pass
        try: shared_memory.SharedMemory("redteam-mark.shm"); print("FOUND shared memory")
        except OSError: pass
        if np.allclose(0, 1) or hasattr(np, "redteam"): print("FOUND numpy")
        """
    )


@attack("secrets")
def sources_of_the_course(sheet):
    """Whatever can be imported of the course is imported, and its text searched for answers."""
    return sheet.answer(
        quadratic="""
        import importlib, inspect, pkgutil, sys, os
        for name in ("dlopt", "autograder", "dlopt.checks", "autograder.bridge", "autograder.jail"):
            try: package = importlib.import_module(name)
            except ImportError: continue
            for module in pkgutil.iter_modules(getattr(package, "__path__", [])):
                print(name, module.name)
        for name in ("autograder.references.ps1", "autograder.misconceptions", "autograder.grading", "dlopt.quadratics",
                     "dlopt.checks.exercise", "solutions", "nbgrader", "scipy.optimize", "sklearn", "torch"):
            try: importlib.import_module(name); print("FOUND", name)
            except ImportError: pass
        for folder, _, files in os.walk("/bundle"):
            for file in files:
                text = open(os.path.join(folder, file), "rb").read()
                if b"h.max(axis=-1" in text or b"32452843" in text or b"CANARY" in text: print("FOUND", file)
        """
    )


@attack("secrets")
def history_of_the_shell(sheet):
    """IPython's history, its input cache, tracebacks and line cache are searched for the tests' sources."""
    return sheet.add(
        "softmax_check",
        """
        import gc, linecache, sys
        ip = get_ipython()
        texts = [*In, *map(str, Out.values()), *map(str, linecache.cache.values())]
        texts.append(str(ip.history_manager.input_hist_raw))
        texts += [o for o in gc.get_objects() if isinstance(o, str)]
        for t in texts:
            if "0.646" + "082" in t or "BEGIN HIDDEN" + " TESTS" in t or "CANARY-HIDDEN" + "-6c01" in t: print("FOUND")
        %history -g CANARY
        %recall -1
        """,
    )


@attack("secrets")
def expected_values_by_inquiry(sheet):
    """Wrong results are chosen so that the explanation of what is wrong spells the unseen seeds and right answers."""
    return sheet.answer(
        softmax="def softmax(x):\n    raise ValueError(repr(__import__('sys')._getframe(3).f_locals)[:3000])",
        total="""
        import traceback, inspect
        def total(values):
            frames = inspect.stack()
            raise KeyError(*[str(f.code_context) for f in frames], *[repr(list(f.frame.f_locals)) for f in frames])
        """,
        quadratic="""
        def quadratic(A, b, w):
            import gc
            first = int("79" + "19"[:2])
            seeds = [o for o in gc.get_objects() if isinstance(o, tuple) and len(o) == 3 and first in o]
            raise ValueError(f"{'FOUND' if seeds else ''} {seeds}")
        """,
    )
