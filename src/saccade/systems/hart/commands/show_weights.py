"""What `saccade show` says of weights: how they follow a generated clip."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from saccade.data.tracking.measures import mean_iou
from saccade.data.tracking.sequence import TrackingSequence
from saccade.data.tracking.synthetic.config import SyntheticConfig
from saccade.data.tracking.synthetic.sequences import SyntheticSequences
from saccade.systems.hart.pictures.film import GAP, Film, Sight
from saccade.systems.hart.tracker import Box, VideoTracker
from saccade.systems.hart.weights import load
from saccade.viewing.images import save_png
from saccade.viewing.montage import side_by_side

STRIP_FILE = "followed.png"
SHOWN = (1, 20, 40, 59)
"""Numbers of the frames that the strip shows."""
CLIP = SyntheticConfig(frames=60, split="test")


def show(folder: Path, out: Path, seed: int) -> list[Path]:
    """Write how a generated clip is followed.

    Raises:
        DamagedFileError: The weights are damaged.
    """
    tracker = load(folder)
    strip, iou = followed_strip(tracker, SyntheticSequences(seed, 1, CLIP)[0])
    print(f"\na generated clip (test, seed {seed}): IoU {iou:.3f} over 59 frames")
    save_png(out / STRIP_FILE, strip)
    return [out / STRIP_FILE]


def followed_strip(
    tracker: VideoTracker, sequence: TrackingSequence
) -> tuple[UInt8[np.ndarray, "_ _ 3"], float]:
    """Some frames of a sequence with the tracker's box, its glimpses and location maps below.

    Returns:
        The picture, and the mean IoU without the first frame.
    """
    film = Film(*sequence.size, tracker.has_location)
    x, y, w, h = sequence.boxes[0].tolist()
    tracker.init(sequence.frame(0), (x, y, w, h))
    boxes: list[Box] = [(x, y, w, h)]
    columns, titles = [], []
    for index in range(1, len(sequence)):
        frame = sequence.frame(index)
        boxes.append(tracker.update(frame))
        if index in SHOWN:
            sight = Sight.of(tracker)
            columns.append(_column([film.picture(frame, sight), *film.panels(sight)]))
            titles.append(f"frame {index}{', lost' if sight.lost else ''}")
    iou = mean_iou(np.array(boxes, np.float32), sequence.boxes, include_first=False)
    return side_by_side(columns, titles, font_px=28), iou


def _column(pictures: list[UInt8[np.ndarray, "_ _ 3"]]) -> UInt8[np.ndarray, "_ _ 3"]:
    width = max(picture.shape[1] for picture in pictures)
    padded = []
    for picture in pictures:
        left = (width - picture.shape[1]) // 2
        right = width - picture.shape[1] - left
        padded.append(np.pad(picture, ((0, GAP), (left, right), (0, 0)), constant_values=255))
    return np.concatenate(padded)
