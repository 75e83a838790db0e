"""The parts of the jail that can be tested without one: command line, control groups, filter, wiping, endings."""

import os
import platform
import signal
import struct
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.jail import bubblewrap, bundle, ending, syscalls, wipe
from autograder.jail.cgroups import SessionGroup
from autograder.jail.limits import DEFAULT, OVERRIDES, Limits, limits_for


def test_limits_are_positive_and_overrides_name_existing_ones():
    with pytest.raises(ValueError, match="open_files must be > 0, got 0"):
        Limits(open_files=0)
    for problem_set, override in OVERRIDES.items():
        assert set(override) <= set(DEFAULT.as_dict())
        assert limits_for(problem_set) == replace(DEFAULT, **override)


@pytest.mark.parametrize("torch", [False, True])
def test_the_jail_binds_nothing_writable_and_nothing_of_the_clone(tmp_path, torch):
    options = bubblewrap.arguments(tmp_path, DEFAULT, torch=torch)
    assert "--bind" not in options
    assert "--share-net" not in options
    assert {"--new-session", "--die-with-parent", "--as-pid-1", "--clearenv"} <= set(options)
    sources = [Path(options[i + 1]) for i, option in enumerate(options) if option.startswith("--ro-bind")]
    clone = Path(bundle.__file__).parents[2]
    inside = [source for source in sources if clone in source.parents]
    assert all("site-packages" in source.parts for source in inside)
    assert not [source for source in inside if source.name.startswith(("scipy", "sklearn", "scikit_learn", "joblib"))]
    assert any(source.name == "torch" for source in inside) == torch or not inside


def test_an_ordinary_grader_builds_the_jail_in_a_user_namespace(monkeypatch, tmp_path):
    monkeypatch.setattr(bubblewrap, "becomes_students", lambda: False)
    assert {"--unshare-all", "--disable-userns"} <= set(bubblewrap.arguments(tmp_path, DEFAULT, torch=False))


def test_bubblewrap_of_the_system_comes_first_and_what_fails_is_quoted(monkeypatch, tmp_path):
    broken, works = tmp_path / "bwrap", tmp_path / "wheel"
    broken.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    works.write_text("#!/bin/sh\nexit 0\n")
    broken.chmod(0o755)
    works.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(bubblewrap, "_from_wheel", lambda: str(works))
    assert bubblewrap.find.__wrapped__() == (str(works), "")
    monkeypatch.setattr(bubblewrap, "_from_wheel", lambda: None)
    assert bubblewrap.find.__wrapped__() == (None, f"{broken} says: setting up uid map: Permission denied.")


def test_the_bundle_can_be_read_by_every_user(guest):
    folder = bundle.bundle(guest)
    assert all(path.stat().st_mode & 0o044 == 0o044 for path in [folder, *folder.rglob("*")])


# ---- control groups ---------------------------------------------------------------------------------------------


def test_version_1_groups_lie_beneath_our_own(tmp_path):
    own = tmp_path / "own"
    own.write_text("9:name=systemd:/\n8:pids:/\n4:memory:/grader\n0::/\n")
    for folder in ("memory/grader", "pids"):
        (tmp_path / folder).mkdir(parents=True)
    group = SessionGroup.make(DEFAULT, root=tmp_path, own=own)
    assert (group.version, group.memory.parent, group.pids.parent) == (1, tmp_path / "memory/grader", tmp_path / "pids")
    assert (group.memory / "memory.limit_in_bytes").read_text() == str(DEFAULT.memory_bytes)
    assert (group.pids / "pids.max").read_text() == str(DEFAULT.processes)
    control, peak = group.memory / "memory.oom_control", group.memory / "memory.max_usage_in_bytes"
    for kills, most, whose in ((0, 0, ""), (1, 1000, "machine"), (1, DEFAULT.memory_bytes, "session")):
        control.write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 4\n")
        group.begin()
        control.write_text(f"oom_kill_disable 0\nunder_oom 0\noom_kill {4 + kills}\n")
        peak.write_text(f"{most}\n")
        assert group.killed() == whose


