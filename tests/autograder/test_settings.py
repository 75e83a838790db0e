"""``course.yml``: what it may say, what it means, and the sentence for everything that it cannot mean."""

import re
from datetime import UTC, datetime

import pytest
import yaml

from autograder.course import ROOT, Course, CourseError
from autograder.settings import Late, load

REPOSITORY = ROOT.parent
ALL = Course().problem_sets()
ZONE = "timezone: Europe/Helsinki\n"


@pytest.fixture
def read(tmp_path):
    """A function: the settings of a course with this ``course.yml``."""
    (tmp_path / "autograder").mkdir()
    (tmp_path / "solutions").symlink_to(REPOSITORY / "solutions")

    def settings(text):
        (tmp_path / "course.yml").write_bytes(text if isinstance(text, bytes) else text.encode())
        return load(Course(tmp_path / "autograder"))

    return settings


@pytest.mark.parametrize("text", ["", "\n", "# nothing yet\n", "---\n", "sets:\n", "sets: {}\n", "\ufeff# a mark\n"])
def test_a_file_that_decides_nothing_is_a_course_of_all_sets_without_deadlines(read, text):
    settings = read(text)
    assert settings.names == ALL
    assert settings.late is None
    for one in settings.sets:
        assert (one.deadline, one.no_deadline, one.solution, one.points, one.bonus) == (None, False, None, None, ())


def test_so_is_no_file(tmp_path):
    (tmp_path / "solutions").symlink_to(REPOSITORY / "solutions")
    assert load(Course(tmp_path / "autograder")).names == ALL


def test_the_course_s_own_file_is_right():
    assert set(load(Course()).names) <= set(ALL)


@pytest.fixture(scope="module")
def example():
    """The example of docs/course.md."""
    page = (REPOSITORY / "docs" / "course.md").read_text(encoding="utf-8")
    (found,) = re.findall(r"^```yaml\n(timezone:.*?)^```", page, re.MULTILINE | re.DOTALL)
    return found


def test_the_example_means_what_the_page_says(read, example):
    settings = read(example)
    assert settings.names == ["ps1_losses", "ps2_quadratics", "ps6_batchnorm"]
    first, second, last = settings.sets
    assert first.deadline == datetime(2026, 9, 18, 20, 59, tzinfo=UTC)
    assert first.solution == datetime(2026, 10, 2, 9, 0, tzinfo=UTC)
    assert (second.points, second.exercises) == (30, {"newton_step": 4})
    assert (second.bonus, second.all_bonus, last.all_bonus) == (("classify_critical_point",), False, True)
    assert settings.late == Late(10, 50, 15)
    assert settings.timezone == "Europe/Helsinki"


SHIPPED = (REPOSITORY / "course.yml").read_text(encoding="utf-8")


@pytest.mark.skipif(yaml.safe_load(SHIPPED) is not None, reason="this course has made its own decisions")
def test_the_shipped_file_shows_the_same_example_behind_marks_of_comment(example):
    lines = [line.removeprefix("#").removeprefix(" ") for line in SHIPPED.splitlines()]
    shown = [line for line in lines[lines.index("") + 1 :] if line]
    assert "\n".join(shown[shown.index(example.splitlines()[0]) :]) == "\n".join(filter(None, example.splitlines()))


def test_sets_come_in_the_order_of_the_file(read):
    assert read("sets:\n  ps6_batchnorm:\n  ps1_losses:\n").names == ["ps6_batchnorm", "ps1_losses"]


@pytest.mark.parametrize("text", ["none", "", "~", '"none"'])
def test_a_deadline_can_be_taken_back(read, text):
    (one,) = read(f"sets:\n  ps1_losses:\n    deadline: {text}\n").sets
    assert one.deadline is None
    assert one.no_deadline


@pytest.mark.parametrize(
    "text",
    ["2026-10-02 23:59+03:00", "2026-10-02T23:59:00+0300", "2026-10-02 20:59Z", '"2026-10-02 20:59 Z"'],
)
def test_a_date_with_an_offset_needs_no_time_zone(read, text):
    (one,) = read(f"sets: {{ps1_losses: {{deadline: {text}}}}}").sets
    assert one.deadline == datetime(2026, 10, 2, 20, 59, tzinfo=UTC)


