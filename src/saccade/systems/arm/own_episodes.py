"""A policy's own episodes, recorded as demonstrations are: what was seen, where the arm was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from saccade.data.demonstrations import (
    Demonstration,
    DemonstrationDataset,
    save_demonstration,
)
from saccade.systems.arm.decision import ArmPolicy
from saccade.systems.arm.episodes import play
from saccade.systems.arm.record import episode_seed
from saccade.training.workers import Workers, episode_generator, map_episodes
from saccade.worlds.tabletop.env import TabletopEnv
from saccade.worlds.tabletop.recording import Recorder

CHANCE = 1
"""Stream of an episode's chances, beside that of its placement."""


@dataclass
class OwnPlayer:
    """Tools of a worker: a recorder, and the policy that plays.

    Attributes:
        recorder: Recorder of the task.
        policy: Policy.
        explore: Share of the episodes that draw where to look and what to do.
    """

    recorder: Recorder
    policy: ArmPolicy
    explore: float

    def record(self, seed: int, index: int) -> Demonstration:
        """Play and record episode `index`."""
        rng = episode_generator(seed + CHANCE, index)
        chance = rng if rng.random() < self.explore else None

        def play_policy(env: TabletopEnv, placement: int) -> bool:
            return play(env, self.policy, placement, chance).success

        return self.recorder.record(episode_seed(seed, index), play_policy)


def record_own(
    folder: Path,
    task: str,
    load_policy: Callable[[], ArmPolicy],
    episodes: int,
    seed: int,
    explore: float,
    every: int,
    workers: Workers | int = 1,
    stop: Callable[[], bool] | None = None,
) -> Iterator[Demonstration]:
    """Record a policy's episodes into a folder, going on where an earlier recording stopped.

    Args:
        folder: Folder of the dataset.
        task: Name of the task.
        load_policy: Function that loads the policy, in each worker.
        episodes: Episodes that the dataset shall hold in the end.
        seed: Seed of the dataset.
        explore: Share of the episodes that draw where to look and what to do.
        every: Every so many-th frame has an image, besides the keyframes.
        workers: Workers, or a number of processes.
        stop: Function that is asked between episodes; once true, recording ends early.

    Yields:
        Each new episode, once it is safely on disk.
    """
    facts = {"world": task, "seed": seed, "policy": "own", "every": every, "explore": explore}
    dataset = DemonstrationDataset.create(folder, facts)
    missing = dataset.missing(episodes)
    setup = partial(_player, task, load_policy, explore, every)
    found = map_episodes(partial(_one_episode, seed=seed), missing, workers, setup=setup, stop=stop)
    for index, episode in zip(missing, found, strict=False):
        save_demonstration(dataset.path(index), episode)
        yield episode


def _player(
    task: str, load_policy: Callable[[], ArmPolicy], explore: float, every: int
) -> OwnPlayer:
    return OwnPlayer(Recorder(task, every=every), load_policy(), explore)


def _one_episode(player: OwnPlayer, index: int, seed: int) -> Demonstration:
    return player.record(seed, index)
