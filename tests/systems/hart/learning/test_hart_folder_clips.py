"""Learning from a user's KITTI and KTH folders: what is drawn is what the protocols say."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from interruptions import stop_after, tree
from saccade.errors import UserInputError
from saccade.systems.hart.config import DataConfig, FitConfig, HartConfig
from saccade.systems.hart.learning.clip_source import open_clips
from saccade.systems.hart.learning.clips import ClipBatch
from saccade.systems.hart.learning.folder_clips import FolderClips, check_folder, read_clips
from saccade.systems.hart.presets import PRESETS, smoke_preset
from saccade.systems.hart.train import start_run, train
from saccade.training import fit as fit_module
from saccade.training.fit import Stopped
from saccade.training.metrics import read_metrics
from tracking_fixtures import kitti_line, moving, save_frames, save_lines


@pytest.fixture(scope="module")
def kitti(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One video of 10 frames: 8 for training. A car is always there, a walker in frames 2 to 7."""
    root = tmp_path_factory.mktemp("kitti")
    car, walker = moving(10), [None] * 2 + moving(6, 30, 25, 8, 6) + [None] * 2
    save_frames(root / "training/image_02/0000", [car, walker], "{:06d}.png", first=0)
    lines = [kitti_line(t, 0, box) for t, box in enumerate(car)]
    lines += [kitti_line(t, 1, walker[t], "Pedestrian") for t in range(2, 8)]
    save_lines(root / "training/label_02/0000.txt", lines)
    return root


