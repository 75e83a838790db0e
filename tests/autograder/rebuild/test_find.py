"""Which file of a student's folder is the notebook."""

import os

import pytest

from autograder.rebuild import Ungradable, find_notebook, read_notebook

PS = "ps2_quadratics"


@pytest.fixture
def folder(tmp_path):
    """A function that fills a folder with files and returns it."""

    def fill(*names):
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text("{}")
        return tmp_path

    return fill


def found(folder):
    path, notes = find_notebook(folder, PS)
    return path.relative_to(folder).as_posix(), notes


@pytest.mark.parametrize(
    "others", [(), ("ps1.ipynb", "data.csv"), (".ipynb_checkpoints/ps2_quadratics-checkpoint.ipynb",)]
)
def test_the_notebook_of_the_right_name_whatever_lies_beside_it(folder, others):
    assert found(folder(f"{PS}.ipynb", *others)) == (f"{PS}.ipynb", [])


def test_a_second_copy_is_named_in_a_note(folder):
    name, notes = found(folder(f"{PS}.ipynb", f"{PS} (1).ipynb"))
    assert name == f"{PS}.ipynb"
    assert notes == [f"Besides {PS}.ipynb, and not looked at: {PS} (1).ipynb."]


@pytest.mark.parametrize(
    "name",
    [
        f"{PS} (1).ipynb",
        f"{PS}-Copy1.ipynb",
        f"{PS}_aino.ipynb",
        "PS2_Quadratics.IPYNB",
        f"{PS}.ipynb.txt",
        f"{PS}.ipynb.json",
        "Untitled.ipynb",
        f"homework/{PS}.ipynb",
    ],
)
def test_the_only_notebook_under_another_name_with_a_note(folder, name):
    got, notes = found(folder(name, "readme.txt", ".ipynb_checkpoints/x.ipynb", "__MACOSX/._x.ipynb"))
    assert got == name
    assert notes == [f"The notebook should be called {PS}.ipynb; {name} was taken for it."]


def test_among_several_the_one_whose_name_begins_right(folder):
    name, notes = found(folder(f"{PS} (1).ipynb", "ps2_quadratics2.ipynb", "scratch.ipynb"))
    assert name == f"{PS} (1).ipynb"
    assert "(of ps2_quadratics (1).ipynb, ps2_quadratics2.ipynb, scratch.ipynb)" in notes[0]


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ((), "the folder holds nothing"),
        (("answers.py", "plot.png"), "the folder holds no notebook but answers.py, plot.png"),
        ((".ipynb_checkpoints/ps2_quadratics.ipynb",), "the folder holds nothing"),
        (("a.ipynb", "b.ipynb"), "several notebooks could be it: a.ipynb, b.ipynb"),
        ((f"{PS} (1).ipynb", f"{PS} (2).ipynb"), f"several notebooks could be it: {PS} (1).ipynb, {PS} (2).ipynb"),
        ((f"a/{PS}.ipynb", f"b/{PS}.ipynb"), "several notebooks could be it"),
    ],
)
def test_otherwise_a_sentence_names_what_is_there(folder, files, sentence):
    with pytest.raises(Ungradable) as refusal:
        find_notebook(folder(*files), PS)
    assert str(refusal.value).startswith(f"{PS}.ipynb was expected")
    assert sentence in str(refusal.value)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(Ungradable, match="the folder holds nothing"):
        find_notebook(tmp_path / "nobody", PS)


def test_links_are_not_followed(folder, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    (outside / f"{PS}.ipynb").write_text("secret")
    here = folder("readme.txt")
    (here / f"{PS}.ipynb").symlink_to(outside / f"{PS}.ipynb")
    (here / "all").symlink_to(outside, target_is_directory=True)
    with pytest.raises(Ungradable, match=f"only links, which are not followed: {PS}.ipynb"):
        find_notebook(here, PS)
    with pytest.raises(Ungradable, match="cannot be read"):
        read_notebook(here / f"{PS}.ipynb")


def test_a_name_cannot_smuggle_markup_into_a_sentence(folder):
    with pytest.raises(Ungradable) as refusal:
        find_notebook(folder("<b>\n'x\u202e'.py"), PS)
    assert not set("<>'\n\u202e") & set(str(refusal.value))


def test_reading_gives_the_bytes(folder):
    assert read_notebook(folder("a.ipynb") / "a.ipynb") == b"{}"


def test_reading_stops_at_the_limit(folder):
    path = folder("a.ipynb") / "a.ipynb"
    os.truncate(path, 10 * 2**30)  # takes no space
    with pytest.raises(Ungradable, match=r"more than 33.6 MB"):
        read_notebook(path)


def test_reading_does_not_wait_for_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "a.ipynb")
    with pytest.raises(Ungradable, match="no ordinary file"):
        read_notebook(tmp_path / "a.ipynb")


def test_reading_refuses_a_folder(tmp_path):
    (tmp_path / "a.ipynb").mkdir()
    with pytest.raises(Ungradable):
        read_notebook(tmp_path / "a.ipynb")
