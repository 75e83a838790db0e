"""``python -m tests.redteam``: write the table of attacks into the documentation; ``… stock`` measures its last column."""

import json
import sys
from pathlib import Path

from tests.redteam import stock
from tests.redteam.attacks import ATTACKS, KINDS
from tests.redteam.course import WORTH
from tests.redteam.register import Attack

PAGE = Path(__file__).parents[2] / "docs" / "redteam.md"
HEAD = """# What was tried against the judge

{count} ways to gain points, read secrets, do damage or stop the grading. Each is a submission in `tests/redteam/`, graded by
plain `nbgrader autograde` beside honest neighbours; the tests hold that it earns no more than its honest part deserves,
shows none of the planted secrets, changes nobody else's grade, leaves gradebook, files and processes as they were, and
says in words what became of it. `python -m tests.redteam` writes this page; a test fails when it is stale. What is
protected by what, and what is not, stands in [the threat model](threat-model.md).

"Here" is what the tests assert, of {worth:g} points. "Stock" is what nbgrader 0.9.6 makes of the same file, measured with
`python -m tests.redteam stock`, each in a jail and on a course of its own, with {seconds} seconds for a cell: bold where it
gives more than the honest part deserves. An honest notebook gets {deserved:g} points there, for one exercise builds on a
function that is written in a later cell, and only here is the right one lent.
"""


def here(attack: Attack) -> str:
    """Say what becomes of an attack, from what the tests assert."""
    if attack.outcome == "ungradable":
        return "ungradable: no score, a person looks"
    if attack.outcome == "refused":
        return "left out, the log says why"
    earned = sum(value or 0.0 for value in attack.earns.values())
    right = [name for name, value in attack.earns.items() if value]
    honest = f", for {' and '.join(right)}" if right else ""
    ends = sorted({kind for kind in attack.kinds.values() if kind not in ("pass", "wrong", "error")})
    return f"{earned:g} points{honest}" + (f"; {', '.join(ends)}" if ends else "")


def page() -> str:
    """Return the page."""
    known = json.loads(stock.FILE.read_text(encoding="utf-8"))
    text = HEAD.format(
        count=len(ATTACKS), worth=sum(WORTH.values()), seconds=stock.CELL_SECONDS, deserved=stock.DESERVED
    )
    for kind, title in KINDS.items():
        text += f"\n## {title}\n\n| technique | what it tries | here | stock |\n|---|---|---|---|\n"
        for name, attack in ATTACKS.items():
            if attack.group == kind:
                text += f"| {attack.title} | {attack.told} | {here(attack)} | {attack.stock or known[name]} |\n"
    return text


if __name__ == "__main__":
    if sys.argv[1:2] == ["stock"]:
        stock.main(sys.argv[2:])
    if sys.argv[1:2] != ["stock"] or not sys.argv[2:]:
        PAGE.write_text(page(), encoding="utf-8")
