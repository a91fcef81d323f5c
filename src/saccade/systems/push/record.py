"""Recording pushes: episode i depends only on the settings, the seed and i, not on the workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from jaxtyping import Float

from saccade.attention.edge_mask import EdgeMaskConfig, edge_mask
from saccade.checks import check_shares
from saccade.data.push_episodes import (
    BOXED,
    GROUNDED,
    PushDataset,
    PushEpisode,
    pack_maps,
    save_episode,
)
from saccade.errors import UserInputError
from saccade.storage.folders import in_use
from saccade.systems.push.decision import (
    Decision,
    Policy,
    from_mask,
    push_near_object,
    random_push,
)
from saccade.systems.push.rollout import Protocol, Step, play
from saccade.training.workers import Workers, episode_generator, map_episodes
from saccade.worlds.push_box import PushWorld, WorldConfig
from saccade.worlds.push_box.drop import draw_scenario, scenario_seed
from saccade.worlds.push_box.world import IN_BOX
from saccade.worlds.shapes import SHAPES
from saccade.worlds.workspace import Push, Workspace

ROUNDING = 1e-9
"""Excess over 1 that the sum of shares may have in floating point."""


@dataclass(frozen=True)
class Mix:
    """Shares of the ways to choose a recorded push; what is left goes to `policy`.

    Attributes:
        uniform: Share of pushes drawn from all 224 x 224 x 16.
        near: Share of pushes towards a random object pixel from 2 to 8 cm away.
        edge: Share of random candidates of the edge mask.
    """

    uniform: float = 0.1
    near: float = 0.2
    edge: float = 0.7

    def __post_init__(self) -> None:
        shares = (self.uniform, self.near, self.edge)
        if min(shares) < 0 or sum(shares) > 1 + ROUNDING:
            raise UserInputError(
                f"mix uniform, near, edge is {shares}; expected shares >= 0 that sum to at most 1"
            )


@dataclass(frozen=True)
class RecordConfig:
    """Settings of a recording.

    Attributes:
        min_objects: Fewest objects of a scenario.
        max_objects: Most objects of a scenario.
        pushes: Most pushes of an episode.
        mix: Shares of the ways to choose a push.
        world: Settings of the world.
        edge: Settings of the edge mask.
        single: Share of scenarios that have one object; the others, min_objects to max_objects.
        cylinders: Share of those with one object in which it is a cylinder, whatever is drawn.
    """

    min_objects: int = 1
    max_objects: int = 10
    pushes: int = 20
    mix: Mix = field(default_factory=Mix)
    world: WorldConfig = field(default_factory=WorldConfig)
    edge: EdgeMaskConfig = field(default_factory=EdgeMaskConfig)
    single: float = 0.0
    cylinders: float = 0.0

    def __post_init__(self) -> None:
        check_shares(self, "single", "cylinders")


class MixedPolicy:
    """Draws each push from one of the sources of a `Mix`."""

    def __init__(self, config: RecordConfig, policy: Policy | None = None) -> None:
        self._config, self._policy = config, policy
        self._rng = np.random.default_rng(0)
        self._workspace = Workspace()
        self.source = ""

    def reset(self, seed: int, world: PushWorld) -> None:
        """Seed the choices."""
        self._rng = np.random.default_rng(np.random.SeedSequence([seed, 1]))
        self._workspace = world.config.scene.workspace
        if self._policy is not None:
            self._policy.reset(seed, world)

    def decide(
        self, heightmap: Float[np.ndarray, "rows cols"], avoid: Sequence[Push] = ()
    ) -> Decision:
        """A push from one of the sources; `source` says from which."""
        mix, rng, ws = self._config.mix, self._rng, self._workspace
        drawn = rng.random()
        if drawn < mix.uniform:
            self.source = "uniform"
            return Decision(random_push(rng, ws))
        if drawn < mix.uniform + mix.near:
            self.source = "near"
            return Decision(push_near_object(rng, heightmap, ws))
        if drawn >= mix.uniform + mix.near + mix.edge and self._policy is not None:
            self.source = "policy"
            return self._policy.decide(heightmap, avoid)
        self.source = "edge"
        push = from_mask(rng, edge_mask(heightmap, self._config.edge), ws)
        return Decision(push or push_near_object(rng, heightmap, ws))


@dataclass
class Recorder:
    """Tools of a worker for its episodes: a world and a policy."""

    world: PushWorld
    policy: MixedPolicy
    config: RecordConfig

    def episode(self, seed: int, index: int) -> PushEpisode:
        """Play and pack one episode."""
        rng = episode_generator(seed, index)
        n = int(rng.integers(self.config.min_objects, self.config.max_objects + 1))
        shapes = tuple(SHAPES)
        if rng.random() < self.config.single:
            n = 1
            if rng.random() < self.config.cylinders:
                shapes = ("cylinder",)
        scenario = draw_scenario(scenario_seed(seed, index), n, self.config.world.scene, shapes)
        steps: list[Step] = []
        sources: list[str] = []
        poses: list[np.ndarray] = []

        def keep(step: Step) -> None:
            steps.append(step)
            sources.append(self.policy.source)
            poses.append(self.world.object_poses())

        protocol = Protocol(max_actions=self.config.pushes, patience=self.config.pushes)
        play(self.world, scenario, self.policy, protocol, scenario_seed(seed, index), keep)
        start = np.array([[*b.position, *b.quaternion] for b in scenario.objects])
        names = [f"{b.colour} {b.shape}" for b in scenario.objects]
        return _pack(steps, sources, [start, *poses], names)


def _pack(
    steps: list[Step], sources: list[str], poses: list[np.ndarray], names: list[str]
) -> PushEpisode:
    n, t = len(names), len(steps)
    left = np.zeros((t, n), np.int8)
    exits = np.full((t, n, 2), np.nan, np.float32)
    for i, step in enumerate(steps):
        for gone in step.outcome.exits:
            left[i, gone.object] = BOXED if gone.status == IN_BOX else GROUNDED
            exits[i, gone.object] = gone.x, gone.y
    pushes = [step.decision.push for step in steps]
    return PushEpisode(
        pack_maps([step.before for step in steps] + [step.after for step in steps[-1:]]),
        np.array([[p.row, p.col, p.direction] for p in pushes], np.int16).reshape(t, 3),
        np.array([not step.outcome.executed for step in steps], bool),
        np.array(poses, np.float32),
        left,
        exits,
        names,
        sources,
    )


def new_recorder(config: RecordConfig, make_policy: Callable[[], Policy] | None) -> Recorder:
    """Build a worker's world and policy."""
    policy = make_policy() if make_policy is not None else None
    return Recorder(PushWorld(config.world), MixedPolicy(config, policy), config)


