"""What was typed or pasted into a right answer so that Python does not take it for one."""

from tests.redteam.accidents.register import group, zero

accident = group("Typed or pasted wrongly")


@accident("condition_number: .*SyntaxError: incomplete input", lost=zero("condition_number"), shown="SyntaxError")
def bracket_missing(sheet):
    """A bracket is missing in one cell."""
    return sheet.honest().answer(condition_number="def condition_number(A):\n    return (np.linalg.cond(A)")


@accident("softmax: .*TabError: inconsistent use of tabs and spaces", lost=zero("softmax"))
def tabs_and_blanks(sheet):
    """Tabs and blanks are mixed in one block."""
    return sheet.honest().answer(softmax="def softmax(x):\n        e = np.exp(x - x.max())\n\treturn e / e.sum()")


@accident(r"softmax: .*SyntaxError: invalid non-printable character U\+00A0", lost=zero("softmax"))
def blanks_from_a_web_page(sheet):
    """The code was copied from a web page, whose blanks must not break."""
    return sheet.honest().answer(softmax=sheet.answers["softmax"].replace("    ", "\u00a0\u00a0\u00a0\u00a0"))


@accident(r"root: .*SyntaxError: invalid character '“' \(U\+201C\)", lost=zero("root"))
def smart_quotes(sheet):
    """A word processor made typographic quotes of the ordinary ones."""
    return sheet.honest().answer(root=sheet.answers["root"].replace("'negative'", "“negative”"))


@accident(r"newton_step: .*SyntaxError: invalid character '−' \(U\+2212\)", lost=zero("newton_step"))
def a_real_minus(sheet):
    """A formula was copied from the page, with a minus sign that is longer than Python's."""
    return sheet.honest().answer(
        newton_step="def newton_step(grad, hess, w):\n    return w − np.linalg.solve(hess, grad)"
    )


@accident(
    "There is \u0441ondition_number \\(with a cyrillic small letter es in it\\), which is another name",
    lost=zero("condition_number"),
)
def a_letter_that_looks_alike(sheet):
    """The c of condition_number is a Cyrillic one: it looks the same and is another name."""
    return sheet.honest().answer(
        condition_number=sheet.answers["condition_number"].replace("condition", "\u0441ondition")
    )


@accident()
def full_width_letters(sheet):
    """The name was typed in full-width letters, which Python reads as ordinary ones."""
    return sheet.honest().answer(root="def ｒｏｏｔ(x):\n    if x < 0:\n        raise ValueError\n    return x**0.5")


@accident("digits: .*SyntaxError", lost=zero("digits"))
def fence_of_a_chat(sheet):
    """The answer was copied from a chat together with the three backticks around it."""
    return sheet.honest().answer(digits=f"```python\n{sheet.answers['digits']}\n```")


@accident()
def prompts_pasted(sheet):
    """The answer was copied from a terminal together with the prompts."""
    first, *rest = sheet.answers["digits"].split("\n")
    return sheet.honest().answer(digits="\n".join([f">>> {first}", *(f"... {line}" for line in rest)]))


@accident(r"quadratic: .*IndentationError: .* \(line 2 of the cell\)", lost=zero("quadratic"))
def markers_in_a_cell(sheet):
    """A merge was "resolved" by saving, and its marks are in the code."""
    text = sheet.answers["quadratic"].split("\n", 1)
    conflict = "<<<<<<< local\n    pass\n=======\n    pass\n>>>>>>> remote"
    return sheet.honest().answer(quadratic=f"{text[0]}\n{conflict}\n{text[1]}")


@accident("root: .*SyntaxError: Missing parentheses in call to 'print'", lost=zero("root"))
def python_2(sheet):
    """The code is from an old book: print without brackets."""
    return sheet.honest().answer(root="def root(x):\n    print 'root of', x\n    return x**0.5")


@accident("root: .*SyntaxError: .*unicode.*", lost=zero("root"))
def a_path_of_windows(sheet):
    r"""A path of Windows is written with single backslashes: ``\U`` begins something else."""
    return sheet.honest().answer(root="home = 'C:\\Users\\marta'\ndef root(x):\n    return x**0.5")


@accident("softmax: .*NotImplementedError", lost=zero("softmax"))
def stub_left_in_front(sheet):
    """The answer was written below the stub's last line, which still raises."""
    head, body = sheet.answers["softmax"].split("\n", 1)
    return sheet.honest().answer(softmax=f"{head}\n    # YOUR CODE HERE\n    raise NotImplementedError()\n{body}")


@accident()
def stub_left_behind(sheet):
    """The stub's last line still stands below the answer, where nothing reaches it."""
    text = f"{sheet.answers['softmax'].rstrip()}\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    return sheet.honest().answer(softmax=text)


@accident("digits: There is no digits to grade: no cell defines it", lost=zero("digits"))
def commented_out(sheet):
    """The whole answer was commented out while looking for a mistake, and stayed so."""
    text = "\n".join(f"# {line}" for line in sheet.answers["digits"].split("\n"))
    return sheet.honest().answer(digits=text)


@accident("There is condition_nuber, which is another name", lost=zero("condition_number"), shown="condition_nuber")
def misspelt(sheet):
    """The name of a function is not that of the contract."""
    wrong = sheet.answers["condition_number"].replace("condition_number", "condition_nuber")
    return sheet.honest().answer(condition_number=f"{wrong}\ncondition_nuber(np.eye(2))\n1 / 0 # condition_nuber")


@accident("There is Softmax, which is another name", lost=zero("softmax"))
def capitalised(sheet):
    """The function is called Softmax."""
    return sheet.honest().answer(softmax=sheet.answers["softmax"].replace("softmax", "Softmax"))


@accident("root: There is no root", lost=zero("root"))
def method_of_a_class(sheet):
    """The function was put into a class, so that no function of this name exists."""
    body = "\n".join(f"    {line}" for line in sheet.answers["root"].split("\n"))
    return sheet.honest().answer(root=f"class Answers:\n{body}")