def test_version_2_groups_lie_where_both_controllers_are_handed_out(tmp_path):
    own = tmp_path / "own"
    own.write_text("0::/user.slice/app.slice/grader.scope\n")
    (tmp_path / "user.slice/app.slice/grader.scope").mkdir(parents=True)
    (tmp_path / "cgroup.controllers").write_text("cpu memory pids")
    for folder, offered in (
        ("user.slice/app.slice/grader.scope", ""),
        ("user.slice/app.slice", "memory pids"),
        ("user.slice", "memory pids"),
    ):
        (tmp_path / folder / "cgroup.subtree_control").write_text(offered)
        (tmp_path / folder / "cgroup.procs").touch()
    group = SessionGroup.make(DEFAULT, root=tmp_path, own=own)
    assert group.version == 2
    assert group.memory == group.pids
    assert group.memory.parent == tmp_path / "user.slice/app.slice"
    assert (group.memory / "memory.max").read_text() == str(DEFAULT.memory_bytes)
    events = group.memory / "memory.events"
    for kills, full, whose in ((0, 0, ""), (1, 0, "machine"), (1, 1, "session"), (0, 1, "")):
        events.write_text("low 0\nhigh 0\nmax 9\noom 1\noom_kill 2\noom_group_kill 0\n")
        group.begin()
        events.write_text(f"low 0\nhigh 0\nmax 9\noom {1 + full}\noom_kill {2 + kills}\noom_group_kill 0\n")
        assert group.killed() == whose


def test_who_writes_a_zero_into_the_doors_is_in_without_being_put_there():
    group = SessionGroup.make(DEFAULT)
    if group is None or not group.doors:
        pytest.skip("needs control groups of version 1 that we may make")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            for door in group.doors:
                os.write(door, b"0")
            os.write(writing, b"in")
            signal.pause()
        finally:
            os._exit(1)
    try:
        assert os.read(reading, 2) == b"in"
        assert {folder: (folder / "cgroup.procs").read_text() for folder in (group.memory, group.pids)} == {
            folder: f"{child}\n" for folder in (group.memory, group.pids)
        }
        group.add(child)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reading)
        os.close(writing)
        group.remove()
    assert not group.doors
    assert not group.memory.exists()


def test_without_control_groups_there_is_none(tmp_path):
    own = tmp_path / "own"
    own.write_text("0::/\n")
    assert SessionGroup.make(DEFAULT, root=tmp_path / "nothing", own=own) is None


# ---- the filter of system calls, run by a small interpreter of classic BPF ---------------------------------------


def verdict(machine: str, number: int, *arguments: int, architecture: int | None = None) -> int:
    """What the kernel would answer: 0 for a call that is let through, else its errno."""
    program = syscalls.filter_program(machine)
    data = struct.pack("=IIQ", number, architecture or syscalls.MACHINES[machine][1], 0)
    data += struct.pack("=6Q", *(*arguments, 0, 0, 0, 0, 0, 0)[:6])
    at, accumulator = 0, 0
    while True:
        code, yes, no, value = struct.unpack_from("=HBBI", program, 8 * at)
        at += 1
        if code == syscalls.LOAD:
            accumulator = struct.unpack_from("=I", data, value)[0]
        elif code == syscalls.RETURN:
            return 0 if value == syscalls.ALLOW else value & 0xFFFF
        else:
            test = {
                syscalls.EQUAL: accumulator == value,
                syscalls.AT_LEAST: accumulator >= value,
                syscalls.BITS: bool(accumulator & value),
            }
            at += yes if test[code] else no


