"""Tell an instructor whether this machine can build a jail, what limits it, and how fast it is.

Run as ``python -m autograder.jail``.
"""

from __future__ import annotations

import sys
import time
from statistics import median

from autograder.jail import Jail, bubblewrap, why_not


def main() -> int:
    """Print what an instructor wants to know before grading; exit status 1 where no jail can be built."""
    if (sentence := why_not()) is not None:
        print(sentence, file=sys.stderr)
        return 1
    program, _ = bubblewrap.find()
    print(f"bubblewrap: {program}")
    print(f"user: {'another for each session' if bubblewrap.becomes_students() else 'yours, in its own namespace'}")
    with Jail("ps2_quadratics") as jail:
        print(f"memory and processes: {'control groups' if jail.grouped else 'limits per process, their sum watched'}")
        print(f"start: {jail.start_seconds:.2f} s")
        opened, ended = [], []
        for _ in range(20):
            began = time.perf_counter()
            with jail.session():
                opened.append(time.perf_counter() - began)
                began = time.perf_counter()
                jail.kill_session()
                ended.append(time.perf_counter() - began)
        print(f"session: {median(opened) * 1e3:.1f} ms to open, {median(ended) * 1e3:.1f} ms to end and wipe")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
