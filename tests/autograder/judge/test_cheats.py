"""Classic cheats: none earns a point, learns a secret, or touches anybody else's grade."""

import hashlib
import inspect
import re

import pytest
from nbformat.v4 import new_markdown_cell, new_output, new_raw_cell

PS = "ps2_quadratics"
CASES = {}
SEEDS = ("15485863", "32452843")  # of autograder.grading
WRONG_NUMBERS = {"condition_number": 0.75, "newton_step": 0.5}  # what a number of the right kind earns, right or not
ZERO = {"quadratic": 1}  # and a loss and a gradient of the right kind
SECRETS = ("correct horse battery staple", "0.646082", *SEEDS)


def cheat(earns=None, kinds=None, **more):
    """Enter a cheat; `earns` are the points that its honest part deserves, all other exercises are worth 0."""

    def enter(case):
        assert case.__doc__
        CASES[case.__name__] = (case, earns or {}, kinds or {})
        return case

    return enter


# ------------------------------------------------------------------------------- the notebook as a lever


@cheat()
def input_transformer(sheet):
    """Every later cell becomes ``pass`` before it is compiled."""
    hook = "get_ipython().input_transformers_post.append(lambda lines: ['pass\\n'])"
    return sheet.answer(quadratic=f"{hook}\nget_ipython().ast_transformers.append(__import__('ast').NodeTransformer())")


@cheat()
def run_cell_is_patched(sheet):
    """The shell that runs the cells is told to run nothing."""
    return sheet.answer(
        quadratic="ip = get_ipython()\ntype(ip).run_cell = lambda *a, **k: None\nip.run_cell = type(ip).run_cell\n"
        "ip.events.register('pre_run_cell', lambda *a: 1 / 0)\nip.set_custom_exc((Exception,), lambda *a: None)"
    )


@cheat()
def skip_execution(sheet):
    """nbclient skips cells with this tag, and stock nbgrader then sees a test without an error."""
    for cell in sheet.cells:
        cell.metadata.update(tags=["skip-execution", "raises-exception"])
    return sheet


@cheat()
def forged_outputs(sheet):
    """Outputs of a perfect run are pasted into the submitted file."""
    for cell in sheet.cells:
        if cell.cell_type == "code":
            cell.outputs = [new_output("execute_result", {"text/plain": "3.0"}, execution_count=1)]
            cell.execution_count = 1
    sheet.nb.metadata["judge"] = {"cells": [{"grade_id": "quadratic_check", "kind": "pass", "score": 3}]}
    return sheet


@cheat()
def edited_checks(sheet):
    """Test cells are emptied, made easy, and their points and checksums changed."""
    sheet.cell("quadratic_check").source = "3.0"
    sheet.cell("condition_number_check").source = ""
    for name in ("softmax", "root", "digits"):
        cell = sheet.cell(f"{name}_check")
        cell.source, cell.metadata["nbgrader"]["points"] = "100.0", 100
        cell.metadata["nbgrader"]["checksum"] = hashlib.md5(b"").hexdigest()
    return sheet


@cheat()
def check_becomes_solution(sheet):
    """A test cell says of itself that it is a solution cell, and an answer that it is a test worth 50 points."""
    for name in ("quadratic", "softmax"):
        sheet.cell(f"{name}_check").metadata["nbgrader"].update(solution=True, grade=False, locked=False)
        sheet.cell(f"{name}_check").source = "print('fine')"
        sheet.cell(name).metadata["nbgrader"].update(solution=False, grade=True, locked=True, points=50)
        sheet.cell(name).source = "50.0"
    return sheet


@cheat()
def exchanged_labels(sheet):
    """Answer and test change their grade_ids, so that the test is overwritten with the stub."""
    for name in ("quadratic", "softmax"):
        one, other = sheet.cell(name).metadata["nbgrader"], sheet.cell(f"{name}_check").metadata["nbgrader"]
        one["grade_id"], other["grade_id"] = other["grade_id"], one["grade_id"]
    return sheet


