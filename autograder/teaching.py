"""The teaching plan, made of what chapters, syllabus, problem sets, ``teaching.yml`` and ``effort.yml`` say.

Nothing is defined here: points are those of the notebooks' cells, topics and lectures those of the syllabus, titles
those of the chapters, the time to read follows from their length.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from autograder.course import ROOT, Course
from autograder.effort import Effort, effort, scale
from dlopt import syllabus

__all__ = ["PAGE", "Chapter", "chapters", "plan", "sets_of"]

PAGE = ROOT.parent / "docs" / "teaching.md"
WORDS_PER_MINUTE = 40  # mathematics, with pencil, and with the figures tried out
CELL = re.compile(r"^(`{3,4})\{code-cell\}.*?^\1\s*$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Chapter:
    """A chapter as the plan needs it.

    Parameters
    ----------
    name, title : str
        File name without suffix, and heading.
    weeks : range
        In which weeks of the term, counted from 1.
    lectures, reading : float
        Hours in class, and with the text.
    needs, objectives : list of str
        What comes before, and what can be done after.
    """

    name: str
    title: str
    weeks: range
    lectures: float
    reading: float
    needs: list[str]
    objectives: list[str]

    @property
    def rows(self) -> list[syllabus.Row]:
        """The syllabus rows that it teaches."""
        return [row for row in syllabus.rows() if row.chapter == self.name]

    @property
    def decks(self) -> list[str]:
        """The lecture decks that teach its topics."""
        return sorted({deck for row in self.rows for deck in row.lectures})

    @property
    def when(self) -> str:
        """Its weeks, as a reader says it."""
        return str(self.weeks[0]) if len(self.weeks) == 1 else f"{self.weeks[0]}–{self.weeks[-1]}"


@cache
def chapters() -> tuple[Chapter, ...]:
    """Return the chapters in the order of the course.

    Examples
    --------
    >>> chapters()[1].title, chapters()[1].when
    ('2 · Quadratic convergence', '2–3')
    """
    decided: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "teaching.yml").read_text(encoding="utf-8"))
    found, week = [], 1
    for name, about in decided.items():
        text = (ROOT.parent / "chapters" / f"{name}.md").read_text(encoding="utf-8")
        (title, *_) = re.findall(r"^# (.+)$", text, re.MULTILINE)
        weeks = range(week, week := week + about["weeks"])
        found.append(Chapter(name, title, weeks, about["lectures"], _hours(text), about["needs"], about["objectives"]))
    return tuple(found)


def _hours(text: str) -> float:
    """Return how long a chapter takes to read, to half an hour; code that is hidden behind figures does not count."""
    words = len(CELL.sub("", text).split())
    return round(2 * words / WORDS_PER_MINUTE / 60) / 2


def sets_of(course: Course) -> dict[str, list[str]]:
    """Return the problem sets that exist by chapter: a set belongs to the chapter whose rows name it most.

    Examples
    --------
    >>> sets_of(Course())["02_quadratics"]
    ['ps2_quadratics']
    """
    found: dict[str, list[str]] = {chapter.name: [] for chapter in chapters()}
    for ps in course.problem_sets():
        short = ps.partition("_")[0]
        votes = {chapter.name: sum(short in row.exercise for row in chapter.rows) for chapter in chapters()}
        found[max(votes, key=lambda name: votes[name])].append(ps)
    return found


def plan(course: Course, *, site: bool = False) -> str:
    """Return the plan in markdown, for ``docs/``, or for the site's page among the chapters."""
    parts = [_weeks(course, site), *(_chapter(chapter, course, site) for chapter in chapters()), _lectures()]
    if course.problem_sets():
        parts.append(_sets(course, site))
    return "\n\n".join(parts if site else [_head(), *parts]) + "\n"


def _head() -> str:
    return """# Teaching plan

For instructors: the course week by week, and what each exercise is worth, takes and demands. This page is made by
`python -m autograder teaching --write`; the site has it as well. What it says comes from the syllabus
(`dlopt/syllabus.yml`), the chapters, the problem sets, and two files that are yours to change:
`autograder/teaching.yml` (weeks, hours in class, objectives, prerequisites) and `autograder/effort.yml` (time and
difficulty).

Which sets are in your course, what they count and until when they can be handed in is decided in `course.yml`:
see [Running a course](course.md)."""


def _weeks(course: Course, site: bool) -> str:
    sets = sets_of(course)
    lines = [
        "## Weeks",
        "",
        f"S0 to S4 are the five lectures named at the beginning of {_link(chapters()[0], 'chapter 1', site)}.",
        f"The time to read is that of {WORDS_PER_MINUTE} words a minute, formulas and figures included; the times of",
        "the problem sets are estimates for somebody who has read the chapter.",
        "",
        "| weeks | chapter | lectures | in class | reading | problem sets | hours in all |",
        "|---|---|---|---|---|---|---|",
    ]
    total = 0.0
    for chapter in chapters():
        work = sum(_minutes(effort(course, ps)) for ps in sets[chapter.name]) / 60
        hours = chapter.lectures + chapter.reading + work
        total += hours
        named = "; ".join(f"{ps.partition('_')[0]}, {_minutes(effort(course, ps))} min" for ps in sets[chapter.name])
        cells = [chapter.when, _link(chapter, chapter.title, site), " ".join(chapter.decks)]
        cells += [f"{chapter.lectures:g} h", f"{chapter.reading:g} h", named or "–", f"{hours:.1f}"]
        lines.append(f"| {' | '.join(cells)} |")
    last = chapters()[-1].weeks[-1]
    return "\n".join([*lines, "", f"{last} weeks, {total:.0f} hours, of which {_in_class():g} in class."])


