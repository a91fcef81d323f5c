"""The same pool of workers on a Ray cluster (the extra `scale`).

A worker is an actor of one core. The cluster places as many as it has cores for; the others wait
and are given nothing to do until they have started. Where a node dies, its workers are started
elsewhere and their jobs are done again: a job depends on its index alone, so the results are those
of an undisturbed series.
"""

from __future__ import annotations

import os
import socket
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from saccade.errors import MissingExtraError, UserInputError
from saccade.training.pool import (
    JobRunner,
    Outcome,
    WorkerError,
    decode_answer,
    pickle_program,
)

ANSWER_WITHIN = 5.0
"""Time in which a head must take a connection [s]."""
MOST_DEATHS = 3
"""Most deaths of a job's workers; after so many the job is the cause, not the nodes."""


@dataclass
class _Worker:
    actor: Any
    started: Any
    """Reference that is ready once the actor is; None once it is known to be."""
    pending: deque[tuple[Any, int, int]] = field(default_factory=deque)
    """Triples (reference, turn, index) of the jobs sent and not yet answered, in order."""


class RayPool:
    """A pool of `workers` Ray actors of one core each; the interface is that of `ProcessPool`.

    Args:
        setup: Function that is called once in each actor; its result is the first argument of
            `function`.
        function: Function that does a job; it may be of `__main__`, which travels by value.
        workers: Number of actors; those that the cluster has no core for wait.
        prepare: Function that is called in each actor before `setup()`.
        address: Address of the cluster's head, "host:6379" or "ray://host:10001"; "" for the one
            that this program is connected to, that RAY_ADDRESS names or that runs on this machine,
            and where there is none for one of this machine's own cores.

    Raises:
        MissingExtraError: Ray is not installed.
        UserInputError: There is no cluster at the address.
        WorkerError: `setup` or `function` cannot be pickled.
    """

    def __init__(
        self,
        setup: Callable[[], Any],
        function: Callable[[Any, int], Any],
        workers: int,
        prepare: Callable[[], None],
        address: str = "",
    ) -> None:
        try:
            self._ray: Any = import_module("ray")
            pickler: Any = import_module("ray.cloudpickle")
        except ModuleNotFoundError as error:
            raise MissingExtraError("ray", "scale") from error
        self._connect(address)
        enter = partial(_prepare_in, Path.cwd(), prepare)
        program = pickle_program(setup, function, enter, pickler.dumps)
        actor = self._ray.remote(num_cpus=1, runtime_env={"env_vars": _environment()})(JobRunner)
        self._new_actor = partial(actor.remote, program, pickler.dumps)
        self.workers = workers
        self._workers = [self._start() for _ in range(workers)]
        self._again: deque[tuple[int, int]] = deque()
        self._deaths: dict[int, int] = {}

    def accepts(self, remaining: int) -> bool:
        """Whether a job should be sent now; see `ProcessPool.accepts`."""
        reserve = 2 if remaining > self.workers else 1
        return any(len(worker.pending) < reserve for worker in self._running())

    def send(self, turn: int, index: int) -> None:
        """Give a job to the worker with the least to do; see `ProcessPool.send`."""
        worker = min(self._running(), key=lambda worker: len(worker.pending))
        worker.pending.append((worker.actor.answer.remote(index), turn, index))

    def receive(self, timeout: float) -> dict[int, Outcome]:
        """Outcomes that have arrived; see `ProcessPool.receive`.

        Raises:
            WorkerError: A job's worker died again and again, or no worker can start.
        """
        owners = {job[0]: worker for worker in self._workers for job in worker.pending}
        owners |= {w.started: w for w in self._workers if w.started is not None}
        ready, _ = self._ray.wait(list(owners), num_returns=1, timeout=timeout)
        outcomes: dict[int, Outcome] = {}
        for reference in ready:
            worker = owners[reference]
            try:
                answer = self._ray.get(reference)
            except self._ray.exceptions.RayActorError as error:
                self._replace(worker, error)
                continue
            if reference is worker.started:
                worker.started = None
                continue
            job = next(job for job in worker.pending if job[0] is reference)
            worker.pending.remove(job)
            outcomes[job[1]] = decode_answer(answer, job[2])
        while self._again and self._running():
            self.send(*self._again.popleft())
        return outcomes

    def close(self) -> None:
        """End the actors at once; the cluster stays."""
        for worker in self._workers:
            self._ray.kill(worker.actor)
        self._workers = []

    def _connect(self, address: str) -> None:
        if self._ray.is_initialized():
            return
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        named = address or os.environ.get("RAY_ADDRESS", "")
        quiet = {"log_to_driver": False, "logging_level": "ERROR"}
        try:
            _knock(named)
            self._ray.init(address=address or None, include_dashboard=False, **quiet)
        except (OSError, ValueError, RuntimeError) as error:
            raise UserInputError(
                f"no Ray cluster at {named or 'this machine'} ({_last_line(error)}); expected "
                "--ray-address HOST:PORT of a head that was started with: ray start --head"
            ) from error

    def _start(self) -> _Worker:
        actor = self._new_actor()
        return _Worker(actor, actor.is_ready.remote())

    def _running(self) -> list[_Worker]:
        return [worker for worker in self._workers if worker.started is None]

    def _replace(self, worker: _Worker, error: Exception) -> None:
        """Start a worker in the place of one that died, and do its jobs again.

        Raises:
            WorkerError: The job that it was at, or starting itself, has ended too many workers.
        """
        if worker not in self._workers:  # its other jobs told of its death already
            return
        at_work = worker.pending[0][2] if worker.pending else None
        culprit = -1 if at_work is None else at_work
        self._deaths[culprit] = self._deaths.get(culprit, 0) + 1
        if self._deaths[culprit] >= MOST_DEATHS:
            doing = "while starting" if at_work is None else f"while working on job {at_work}"
            raise WorkerError(
                f"a Ray worker died {MOST_DEATHS} times {doing}: {_last_line(error)}"
            ) from error
        self._again.extend((turn, index) for _, turn, index in worker.pending)
        self._workers[self._workers.index(worker)] = self._start()


def _knock(address: str) -> None:
    """Open and close a connection: Ray itself ends the program where nobody answers.

    Raises:
        OSError: Nobody answers.
        ValueError: The address has no port.
    """
    if address in ("", "auto", "local"):
        return
    host, _, port = address.rpartition("://")[2].rpartition(":")
    if not host or not port.isdecimal():
        raise ValueError("an address has a host and a port")
    socket.create_connection((host, int(port)), timeout=ANSWER_WITHIN).close()


def _environment() -> dict[str, str]:
    """Environment of a worker: one thread, and the modules beside the script, as in a process."""
    installed = (sys.prefix, sys.base_prefix)
    own = [path or os.getcwd() for path in sys.path if not path.startswith(installed)]
    return {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(own)}


def _prepare_in(folder: Path, prepare: Callable[[], None]) -> None:
    """Work where the user is, so that the paths of their command mean the same on every node."""
    if folder.is_dir():
        os.chdir(folder)
    prepare()


def _last_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
