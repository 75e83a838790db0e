"""Two submissions graded at the same time neither see nor disturb each other: plain nbgrader, twice at once."""

import subprocess

import pytest

from tests.autograder.judge.conftest import BIN, POINTS, PS, instructors, open_classroom  # noqa: F401 - fixtures

pytestmark = pytest.mark.slow

LOOK = """
import glob, os, socket, time
me, found = {me!r}, []
mine = []
for place in ("/tmp", "/dev/shm", os.path.expanduser("~")):
    open(f"{{place}}/mark-{{me}}", "w").write("x")
for kind, name in ((socket.SOCK_STREAM, "stream"), (socket.SOCK_DGRAM, "datagram")):
    s = socket.socket(socket.AF_UNIX, kind); s.bind(f"\\0{{name}}-{{me}}"); mine.append(s)
processes = set()
until = time.monotonic() + 8
while time.monotonic() < until:
    for place in ("/tmp", "/dev/shm", os.path.expanduser("~")):
        found += [name for name in os.listdir(place) if name.startswith("mark-") and name != f"mark-{{me}}"]
    for line in open("/proc/net/unix"):
        found += [line.split()[-1]] if "stream-" in line and me not in line else []
    processes |= {{int(name) for name in os.listdir("/proc") if name.isdigit()}}
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) not in (1, os.getpid()):
            try: os.kill(int(name), 9)
            except OSError: pass
    time.sleep(0.01)
print("SAW", found, len(processes))
"""


@pytest.fixture(scope="module")
def room(open_classroom, instructors):  # noqa: F811 - those fixtures
    """Two submissions that look for each other for eight seconds, graded by two nbgraders at once."""
    room = open_classroom(instructors)
    for name in ("ann", "ben"):
        room.hand_in(name, lambda sheet, me=name: sheet.honest().add("setup", LOOK.format(me=me)))
    room.hand_in("alone", lambda sheet: sheet.honest())
    commands = [[str(BIN / "nbgrader"), "autograde", PS, f"--student={name}"] for name in ("ann", "ben")]
    both = [
        subprocess.Popen(c, cwd=room.course.root, env=room.environment, stderr=subprocess.PIPE, text=True)
        for c in commands
    ]
    assert [(process.communicate()[1][-2000:], process.returncode)[1] for process in both] == [0, 0]
    room.autograde("--student=alone")
    return room


@pytest.mark.parametrize("student", ["ann", "ben"])
def test_neither_sees_the_other(room, student):
    assert "SAW [] 2" in room.result(student).shown()


def test_both_have_the_points_they_have_alone(room):
    results = room.results(["ann", "ben", "alone"])
    for result in results.values():
        assert {name: result.points[name] for name in POINTS} == POINTS
        assert set(result.kinds.values()) == {"pass"}
        assert result.judge["notes"] == []
