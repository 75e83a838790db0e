"""Linux calls that Python's library lacks: prctl, capabilities, and a filter of system calls.

Runs inside the jail, with nothing but the standard library.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys

__all__ = [
    "adopt_orphans",
    "drop_bounding_set",
    "drop_capabilities",
    "filter_program",
    "hide_memory",
    "install_filter",
    "no_new_privileges",
    "show_memory",
]

PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP = 4, 22, 24
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 36, 38, 47
CAPABILITY_VERSION_3 = 0x20080522

# system call numbers: x86_64, and the generic table that aarch64 uses
FORBIDDEN = {
    # other processes' memory, and what the kernel keeps outside any namespace or session
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "mq_open": (240, 180),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "syslog": (103, 116),
    "quotactl": (179, 60),
    "ioprio_set": (251, 30),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    # new namespaces, in which an unprivileged user would be root again, and mounts
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    # large parts of the kernel that no exercise needs
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "fanotify_init": (300, 262),
    "kexec_load": (246, 104),
}
"""Calls that always fail with EPERM."""

OTHERS = {
    "prlimit64": (302, 261),
    "sched_setaffinity": (203, 122),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "sched_setattr": (314, 274),
}
"""Calls allowed on oneself (first argument 0) and on nobody else, such as the fork server."""

CLONE, CLONE3, SETPRIORITY = (56, 220), (435, 435), (141, 140)
SOCKET, SOCKETPAIR = (41, 198), (53, 199)
NEW_NAMESPACES = 0x7E020000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
FAMILIES = (1,)  # AF_UNIX: others reach nobody in there, and the kernel remembers their ports for a minute
EPERM, ENOSYS, EAFNOSUPPORT = 1, 38, 97

MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""Column of the tables above, and the kernel's name of the architecture."""

LOAD, EQUAL, AT_LEAST, BITS, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # classic BPF
ALLOW, FAIL = 0x7FFF0000, 0x00050000


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, *arguments: int) -> None:
    libc = _libc()
    values = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]]
    if libc.prctl(ctypes.c_int(option), *values):
        number = ctypes.get_errno()
        raise OSError(number, f"prctl({option}): {os.strerror(number)}")


def hide_memory() -> None:
    """Make this process undumpable: nobody without privileges reads its memory or traces it."""
    _prctl(PR_SET_DUMPABLE, 0)


def show_memory() -> None:
    """Undo `hide_memory`, for a moment in which nobody could look."""
    _prctl(PR_SET_DUMPABLE, 1)


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent dies, as process 1 of a namespace is anyway."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def no_new_privileges() -> None:
    """Let no program that this process starts gain privileges; bubblewrap has done so already."""
    _prctl(PR_SET_NO_NEW_PRIVS, 1)


def drop_bounding_set() -> None:
    """Take every capability out of reach; needs CAP_SETPCAP, and without it there is nothing to drop."""
    for capability in range(64):
        try:
            _prctl(PR_CAPBSET_DROP, capability)
        except OSError:
            return


def drop_capabilities() -> None:
    """Empty the effective, permitted, inheritable and ambient sets."""
    _prctl(PR_CAP_AMBIENT, 4)  # PR_CAP_AMBIENT_CLEAR_ALL
    header = struct.pack("=II", CAPABILITY_VERSION_3, 0)
    if _libc().capset(header, bytes(24)):
        raise OSError(ctypes.get_errno(), "capset")


def _instruction(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)


def filter_program(machine: str) -> bytes | None:
    """Assemble the filter of system calls, or None for a machine without a table here.

    Parameters
    ----------
    machine
        As `os.uname` names it.

    Returns
    -------
    bytes or None
        Classic BPF instructions of 8 bytes each; seccomp(2) describes the data they read.

    Examples
    --------
    >>> len(filter_program("x86_64")) % 8, filter_program("vax")
    (0, None)
    """
    if machine not in MACHINES:
        return None
    column, architecture = MACHINES[machine]
    number, first = _instruction(LOAD, 0), _instruction(LOAD, 16)  # the call, low word of its first argument
    refuse = _instruction(RETURN, FAIL | EPERM)
    program = [_instruction(LOAD, 4), _instruction(EQUAL, architecture, 1, 0), refuse, number]
    if machine == "x86_64":  # the x32 table numbers its calls from here
        program += [_instruction(AT_LEAST, 0x40000000, 0, 1), refuse]
    for numbers in FORBIDDEN.values():
        program += [_instruction(EQUAL, numbers[column], 0, 1), refuse]
    program += [
        _instruction(EQUAL, CLONE3[column], 0, 1),  # its flags are out of a filter's sight; libc takes clone
        _instruction(RETURN, FAIL | ENOSYS),
    ]
    oneself = _instruction(EQUAL, 0, 1, 0)  # zero names the caller: step over the refusal
    for numbers in OTHERS.values():
        program += [_instruction(EQUAL, numbers[column], 0, 4), first, oneself, refuse, number]
    program += [_instruction(EQUAL, SETPRIORITY[column], 0, 7)]  # (which, who): only one process, oneself
    program += [first, oneself, refuse, _instruction(LOAD, 24), oneself, refuse, number]
    program += [_instruction(EQUAL, CLONE[column], 0, 4), first, _instruction(BITS, NEW_NAMESPACES, 0, 1), refuse]
    program += [number, _instruction(EQUAL, SOCKET[column], 1, 0)]
    program += [_instruction(EQUAL, SOCKETPAIR[column], 0, 2 + len(FAMILIES)), first]
    program += [_instruction(EQUAL, family, len(FAMILIES) - i, 0) for i, family in enumerate(FAMILIES)]
    program += [_instruction(RETURN, FAIL | EAFNOSUPPORT), _instruction(RETURN, ALLOW)]
    return b"".join(program)


def install_filter() -> bool:
    """Put the filter on this process and all it will start; False where there is none for this machine.

    Raises
    ------
    OSError
        If the kernel refuses it.
    """
    program = filter_program(os.uname().machine)
    if program is None or sys.maxsize < 1 << 32:
        return False

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))

    described = Program(len(program) // 8, program)
    try:
        _prctl(PR_SET_SECCOMP, 2, ctypes.addressof(described))  # SECCOMP_MODE_FILTER
    except OSError as error:
        if error.errno == 22:  # a kernel built without it
            return False
        raise
    return True
