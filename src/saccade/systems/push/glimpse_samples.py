"""Recorded pushes as glimpses with labels: what GlimpseQ learns from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from saccade.attention.oriented_glimpse import GlimpseConfig, extract_glimpses
from saccade.data.push_episodes import PushEpisode
from saccade.systems.push.targets import Effects, Goals, box_goals, goal_of, stack_goals
from saccade.worlds.push_box.box import BOX_CENTRE_ALONG, BoxPlacement
from saccade.worlds.scenarios import MAX_OBJECTS
from saccade.worlds.workspace import Workspace

AIM_SPREAD = 0.14
"""Farthest shift of an imagined box from where an object fell [m]: a little over its half width."""


@dataclass(frozen=True)
class GlimpseSamples:
    """N recorded pushes.

    Attributes:
        heights: Height glimpses [m], float16 (N, h, w).
        rows: Start row of each push (N).
        cols: Start column of each push (N).
        directions: Direction of each push, 0 to 15 (N).
        effects: Effects of the pushes.
        episode: Index of the episode that each push comes from: splits keep episodes whole (N).
    """

    heights: Float[np.ndarray, "n h w"]
    rows: Int[np.ndarray, " n"]
    cols: Int[np.ndarray, " n"]
    directions: Int[np.ndarray, " n"]
    effects: Effects
    episode: Int[np.ndarray, " n"]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: np.ndarray) -> GlimpseSamples:
        """Some of the pushes."""
        return GlimpseSamples(
            self.heights[index],
            self.rows[index],
            self.cols[index],
            self.directions[index],
            self.effects[index],
            self.episode[index],
        )


def episode_samples(
    episode: PushEpisode, number: int, config: GlimpseConfig
) -> GlimpseSamples | None:
    """The samples of one episode; None for an empty one."""
    t = len(episode)
    if t == 0:
        return None
    rows, cols, directions = episode.actions.astype(np.int64).T
    heights = np.concatenate(
        [
            extract_glimpses(
                episode.heightmap(i)[None], rows[i : i + 1], cols[i : i + 1], directions[i : i + 1],
                config,
            )[:, 0]
            for i in range(t)
        ]
    )  # fmt: skip
    gone_before = np.cumsum(episode.left > 0, axis=0) - (episode.left > 0) > 0
    before = episode.poses[:-1, :, :2].copy()
    after = episode.poses[1:, :, :2].copy()
    before[gone_before] = np.nan
    after[gone_before] = np.nan
    effects = Effects(
        _widen(before, np.nan),
        _widen(after, np.nan),
        _widen(np.where(gone_before, 0, episode.left), 0),
        _widen(episode.exits, np.nan),
    )
    return GlimpseSamples(
        heights.astype(np.float16), rows, cols, directions, effects, np.full(t, number)
    )


def _widen(values: np.ndarray, fill: float) -> np.ndarray:
    """Pad the object axis to MAX_OBJECTS."""
    missing = MAX_OBJECTS - values.shape[1]
    pad = [(0, 0), (0, missing), *[(0, 0)] * (values.ndim - 2)]
    return np.pad(values, pad, constant_values=fill)


def join_samples(parts: Iterable[GlimpseSamples]) -> GlimpseSamples:
    """Several sets of samples as one."""
    parts = list(parts)
    e = [p.effects for p in parts]
    return GlimpseSamples(
        np.concatenate([p.heights for p in parts]),
        np.concatenate([p.rows for p in parts]),
        np.concatenate([p.cols for p in parts]),
        np.concatenate([p.directions for p in parts]),
        Effects(
            np.concatenate([x.before for x in e]),
            np.concatenate([x.after for x in e]),
            np.concatenate([x.left for x in e]),
            np.concatenate([x.exits for x in e]),
        ),
        np.concatenate([p.episode for p in parts]),
    )


@dataclass(frozen=True)
class GoalMix:
    """Shares of the goals under which recorded pushes are replayed.

    Attributes:
        recorded: Share that keeps the recorded box.
        aimed: Share, among pushes that dropped an object, whose box stands where it fell.
        disc: Share that gathers in the disc.
    """

    recorded: float = 0.4
    aimed: float = 0.6
    disc: float = 0.1


def sample_goals(
    samples: GlimpseSamples,
    box: BoxPlacement | None,
    workspace: Workspace,
    mix: GoalMix,
    rng: np.random.Generator,
) -> tuple[Goals, Bool[np.ndarray, " n"]]:
    """Draw a goal for each push: hindsight over where the box stands.

    Args:
        samples: Recorded pushes.
        box: Place of the box; None where objects were gathered without one.
        workspace: The table.
        mix: Shares of the goals.
        rng: Generator that draws the goals.

    Returns:
        The goals, and which of them are the recorded one.
    """
    n = len(samples)
    edge = rng.integers(4, size=n)
    offset = rng.uniform(-BOX_CENTRE_ALONG, BOX_CENTRE_ALONG, n)
    fell = (samples.effects.left > 0).any(axis=1)
    aimed = fell & (rng.random(n) < mix.aimed)
    if aimed.any():
        edge[aimed], offset[aimed] = _aim(samples.effects, np.flatnonzero(aimed), workspace, rng)
    boxes = box_goals(edge, offset, workspace)
    disc = goal_of(None, workspace)
    own = goal_of(box, workspace)
    table = stack_goals([boxes, own, disc])
    drawn = rng.random(n)
    index = np.arange(n)
    recorded = (drawn < mix.recorded) & ~aimed
    index[recorded] = n
    index[(drawn > 1 - mix.disc) & ~aimed & ~recorded] = n + 1
    return table[index], recorded


def _aim(
    effects: Effects, index: np.ndarray, workspace: Workspace, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Edge and offset of boxes near where an object of each push left the table."""
    cx, cy = workspace.centre
    first = (effects.left[index] > 0).argmax(axis=1)
    x, y = (effects.exits[index, first] - np.array([cx, cy])).T
    across = np.abs(x) > np.abs(y)
    edge = np.where(across, np.where(x < 0, 0, 1), np.where(y < 0, 2, 3))
    along = np.where(across, y, x)
    shift = rng.uniform(-AIM_SPREAD, AIM_SPREAD, len(index))
    return edge, np.clip(along + shift, -BOX_CENTRE_ALONG, BOX_CENTRE_ALONG)
