"""One submission's way through the judge: each cell where it belongs, each test cell to an outcome.

A student's cells run in the jail. Locked cells run there too, for the student's code needs their imports; those that
bind names run here as well, in the trusted process. Test cells run here only, where the names the student defined
are proxies and the names the instructor defined are the instructor's.
"""

from __future__ import annotations

import ast
import builtins
import difflib
import json
import re
import textwrap
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

from autograder.bridge.codec import BridgeError
from autograder.bridge.errors import StudentError
from autograder.bridge.shell import Shell, streams
from autograder.jail import Jail, JailError
from autograder.jail.client import UNJAILED
from autograder.judge import harmless, verdict
from autograder.judge.outcome import CellOutcome, Graded
from autograder.judge.session import Session
from dlopt.checks.trial import TrialEnded

__all__ = ["TORCH_SETS", "Run", "imports_of"]

TORCH_SETS = frozenset({"ps9_mlp_torch"})
"""Problem sets in which torch is what students write."""

BUILTINS = frozenset(dir(builtins)) | {"get_ipython", "display", "In", "Out"}
"""Names a test takes for granted: a student's ``all`` or ``isinstance`` does not stand in for Python's."""

WIDTH = 100  #: characters of a line that is to be read on a page
IN_A_CELL = re.compile(r"\(<ipython-input-[^>]*>, line (\d+)\)")

Output = dict[str, Any]


