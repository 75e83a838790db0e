"""What lies in the folder: names, places, and files that are no notebooks."""

import json

from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from tests.redteam.accidents.register import PS, group

accident = group("The folder and the file")


@accident(r"ps2_quadratics \(1\)\.ipynb was taken for it")
def downloaded_twice(sheet):
    """The browser called the second download "(1)"."""
    return {f"{PS} (1).ipynb": sheet.honest()}


@accident("The notebook should be called ps2_quadratics.ipynb")
def renamed(sheet):
    """The notebook has the student's name instead of its own; other files lie beside it."""
    return {"Marta, Lösung FINAL.ipynb": sheet.honest(), "notes.txt": "to do", "data.csv": "1,2"}


@accident("PS2_Quadratics.IPYNB was taken for it")
def in_capitals(sheet):
    """A Windows program wrote the name in capitals."""
    return {"PS2_Quadratics.IPYNB": sheet.honest()}


@accident(r"ps2_quadratics\.ipynb\.txt was taken for it")
def ending_added(sheet):
    """The browser saved the notebook as a text file."""
    return {f"{PS}.ipynb.txt": sheet.honest()}


@accident("was taken for it")
def one_folder_deeper(sheet):
    """The whole folder was dragged into the upload, so that the notebook lies one level deeper."""
    return {f"{PS}/{PS}.ipynb": sheet.honest()}


@accident("was taken for it")
def folder_with_the_name(sheet):
    """A folder carries the notebook's name, and the notebook lies in it."""
    return {f"{PS}.ipynb/{PS}.ipynb": sheet.honest()}


@accident(r"Besides ps2_quadratics\.ipynb, and not looked at: ps2_quadratics-Copy1\.ipynb")
def copy_beside(sheet):
    """JupyterLab's "Duplicate" left an old copy beside the notebook."""
    old = sheet.text()
    return {f"{PS}.ipynb": sheet.honest(), f"{PS}-Copy1.ipynb": old}


@accident()
def checkpoints_beside(sheet):
    """Jupyter's checkpoints, the Mac's shadow files and a thumbnail came along."""
    text = sheet.honest().text()
    return {
        f"{PS}.ipynb": text,
        f".ipynb_checkpoints/{PS}-checkpoint.ipynb": text[:300],
        f"__MACOSX/._{PS}.ipynb": b"\0\x05\x16\x07",
        ".DS_Store": b"\0\0\0\1Bud1",
        f"._{PS}.ipynb": b"\0\x05\x16\x07",
    }


@accident(r"the folder holds nothing but \.ipynb_checkpoints", ungradable=True)
def only_checkpoints(sheet):
    """Only the hidden folder with Jupyter's checkpoints was uploaded."""
    return {f".ipynb_checkpoints/{PS}-checkpoint.ipynb": sheet.honest()}


@accident("the folder holds no notebook but notes.txt", ungradable=True)
def no_notebook(sheet):
    """The folder holds everything but the notebook."""
    return {"notes.txt": "It was here a minute ago."}


@accident("the folder holds nothing", ungradable=True)
def nothing_at_all(sheet):
    """The folder is empty."""
    return {}


@accident("several notebooks could be it", ungradable=True)
def several(sheet):
    """Two notebooks, and no telling which is meant."""
    return {f"{PS}_old.ipynb": sheet.text(), f"{PS}_new.ipynb": sheet.honest().text()}


@accident(r"the folder holds no notebook but ps2_quadratics\.zip", ungradable=True)
def zip_inside(sheet):
    """The folder holds a zip archive, and the notebook is in there."""
    return {f"{PS}.zip": b"PK\x03\x04" + bytes(200)}


@accident("no notebook but", ungradable=True)
def not_downloaded_yet(sheet):
    """The cloud's placeholder was uploaded in place of the file that it stands for."""
    return {f".{PS}.ipynb.icloud": b"bplist00\xd4\x01\x02"}


