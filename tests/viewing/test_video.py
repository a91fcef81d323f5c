from __future__ import annotations

from collections.abc import Iterator

import av
import numpy as np
import pytest

from saccade.errors import DamagedFileError, StorageError, UserInputError
from saccade.viewing.video import read_video, video_facts, write_video


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


def test_what_cannot_be_read_is_named(tmp_path):
    with pytest.raises(UserInputError, match="not a file"):
        next(read_video(tmp_path / "none.mp4"))
    (tmp_path / "text.mp4").write_text("no video " * 100)
    with pytest.raises(DamagedFileError, match="not a video"):
        next(read_video(tmp_path / "text.mp4"))
    write_video(tmp_path / "v.mp4", moving_ramp(3), fps=10)
    whole = (tmp_path / "v.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DamagedFileError):
        list(read_video(tmp_path / "cut.mp4"))


@pytest.mark.parametrize(
    ("turn", "matrix"),
    [
        (1, (0, -1, 1, 0)),
        (2, (-1, 0, 0, -1)),
        (3, (0, 1, -1, 0)),
    ],
)
def test_a_video_held_sideways_is_read_upright(tmp_path, turn, matrix):
    """Phones write how they were held into the track's matrix, ISO 14496-12 section 8.3.2."""
    path = tmp_path / "v.mp4"
    write_video(path, moving_ramp(3), fps=10)
    plain = list(read_video(path))
    data = bytearray(path.read_bytes())
    start = data.index(b"tkhd") + 4 + 40  # version 0: times, ids, duration, layer, volume
    for place, value in zip((0, 4, 12, 16), matrix, strict=True):
        data[start + place : start + place + 4] = (value * 0x10000).to_bytes(4, "big", signed=True)
    path.write_bytes(data)
    facts = video_facts(path)
    assert (facts.width, facts.height) == ((64, 48) if turn == 2 else (48, 64))
    for upright, lying in zip(read_video(path), plain, strict=True):
        np.testing.assert_array_equal(upright, np.rot90(lying, turn))


@pytest.mark.parametrize("pixels", ["gray16le", "gbrp16le", "bgra"])
def test_pictures_of_many_bits_or_with_alpha_are_refused(tmp_path, pixels):
    path = tmp_path / "v.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=10)
        stream.width, stream.height, stream.pix_fmt = 32, 16, pixels
        frame = av.VideoFrame.from_ndarray(next(moving_ramp(1)), format="rgb24").reformat(
            32, 16, format=pixels
        )
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(UserInputError, match=f"has {pixels} pictures; expected 8 to 12 bits"):
        next(read_video(path))
