"""Attacks by what is handed in beside, around and in place of a notebook, and by the name of the folder."""

import json
import os

from tests.redteam.register import HARMFUL, attack

PS = "ps2_quadratics"
NOTEBOOK = f"{PS}.ipynb"
NEIGHBOUR = f"../../aaron/{PS}"


def link(target):
    """Return what makes a link."""
    return lambda path: path.symlink_to(target)


@attack("folder", outcome="ungradable", says="only links, which are not followed")
def linked_notebook(sheet):
    """The notebook is a link to a neighbour's."""
    return {NOTEBOOK: link(f"{NEIGHBOUR}/{NOTEBOOK}")}


@attack("folder", outcome="ungradable", says="is a link")
def linked_folder(sheet):
    """The whole folder is a link to a neighbour's."""
    return {"": link(f"../aaron/{PS}")}


@attack("folder", outcome="ungradable", says="holds no notebook", stock=HARMFUL)
def pipe_for_a_notebook(sheet):
    """The notebook is a pipe that nobody ever writes into."""
    return {NOTEBOOK: os.mkfifo}


@attack("folder", outcome="ungradable", says="only links", stock=HARMFUL)
def endless_device(sheet):
    """The notebook is a link to a device that never ends, and others lead to the gradebook and the host."""
    links = {"grades.ipynb": "../../../gradebook.db", "host.ipynb": "/etc/passwd", "self.ipynb": "self.ipynb"}
    return {NOTEBOOK: link("/dev/zero"), **{name: link(target) for name, target in links.items()}}


@attack("folder", earns={"condition_number": 2}, says="timestamp", stock=HARMFUL)
def pipe_for_a_timestamp(sheet):
    """The file with the time of submission is a pipe: who reads it waits for ever."""
    return {NOTEBOOK: sheet.honest("condition_number"), "timestamp.txt": os.mkfifo}


@attack("folder", earns={"condition_number": 2}, says="timestamp", stock=HARMFUL)
def endless_timestamp(sheet):
    """The file with the time of submission is a link to a device that never ends."""
    return {NOTEBOOK: sheet.honest("condition_number"), "timestamp.txt": link("/dev/zero")}


@attack("folder", earns={"condition_number": 2}, says="timestamp")
def garbled_timestamp(sheet):
    """The time of submission is no time, or one that no calendar has."""
    return {NOTEBOOK: sheet.honest("condition_number"), "timestamp.txt": "9999999-99-99 ' OR 1=1; --\n" * 1000}


@attack("folder", earns={"condition_number": 2})
def modules_beside(sheet):
    """Modules called numpy and sitecustomize, settings and a gradebook lie beside the notebook."""
    evil = (
        "import pathlib; pathlib.Path('/tmp/redteam-mark').write_text('x')\nallclose = isclose = lambda *a, **k: True\n"
    )
    names = ("numpy.py", "sitecustomize.py", "usercustomize.py", "dlopt/__init__.py", "nbgrader_config.py", "math.py")
    extra = {**dict.fromkeys(names, evil), "gradebook.db": b"SQLite format 3\0" + bytes(100)}
    kernel = json.dumps({"argv": ["touch", "/tmp/redteam-mark"], "display_name": "Python 3", "language": "python"})
    return {**extra, "kernels/python3/kernel.json": kernel, NOTEBOOK: sheet.honest("condition_number")}


@attack("folder", outcome="ungradable", says="more than 10000 files", stock=HARMFUL)
def ten_thousand_files(sheet):
    """Ten thousand files hide the notebook."""
    return {NOTEBOOK: sheet, **{f"{number}.txt": b"" for number in range(10_001)}}


@attack("folder", outcome="ungradable", says="nested hundreds of levels deep", stock=HARMFUL)
def nested_without_end(sheet):
    """JSON that is nested a million levels deep."""
    return b'{"cells": ' + b"[" * 10**6


@attack("folder", outcome="ungradable", says="more than 33.6 MB", stock=HARMFUL)
def forty_megabytes(sheet):
    """A notebook of forty megabytes, all of them blanks in one output."""
    return sheet.text().encode() + b" " * 40_000_000


@attack("folder", earns={"condition_number": 2}, stock=HARMFUL)
def numbers_of_a_million_digits(sheet):
    """Numbers of a million digits, the same key a thousand times, and lone halves of characters in names."""
    text = sheet.honest("condition_number").text()
    extra = f'"nbformat_minor": {"9" * 10**6}, "\\ud800": NaN, ' + '"metadata": {"a": 1e99999}, ' * 1000
    return text.replace('"nbformat_minor"', f"{extra}\n" + '"nbformat_minor"', 1)


@attack(
    "folder", outcome="refused", student="evil\nps2_quadratics,,,aaron,,,,99,0,99,99", says="cannot be a student's name"
)
def line_break_in_the_name(sheet):
    """A folder whose name holds a line break, and a line of the exported scores after it."""
    return sheet


@attack("folder", student='=HYPERLINK("http:evil.example";"open")')
def formula_for_a_name(sheet):
    """A folder whose name is a formula, to be opened in a spreadsheet with everybody's scores."""
    return sheet


@attack("folder", student="eve,,,,,99,0,99,99")
def commas_in_the_name(sheet):
    """A folder whose name has commas, and a perfect score between them."""
    return sheet


@attack("folder", student="[a-z]*")
def pattern_for_a_name(sheet):
    """A folder whose name matches everybody else's."""
    return sheet


@attack(
    "folder",
    student="\u202eeve <b onclick=alert(1)> '; DROP TABLE grade; -- {{7*7}} %s \x1b[31m",
    outcome="refused",
    says="cannot be a student's name",
)
def name_for_every_tongue(sheet):
    """A folder whose name is markup, SQL, a template, a format string and terminal sequences at once."""
    return sheet


@attack("folder", student="{evil} %(x)s $(id) `id` ;id ' OR '1'='1 <b onclick=alert(1)>")
def name_of_a_command(sheet):
    """A folder whose name is a command, a placeholder, SQL and markup."""
    return sheet
