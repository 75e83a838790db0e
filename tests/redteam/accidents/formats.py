"""Encodings, line ends, formats, and what other programs make of a notebook when they save it."""

import json
import re

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from tests.redteam.accidents.register import group

accident = group("Encodings, formats and other programs")


def plain(sheet):
    """The notebook as plain data, to be changed in ways that nbformat would not let through."""
    return json.loads(sheet.text())


@accident()
def utf16(sheet):
    """An editor saved the notebook in UTF-16."""
    return sheet.honest().text().encode("utf-16")


@accident()
def utf32(sheet):
    """A script wrote the notebook in UTF-32."""
    return sheet.honest().text().encode("utf-32")


@accident("were no text in UTF-8; each is now a")
def latin1(sheet):
    """An old editor saved the notebook in Latin-1, umlauts and all."""
    sheet.honest().cell("words").source = "Schön größer"
    return sheet.text().encode("latin-1", "ignore")


@accident()
def byte_order_mark(sheet):
    """An editor put a byte order mark in front, and ends lines as Windows does."""
    return b"\xef\xbb\xbf" + sheet.honest().text().replace("\n", "\r\n").encode()


@accident()
def old_mac_lines(sheet):
    """An editor ends lines as Macs did, in the file and inside the cells."""
    for cell in sheet.honest().cells:
        cell.source = cell.source.replace("\n", "\r")
    return sheet.text().replace("\n", "\r")


@accident()
def filled_up_with_nuls(sheet):
    """The disk was full, and the end of the file is a thousand NULs."""
    return sheet.honest().text().encode() + bytes(1000)


@accident("read as format 3 and upgraded")
def format_3(sheet):
    """An old program saved the notebook in format 3."""
    old = nbformat.convert(nbformat.from_dict(sheet.honest().nb), 3)
    return nbformat.v3.writes_json(old)


@accident(r"format 5, but formats 3 and 4 are read\. Save it", ungradable=True)
def format_5(sheet):
    """A program of the future saved the notebook in format 5."""
    return json.dumps({**plain(sheet.honest()), "nbformat": 5, "nbformat_minor": 0})


@accident("does not say correctly which notebook format")
def format_in_words(sheet):
    """A script wrote the notebook, and its version as text."""
    return json.dumps({**plain(sheet.honest()), "nbformat": "4.5"})


@accident()
def older_jupyter(sheet):
    """Jupyter of 2018: no cell ids, cells that are collapsed and trusted, sources line by line."""
    nb = plain(sheet.honest())
    nb["nbformat_minor"] = 2
    for cell in nb["cells"]:
        del cell["id"]
        cell["source"] = cell["source"].splitlines(keepends=True)
        cell["metadata"] |= {"collapsed": True, "scrolled": False, "trusted": True, "deletable": False}
    return json.dumps(nb, indent=1)


@accident()
def vs_code(sheet):
    """VS Code saved the notebook: its own metadata, new cell ids, and the language in every cell."""
    nb = plain(sheet.honest())
    nb["metadata"]["vscode"] = {"interpreter": {"hash": "31f2aee4e71d21fbe5cf8b01ff0e069b"}}
    nb["metadata"]["orig_nbformat"] = 4
    for number, cell in enumerate(nb["cells"]):
        cell["id"] = f"{number:08x}"
        cell["metadata"]["vscode"] = {"languageId": "python"}
    return json.dumps(nb)


@accident()
def colab(sheet):
    """Google Colab saved the notebook: ids in the metadata, an accelerator, outputs of its own kind."""
    nb = plain(sheet.honest())
    nb |= {"nbformat_minor": 0}
    nb["metadata"] |= {"colab": {"provenance": [], "toc_visible": True}, "accelerator": "GPU"}
    for number, cell in enumerate(nb["cells"]):
        del cell["id"]
        cell["metadata"] |= {"id": f"x{number}yZ", "colab": {"base_uri": "https://localhost:8080/"}, "outputId": "9"}
    return json.dumps(nb)


@accident()
def kaggle(sheet):
    """Kaggle saved the notebook: identifiers and times of every run, papermill's as well."""
    nb = plain(sheet.honest())
    nb["metadata"] |= {"kaggle": {"isGpuEnabled": False}, "papermill": {"duration": 7.2, "exception": None}}
    for number, cell in enumerate(nb["cells"]):
        cell["metadata"] |= {"_uuid": f"{number:040x}", "execution": {"iopub.status.busy": "2026-01-01T00:00:00Z"}}
    return json.dumps(nb)