@cheat()
def foreign_labels(sheet):
    """Cells with labels nobody gave out, worth a hundred points."""
    sheet.add("quadratic", "100.0", nbgrader={"grade_id": "bonus", "grade": True, "solution": False, "points": 100})
    return sheet.add("title", "100.0", nbgrader={"grade_id": "x" * 5000, "grade": True, "points": float(10**9)})


# ------------------------------------------------------------------------------------------- lying values


@cheat(kinds={"softmax": "error"})
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


@cheat(earns=WRONG_NUMBERS, kinds={"newton_step": "wrong", "softmax": "wrong"})
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


@cheat()
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


@cheat(kinds={"newton_step": "memory"})
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


@cheat()
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


# --------------------------------------------------------------------------------- meddling with the tests


@cheat(earns={"newton_step": 2})
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


@cheat()
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


@cheat()
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


@cheat()
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


@cheat()
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


@cheat()
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


@cheat()
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


@cheat(earns={"condition_number": 2, **ZERO})
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


# ----------------------------------------------------------------------------------- out of the notebook


@cheat()
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


@cheat()
def writing_grades(sheet):
    """The gradebook, the checks and numpy itself are written to, under every path that could be theirs."""
    write = (
        "import os, dlopt, numpy\n"
        "found = [os.path.join(d, f) for d, _, fs in os.walk('/') for f in fs if f == 'gradebook.db']\n"
        "places = [*found, dlopt.__file__, numpy.__file__, '/etc/hosts']\n"
        "for place in places:\n"
        "    try:\n        open(place, 'a').write('3.0'); print('FOUND', place)\n    except OSError: pass\n"
        "print(os.system('nbgrader autograde ps2_quadratics --force'))\n"
    )
    return sheet.answer(quadratic=write)


@cheat(earns={"condition_number": 2, **ZERO})
def killing(sheet):
    """Whatever runs beside the student's process is killed, traced or drowned in signals."""
    kill = (
        "import os, signal, ctypes\n"
        "def shoot():\n    libc = ctypes.CDLL(None)\n"
        "    others = {1, 2, 3, os.getppid(), *(int(p) for p in os.listdir('/proc') if p.isdigit())}\n"
        "    for pid in others - {os.getpid()}:\n"
        "        libc.ptrace(16, pid, 0, 0)\n"
        "        for s in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):\n"
        "            try: os.kill(pid, s)\n            except OSError: pass\n"
        "shoot()\n"
        "def quadratic(A, b, w):\n    shoot()\n    return 0.0, b"
    )
    return sheet.honest("condition_number").answer(quadratic=kill)


@cheat(earns={"condition_number": 2}, kinds={"quadratic": "crashed", "condition_number": "pass", "softmax": "crashed"})
def quiet_exit(sheet):
    """The process ends with status 0 before the test can fail."""
    return sheet.honest("condition_number").answer(
        quadratic="import os\ndef quadratic(A, b, w):\n    os._exit(0)", softmax="def softmax(x):\n    os._exit(0)"
    )


@cheat(earns={"newton_step": 2})
def forked_copies(sheet):
    """Children of the student's process answer in its place, and stay behind."""
    fork = (
        "import os, time\n"
        "def quadratic(A, b, w):\n    for _ in range(3):\n        if os.fork() == 0: return 0.0, np.zeros(len(b))\n"
        "    if os.fork() == 0: time.sleep(1000)\n    return 1.0, b"
    )
    return sheet.honest("newton_step").answer(quadratic=fork)


@cheat()
def scripts(sheet):
    """Scripts in outputs, texts, names and exceptions wait for the instructor's browser."""
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    sheet.add("quadratic", f"{evil}\n\n[go](javascript:alert(1))", new_markdown_cell)
    sheet.add("quadratic", evil, new_raw_cell)
    return sheet.answer(
        words=f"My answer {evil}",
        quadratic=(
            "from IPython.display import HTML, Javascript, SVG, Latex, display\n"
            f"evil = {evil!r}\n"
            "for kind in (HTML, Javascript, Latex): display(kind(evil))\n"
            "svg = f'<svg onload=alert(1)>{evil}</svg>'\n"
            "display({'text/html': evil, 'text/markdown': evil, 'image/svg+xml': svg}, raw=True)\n"
            "print(evil)\nevil_name = type(evil, (Exception,), {})\n"
            "def quadratic(A, b, w):\n    print(evil)\n    raise evil_name(evil)"
        ),
        condition_number="raise evil_name(evil)",
        newton_step="def newton_step(grad, hess, w):\n    return evil",
    )


