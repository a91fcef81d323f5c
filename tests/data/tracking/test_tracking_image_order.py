"""Images of a folder come in natural order of their names, or are refused."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from saccade.data.tracking.annotation import image_frames, numbered_images
from saccade.data.tracking.image_order import natural_order
from saccade.errors import DamagedFileError


@pytest.mark.parametrize(
    "names",
    [
        [f"{i}.png" for i in range(8, 12)],
        [f"{i:04d}.jpg" for i in (9998, 9999, 10000)],
        [f"take7_{i}.png" for i in range(8, 12)],
        [f"{i}_640x480.png" for i in range(8, 12)],
        [f"12-00-{s:02d}.png" for s in (30, 31, 59)] + ["12-01-00.png", "12-01-29.png"],
        [f"part1_{i:02d}.png" for i in range(10, 13)] + ["part2_00.png", "part2_01.png"],
        ["part1_9.png", "part1_10.png", "part2_1.png", "part10_0.png"],
        ["1623456789.250000.png", "1623456789.750000.png", "1623456790.125000.png"],
        [f"{i:03d}_t0.{i}.png" for i in range(8, 12)],
        ["only7.png"],
    ],
)
def test_names_in_natural_order(tmp_path: Path, names: list[str]) -> None:
    shuffled = random.Random(0).sample(names, len(names))
    for name in shuffled:
        (tmp_path / name).touch()
    ordered = natural_order(tmp_path / name for name in shuffled)
    assert [path.name for path in ordered.values()] == names
    assert [path.name for path in image_frames(tmp_path).paths] == names


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["left_1.png", "right_1.png"], "left_1.png and right_1.png differ in more than"),
        (["0001.png", "0001_mask.png"], "differ in more than their numbers"),
        (["1.png", "01.png", "2.png"], "have the same frame number"),
        (["1.png", "1.jpg"], "1.jpg and 1.png have the same frame number"),
        (["1_5.png", "1_05.png", "2_1.png"], "have the same frame number"),
        (["1_9.png", "1_010.png", "2_01.png"], "are padded with zeros in part"),
        (["1.5.png", "1.25.png", "2.5.png"], "1.5.png and 1.25.png may be decimals"),
        (["at_-1.png", "at_-2.png"], "may have numbers below zero"),
    ],
)
def test_two_possible_orders_are_refused(tmp_path: Path, names: list[str], words: str) -> None:
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(DamagedFileError, match=f"two orders are possible in .*{words}") as caught:
        image_frames(tmp_path)
    assert "\n" not in str(caught.value)


def test_frames_that_are_named_by_number_have_one(tmp_path: Path) -> None:
    for name in ("a1_08.png", "a1_09.png", "a2_00.png"):
        (tmp_path / name).touch()
    with pytest.raises(DamagedFileError, match="a1_08.png and a2_00.png differ in several numbers"):
        numbered_images(tmp_path)
    (tmp_path / "a2_00.png").unlink()
    assert list(numbered_images(tmp_path)) == [8, 9]
