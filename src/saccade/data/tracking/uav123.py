"""UAV123: Mueller, Smith and Ghanem, "A Benchmark and Simulator for UAV Tracking", ECCV 2016.

    anno/UAV123/bike1.txt               x,y,w,h a frame, NaN where the object is absent
    data_seq/UAV123/bike1/000001.jpg    the frames

Some videos are cut into sequences that share their folder of frames: car1_1.txt to car1_3.txt are
parts of data_seq/UAV123/car1. Which frames a part has is in the benchmark's own list (its
configSeqs.m), which is repeated here.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from saccade.data.tracking.annotation import (
    check_folder,
    frame_truth,
    image_frames,
    numbered_images,
    read_table,
)
from saccade.data.tracking.frames import ImageFrames
from saccade.data.tracking.sequence import TrackingSequence
from saccade.errors import DamagedFileError, UserInputError
from saccade.left_out import LeftOut, attempt, require_all

ANNOTATIONS, FRAMES = Path("anno/UAV123"), Path("data_seq/UAV123")

_PARTS = {
    "bird1": ((1, 253), (775, 1477), (1573, 2437)),
    "car1": ((1, 751), (751, 1627), (1627, 2629)),
    "car6": ((1, 487), (487, 1807), (1807, 2953), (2953, 3925), (3925, 4861)),
    "car8": ((1, 1357), (1357, 2575)),
    "car16": ((1, 415), (415, 1993)),
    "group1": ((1, 1333), (1333, 2515), (2515, 3925), (3925, 4873)),
    "group2": ((1, 907), (907, 1771), (1771, 2683)),
    "group3": ((1, 1567), (1567, 2827), (2827, 4369), (4369, 5527)),
    "person2": ((1, 1189), (1189, 2623)),
    "person4": ((1, 1501), (1501, 2743)),
    "person5": ((1, 877), (877, 2101)),
    "person7": ((1, 1249), (1249, 2065)),
    "person8": ((1, 1075), (1075, 1525)),
    "person12": ((1, 601), (601, 1621)),
    "person14": ((1, 847), (847, 1813), (1813, 2923)),
    "person17": ((1, 1501), (1501, 2347)),
    "person19": ((1, 1243), (1243, 2791), (2791, 4357)),
    "truck4": ((1, 577), (577, 1261)),
    "uav1": ((1, 1555), (1555, 2377), (2473, 3469)),
}
"""Numbers of the first and last frame of each part of a video, in the order of its parts."""


def read_uav123(folder: str | Path) -> list[TrackingSequence]:
    """Read UAV123's sequences; `group` is the folder of frames.

    Pixels count from 1, as in OTB, whose programs the benchmark uses. A box without extent, or
    with NaN, is an absent object.

    Raises:
        UserInputError: The folder has no annotations where UAV123 has them.
        DamagedFileError: A frame is missing, a line is malformed, their numbers differ, or it is
            not known which frames of a video a sequence has.
    """
    return require_all(scan_uav123(folder))


def scan_uav123(folder: str | Path) -> Iterator[TrackingSequence | LeftOut]:
    """Read as `read_uav123` does; sequences that cannot be read are left out.

    Raises:
        UserInputError: The folder has no annotations where UAV123 has them.
    """
    root = Path(folder)
    check_folder(root, "UAV123")
    annotations = sorted((root / ANNOTATIONS).glob("[!.]*.txt"))
    if not annotations:
        raise UserInputError(
            f"{root} holds no UAV123 sequence; expected {ANNOTATIONS}/NAME.txt in it, and "
            f"{FRAMES}/NAME with frames"
        )
    for path in annotations:
        yield attempt(path.stem, partial(_read, root, path))


def _read(root: Path, annotation: Path) -> TrackingSequence:
    rows = read_table(annotation, (4,), "x,y,width,height", allow_nan=True)
    video, frames = _frames(root / FRAMES, annotation.stem)
    boxes = np.array(rows, np.float64) - [1, 1, 0, 0]
    truth = frame_truth(annotation, boxes, len(frames))
    name = annotation.stem
    return TrackingSequence(name, frames, truth.boxes, group=video, unknown=truth.unknown)


def _frames(root: Path, name: str) -> tuple[str, ImageFrames]:
    """The video of a sequence, and its frames."""
    if (root / name).is_dir():
        return name, image_frames(root / name)
    video, _, part = name.rpartition("_")
    number = int(part) if part.isdecimal() else 0
    if not 1 <= number <= len(_PARTS.get(video, ())):
        raise DamagedFileError(
            f"{root} has no folder {name}, nor is {name} a part of a video in UAV123's list; "
            "expected one of both"
        )
    first, last = _PARTS[video][number - 1]
    images = numbered_images(root / video)
    if not (first in images and last in images):
        raise DamagedFileError(
            f"{root / video} lacks frames {first} to {last}, which {name} has in UAV123's list"
        )
    return video, ImageFrames(tuple(images[number] for number in range(first, last + 1)))
