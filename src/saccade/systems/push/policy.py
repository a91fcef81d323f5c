"""Push policies as programs embed them: `saccade.load("push").act(heightmap)`.

policy = saccade.load("push")
push = policy.act(heightmap)        # float32 (224, 224) metres above the table
push.start, push.angle, push.length # metres and radians in the world of policy.workspace
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import Self

import numpy as np
import torch
from jaxtyping import Float

from saccade.attention.heightmap import check_heightmap
from saccade.attention.oriented_glimpse import extract_glimpses
from saccade.errors import UserInputError
from saccade.systems.push.attention import Attention, Map, Mask, QMap, run_network
from saccade.systems.push.candidates import Candidates, around, spread, to_map
from saccade.systems.push.config import PolicyConfig, PushConfig
from saccade.systems.push.decision import Decision, blocked, push_near_object
from saccade.systems.push.glimpse_q import GlimpseQ, glimpse_inputs
from saccade.systems.push.placement import check_box, check_workspace, world_of
from saccade.systems.push.targets import Goals, goal_of, repeat_goal
from saccade.training.precision import reduced
from saccade.worlds.push_box import PushWorld
from saccade.worlds.push_box.scene import BoxPlacement
from saccade.worlds.workspace import Push, Workspace

EMPTY_TABLE = 0.008
"""Height that a heightmap must rise above somewhere to show an object [m]."""

MEMORY_RADIUS = 4
"""Distance to a recent useless push within which its direction is not tried again [pixels]."""
NEXT_BEST = 99
"""Number of actions after the best one that exploration draws from, as in the papers."""

LOOKED_AROUND = 8
"""Number of the best pushes of the first look that the second look is around."""
TIE_BREAK = 1e-6
"""Value of a push that the mask allows where Q says nothing."""


class PushPolicy:
    """Chooses pushes from heightmaps.

    A push is in the world of its heightmap: of the workspace that the heightmap brings along
    (`heightmap_from_depth`, `world.observe`), or for a plain array of `workspace`, which is the
    simulator's until `at` names another.

    Args:
        config: The system's settings.
        attention: Choice of the pushes that are valued.
        explore: Share of pushes drawn from the next best ones, for training.
    """

    def __init__(self, config: PushConfig, attention: Attention, explore: float = 0.0) -> None:
        self._config, self.attention, self.explore = config, attention, explore
        self._trained: Workspace = config.world.scene.workspace
        self._workspace: Workspace | None = None
        self._box: BoxPlacement | None = config.world.scene.box
        self._rng = np.random.default_rng(0)

    @property
    def config(self) -> PushConfig:
        """The system's settings."""
        return self._config

    @property
    def workspace(self) -> Workspace:
        """The square of the table that a plain array is a map of."""
        return self._workspace or self._trained

    @property
    def box(self) -> BoxPlacement | None:
        """Where the box stands; None in the gathering task."""
        return self._box

    def at(self, workspace: Workspace | None = None, box: BoxPlacement | None = None) -> Self:
        """Return this policy for another table: your camera's workspace, your box.

        Args:
            workspace: Square of the table that heightmaps show, in your world [m].
            box: Place of the box at that square. What is None stays as it is.

        Raises:
            UserInputError: The square's size or pixel is not what the networks were trained on, or
                the network knows only the box that it was trained with.
        """
        placed = self._copy()
        if workspace is not None:
            check_workspace(workspace, self._trained)
            placed._workspace = workspace
        if box is not None:
            check_box(box, self._config)
            placed._box = box
        return placed

    def with_settings(self, settings: PolicyConfig) -> Self:
        """Return this policy with other settings of how it chooses."""
        other = self._copy()
        other._config = replace(self._config, policy=settings)
        return other

    def _copy(self) -> Self:
        """The same networks with a state of their own."""
        other = copy.copy(self)
        other._rng = copy.deepcopy(self._rng)
        return other

    def act(self, heightmap: Map) -> Push:
        """Choose a push.

        Args:
            heightmap: Heights, float32 (224, 224), metres above the table; see
                `saccade.worlds.cameras.heightmap_from_depth`.

        Returns:
            The push, with its start [m], angle [rad] and length [m].

        Raises:
            UserInputError: Wrong shape or dtype, NaN or infinite heights, a masked array,
                millimetres given as metres, a table without objects, or a heightmap of another
                workspace than `at` has named.
        """
        check_heightmap(heightmap, shape=self._trained.shape)
        if heightmap.max() < EMPTY_TABLE:
            raise UserInputError(
                f"the table is empty: the heightmap's highest point is {heightmap.max():.4f} m; "
                f"expected an object of at least {EMPTY_TABLE} m"
            )
        return self.decide(heightmap).push

    def reset(self, seed: int, world: PushWorld) -> None:
        """Start an episode: seed the choices, look up the workspace and where the box stands."""
        scene = world.config.scene
        self._rng = np.random.default_rng(np.random.SeedSequence([seed, 2]))
        check_workspace(scene.workspace, self._trained)
        self._workspace, self._box = scene.workspace, scene.box

    def decide(self, heightmap: Map, avoid: Sequence[Push] = ()) -> Decision:
        """Choose a push and say what it was chosen from; `avoid` holds recent useless pushes.

        A table that looks empty still gets a push: an object may lie hidden or over the edge.
        """
        check_heightmap(heightmap, shape=self._trained.shape)
        workspace = world_of(heightmap, self._workspace, self._trained)
        heightmap = np.asarray(heightmap, np.float32)
        factors, valid = self.attention.factors(heightmap)
        tried = blocked(avoid, MEMORY_RADIUS, valid.shape)
        factors = np.where(tried, 0, factors)
        open_ = valid & (factors > 0)
        if not open_.any():
            # An empty mask must not lead to argmax 0: push near an object instead.
            return Decision(push_near_object(self._rng, heightmap, workspace), valid)
        q, best = self._values(heightmap, factors, open_)
        k, row, col = best
        push = Push(row, col, k, workspace, value=float(q[k, row, col]))
        return Decision(push, valid, q)

    def _values(
        self, heightmap: Map, factors: QMap, open_: Mask
    ) -> tuple[QMap, tuple[int, int, int]]:
        """Masked Q and the chosen (direction, row, col)."""
        raise NotImplementedError

    def _pick(self, values: np.ndarray) -> int:
        """Index of the best value; with share `explore`, one of the next best."""
        if self.explore and self._rng.random() < self.explore and len(values) > 1:
            n = min(NEXT_BEST + 1, len(values))
            ranked = np.argpartition(-values, n - 1)[:n]
            ranked = ranked[np.argsort(-values[ranked])]
            return int(ranked[self._rng.integers(1, n)])
        return int(np.argmax(values))


