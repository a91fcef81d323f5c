from __future__ import annotations

import numpy as np
import pytest
import torch

import tiny_push
from saccade.data.push_episodes import BOXED, GROUNDED, PushEpisode, pack_maps
from saccade.systems.push.map_samples import map_samples, mirror_maps

TARGET = (168.0, 0.0)


def an_episode() -> PushEpisode:
    """Of three objects one comes nearer, one is boxed, one is lost; then nothing happens."""
    at = tiny_push.block_map
    first = np.maximum(at(0, 100), np.maximum(at(60, 10), at(120, 190)))
    second = np.maximum(at(0, 90), np.maximum(at(60, 10), at(120, 190)))
    third = np.maximum(at(0, 90), at(120, 190))
    fourth = at(0, 90)
    left = np.zeros((4, 3), np.int8)
    left[1, 1], left[2, 2] = BOXED, GROUNDED
    return PushEpisode(
        pack_maps([first, second, third, fourth, fourth]),
        np.array([[10, 130, 8], [70, 40, 8], [130, 180, 0], [5, 5, 1]], np.int16),
        np.zeros(4, bool),
        np.zeros((5, 3, 7), np.float32),
        left,
        np.zeros((4, 3, 2), np.float32),
        ["a", "b", "c"],
        ["edge"] * 4,
    )


def mean_distance(heightmap: np.ndarray) -> float:
    rows, cols = np.nonzero(heightmap > 0.01)
    return float(np.hypot(rows - TARGET[0], cols - TARGET[1]).mean())


def test_labels_by_hand() -> None:
    episode = an_episode()
    samples = map_samples([episode], TARGET)
    assert samples.changed.tolist() == [2 * 10 * 25, 625, 625, 0]
    assert samples.fell.tolist() == [False, True, True, False]
    assert samples.done.tolist() == [False] * 4  # one object stays
    progress = [
        mean_distance(episode.heightmap(t)) - mean_distance(episode.heightmap(t + 1))
        for t in range(2)
    ]
    assert progress[0] > 0
    paper, report = samples.rewards["paper"], samples.rewards["report"]
    assert paper == pytest.approx([progress[0], max(0, progress[1]) + 10, 0, 0])
    assert report == pytest.approx([progress[0], 10, 0, 0])


def test_the_table_is_done_when_its_last_object_left() -> None:
    episode = an_episode()
    left = episode.left.copy()
    left[3, 0] = BOXED
    last = PushEpisode(
        episode.heightmaps, episode.actions, episode.refused, episode.poses, left, episode.exits,
        episode.names, episode.source,
    )  # fmt: skip
    assert map_samples([last], TARGET).done.tolist() == [False, False, False, True]


def test_maps_are_the_observations_before_and_after() -> None:
    samples, episode = map_samples([an_episode()], TARGET), an_episode()
    index = np.array([2, 0])
    before, after = samples.maps(index), samples.maps(index, after=True)
    assert before.shape == (2, 1, 224, 224) and before.dtype == torch.float32
    for i, t in enumerate(index.tolist()):
        np.testing.assert_array_equal(before[i, 0].numpy(), episode.heightmap(t))
        np.testing.assert_array_equal(after[i, 0].numpy(), episode.heightmap(t + 1))
    assert samples.actions[index].tolist() == [[130, 180, 0], [10, 130, 8]]


def test_episodes_are_numbered_and_the_limit_keeps_them_whole() -> None:
    samples = map_samples([an_episode()] * 3, TARGET, limit=5)
    assert samples.episode.tolist() == [0] * 4 + [1] * 4


def test_mirrored_maps_show_the_mirrored_push() -> None:
    """What lies ahead of a push lies ahead of its mirror image."""
    maps = torch.zeros(3, 1, 32, 32)
    actions = torch.tensor([[10, 12, 3], [20, 5, 0], [16, 16, 13]])
    for i, (row, col, k) in enumerate(actions.tolist()):
        angle = 2 * np.pi * k / 16
        maps[i, 0, round(row + 6 * np.sin(angle)), round(col + 6 * np.cos(angle))] = 1 + i
    mirrored, pushes = mirror_maps(maps, actions)
    assert pushes.tolist() == [[10, 19, 5], [20, 26, 8], [16, 15, 11]]
    for i, (row, col, k) in enumerate(pushes.tolist()):
        angle = 2 * np.pi * k / 16
        ahead = round(row + 6 * np.sin(angle)), round(col + 6 * np.cos(angle))
        assert mirrored[i, 0][ahead] == 1 + i
    back, again = mirror_maps(mirrored, pushes)
    assert torch.equal(back, maps) and torch.equal(again, actions)
