"""One-pass evaluation: the box is given once, then the tracker is on its own to the end."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float32

from saccade.data.tracking.sequence import TrackingSequence
from saccade.errors import UserInputError
from saccade.systems.hart.baselines import FrameTracker
from saccade.systems.hart.measures import OnePass, one_pass
from saccade.systems.hart.tracker import Box


@dataclass(frozen=True)
class Followed:
    """What a tracker made of one sequence.

    Attributes:
        name: Of the sequence.
        boxes: (x, y, w, h) [pixels]; the first one is given, before it NaN.
        measures: How good they are.
        frames: Frames that the tracker was asked about.
        seconds: What it took for them; reading them does not count.
    """

    name: str
    boxes: Float32[np.ndarray, "t 4"]
    measures: OnePass
    frames: int
    seconds: float

    @property
    def fps(self) -> float:
        """Frames a second; NaN where none was asked about."""
        return _rate(self.frames, self.seconds)


def follow(tracker: FrameTracker, sequence: TrackingSequence) -> Followed:
    """Follow a sequence's object from the first frame it is in to the last frame.

    Raises:
        UserInputError: The object is in none of the frames.
        DamagedFileError: A frame cannot be read.
    """
    start = sequence.start
    if not sequence.present[start]:
        raise UserInputError(
            f"{sequence.name} has no box in any of its {len(sequence)} frames; expected one"
        )
    boxes = np.full((len(sequence), 4), np.nan, np.float32)
    boxes[start] = sequence.boxes[start]
    tracker.init(sequence.frame(start), _box(sequence.boxes[start]))
    seconds = 0.0
    for index in range(start + 1, len(sequence)):
        frame = sequence.frame(index)
        begin = time.perf_counter()
        boxes[index] = tracker.update(frame)
        seconds += time.perf_counter() - begin
    measures = one_pass(boxes, sequence.boxes)
    return Followed(sequence.name, boxes, measures, len(sequence) - start - 1, seconds)


def evaluate(
    tracker: FrameTracker,
    sequences: Iterable[TrackingSequence],
    stop: Callable[[], bool] = lambda: False,
) -> list[Followed]:
    """Follow the object of every sequence.

    Args:
        tracker: Is started anew for each.
        sequences: They may be made while they are asked for.
        stop: Asked before each; once true, what is done is returned.
    """
    done = []
    for sequence in sequences:
        if stop():
            break
        done.append(follow(tracker, sequence))
    return done


def results(followed: Sequence[Followed]) -> dict[str, Any]:
    """The fields "sequences" and "mean" of a results.json; what is not known is None.

    Each has "iou_60" ("without_first", "with_first"), "auc", "precision_20" and "fps". The mean of
    a measure is that over the sequences; that of "fps" is over all frames.
    """
    each = [{"name": one.name, "frames": len(one.boxes), **_measures(one)} for one in followed]
    ious = {
        kind: _mean([row["iou_60"][kind] for row in each])
        for kind in ("without_first", "with_first")
    }
    fps = _rate(sum(one.frames for one in followed), sum(one.seconds for one in followed))
    mean = {
        "iou_60": ious,
        "auc": _mean([row["auc"] for row in each]),
        "precision_20": _mean([row["precision_20"] for row in each]),
        "fps": _known(fps),
    }
    return {"sequences": each, "mean": mean}


def compare(
    trackers: Mapping[str, FrameTracker], sequences: Sequence[TrackingSequence]
) -> dict[str, dict[str, Any]]:
    """`results` of several trackers on the same sequences, by name."""
    return {name: results(evaluate(one, sequences)) for name, one in trackers.items()}


def _measures(one: Followed) -> dict[str, Any]:
    measures = one.measures
    return {
        "iou_60": {
            "without_first": _known(measures.mean_iou_without_first),
            "with_first": _known(measures.mean_iou),
        },
        "auc": _known(measures.success_auc),
        "precision_20": _known(measures.precision),
        "fps": _known(one.fps),
    }


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _known(value: float) -> float | None:
    """JSON has no NaN."""
    return None if math.isnan(value) else float(value)


def _rate(frames: int, seconds: float) -> float:
    return frames / seconds if frames and seconds > 0 else math.nan


def _box(values: Float32[np.ndarray, "4"]) -> Box:
    x, y, w, h = values.tolist()
    return x, y, w, h
