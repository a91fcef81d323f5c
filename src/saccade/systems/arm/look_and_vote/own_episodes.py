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
from saccade.errors import DamagedFileError
from saccade.storage.json_files import read_json, write_json
from saccade.systems.arm.decision import ArmPolicy
from saccade.systems.arm.episodes import EpisodeResult, play
from saccade.systems.arm.record import episode_seed
from saccade.training.workers import Workers, episode_generator, map_episodes
from saccade.worlds.tabletop.env import TabletopEnv
from saccade.worlds.tabletop.recording import Recorder

CHANCE = 1
"""Stream of an episode's chances, beside that of its placement."""
ACTIONS_FILE = "actions.json"
"""File that says how many actions each episode took."""


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

    def record(self, seed: int, index: int) -> tuple[Demonstration, int]:
        """Play and record episode `index`; how many actions it took beside it."""
        rng = episode_generator(seed + CHANCE, index)
        chance = rng if rng.random() < self.explore else None
        results: list[EpisodeResult] = []

        def play_policy(env: TabletopEnv, placement: int) -> bool:
            results.append(play(env, self.policy, placement, chance))
            return results[-1].success

        demonstration = self.recorder.record(episode_seed(seed, index), play_policy)
        return demonstration, results[-1].actions


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
    actions = _actions(folder)
    for index, (episode, taken) in zip(missing, found, strict=False):
        actions[str(index)] = taken
        write_json(folder / ACTIONS_FILE, actions)  # before the episode, which then is not missing
        save_demonstration(dataset.path(index), episode)
        yield episode


def own_actions(folder: Path) -> int:
    """Actions of all episodes that were recorded into a folder."""
    return sum(_actions(folder).values())


def _actions(folder: Path) -> dict[str, int]:
    """Actions of each episode by its number.

    Raises:
        DamagedFileError: The file is damaged.
    """
    path = folder / ACTIONS_FILE
    found = read_json(path) if path.exists() else {}
    if not isinstance(found, dict) or not all(type(n) is int for n in found.values()):
        raise DamagedFileError(f"{path} is damaged: expected the number of actions by episode")
    return found


def _player(
    task: str, load_policy: Callable[[], ArmPolicy], explore: float, every: int
) -> OwnPlayer:
    return OwnPlayer(Recorder(task, every=every), load_policy(), explore)


def _one_episode(player: OwnPlayer, index: int, seed: int) -> tuple[Demonstration, int]:
    return player.record(seed, index)
