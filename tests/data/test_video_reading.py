"""Videos as frames: what is in the file, upright, in order of display."""

from __future__ import annotations

from collections.abc import Iterator

import av
import numpy as np
import pytest

from saccade.data.video import read_video, video_facts
from saccade.errors import DamagedFileError, UserInputError
from saccade.viewing.video import write_video


def moving_ramp(n_frames: int, rows: int = 48, cols: int = 64) -> Iterator[np.ndarray]:
    y, x = np.mgrid[:rows, :cols]
    for i in range(n_frames):
        yield np.stack([3 * x + 2 * i, 4 * y, np.full_like(x, 10 * i)], axis=2).astype(np.uint8)


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