class Run:
    """Grades one rebuilt notebook.

    Parameters
    ----------
    notebook : NotebookNode
        From `autograder.rebuild.rebuild`; gets outputs.
    jail : Jail
        For its problem set.
    imports : sequence of str
        Import statements of the release's cells that are not locked. Tests may rely on them, so they hold here as
        well, whatever became of them in the submission.
    spare : callable, optional
        Returns the jail in which student code sees what grading lends; see `Session`.
    """

    def __init__(
        self,
        notebook: NotebookNode,
        jail: Jail,
        imports: Sequence[str] = (),
        spare: Callable[[], Jail] | None = None,
    ) -> None:
        self.notebook = notebook
        self.known = len(jail.notes)  # what it had to say of earlier submissions is nobody's business here
        self.session = Session(jail, spare)
        shell: Any = Shell.instance()
        shell.reset(new_session=False)
        shell.InteractiveTB.set_mode("Plain")  # the cell stands right above; to show it again would cost 7 ms a trace
        self.shell = shell
        self.trusted: set[str] = set()  # names that locked cells bound here
        self.lent: dict[str, Any] = {}  # what the student's names stand for in the cell that runs
        self.broken: dict[str, str] = {}  # why a student's cell did not end well, by what it should have defined
        self.pictures = harmless.Pictures()
        self.at = 0  # the code cell that runs, counted from 1
        self.outcomes: list[CellOutcome] = []
        self.notes: list[str] = []
        for statement in imports:
            self._import(statement)

    def grade(self) -> Graded:
        """Run every cell and return what came of it."""
        try:
            for count, cell in enumerate(_code_cells(self.notebook), start=1):
                self.at = count
                about = cell.metadata.get("nbgrader", {})
                cell.execution_count = count
                self.session.turn()
                if about.get("grade") and not about.get("solution"):
                    cell.outputs = self._test(cell.source, about)
                elif about.get("locked") and not about.get("solution"):
                    cell.outputs = self._locked(cell.source, about.get("grade_id", "a locked cell"))
                else:
                    cell.outputs = self._students(cell.source, about.get("grade_id", ""))
                if self.session.fault:
                    raise JailError(self.session.fault)
        finally:
            self.session.close()
        if self.session.restarts:
            times = "once and was begun again"
            if self.session.restarts > 1:
                times = f"{self.session.restarts} times and was begun again each time"
            self.notes.append(f"the session ended {times}")
        if self.pictures.spent:
            self.notes.append("there are more or larger pictures than one notebook may show; the rest were left out")
        jail = self.session.jail
        said = list(dict.fromkeys([UNJAILED] * jail.unjailed + jail.notes[self.known :]))
        return Graded(_plain(self.notebook), self.outcomes, [*said, *self.notes])

    def _import(self, statement: str) -> None:
        """Import here what a cell of the release imports; what is not installed here stays the student's."""
        before = set(self.shell.user_ns)
        _, error = self._execute(statement)
        if error is None:
            self.trusted |= (set(self.shell.user_ns) - before) | set(_bound(statement))

    # ------------------------------------------------------------------------------------------ students' cells

    def _students(self, source: str, grade_id: str) -> list[Output]:
        """Run a student's cell in the jail; remember why names may be missing after it."""
        try:
            result = self.session.run(source)
        except TrialEnded as ended:
            self._remember(source, grade_id, f"its cell ended the session. {ended}")
            return [_error(type(ended).__name__.removeprefix("Guest"), str(ended))]
        if result.status == "timeout":
            self._remember(source, grade_id, "its cell did not finish in time")
        elif result.status == "error":
            said = next((f"{o['ename']}: {o['evalue']}" for o in result.outputs if o["output_type"] == "error"), "")
            said = IN_A_CELL.sub(r"(line \1 of the cell)", harmless.text(said or result.ename)[:300])
            self._remember(source, grade_id, f"its cell stopped with {said}")
        return harmless.outputs(result.outputs, self.pictures)

    def _remember(self, source: str, grade_id: str, reason: str) -> None:
        for name in {grade_id, *_bound(source)} - {""}:
            self.broken[name] = reason

    # ------------------------------------------------------------------------------------------ instructor's cells

    def _locked(self, source: str, grade_id: str) -> list[Output]:
        """Run a locked cell in the jail, and here too where it binds names."""
        if _bound(source):
            before = set(self.shell.user_ns)
            self._lend(source)
            _, error = self._execute(source)
            if error is not None:
                self.notes.append(f"locked cell {grade_id} failed in the judge ({type(error).__name__}: {error})")
            self.trusted |= (set(self.shell.user_ns) - before) | set(_bound(source))
        try:
            return harmless.outputs(self.session.run(source).outputs, self.pictures)
        except TrialEnded as ended:
            return [_error("Ended", str(ended))]

    def _test(self, source: str, about: dict[str, Any]) -> list[Output]:
        """Run a test cell here and turn what it did into an outcome."""
        grade_id, points = str(about["grade_id"]), float(about["points"])
        self._lend(source)
        result, error = self._execute(source)
        self._trust(_bound(source))  # helpers and numbers for the tests that follow
        outputs = [_presentable(output) for output in self.shell.recorder.take()]
        if error is None:
            self.outcomes.append(verdict.of_result(grade_id, points, result))
            return outputs
        kind, reason = self._blame(error, source)
        self.outcomes.append(verdict.of_error(grade_id, kind, reason))
        said = textwrap.fill(reason, WIDTH) + "\n"  # feedback pages do not wrap
        return [*outputs, {"output_type": "stream", "name": "stdout", "text": said}] if reason else outputs

    def _trust(self, names: Iterable[str]) -> None:
        """Keep students from giving another meaning to names that an instructor's cell has bound here."""
        bound = self.shell.user_ns
        self.trusted |= {n for n in names if n in bound and not (n in self.lent and self.lent[n] is bound[n])}

    def _execute(self, source: str) -> tuple[Any, BaseException | None]:
        """Run trusted code here."""
        streams(self.shell)
        self.shell.recorder.start()
        done = self.shell.run_cell(source, store_history=False)
        return done.result, done.error_before_exec or done.error_in_exec

    def _lend(self, source: str) -> None:
        """Put the student's names, as proxies or data, where the cell will look for them."""
        for name, value in self.lent.items():
            if self.shell.user_ns.get(name) is value:  # and not what a test has bound meanwhile
                del self.shell.user_ns[name]
        self.lent = {}
        for name in sorted(_names(source) - self.trusted - BUILTINS):
            if name in self.session.names:
                try:
                    self.shell.user_ns[name] = self.lent[name] = self.session.fetch(name)
                except (NameError, TrialEnded, BridgeError, StudentError) as error:
                    self.broken[name] = f"it could not be read ({harmless.text(str(error))[:300]})"

    def _ahead(self) -> set[str]:
        """Return what cells below the one that runs would define."""
        return {name for cell in islice(_code_cells(self.notebook), self.at, None) for name in _defined(cell.source)}

    def _nearly(self, name: str) -> str:
        """Point to a name of the student's that differs by a letter or two, in case it is what was meant."""
        near = difflib.get_close_matches(
            name.lower(), {n.lower(): n for n in self.session.names if len(n) < 80}, 1, 0.8
        )
        found = [n for n in self.session.names if n.lower() in near and n != name]
        return f" There is {found[0]}{_strange_letters(found[0])}, which is another name." if found else ""

    def _blame(self, error: BaseException, source: str) -> tuple[str, str]:
        """Tell whose fault an exception in a test cell is, and word it."""
        if isinstance(error, TrialEnded):
            return error.kind, str(error)
        if isinstance(error, NameError) and error.name and error.name in _names(source):
            late = "the cell that defines it comes only further down" if error.name in self._ahead() else ""
            why = self.broken.get(error.name, late or "no cell defines it")
            return "error", f"There is no {error.name} to grade: {why.rstrip('.')}.{self._nearly(error.name)}"
        return ("wrong" if isinstance(error, AssertionError) else "error"), ""


