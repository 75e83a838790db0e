"""Any bytes: a notebook in whatever dress is read, anything else is refused with a sentence of its own."""

import codecs
import io
import json
import zipfile

import nbformat
import pytest

from autograder.rebuild import Ungradable
from autograder.rebuild._cells import MAX_BYTES, MAX_CELLS

RIGHT = "def f(x):\n    return 'é' * x"


@pytest.fixture
def text(small):
    """The text of an answered notebook, with a character outside ASCII."""
    return json.dumps(small.answer("f", RIGHT).nb, indent=1, ensure_ascii=False)


class TestAccepted:
    @pytest.mark.parametrize(
        "encode",
        [
            lambda text: text.encode(),
            lambda text: codecs.BOM_UTF8 + text.encode(),
            lambda text: text.encode("utf-16"),
            lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
            lambda text: text.encode("utf-16-le"),
            lambda text: text.encode("utf-32"),
            lambda text: text.encode() + b"\0" * 512 + b"\r\n",
        ],
        ids=["utf-8", "utf-8 bom", "utf-16", "utf-16-be", "utf-16 without bom", "utf-32", "padded with NULs"],
    )
    def test_every_unicode(self, text, encode, rebuilt, cell_of):
        result = rebuilt(encode(text))
        assert cell_of(result.notebook, "f").source == RIGHT
        assert result.notes == []

    def test_a_few_bad_bytes_with_a_note(self, text, rebuilt, cell_of):
        result = rebuilt(text.encode("latin-1"))
        assert cell_of(result.notebook, "f").source == RIGHT.replace("é", "�")
        assert result.notes[0].startswith("Some bytes (1) were no text in UTF-8")

    def test_format_3_with_a_note(self, small, rebuilt, cell_of):
        old = nbformat.writes(nbformat.convert(small.answer("f", RIGHT).nb, 3))
        result = rebuilt(old.encode())
        assert cell_of(result.notebook, "f").source == RIGHT
        assert "read as format 3" in result.notes[0]

    def test_headings_of_format_3(self, small, rebuilt, sources):
        old = nbformat.convert(small.nb, 3)
        old.worksheets[0].cells.insert(1, nbformat.v3.new_heading_cell("Mine", level=2))
        assert "## Mine" in sources(rebuilt(nbformat.writes(old).encode()).notebook)

    @pytest.mark.parametrize("version", [None, "4", 3, float("nan"), []])
    def test_a_format_number_that_is_wrong_with_a_note(self, small, rebuilt, version):
        small.nb.nbformat = version
        assert "read as format 4" in rebuilt(small).notes[0]

    def test_nan_in_outputs_and_metadata(self, small, rebuilt):
        small.nb.metadata["x"] = float("nan")
        small.nb.cells[1].metadata["y"] = [float("inf")]
        assert b"NaN" in small.bytes
        assert rebuilt(small).notes == []

    def test_numbers_of_any_length(self, small, rebuilt):
        assert (
            rebuilt(small.bytes.replace(b'"execution_count": null', b'"execution_count": ' + b"9" * 20_000)).notes == []
        )

    def test_line_breaks_inside_strings(self, text, rebuilt, cell_of):
        assert cell_of(rebuilt(text.replace("\\n", "\n").encode()).notebook, "f").source == RIGHT


