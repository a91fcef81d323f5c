"""Workers on a real Ray cluster, where Ray is installed: two nodes of this machine."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from saccade.errors import UserInputError
from saccade.training.pool import WorkerError
from saccade.training.workers import Workers, episode_generator, map_episodes

ray: Any = pytest.importorskip("ray")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("default"),  # Ray's own
]


@pytest.fixture(scope="module")
def cluster():
    """A head without cores and two nodes of one core each; the address of the head."""
    from ray.cluster_utils import Cluster

    nodes = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    nodes.add_node(num_cpus=1)
    nodes.add_node(num_cpus=1)
    ray.init(address=nodes.address, log_to_driver=False)
    yield nodes
    ray.shutdown()
    nodes.shutdown()


def draw(context: float, index: int) -> float:
    return context + episode_generator(7, index).random()


def build() -> float:
    return 100.0


def fail(context: None, index: int) -> int:
    if index == 2:
        raise UserInputError("no such world")
    return index


def die(context: None, index: int) -> int:
    if index == 1:
        os._exit(1)
    return index


def hang_on(node: str, context: None, index: int, folder: Path) -> str:
    """Never end on a node; elsewhere, end once a job has begun there. Returns the node."""
    here = ray.get_runtime_context().get_node_id()
    (folder / f"{here}-{index}").touch()
    while here == node or not list(folder.glob(f"{node}-*")):
        time.sleep(0.05)
    return here


@pytest.mark.usefixtures("cluster")
def test_results_are_those_of_one_process_and_workers_without_a_core_wait():
    expected = [100.0 + episode_generator(7, index).random() for index in range(12)]
    for count in (1, 2, 5):
        assert list(map_episodes(draw, 12, Workers(count, "ray"), setup=build)) == expected


@pytest.mark.usefixtures("cluster")
def test_what_main_defines_travels_by_value():
    names: dict[str, Any] = {"__name__": "__main__"}
    exec("class Twice:\n    def __init__(self, n): self.n = 2 * n", names)
    exec("def job(context, index): return Twice(index)", names)
    results = list(map_episodes(names["job"], 4, Workers(2, "ray")))
    assert [result.n for result in results] == [0, 2, 4, 6]


@pytest.mark.usefixtures("cluster")
def test_an_error_of_ours_arrives_after_the_results_before_it():
    results = map_episodes(fail, 5, Workers(2, "ray"))
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(UserInputError, match="^no such world"):
        next(results)


@pytest.mark.usefixtures("cluster")
def test_a_job_that_kills_its_workers_is_named():
    with pytest.raises(WorkerError, match="a Ray worker died 3 times while working on job 1: "):
        list(map_episodes(die, 3, Workers(2, "ray")))


def test_what_a_killed_node_was_doing_is_done_again(cluster, tmp_path: Path):
    lost = cluster.add_node(num_cpus=1)
    job = partial(hang_on, lost.node_id, folder=tmp_path)
    with ThreadPoolExecutor(1) as threads:
        nodes = threads.submit(list, map_episodes(job, 12, Workers(3, "ray")))
        while not (begun := list(tmp_path.glob(f"{lost.node_id}-*"))):
            time.sleep(0.05)
        cluster.remove_node(lost, allow_graceful=False)
        assert len(nodes.result()) == 12
    assert lost.node_id not in nodes.result()
    index = begun[0].name.rpartition("-")[2]
    assert len(list(tmp_path.glob(f"*-{index}"))) == 2


def test_no_cluster_at_an_address_is_one_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    with pytest.raises(UserInputError, match="no Ray cluster at nowhere") as caught:
        list(map_episodes(draw, 3, Workers(2, "ray", "nowhere"), setup=build))
    assert "\n" not in str(caught.value)
