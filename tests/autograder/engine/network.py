"""Machines that reach each other only over a network: namespaces of Linux, cabled to a switch in one of their own.

Nothing of it lies in the network of the machine that runs the tests, so that neither addresses nor names of devices
can collide with anything; what others see are the names of the namespaces, which begin with the number of the process.
"""

import os
import shutil
import subprocess

SWITCH = "switch"


def ip(*arguments):
    """Run iproute2, which has to succeed."""
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")


class Network:
    """Machines by name; the first has the address 10.0.0.1, the next 10.0.0.2, and so on.

    Parameters
    ----------
    machines : str
        Their names.
    """

    def __init__(self, *machines):
        self.machines = machines
        try:
            for name in (SWITCH, *machines):
                ip("netns", "add", self.namespace(name))
                ip("-n", self.namespace(name), "link", "set", "dev", "lo", "up")
            switch = self.namespace(SWITCH)
            ip("-n", switch, "link", "add", SWITCH, "type", "bridge")
            ip("-n", switch, "link", "set", "dev", SWITCH, "up")
            for name in machines:
                here = self.namespace(name)
                ip("link", "add", "eth0", "netns", here, "type", "veth", "peer", "name", name, "netns", switch)
                ip("-n", switch, "link", "set", "dev", name, "master", SWITCH, "up")
                ip("-n", here, "address", "add", f"{self.address(name)}/24", "dev", "eth0")
                ip("-n", here, "link", "set", "dev", "eth0", "up")
        except BaseException:
            self.close()
            raise

    def namespace(self, machine):
        """What the kernel calls a machine."""
        return f"{os.getpid()}-{machine}"

    def address(self, machine):
        """Where a machine is."""
        return f"10.0.0.{self.machines.index(machine) + 1}"

    def within(self, machine):
        """What goes before a command to run it there; unlike `ip netns exec` it leaves /sys, and so cgroups, alone."""
        return ["nsenter", f"--net=/run/netns/{self.namespace(machine)}"]

    def cut(self, machine):
        """Take the cable out: nobody is told, and nothing arrives any more."""
        ip("-n", self.namespace(machine), "link", "set", "dev", "eth0", "down")

    def mend(self, machine):
        """Put the cable in again."""
        ip("-n", self.namespace(machine), "link", "set", "dev", "eth0", "up")

    def close(self):
        """Take everything away; what is in a namespace goes with it."""
        made = {line.split()[0] for line in subprocess.check_output(["ip", "netns"], text=True).splitlines()}
        for name in (SWITCH, *self.machines):
            if self.namespace(name) in made:
                ip("netns", "delete", self.namespace(name))


def why_not():
    """Return what this machine lacks for networks of the tests' own, or None."""
    lacking = [program for program in ("ip", "nsenter") if shutil.which(program) is None]
    if lacking:
        return f"needs {' and '.join(lacking)} (iproute2 and util-linux)"
    if os.getuid() != 0:
        return "needs root, which may make network namespaces"
    try:
        Network("one", "two").close()
    except OSError as problem:
        return f"needs network namespaces with cables between them: {problem}"
    return None