class TestRefused:
    @pytest.mark.parametrize(
        ("submission", "sentence"),
        [
            (b"", "The file is empty (0 bytes, nothing written)"),
            (b"\xef\xbb\xbf \n", "The file is empty"),
            (b"\0" * 4096, "The file is empty"),
            (b"<!DOCTYPE html><html><body>Log in</body></html>", "HTML page"),
            (b"\n<html lang='en'>", "HTML page"),
            (b"%PDF-1.7 ...", "the file is a PDF"),
            (b"\x1f\x8b\x08\x00", "the file is a gzip archive"),
            (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "a Git LFS pointer"),
            (b"import numpy as np\n\ndef f(x):\n    return x\n", "looks like a Python script"),
            (b"# %%\nx = 1\n", "looks like a Python script"),
            (b"Dear tutor, my laptop broke.", "no valid JSON: Expecting value at line 1, column 1"),
            (bytes(range(1, 256)) * 4, "not even text"),
            (b"[]", "the file holds a list as JSON"),
            (b"12", "the file holds a number as JSON"),
            (b"null", "the file holds nothing as JSON"),
            (b'"cells"', "the file holds a text as JSON"),
            (b"NaN", "the file holds a number as JSON"),
            (b"{}", "no notebook: a list of cells is expected, and it has nothing"),
            (b'{"name": 1, "version": 2}', "a list of cells is expected, and it has name, version"),
            (b'{"worksheets": 3}', "a list of cells is expected, and it has worksheets"),
            (b'{"nbformat": 4, "cells": {}}', "cells should be a list, but are an object"),
            (b'{"nbformat": 4, "cells": null}', "cells should be a list, but are nothing"),
            (b'{"nbformat": 4, "cells": []}', "has no cells"),
            (b'{"nbformat": 3, "worksheets": []}', "has no cells"),
            (b'{"nbformat": 4, "cells": [7]}', "Cell 1 of the notebook is a number, not a cell"),
            (b'{"nbformat": 4, "cells": [{}, null]}', "Cell 2 of the notebook is nothing, not a cell"),
            (b'{"nbformat": 5, "cells": [{}]}', "in format 5, but formats 3 and 4 are read"),
            (b'{"nbformat": 4,\n "cells": [,]}', "no valid JSON: Expecting value at line 2, column 12"),
            (b'{"nbformat": 4, "cells": []} {}', "no valid JSON: Extra data"),
            (b"[" * 100_000, "nested hundreds of levels deep"),
            (b'{"a":' * 100_000, "nested hundreds of levels deep"),
            (b'{"cells": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", "nested hundreds of levels deep"),
        ],
        ids=lambda value: repr(value[:24]) if isinstance(value, bytes) else "",
    )
    def test_with_a_sentence_of_its_own(self, rebuilt, submission, sentence):
        with pytest.raises(Ungradable) as refusal:
            rebuilt(submission)
        assert sentence in str(refusal.value)
        assert str(refusal.value).endswith(".")

    @pytest.mark.parametrize("share", [0.001, 0.3, 0.7, 0.999])
    def test_a_notebook_that_breaks_off(self, text, rebuilt, share):
        with pytest.raises(Ungradable, match=r"breaks off after \d"):
            rebuilt(text.encode()[: max(1, int(len(text.encode()) * share))])

    def test_marks_of_a_git_merge(self, text, rebuilt):
        lines = text.splitlines()
        lines[5:5] = ["<<<<<<< HEAD", lines[5], "=======", lines[6], ">>>>>>> main"]
        with pytest.raises(Ungradable, match="unfinished git merge"):
            rebuilt("\n".join(lines).encode())

    def test_marks_of_a_git_merge_inside_a_cell_are_the_students_text(self, small, rebuilt, cell_of):
        source = "<<<<<<< HEAD\nx\n=======\ny\n>>>>>>> main"
        assert cell_of(rebuilt(small.answer("f", source)).notebook, "f").source == source

    def test_a_zip_archive(self, text, rebuilt):
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("small.ipynb", text)
        with pytest.raises(Ungradable, match="a zip archive"):
            rebuilt(archive.getvalue())

    def test_a_huge_file(self, rebuilt):
        with pytest.raises(Ungradable, match=r"The file has 33.6 MB; at most 33.6 MB are read. Clear the outputs"):
            rebuilt(b" " * (MAX_BYTES + 1))

    def test_a_file_of_millions_of_small_things(self, rebuilt):
        with pytest.raises(Ungradable, match="made of more than 2000000 pieces"):
            rebuilt(b'{"cells": [' + b"{}," * 1_500_000 + b"{}]}")

    def test_thousands_of_cells(self, small, rebuilt):
        small.nb.cells += [small.nb.cells[2]] * MAX_CELLS
        with pytest.raises(Ungradable, match="at most 2000 are read"):
            rebuilt(small)


def test_a_refusal_crosses_processes():
    import pickle

    again = pickle.loads(pickle.dumps(Ungradable("Because.")))
    assert (type(again), str(again)) == (Ungradable, "Because.")
