"""Tiny datasets in every tracking format: white objects on a dark ramp, so that boxes can be seen.

Boxes are whole numbers here, x, y, w, h from 0; each writer turns them into its format's own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

Box = tuple[int, int, int, int] | None


@dataclass(frozen=True)
class Expected:
    """What a reader should give for one object."""

    name: str
    boxes: list[Box]


@dataclass(frozen=True)
class Fixture:
    """A dataset on disk."""

    folder: Path
    sequences: list[Expected]
    annotation: Path
    """A text file with one line an annotation."""
    frame: Path
    """The second frame of the first sequence."""


def moving(n: int, x: int = 5, y: int = 7, w: int = 6, h: int = 4) -> list[Box]:
    return [(x + 2 * i, y + i, w, h) for i in range(n)]


def picture(boxes: Sequence[Box], width: int = 64, height: int = 48) -> np.ndarray:
    rows, cols = np.mgrid[:height, :width]
    image = np.stack([cols % 90, rows % 80, (rows + cols) % 70], axis=2).astype(np.uint8)
    for box in boxes:
        if box is not None:
            x, y, w, h = box
            image[y : y + h, x : x + w] = 255
    return image


def fits(image: np.ndarray, box: np.ndarray) -> bool:
    """All is white inside, and nothing is in the ring of one pixel around."""
    x, y, w, h = (int(v) for v in box)
    white = np.pad(image.min(axis=2) > 200, 1)
    outer = white[y : y + h + 2, x : x + w + 2]
    return bool(outer[1:-1, 1:-1].all() and outer.sum() == w * h)


def save(path: Path, image: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path, quality=95)


def save_frames(
    folder: Path,
    tracks: Sequence[Sequence[Box]],
    name: str = "{:04d}.png",
    first: int = 1,
    size: tuple[int, int] = (64, 48),
) -> None:
    for i, boxes in enumerate(zip(*tracks, strict=True)):
        save(folder / name.format(first + i), picture(boxes, *size))


def save_lines(path: Path, lines: Sequence[str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
    return path


def write_otb(root: Path, separator: str = ",", first: int = 300) -> Fixture:
    boxes = moving(5)
    folder = root / "Walker"
    save_frames(folder / "img", [boxes], first=first)
    lines = [separator.join(map(str, (x + 1, y + 1, w, h))) for x, y, w, h in filter(None, boxes)]
    annotation = save_lines(folder / "groundtruth_rect.txt", lines)
    frame = folder / "img" / f"{first + 1:04d}.png"
    return Fixture(root, [Expected("Walker", boxes)], annotation, frame)


def write_vot(root: Path) -> Fixture:
    boxes = moving(4)
    folder = root / "bag"
    save_frames(folder, [boxes], "{:08d}.png")
    lines = []
    for i, (x, y, w, h) in enumerate(filter(None, boxes)):
        corners = (x, y + h, x, y, x + w, y, x + w, y + h)
        values = (x, y, w, h) if i == 0 else corners
        lines.append(",".join(f"{v:.2f}" for v in values))
    annotation = save_lines(folder / "groundtruth.txt", lines)
    return Fixture(root, [Expected("bag", boxes)], annotation, folder / "00000002.png")


def write_got10k(root: Path) -> Fixture:
    boxes = moving(4)
    folder = root / "GOT-10k_Val_000001"
    boxes[2] = None
    save_frames(folder, [boxes], "{:08d}.png")
    written = [(1, 2, 3, 4) if box is None else box for box in boxes]
    lines = [",".join(f"{v:.4f}" for v in box) for box in written]
    annotation = save_lines(folder / "groundtruth.txt", lines)
    save_lines(folder / "absence.label", ["0", "0", "1", "0"])
    return Fixture(root, [Expected(folder.name, boxes)], annotation, folder / "00000002.png")


def write_tld(root: Path) -> Fixture:
    boxes: list[Box] = [None, *moving(3)]
    folder = root / "06_car"
    save_frames(folder, [boxes], "{:05d}.png")
    lines = [
        "NaN,NaN,NaN,NaN" if b is None else f"{b[0] + 1},{b[1] + 1},{b[0] + b[2]},{b[1] + b[3]}"
        for b in boxes
    ]
    annotation = save_lines(folder / "gt.txt", lines)
    return Fixture(root, [Expected("06_car", boxes)], annotation, folder / "00002.png")


def write_mot(root: Path) -> Fixture:
    one: list[Box] = moving(5)
    one[2] = None
    two: list[Box] = [None, *moving(3, 30, 20), None]
    folder = root / "MOT16-02"
    save_frames(folder / "img1", [one, two], "{:06d}.png")
    lines = [
        f"{t + 1},{identity},{b[0] + 1},{b[1] + 1},{b[2]},{b[3]},1,1,0.8"
        for identity, boxes in ((3, one), (8, two))
        for t, b in enumerate(boxes)
        if b is not None
    ]
    # A reflection, which is not considered.
    annotation = save_lines(folder / "gt" / "gt.txt", [*lines, "1,9,40,40,5,5,0,12,1"])
    save_lines(folder / "seqinfo.ini", ["[Sequence]", "imDir=img1", "seqLength=5"])
    expected = [Expected("MOT16-02/3", one), Expected("MOT16-02/8", two[1:4])]
    return Fixture(root, expected, annotation, folder / "img1" / "000002.png")


def kitti_line(
    frame: int, identity: int, box: Box, label: str = "Car", truncated: int = 0, occluded: int = 0
) -> str:
    assert box is not None
    x, y, w, h = box
    corners = f"{x:.6f} {y:.6f} {x + w:.6f} {y + h:.6f}"
    return f"{frame} {identity} {label} {truncated} {occluded} -1.57 {corners} 1 2 3 4 5 6 7"


def write_kitti(root: Path) -> Fixture:
    car: list[Box] = moving(6)
    walker: list[Box] = [None, *moving(4, 30, 20), None]
    save_frames(root / "training/image_02/0000", [car, walker], "{:06d}.png", first=0)
    lines = [
        kitti_line(0, 0, car[0]),
        kitti_line(1, 0, car[1], occluded=1),
        kitti_line(2, 0, car[2], occluded=2),  # dropped, so that the car reappears
        kitti_line(3, 0, car[3], truncated=1),
        kitti_line(4, 0, car[4], truncated=2),  # dropped
        kitti_line(5, 0, car[5]),
        "2 -1 DontCare -1 -1 -10 1 2 3 4 -1000 -1000 -1000 -10 -1 -1 -1",
        *(kitti_line(t, 1, walker[t], "Pedestrian") for t in range(1, 5)),
    ]
    annotation = save_lines(root / "training/label_02/0000.txt", lines)
    expected = [
        Expected("0000/0", car[:2]),
        Expected("0000/2", [car[3]]),
        Expected("0000/3", [car[5]]),
        Expected("0000/1", walker[1:5]),
    ]
    return Fixture(root, expected, annotation, root / "training/image_02/0000/000001.png")


def write_kth(root: Path) -> Fixture:
    boxes = [moving(3), moving(3, 20, 30, 8, 20)]
    lines = ["# KTH bounding boxes", "# person scenario action sequence start end boxes", "#", "#"]
    expected = []
    for person, track in enumerate(boxes, start=1):
        video = f"person{person:02d}_walking_d1"
        padded: list[Box] = [None, *track, None]
        folder = root / "frames" / f"{video}_uncomp"
        save_frames(folder, [padded], "{:03d}.png", size=(160, 120))
        flat = " ".join(f"{b[1]} {b[0]} {b[1] + b[3]} {b[0] + b[2]}" for b in filter(None, track))
        lines.append(f"{person} 1 6 2 2 4 {flat}")
        expected.append(Expected(f"{video}/2", track))
    annotation = save_lines(root / "KTHBoundingBoxInfo.txt", lines)
    frame = root / "frames/person01_walking_d1_uncomp/003.png"
    return Fixture(root, expected, annotation, frame)


def write_uav123(root: Path) -> Fixture:
    boxes = moving(5)
    boxes[3] = None
    folder = root / "data_seq/UAV123/wakeboard1"
    save_frames(folder, [boxes], "{:06d}.png")
    lines = [
        "NaN,NaN,NaN,NaN" if b is None else f"{b[0] + 1},{b[1] + 1},{b[2]},{b[3]}" for b in boxes
    ]
    annotation = save_lines(root / "anno/UAV123/wakeboard1.txt", lines)
    return Fixture(root, [Expected("wakeboard1", boxes)], annotation, folder / "000002.png")


WRITERS: dict[str, Callable[[Path], Fixture]] = {
    "otb": write_otb,
    "kitti": write_kitti,
    "got10k": write_got10k,
    "mot": write_mot,
    "vot": write_vot,
    "tld": write_tld,
    "kth": write_kth,
    "uav123": write_uav123,
}