class QMapPolicy(PushPolicy):
    """The papers' form: a Q map, multiplied with the mask, and its argmax."""

    def __init__(
        self,
        config: PushConfig,
        attention: Attention,
        network: torch.nn.Module,
        explore: float = 0.0,
    ) -> None:
        super().__init__(config, attention, explore)
        self._network = network

    def _values(
        self, heightmap: Map, factors: QMap, open_: Mask
    ) -> tuple[QMap, tuple[int, int, int]]:
        q = np.maximum(run_network(self._network, heightmap, self.config.precision), 0.0) * factors
        # Where Q is 0 everywhere the mask still says which pushes do anything.
        open_at = np.flatnonzero(open_)
        ranked = (q + TIE_BREAK * factors).ravel()[open_at]
        k, row, col = np.unravel_index(open_at[self._pick(ranked)], q.shape)
        return q, (int(k), int(row), int(col))


class GlimpsePolicy(PushPolicy):
    """Ours: look at a few hundred of the mask's pushes, then again around the best of them."""

    def __init__(
        self, config: PushConfig, attention: Attention, network: GlimpseQ, explore: float = 0.0
    ) -> None:
        super().__init__(config, attention, explore)
        self._network = network

    def _values(
        self, heightmap: Map, factors: QMap, open_: Mask
    ) -> tuple[QMap, tuple[int, int, int]]:
        settings = self.config.policy
        # The same heightmap gives the same push, whatever was decided before.
        rng = np.random.default_rng(int(heightmap.sum(dtype=np.float64) * 1e6) & 0xFFFFFFFF)
        seen = spread(open_, settings.candidates, rng)
        values = self._look(heightmap, seen)
        if settings.refine:
            top = np.argsort(-values)[:LOOKED_AROUND]
            again = around((seen[0][top], seen[1][top], seen[2][top]), open_, settings.refine, rng)
            if len(again[0]):
                values = np.concatenate([values, self._look(heightmap, again)])
                k, row, col = (np.concatenate(pair) for pair in zip(seen, again, strict=True))
                seen = (k, row, col)
        i = self._pick(values)
        best = int(seen[0][i]), int(seen[1][i]), int(seen[2][i])
        return to_map(seen, values, open_.shape), best

    def _look(self, heightmap: Map, pushes: Candidates) -> Float[np.ndarray, " n"]:
        """Expected gain minus the price of an expected loss, in pushes."""
        k, row, col = pushes
        geometry = self._network.config.glimpse
        heights = extract_glimpses(heightmap[None], row, col, k, geometry)[:, 0]
        # In the world of the training, wherever the table stands: only the pixels matter.
        goals: Goals = repeat_goal(goal_of(self._box, self._trained), len(k))
        inputs, scalars = glimpse_inputs(heights, row, col, k, goals, self._trained, geometry)
        with torch.inference_mode(), reduced(self.config.precision):
            x = torch.from_numpy(inputs).contiguous(memory_format=torch.channels_last)
            out = self._network(x, torch.from_numpy(scalars)).float().numpy()
        lost = 1.0 / (1.0 + np.exp(-out[:, 1]))
        return out[:, 0] - self.config.policy.ground_cost * lost