@accident("had lost nbgrader's label and were recognised by their cell id")
def labels_lost(sheet):
    """A tool threw the metadata of all cells away."""
    for cell in sheet.honest().cells:
        cell.metadata = {}
    return sheet


@accident("none of the cells in which the answers .* Copy the answers into a fresh copy", ungradable=True)
def labels_and_ids_lost(sheet):
    """A converter made the notebook anew from a script: no metadata, no cell ids."""
    nb = plain(sheet.honest())
    nb["cells"] = [{**cell, "metadata": {}, "id": f"new-{n}"} for n, cell in enumerate(nb["cells"])]
    return json.dumps(nb)


@accident()
def another_language(sheet):
    """The notebook says it is written in Julia, in an environment that exists nowhere else."""
    sheet.nb.metadata["kernelspec"] = {"name": "julia-1.9", "display_name": "Julia", "language": "julia"}
    sheet.nb.metadata["language_info"] = {"name": "julia"}
    return sheet.honest()


@accident()
def no_metadata_at_all(sheet):
    """The notebook has lost its own metadata: kernel, language, inventory."""
    sheet.honest().nb.metadata = {}
    return sheet


@accident()
def run_out_of_order(sheet):
    """The cells were run bottom to top, half of them twice, and the counts and outputs show it."""
    code = [cell for cell in sheet.honest().cells if cell.cell_type == "code"]
    for count, cell in zip(range(99, 0, -3), code, strict=False):
        cell.execution_count = count
        cell.outputs = [new_output("error", ename="NameError", evalue="name 'np' is not defined", traceback=["no"])]
    return sheet


@accident()
def outputs_with_everything(sheet):
    """Pictures, widgets and tables of ten megabytes are in the outputs, and their state in the metadata."""
    bundle = {"text/html": "<table>" + "<tr><td>1</td></tr>" * 10_000, "image/png": "iVBOR" * 2_000_000}
    sheet.honest().cell("quadratic_check").outputs = [new_output("display_data", data=bundle)]
    sheet.nb.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {"a": ["x"] * 1000}}}
    return sheet


PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@accident()
def a_picture_in_the_answer(sheet):
    """A photo of the derivation was pasted into the answer in words: it belongs there."""
    cell = sheet.honest().cell("words")
    cell.source, cell.attachments = "![derivation](photo.png)", {"photo.png": {"image/png": PIXEL}}
    return sheet


@accident(r"Attachments left out: .*only manually graded answers may have some")
def a_picture_elsewhere(sheet):
    """A screenshot was pasted into a cell of the student's own, beside an exercise that a machine grades."""
    sheet.honest().cells.insert(
        sheet.where("quadratic"), new_markdown_cell("![](shot.png)", attachments={"shot.png": {"image/png": PIXEL}})
    )
    return sheet


@accident(r"Attachments left out: scan\.png \(no readable PNG")
def a_picture_cut_short(sheet):
    """A pasted picture arrived only in part."""
    cell = sheet.honest().cell("words")
    cell.source, cell.attachments = "![scan](scan.png)", {"scan.png": {"image/png": PIXEL[:60]}}
    return sheet


@accident(r"long; at most .* are read\. Take pasted data out of the cell", ungradable=True)
def data_pasted_into_a_cell(sheet):
    """Two megabytes of numbers were pasted into a cell."""
    sheet.honest().cells.append(new_code_cell("data = [" + "0.123456, " * 200_000 + "]"))
    return sheet


@accident("holds a number where its text is expected", ungradable=True)
def a_cell_that_is_a_number(sheet):
    """A script that filled in the answers wrote a number where a text belongs."""
    nb = plain(sheet.honest())
    next(c for c in nb["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == "digits")["source"] = 42
    return json.dumps(nb)


@accident("half a character")
def strange_text(sheet):
    """Characters that no one can see, half a character, a million blanks."""
    cell = sheet.honest().add("quadratic", "# \u202e\ufeff\u200b naïve 🦆\nπ = 3.14").cell("words")
    cell.source = "Übung \ud800 " + " " * 10**6
    return re.sub("\ud800", r"\\ud800", sheet.text())
