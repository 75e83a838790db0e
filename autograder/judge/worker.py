"""The judge's process: ``python -m autograder.judge.worker FD``. Never loads student code."""

from __future__ import annotations

import json
import socket
import sys
import traceback
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


def grade(request: dict[str, Any], jails: dict[str, Jail]) -> Graded:
    """Grade one notebook; an accident of ours is ungradable, and says where it happened."""
    problem_set = str(request["problem_set"])
    notebook = nbformat.from_dict(request["notebook"])  # type: ignore[no-untyped-call]

    def jail(name: str) -> Jail:
        if name not in jails:
            torch = problem_set in TORCH_SETS
            limits = replace(limits_for(problem_set), **request["limits"])
            jails[name] = Jail(problem_set, torch=torch, unjailed=bool(request["no_jail"]), limits=limits)
        return jails[name]

    try:
        return Run(notebook, jail(problem_set), request["imports"], lambda: jail(f"{problem_set}, lent to")).grade()
    except JailError as error:
        return Graded(dict(notebook), ungradable=str(error))
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        said = f"the judge itself failed ({type(error).__name__}: {error}; {where.name}, line {where.lineno})"
        traceback.print_exc()
        return Graded(dict(notebook), ungradable=said)


if __name__ == "__main__":
    main(int(sys.argv[1]))