def test_the_time_zone_knows_about_summer(read):
    sets = read(
        ZONE + "sets:\n  ps1_losses: {deadline: 2026-10-24 12:00}\n  ps3_whitening: {deadline: 2026-10-26 12:00}"
    ).sets
    assert [one.deadline.hour for one in sets] == [9, 10]


def one_set(line):
    return f"{ZONE}sets:\n  ps2_quadratics:\n    {line}\n"


#: What stands in the file, the line that the sentence names, and what it says.
WRONG = [
    ("sets:\n  ps2:\n", 2, "no problem set 'ps2'. Did you mean ps2_quadratics? solutions/ has: ps1_losses"),
    ("sets:\n  ps2_quadratiks:\n", 2, "Did you mean ps2_quadratics?"),
    ("sets:\n  homework:\n", 2, "there is no problem set 'homework'. solutions/ has: "),
    ("sets: [ps1_losses]\n", 1, "sets expects a line for each problem set, such as `ps2_quadratics:`"),
    ("- ps1_losses\n", 0, 'the file expects lines such as `sets:` or `timezone:`; got ["ps1_losses"].'),
    ("set:\n  ps1_losses:\n", 1, "nothing is known of 'set' at the top of the file. Did you mean sets?"),
    (one_set("dedline: 2026-10-02 23:59"), 4, "'dedline' in ps2_quadratics. Did you mean deadline?"),
    (one_set("solved: yes"), 4, "There is: deadline, solution, points, exercises, bonus."),
    ("sets:\n  ps1_losses:\n  ps6_batchnorm:\n  ps1_losses:\n", 4, "stands here a second time, first on line 2"),
    (one_set("points: 3\n    points: 4"), 5, "points stands here a second time, first on line 4"),
    (one_set("deadline: 2026-10-02"), 4, "no time of day; write 2026-10-02 23:59 for the end of that day"),
    (one_set("deadline: next Friday"), 4, "date and time such as 2026-10-02 23:59 was expected; got 'next Friday'"),
    (one_set("deadline: 2.10.2026 23:59"), 4, "such as 2026-10-02 23:59 was expected; got '2.10.2026 23:59'"),
    (one_set("deadline: 2026-13-02 23:59"), 4, "is no date of the calendar"),
    (one_set("deadline: 2026-10-02 24:30"), 4, "is no date of the calendar"),
    (
        one_set("deadline: 2026"),
        4,
        "deadline of ps2_quadratics expects a date and time, such as 2026-10-02 23:59, or none",
    ),
    (one_set("deadline: 2027-03-28 03:30"), 4, "the clocks of Europe/Helsinki change at '2027-03-28 03:30'"),
    (one_set("deadline: 2026-10-25 03:30"), 4, "so it is no or two moments; choose another time"),
    (
        "sets:\n  ps1_losses:\n    deadline: 2026-10-02 23:59\n",
        3,
        "has no time zone; put a line such as `timezone: Europe/Helsinki`",
    ),
    ("timezone: Europe/Helsinky\n", 1, "no time zone 'Europe/Helsinky'. Did you mean Europe/Helsinki?"),
    ("timezone: 2\n", 1, "timezone expects the name of a time zone, such as Europe/Helsinki; got 2."),
    (
        one_set("deadline: 2026-10-02 23:59\n    solution: 2026-10-02 12:00"),
        5,
        "the solution of ps2_quadratics would be published at 2026-10-02 12:00, before the deadline 2026-10-02 23:59",
    ),
    (
        one_set("points: -5"),
        4,
        "points of ps2_quadratics expects the points that the whole set counts in the course, a",
    ),
    (one_set("points: 0"), 4, "a number above 0; got 0."),
    (one_set("points: many"), 4, 'a number above 0; got "many".'),
    (one_set("points: true"), 4, "a number above 0; got true."),
    (one_set("points: .nan"), 4, "a number was expected; got .nan."),
    (one_set("exercises: {newton_step: -1}"), 4, "newton_step of ps2_quadratics expects the points that the exercise"),
    (one_set("exercises: {newton: 1}"), 4, "no exercise 'newton'. Did you mean newton_step? It has: quadratic, "),
    (one_set("exercises:\n      newton_step: 1\n      newtons_step: 1"), 6, "no exercise 'newtons_step'"),
    (one_set("bonus: [softmax]"), 4, "ps2_quadratics has no exercise 'softmax'."),
    (
        one_set("bonus: newton_step"),
        4,
        "bonus of ps2_quadratics expects true for the whole set, or a list of exercises",
    ),
    (one_set("late: 3"), 4, "nothing is known of 'late' in ps2_quadratics"),
    ("late: {at_most_percent: 50}\n", 1, "late lacks the line percent_per_day:"),
    ("late:\n  percent_per_day: 110\n", 2, "each day begun after the deadline costs, a number from 0 to 100; got 110."),
    ("late:\n  percent_per_day: 10\n  grace_minutes: -1\n", 3, "a number of 0 or more; got -1."),
    ("late: 10 percent\n", 1, "late expects the lines percent_per_day:, at_most_percent: and grace_minutes:; got"),
    ("sets:\n\tps1_losses:\n", 2, "Indent with spaces; YAML allows no tabs."),
    ("sets:\n  ps1_losses: deadline: 2026-10-02 23:59\n", 2, "Is the line above indented as it should be"),
    ("sets:\n  ps1_losses: {deadline: none\n", 3, "this is no YAML"),
    ("sets: {}\n---\nsets: {}\n", 2, "this is no YAML: but found another document"),
    ("sets:\n  1: {}\n", 2, "a name was expected before the colon; got '1'"),
    (b"timezone: \xff\xfe", 0, "this is no UTF-8 text (byte 10); save the file as UTF-8."),
]


