"""Damage for notebooks and messages, and a watch over those who must survive it."""

from __future__ import annotations

import contextlib
import copy
import gc
import os
import random
import signal
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

__all__ = ["damage_bytes", "damage_structure", "growth", "places", "resident", "run", "watchdog"]

TOKENS = [b"{", b"}", b"[", b"]", b'"', b",", b":", b"\\u", b"\\ud800", b"NaN", b"null", b"1e999", b"\xff", b"\0"]
TOKENS += [b"<<<<<<< ", b"-", b"9" * 30, b"true", b'"l"', b"[[", b"\xed\xa0\x80"]
VALUES: list[Any] = [None, True, -1, 0, 2**63, 1e308, float("nan"), "", "x", "\ud800", "quadratic", [], {}, [[]]]
VALUES += [{"": {}}, ["a", None], [{}] * 3, "l" * 600, [0] * 40, "__class__"]
PATIENCE = 60  #: seconds after which a case counts as hanging: thousands of times what one takes


def damage_bytes(rng: random.Random, data: bytes) -> bytes:
    """Change, insert, delete, repeat or cut off bytes at a few places."""
    made = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at, length = rng.randrange(len(made) + 1), rng.choice([1, 2, 10, 1000])
        action = rng.randrange(6)
        if action == 0:
            made[at : at + 1] = bytes([rng.randrange(256)])
        elif action == 1:
            made[at:at] = rng.choice(TOKENS)
        elif action == 2:
            del made[at : at + length]
        elif action == 3:
            made[at:at] = made[at : at + length]
        elif action == 4:
            made[at : at + len(made)] = b"" if rng.random() < 0.3 else made[at:]
        else:
            made[at:at] = rng.choice([b"[", b'{"a":']) * rng.choice([3, 300, 30_000])
    return bytes(made)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value inside a JSON value."""
    yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(inner, (*path, key))


def damage_structure(rng: random.Random, whole: Any, values: list[Any] = VALUES) -> Any:
    """Replace, delete, repeat or swap values anywhere in a copy of a JSON value."""
    whole = copy.deepcopy(whole)
    for _ in range(rng.randint(1, 5)):
        spots = [path for path in places(whole) if path]
        if not spots:
            break
        *above, key = rng.choice(spots)
        holder = whole
        for step in above:
            holder = holder[step]
        action = rng.randrange(4)
        if action == 0:
            holder[key] = copy.deepcopy(rng.choice(values))
        elif action == 1:
            del holder[key]
        elif action == 2 and isinstance(holder, list):
            holder.insert(rng.randrange(len(holder) + 1), copy.deepcopy(holder[key]))
        else:
            other = rng.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
            holder[key], holder[other] = holder[other], holder[key]
    return whole


@contextlib.contextmanager
def watchdog(seconds: int = PATIENCE) -> Iterator[None]:
    """End a case that hangs; where no case does, it never rings."""

    def bark(signum: int, frame: Any) -> NoReturn:
        raise TimeoutError(f"a case took more than {seconds} seconds")

    before = signal.signal(signal.SIGALRM, bark)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def run(case: Callable[[random.Random], str], seed: str, count: int) -> Counter[str]:
    """Try so many cases of one seed, each under the watchdog; return how they ended."""
    ends: Counter[str] = Counter()
    for number in range(count):
        with watchdog():
            ends[case(random.Random(f"{seed} {number}"))] += 1
    return ends


def growth(case: Callable[[random.Random], str], seed: str, count: int) -> int:
    """Return how many bytes more are in use after the same cases were tried once more, caches being filled."""
    tracemalloc.start()
    try:
        used = []
        for _ in range(3):
            run(case, seed, count)
            gc.collect()
            used.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    return used[2] - used[1]


def resident() -> int:
    """Bytes of memory that this process holds."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
