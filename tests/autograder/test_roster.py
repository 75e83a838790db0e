"""Rosters: what platforms export is understood, nothing is written unless all of it is sound, nobody is removed."""

import pytest

from autograder.__main__ import main
from autograder.course import Course, CourseError
from autograder.roster import Person, enter, read

HEAD = "id,first_name,last_name,email\n"
PLAIN = HEAD + "ada,Ada,Lovelace,ada@example.org\nbo,Bo,Ek,\n"
CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,Problem set 1
    Points Possible,,,,,27
"Lovelace, Ada",1001,F-77,ada,Group A,
"Ek, Bo",1002,F-78,bo,Group B,
"""
MOODLE = "First name;Surname;ID number;Email address;Groups\nAda;Lovelace;ada;ada@example.org;\nBo;Ek;bo;;\n"
BLACKBOARD = "Last Name\tFirst Name\tUsername\tStudent ID\nLovelace\tAda\tada\t77\n"


@pytest.fixture
def roster(tmp_path):
    """A function: a file with this content."""

    def write(content):
        path = tmp_path / "students.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def empty(tmp_path):
    """A course whose gradebook does not exist yet."""
    (tmp_path / "autograder").mkdir()
    return Course(tmp_path / "autograder")


def students(course):
    with course.gradebook() as gradebook:
        return {s.id: (s.first_name, s.last_name, s.email) for s in gradebook.students}


@pytest.mark.parametrize(
    ("content", "ids", "column"),
    [
        (PLAIN, ["ada", "bo"], "id"),
        (CANVAS, ["ada", "bo"], "SIS Login ID"),
        (MOODLE, ["ada", "bo"], "ID number"),
        (BLACKBOARD, ["77"], "Student ID"),
    ],
)
def test_what_platforms_export_is_understood(roster, content, ids, column):
    people, taken = read(roster(content))
    assert [person.id for person in people] == ids
    assert taken["id"] == column
    assert (people[0].first_name, people[0].last_name) == ("Ada", "Lovelace")


def test_another_column_can_hold_the_ids(roster):
    people, _ = read(roster(CANVAS), id_column="sis user id")
    assert [person.id for person in people] == ["F-77", "F-78"]
    with pytest.raises(CourseError, match="One of these names was expected: 'Matrikel'; the file has 'Student', 'ID'"):
        read(roster(CANVAS), id_column="Matrikel")


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff" + PLAIN,
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        "sep=;\r\n" + PLAIN.replace(",", ";"),
        PLAIN.replace("\n", "\r\n"),
        PLAIN.encode("utf-16"),
        PLAIN.replace("ada,", '"ada",').replace("Lovelace", '"Lovelace"'),
        PLAIN.replace("ada,Ada", "  ada , Ada "),
        PLAIN.replace("id,first_name", " ID , First Name"),
        PLAIN.replace("\nbo", "\n\n  ,,,\nbo") + "\n\n",
        PLAIN.replace("bo,Bo,Ek,\n", "bo,Bo,Ek"),
    ],
)
def test_the_same_roster_in_other_clothes_is_the_same(roster, content):
    people, _ = read(roster(content))
    assert [Person(0, p.id, p.first_name, p.last_name, p.email) for p in people] == [
        Person(0, "ada", "Ada", "Lovelace", "ada@example.org"),
        Person(0, "bo", "Bo", "Ek", ""),
    ]


@pytest.mark.parametrize(
    "name", ["Zoë", "Łukasz", "O’Neil", "D'Arc", "Anne-Marie", "村上", "محمد", "می\u200cخواهم", "Jr."]
)
def test_names_of_the_world_are_names(roster, name):
    (person,) = read(roster(f"id,first_name\nada,{name}\n"))[0]
    assert person.first_name == name


def test_a_name_may_have_a_comma(roster):
    (person,) = read(roster(HEAD + 'ada,,"King, Countess",\n'))[0]
    assert person.last_name == "King, Countess"


def test_letters_are_composed_so_that_one_id_is_one_folder(roster):
    (person,) = read(roster("id\ne\u0301lise\n"))[0]
    assert person.id == "élise"


#: What stands in the file, the line that the sentence names, and what it says.
WRONG = [
    (HEAD + "ada,A,L,\nbo,B,E,\nada,A,L,\n", 4, "ada is there already, on line 2; keep one of the two."),
    (HEAD + "ada,A,L,\nAda,A,L,\n", 3, "Ada differs from ada on line 2 by capitals only"),
    (HEAD + ",Ada,Lovelace,\n", 2, "the id is missing."),
    (HEAD + "  ,Ada,Lovelace,\n", 2, "the id is missing."),
    (HEAD + "a/b,,,\n", 2, "the id 'a/b' holds '/'; it becomes the name of a folder"),
    (HEAD + "a\\b,,,\n", 2, "it becomes the name of a folder: use letters, digits and . _ - @ only."),
    (HEAD + "..,,,\n", 2, "the id '..' begins with '.'"),
    (HEAD + ".ada,,,\n", 2, "the id '.ada' begins with '.'"),
    (HEAD + "-ada,,,\n", 2, "it would be hidden or taken for an option"),
    (HEAD + "a\x07da,,,\n", 2, "holds a character that cannot be seen"),
    (HEAD + "a\u200bda,,,\n", 2, "holds a character that cannot be seen"),
    (HEAD + '"a\nda",,,\n', 2, "holds a character that cannot be seen"),
    (HEAD + "ada lovelace,,,\n", 2, "holds a space"),
    (HEAD + "ada*,,,\n", 2, "holds '*'"),
    (HEAD + "ada+course@example.org,,,\n", 2, "holds '+'"),
    (HEAD + "1.23E+08,,,\n", 2, "is a number that a spreadsheet has rounded; format its column as text"),
    (HEAD + "=cmd,,,\n", 2, "holds '='"),
    (HEAD + "nul,,,\n", 2, "is no name that a folder can have on Windows"),
    (HEAD + "COM1.x,,,\n", 2, "is no name that a folder can have on Windows"),
    (HEAD + "ada.,,,\n", 2, "is no name that a folder can have on Windows"),
    (HEAD + "a" * 129 + ",,,\n", 2, "the id has 129 characters; at most 128 fit."),
    (HEAD + "ada,=1+1,,\n", 2, "first_name is '=1+1', which a spreadsheet would run as a formula; leave the '=' out."),
    (HEAD + "ada,,@SUM(A1),\n", 2, "last_name is '@SUM(A1)', which a spreadsheet would run as a formula"),
    (HEAD + 'ada,"Ada\nKing",,\n', 2, "holds a character that cannot be seen, such as a line break"),
    (HEAD + "ada,,,ada at home\n", 2, "the email 'ada at home' is no address"),
    (HEAD + "ada,,,=ada@example.org\n", 2, "is no address"),
    (
        HEAD + "ada,Ada,Lovelace,,more\n",
        2,
        "5 columns were found, but the head names 4; a cell with a comma needs quotes.",
    ),
    (HEAD + 'ada,"Ada,Lovelace,\n', 2, "the quotes do not match"),
    (HEAD + 'ok,,,\nada,"Ada"x,,\n', 3, "the quotes do not match"),
    ("sep=;\n" + HEAD.replace(",", ";") + ";Ada;;\n", 3, "the id is missing."),
    (HEAD, 1, "there is nobody below the names of the columns."),
    ("first_name,last_name\nAda,Lovelace\n", 1, "no column holds the students' ids."),
    ("ada,Ada,Lovelace\n", 1, "the file has 'ada', 'Ada', 'Lovelace'. Rename the column to id."),
    ("id,id\nada,bo\n", 1, "the column 'id' is there more than once."),
    (
        "id,first_name\nada,Ad\xe8le\n".encode("latin-1"),
        2,
        "no UTF-8 text, so names would be spoiled; save it as “CSV UTF-8”.",
    ),
]


@pytest.mark.parametrize(("content", "line", "sentence"), WRONG)
def test_what_is_not_sound_has_a_sentence_with_its_line_and_nothing_is_written(
    roster, empty, content, line, sentence, capsys
):
    assert main(["roster", str(roster(content)), "--course", str(empty.root)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert f"students.csv, line {line}: " in err
    assert sentence in err
    assert not (empty.root / "gradebook.db").exists()


def test_an_empty_file_and_a_missing_one_are_named(roster, tmp_path):
    with pytest.raises(CourseError, match=r"students\.csv is empty; a line with the names of the columns was expected"):
        read(roster("\n"))
    with pytest.raises(CourseError, match=r"gone\.csv cannot be read: No such file"):
        read(tmp_path / "gone.csv")


def test_every_problem_is_told_in_the_order_of_the_lines(roster):
    with pytest.raises(CourseError) as caught:
        read(roster(HEAD + "a/b,,,\nada,=1,,nowhere\nada,,,\nada,,,\n"))
    said = str(caught.value).splitlines()
    assert [line.partition(":")[0] for line in said[:-1]] == [f"students.csv, line {number}" for number in (2, 3, 3, 5)]
    assert said[-1].startswith("Nothing was written")


def test_students_are_added_changed_and_never_removed(roster, empty, capsys):
    course = ["--course", str(empty.root)]
    assert main(["roster", str(roster(PLAIN)), *course]) == 0
    assert students(empty) == {"ada": ("Ada", "Lovelace", "ada@example.org"), "bo": ("Bo", "Ek", None)}
    capsys.readouterr()
    assert main(["roster", str(roster(HEAD + "ada,Ada,King,\ncy,Cy,,\n")), *course]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "+ cy  Cy",
        "~ ada  last_name: Lovelace → King",
        "? bo  is not in the file; kept, with all grades",
        "1 new, 1 changed, 0 as before, 1 not in the file",
    ]
    assert students(empty) == {
        "ada": ("Ada", "King", "ada@example.org"),  # what the file leaves empty stays
        "bo": ("Bo", "Ek", None),
        "cy": ("Cy", None, None),
    }


def test_a_dry_run_says_the_same_and_writes_nothing(roster, empty, capsys):
    command = ["roster", str(roster(PLAIN)), "--course", str(empty.root)]
    assert main([*command, "--dry-run"]) == 0
    dry = capsys.readouterr()
    assert "a dry run: nothing was written" in dry.err
    assert not (empty.root / "gradebook.db").exists()
    assert main(command) == 0
    assert capsys.readouterr().out == dry.out
    assert main([*command[:1], str(roster(PLAIN.replace("Ek", "Berg"))), *command[2:], "--dry-run"]) == 0
    assert students(empty)["bo"] == ("Bo", "Ek", None)


def test_it_says_which_column_was_taken_for_what(roster, empty, capsys):
    assert main(["roster", str(roster(CANVAS)), "--dry-run", "--course", str(empty.root)]) == 0
    assert "students.csv: id from 'SIS Login ID', name from 'Student'" in capsys.readouterr().err


def test_an_id_that_the_gradebook_writes_with_other_capitals_is_refused(roster, empty):
    people, _ = read(roster(PLAIN))
    enter(empty, people, roster(PLAIN))
    file = roster(HEAD + "cy,,,\nADA,,,\n")
    people, _ = read(file)
    with pytest.raises(CourseError, match=r"students\.csv, line 3: the gradebook knows ada, which differs from ADA by"):
        enter(empty, people, file)
    assert set(students(empty)) == {"ada", "bo"}