SPECIAL = {name: getattr(syscalls, name.upper()) for name in ("clone", "clone3", "socket", "socketpair", "setpriority")}
"""Calls whose arguments decide."""


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_refuses_what_it_lists_and_nothing_else(machine):
    column = syscalls.MACHINES[machine][0]
    special = {numbers[column] for numbers in SPECIAL.values()}
    refused = {table[column] for table in syscalls.FORBIDDEN.values()}
    others = {table[column] for table in syscalls.OTHERS.values()}
    for number in set(range(460)) - special:
        assert verdict(machine, number) == (1 if number in refused else 0), number
        assert verdict(machine, number, 1) == (1 if number in refused | others else 0), number


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_looks_at_arguments(machine):
    column = syscalls.MACHINES[machine][0]
    clone, clone3, sock, pair, priority = (numbers[column] for numbers in SPECIAL.values())
    assert verdict(machine, clone, 0x003D0F00) == 0  # a thread
    assert verdict(machine, clone, 0x01200011) == 0  # fork
    assert verdict(machine, clone, 0x10000011) == 1  # a new user namespace
    assert verdict(machine, clone3) == 38
    for call in (sock, pair):
        assert [verdict(machine, call, family) for family in (1, 2, 10, 16, 17, 30, 40)] == [0, 97, 97, 97, 97, 97, 97]
    assert [verdict(machine, priority, *who) for who in ((0, 0), (0, 1), (1, 0), (2, 0))] == [0, 1, 1, 1]


def test_the_filter_refuses_calls_of_another_architecture():
    assert verdict("x86_64", 20, architecture=0x40000003) == 1  # 32-bit calls have other numbers
    assert verdict("x86_64", 0x40000000 + 1) == 1  # and so has x32


def test_the_numbers_of_this_machine_are_right():
    """The kernel's own headers, where they are installed."""
    headers = list(Path("/usr/include").glob(f"*/asm/unistd_{'64' if platform.machine() == 'x86_64' else 'none'}.h"))
    if not headers:
        pytest.skip("no kernel headers for this machine")
    lines = [line.split() for line in headers[0].read_text().splitlines() if line.startswith("#define __NR_")]
    numbers = {name.removeprefix("__NR_"): int(number) for _, name, number in lines}
    for name, (number, _) in (syscalls.FORBIDDEN | syscalls.OTHERS | SPECIAL).items():
        assert numbers.get(name, number) == number, name


# ---- wiping and endings -----------------------------------------------------------------------------------------


def test_a_folder_is_emptied_however_deep_and_locked(tmp_path):
    folder = tmp_path / "wiped"
    at = folder
    for name in ("a", "b", "c"):
        at = at / name
    at.mkdir(parents=True)
    (at / "file").write_text("x")
    (folder / "link").symlink_to(tmp_path)
    (folder / "a" / "b").chmod(0)
    (tmp_path / "kept").write_text("x")
    assert wipe.empty(str(folder))
    assert list(folder.iterdir()) == []
    assert (tmp_path / "kept").exists()


def test_emptying_gives_up_on_what_would_take_too_long(tmp_path):
    for i in range(30):
        (tmp_path / str(i)).touch()
    assert not wipe.empty(str(tmp_path), most=10)


@pytest.mark.parametrize(
    ("message", "killed", "reason"),
    [
        ({"why": "own", "exit_code": 0}, "", "exit"),
        ({"why": "own", "signal": 9}, "", "signal"),
        ({"why": "own", "signal": 9}, "session", "memory"),
        ({"why": "own", "signal": 9}, "machine", "server"),
        ({"why": "asked", "signal": 9}, "", "killed"),
        ({"why": "asked", "signal": 9}, "session", "memory"),
        ({"why": "wall", "signal": 9}, "", "wall"),
        ({"why": "memory", "signal": 9}, "", "memory"),
        ({"why": "own", "signal": 24}, "", "cpu"),
        ({"why": "own", "signal": 6, "peak_bytes": 95}, "", "memory"),  # std::bad_alloc ends in abort()
        ({"why": "own", "signal": 6, "peak_bytes": 10}, "", "signal"),
    ],
)
def test_the_reason_of_an_ending(message, killed, reason):
    full = {"exit_code": None, "signal": None, "peak_bytes": 0, "cpu_seconds": 0.0} | message
    read = ending.read(full, memory_killed=killed, memory_bytes=100)
    assert read.reason == reason
    assert str(read)
