from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from multi_view_scenes import pictures
from saccade.data.multi_view.content import check_content
from saccade.data.tracking.frames import ArrayFrames
from saccade.errors import UserInputError


class Counting(ArrayFrames):
    """Pictures that note which of them were read."""

    def __init__(self, images: np.ndarray) -> None:
        super().__init__(images)
        object.__setattr__(self, "seen", [])

    def read(self, index: int) -> np.ndarray:
        self.seen.append(index)  # pyright: ignore[reportAttributeAccessIssue]
        return super().read(index)


TIMES = np.arange(5, dtype=np.uint8).reshape(5, 1, 1, 1)


def noise(n: int, level: int, spread: int) -> np.ndarray:
    rng = np.random.default_rng(1)
    return rng.integers(level, level + spread, (n, 32, 48, 3)).astype(np.uint8)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (noise(5, 0, 20), "left is black in all 5 frames"),
        (np.zeros((5, 32, 48, 3), np.uint8), "left is black in all 5 frames"),
        (np.full((5, 32, 48, 3), 200, np.uint8), "left is of one colour in each of its 5 frames"),
        (np.zeros((5, 32, 48, 3), np.uint8) + TIMES * 50, "of one colour in each of its 5 frames"),
        (np.repeat(pictures(1), 5, axis=0), "left never changes: all 5 frames are alike"),
        (np.repeat(pictures(1, width=48), 5, axis=0) + noise(5, 0, 5), "never changes"),
    ],
)  # fmt: skip
def test_a_view_that_shows_nothing_is_refused(images: np.ndarray, message: str) -> None:
    with pytest.raises(UserInputError, match=message):
        check_content(ArrayFrames(images), "left")


def late(at: int) -> Iterator[np.ndarray]:
    """A scene that is dark, or stands still, until a frame."""
    yield np.concatenate([np.zeros((at, 32, 32, 3), np.uint8), pictures(8 - at)])
    yield np.concatenate([np.repeat(pictures(1), at, axis=0), pictures(8 - at)])


@pytest.mark.parametrize("at", [1, 3, 6])
def test_a_view_may_begin_late(at: int) -> None:
    for images in late(at):
        check_content(ArrayFrames(images), "left")


def test_only_as_many_frames_are_read_as_are_needed() -> None:
    view = Counting(pictures(30))
    check_content(view, "left")
    assert view.seen == [0, 1]  # pyright: ignore[reportAttributeAccessIssue]


def test_a_small_object_in_a_large_picture_is_a_change() -> None:
    images = np.repeat(np.kron(pictures(1)[0], np.ones((20, 20, 1), np.uint8))[None], 2, axis=0)
    images[1, 300:340, 400:440] = 255  # 40 pixels of 640
    check_content(ArrayFrames(images), "left")
