"""Episodes in parallel processes, with the same results whatever the number of processes is.

Job i is `function(context, i)`. It must depend on nothing but `context` and `i`; randomness comes
from `episode_generator(seed, i)`. Results arrive in the order of the jobs, so a consumer cannot
tell one worker from eight. Every worker computes with a single thread: simulation scales by
processes, and a reduction over threads would make the last bits depend on their number.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, TypeVar, cast, get_args

import numpy as np

from saccade.checks import check_choice
from saccade.errors import UserInputError
from saccade.training.pool import Outcome, Pool, ProcessPool, WorkerError

Context = TypeVar("Context")
Result = TypeVar("Result")
Engine = Literal["process", "ray"]
ENGINES: tuple[Engine, ...] = get_args(Engine)

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Workers:
    """The workers that do the jobs of a series.

    Attributes:
        count: Number of workers; with 0 or 1 processes the jobs run in this one.
        engine: Kind of workers: "process", or "ray" for those of a Ray cluster (the extra `scale`).
        ray_address: Address of the cluster, see `RayPool`; "" for the one that Ray finds.
    """

    count: int = 1
    engine: Engine = "process"
    ray_address: str = ""


def as_workers(workers: Workers | int) -> Workers:
    """The workers; a number alone stands for so many processes."""
    return Workers(workers) if isinstance(workers, int) else workers


def episode_generator(seed: int, index: int) -> np.random.Generator:
    """The random generator of episode `index` of a series: independent of all other episodes."""
    return np.random.default_rng(np.random.SeedSequence([seed, index]))


def map_episodes(
    function: Callable[[Context, int], Result],
    jobs: int | Iterable[int],
    workers: Workers | int = 1,
    *,
    setup: Callable[[], Context] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Iterator[Result]:
    """Yield `function(context, index)` for every job, in the order of the jobs.

    Args:
        function: Top-level function or `functools.partial` of one, pickled once for each worker.
        jobs: Number n of jobs (indices 0 to n - 1) or the indices themselves, to continue a series.
        workers: Workers, or a number of spawned processes.
        setup: Function that builds what is expensive (a world, a network) once a worker; its
            result is the `context` of every job there. None: the context is None.
        stop: Function that is asked between results; once true, the series ends early and the
            workers are stopped.

    Raises:
        SaccadeError: Whatever a job raises of it, unchanged, after the results before it.
        WorkerError: A job raised any other exception in a worker, or a worker was killed.
        UserInputError: The number of workers is negative, the engine unknown, or no cluster there.
        MissingExtraError: The engine is "ray" without Ray.
    """
    who = as_workers(workers)
    if who.count < 0:
        raise UserInputError(f"workers = {who.count} was given; expected 0 or more")
    check_choice("engine", who.engine, ENGINES)
    indices = list(range(jobs) if isinstance(jobs, int) else jobs)
    build = cast(Callable[[], Context], setup or _no_context)
    asked = stop or _never
    if not indices or (who.engine == "process" and min(who.count, len(indices)) <= 1):
        return _in_process(build, function, indices, asked)
    make_pool = partial(_ray_pool, who.ray_address) if who.engine == "ray" else _process_pool
    count = max(1, min(who.count, len(indices)))
    return _in_order(lambda: make_pool(build, function, count), indices, asked)


def use_one_thread() -> None:
    """Limit this process to one computing thread, in the libraries that it has already loaded."""
    for name in THREAD_VARIABLES:
        os.environ[name] = "1"
    _set_threads(1, 1)


def _process_pool(setup: Callable[[], Any], function: Callable[..., Any], workers: int) -> Pool:
    with _environment_of_one_thread():
        return ProcessPool(setup, function, workers, prepare=use_one_thread)


def _ray_pool(
    address: str, setup: Callable[[], Any], function: Callable[..., Any], workers: int
) -> Pool:
    from saccade.training.workers_ray import RayPool

    return RayPool(setup, function, workers, use_one_thread, address)


def _in_order(
    make_pool: Callable[[], Pool], indices: Sequence[int], stop: Callable[[], bool]
) -> Iterator[Any]:
    """Feed the pool and hold results back until their turn, a bounded number of them."""
    pool = make_pool()
    finished: dict[int, Outcome] = {}
    sent = 0
    window = 4 * pool.workers
    try:
        for turn in range(len(indices)):
            while turn not in finished:
                while sent < min(len(indices), turn + window) and pool.accepts(len(indices) - sent):
                    pool.send(sent, indices[sent])
                    sent += 1
                if stop():
                    return
                finished.update(pool.receive(timeout=0.2))
            yield finished.pop(turn).unwrap()
    except WorkerError:
        # A signal to the whole process group ends the workers while we are stopping in good order.
        if not stop():
            raise
    finally:
        pool.close()


def _in_process(
    setup: Callable[[], Context],
    function: Callable[[Context, int], Result],
    indices: Sequence[int],
    stop: Callable[[], bool],
) -> Iterator[Result]:
    if not indices:
        return
    with _one_thread():
        context = setup()
    for index in indices:
        if stop():
            return
        with _one_thread():
            result = function(context, index)
        yield result


def _no_context() -> None:
    return None


def _never() -> bool:
    return False


@contextmanager
def _environment_of_one_thread() -> Iterator[None]:
    """Set the variables that a child reads when it loads its libraries, before any code of ours."""
    before = {name: os.environ.get(name) for name in THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _one_thread() -> Iterator[None]:
    """Use one thread during a job in this process: the same last bits as in a worker."""
    torch, cv2 = sys.modules.get("torch"), sys.modules.get("cv2")
    before = (torch.get_num_threads() if torch else 0, cv2.getNumThreads() if cv2 else 0)
    _set_threads(1, 1)
    try:
        yield
    finally:
        _set_threads(*before)


def _set_threads(torch_threads: int, cv2_threads: int) -> None:
    """Set threads in the libraries that are loaded: workers without torch never load it."""
    torch, cv2 = sys.modules.get("torch"), sys.modules.get("cv2")
    if torch is not None and torch_threads:
        torch.set_num_threads(torch_threads)
    if cv2 is not None and cv2_threads:
        cv2.setNumThreads(cv2_threads)
