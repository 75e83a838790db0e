"""The judge's process: ``python -m autograder.judge.worker FD``. Never loads student code."""

from __future__ import annotations

import json
import socket
import sys
import time
import traceback
from dataclasses import replace

import nbformat

from autograder.bridge import wire
from autograder.jail import Jail, JailError
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
                began = time.perf_counter()
                graded = grade(request, jails)
                wire.send(sock, as_answer(replace(graded, seconds=round(time.perf_counter() - began, 3))))
        except wire.Closed:
            return
        finally:
            for jail in jails.values():
                jail.close()


def grade(request: dict[str, object], jails: dict[str, Jail]) -> Graded:
    """Grade one notebook; an accident of ours is ungradable, and says where it happened."""
    problem_set = str(request["problem_set"])
    notebook = nbformat.from_dict(request["notebook"])  # type: ignore[no-untyped-call]
    try:
        if problem_set not in jails:
            torch = problem_set in TORCH_SETS
            jails[problem_set] = Jail(problem_set, torch=torch, unjailed=bool(request["no_jail"]))
        return Run(notebook, jails[problem_set]).grade()
    except JailError as error:
        return Graded(dict(notebook), ungradable=str(error))
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        said = f"the judge itself failed ({type(error).__name__}: {error}; {where.name}, line {where.lineno})"
        traceback.print_exc()
        return Graded(dict(notebook), ungradable=said)


if __name__ == "__main__":
    main(int(sys.argv[1]))
