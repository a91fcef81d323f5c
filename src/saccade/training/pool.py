"""A pool of spawned processes that says which job died, stops at once and leaves no orphan.

`concurrent.futures` would do but for three things that long simulations need: the job that was
lost when a worker is killed, stopping without waiting for running jobs, and workers that end by
themselves when their parent is killed (their pipe, whose other end dies with it, tells them).
"""

from __future__ import annotations

import multiprocessing
import pickle
import signal
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Any, Protocol

from saccade.errors import SaccadeError

Dumps = Callable[..., bytes]
"""Function that pickles an object, as `pickle.dumps` does."""


class WorkerError(SaccadeError):
    """A job failed in a worker, or the worker was killed; names the job and the cause."""


@dataclass(frozen=True)
class Outcome:
    """Outcome of a job: a value, or the error to raise in its place."""

    value: Any = None
    error: SaccadeError | None = None

    def unwrap(self) -> Any:
        """The value; raises the error if there is one."""
        if self.error is not None:
            raise self.error
        return self.value


class Pool(Protocol):
    """Interface of both engines: send jobs while it accepts them, receive outcomes, close."""

    workers: int

    def accepts(self, remaining: int) -> bool: ...

    def send(self, turn: int, index: int) -> None: ...

    def receive(self, timeout: float) -> dict[int, Outcome]: ...

    def close(self) -> None: ...


@dataclass
class _Worker:
    process: BaseProcess
    connection: Any  # A Connection, called PipeConnection on Windows.
    pending: deque[tuple[int, int]] = field(default_factory=deque)
    """Pairs (turn, index) of the jobs sent and not yet answered, in order."""


class ProcessPool:
    """Processes that run `setup()` once each, then `function(context, index)` on demand.

    Args:
        setup: Function that is called once in each process; its result is the first argument of
            `function`.
        function: Function that does a job; both are pickled once for each process.
        workers: Number of processes.
        prepare: Function that is called in each process after loading `setup` and `function`,
            before `setup()`.

    Raises:
        WorkerError: `setup` or `function` cannot be pickled.
    """

    def __init__(
        self,
        setup: Callable[[], Any],
        function: Callable[[Any, int], Any],
        workers: int,
        prepare: Callable[[], None],
    ) -> None:
        self.workers = workers
        program = pickle_program(setup, function, prepare)
        context = multiprocessing.get_context("spawn")
        self._workers: list[_Worker] = []
        for number in range(workers):
            ours, theirs = context.Pipe()
            process = context.Process(
                target=_work, args=(theirs, program), name=f"saccade-worker-{number}", daemon=True
            )
            process.start()
            theirs.close()
            self._workers.append(_Worker(process, ours))

    def accepts(self, remaining: int) -> bool:
        """Whether a job should be sent now, given how many are still to be sent.

        A worker holds a second job in reserve so that it never waits for us; not near the end,
        where the last jobs go to whoever is free first.
        """
        reserve = 2 if remaining > self.workers else 1
        return any(len(worker.pending) < reserve for worker in self._workers)

    def send(self, turn: int, index: int) -> None:
        """Give job `index`, the `turn`-th of the series, to the worker with the least to do."""
        worker = min(self._workers, key=lambda worker: len(worker.pending))
        worker.pending.append((turn, index))
        try:
            worker.connection.send(index)
        except (BrokenPipeError, ConnectionResetError):
            raise self._died(worker) from None

    def receive(self, timeout: float) -> dict[int, Outcome]:
        """Outcomes by turn that have arrived, after at most `timeout` seconds.

        Raises:
            WorkerError: A worker ended without answering; names the job and the signal.
        """
        outcomes: dict[int, Outcome] = {}
        ready = wait([worker.connection for worker in self._workers], timeout)
        for worker in self._workers:
            if worker.connection not in ready:
                continue
            try:
                outcome = decode_answer(worker.connection.recv_bytes(), worker.pending[0][1])
            except (EOFError, ConnectionResetError):
                raise self._died(worker) from None
            outcomes[worker.pending.popleft()[0]] = outcome
        return outcomes

    def close(self) -> None:
        """End the workers at once, whatever they are doing."""
        for worker in self._workers:
            worker.connection.close()
            worker.process.kill()
        for worker in self._workers:
            worker.process.join()
        self._workers = []

    def _died(self, worker: _Worker) -> WorkerError:
        worker.process.join(timeout=5)
        code = worker.process.exitcode
        if code is not None and code < 0:
            cause = f"was killed by {signal.Signals(-code).name} (out of memory?)"
        else:
            cause = f"ended with exit code {code}"
        job = f"while working on job {worker.pending[0][1]}" if worker.pending else "while idle"
        return WorkerError(f"{worker.process.name} {cause} {job}")


class JobRunner:
    """A worker's inside, for either engine: sets up once, then answers jobs with bytes.

    Errors travel as class and message, because an exception with a constructor of its own does not
    unpickle; an error in `setup` is the answer to every job.

    Args:
        program: Result of `pickle_program`.
        dumps: Function that pickles answers.
    """

    def __init__(self, program: bytes, dumps: Dumps = pickle.dumps) -> None:
        self._dumps = dumps
        self._failure: bytes | None = None
        try:
            setup, self._function, prepare = pickle.loads(program)
            prepare()
            self._context = setup()
            prepare()
        except Exception as error:  # noqa: BLE001 - raised again in the parent
            self._failure = _encode_error(error)

    def is_ready(self) -> bool:
        """Say that the worker has started."""
        return True

    def answer(self, index: int) -> bytes:
        """Runs job `index`; `decode_answer` makes an `Outcome` of it."""
        if self._failure is not None:
            return self._failure
        try:
            value = self._function(self._context, index)
            return self._dumps(("value", value), protocol=pickle.HIGHEST_PROTOCOL)
        except Exception as error:  # noqa: BLE001 - raised again in the parent
            return _encode_error(error)


def pickle_program(
    setup: Callable[[], Any],
    function: Callable[[Any, int], Any],
    prepare: Callable[[], None],
    dumps: Dumps = pickle.dumps,
) -> bytes:
    """The program that a `JobRunner` needs, pickled by `dumps`.

    Raises:
        WorkerError: A function cannot be pickled.
    """
    try:
        return dumps((setup, function, prepare))
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise WorkerError(
            f"a job for parallel workers must be a top-level function or a partial of one: {error}"
        ) from error


def decode_answer(answer: bytes, index: int) -> Outcome:
    """The outcome of job `index`."""
    kind, content = pickle.loads(answer)
    if kind == "value":
        return Outcome(value=content)
    error_class, text, trace = content
    if error_class is None:
        error: SaccadeError = WorkerError(f"job {index} failed in a worker: {text}")
    else:
        error = error_class.__new__(error_class, text)
    error.add_note(f"In the worker:\n{trace}")
    return Outcome(error=error)


def _work(connection: Any, program: bytes) -> None:
    """The life of a worker process: answer jobs until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the group; the parent decides.
    runner = JobRunner(program)
    try:
        while True:
            connection.send_bytes(runner.answer(connection.recv()))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _encode_error(error: Exception) -> bytes:
    trace = traceback.format_exc()
    if isinstance(error, SaccadeError):
        return pickle.dumps(("error", (type(error), str(error), trace)))
    line = f"{type(error).__name__}: {error}"
    return pickle.dumps(("error", (None, line, trace)))