def _strange_letters(name: str) -> str:
    """Name the letters that only look like those of the alphabet, as after a change of the keyboard."""
    strange = list(
        dict.fromkeys(unicodedata.name(letter, "unnamed").lower() for letter in name if not letter.isascii())
    )
    return f" (with a {strange[0]} in it)" if strange else ""


def _code_cells(notebook: NotebookNode) -> Iterator[NotebookNode]:
    return (cell for cell in notebook.cells if cell.cell_type == "code")


@lru_cache(maxsize=64)
def _tree(source: str) -> ast.AST:
    """Parse what Python there is, IPython's own syntax translated; empty where there is none. Nobody changes it."""
    try:
        return ast.parse(TransformerManager().transform_cell(source))  # type: ignore[no-untyped-call]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module(body=[], type_ignores=[])


def _names(source: str) -> set[str]:
    """Return the names a cell reads."""
    return {node.id for node in ast.walk(_tree(source)) if isinstance(node, ast.Name)}


def imports_of(source: str) -> list[str]:
    """Return the import statements at the top level of a cell."""
    nodes = getattr(_tree(source), "body", [])
    return [ast.unparse(node) for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]


def _defined(source: str) -> list[str]:
    """Return the functions, classes and modules a cell binds at its top level."""
    found: list[str] = []
    for node in getattr(_tree(source), "body", []):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.append(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found += [(alias.asname or alias.name).partition(".")[0] for alias in node.names]
    return found


def _bound(source: str) -> list[str]:
    """Return the names a cell binds at its top level."""
    others = [n for n in getattr(_tree(source), "body", []) if not isinstance(n, ast.FunctionDef | ast.ClassDef)]
    stored = [n.id for o in others for n in ast.walk(o) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    return [*_defined(source), *stored]


def _presentable(output: Output) -> Output:
    """Keep what a test shows, with the text in it that students may have printed or raised made harmless."""
    return harmless.outputs([output])[0] if output["output_type"] in ("stream", "error") else output


def _error(name: str, said: str) -> Output:
    return {"output_type": "error", "ename": name, "evalue": said, "traceback": [f"{name}: {said}"]}


def _plain(notebook: NotebookNode) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(notebook))
    return plain
