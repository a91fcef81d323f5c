"""The same pool of workers on a Ray cluster (the extra `scale`)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from importlib import import_module
from typing import Any

from saccade.errors import MissingExtraError
from saccade.training.pool import (
    JobRunner,
    Outcome,
    WorkerError,
    decode_answer,
    pickle_program,
)


class RayPool:
    """`workers` Ray actors of one core each; the interface is that of `ProcessPool`.

    Connects to the running cluster (`RAY_ADDRESS`), or starts a local one.

    Raises:
        MissingExtraError: Ray is not installed.
    """

    def __init__(
        self,
        setup: Callable[[], Any],
        function: Callable[[Any, int], Any],
        workers: int,
        prepare: Callable[[], None],
    ) -> None:
        try:
            self._ray: Any = import_module("ray")
        except ModuleNotFoundError as error:
            raise MissingExtraError("ray", "scale") from error
        if not self._ray.is_initialized():
            self._ray.init(include_dashboard=False, log_to_driver=False)
        self.workers = workers
        threads = {"env_vars": {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}}
        actor = self._ray.remote(num_cpus=1, runtime_env=threads)(JobRunner)
        program = pickle_program(setup, function, prepare)
        self._actors = [actor.remote(program) for _ in range(workers)]
        self._pending: list[deque[Any]] = [deque() for _ in range(workers)]
        self._jobs: dict[Any, tuple[int, int, int]] = {}

    def accepts(self, remaining: int) -> bool:
        """Whether a job should be sent now; see `ProcessPool.accepts`."""
        reserve = 2 if remaining > self.workers else 1
        return any(len(pending) < reserve for pending in self._pending)

    def send(self, turn: int, index: int) -> None:
        """Give a job to an actor; see `ProcessPool.send`."""
        number = min(range(self.workers), key=lambda number: len(self._pending[number]))
        reference = self._actors[number].answer.remote(index)
        self._pending[number].append(reference)
        self._jobs[reference] = (turn, index, number)

    def receive(self, timeout: float) -> dict[int, Outcome]:
        """Outcomes that have arrived; see `ProcessPool.receive`."""
        ready, _ = self._ray.wait(list(self._jobs), num_returns=1, timeout=timeout)
        outcomes: dict[int, Outcome] = {}
        for reference in ready:
            turn, index, number = self._jobs.pop(reference)
            self._pending[number].remove(reference)
            try:
                outcomes[turn] = decode_answer(self._ray.get(reference), index)
            except self._ray.exceptions.RayActorError as error:
                message = f"a Ray worker died while working on job {index}"
                raise WorkerError(message) from error
        return outcomes

    def close(self) -> None:
        """End the actors at once; the cluster stays."""
        for actor in self._actors:
            self._ray.kill(actor)
        self._actors = []
