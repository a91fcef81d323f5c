"""A followed sequence for reports: some of its frames in words, and in pictures where wanted.

Following it again gives the same boxes: pictures are made afterwards, of the few sequences that a
report shows, and encoded where they are drawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from saccade.data.tracking.sequence import TrackingSequence
from saccade.systems.hart.evaluate import Followed, follow
from saccade.systems.hart.evaluation.baselines import FrameTracker
from saccade.systems.hart.pictures.drawing import Rgb
from saccade.systems.hart.pictures.frames import tracking_pictures
from saccade.systems.hart.tracker import Box
from saccade.training.workers import Workers, map_episodes
from saccade.viewing.images import encode_image
from saccade.viewing.report import ScenarioReport, Step, pictured_scenarios

STEPS = 10
"""Frames of a sequence that a report shows."""
FAILED_BELOW, GOOD_FROM = 0.5, 0.5
"""Mean IoU of a failed sequence; IoU of a good frame."""

Pictures = dict[int, dict[str, bytes]]
"""Encoded pictures by frame and name."""


def shown_frames(one: Followed) -> list[int]:
    """The frames that a report shows, evenly spread from the first prediction to the end."""
    last = len(one.boxes) - 1
    first = min(last, last - one.frames + 1)
    return sorted({round(value) for value in np.linspace(first, last, STEPS)})


def worst_first(followed: Sequence[Followed]) -> list[int]:
    """Indices of sequences by rising mean IoU of the first 60 frames; unknown ones last."""
    ious = [one.measures.mean_iou_without_first for one in followed]
    return sorted(range(len(followed)), key=lambda i: math.inf if math.isnan(ious[i]) else ious[i])


def choose_pictured(followed: Sequence[Followed], limit: int) -> list[int]:
    """Indices of the sequences whose pictures the report keeps: the worst, and some good ones."""
    order = worst_first(followed)
    chosen = pictured_scenarios([sequence_report(followed[i]) for i in order], limit)
    return sorted(order[i] for i in chosen)


def draw_sequences(
    make_tracker: Callable[[], FrameTracker],
    sequences: Sequence[TrackingSequence],
    followed: Sequence[Followed],
    indices: Sequence[int],
    workers: Workers | int = 1,
    stop: Callable[[], bool] | None = None,
) -> Iterator[Pictures]:
    """Follow chosen sequences once more and draw the frames that a report shows.

    Args:
        make_tracker: Maker of the tracker that followed the sequences.
        sequences: All sequences that were to be followed.
        followed: Results of the sequences that could be followed.
        indices: Indices of the results that are drawn.
        workers: Workers, or a number of processes.
        stop: Callback that is asked between sequences; once it is true, no more come.
    """
    frames = {followed[index].place: shown_frames(followed[index]) for index in indices}
    job = partial(_draw, sequences=sequences, frames=frames)
    return map_episodes(job, frames, workers, setup=make_tracker, stop=stop)


def _draw(
    tracker: FrameTracker,
    place: int,
    sequences: Sequence[TrackingSequence],
    frames: dict[int, list[int]],
) -> Pictures:
    sequence, wanted, drawn = sequences[place], frames[place], Pictures()

    def note(at: int, frame: Rgb, box: Box) -> None:
        if at in wanted:
            pictures = tracking_pictures(frame, tracker, box, sequence.boxes[at])
            drawn[at] = {name: encode_image(each) for name, each in pictures.items()}

    follow(tracker, sequence, note)
    return drawn


def sequence_report(one: Followed, pictures: Pictures | None = None) -> ScenarioReport:
    """A sequence in the report; it failed where its mean IoU is below 0.5."""
    measures = one.measures
    summary = {
        "IoU": _number(measures.mean_iou_without_first),
        "AUC": _number(measures.success_auc),
        "frames": len(one.boxes),
    }
    steps = [_step(one, at, (pictures or {}).get(at, {})) for at in shown_frames(one)]
    failed = measures.mean_iou_without_first < FAILED_BELOW
    return ScenarioReport(one.name, summary, failed, steps)


def _step(one: Followed, at: int, pictures: dict[str, bytes]) -> Step:
    iou, confidence = float(one.ious[at]), float(one.confidence[at])
    nothing = math.isnan(iou)
    where = "the object is absent" if one.absent[at] else "where the object is is not known"
    text = f"frame {at}: {where if nothing else f'IoU {iou:.2f}'}"
    if not math.isnan(confidence):
        text += f", confidence {confidence:.2f}"
    mark = "neutral" if nothing else "good" if iou >= GOOD_FROM else "bad"
    return Step(pictures, text, mark)


def _number(value: float) -> str:
    return "unknown" if math.isnan(value) else f"{value:.2f}"
