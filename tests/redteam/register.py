"""The register of attacks: what each one is called, what it tries, what it hands in, and what its honest part earns."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

KINDS = {
    "notebook": "The notebook as a lever",
    "values": "Values that lie",
    "tests": "Meddling with the tests",
    "bridge": "The bridge between jail and judge",
    "secrets": "Reading what is secret",
    "damage": "Damage and escape",
    "service": "Denial of service",
    "page": "The page that the instructor opens",
    "folder": "The folder that is handed in",
}

RIGHT_KIND = {"quadratic": 1}  # a loss and a gradient of the right kind, whatever their numbers
HARMFUL = "not run: it could harm the machine, or take its time"


@dataclass(frozen=True)
class Attack:
    """One attack.

    Parameters
    ----------
    name, kind : str
        What it is called, and one of `KINDS`.
    tries : str
        What it tries, a sentence.
    submission : callable
        Edits a freshly fetched notebook; returns it, a file's content, or files by name.
    earns : dict of str to float
        The points that its honest part deserves, by exercise; 0 for all others.
    kinds : dict of str to str
        Outcomes that must come, by exercise.
    says : str
        What the grader's words about it must match.
    stock : str
        Why stock nbgrader is not given it; empty where it is.
    student : str
        The folder it is handed in under; its name, unless the attack is in there.
    outcome : str
        "graded"; "ungradable", which a person has to look at and which has no score; or "refused", where there is no
        such student.
    """

    name: str
    kind: str
    tries: str
    submission: Callable[[Any], Any]
    earns: dict[str, float] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    says: str = ""
    stock: str = ""
    student: str = ""
    outcome: str = "graded"

    @property
    def title(self) -> str:
        """Its name in words."""
        return self.name.replace("_", " ")


ATTACKS: dict[str, Attack] = {}


def attack(kind: str, **fields: Any) -> Any:
    """Enter the decorated function, whose docstring says what is tried, as an attack; see `Attack` for the fields."""

    def enter(submission: Callable[[Any], Any]) -> Callable[[Any], Any]:
        name, tries = submission.__name__, " ".join((inspect.getdoc(submission) or "").split())
        assert tries.endswith("."), name
        assert kind in KINDS, name
        ATTACKS[name] = Attack(name, kind, tries, submission, **{"student": name, **fields})
        return submission

    return enter