@accident("timestamp.txt")
def a_timestamp_of_her_own(sheet):
    """A file beside the notebook happens to be called timestamp.txt, as nbgrader's own are."""
    return {f"{PS}.ipynb": sheet.honest(), "timestamp.txt": "Handed in on Friday, honestly! Märta".encode("latin-1")}


@accident(student="Zoë O'Neil-Ünal & Ben (pair)")
def a_name_with_everything(sheet):
    """Two students hand in together, and the folder carries both names."""
    return sheet.honest()


# ------------------------------------------------------------------------------------------- files that are none


@accident("The file is empty", ungradable=True)
def empty_file(sheet):
    """The disk was full."""
    return b""


@accident("The notebook breaks off after", ungradable=True)
def half_uploaded(sheet):
    """The upload was interrupted half-way."""
    text = sheet.honest().text()
    return text[: len(text) // 2]


@accident("a zip archive", ungradable=True)
def zipped(sheet):
    """A zip archive with the ending of a notebook."""
    return b"PK\x03\x04" + bytes(200)


@accident(r"a zip archive \(or an office document\)", ungradable=True)
def a_word_document(sheet):
    """The answers were written in Word, and the .docx was renamed."""
    return b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00" + b"[Content_Types].xml word/document.xml" * 9


@accident("the file is a PDF", ungradable=True)
def a_pdf(sheet):
    """The notebook was printed into a PDF, which was renamed."""
    return b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"


@accident("an RTF document", ungradable=True)
def rich_text(sheet):
    """A text editor that formats saved the notebook as rich text."""
    return b'{\\rtf1\\ansi\\ansicpg1252\\cocoartf2709\n{\\fonttbl\\f0 Menlo;}\n\\f0 \\{ \\"cells\\": [] \\}}'


@accident("looks like a Python script", ungradable=True)
def a_script(sheet):
    """The notebook was exported as a script, which was renamed."""
    return "#!/usr/bin/env python\n# coding: utf-8\n\n# In[1]:\n\n\nimport numpy as np\n\n" + sheet.answers["softmax"]


@accident("an HTML page", ungradable=True)
def a_web_page(sheet):
    """The page that shows the notebook was saved instead of the notebook."""
    return "<!DOCTYPE html>\n<html><head><title>ps2</title></head><body>Please log in.</body></html>"


@accident("JSON, but no notebook", ungradable=True)
def a_pointer_to_the_cloud(sheet):
    """The stub that Google Drive keeps on the disk was uploaded: it only points to the notebook."""
    return json.dumps({"url": "https://colab.research.google.com/drive/1a2b", "doc_id": "1a2b", "email": "m@x.org"})


@accident("a Git LFS pointer", ungradable=True)
def a_large_file_pointer(sheet):
    """Git LFS left a pointer where the notebook should be."""
    return "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"


@accident("the marks of an unfinished git merge", ungradable=True)
def merge_markers(sheet):
    """Two people edited the notebook, and git was left alone with it."""
    lines = sheet.honest().text().split("\n")
    lines[30:30] = ["<<<<<<< HEAD", *lines[20:30], "======="]
    return "\n".join([*lines[:60], ">>>>>>> feature", *lines[60:]])


@accident("no valid JSON: .* at line", ungradable=True)
def edited_by_hand(sheet):
    """The file was opened in an ordinary editor, and a comma was lost."""
    return sheet.honest().text().replace('",\n', '"\n', 1)


@accident("no valid JSON", ungradable=True)
def pasted_twice(sheet):
    """The whole file was pasted twice into an editor."""
    return 2 * sheet.honest().text()


@accident("none of the cells in which the answers", ungradable=True)
def another_notebook(sheet):
    """Last week's notebook was handed in once more."""
    sheet.cells[:] = [new_markdown_cell("# Problem set 1"), new_code_cell("def mean(x):\n    return sum(x) / len(x)")]
    return sheet


@accident("The file has more than .* Clear the outputs", ungradable=True)
def outputs_of_forty_megabytes(sheet):
    """Every run left its printed arrays in the notebook, forty megabytes of them."""
    sheet.honest().cell("quadratic").outputs = [new_output("stream", text="0.12345678 " * 4_000_000)]
    return sheet
