"""Formgrader in a browser: its button grades with our judge, and what a person gives there is kept."""

import pytest

from autograder.course import ROOT

pytestmark = pytest.mark.slow

PS = "ps2_quadratics"
PATIENCE = 90_000.0  # milliseconds: a grading starts the judge and its jail
LOADED = "() => window.formgrader?.grades?.loaded && formgrader.comments?.loaded"  # the rest of it waits for MathJax


@pytest.fixture(scope="module")
def room(open_classroom, instructors):
    """A course in which two have handed in and nobody is graded."""
    room = open_classroom(instructors)
    room.hand_in("mina", lambda sheet: sheet.honest().answer(words="Because the Hessian is constant."))
    room.hand_in("cleo", lambda sheet: sheet.honest().text()[:5000])
    return room


@pytest.fixture(scope="module")
def address(room, jupyter_lab):
    """Jupyter, started in the course's folder, as docs/grading.md says."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT.parent))
        with jupyter_lab(room.course.root) as address:
            yield address


@pytest.fixture(scope="module")
def page(chromium, address):
    page = chromium.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(PATIENCE)
    # nbconvert's pages ask a network for MathJax, and a page whose request hangs never counts as loaded
    page.route(lambda url: not url.startswith(address), lambda route: route.abort())
    yield page
    page.close()


class Formgrader:
    """What an instructor does with the mouse."""

    def __init__(self, page, address):
        self.page, self.address = page, address

    def submissions(self):
        self.page.goto(f"{self.address}/formgrader/manage_submissions/{PS}", wait_until="domcontentloaded")
        return self

    def row(self, student):
        return self.page.locator("tr", has=self.page.locator(".student-id", has_text=student))

    def status(self, student):
        status = self.row(student).locator(".status .label")
        status.wait_for()
        return status.inner_text()

    def autograde(self, student):
        """Press the button and return what the window says, once it is closed again."""
        self.row(student).locator(".autograde a").click()
        modal = self.page.locator(".modal.in")
        modal.wait_for()
        said = modal.inner_text()
        modal.get_by_role("button", name="Close").last.click()
        self.page.locator(".modal-backdrop").wait_for(state="detached")
        return said

    def open(self, student):
        """Follow the links to a student's graded notebook."""
        self.row(student).locator(".student-name a").click()
        self.page.locator("a[href*='/formgrader/submissions/']").first.click()
        self.page.wait_for_function(LOADED)
        return self

    def give(self, selector, value):
        """Write into a field and wait until the server has it."""
        with self.page.expect_response(lambda r: "/api/" in r.url and r.request.method == "PUT") as saved:
            self.page.fill(selector, value)
            self.page.locator(selector).blur()
        assert saved.value.ok

    def value(self, name):
        return self.page.locator(f"#{name}").input_value()


@pytest.fixture(scope="module")
def formgrader(page, address):
    return Formgrader(page, address)


@pytest.fixture(scope="module")
def graded(formgrader):
    """Both submissions, graded by the button; what its windows said."""
    assert formgrader.submissions().status("mina") == "needs autograding"
    return {name: formgrader.autograde(name) for name in ("mina", "cleo")}


def test_the_button_grades_with_the_judge(graded, formgrader, room):
    assert f"Successfully autograded '{PS}' for student 'mina'." in graded["mina"]
    assert formgrader.submissions().status("mina") == "needs manual grading"
    assert formgrader.row("mina").locator(".score").inner_text() == "12 / 14"
    assert set(room.result("mina").kinds.values()) == {"pass"}


def test_an_ungradable_submission_waits_for_a_person_and_says_why(graded, formgrader):
    assert "cleo/ps2_quadratics is ungradable: The notebook breaks off after" in graded["cleo"]
    assert formgrader.submissions().status("cleo") == "needs manual grading"
    shown = formgrader.open("cleo").page.locator("#notebook").first.inner_text()
    assert "This submission could not be graded. The notebook breaks off after" in shown
    assert formgrader.value("quadratic_check") == ""
    assert "needs_manual_grade" in formgrader.page.locator("#quadratic_check").get_attribute("class")


def test_what_a_person_gives_is_kept_when_the_submission_is_graded_again(graded, formgrader, room):
    formgrader.submissions().open("mina")
    assert formgrader.page.locator("#quadratic_check").get_attribute("placeholder") == "3"
    formgrader.give("#words", "1.5")
    formgrader.give("#quadratic_check", "2.5")
    formgrader.give("#words-comment", "Say which Hessian.")
    assert formgrader.submissions().status("mina") == "graded"

    assert "Successfully autograded" in formgrader.autograde("mina")
    assert formgrader.submissions().row("mina").locator(".score").inner_text() == "13 / 14"
    formgrader.open("mina")
    assert formgrader.value("words") == "1.5"
    assert formgrader.value("quadratic_check") == "2.5"
    assert formgrader.value("words-comment") == "Say which Hessian."
    with room.course.gradebook() as gradebook:
        grade = gradebook.find_grade("quadratic_check", PS, PS, "mina")
        assert (grade.auto_score, grade.manual_score, grade.score) == (3.0, 2.5, 2.5)
