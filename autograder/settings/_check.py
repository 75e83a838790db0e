"""Hold a file's content to ``course.schema.json``, and say in sentences where it does not fit."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from autograder.settings._file import Problems, Where

__all__ = ["check", "meant"]

SCHEMA = json.loads((Path(__file__).parent / "course.schema.json").read_text(encoding="utf-8"))


def check(content: Any, problems: Problems) -> None:
    """Note everything in which the content is not what the schema describes."""
    for error in Draft202012Validator(SCHEMA).iter_errors(content):
        where: Where = tuple(error.absolute_path)
        if error.validator == "additionalProperties":
            for name, sentence in _unknown(where, error):
                problems.add((*where, name), sentence)
        elif error.validator == "required":
            missing = ", ".join(f"{name}:" for name in error.schema["required"] if name not in error.instance)
            problems.add(where, f"{_name(where)} lacks the line {missing}")
        else:
            problems.add(where, f"{_name(where)} expects {error.schema['description']}; got {_shown(error.instance)}.")


def _unknown(where: Where, error: Any) -> Iterator[tuple[str, str]]:
    """Yield each key that nothing is known of, with what was probably meant."""
    known = list(error.schema["properties"])
    for name in error.instance:
        if name not in known:
            there_is = ", ".join(known)
            yield name, f"nothing is known of {name!r} {_inside(where)}.{meant(name, known)} There is: {there_is}."


def _name(where: Where) -> str:
    """Call a value by the name of its key, with the set that it is about."""
    words = [str(part) for part in where if not isinstance(part, int)]
    return f"{words[-1]} of {words[1]}" if len(words) > 2 else (words[-1] if words else "the file")


def _inside(where: Where) -> str:
    return f"in {where[-1]}" if where else "at the top of the file"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return "nothing" if value is None else text if len(text) <= 60 else f"{text[:57]}…"


def meant(name: str, known: Iterable[str]) -> str:
    """Return " Did you mean …?" for a misspelt name, or nothing.

    Examples
    --------
    >>> meant("deadlin", ["deadline", "solution"]), meant("ps2", ["ps2_quadratics", "ps20_more"])
    (' Did you mean deadline?', ' Did you mean ps2_quadratics?')
    """
    names = list(known)
    near = [one for one in names if one.startswith(f"{name}_")]
    near = near or difflib.get_close_matches(str(name), names, n=1, cutoff=0.6)
    return f" Did you mean {near[0]}?" if near else ""
