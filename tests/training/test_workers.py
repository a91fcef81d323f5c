"""Order, independence of the number of workers, errors, dead workers, stopping."""

from __future__ import annotations

import functools
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from fake_ray import FakeRay
from saccade.errors import MissingExtraError, UserInputError
from saccade.training.pool import WorkerError
from saccade.training.workers import Workers, episode_generator, map_episodes


def draw(context: float, index: int) -> float:
    """Uneven work, so that results come back out of order."""
    time.sleep(0.03 * (index % 3 == 0))
    return context + episode_generator(7, index).random()


def build() -> float:
    return 100.0


def report_process(context: dict[str, int], index: int) -> tuple[int, int, str]:
    context["calls"] += 1
    return os.getpid(), context["calls"], os.environ["OMP_NUM_THREADS"]


def build_counter() -> dict[str, int]:
    return {"calls": 0}


def fail(kind: str, context: None, index: int) -> int:
    if index == 3 and kind == "user":
        raise MissingExtraError("ray", "scale")
    if index == 3 and kind == "bug":
        raise ZeroDivisionError("by nothing")
    if index == 3 and kind == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    return index


def fail_setup() -> None:
    raise UserInputError("no such world")


def forever(context: None, index: int) -> int:
    time.sleep(600 * (index > 0))
    return index


def test_results_do_not_depend_on_the_number_of_workers():
    expected = [100.0 + episode_generator(7, index).random() for index in range(12)]
    for workers in (0, 1, 2, 3):
        assert list(map_episodes(draw, 12, workers, setup=build)) == expected
    assert list(map_episodes(draw, [11, 4, 5], 2, setup=build)) == [expected[i] for i in (11, 4, 5)]


def test_episode_generators_differ_between_episodes_and_seeds():
    draws = {episode_generator(seed, index).random() for seed in range(5) for index in range(5)}
    assert len(draws) == 25


def test_setup_runs_once_a_worker_with_one_thread():
    results = list(map_episodes(report_process, 8, 2, setup=build_counter))
    pids = {pid for pid, _, _ in results}
    assert 1 <= len(pids) <= 2
    assert os.getpid() not in pids
    for pid in pids:
        calls = [call for process, call, _ in results if process == pid]
        assert calls == list(range(1, len(calls) + 1))
    assert {threads for _, _, threads in results} == {"1"}


