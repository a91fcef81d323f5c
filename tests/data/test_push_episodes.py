from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from full_disk import REFUSAL, files_of_at_most
from saccade.data.push_episodes import (
    BOXED,
    GROUNDED,
    PushDataset,
    PushEpisode,
    load_episode,
    pack_maps,
    save_episode,
)
from saccade.errors import DamagedFileError, StorageError


def an_episode(pushes: int = 2, objects: int = 3) -> PushEpisode:
    rng = np.random.default_rng(1)
    left = np.zeros((pushes, objects), np.int8)
    exits = np.full((pushes, objects, 2), np.nan, np.float32)
    left[0, 1], exits[0, 1] = BOXED, (-0.72, 0.1)
    left[1, 0], exits[1, 0] = GROUNDED, (-0.28, 0.0)
    poses = rng.normal(size=(pushes + 1, objects, 7))
    poses[..., 3:] /= np.linalg.norm(poses[..., 3:], axis=-1, keepdims=True)
    maps = [rng.uniform(0, 0.1, (224, 224)).astype(np.float32) for _ in range(pushes + 1)]
    return PushEpisode(
        pack_maps(maps),
        rng.integers(0, 16, (pushes, 3)).astype(np.int16),
        np.array([False, True]),
        poses.astype(np.float32),
        left,
        exits,
        ["red cube", "blue arch", "green plate"][:objects],
        ["near", "edge"],
    )


def assert_equal(one: PushEpisode, two: PushEpisode) -> None:
    assert one.heightmaps == two.heightmaps
    assert (one.names, one.source) == (two.names, two.source)
    for name in ("actions", "refused", "poses", "left", "exits"):
        first, second = getattr(one, name), getattr(two, name)
        assert first.dtype == second.dtype, name
        np.testing.assert_array_equal(first, second, err_msg=name)


def test_an_episode_is_read_as_it_was_written(tmp_path: Path) -> None:
    episode = an_episode()
    save_episode(tmp_path / "e.npz", episode)
    assert_equal(load_episode(tmp_path / "e.npz"), episode)


def test_a_full_disk_loses_only_the_episode_in_hand(
    tmp_path: Path,
) -> None:
    dataset = PushDataset.create(tmp_path, {"seed": 0})
    save_episode(dataset.path(0), an_episode())
    with files_of_at_most(5000), pytest.raises(StorageError, match=REFUSAL) as caught:
        save_episode(dataset.path(1), an_episode())
    assert "\n" not in str(caught.value) and str(dataset.path(1)) in str(caught.value)
    assert [p.name for p in (tmp_path / "episodes").iterdir()] == ["episode_000000.npz"]
    assert_equal(next(iter(PushDataset(tmp_path))), an_episode())


def test_a_full_disk_keeps_the_old_version_of_an_episode(
    tmp_path: Path,
) -> None:
    save_episode(tmp_path / "e.npz", an_episode())
    with files_of_at_most(100), pytest.raises(StorageError):
        save_episode(tmp_path / "e.npz", an_episode(objects=2))
    assert_equal(load_episode(tmp_path / "e.npz"), an_episode())


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04" + bytes(80)])
def test_what_is_no_episode_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "e.npz"
    path.write_bytes(content)
    with pytest.raises(DamagedFileError) as caught:
        load_episode(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_a_lone_array_is_no_episode(tmp_path: Path) -> None:
    np.save(tmp_path / "e.npy", np.zeros(3))
    with pytest.raises(DamagedFileError):
        load_episode(tmp_path / "e.npy")


def test_an_archive_without_poses_is_no_episode(tmp_path: Path) -> None:
    np.savez(tmp_path / "e.npz", lengths=np.array([0]), heightmaps=np.zeros(0, np.uint8))
    with pytest.raises(DamagedFileError, match="actions"):
        load_episode(tmp_path / "e.npz")


def test_an_altered_or_shortened_file_is_never_taken_for_the_episode(tmp_path: Path) -> None:
    """Wherever a byte is damaged: an error in one line, or (in padding) the episode unharmed."""
    episode, path = an_episode(), tmp_path / "e.npz"
    save_episode(path, episode)
    whole, rng = path.read_bytes(), np.random.default_rng(2)
    refused: list[str] = []
    tail = range(len(whole) - 700, len(whole), 9)  # the archive's directory
    for place in [*rng.integers(0, len(whole), 30).tolist(), *tail]:
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        path.write_bytes(damaged)
        try:
            assert_equal(load_episode(path), episode)
        except DamagedFileError as error:
            refused.append(str(error))
    assert len(refused) > 30 and not any("\n" in line for line in refused)
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DamagedFileError):
        load_episode(path)


@pytest.mark.parametrize("content", ["", "[1, 2]", '"text"', '{"format": "other"}'])
def test_a_folder_without_our_description_is_no_dataset(tmp_path: Path, content: str) -> None:
    (tmp_path / "dataset.json").write_text(content)
    with pytest.raises(DamagedFileError) as caught:
        PushDataset(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_missing_folder_is_no_dataset(tmp_path: Path) -> None:
    with pytest.raises(DamagedFileError, match="no dataset"):
        PushDataset(tmp_path / "nowhere")


def test_a_dataset_is_only_continued_with_its_own_settings(tmp_path: Path) -> None:
    PushDataset.create(tmp_path, {"seed": 1, "config": {"pushes": 3, "mix": (0.1, 0.2)}})
    again = PushDataset.create(tmp_path, {"seed": 1, "config": {"pushes": 3, "mix": (0.1, 0.2)}})
    assert len(again) == 0
    with pytest.raises(DamagedFileError, match=r"another seed; expected") as caught:
        PushDataset.create(tmp_path, {"seed": 2, "config": {"pushes": 3, "mix": (0.1, 0.2)}})
    assert "\n" not in str(caught.value)


def test_episodes_come_in_order(tmp_path: Path) -> None:
    dataset = PushDataset.create(tmp_path, {})
    for index in (10, 2, 0):
        save_episode(dataset.path(index), an_episode())
    assert [int(p.stem[-6:]) for p in dataset.paths()] == [0, 2, 10]
    assert len(dataset) == 3
