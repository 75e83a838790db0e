"""Read a YAML file into plain data, and remember on which line everything stands."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import yaml

__all__ = ["Problems", "Where", "read"]

Where = tuple[str | int, ...]  #: the way to a value: ("sets", "ps2_quadratics", "deadline")


class Problems:
    """What is wrong with a file: sentences, each with its line.

    Parameters
    ----------
    file : Path
        The file, whose name each sentence begins with.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.lines: dict[Where, int] = {}
        self.found: list[tuple[int, str]] = []

    def add(self, where: Where | int, sentence: str) -> None:
        """Note a problem at a value, or on a line."""
        self.found.append((where if isinstance(where, int) else self.line(where), sentence))

    def line(self, where: Where) -> int:
        """Return the line of a value, or of the nearest thing around it that has one; 0 for the file itself."""
        while where and where not in self.lines:
            where = where[:-1]
        return self.lines.get(where, 0)

    def __str__(self) -> str:
        """Write the sentences in the order of their lines."""
        places = [(f"{self.file.name}, line {line}" if line else self.file.name, said) for line, said in self.found]
        order = sorted(range(len(places)), key=lambda index: self.found[index][0])
        return "\n".join(f"{places[index][0]}: {places[index][1]}" for index in order)


class _Loader(yaml.SafeLoader):
    """YAML without dates: what stands there stays text, so that a date without a zone is seen as one."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own way
        first: [(tag, regexp) for tag, regexp in found if tag != "tag:yaml.org,2002:timestamp"]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def read(problems: Problems) -> Any:
    """Return the file's content; None where there is no file, or nothing in it. Problems are noted."""
    try:
        text = problems.file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        problems.add(0, f"this is no UTF-8 text (byte {error.start}); save the file as UTF-8.")
        return None
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            return None
        _walk(node, (), problems)
        return None if problems.found else loader.construct_document(node)
    except yaml.YAMLError as error:
        problems.add(*_syntax(error))
        return None


def _syntax(error: yaml.YAMLError) -> tuple[int, str]:
    """Say on which line the file stops being YAML, why, and what to look at."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    reason = getattr(error, "problem", None) or str(error).splitlines()[0]
    if "\\t" in reason:
        advice = "Indent with spaces; YAML allows no tabs."
    elif "mapping values" in reason:
        advice = "Is the line above indented as it should be, and does it end in a colon?"
    else:
        advice = "Look at this line and the one above it: indentation, colons, quotes and brackets."
    return (mark.line + 1 if mark else 0), f"this is no YAML: {reason}. {advice}"


def _walk(node: yaml.Node, where: Where, problems: Problems) -> None:
    """Note the line of everything below a node; refuse what stands twice, is no name or no number."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            line, name = key.start_mark.line + 1, str(key.value)
            if key.tag != "tag:yaml.org,2002:str":
                problems.add(line, f"a name was expected before the colon; got {name!r}.")
            elif (*where, name) in problems.lines:
                first = problems.lines[*where, name]
                problems.add(line, f"{name} stands here a second time, first on line {first}; keep one of the two.")
            else:
                problems.lines[*where, name] = line
                _walk(value, (*where, name), problems)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            problems.lines[*where, index] = value.start_mark.line + 1
            _walk(value, (*where, index), problems)
    elif isinstance(node, yaml.ScalarNode) and node.tag.endswith(":float") and not _is_finite(node):
        problems.add(where, f"a number was expected; got {node.value}.")


def _is_finite(node: yaml.ScalarNode) -> bool:
    """Tell whether a number is one to count with: YAML knows .nan and .inf."""
    return math.isfinite(yaml.SafeLoader("").construct_yaml_float(node))