def test_jobs_in_this_process_use_one_torch_thread_and_leave_the_setting_alone():
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        assert list(map_episodes(lambda _, __: torch.get_num_threads(), 1)) == [1]
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_users_mistake_arrives_unchanged_after_the_results_before_it(workers: int):
    series = map_episodes(functools.partial(fail, "user"), 6, workers)
    assert [next(series) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(MissingExtraError, match=r"run: .*pip install .*\[scale\]"):
        next(series)


def test_a_bug_in_a_job_names_the_job_and_keeps_the_workers_traceback():
    with pytest.raises(WorkerError, match="job 3 failed in a worker: ZeroDivisionError") as caught:
        list(map_episodes(functools.partial(fail, "bug"), 6, 2))
    assert "raise ZeroDivisionError" in caught.value.__notes__[0]


def test_a_killed_worker_is_named_with_its_job():
    with pytest.raises(WorkerError, match=r"was killed by SIGKILL .* while working on job 3"):
        list(map_episodes(functools.partial(fail, "kill"), 6, 2))


def test_an_error_in_setup_arrives_unchanged():
    with pytest.raises(UserInputError, match="no such world"):
        list(map_episodes(fail, 4, 2, setup=fail_setup))  # pyright: ignore[reportArgumentType]


def test_stop_ends_the_series_without_waiting_for_running_jobs():
    stopped = []
    results = []
    for result in map_episodes(forever, 4, 2, stop=lambda: bool(stopped)):
        results.append(result)
        stopped.append(True)
    assert results == [0]


def test_leaving_the_loop_early_ends_the_workers():
    series = map_episodes(forever, 4, 2)
    assert next(series) == 0
    series.close()  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(StopIteration):
        next(series)


ORPHANS = """
import test_workers
from saccade.training.workers import map_episodes

if __name__ == "__main__":
    job, setup = test_workers.report_process, test_workers.build_counter
    for pid, _, _ in map_episodes(job, 50, 2, setup=setup):
        print(pid, flush=True)
"""


def test_workers_end_when_their_parent_is_killed(tmp_path: Path):
    script = tmp_path / "parent.py"
    script.write_text(ORPHANS)
    paths = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    environment = {**os.environ, "PYTHONPATH": paths}
    command = [sys.executable, str(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        assert Path(f"/proc/{worker}").exists()
        parent.kill()
    for _ in range(100):
        if is_gone(worker):
            break
        time.sleep(0.1)
    assert is_gone(worker)


def is_gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has waited for yet counts as ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_what_cannot_be_sent_to_a_worker_is_explained():
    with pytest.raises(WorkerError, match="top-level function"):
        list(map_episodes(lambda _, index: index, 4, 2))


def test_bad_settings_name_the_choices():
    with pytest.raises(UserInputError, match="workers = -1 was given; expected 0 or more"):
        map_episodes(draw, 3, -1, setup=build)
    with pytest.raises(UserInputError, match="engine is 'dask'; expected one of process, ray"):
        map_episodes(draw, 3, Workers(2, "dask"), setup=build)  # pyright: ignore[reportArgumentType]


def test_ray_without_its_extra_names_the_command(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"pip install .*\[scale\]"):
        list(map_episodes(draw, 3, Workers(2, "ray"), setup=build))


def test_no_jobs_no_results():
    assert list(map_episodes(draw, 0, 4, setup=build)) == []


def test_results_carry_arrays_larger_than_a_pipes_buffer():
    arrays = list(map_episodes(large, 5, 2))
    assert [float(array[-1]) for array in arrays] == [0.0, 1.0, 2.0, 3.0, 4.0]


def large(context: None, index: int) -> np.ndarray:
    return np.full(200_000, index, dtype=np.float64)


def ten_times(context: None, index: int) -> int:
    return 10 * index


@pytest.mark.parametrize("address", ["nowhere", "127.0.0.1:1", "ray://127.0.0.1:1", "a:b"])
def test_no_ray_cluster_at_an_address_is_one_line(monkeypatch: pytest.MonkeyPatch, address: str):
    FakeRay(cores=1).install(monkeypatch)
    with pytest.raises(UserInputError, match=f"no Ray cluster at {address}") as caught:
        list(map_episodes(ten_times, 3, Workers(2, "ray", address)))
    assert "\n" not in str(caught.value)


def test_ray_workers_without_a_core_wait_and_get_no_jobs(monkeypatch: pytest.MonkeyPatch):
    ray = FakeRay(cores=1)
    ray.install(monkeypatch)
    with socket.create_server(("127.0.0.1", 0)) as head:
        port = head.getsockname()[1]
        results = list(map_episodes(ten_times, 9, Workers(4, "ray", f"127.0.0.1:{port}")))
    assert results == [10 * index for index in range(9)]
    assert ray.addresses == [f"127.0.0.1:{port}"]
    assert ray.actors == []


def test_what_a_dead_ray_worker_had_to_do_is_done_again(monkeypatch: pytest.MonkeyPatch):
    ray = FakeRay(cores=2, dies=lambda index, begun: index in (0, 5) and begun < 3)
    ray.install(monkeypatch)
    assert list(map_episodes(ten_times, 9, Workers(2, "ray"))) == [10 * i for i in range(9)]
    assert (ray.begun[0], ray.begun[5]) == (3, 3)


def test_a_job_that_kills_every_ray_worker_is_named(monkeypatch: pytest.MonkeyPatch):
    ray = FakeRay(cores=2, dies=lambda index, begun: index == 5)
    ray.install(monkeypatch)
    expected = "a Ray worker died 3 times while working on job 5: because its node did.$"
    with pytest.raises(WorkerError, match=expected):
        list(map_episodes(ten_times, 9, Workers(2, "ray")))
    assert ray.actors == []