# ------------------------------------------------------------------------------------------------ the tests


def half(sheet):
    return sheet.honest("condition_number", "softmax").answer(digits="def digits():\n    return [3, 1, 4, 2]")


NEIGHBOURS = {
    "aaron": lambda sheet: sheet.honest(),
    "half": half,
    "killing_not": lambda sheet: sheet.honest("quadratic", "root"),
    "zoe": lambda sheet: sheet.honest(),
}


@pytest.fixture(scope="module")
def classroom(open_classroom, instructors):
    return open_classroom(instructors)


@pytest.fixture(scope="module")
def alone(classroom):
    """The neighbours, graded without any cheat around."""
    for name, case in NEIGHBOURS.items():
        classroom.hand_in(name, case)
    classroom.autograde()
    return classroom.results(NEIGHBOURS)


@pytest.fixture(scope="module")
def graded(classroom, alone):
    """All cheats and their neighbours, graded by one call of nbgrader."""
    for name, (case, _, _) in CASES.items():
        classroom.hand_in(name, case)
    classroom.autograde("--force")
    return classroom.results([*CASES, *NEIGHBOURS])


POINTS = {"quadratic": 3, "condition_number": 2, "newton_step": 2, "softmax": 2, "root": 1, "digits": 2}


@pytest.mark.parametrize("name", CASES)
def test_a_cheat_earns_what_its_honest_part_deserves(name, graded):
    case, earns, kinds = CASES[name]
    result = graded[name]
    found = {exercise: result.points[exercise] for exercise in POINTS}
    assert found == {exercise: float(earns.get(exercise, 0)) for exercise in POINTS}, inspect.getdoc(case)
    assert result.judge["ungradable"] == ""
    assert {exercise: result.kinds[exercise] for exercise in kinds} == kinds
    assert {exercise for exercise, kind in result.kinds.items() if kind == "pass"} <= set(earns)


@pytest.mark.parametrize("name", CASES)
def test_a_cheat_learns_no_secret(name, graded):
    shown = graded[name].shown()
    assert "FOUND" not in shown
    assert not [secret for secret in SECRETS if secret in shown]
    assert not re.search(r"\b7919\b", shown)


def test_neighbours_are_graded_as_if_they_were_alone(alone, graded):
    for name, before in alone.items():
        assert graded[name].points == before.points
        assert graded[name].kinds == before.kinds
        assert graded[name].notebook.cells == before.notebook.cells
    assert {exercise: alone["zoe"].points[exercise] for exercise in POINTS} == POINTS
    assert alone["half"].points["digits"] == 1.5


def test_the_gradebook_knows_nobody_and_no_cell_more(classroom, graded):
    with classroom.course.gradebook() as gradebook:
        assert {student.id for student in gradebook.students} == {*CASES, *NEIGHBOURS}
        (assignment,) = gradebook.assignments
        (notebook,) = assignment.notebooks
        worth = {cell.name.removesuffix("_check"): cell.max_score for cell in notebook.grade_cells}
    assert worth == {**POINTS, "words": 2}


def test_no_script_reaches_the_feedback(classroom, graded):
    done = classroom.nbgrader("generate_feedback", PS, "--student=scripts")
    assert done.returncode == 0, done.stderr
    page = classroom.course.notebook("feedback", PS, "scripts").with_suffix(".html").read_text(encoding="utf-8").lower()
    assert "alert(1)" in page  # as text
    for active in ("<script>alert", "<img src=x", 'href="javascript:', "<svg onload"):
        assert active not in page