@pytest.fixture(scope="module")
def kth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four subjects, each with its own height in the picture, for 8 frames."""
    root = tmp_path_factory.mktemp("kth")
    lines = ["# KTH bounding boxes", "#", "#", "#"]
    for person in range(1, 5):
        boxes = moving(8, 20, 20 * person, 8, 10)
        folder = root / "frames" / f"person{person:02d}_walking_d1_uncomp"
        save_frames(folder, [boxes], "{:03d}.png", size=(160, 120))
        flat = " ".join(f"{b[1]} {b[0]} {b[1] + b[3]} {b[0] + b[2]}" for b in boxes if b)
        lines.append(f"{person} 1 6 1 1 8 {flat}")
    save_lines(root / "KTHBoundingBoxInfo.txt", lines)
    return root


def data(source: str, folder: Path, height: int, width: int, **more: str) -> DataConfig:
    return DataConfig(source=source, folder=str(folder), height=height, width=width, **more)  # pyright: ignore[reportArgumentType]


def corners(batch: ClipBatch) -> np.ndarray:
    """x, y, w, h as files have them (T, N, 4)."""
    return (batch.boxes + np.array([0.5, 0.5, 0, 0], np.float32))[..., [1, 0, 3, 2]]


def assert_painted(batch: ClipBatch) -> None:
    """The box of every frame is white inside."""
    assert batch.present.all()
    for t, n in np.ndindex(*batch.present.shape):
        x, y, w, h = corners(batch)[t, n].round().astype(int)
        assert batch.frames[t, n, :, y : y + h, x : x + w].min() == 255


def draw(clips: FolderClips, length: int, seed: int = 0, batch: int = 40) -> ClipBatch:
    settings = FitConfig(batch=batch, length=3, length_end=4)
    return clips.draw(settings, 0, length, np.random.default_rng(seed))


def test_kitti_clips_are_chunks_of_the_first_80_percent(kitti: Path) -> None:
    with read_clips(data("kitti", kitti, 48, 64), 4, 0) as clips:
        batch = draw(clips, 4)
        assert clips.epoch(4) == 3 + 2  # frames 0, 2, 4 on of the car, 2, 4 on of the walker
    assert batch.frames.shape == (4, 40, 3, 48, 64)
    assert_painted(batch)
    boxes = corners(batch)
    backwards = boxes[1, :, 1] < boxes[0, :, 1]  # objects go down a pixel a frame
    mirrored = (boxes[1, :, 0] < boxes[0, :, 0]) != backwards
    assert 5 < backwards.sum() < 35 and 5 < mirrored.sum() < 35
    x = np.where(mirrored, 64 - boxes[..., 0] - boxes[..., 2], boxes[..., 0])
    first = np.where(backwards, x[-1], x[0]).astype(int)
    car = boxes[0, :, 3] == 4
    assert set((first[car] - 5) // 2) == {0, 2, 4} and set((first[~car] - 30) // 2 + 2) == {2, 4}
    np.testing.assert_array_equal(np.abs(np.diff(x, axis=0)), 2)


def test_kitti_frames_shrink_with_their_boxes(kitti: Path) -> None:
    whole = draw(read_clips(data("kitti", kitti, 48, 64), 4, 0), 4)
    half = draw(read_clips(data("kitti", kitti, 24, 32), 4, 0), 4)
    np.testing.assert_allclose(corners(half) * 2, corners(whole), atol=1e-5)
    published = draw(read_clips(data("kitti", kitti, 187, 621), 4, 0), 4)
    assert published.frames.shape == (4, 40, 3, 187, 621)
    np.testing.assert_allclose(
        corners(published),
        corners(whole) * np.array([621 / 64, 187 / 48] * 2),
        rtol=1e-5,
        atol=1e-3,
    )


def test_an_epoch_of_kitti_shortens_as_clips_grow(kitti: Path) -> None:
    clips = read_clips(data("kitti", kitti, 48, 64), 5, 0)
    # steps of T // 2: car 8 frames, walker 6
    assert [clips.epoch(length) for length in (2, 3, 4, 5)] == [7 + 5, 6 + 4, 3 + 2, 2 + 1]


def test_kth_leaves_two_subjects_out(kth: Path) -> None:
    seen = {}
    for test in ("", "person02"):
        for seed in range(3):
            clips = read_clips(data("kth", kth, 120, 160, test_subject=test), 8, seed)
            batch = draw(clips, 8, seed, batch=10)
            assert_painted(batch)
            # their height in the first frame, less the frames before it, is 20 a subject
            people = {int(y - (x - 20) / 2) // 20 for x, y, *_ in corners(batch)[0]}
            seen[test, seed] = people
            assert len(people) == 2 and clips.epoch(8) == 2
    assert all(4 not in seen["", seed] and 2 not in seen["person02", seed] for seed in range(3))
    assert len({tuple(sorted(people)) for people in seen.values()}) > 1


def test_kth_clips_have_5_to_t_frames(kth: Path) -> None:
    clips = read_clips(data("kth", kth, 120, 160), 8, 0)
    lengths = {len(draw(clips, 7, seed, batch=1).frames) for seed in range(20)}
    assert lengths == {5, 6, 7}
    assert len(draw(clips, 3, batch=1).frames) == 3


def test_the_same_generator_draws_the_same_batch(kitti: Path, kth: Path) -> None:
    for one in (data("kitti", kitti, 48, 64), data("kth", kth, 60, 80)):
        a, b = (draw(read_clips(one, 4, 1), 4, 3, batch=4) for _ in range(2))
        np.testing.assert_array_equal(a.frames, b.frames)
        np.testing.assert_array_equal(a.boxes, b.boxes)


@pytest.mark.parametrize("name", ["paper-kitti", "paper-kth"])
def test_the_published_settings_take_a_step(
    name: str, kitti: Path, kth: Path, tmp_path: Path
) -> None:
    preset = PRESETS[name]()
    folder = kitti if name == "paper-kitti" else kth
    config = replace(
        preset,
        data=replace(preset.data, folder=str(folder), height=48, width=64),
        fit=replace(preset.fit, steps=1, batch=1, length=3, length_end=4),
    )
    run = start_run(tmp_path / "run", config, seed=0)
    weights = train(run, config, workers=1, device="cpu")
    assert (weights / "model.safetensors").is_file()
    (line,) = read_metrics(run.metrics_file)
    assert np.isfinite(line["loss"])


def test_what_cannot_be_read_is_left_out_of_training(
    kitti: Path, kth: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "kitti", tmp_path / "kth"
    for whole, folder in zip((kitti, kth), broken, strict=True):
        shutil.copytree(whole, folder)
    label = broken[0] / "training/label_02/0000.txt"
    # Boxes without extent, a video of one frame, and one without labels.
    save_lines(label, [*label.read_text().splitlines(), kitti_line(8, 1, (5, 5, 0, 4))])
    for name in ("0001", "0002"):
        save_frames(broken[0] / "training/image_02" / name, [moving(1)], "{:06d}.png", first=0)
    save_lines(label.with_name("0001.txt"), [kitti_line(0, 0, (5, 7, 6, 4))])
    lines = broken[1] / "KTHBoundingBoxInfo.txt"
    save_lines(lines, [*lines.read_text().splitlines(), "9 1 6 1 1 1 1 1 5 5"])
    expected = {"kitti": ["0002", "0001"], "kth": ["person09_walking_d1/1"]}
    for (source, names), whole, folder in zip(expected.items(), (kitti, kth), broken, strict=True):
        size = (48, 64) if source == "kitti" else (120, 160)
        clips = read_clips(data(source, folder, *size), 4, 0)
        assert [one.name for one in clips.left_out] == names
        batch, sound = draw(clips, 4), draw(read_clips(data(source, whole, *size), 4, 0), 4)
        np.testing.assert_array_equal(batch.frames, sound.frames)
    config = replace(smoke_preset(), data=data("kitti", broken[0], 48, 64))
    with open_clips(start_run(tmp_path / "run", config, seed=0), config, 1, lambda: False):
        told = capsys.readouterr().err
    assert told.count("saccade: note: left out: ") == 2 and "0002" in told


def related(config: HartConfig) -> HartConfig:
    relations = replace(config.relations, heads=2, width=8)
    scene = replace(config.data.synthetic, distractor_probability=1.0)
    return replace(
        config, relations=relations, data=replace(config.data, objects=3, synthetic=scene)
    )


@pytest.mark.parametrize("source", ["kitti", "kth", "synthetic"])
def test_stopped_and_resumed_equals_uninterrupted(
    source: str, kitti: Path, kth: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the folders, and of several objects that are related."""
    config = smoke_preset()
    config = replace(config, fit=replace(config.fit, steps=5, stage_iou=0.0, checkpoint_every=2))
    if source == "synthetic":
        config = related(config)
    else:
        folder = kitti if source == "kitti" else kth
        config = replace(config, data=data(source, folder, 48, 64))
    whole = start_run(tmp_path / "whole", config, seed=1)
    train(whole, config, workers=1, device="cpu")
    run, stops = start_run(tmp_path / "run", config, seed=1), 0
    patience = 6 if source == "synthetic" else 2  # how often a sitting asks; clips take some
    while stops < 20:
        monkeypatch.setattr(fit_module, "GracefulStop", stop_after(patience + stops))
        try:
            train(run, config, workers=1, device="cpu")
            break
        except Stopped:
            stops += 1
    assert 1 <= stops < 20
    left, expected = (
        {name: content for name, content in tree(one.folder).items() if name != "run.json"}
        for one in (run, whole)
    )
    assert left.keys() == expected.keys()
    assert [name for name in left if left[name] != expected[name]] == []


