"""Batches of generated clips: what they show is where the boxes say, however they were drawn."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from full_disk import REFUSAL, files_of_at_most
from saccade.data.tracking.synthetic import SyntheticConfig, generate_clip
from saccade.errors import DamagedFileError, StorageError, UserInputError
from saccade.systems.hart.boxes import from_model, to_model
from saccade.systems.hart.config import DataConfig, FitConfig
from saccade.systems.hart.learning import clip_job
from saccade.systems.hart.learning import pool as pool_module
from saccade.systems.hart.learning.clips import ClipPools, draw_batch
from saccade.systems.hart.learning.forcing import FAR_TIMES, forced_share, forced_windows, jittered
from saccade.systems.hart.learning.learner import Learner, as_input
from saccade.systems.hart.learning.pool import Pool, generate_pool, load_pool
from saccade.systems.hart.presets import PRESETS
from saccade.training.fit import Stopped

SCENE = SyntheticConfig(height=32, width=40, frames=4)
DATA = DataConfig(height=32, width=40, clips=3, frames=4, pool_steps=2, synthetic=SCENE)
SMOKE = PRESETS["smoke"]()
CONFIG = replace(
    SMOKE, data=DATA, fit=replace(SMOKE.fit, steps=3), finetune=replace(SMOKE.finetune, steps=1)
)


def never() -> bool:
    return False


def painted(n: int = 5, length: int = 8) -> Pool:
    """Black clips with a white block at the box; its red channel numbers the frames."""
    frames = np.zeros((n, length, 3, 20, 30), np.uint8)
    boxes = np.zeros((n, length, 4), np.float32)
    for clip in range(n):
        for t in range(length):
            x, y = 2 + 2 * t, 3 + clip
            frames[clip, t, 1:, y : y + 5, x : x + 7] = 255
            frames[clip, t, 0] = 10 * t
            boxes[clip, t] = x, y, 7, 5
    return Pool(frames, boxes, np.ones((n, length), np.float32))


def test_boxes_lie_where_the_object_is_painted() -> None:
    """A box of the model reaches half a pixel beyond the centres of the outermost pixels."""
    batch = draw_batch(painted(), 40, 5, np.random.default_rng(0))
    assert batch.frames.shape == (5, 40, 3, 20, 30) and batch.boxes.shape == (5, 40, 4)
    for t, n in np.ndindex(5, 40):
        rows, columns = np.nonzero(batch.frames[t, n, 1])
        y, x, h, w = batch.boxes[t, n]
        assert (y, x) == (rows.min() - 0.5, columns.min() - 0.5)
        assert (y + h, x + w) == (rows.max() + 0.5, columns.max() + 0.5)


def test_sequences_are_sub_sequences_reversed_and_mirrored() -> None:
    batch = draw_batch(painted(), 200, 5, np.random.default_rng(0))
    times = batch.frames[:, :, 0, 0, 0].astype(int) // 10
    steps = np.diff(times, axis=0)
    assert (np.abs(steps) == 1).all() and (steps == steps[0]).all()
    assert 0.35 < (steps[0] < 0).mean() < 0.65
    assert set(times[0, steps[0] > 0]) == {0, 1, 2, 3}
    assert set(times[0, steps[0] < 0]) == {4, 5, 6, 7}
    # forwards in time the block goes right, so if it goes left the clip was mirrored
    mirrored = np.diff(batch.boxes[:2, :, 1], axis=0)[0] * steps[0] < 0
    assert 0.35 < mirrored.mean() < 0.65
    assert set(batch.clips) == set(range(5))


def test_the_same_generator_draws_the_same_batch() -> None:
    one, two = (draw_batch(painted(), 6, 4, np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(one.frames, two.frames)
    np.testing.assert_array_equal(one.boxes, two.boxes)


def test_a_sequence_starts_with_its_object_in_sight() -> None:
    pool = painted(1)
    pool.seen[0] = [1, 0.3, 0.05, 0, 0.9, 0.2, 0.1, 0.4]
    batch = draw_batch(pool, 100, 4, np.random.default_rng(0))
    times = batch.frames[:, :, 0, 0, 0].astype(int) // 10
    assert set(times[0]) == {0, 4}
    assert {tuple(column) for column in times.T} == {(0, 1, 2, 3), (4, 5, 6, 7), (4, 3, 2, 1)}
    np.testing.assert_array_equal(batch.present, pool.seen[0][times] > 0.1)
    assert np.isnan(batch.boxes[~batch.present]).all()
    assert np.isfinite(batch.boxes[batch.present]).all()


def test_time_lapses_after_the_first_frame_of_some_sequences() -> None:
    pool = painted(1, 12)
    pool.seen[0, 6] = 0.2
    batch = draw_batch(pool, 300, 4, np.random.default_rng(0), gap_share=0.5)
    times = batch.frames[:, :, 0, 0, 0].astype(int) // 10
    steps = np.diff(times, axis=0)
    assert (np.abs(steps[1:]) == 1).all() and (steps[1:] == steps[1]).all()
    assert batch.gaps is not None
    assert 0.35 < batch.gaps.mean() < 0.6  # none before the first frame of all
    assert (steps[0] == steps[1])[~batch.gaps].all()
    first, second = times[:2, batch.gaps]
    assert ((second - first) * steps[1, batch.gaps] >= 1).all()
    assert np.abs(second - first).max() > 6
    assert 6 not in first and 6 not in second  # the object is in sight in both


def test_windows_are_forced_where_there_is_a_gap() -> None:
    """Or the tracker would look for its object where it was long ago."""
    fit = replace(FitConfig(), forced_steps=0, forced_least=0.0, jitter=0.0)
    learner = Learner(replace(PRESETS["smoke"](), fit=fit))
    batch = draw_batch(painted(), 12, 4, np.random.default_rng(0), gap_share=0.5)
    assert batch.gaps is not None and 0 < batch.gaps.sum() < 12
    seen: list[torch.Tensor] = []
    learner.model.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[2]))
    learner(batch, 0, np.random.default_rng(0))
    (windows,) = seen
    forced = windows.isfinite().all(dim=-1).numpy()
    np.testing.assert_array_equal(forced[1], batch.gaps)
    assert not forced[[0, 2, 3]].any()
    boxes = torch.from_numpy(batch.boxes[1])
    wanted = learner.model.around(boxes, 20, 30)[batch.gaps]
    torch.testing.assert_close(windows[1, batch.gaps], wanted)


def test_sequences_longer_than_clips_are_refused() -> None:
    with pytest.raises(UserInputError, match="9 frames from clips of 8"):
        draw_batch(painted(), 1, 9, np.random.default_rng(0))


def test_a_pool_holds_the_targets_of_its_clips(tmp_path: Path) -> None:
    generate_pool(tmp_path / "pool", SCENE, range(2, 4), 5, 1, never)
    pool = load_pool(tmp_path / "pool")
    clip = generate_clip(5, 3, SCENE)
    assert len(pool) == 2 and pool.length == 4
    np.testing.assert_array_equal(pool.frames[1], clip.frames.transpose(0, 3, 1, 2))
    np.testing.assert_array_equal(pool.boxes[1], clip.boxes[:, 0])
    np.testing.assert_array_equal(pool.seen[1], clip.visible[:, 0])


@pytest.mark.parametrize("workers", [1, 2])
def test_pools_follow_each_other(tmp_path: Path, workers: int) -> None:
    """Pool k has the clips from 3 k, in both stages; with two workers the next is made ahead."""
    with ClipPools(tmp_path, CONFIG, 5, workers, never) as pools:
        for step in range(4):
            pool = pools.pool(step)
            if step % 2 == 0:
                first = generate_clip(5, 3 * (step // 2), SCENE)
                np.testing.assert_array_equal(pool.frames[0], first.frames.transpose(0, 3, 1, 2))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["clips-000", "clips-001"]


def test_only_the_last_two_pools_are_kept(tmp_path: Path) -> None:
    with ClipPools(tmp_path, CONFIG, 5, 1, never) as pools:
        for step in (0, 2, 4):
            pools.pool(step)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["clips-001", "clips-002"]


def test_what_is_on_disk_is_not_generated_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ClipPools(tmp_path, CONFIG, 5, 1, never) as pools:
        expected = np.array(pools.pool(0).frames)
    monkeypatch.setattr(clip_job, "generate_clip", None)
    with ClipPools(tmp_path, CONFIG, 5, 1, never) as pools:
        np.testing.assert_array_equal(pools.pool(1).frames, expected)


def test_a_stop_leaves_no_half_pool(tmp_path: Path) -> None:
    asked = iter([False, False, True, True])
    with pytest.raises(Stopped), ClipPools(tmp_path, CONFIG, 5, 1, lambda: next(asked)) as pools:
        pools.pool(0)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_one_line_before_the_first_clip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The room is taken first: a memory map on a full disk would end the process."""
    monkeypatch.setattr(pool_module, "map_episodes", lambda *_, **__: pytest.fail("generated"))
    with files_of_at_most(1000), pytest.raises(StorageError, match=REFUSAL) as caught:
        generate_pool(tmp_path / "pool", SCENE, range(4), 5, 1, never)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "pipe"])
