"""Attacks through the file: cells, labels, metadata, tags, outputs and kernel hooks."""

import copy
import hashlib

from nbformat.v4 import new_output

from tests.redteam.register import attack


@attack("notebook")
def input_transformer(sheet):
    """Every later cell becomes ``pass`` before it is compiled."""
    hook = "get_ipython().input_transformers_post.append(lambda lines: ['pass\\n'])"
    return sheet.answer(quadratic=f"{hook}\nget_ipython().ast_transformers.append(__import__('ast').NodeTransformer())")


@attack("notebook")
def run_cell_is_patched(sheet):
    """The shell that runs the cells is told to run nothing."""
    return sheet.answer(
        quadratic="ip = get_ipython()\ntype(ip).run_cell = lambda *a, **k: None\nip.run_cell = type(ip).run_cell\n"
        "ip.events.register('pre_run_cell', lambda *a: 1 / 0)\nip.set_custom_exc((Exception,), lambda *a: None)"
    )


@attack("notebook")
def skip_execution(sheet):
    """nbclient skips cells with this tag, and stock nbgrader then sees a test without an error."""
    for cell in sheet.cells:
        cell.metadata.update(tags=["skip-execution", "raises-exception"])
    return sheet


@attack("notebook")
def forged_outputs(sheet):
    """Outputs of a perfect run are pasted into the submitted file."""
    for cell in sheet.cells:
        if cell.cell_type == "code":
            cell.outputs = [new_output("execute_result", {"text/plain": "3.0"}, execution_count=1)]
            cell.execution_count = 1
    sheet.nb.metadata["judge"] = {"cells": [{"grade_id": "quadratic_check", "kind": "pass", "score": 3}]}
    return sheet


@attack("notebook")
def edited_checks(sheet):
    """Test cells are emptied, made easy, and their points and checksums changed."""
    sheet.cell("quadratic_check").source = "3.0"
    sheet.cell("condition_number_check").source = ""
    for name in ("softmax", "root", "digits"):
        cell = sheet.cell(f"{name}_check")
        cell.source, cell.metadata["nbgrader"]["points"] = "100.0", 100
        cell.metadata["nbgrader"]["checksum"] = hashlib.md5(b"").hexdigest()
    return sheet


@attack("notebook")
def check_becomes_solution(sheet):
    """A test cell says of itself that it is a solution cell, and an answer that it is a test worth 50 points."""
    for name in ("quadratic", "softmax"):
        sheet.cell(f"{name}_check").metadata["nbgrader"].update(solution=True, grade=False, locked=False)
        sheet.cell(f"{name}_check").source = "print('fine')"
        sheet.cell(name).metadata["nbgrader"].update(solution=False, grade=True, locked=True, points=50)
        sheet.cell(name).source = "50.0"
    return sheet


@attack("notebook")
def exchanged_labels(sheet):
    """Answer and test change their grade_ids, so that the test is overwritten with the stub."""
    for name in ("quadratic", "softmax"):
        one, other = sheet.cell(name).metadata["nbgrader"], sheet.cell(f"{name}_check").metadata["nbgrader"]
        one["grade_id"], other["grade_id"] = other["grade_id"], one["grade_id"]
    return sheet


@attack("notebook")
def foreign_labels(sheet):
    """Cells with labels nobody gave out, worth a hundred points."""
    sheet.add("quadratic", "100.0", nbgrader={"grade_id": "bonus", "grade": True, "solution": False, "points": 100})
    return sheet.add("title", "100.0", nbgrader={"grade_id": "x" * 5000, "grade": True, "points": float(10**9)})


@attack("notebook")
def interpreter_rebuilt(sheet):
    """Python's own import, exec, compile and class statement are replaced, so that whatever runs later says yes."""
    return sheet.answer(
        quadratic="""
        import builtins, sys
        real = builtins.__import__
        class Yes:
            def __getattr__(self, name): return self
            def __call__(self, *a, **k): return 3.0
            def __eq__(self, other): return True
            __hash__ = None
        builtins.__import__ = lambda name, *a, **k: Yes() if "check" in name else real(name, *a, **k)
        builtins.exec = builtins.eval = lambda *a, **k: 3.0
        builtins.compile = lambda *a, **k: (lambda: 3.0).__code__
        builtins.__build_class__ = lambda *a, **k: Yes
        sys.modules["dlopt.checks"] = sys.modules["numpy.testing"] = Yes()
        """
    )


@attack("notebook")
def magics_that_take_over(sheet):
    """Cell magics capture, skip or rewrite what follows; %run and %load look for the tests."""
    sheet.add("setup", "%%capture everything\nimport sys")
    return sheet.answer(
        quadratic="""
        ip = get_ipython()
        ip.register_magic_function(lambda line, cell=None: 3.0, "line_cell", "check")
        ip.prefilter_manager.enabled = True
        ip.ast_node_interactivity = "none"
        ip.displayhook = type("H", (), {"__call__": lambda *a: None})()
        %autocall 2
        %alias_magic assert time
        """,
        softmax="%%script true\ndef softmax(x): return x",
        root="%run -i ../source/ps2_quadratics/ps2_quadratics.ipynb",
    )


@attack("notebook")
def forged_kernel(sheet):
    """The notebook asks for a kernel, a language and converters of its own, with commands in their names."""
    sheet.nb.metadata.kernelspec = {"name": "x; touch /tmp/redteam-mark", "argv": ["touch", "/tmp/redteam-mark"]}
    sheet.nb.metadata.update(
        language_info={"name": "bash", "nbconvert_exporter": "os.system", "pygments_lexer": "../../x"},
        nbgrader={"execute": False, "grade": 100},
        widgets={"application/vnd.jupyter.widget-state+json": {"state": {"x": {"model_module": "evil"}}}},
    )
    return sheet


@attack("notebook")
def labels_of_strange_types(sheet):
    """Labels are lists, numbers, look-alikes in Greek, with blanks, line breaks and a path; two cells share an id."""
    labels = [["quadratic_check"], 3.0, "quadratic\u200b", " quadratic_check", "../quadratic_check", "a\nb", "ο", None]
    for number, label in enumerate(labels):
        sheet.add("title", "3.0", nbgrader={"grade_id": label, "grade": True, "solution": True, "points": 10**6})
        sheet.cells[sheet.where("title") + 1]["id"] = sheet.cell("quadratic_check")["id"] if number % 2 else "x" * 64
    return sheet


@attack("notebook", earns={"condition_number": 2})
def answers_of_two_minds(sheet):
    """A right answer for the test cell and a wrong one behind it, with the same label, copied a dozen times."""
    for number in range(12):
        twin = copy.deepcopy(sheet.honest("condition_number").cell("condition_number_check"))
        twin.source, twin["id"] = f"condition_number = lambda A: {number}", f"twin-{number}"
        sheet.cells.insert(number, twin)
    return sheet
