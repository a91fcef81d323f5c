"""Videos as frames: what is in the file, upright, in order of display."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageOps

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


def test_a_frame_keeps_no_threads(tmp_path: Path) -> None:
    write_video(tmp_path / "v.mp4", moving_ramp(60), fps=10)
    tasks = Path("/proc/self/task")
    before = len(list(tasks.iterdir()))
    gc.disable()
    try:
        most = max(len(list(tasks.iterdir())) for _ in read_video(tmp_path / "v.mp4"))
    finally:
        gc.enable()
    assert most - before < 30  # the decoder's and the converter's


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_video_is_shown_as_its_matrix_says(tmp_path, orientation):
    """Phones write how they were held into the track's matrix, ISO 14496-12 section 8.3.2.

    Pillow says what the eight orientations look like.
    """
    matrix = {
        1: (1, 0, 0, 1),
        2: (-1, 0, 0, 1),
        3: (-1, 0, 0, -1),
        4: (1, 0, 0, -1),
        5: (0, 1, 1, 0),
        6: (0, 1, -1, 0),
        7: (0, -1, -1, 0),
        8: (0, -1, 1, 0),
    }[orientation]
    path = tmp_path / "v.mp4"
    write_video(path, moving_ramp(3), fps=10)
    stored = list(read_video(path))
    data = bytearray(path.read_bytes())
    start = data.index(b"tkhd") + 4 + 40  # version 0: times, ids, duration, layer, volume
    for place, value in zip((0, 4, 12, 16), matrix, strict=True):
        data[start + place : start + place + 4] = (value * 0x10000).to_bytes(4, "big", signed=True)
    path.write_bytes(data)
    for shown, image in zip(read_video(path), stored, strict=True):
        tagged = Image.fromarray(image)
        tagged.getexif()[274] = orientation
        np.testing.assert_array_equal(shown, np.asarray(ImageOps.exif_transpose(tagged)))
    facts = video_facts(path)
    assert (facts.height, facts.width) == shown.shape[:2]


def record(path: Path, codec: str, pixels: str, images: list[np.ndarray], form: str = "rgb24"):
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=10)
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = pixels
        for image in images:
            frame = av.VideoFrame.from_ndarray(image, format=form)
            container.mux(stream.encode(frame.reformat(format=pixels)))
        container.mux(stream.encode(None))


@pytest.mark.parametrize(
    ("name", "codec", "pixels"),
    [
        ("v.gif", "gif", "rgb8"),
        ("v.mkv", "ffv1", "bgra"),
        ("v.mkv", "ffv1", "gray16le"),
        ("v.mkv", "ffv1", "gbrp16le"),
        ("v.mkv", "ffv1", "yuva444p10le"),
        ("v.mov", "qtrle", "argb"),
        ("v.mov", "png", "rgba"),
        ("v.mov", "png", "rgb48be"),
        ("v.mov", "prores_ks", "yuv422p10le"),
    ],
)
def test_opaque_pictures_of_up_to_16_bits_are_read_in_any_format(tmp_path, name, codec, pixels):
    images = [np.full((32, 32, 3), level, np.uint8) for level in (0, 146, 255)]
    record(tmp_path / name, codec, pixels, images)
    for frame, image in zip(read_video(tmp_path / name), images, strict=True):
        # The mean, for a GIF of few colours mixes the others from dots.
        np.testing.assert_allclose(frame.mean((0, 1)), image.mean((0, 1)), atol=3)


@pytest.mark.parametrize(
    ("name", "codec", "pixels"), [("v.mkv", "ffv1", "bgra"), ("v.mov", "qtrle", "argb")]
)
def test_transparent_pixels_are_refused_in_one_line(tmp_path, name, codec, pixels):
    image = np.full((32, 32, 4), 255, np.uint8)
    image[3, 4, 3] = 0
    record(tmp_path / name, codec, pixels, [image], "rgba")
    with pytest.raises(UserInputError, match="transparent pixels; expected opaque") as caught:
        next(read_video(tmp_path / name))
    assert "\n" not in str(caught.value)
