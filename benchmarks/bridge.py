"""What the bridge costs: one call with small and with large arrays, an attribute, an item of a generator.

Run it from the clone: ``python benchmarks/bridge.py [calls]``. The guest runs in a subprocess of its own without the
jail, which adds nothing to a call. Medians; the machine's other work shows in the 90th percentile.
"""

import contextlib
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.bridge.host import Guest
from autograder.jail.limits import Limits

SERVE = (
    "import socket, sys; from autograder.bridge import guest; guest.serve(socket.socket(fileno=int(sys.argv[1])), {})"
)
STUDENT = """
import numpy as np
def nothing(x): return 1.0
def twice(x): return 2 * x
def shifted(x): x += 1
def draw(rng): return rng.normal()
class Layer:
    def __init__(self): self.W = np.ones((10, 10))
    def forward(self, x): return x @ self.W
def count():
    while True: yield 1.0
"""


def measured(action: Callable[[], object], calls: int) -> tuple[float, float]:
    action()
    times = []
    for _ in range(calls):
        start = time.perf_counter()
        action()
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times), statistics.quantiles(times, n=10)[-1]


def cases(names: dict[str, Any], calls: int) -> list[tuple[str, Callable[[], object], int]]:
    """Return what is measured: the same with proxies and with the functions themselves."""
    layer, counter = names["Layer"](), names["count"]()
    small, large, rng = np.ones((3, 3)), np.ones((1000, 1000)), np.random.default_rng(0)
    params = [np.ones((64, 64)), np.ones(64), np.ones((10, 64)), np.ones(10)]
    few = max(calls // 50, 5)
    return [
        ("3×3 in, a float out", lambda: names["nothing"](small), calls),
        ("3×3 in, 3×3 out", lambda: names["twice"](small), calls),
        ("3×3 written into", lambda: names["shifted"](small), calls),
        ("a generator in, advanced", lambda: names["draw"](rng), calls),
        ("a list of four layers' arrays in", lambda: names["nothing"](params), calls),
        ("an attribute read, 10×10", lambda: layer.W, calls),
        ("a method, 3×10 in and out", lambda: layer.forward(np.ones((3, 10))), calls),
        ("an item of a generator", lambda: next(counter), calls),
        ("1000×1000 in, a float out", lambda: names["nothing"](large), few),
        ("1000×1000 in and out", lambda: names["twice"](large), few),
        ("1000×1000 written into", lambda: names["shifted"](large), few),
    ]


def main(calls: int) -> None:
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-c", SERVE, str(theirs.fileno())]
    process = subprocess.Popen(command, pass_fds=[theirs.fileno()], env={**os.environ, "OMP_NUM_THREADS": "1"})
    theirs.close()
    here: dict[str, Any] = {}
    exec(STUDENT, here)
    with contextlib.closing(Guest(ours, Limits())) as guest:
        there = {name: guest.fetch(name) for name in guest.cell(STUDENT).names if name != "np"}
        print(f"ms per call{'':24}{'bridge':>10}{'its 90 %':>10}{'direct':>10}{'more':>10}")
        for (name, action, times), (_, direct, _) in zip(cases(there, calls), cases(here, calls), strict=True):
            (median, high), (alone, _) = measured(action, times), measured(direct, times)
            print(f"{name:35}{median:10.3f}{high:10.3f}{alone:10.3f}{median - alone:10.3f}")
    process.wait()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