def _link(chapter: Chapter, text: str, site: bool) -> str:
    """Return a link to a chapter, from ``docs/`` or from beside it."""
    return f"[{text}]({'' if site else '../chapters/'}{chapter.name}.md)"


def _set_link(course: Course, ps: str, site: bool) -> str:
    """Return a link to a set's exercises further down; the site's anchors are none of ours."""
    return f"`{ps}`" if site else f"[{ps}](#{_anchor(title(course, ps))})"


def _in_class() -> float:
    return sum(chapter.lectures for chapter in chapters())


def _minutes(exercises: list[Effort]) -> int:
    return sum(one.minutes for one in exercises)


def _anchor(title: str) -> str:
    """Return the anchor that a heading has on GitHub.

    Examples
    --------
    >>> _anchor("2 · Quadratic convergence")
    '2--quadratic-convergence'
    """
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _chapter(chapter: Chapter, course: Course, site: bool) -> str:
    titles = {one.name: one.title for one in chapters()}
    needs = [f"chapter {titles[need].partition(' ')[0]}" if need in titles else need for need in chapter.needs]
    topics = "\n".join(
        f"| {row.id} | {_cell(row.topic)} | {' '.join(row.lectures) or '–'} | {' '.join(row.exercise) or '–'} |"
        for row in chapter.rows
    )
    sets = [_set_link(course, ps, site) for ps in sets_of(course)[chapter.name]]
    work = f"problem set{'s' * (len(sets) > 1)} {', '.join(sets)}" if sets else "no problem set yet"
    weeks = f"Week{'s' * (len(chapter.weeks) > 1)} {chapter.when}"
    objectives = "\n".join(f"- {line}" for line in chapter.objectives)
    return f"""## {chapter.title}

{weeks}; {_link(chapter, "the chapter", site)}, {work}.
Before it: {", ".join(needs)}. After it a student can

{objectives}

| row | topic | lectures | exercise |
|---|---|---|---|
{topics}"""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _lectures() -> str:
    """Return which topics each lecture deck brings, for who teaches along one of them."""
    decks = sorted({deck for row in syllabus.rows() for deck in row.lectures})
    lines = ["## By lecture", "", f"| lecture | topics | {' | '.join(c.title.partition(' ')[0] for c in chapters())} |"]
    lines.append("|---" * (2 + len(chapters())) + "|")
    for deck in decks:
        taught = [[row.id for row in chapter.rows if deck in row.lectures] for chapter in chapters()]
        cells = [deck, str(sum(map(len, taught))), *(" ".join(ids) or "–" for ids in taught)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _sets(course: Course, site: bool) -> str:
    """Return the tables of points, time and difficulty."""
    lines = [
        "## Points, time and difficulty",
        "",
        "How hard an exercise is:",
        "",
        *(f"- {number}: {meaning}" for number, meaning in scale().items()),
        "",
        "Of a set, the mean is given, weighted by time. Pictures count for the exercise above them.",
        "",
        "| set | exercises | points | by hand | minutes | difficulty |",
        "|---|---|---|---|---|---|",
    ]
    for ps in course.problem_sets():
        all_of_it = effort(course, ps)
        by_hand = sum(one.points for one in all_of_it if one.exercise in manual(course, ps))
        mean = sum(one.minutes * one.difficulty for one in all_of_it) / _minutes(all_of_it)
        points = sum(one.points for one in all_of_it)
        cells = [_set_link(course, ps, site), str(len(all_of_it)), f"{points:g}", f"{by_hand:g}"]
        lines.append(f"| {' | '.join([*cells, str(_minutes(all_of_it)), f'{mean:.1f}'])} |")
    return "\n".join([*lines, *(line for ps in course.problem_sets() for line in _exercises(course, ps))])


def _exercises(course: Course, ps: str) -> Iterator[str]:
    yield from ("", f"### {title(course, ps)}", "", "| exercise | points | minutes | difficulty |", "|---|---|---|---|")
    for one in effort(course, ps):
        hand = " (by hand)" if one.exercise in manual(course, ps) else ""
        yield f"| `{one.exercise}`{hand} | {one.points:g} | {one.minutes} | {one.difficulty} |"


@cache
def _source(path: Path) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return cells


def title(course: Course, ps: str) -> str:
    """Return a set's heading."""
    first = "".join(_source(course.solutions / ps / f"{ps}.ipynb")[0]["source"])
    return first.partition("\n")[0].removeprefix("# ")


def manual(course: Course, ps: str) -> set[str]:
    """Return the exercises that a person grades."""
    about = [cell["metadata"].get("nbgrader", {}) for cell in _source(course.solutions / ps / f"{ps}.ipynb")]
    return {cell["grade_id"] for cell in about if cell.get("grade") and (cell.get("solution") or cell.get("task"))}