def test_a_source_that_is_not_there_is_refused_before_a_run_begins(tmp_path: Path) -> None:
    for name, told in (("paper-kitti", "cvlibs.net"), ("paper-kth", "KTHBoundingBoxInfo.txt")):
        with pytest.raises(UserInputError, match=rf"not given; expected --data\.folder .*{told}"):
            start_run(tmp_path / "run", PRESETS[name](), seed=0)
    missing = replace(PRESETS["paper-kitti"]().data, folder=str(tmp_path / "missing"))
    with pytest.raises(UserInputError, match=r"missing, which is no folder; expected") as caught:
        check_folder(missing)
    assert "\n" not in str(caught.value)
    with pytest.raises(UserInputError, match="holds no KITTI tracking set"):
        read_clips(replace(missing, folder=str(tmp_path)), 5, 0)
    with pytest.raises(UserInputError, match=r"data\.source synthetic, which is generated"):
        check_folder(replace(missing, source="synthetic"))
    assert not (tmp_path / "run").exists()


def test_clips_longer_than_any_video_are_refused(kitti: Path, kth: Path) -> None:
    with pytest.raises(UserInputError, match=r"no object for 9 frames on end.*fit\.length-end"):
        read_clips(data("kitti", kitti, 48, 64), 9, 0)
    with pytest.raises(UserInputError, match="unknown subject 'person09'"):
        read_clips(data("kth", kth, 48, 64, test_subject="person09"), 5, 0)
