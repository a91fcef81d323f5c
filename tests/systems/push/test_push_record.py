from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

import tiny_push
from interruptions import tree
from saccade.data.push_episodes import BOXED, GROUNDED, NOT_LEFT, PushDataset, PushEpisode
from saccade.errors import DamagedFileError, FolderInUseError, UserInputError
from saccade.systems.push.record import Mix, RecordConfig, record
from saccade.worlds.push_box import PushWorld
from saccade.worlds.push_box.drop import draw_scenario, scenario_seed
from saccade.worlds.workspace import Push
from tiny_push import RECORDING


def assert_same_episodes(one: Path, two: Path) -> None:
    first, second = list(PushDataset(one)), list(PushDataset(two))
    assert len(first) == len(second) == 3
    for a, b in zip(first, second, strict=True):
        assert (a.heightmaps, a.names, a.source) == (b.heightmaps, b.names, b.source)
        for name in ("actions", "refused", "poses", "left", "exits"):
            np.testing.assert_array_equal(getattr(a, name), getattr(b, name), err_msg=name)


def test_two_workers_record_what_one_records(recorded: Path, tmp_path: Path) -> None:
    list(record(tmp_path / "two", RECORDING, 3, seed=5, workers=2))
    assert_same_episodes(recorded, tmp_path / "two")


def test_with_a_policy_too(tmp_path: Path) -> None:
    config = replace(RECORDING, mix=Mix(0.0, 0.3, 0.0), pushes=2)
    make = partial(tiny_push.tiny_policy, "glimpse", "edge", 0.5)
    for workers in (1, 2):
        folder = tmp_path / str(workers)
        list(record(folder, config, 3, seed=2, workers=workers, make_policy=make))
    assert_same_episodes(tmp_path / "1", tmp_path / "2")
    assert "policy" in {s for e in PushDataset(tmp_path / "1") for s in e.source}


def test_a_continued_recording_equals_an_uninterrupted_one(recorded: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pieces"
    assert len(list(islice(record(folder, RECORDING, 3, seed=5), 1))) == 1
    first = tree(folder)
    asked = iter([False, True])
    assert len(list(record(folder, RECORDING, 3, seed=5, stop=lambda: next(asked)))) == 1
    assert len(PushDataset(folder)) == 2
    assert len(list(record(folder, RECORDING, 3, seed=5))) == 1
    assert list(record(folder, RECORDING, 3, seed=5)) == []
    assert_same_episodes(recorded, folder)
    assert first.items() <= tree(folder).items()  # nothing was written twice


def test_a_recording_in_progress_is_not_disturbed_by_another(
    recorded: Path, tmp_path: Path
) -> None:
    first = record(tmp_path / "d", RECORDING, 3, seed=5)
    next(first)
    with pytest.raises(FolderInUseError, match="d is in use by process"):
        next(record(tmp_path / "d", RECORDING, 3, seed=5))
    assert len(list(first)) == 2
    assert_same_episodes(recorded, tmp_path / "d")


def test_what_a_killed_recording_left_half_written_is_removed(tmp_path: Path) -> None:
    list(record(tmp_path, RECORDING, 1, seed=5))
    (tmp_path / "episodes" / ".episode_000001.npz.0123abcd.part").write_bytes(b"half")
    list(record(tmp_path, RECORDING, 2, seed=5))
    names = [p.name for p in (tmp_path / "episodes").iterdir()]
    assert sorted(names) == ["episode_000000.npz", "episode_000001.npz"]


def test_a_lost_episode_is_recorded_again(recorded: Path, tmp_path: Path) -> None:
    list(record(tmp_path, RECORDING, 3, seed=5))
    PushDataset(tmp_path).path(1).unlink()
    assert len(list(record(tmp_path, RECORDING, 3, seed=5))) == 1
    assert_same_episodes(recorded, tmp_path)


def test_another_seed_records_other_episodes_and_elsewhere(recorded: Path, tmp_path: Path) -> None:
    one = next(record(tmp_path / "other", RECORDING, 1, seed=6))
    assert one.heightmaps != next(iter(PushDataset(recorded))).heightmaps
    with pytest.raises(DamagedFileError, match="another seed"):
        next(record(tmp_path / "other", RECORDING, 2, seed=7))


def test_an_episode_can_be_replayed_in_the_simulator(episodes: list[PushEpisode]) -> None:
    """The recorded poses are where the recorded pushes bring the recorded scenario."""
    episode = episodes[1]
    n = len(episode.names)
    scenario = draw_scenario(scenario_seed(5, 1), n, RECORDING.world.scene)
    assert episode.names == [f"{b.colour} {b.shape}" for b in scenario.objects]
    world = PushWorld(RECORDING.world)
    world.reset(scenario, scenario_seed(5, 1))
    for t, (row, col, k) in enumerate(episode.actions.tolist()):
        heightmap = world.observe()
        np.testing.assert_allclose(episode.heightmap(t), heightmap, atol=0.6e-4)
        np.testing.assert_allclose(episode.poses[t], world.object_poses(), atol=1e-6)
        outcome = world.execute(Push(row, col, k), heightmap)
        assert int((episode.left[t] == BOXED).sum()) == outcome.boxed
        assert int((episode.left[t] == GROUNDED).sum()) == outcome.grounded
        assert episode.refused[t] == (not outcome.executed)
    np.testing.assert_allclose(episode.poses[-1], world.object_poses(), atol=1e-6)


def test_an_episode_is_consistent(episodes: list[PushEpisode]) -> None:
    for episode in episodes:
        t, n = len(episode), len(episode.names)
        assert 1 <= n <= 2 and 1 <= t <= 3
        assert len(episode.heightmaps) == t + 1 and episode.poses.shape == (t + 1, n, 7)
        assert set(episode.source) <= {"uniform", "near", "edge"}
        assert (np.isnan(episode.exits).all(axis=-1) == (episode.left == NOT_LEFT)).all()
        assert ((episode.left != NOT_LEFT).sum(axis=0) <= 1).all()  # nobody leaves twice


def test_the_mix_is_what_was_asked_for(tmp_path: Path) -> None:
    config = replace(RECORDING, mix=Mix(1.0, 0.0, 0.0))
    assert {s for e in record(tmp_path, config, 2, seed=0) for s in e.source} == {"uniform"}


def test_a_share_of_scenarios_has_a_single_object(recorded: Path, tmp_path: Path) -> None:
    list(record(tmp_path, replace(RECORDING, single=1.0), 3, seed=5))
    assert [len(e.names) for e in PushDataset(tmp_path)] == [1, 1, 1]
    assert max(len(e.names) for e in PushDataset(recorded)) > 1


def test_a_share_of_single_objects_is_a_cylinder(tmp_path: Path) -> None:
    config = replace(RECORDING, single=1.0, cylinders=1.0)
    list(record(tmp_path, config, 3, seed=5))
    names = [name.split() for e in PushDataset(tmp_path) for name in e.names]
    assert [shape for _, shape in names] == ["cylinder"] * 3
    with pytest.raises(UserInputError, match="cylinders is 1.5; expected 0 to 1"):
        replace(RECORDING, cylinders=1.5)


@pytest.mark.parametrize("shares", [(0.5, 0.4, 0.3), (-0.1, 0.5, 0.5)])
def test_an_impossible_mix_is_refused(shares: tuple[float, float, float]) -> None:
    with pytest.raises(UserInputError, match="sum to at most 1"):
        RecordConfig(mix=Mix(*shares))