def _one_episode(recorder: Recorder, index: int, seed: int) -> PushEpisode:
    return recorder.episode(seed, index)


def record(
    folder: Path,
    config: RecordConfig,
    episodes: int,
    seed: int,
    workers: Workers | int = 1,
    make_policy: Callable[[], Policy] | None = None,
    stop: Callable[[], bool] | None = None,
    policy_name: str = "",
) -> Iterator[PushEpisode]:
    """Record episodes into a dataset folder, going on where an earlier recording stopped.

    Args:
        folder: Folder of the dataset.
        config: Settings of the recording.
        episodes: Episodes that the dataset shall hold in the end.
        seed: Seed of the dataset: episode i is drawn from (seed, i).
        workers: Workers, or a number of processes; the data are the same whatever it is.
        make_policy: Function that builds the policy of the mix's remaining share, in each worker.
        stop: Function that is asked between episodes; once true, recording ends early.
        policy_name: Name of the policy for the dataset's facts.

    Yields:
        Each new episode, once it is safely on disk.

    Raises:
        FolderInUseError: Another process records there; it is not disturbed.
        DamagedFileError: The folder holds a dataset of other facts.
        StorageError: The disk refuses; the episodes before are intact.
    """
    facts = {"world": "push_box", "seed": seed, "policy": policy_name, "config": asdict(config)}
    with in_use(folder):
        dataset = PushDataset.create(folder, facts)
        missing = [i for i in range(episodes) if not dataset.path(i).exists()]
        found = map_episodes(
            partial(_one_episode, seed=seed),
            missing,
            workers,
            setup=partial(new_recorder, config, make_policy),
            stop=stop,
        )
        for index, episode in zip(missing, found, strict=False):
            save_episode(dataset.path(index), episode)
            yield episode
