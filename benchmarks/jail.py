"""What a clean place for a student's code costs: a session in the running jail beside a fresh Jupyter kernel.

    python benchmarks/jail.py [--sessions 40]

Both are timed until they have answered a first request (``import numpy; 1 + 1``), and until they are gone.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

from jupyter_client.manager import start_new_kernel

from autograder.bridge.host import Guest
from autograder.jail import Jail

PS = "ps2_quadratics"
FIRST = "import numpy; 1 + 1"


def timed(action: Callable[[], None], times: int) -> float:
    """Return the median of several runs, in seconds."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        found.append(time.perf_counter() - start)
    return statistics.median(found)


def cold() -> None:
    with Jail(PS):
        pass


def kernel() -> None:
    manager, client = start_new_kernel(kernel_name="python3")
    client.execute_interactive(FIRST, timeout=60, output_hook=lambda message: None)
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=40, help="how many sessions (default: %(default)s)")
    sessions = parser.parse_args().sessions
    cold()  # builds the bundle once per process
    with Jail(PS) as jail:

        def session() -> None:
            guest = Guest(jail.session(), jail.limits)
            guest.cell(FIRST)
            guest.close()
            jail.kill_session()

        rows = {
            "jail, cold start": timed(cold, 5),
            "session in a running jail": timed(session, sessions),
            "fresh Jupyter kernel": timed(kernel, 5),
        }
    base = rows["fresh Jupyter kernel"]
    print(f"| {'medians':<26} | seconds | ratio |\n|{'-' * 28}|--------:|------:|")
    for name, seconds in rows.items():
        print(f"| {name:<26} | {seconds:7.3f} | {seconds / base:5.2f} |")


if __name__ == "__main__":
    main()
