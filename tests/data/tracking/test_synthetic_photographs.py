from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from saccade.data.tracking.synthetic import SyntheticConfig, generate_clip, photographs
from saccade.data.tracking.synthetic.photographs import (
    GROUNDS,
    SCENES,
    SOURCES,
    cutouts,
    faces,
    find_file,
    photograph,
)
from saccade.errors import StorageError


def test_the_splits_share_no_photograph() -> None:
    assert not SOURCES["train"].keys() & SOURCES["test"].keys()
    contents = [
        {
            find_file(package, f"{folder}/{name}").read_bytes()
            for name, (package, folder) in s.items()
        }
        for s in SOURCES.values()
    ]
    assert not contents[0] & contents[1]


def test_the_splits_share_no_face_and_no_cutout() -> None:
    known = {face.tobytes() for face in faces("train")}
    assert not any(face.tobytes() in known for face in faces("test"))
    shapes = {cutout.pixels.tobytes() for cutout in cutouts("train")}
    assert not any(cutout.pixels.tobytes() in shapes for cutout in cutouts("test"))


@pytest.mark.parametrize("split", ["train", "test"])
def test_a_clip_opens_only_photographs_of_its_split(
    split: photographs.Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: set[str] = set()

    def spy(package: str, inside: str) -> Path:
        opened.add(Path(inside).name)
        return find_file(package, inside)

    monkeypatch.setattr(photographs, "find_file", spy)
    for cached in (photograph, cutouts, faces):
        cached.cache_clear()
    for index in range(5):
        generate_clip(0, index, SyntheticConfig(frames=1, height=48, width=64, split=split))
    assert opened and opened <= {*SOURCES[split], "lfw_subset.npy"}


@pytest.mark.parametrize("split", ["train", "test"])
def test_every_photograph_is_there_and_rgb(split: photographs.Split) -> None:
    for name in SOURCES[split]:
        pixels = photograph(split, name)
        assert pixels.dtype == np.uint8 and pixels.ndim == 3 and max(pixels.shape) <= 640
    assert {*SCENES[split], *GROUNDS[split]} <= SOURCES[split].keys()


def test_channels_are_red_green_blue() -> None:
    suit = photograph("train", "astronaut.png")[300:340, 60:100].mean((0, 1))
    assert suit[0] > suit[1] > suit[2]


def test_photographs_cannot_be_changed_by_who_uses_them() -> None:
    with pytest.raises(ValueError, match="read-only"):
        photograph("train", "china.jpg")[0, 0] = 0


@pytest.mark.parametrize("split", ["train", "test"])
def test_outlines_enclose_area_inside_their_pixels(split: photographs.Split) -> None:
    for cutout in cutouts(split):
        h, w = cutout.pixels.shape[:2]
        assert cv2.contourArea(cutout.outline.astype(np.float32)) > 0.3 * h * w
        assert cutout.outline.min() >= 0
        assert (cutout.outline.max(0) <= (w + 1, h + 1)).all()


def test_a_missing_package_is_said_in_one_line() -> None:
    with pytest.raises(StorageError, match="run: pip install no_such_package"):
        find_file("no_such_package", "x.png")
    with pytest.raises(StorageError, match=r"nothing\.png is missing"):
        find_file("skimage", "data/nothing.png")
