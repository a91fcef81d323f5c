from __future__ import annotations

from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from saccade.data.tracking.live import is_live, open_live
from saccade.data.video import read_video
from saccade.errors import DamagedFileError, UserInputError
from saccade.viewing.video import write_video


class Device:
    """Stands for cv2.VideoCapture: camera 2 gives four frames, blue 0 to 3, and is then pulled."""

    def __init__(self, number: int) -> None:
        self.number, self.given, self.released = number, 0, False

    def isOpened(self) -> bool:
        return self.number == 2

    def get(self, what: int) -> float:
        return 30.0 if what == cv2.CAP_PROP_FPS else 0.0

    def set(self, what: int, value: float) -> bool:
        return True

    def read(self) -> tuple[bool, np.ndarray | None]:
        if self.given == 4:
            return False, None
        self.given += 1
        image = np.zeros((6, 8, 3), np.uint8)
        image[..., 0] = self.given - 1
        return True, image

    def release(self) -> None:
        self.released = True


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> list[Device]:
    """Cameras that were opened."""
    opened: list[Device] = []

    def capture(number: int) -> Device:
        opened.append(Device(number))
        return opened[-1]

    monkeypatch.setattr(cv2, "VideoCapture", capture)
    return opened


def test_a_number_or_an_address_is_live_unless_a_file_is_called_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert is_live("0") and is_live("rtsp://host/stream")
    assert not is_live("video.mp4") and not is_live("a:b.mp4") and not is_live("")
    (tmp_path / "0").touch()
    assert not is_live("0")


def test_a_camera_gives_rgb_frames_until_it_is_let_go(device):
    footage = open_live("2")
    assert (footage.fps, footage.count) == (30.0, 0)
    frames = footage.frames(start=1)
    first, second = islice(frames, 2)
    assert first.shape == (6, 8, 3)
    assert (first[0, 0].tolist(), second[0, 0].tolist()) == ([0, 0, 1], [0, 0, 2])
    assert not device[0].released
    frames.close()
    assert device[0].released


def test_a_camera_that_is_pulled_out_ends_after_its_frames(device):
    frames = open_live("2").frames()
    assert len(list(islice(frames, 4))) == 4
    with pytest.raises(DamagedFileError, match="camera 2 gave no frame 4"):
        next(frames)
    assert device[0].released


@pytest.mark.usefixtures("device")
def test_no_camera_is_one_line():
    with pytest.raises(UserInputError, match=r"^there is no camera 7, .*[^\n]$"):
        open_live("7")


def test_an_address_is_read_as_the_video_that_it_serves(tmp_path: Path):
    pictures = [np.full((32, 48, 3), 40 * i, np.uint8) for i in range(5)]
    write_video(tmp_path / "v.mp4", pictures, fps=12.5, crf=1)
    footage = open_live(f"file://{tmp_path}/v.mp4")
    assert footage.fps == 12.5
    expected = list(read_video(tmp_path / "v.mp4"))
    np.testing.assert_allclose(list(footage.frames()), expected, atol=1)
    assert len(list(footage.frames(start=3))) == 2
    with pytest.raises(UserInputError, match="--start is 9; file://.* had 5 frames"):
        list(footage.frames(start=9))


@pytest.mark.parametrize("address", ["rtsp://127.0.0.1:1/x", "nosuch://host/x", "file:///nowhere"])
def test_an_address_that_does_not_answer_is_one_line(address: str):
    with pytest.raises(UserInputError, match=f"cannot open {address}") as caught:
        open_live(address)
    assert "\n" not in str(caught.value)
