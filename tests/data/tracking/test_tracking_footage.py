"""A user's own video or folder, read one frame after the other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from saccade.data.tracking.footage import IMAGES_PER_SECOND, open_footage
from saccade.errors import DamagedFileError, UserInputError
from saccade.viewing.video import write_video
from tracking_fixtures import fits, moving, picture, save_frames


def test_images_come_in_order_of_their_numbers(tmp_path: Path) -> None:
    boxes = moving(5)
    save_frames(tmp_path, [boxes], "shot{}.png", first=8)
    footage = open_footage(tmp_path)
    assert (footage.count, footage.fps) == (5, IMAGES_PER_SECOND)
    for start in (0, 3):
        frames = list(footage.frames(start))
        assert len(frames) == 5 - start
        for frame, box in zip(frames, boxes[start:], strict=True):
            assert box is not None and fits(frame, np.array(box))


def test_a_frame_is_read_when_it_is_asked_for(tmp_path: Path) -> None:
    save_frames(tmp_path, [moving(3)], "{}.png")
    frames = open_footage(tmp_path).frames()
    (tmp_path / "2.png").unlink()
    next(frames)
    with pytest.raises(DamagedFileError, match=r"cannot read .*2\.png"):
        next(frames)


def test_a_video_says_its_rate_and_starts_where_it_is_told(tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    write_video(path, (np.full((48, 64, 3), 20 * i, np.uint8) for i in range(9)), fps=12.5, crf=1)
    footage = open_footage(path)
    assert (footage.expected, footage.fps) == (9, 12.5)
    levels = [frame.mean() for frame in footage.frames(4)]
    np.testing.assert_allclose(levels, [80, 100, 120, 140, 160], atol=3)
    with pytest.raises(UserInputError, match="--start is -1; .* 0 to 8"):
        footage.frames(-1)
    with pytest.raises(UserInputError, match="--start is 9; .* 0 to 8"):
        next(footage.frames(9))


def test_a_cut_video_gives_what_it_has_and_then_says_so(tmp_path: Path) -> None:
    whole, short = tmp_path / "whole.mkv", tmp_path / "short.mkv"
    noise = np.random.default_rng(0).integers(0, 256, (20, 48, 64, 3), np.uint8)
    write_video(whole, noise, fps=10)
    short.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    footage, read = open_footage(short), []
    with pytest.raises(DamagedFileError, match="breaks off after"):
        read.extend(frame.shape for frame in footage.frames())
    assert 2 < len(read) < 18


def test_other_things_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserInputError, match="does not exist; expected a video or a folder"):
        open_footage(tmp_path / "gone")
    with pytest.raises(DamagedFileError, match="holds no frames"):
        open_footage(tmp_path)
    save_frames(tmp_path, [moving(3)], "{}.png")
    (tmp_path / "2.png").unlink()
    with pytest.raises(DamagedFileError, match="lacks frame 2"):
        open_footage(tmp_path)
    header = tmp_path / "header.mkv"
    write_video(header, [picture([])] * 3, fps=10)
    header.write_bytes(header.read_bytes()[:700])
    with pytest.raises(DamagedFileError, match="header.mkv"):
        open_footage(header)
