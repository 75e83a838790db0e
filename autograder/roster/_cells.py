"""What may stand in a cell of a roster, and the sentence for what may not."""

from __future__ import annotations

import re
import unicodedata

from autograder.sheets import is_formula

__all__ = ["check_email", "check_id", "check_name", "clean"]

LONGEST = 128  # nbgrader's columns
RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}


def clean(cell: str) -> str:
    r"""Return a cell without the spaces around it, its letters composed as keyboards write them.

    Examples
    --------
    >>> clean(" ada\u00a0"), len(clean("e\u0301"))
    ('ada', 1)
    """
    return unicodedata.normalize("NFC", cell).strip()


def check_id(id: str) -> str:
    """Say what is wrong with a student's id as the name of a folder; nothing if it is good.

    Examples
    --------
    >>> check_id("ada.lovelace@example.org"), check_id("élise_7")
    ('', '')
    >>> check_id("../gradebook")
    "the id '../gradebook' begins with '.'; as the name of a folder it would be hidden or taken for an option."
    >>> check_id("ada/lovelace")
    "the id 'ada/lovelace' holds '/'; it becomes the name of a folder: use letters, digits and . _ - @ only."
    """
    if not id:
        return "the id is missing."
    if len(id) > LONGEST:
        return f"the id has {len(id)} characters; at most {LONGEST} fit."
    if re.fullmatch(r"\d(?:[.,]\d+)?E\+\d+", id, re.IGNORECASE):
        return f"the id {id!r} is a number that a spreadsheet has rounded; format its column as text and export again."
    if id.startswith((".", "-")):
        return (
            f"the id {id!r} begins with {id[0]!r}; as the name of a folder it would be hidden or taken for an option."
        )
    bad = re.search(r"[^\w.@-]", id)
    if bad:
        what = "a character that cannot be seen" if _is_unseen(bad[0]) else "a space" if bad[0] == " " else repr(bad[0])
        return f"the id {id!r} holds {what}; it becomes the name of a folder: use letters, digits and . _ - @ only."
    if id.endswith(".") or id.partition(".")[0].casefold() in RESERVED:
        return f"the id {id!r} is no name that a folder can have on Windows; choose another."
    return ""


def check_name(name: str, column: str) -> str:
    """Say what is wrong with a name; nothing if it is good.

    Examples
    --------
    >>> check_name("Zoë d’Arc-Łukasz", "first_name")
    ''
    >>> check_name("=HYPERLINK(1)", "last_name")
    "last_name is '=HYPERLINK(1)', which a spreadsheet would run as a formula; leave the '=' out."
    """
    if is_formula(name):
        return f"{column} is {name!r}, which a spreadsheet would run as a formula; leave the {name[0]!r} out."
    if any(map(_is_unseen, name)):
        return f"{column} is {name!r} and holds a character that cannot be seen, such as a line break; leave it out."
    if len(name) > LONGEST:
        return f"{column} has {len(name)} characters; at most {LONGEST} fit."
    return ""


def check_email(email: str) -> str:
    """Say what is wrong with an address; nothing if it is good, or missing.

    Examples
    --------
    >>> check_email(""), check_email("ada@example.org")
    ('', '')
    >>> check_email("ada at example.org")
    "the email 'ada at example.org' is no address; one such as ada@example.org was expected."
    """
    if not email or (re.fullmatch(r"[^\s@,;\"=+-][^\s@,;\"]*@[^\s@,;\"]+", email) and len(email) <= LONGEST):
        return ""
    return f"the email {email!r} is no address; one such as ada@example.org was expected."


def _is_unseen(character: str) -> bool:
    """Tell control and formatting characters, line ends and the like from letters; a joiner inside a name is fine."""
    return unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp") and character not in "\u200c\u200d"
