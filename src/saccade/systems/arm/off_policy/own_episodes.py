"""Own episodes while learning from replay: played with the newest policy, and learned from.

Algorithm 1 of the paper acts and learns at the same time, and the acting one loads what was learned
every hundred updates. Here an episode is played after every so many updates, with the weights of
that moment: as much new experience, and the same at every training.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np

from saccade.data.replay import Replay
from saccade.storage.array_files import ArraySpec, read_npz
from saccade.storage.files import storage_errors, whole_file
from saccade.systems.arm.config import ArmConfig
from saccade.systems.arm.decision import ArmPolicy
from saccade.systems.arm.episodes import Step, play
from saccade.systems.arm.off_policy.rows import Looked, Rows, episode_rows
from saccade.systems.arm.off_policy.rows import Step as RowStep
from saccade.systems.arm.record import episode_seed
from saccade.training.workers import episode_generator
from saccade.worlds.motion.pose_action import OUT_OF_REACH, PLANNING_FAILED
from saccade.worlds.tabletop.env import MAX_ACTIONS, TabletopEnv

CHANCE = 1
"""Offset of the seed of an episode's chances from that of its placement."""
RECENT = 20
"""Episodes of which the metrics say how many succeeded."""


class OwnEpisodes:
    """The own episodes of a run: a file each, their rows in the replay.

    A checkpoint keeps how many there were and the priorities of the replay; rows come from the
    demonstrations and from the files again.

    Args:
        folder: Folder of the files.
        config: Settings of the system.
        policy: Policy that plays, as it is at each decision.
        replay: Replay, which has the demonstrations' rows and nothing else.
        seed: Seed of the episodes.
    """

    def __init__(
        self, folder: Path, config: ArmConfig, policy: ArmPolicy, replay: Replay, seed: int
    ) -> None:
        self._folder, self._config, self._policy = folder, config, policy
        self._replay, self._seed = replay, seed
        self._env: TabletopEnv | None = None
        self.actions: list[int] = []
        self.successes: list[bool] = []

    def play_next(self) -> None:
        """Play one more episode; one that was played before a kill is taken as it was."""
        path = self._path(len(self.actions))
        if not path.exists():
            rows = self._played(len(self.actions))
            columns = self._replay.columns.items()
            typed: dict[str, Any] = {name: rows[name].astype(c.dtype) for name, c in columns}
            with storage_errors(path), whole_file(path) as file:
                np.savez_compressed(file, **typed)
        self._take(path)

    def values(self) -> dict[str, float]:
        """Numbers for the metrics: episodes and actions so far, successes of the recent ones."""
        if not self.actions:
            return {}
        recent = self.successes[-RECENT:]
        return {
            "own_episodes": len(self.actions),
            "own_actions": sum(self.actions),
            "own_success": sum(recent) / len(recent),
        }

    def close(self) -> None:
        """Free the environment."""
        if self._env is not None:
            self._env.close()
            self._env = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def state_dict(self) -> dict[str, Any]:
        """The number of episodes, and the priorities of all rows."""
        replay = self._replay.state_dict()
        kept = {name: replay[name] for name in ("priorities", "largest")}
        return {"episodes": len(self.actions), **kept}

    def load_state_dict(self, state: Mapping[str, Any], /) -> None:
        """Take the episodes from their files, and set the priorities.

        Raises:
            DamagedFileError: A file is damaged, or the state is that of other rows.
        """
        for index in range(int(state["episodes"])):
            self._take(self._path(index))
        kept = {name: state[name] for name in ("priorities", "largest")}
        self._replay.load_state_dict(self._replay.state_dict() | kept)

    def _path(self, index: int) -> Path:
        return self._folder / f"episode_{index:06d}.npz"

    def _take(self, path: Path) -> None:
        """Add an episode's rows to the replay."""
        specs = {
            name: ArraySpec(column.dtype, " ".join(["actions", *map(str, column.shape)]))
            for name, column in self._replay.columns.items()
        }
        rows = read_npz(path, specs, {"actions": MAX_ACTIONS})
        self._replay.add(rows)
        self.actions.append(len(rows["reward"]))
        self.successes.append(bool(rows["reward"][-1] > 0))

    def _played(self, index: int) -> Rows:
        """Play episode `index`, exploring; returns its rows."""
        if self._env is None:
            self._env = TabletopEnv(self._config.task)
        steps: list[Step] = []
        rng = episode_generator(self._seed + CHANCE, index)
        play(self._env, self._policy, episode_seed(self._seed, index), rng, steps.append)
        last = self._env.observation
        told = steps[-1].info
        ended = told["success"] or told["failure"] in (OUT_OF_REACH, PLANNING_FAILED)
        return episode_rows(
            [
                RowStep(Looked(s.observation, s.decision.pixel), s.decision.action, s.reward)
                for s in steps
            ],
            Looked(last, self._policy.act(last).pixel),
            ended,
            self._config.rows,
        )
