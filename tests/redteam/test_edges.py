"""Limits at their edges: what just fits is taken, one more is refused."""

import io
import json
import socket
import threading

import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from PIL import Image

from autograder.bridge import codec, wire
from autograder.bridge.codec import Bounds, BridgeError
from autograder.bridge.shell import Recorder
from autograder.bridge.values import KEYS
from autograder.bridge.writing import BITS, INLINE
from autograder.judge import harmless
from autograder.rebuild import Ungradable, _find, _images, find_notebook, read_file, read_notebook, rebuild
from dlopt import notebooks
from dlopt.notebooks import MAX_BYTES, MAX_CELLS, MAX_PIECES, MAX_SOURCE, MAX_TEXT


def release():
    about = {"grade_id": "f", "solution": True, "grade": False, "locked": False, "task": False, "schema_version": 3}
    return new_notebook(cells=[new_code_cell("f = 1", id="f", metadata={"nbgrader": about})])


def handed_in(*sources, **metadata):
    """A notebook with these cells of the student's own beside the answer."""
    nb = release()
    nb.cells += [new_code_cell(source) for source in sources]
    return json.dumps({**nb, "metadata": metadata}).encode()


def taken(submission):
    try:
        rebuild(submission, release())
    except Ungradable:
        return False
    return True


def pieces(count):
    text = handed_in(data="HERE")
    there = sum(map(text.count, (b",", b"[", b"{")))
    return text.replace(b'"HERE"', b"[" + b"0," * (count - there - 1) + b"0]")


SUBMISSIONS = {
    "bytes": (lambda n: handed_in().ljust(n), MAX_BYTES),
    "pieces": (pieces, MAX_PIECES),
    "cells": (lambda n: handed_in(*["1"] * (n - 1)), MAX_CELLS),
    "source of a cell": (lambda n: handed_in("x" * n), MAX_SOURCE),
    "text of all cells": (lambda n: handed_in(*["x" * MAX_SOURCE] * 3, "x" * (n - 3 * MAX_SOURCE - 5)), MAX_TEXT),
}


@pytest.mark.parametrize("name", SUBMISSIONS)
def test_a_submission_may_be_as_large_as_the_limit_and_no_larger(name):
    make, limit = SUBMISSIONS[name]
    assert taken(make(limit))
    assert not taken(make(limit + 1))


def test_a_file_may_be_as_large_as_the_limit_and_no_larger(tmp_path, monkeypatch):
    monkeypatch.setattr(_find, "MAX_BYTES", 1000)
    file = tmp_path / "ps.ipynb"
    file.write_bytes(bytes(1000))
    assert len(read_notebook(file)) == 1000
    file.write_bytes(bytes(1001))
    assert len(read_file(file, most=1000)) == 1001  # so that whoever asks can tell
    with pytest.raises(Ungradable, match="more than"):
        read_notebook(file)


@pytest.mark.parametrize(("more", "found"), [(0, True), (1, False)])
def test_a_folder_may_hold_so_many_files_and_be_so_deep(tmp_path, monkeypatch, more, found):
    monkeypatch.setattr(_find, "MAX_ENTRIES", 20)
    many, deep = tmp_path / "many", tmp_path / "deep"
    many.mkdir()
    for number in range(19 + more):
        (many / f"{number}.txt").touch()
    (many / "ps.ipynb").touch()
    below = deep.joinpath(*"d" * (_find.MAX_DEPTH + more))
    below.mkdir(parents=True)
    (below / "ps.ipynb").touch()
    for folder in (many, deep):
        if found:
            assert find_notebook(folder, "ps")[0].name == "ps.ipynb"
        else:
            with pytest.raises(Ungradable):
                find_notebook(folder, "ps")


def picture(width, height):
    file = io.BytesIO()
    Image.new("1", (width, height)).save(file, "PNG")
    return _images.base64.b64encode(file.getvalue()).decode()


def test_pictures_may_be_so_large_and_so_many():
    wide = _images.MAX_PIXELS // 4000
    images = _images.Images()
    assert images.reencode({"a.png": {"image/png": picture(wide, 4000)}})
    assert not images.reencode({"b.png": {"image/png": picture(wide, 4001)}})
    many = {f"{n}.png": {"image/png": picture(1, 1)} for n in range(_images.MAX_IMAGES + 1)}
    images = _images.Images()
    assert len(images.reencode(many)) == _images.MAX_IMAGES
    assert len(images.refused) == 1


def test_what_is_shown_is_cut_behind_the_limit():
    assert harmless.text("x" * harmless.MAX_TEXT) == "x" * harmless.MAX_TEXT
    assert harmless.text("x" * (harmless.MAX_TEXT + 1)).endswith(harmless.CUT.format(1))
    some = [{"output_type": "stream", "name": "stdout", "text": "x"}] * harmless.MAX_OUTPUTS
    assert len(harmless.outputs(some)) == harmless.MAX_OUTPUTS
    assert "1 more outputs were left out" in harmless.outputs([*some, some[0]])[-1]["text"]


def test_outputs_are_recorded_up_to_the_limit():
    recorder = Recorder(10)
    recorder.stream("stdout", "x" * 10)
    assert not recorder.cut
    recorder.stream("stdout", "x")
    assert recorder.cut
    assert recorder.printed() == "x" * 10


VALUES = {
    "bytes": ([1, "a"], lambda n: Bounds(bytes=n), len(codec.encode([1, "a"]))),
    "depth": ([[[1]]], lambda n: Bounds(depth=n), 3),
    "items": ([1, 2, 3], lambda n: Bounds(items=n), 4),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_message_may_hold_as_much_as_its_bounds_and_no_more(name):
    value, bounds, limit = VALUES[name]
    data = codec.encode(value)
    assert codec.decode(data, bounds(limit)) == value
    assert codec.encode(value, bounds(limit)) == data
    for refuse in (lambda: codec.decode(data, bounds(limit - 1)), lambda: codec.encode(value, bounds(limit - 1))):
        with pytest.raises(BridgeError):
            refuse()


@pytest.mark.parametrize("length", [INLINE, INLINE + 1])
def test_a_text_travels_on_either_side_of_the_header(length):
    assert codec.decode(codec.encode("é" * length)) == "é" * length


def test_numbers_as_keys_axes_and_digits_have_limits():
    keys = {number: None for number in range(KEYS)}
    assert codec.decode(codec.encode(keys)) == keys
    with pytest.raises(BridgeError):
        codec.encode({**keys, -1: None})
    assert codec.decode(codec.encode(np.ones((1,) * 32))).ndim == 32
    with pytest.raises(BridgeError):
        codec.decode(codec.encode(np.ones((1,) * 33)))
    largest = (1 << BITS) - 1
    assert codec.decode(codec.encode(largest)) == largest
    with pytest.raises(BridgeError):
        codec.encode(largest + 1)


@pytest.mark.parametrize(("size", "passes"), [(1000, True), (1001, False)])
def test_a_frame_may_be_as_large_as_announced_and_no_larger(size, passes):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sender = threading.Thread(target=wire.send, args=(theirs, bytes(size)))
        sender.start()
        if passes:
            assert len(wire.receive(ours, 1000)) == size
        else:
            with pytest.raises(wire.TooLarge):
                wire.receive(ours, 1000)
        sender.join()


def test_the_limits_of_students_own_check_are_those_of_grading():
    assert (notebooks.MAX_BYTES, notebooks.MAX_CELLS) == (MAX_BYTES, MAX_CELLS)
