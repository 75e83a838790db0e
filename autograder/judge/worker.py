"""The judge's process: ``python -m autograder.judge.worker FD``. Never loads student code."""

from __future__ import annotations

import json
import socket
import sys
import traceback
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import nbformat

from autograder.bridge import wire
from autograder.jail import Jail, JailError, limits_for
from autograder.judge.client import MAX_ANSWER, as_answer
from autograder.judge.outcome import Graded
from autograder.judge.run import TORCH_SETS, Run

__all__ = ["main"]


def main(fd: int) -> None:
    """Grade notebooks as they come over the socket ``fd``, until the other end closes it."""
    jails: dict[str, Jail] = {}
    with socket.socket(fileno=fd) as sock:
        try:
            while True:
                request = json.loads(bytes(wire.receive(sock, MAX_ANSWER)))
                wire.send(sock, as_answer(grade(request, jails)))
        except wire.Closed:
            return
        finally:
            for jail in jails.values():
                jail.close()


def jail_for(jails: dict[str, Jail], problem_set: str, request: Mapping[str, Any], name: str = "") -> Jail:
    """Return a jail as a request wants it: the one at hand, or a fresh one where that has other limits."""
    name = name or problem_set
    limits = replace(limits_for(problem_set), **request["limits"])
    unjailed = bool(request["no_jail"])
    if name in jails and (jails[name].limits, jails[name].unjailed) != (limits, unjailed):
        jails.pop(name).close()
    if name not in jails:
        jails[name] = Jail(problem_set, torch=problem_set in TORCH_SETS, unjailed=unjailed, limits=limits)
    return jails[name]


def grade(request: dict[str, Any], jails: dict[str, Jail]) -> Graded:
    """Grade one notebook; an accident of ours is ungradable, and says where it happened."""
    problem_set = str(request["problem_set"])
    notebook = nbformat.from_dict(request["notebook"])  # type: ignore[no-untyped-call]

    def spare() -> Jail:
        return jail_for(jails, problem_set, request, f"{problem_set}, lent to")

    try:
        return Run(notebook, jail_for(jails, problem_set, request), request["imports"], spare).grade()
    except JailError as error:
        return Graded(dict(notebook), ungradable=str(error))
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        said = f"the judge itself failed ({type(error).__name__}: {error}; {where.name}, line {where.lineno})"
        traceback.print_exc()
        return Graded(dict(notebook), ungradable=said)


if __name__ == "__main__":
    main(int(sys.argv[1]))
