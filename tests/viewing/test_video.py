from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from saccade.data.video import read_video, video_facts
from saccade.errors import StorageError, UserInputError
from saccade.viewing.video import VideoWriter, write_video


def moving_ramp(n_frames: int, rows: int = 48, cols: int = 64) -> Iterator[np.ndarray]:
    y, x = np.mgrid[:rows, :cols]
    for i in range(n_frames):
        yield np.stack([3 * x + 2 * i, 4 * y, np.full_like(x, 10 * i)], axis=2).astype(np.uint8)


@pytest.mark.parametrize("ending", ["mp4", "mkv", "mov"])
def test_round_trip_keeps_number_size_rate_and_nearly_the_pixels(tmp_path, ending):
    path = tmp_path / f"v.{ending}"
    assert write_video(path, moving_ramp(11), fps=12.5) == 11
    back = list(read_video(path))
    assert len(back) == 11
    for frame, original in zip(back, moving_ramp(11), strict=True):
        assert frame.shape == original.shape
        assert frame.dtype == np.uint8
        assert np.abs(frame.astype(int) - original).mean() < 3
    facts = video_facts(path)
    assert (facts.width, facts.height, facts.fps) == (64, 48, 12.5)


def test_plain_colours_survive(tmp_path):
    colours = [(222, 20, 84), (0, 84, 200), (255, 255, 255), (0, 0, 0)]
    frames = [np.full((32, 32, 3), colour, np.uint8) for colour in colours]
    write_video(tmp_path / "v.mp4", frames, fps=5)
    for frame, colour in zip(read_video(tmp_path / "v.mp4"), colours, strict=True):
        np.testing.assert_allclose(frame.mean(axis=(0, 1)), colour, atol=3)


def test_odd_sides_gain_a_repeated_last_row_and_column(tmp_path):
    path = tmp_path / "v.mp4"
    write_video(path, moving_ramp(2, rows=47, cols=63), fps=10)
    frame = next(read_video(path))
    assert frame.shape == (48, 64, 3)
    assert np.abs(frame[47].astype(int) - frame[46]).mean() < 4
    assert np.abs(frame[:, 63].astype(int) - frame[:, 62]).mean() < 4


def test_frames_are_encoded_as_they_come(tmp_path):
    consumed = []

    def frames() -> Iterator[np.ndarray]:
        for i, frame in enumerate(moving_ramp(5)):
            consumed.append(i)
            yield frame
            # Nothing of the target exists before the last frame is in.
            assert not (tmp_path / "v.mp4").exists()

    write_video(tmp_path / "v.mp4", frames(), fps=10)
    assert consumed == [0, 1, 2, 3, 4]
    assert [p.name for p in tmp_path.iterdir()] == ["v.mp4"]


def test_a_frame_of_another_size_is_named_and_the_older_video_kept(tmp_path):
    path = tmp_path / "v.mp4"
    write_video(path, moving_ramp(3), fps=10)
    before = path.read_bytes()
    mixed = [*moving_ramp(2), np.zeros((48, 66, 3), np.uint8)]
    with pytest.raises(UserInputError) as caught:
        write_video(path, mixed, fps=10)
    assert (
        str(caught.value) == "video frame 2 is 66 x 48 pixels; expected 64 x 48, as the first frame"
    )
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["v.mp4"]


@pytest.mark.parametrize(
    ("name", "frames", "fps", "words"),
    [
        ("v.avi", [], 10, ".mp4, .mkv, .mov"),
        ("v.mp4", [], 10, "no frames"),
        ("v.mp4", [np.zeros((8, 8), np.uint8)], 10, "(8, 8)"),
        ("v.mp4", [np.zeros((8, 8, 3), np.float32)], 10, "float32"),
        ("v.mp4", [np.zeros((8, 8, 3), np.uint8)], 0, "fps is 0"),
    ],
)
def test_bad_input_is_named_and_leaves_no_file(tmp_path, name, frames, fps, words):
    with pytest.raises(UserInputError) as caught:
        write_video(tmp_path / name, frames, fps)
    assert words in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_refused_write_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="could not be written"):
        write_video(tmp_path / "file" / "v.mp4", moving_ramp(2), fps=10)


def test_a_writer_encodes_beside_and_tells_of_a_refusal(tmp_path):
    def film(path: Path) -> None:
        with VideoWriter(path, 10) as writer:
            for frame in moving_ramp(40):  # more than the queue holds
                writer.add(frame)

    film(tmp_path / "v.mp4")
    assert len(list(read_video(tmp_path / "v.mp4"))) == 40
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="could not be written"):
        film(tmp_path / "file" / "v.mp4")


@pytest.mark.parametrize(
    "name", ["a:b.mp4", "http:x.mkv", "$HOME.mov", "%03d.mp4", os.fsdecode(b"caf\xe9.mp4")]
)
def test_a_path_is_a_path(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    write_video(name, moving_ramp(3), fps=10)
    assert os.listdir() == [name]
    assert len(list(read_video(name))) == 3


def test_a_folder_in_the_place_of_a_video_is_named(tmp_path):
    (tmp_path / "v.mp4").mkdir()
    with pytest.raises(UserInputError, match="v.mp4 is a folder"):
        write_video(tmp_path / "v.mp4", moving_ramp(3), fps=10)