@pytest.mark.parametrize(("text", "line", "sentence"), WRONG)
def test_what_cannot_be_meant_has_a_sentence_with_its_line(read, text, line, sentence):
    with pytest.raises(CourseError) as caught:
        read(text)
    (said,) = str(caught.value).splitlines()
    assert said.startswith(f"course.yml, line {line}: " if line else "course.yml: ")
    assert sentence in said


def test_all_problems_are_told_at_once_in_the_order_of_the_lines(read):
    text = "timezone: Mars\nsets:\n  ps1_losses: {deadline: soon}\n  ps99_more:\n  ps6_batchnorm: {bonus: [fold]}\n"
    with pytest.raises(CourseError) as caught:
        read(text)
    said = str(caught.value).splitlines()
    assert [line.partition(":")[0] for line in said] == [f"course.yml, line {number}" for number in (1, 3, 4, 5)]


def test_a_set_of_which_nothing_counts_is_refused(read):
    exercises = ", ".join(f"{name}: 0" for name in Course().exercises("ps6_batchnorm"))
    with pytest.raises(CourseError, match="no exercise of ps6_batchnorm is left that counts; for a bonus set write"):
        read(f"sets: {{ps6_batchnorm: {{exercises: {{{exercises}}}}}}}")


def test_a_solution_is_published_from_its_moment_on_and_never_by_itself(read):
    one, other = read(f"{ZONE}sets:\n  ps1_losses: {{solution: 2026-10-02 12:00}}\n  ps3_whitening:\n").sets
    moments = [datetime(2026, 10, 2, 8, 59, 59, tzinfo=UTC), datetime(2026, 10, 2, 9, 0, tzinfo=UTC)]
    assert [one.is_published(now) for now in moments] == [False, True]
    assert not other.is_published(datetime.max.replace(tzinfo=UTC))
    assert not read("sets: {ps1_losses: {solution: never}}").sets[0].is_published(datetime.max.replace(tzinfo=UTC))


def test_points_that_can_be_had_with_the_solution_are_noted(read):
    dates = "sets:\n  ps1_losses: {deadline: 2026-10-02 23:59, solution: 2026-10-04 12:00}\n"
    assert read(ZONE + dates).notes() == []
    assert read(ZONE + "late: {percent_per_day: 50}\n" + dates).notes() == []
    assert read(ZONE + "late: {percent_per_day: 10}\n" + dates).notes() == [
        "ps1_losses: what is handed in after its solution is published still earns 80% of a score."
    ]
