"""Policies that learn nothing, with which every learned row of the tables is compared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from saccade.attention.edge_mask import EdgeMaskConfig, edge_mask
from saccade.systems.push.decision import (
    Decision,
    blocked,
    from_mask,
    push_near_object,
    random_push,
)
from saccade.systems.push.targets import object_costs
from saccade.worlds.push_box import PushWorld
from saccade.worlds.push_box.world import ON_GROUND, ON_TABLE
from saccade.worlds.workspace import N_DIRECTIONS, Push, Workspace

Map = Float[np.ndarray, "rows cols"]

AVOIDED_RADIUS = 5
"""Distance to a recent useless push within which the scripted policy tries none [pixels]."""
EQUAL_ANGLE = np.deg2rad(2.0)
"""Angle that counts: directions that miss the box by as many of it are equally good [rad]."""
FAR = 1e4
"""Length above any distance [pixels]: the direction decides first."""


class RandomPolicy:
    """Any push, uniformly."""

    def __init__(self) -> None:
        self._rng = np.random.default_rng(0)
        self._workspace = Workspace()

    def reset(self, seed: int, world: PushWorld) -> None:
        """Seed the choice."""
        self._rng = np.random.default_rng(seed)
        self._workspace = world.config.scene.workspace

    def decide(self, heightmap: Map, avoid: Sequence[Push] = ()) -> Decision:
        """A uniformly random push."""
        return Decision(random_push(self._rng, self._workspace))


class EdgeRandomPolicy(RandomPolicy):
    """Edge mask, then a random candidate: attention without a task."""

    def __init__(self, config: EdgeMaskConfig | None = None) -> None:
        super().__init__()
        self._config = config or EdgeMaskConfig()

    def decide(self, heightmap: Map, avoid: Sequence[Push] = ()) -> Decision:
        """A random candidate of the edge mask, or a push near an object."""
        mask = edge_mask(heightmap, self._config)
        push = from_mask(self._rng, mask, self._workspace)
        return Decision(push or push_near_object(self._rng, heightmap, self._workspace), mask)


class ScriptedPolicy(RandomPolicy):
    """Edge mask, then the candidate whose direction points best at the box.

    Among equally good directions (within 2 degrees) the candidate nearest to the box wins: it
    clears the way for the others. Recent useless pushes are avoided.
    """

    def __init__(self, config: EdgeMaskConfig | None = None) -> None:
        super().__init__()
        self._config = config or EdgeMaskConfig()
        self._target = (0.0, 0.0)

    def reset(self, seed: int, world: PushWorld) -> None:
        """Seed the fallback and look up the box."""
        super().reset(seed, world)
        scene = world.config.scene
        centre = scene.workspace.to_pixel(*scene.workspace.centre)
        self._target = scene.box.mouth(scene.workspace) if scene.box else centre

    def decide(self, heightmap: Map, avoid: Sequence[Push] = ()) -> Decision:
        """The candidate that points best at the box."""
        mask = edge_mask(heightmap, self._config)
        free = mask & ~blocked(avoid, AVOIDED_RADIUS, mask.shape)
        k, row, col = np.nonzero(free)
        if len(k) == 0:
            return Decision(push_near_object(self._rng, heightmap, self._workspace), mask)
        to_row, to_col = self._target[0] - row, self._target[1] - col
        angle = 2 * np.pi * k / N_DIRECTIONS
        miss = np.abs(np.angle(np.exp(1j * (np.arctan2(to_row, to_col) - angle))))
        distance = np.hypot(to_row, to_col)
        best = int(np.argmin(np.round(miss / EQUAL_ANGLE) * FAR + distance))
        return Decision(Push(int(row[best]), int(col[best]), int(k[best]), self._workspace), mask)


class PrivilegedPolicy(EdgeRandomPolicy):
    """Tries candidates in a copy of the simulator and takes the best: an upper bound.

    Args:
        candidates: Number of pushes of the edge mask that are tried at each step.
        ground_cost: Cost of losing an object, in pushes.
        config: Settings of the edge mask.
    """

    def __init__(
        self,
        candidates: int = 24,
        ground_cost: float = 12.0,
        config: EdgeMaskConfig | None = None,
    ) -> None:
        super().__init__(config)
        self._candidates, self._ground_cost = candidates, ground_cost
        self._world: PushWorld | None = None

    def reset(self, seed: int, world: PushWorld) -> None:
        """Keep hold of the simulator."""
        super().reset(seed, world)
        self._world = world

    def decide(self, heightmap: Map, avoid: Sequence[Push] = ()) -> Decision:
        """The candidate with the largest true decrease of the cost to go."""
        mask = edge_mask(heightmap, self._config)
        tried = [self._draw(mask, heightmap) for _ in range(self._candidates)]
        values = [self._try(push, heightmap) for push in tried]
        return Decision(tried[int(np.argmax(values))], mask)

    def _draw(self, mask: np.ndarray, heightmap: Map) -> Push:
        push = from_mask(self._rng, mask, self._workspace)
        return push or push_near_object(self._rng, heightmap, self._workspace)

    def _try(self, push: Push, heightmap: Map) -> float:
        """Gain of a push [pushes]; an object that it loses gains nothing and has its price."""
        world = self._world
        assert world is not None
        state = world.snapshot()
        before, lost_before = self._costs(world), world.count(ON_GROUND)
        world.execute(push, heightmap)
        after = self._costs(world)
        fell = np.array([s == ON_GROUND for s in world.status])
        lost = world.count(ON_GROUND) - lost_before
        world.restore(state)
        return float((before - after)[~fell].sum()) - self._ground_cost * lost

    @staticmethod
    def _costs(world: PushWorld) -> Float[np.ndarray, " n"]:
        """Pushes that each object still needs; 0 once it has left the table."""
        costs = object_costs(world.object_poses()[:, :2], world.config.scene)
        return np.where([s == ON_TABLE for s in world.status], costs, 0.0)
