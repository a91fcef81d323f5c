"""Recorded pushes as heightmaps with labels: what PushMask and PushReward learn from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saccade.data.heightmaps import unpack_heightmap
from saccade.data.push_episodes import BOXED, GROUNDED, MAP_SHAPE, PushEpisode
from saccade.worlds.push_box.rewards import changed_pixels, paper_reward, report_reward
from saccade.worlds.workspace import N_DIRECTIONS


@dataclass(frozen=True)
class MapSamples:
    """N recorded pushes.

    Attributes:
        before: Packed observations before the push (N).
        after: Packed observations after the push (N).
        actions: Row, column, direction (N, 3).
        changed: Number of pixels that changed by 1 cm: c_t of Eq. 1 (N).
        rewards: Rewards by name, "paper" (Eq. 4) and "report" (Eq. 1): (N) each.
        fell: Whether an object left the table (N).
        done: Whether no object was left on it afterwards (N).
        episode: Index of the episode: splits keep episodes whole (N).
    """

    before: list[bytes]
    after: list[bytes]
    actions: Int[np.ndarray, "n 3"]
    changed: Int[np.ndarray, " n"]
    rewards: dict[str, Float[np.ndarray, " n"]]
    fell: Bool[np.ndarray, " n"]
    done: Bool[np.ndarray, " n"]
    episode: Int[np.ndarray, " n"]

    def __len__(self) -> int:
        return len(self.before)

    def maps(self, index: np.ndarray, after: bool = False) -> Float[Tensor, "b 1 224 224"]:
        """Observations of some pushes, as a batch."""
        packed = self.after if after else self.before
        return torch.from_numpy(
            np.stack([unpack_heightmap(packed[i], MAP_SHAPE) for i in index])[:, None]
        )


def map_samples(
    episodes: Iterable[PushEpisode],
    target: tuple[float, float],
    limit: int | None = None,
    first_episode: int = 0,
) -> MapSamples:
    """Collect and label the pushes of episodes.

    Args:
        episodes: Recorded pushes.
        target: Pixel p_box (row, column) of the rewards.
        limit: Number of pushes after which no further episode is taken.
        first_episode: Number of the first episode.
    """
    columns: list[list] = [[] for _ in range(9)]
    for number, episode in enumerate(episodes, start=first_episode):
        if limit is not None and len(columns[0]) >= limit:
            break
        for row in _labelled(episode, target):
            for column, value in zip(columns, (*row, number), strict=True):
                column.append(value)
    before, after, actions, changed, paper, report, fell, done, number = columns
    return MapSamples(
        before,
        after,
        np.array(actions, np.int64).reshape(-1, 3),
        np.array(changed, np.int64),
        {"paper": np.array(paper), "report": np.array(report)},
        np.array(fell, bool),
        np.array(done, bool),
        np.array(number, np.int64),
    )


def to_network(maps: Float[Tensor, "b 1 h w"], device: torch.device) -> Float[Tensor, "b 1 h w"]:
    """Observations on the device of a network, in the memory layout that its convolutions like."""
    return maps.contiguous(memory_format=torch.channels_last).to(device)


def join_map_samples(parts: Sequence[MapSamples]) -> MapSamples:
    """Several sets of samples as one."""
    return MapSamples(
        [m for p in parts for m in p.before],
        [m for p in parts for m in p.after],
        np.concatenate([p.actions for p in parts]),
        np.concatenate([p.changed for p in parts]),
        {name: np.concatenate([p.rewards[name] for p in parts]) for name in parts[0].rewards},
        np.concatenate([p.fell for p in parts]),
        np.concatenate([p.done for p in parts]),
        np.concatenate([p.episode for p in parts]),
    )


def _labelled(episode: PushEpisode, target: tuple[float, float]) -> Iterable[tuple]:
    """Each push of an episode as a row of the columns of `MapSamples`, less the episode."""
    on_table = episode.left.shape[1]
    after = episode.heightmap(0) if len(episode) else None
    for t in range(len(episode)):
        before, after = after, episode.heightmap(t + 1)
        assert before is not None
        boxed = int((episode.left[t] == BOXED).sum())
        grounded = int((episode.left[t] == GROUNDED).sum())
        on_table -= boxed + grounded
        facts = (before, after, boxed, grounded, target)
        yield (
            episode.heightmaps[t],
            episode.heightmaps[t + 1],
            episode.actions[t],
            changed_pixels(before, after),
            paper_reward(*facts),
            report_reward(*facts),
            boxed + grounded > 0,
            on_table == 0,
        )


def mirror_maps(
    maps: Float[Tensor, "b c h w"], actions: Int[Tensor, "b 3"]
) -> tuple[Float[Tensor, "b c h w"], Int[Tensor, "b 3"]]:
    """Reflect observations and pushes in the camera's vertical plane (column -> -column).

    The table and the camera's view are symmetric there; the box is not, so this serves PushMask.
    """
    rows, cols, directions = actions.unbind(1)
    mirrored = torch.stack(
        [rows, maps.shape[-1] - 1 - cols, (N_DIRECTIONS // 2 - directions) % N_DIRECTIONS], dim=1
    )
    return maps.flip(-1), mirrored