def test_a_damaged_pool_says_what_to_do(tmp_path: Path, damage: str) -> None:
    generate_pool(tmp_path / "pool", SCENE, range(2), 5, 1, never)
    file = tmp_path / "pool" / "frames.npy"
    content = file.read_bytes()
    file.unlink()
    if damage == "pipe":
        os.mkfifo(file)
    elif damage != "missing":
        file.write_bytes(content[: len(content) // 2] if damage == "cut" else b"")
    with pytest.raises(DamagedFileError, match=r"frames\.npy") as caught:
        load_pool(tmp_path / "pool")
    assert "\n" not in str(caught.value)


def test_boxes_to_the_model_and_back() -> None:
    boxes = np.array([[[0, 0, 10, 20], [3, 4, 5, 6]]], np.float32)
    assert to_model(boxes)[0].tolist() == [[-0.5, -0.5, 20, 10], [3.5, 2.5, 6, 5]]
    np.testing.assert_array_equal(from_model(to_model(boxes)), boxes)


def test_grey_is_the_luma_of_colour() -> None:
    frames = torch.tensor([255, 0, 102], dtype=torch.uint8).view(1, 3, 1, 1).expand(2, 3, 4, 5)
    assert as_input(frames, 3) is frames
    grey = as_input(frames, 1)
    assert grey.shape == (2, 1, 4, 5)
    assert grey[0, 0, 0, 0].item() == pytest.approx(0.299 + 0.4 * 0.114)


def test_forcing_falls_to_none() -> None:
    assert [forced_share(step, 100) for step in (0, 25, 100, 500)] == [1, 0.75, 0, 0]
    assert forced_share(0, 0) == 0


def test_jitter_has_the_spread_that_is_asked_for() -> None:
    boxes = np.broadcast_to(np.array([10, 20, 30, 60], np.float32), (20_000, 4))
    off = jittered(boxes, 0.2, np.random.default_rng(0))
    shift = (off[:, :2] + off[:, 2:] / 2 - [25, 50]) / [30, 60]
    stretch = np.log(off[:, 2:] / [30, 60])
    for part in (shift, stretch):
        np.testing.assert_allclose(part.mean(axis=0), 0, atol=0.01)
        np.testing.assert_allclose(part.std(axis=0), 0.2, atol=0.01)
    np.testing.assert_allclose(jittered(boxes, 0.0, np.random.default_rng(0)), boxes, atol=1e-5)


def test_a_share_of_the_windows_is_thrown_further() -> None:
    boxes = np.broadcast_to(np.array([10, 20, 30, 60], np.float32), (20_000, 4))
    off = jittered(boxes, 0.2, np.random.default_rng(0), far_share=0.25)
    shift = (off[:, :2] + off[:, 2:] / 2 - [25, 50]) / [30, 60]
    wanted = 0.2 * np.sqrt(0.75 + 0.25 * FAR_TIMES**2)
    np.testing.assert_allclose(shift.std(axis=0), wanted, rtol=0.02)
    stretch = np.log(off[:, 2:] / [30, 60])
    np.testing.assert_allclose(stretch.std(axis=0), 0.2, atol=0.01)


def test_only_forced_sequences_with_an_object_in_sight_are_forced() -> None:
    boxes = torch.full((2, 3, 4), 8.0)
    boxes[1, 0] = torch.nan

    def twice(windows: torch.Tensor, height: int, width: int) -> torch.Tensor:
        return 2 * windows

    forced = torch.tensor([True, True, False]).repeat(2, 1)
    windows = forced_windows(twice, boxes, forced, 20, 30)
    assert windows[..., 0].nan_to_num(-1).tolist() == [[16, 16, -1], [-1, 16, -1]]


def test_pools_without_clips_are_refused() -> None:
    with pytest.raises(UserInputError, match="clips is 0; expected 1 to 1,000,000"):
        replace(DATA, clips=0)
