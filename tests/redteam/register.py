"""The register of attacks: what each one is called, what it tries, what it hands in, and what its honest part earns."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.redteam.case import Case, Submission, enter

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
"""The groups of attacks, and their titles."""

RIGHT_KIND = {"quadratic": 1}  # a loss and a gradient of the right kind, whatever their numbers
HARMFUL = "not run: it could harm the machine, or take its time"


@dataclass(frozen=True, kw_only=True)
class Attack(Case):
    """One attack.

    Parameters
    ----------
    earns : dict of str to float
        The points that its honest part deserves, by exercise; 0 for all others.
    stock : str
        Why stock nbgrader is not given it; empty where it is.
    outcome : str
        "graded"; "ungradable", which a person has to look at and which has no score; or "refused", where there is no
        such student.
    """

    earns: dict[str, float] = field(default_factory=dict)
    stock: str = ""
    outcome: str = "graded"

    @property
    def title(self) -> str:
        """Its name in words."""
        return self.name.replace("_", " ")


ATTACKS: dict[str, Attack] = {}


def attack(group: str, **fields: Any) -> Callable[[Submission], Submission]:
    """Return the decorator that enters an attack; see `Attack` for the fields."""
    assert group in KINDS, group
    return enter(ATTACKS, Attack, group, **fields)
