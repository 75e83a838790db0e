"""A guest's replies, field by field: nothing is used before its type has been looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .arrays import Buffer
from .codec import BridgeError, Nested, is_mere

__all__ = ["CellResult", "cell_result", "field", "inner", "one_of_series"]

KINDS = frozenset(("function", "class", "instance", "iterator", "module", "data"))
OUTPUTS: dict[str, dict[str, Any]] = {
    "stream": {"name": str, "text": str},
    "display_data": {"data": dict, "metadata": dict},
    "execute_result": {"data": dict, "metadata": dict, "execution_count": (int, type(None))},
    "error": {"ename": str, "evalue": str, "traceback": list},
}  #: the fields of each kind of output


@dataclass(frozen=True)
class CellResult:
    """What a cell did.

    Parameters
    ----------
    status : str
        ok, error or timeout.
    ename : str
        The exception's name, or empty.
    outputs : list of dict
        As nbformat has them; written by the student, so fit for nothing but showing, carefully.
    names : dict of str to str
        Names it bound, each with its kind: function, class, instance, iterator, module or data.
    gone : list of str
        Names it deleted.
    """

    status: str
    ename: str
    outputs: list[dict[str, Any]]
    names: dict[str, str]
    gone: list[str]


def field(reply: Mapping[str, Any], name: str, kind: type | tuple[type, ...]) -> Any:
    """Return a field that must be there and of this very type."""
    value = reply.get(name)
    if not (type(value) in kind if isinstance(kind, tuple) else type(value) is kind):
        raise BridgeError(f"an answer without {name}")
    return value


def one_of_series(made: Any) -> dict[str, Any]:
    """Return what one call of a series came to as a reply; a lone value stands for a call that did nothing else."""
    if type(made) is Nested or is_mere(made):
        return {"status": "value", "value": made, "changed": []}
    if type(made) is not dict:
        raise BridgeError("an answer to another question")
    field(made, "status", str)
    return made


def inner(reply: dict[str, Any], name: str) -> Buffer:
    """Return the bytes of a value inside a reply."""
    nested: Nested = field(reply, name, Nested)
    (data,) = nested.chunks
    return data


def cell_result(reply: dict[str, Any], outputs: Any) -> CellResult:
    """Build the result of a cell from an answer."""
    names, gone = field(reply, "names", dict), field(reply, "gone", list)
    sound = all(type(n) is str and n.isidentifier() and k in KINDS for n, k in names.items())
    if reply["status"] not in ("ok", "error", "timeout") or not sound or not all(type(n) is str for n in gone):
        raise BridgeError("a cell's result that is none")
    if type(outputs) is not list or not all(map(_is_output, outputs)):
        raise BridgeError("outputs that are none")
    return CellResult(reply["status"], field(reply, "ename", str)[:200], outputs, names, gone)


def _is_output(output: Any) -> bool:
    if type(output) is not dict or type(output.get("output_type")) is not str:
        return False
    fields = OUTPUTS.get(output["output_type"])
    if fields is None or output.keys() != {"output_type", *fields}:
        return False
    for name, kind in fields.items():
        if not isinstance(output[name], kind):
            return False
    texts = [*output.get("traceback", ()), *output.get("data", ())]
    return all(type(text) is str for text in texts)
