"""What the engine's tests need: a class to grade on a cluster, and a PostgreSQL server of their own.

The server is made in a temporary folder, reached through a socket in it, and then gone.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Course
from autograder.engine.run import Options, run
from tests.autograder.engine.cluster import CASES, PS, STUDENTS
from tests.autograder.judge.conftest import Classroom, instructors, open_classroom  # noqa: F401 - fixtures

NOBODY = 65534
START = 30  #: seconds that a server may take to answer


@pytest.fixture(scope="session")
def dask() -> None:
    """Dask, which has to be there in CI."""
    if find_spec("distributed") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("needs Dask (requirements-cluster.txt)")


@pytest.fixture(scope="module")
def classroom(dask: None, open_classroom: Callable[[Any], Classroom], instructors: Any) -> Classroom:  # noqa: F811
    """A class that has handed in work of several sorts."""
    room = open_classroom(instructors)
    for number in range(STUDENTS):
        case = CASES[number % len(CASES)]
        room.hand_in(f"s{number}", case)
    return room


@pytest.fixture(scope="module")
def local(classroom: Classroom, tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    """The same class, graded by processes of this machine."""
    other = classroom.twin(tmp_path_factory.mktemp("twin"))
    assert len(list(run(other.course, PS, Options(jobs=2)))) == STUDENTS
    return other


def copied(course: Course, root: Path, *sets: str) -> Path:
    """Make a course of its own with some problem sets of another; return its root."""
    root.mkdir()
    shutil.copy(course.root / "nbgrader_config.py", root)
    for ps in sets:
        shutil.copytree(course.solutions / ps, root.parent / "solutions" / ps)
    return root


def program(name: str) -> str | None:
    """Find a program of PostgreSQL on the path, or where Debian and Ubuntu put it, which is not on the path."""
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(installed[-1]) if installed else None)


@dataclass
class Server:
    """A running server; ``database`` makes an empty database in it."""

    folder: Path
    made: int = 0

    def address(self, database: str) -> str:
        """Where a database is, as libpq says it."""
        return f"postgresql://grader@/{database}?host={self.folder}"

    def sql(self, *statements: str, database: str = "postgres") -> list[Any]:
        """Run statements, each on its own; return the rows of the last."""
        import psycopg

        with psycopg.connect(self.address(database), autocommit=True) as connection:
            for statement in statements:
                found = connection.execute(statement)  # type: ignore[arg-type]
            return found.fetchall() if found.description else []

    def database(self) -> str:
        """Make an empty database; return its address, as ``--db`` takes it."""
        self.made += 1
        self.sql(f"CREATE DATABASE grades{self.made}")
        return self.address(f"grades{self.made}")


@contextlib.contextmanager
def serving(initdb: str, postgres: str) -> Iterator[Server]:
    """Make a cluster and run its server, as nobody where the tests run as root, for PostgreSQL refuses root."""
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # short: the name of a socket may have 107 characters
    who: dict[str, Any] = {"cwd": folder}
    if os.getuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
        who |= {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    data, log = folder / "data", (folder / "log").open("w+")
    flags = ["-D", str(data), "-U", "grader", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    try:
        subprocess.run([initdb, *flags], check=True, stdout=log, stderr=log, **who)
        settings = {"listen_addresses": "", "unix_socket_directories": folder, "fsync": "off"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        running = subprocess.Popen([postgres, "-D", str(data), *options], stdout=log, stderr=log, **who)
        try:
            yield _answering(Server(folder), running)
        finally:
            running.send_signal(3)  # at once, without a checkpoint
            running.wait(30)
    except (subprocess.CalledProcessError, TimeoutError) as problem:
        raise RuntimeError(f"{problem}\n{(folder / 'log').read_text()}") from None
    finally:
        log.close()
        shutil.rmtree(folder)


def _answering(server: Server, running: "subprocess.Popen[bytes]") -> Server:
    """Wait until the server answers."""
    import psycopg

    until = time.monotonic() + START
    while True:
        try:
            server.sql("SELECT 1")
            return server
        except psycopg.OperationalError as problem:
            if running.poll() is not None or time.monotonic() > until:
                raise TimeoutError(f"PostgreSQL does not start: {problem}") from None
            time.sleep(0.05)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A server. In CI it has to be there, and so has psycopg."""
    programs = program("initdb"), program("postgres")
    missing = [] if None not in programs else ["PostgreSQL's server (initdb and postgres)"]
    try:
        import psycopg  # noqa: F401
    except ImportError:
        missing.append("psycopg (requirements-cluster.txt)")
    if missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"needs {' and '.join(missing)}")
    with serving(*programs) as server:  # type: ignore[arg-type]
        yield server


@pytest.fixture
def database(postgres: Server) -> Callable[[], str]:
    """Make empty databases."""
    return postgres.database
