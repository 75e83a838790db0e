"""Where submissions are graded: local processes, or a Dask cluster; both are `concurrent.futures` executors.

Local workers are forked from one process that has imported everything, and each has an executor of its own: when one
dies, the others know nothing of it.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import forkserver
from typing import TYPE_CHECKING, Any

from autograder.course import CourseError

if TYPE_CHECKING:
    from autograder.engine.task import Done, Task

__all__ = ["AHEAD", "GONE", "Cluster", "Local", "Pool", "prepare"]

TALK = "distributed", "distributed.client", "tornado.application", "asyncio"
"""Loggers that write pages of traces when a scheduler is lost, where ours is a sentence."""

GONE = "the cluster is gone; what is graded is kept: start it again, and grade again"
AHEAD = 2  #: tasks a worker has at hand, so that it never waits for the coordinator


class Pool(ABC):
    """Takes tasks; says how many it wants at a time."""

    @property
    @abstractmethod
    def wanted(self) -> int:
        """How many tasks should be under way."""

    @abstractmethod
    def submit(self, task: Task) -> Future[Done]:
        """Begin a task; its future raises `BrokenExecutor` where the worker did not survive."""

    @abstractmethod
    def close(self, *, now: bool = False) -> None:
        """End the workers; ``now`` without waiting for what they do."""

    def kill(self, future: Future[Done]) -> None:  # noqa: B027 - nothing to do where somebody else watches
        """End the worker that has a task for too long."""


@dataclass
class _Worker:
    """One process, and the futures it has at hand, oldest first."""

    executor: ProcessPoolExecutor
    at_hand: deque[Future[Done]] = field(default_factory=deque)

    def busy(self) -> int:
        while self.at_hand and self.at_hand[0].done():
            self.at_hand.popleft()
        return len(self.at_hand)

    def kill(self) -> None:
        for process in list((self.executor._processes or {}).values()):
            process.kill()


class Local(Pool):
    """Processes of this machine.

    Parameters
    ----------
    jobs : int
        How many.
    problem_set : str
        Which jail they keep warm.
    no_jail : bool
        Whether they run students' code without a jail.
    """

    def __init__(self, jobs: int, problem_set: str, *, no_jail: bool = False) -> None:
        self.problem_set, self.no_jail = problem_set, no_jail
        self.context = multiprocessing.get_context("forkserver")
        prepare(problem_set)
        with _grading():
            self.workers = [_Worker(self._executor()) for _ in range(jobs)]
            for worker in self.workers:
                worker.executor.submit(_ready)  # starts the process now rather than with the first task

    def _executor(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(1, self.context, _become_worker, (self.problem_set, self.no_jail))

    @property
    def wanted(self) -> int:
        """How many tasks should be under way."""
        return AHEAD * len(self.workers)

    def submit(self, task: Task) -> Future[Done]:
        """Give a task to the worker with the least to do; one that died is replaced."""
        worker = min(self.workers, key=_Worker.busy)
        try:
            future = worker.executor.submit(_grade, task)
        except BrokenProcessPool:
            worker.executor.shutdown(wait=False)
            worker.executor, worker.at_hand = self._executor(), deque()
            future = worker.executor.submit(_grade, task)
        worker.at_hand.append(future)
        return future

    def kill(self, future: Future[Done]) -> None:
        """End the process that has a task for too long."""
        for worker in self.workers:
            if future in worker.at_hand:
                worker.kill()

    def close(self, *, now: bool = False) -> None:
        """End the workers."""
        for worker in self.workers:
            if now:
                worker.kill()
            worker.executor.shutdown(wait=True, cancel_futures=True)


class Cluster(Pool):
    """A Dask cluster: ``distributed.Client(address).get_executor()``.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://10.0.0.1:8786``.

    Raises
    ------
    CourseError
        If Dask is not installed, a certificate is missing, or nobody answers there.
    """

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
        except ImportError:
            raise CourseError(
                "--scheduler needs Dask on every machine: pip install -r requirements-cluster.txt"
            ) from None
        for name in TALK:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        _certified(address)
        try:
            self.client: Any = Client(address, timeout=20, set_as_default=False)
        except (OSError, ValueError) as error:
            raise CourseError(f"no Dask scheduler answers at {address}: {error}") from None
        self.executor: Executor = self.client.get_executor(pure=False, retries=0)

    @property
    def wanted(self) -> int:
        """Two tasks per thread of the workers there are now; workers may come and go."""
        with _there():
            threads: dict[str, int] = self.client.nthreads()
        return AHEAD * max(1, sum(threads.values()))

    def submit(self, task: Task) -> Future[Done]:
        """Give a task to the cluster."""
        from autograder.engine.work import grade

        with _there():
            return self.executor.submit(grade, task)

    def close(self, *, now: bool = False) -> None:
        """Take back what is not begun, and leave the cluster."""
        self.executor.shutdown(wait=not now)
        self.client.close(timeout=5)


def _certified(address: str) -> None:
    """Refuse ``tls://`` without a certificate: Dask's client would raise TypeError, and hang for 40 s at the end."""
    import dask
    from distributed.security import Security

    if not address.startswith("tls://") or dask.config.get("distributed.client.security-loader"):
        return
    security = Security()
    try:
        found = security.get_connection_args("client")["ssl_context"]
    except OSError as error:
        files = security.get_tls_config_for_role("client")
        names = ", ".join(str(files[name]) for name in ("ca_file", "cert", "key"))
        raise CourseError(f"the certificate for {address} cannot be used ({names}): {error}") from None
    if found is None:
        raise CourseError(f"{address} needs a certificate of yours: set ca-file, cert and key, see docs/scale.md")


@contextmanager
def _there() -> Iterator[None]:
    """Say so where the scheduler is not there any more: Dask raises what its connection does, or RuntimeError."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        raise CourseError(GONE) from error


def prepare(problem_set: str) -> None:
    """Start the process from which workers are forked, which imports for a second; do nothing where it runs.

    Parameters
    ----------
    problem_set : str
        Whose checks it imports.
    """
    preload = ["autograder.engine.preloaded", f"dlopt.checks.{problem_set}"]
    multiprocessing.get_context("forkserver").set_forkserver_preload(preload)
    with _grading():
        forkserver.ensure_running()


@contextmanager
def _grading() -> Iterator[None]:
    """Give processes that are started the environment of a judge: threads are counted when numpy is imported."""
    from autograder.judge.environment import environment

    before = dict(os.environ)
    os.environ.update(environment())
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _become_worker(problem_set: str, no_jail: bool) -> None:
    from autograder.engine.work import become_worker

    become_worker(problem_set, no_jail)


def _grade(task: Task) -> Done:
    from autograder.engine.work import grade

    return grade(task)


def _ready() -> None:
    """Do nothing, in a worker."""
