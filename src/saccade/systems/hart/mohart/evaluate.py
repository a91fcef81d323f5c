"""Several objects of a video at once: how well they are followed, how often they are mixed up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Float32

from saccade.data.tracking.frames import ArrayFrames
from saccade.data.tracking.measures import identity_switches, step_iou
from saccade.data.tracking.mot import scan_mot_videos
from saccade.data.tracking.sequence import MultiObjectSequence
from saccade.data.tracking.sources import SEQUENCES, SequenceSource
from saccade.data.tracking.synthetic import SyntheticConfig, generate_clip
from saccade.data.tracking.synthetic.sequences import LEAST_SEEN
from saccade.errors import UserInputError
from saccade.left_out import LeftOut, divide, nothing_left
from saccade.systems.hart.learning.clips import SEEN_AT_FIRST
from saccade.systems.hart.mohart.tracker import MultiTracker
from saccade.wording import counted


@dataclass(frozen=True)
class FollowedTogether:
    """What a tracker made of one video.

    Attributes:
        name: Name of the video.
        boxes: Boxes (x, y, w, h) [pixels]; NaN before an object is given.
        lost: Whether the tracker says of each box that it is not to be believed.
        iou: Mean over all frames in which an object has a box, but that in which it is given; NaN
            without any.
        iou_frames: Number of the frames that `iou` is a mean of.
        identity_switches: Number of times that an object is found by another track than the last
            that had found it. Boxes that are called lost find nothing.
    """

    name: str
    boxes: Float32[np.ndarray, "n t 4"]
    lost: Bool[np.ndarray, "n t"]
    iou: float
    iou_frames: int
    identity_switches: int


def follow_together(tracker: MultiTracker, video: MultiObjectSequence) -> FollowedTogether:
    """Follow every object of a video from the first frame in which it is, to the last frame.

    Raises:
        UserInputError: No object is in any of the frames.
        DamagedFileError: A frame cannot be read.
    """
    starts = _starts(video)
    order = np.argsort(starts, kind="stable")
    order = order[starts[order] < video.n_frames]
    if not len(order):
        raise UserInputError(
            f"{video.name} has no object in any of its {counted(video.n_frames, 'frame')}; "
            "expected one"
        )
    boxes = np.full(video.boxes.shape, np.nan, np.float32)
    lost = np.zeros(video.boxes.shape[:2], bool)
    for t in range(int(starts[order[0]]), video.n_frames):
        frame = video.frame(t)
        known, new = order[starts[order] < t], order[starts[order] == t]
        if len(known):
            boxes[known, t] = tracker.update(frame)[0]
            lost[known, t] = tracker.lost
        if len(new):
            boxes[new, t] = video.boxes[new, t]
            (tracker.add if len(known) else tracker.init)(frame, boxes[new, t].tolist())
    return _judged(video, boxes, lost, starts)


def multi_results(done: Sequence[FollowedTogether]) -> dict[str, Any]:
    """What came of following the objects of some videos, as results.json has it.

    What relations are worth is seen beside `MultiTracker(network, related=False)`, or fairer beside
    a network that has learnt without them.

    Returns:
        "videos", each with "name", "objects", "frames", "iou" and "identity_switches"; and "mean"
        with the "iou" over all frames of all objects and the sum of "identity_switches". An IoU
        that is not known is None.
    """
    frames = sum(one.iou_frames for one in done)
    total = sum(one.iou * one.iou_frames for one in done if one.iou_frames)
    return {
        "videos": [_row(one) for one in done],
        "mean": {
            "iou": total / frames if frames else None,
            "identity_switches": sum(one.identity_switches for one in done),
        },
    }


def synthetic_videos(
    seed: int, clips: range, config: SyntheticConfig
) -> Iterator[MultiObjectSequence]:
    """Generated clips with all their objects, each from the first frame in which it is in sight.

    Args:
        seed: Seed of the series.
        clips: Indices of the clips in the series.
        config: Settings of the clips.
    """
    for index in clips:
        clip = generate_clip(seed, index, config)
        boxes, seen = clip.boxes.transpose(1, 0, 2), clip.visible.T
        known = np.maximum.accumulate(seen >= SEEN_AT_FIRST, axis=1) & (seen > LEAST_SEEN)
        (objects,) = np.nonzero(known.any(axis=-1))
        boxes = np.where(known[..., None], boxes, np.nan).astype(np.float32)[objects]
        name = f"{config.split}-{seed}-{index:04d}"
        ids = tuple(int(k) for k in objects)
        yield MultiObjectSequence(name, ArrayFrames(clip.frames), boxes, ids, ("",) * len(ids))


def _starts(video: MultiObjectSequence) -> np.ndarray:
    """The first frame in which each object has a box that reaches into the frame; T if none."""
    low, high = video.boxes[..., :2], video.boxes[..., :2] + video.boxes[..., 2:]
    inside = ((low < np.array(video.size)) & (high > 0)).all(axis=-1)  # false for NaN
    return np.where(inside.any(axis=-1), inside.argmax(axis=-1), video.n_frames)


def _judged(
    video: MultiObjectSequence,
    boxes: Float32[np.ndarray, "n t 4"],
    lost: Bool[np.ndarray, "n t"],
    starts: np.ndarray,
) -> FollowedTogether:
    ious = [
        step_iou(boxes[k], video.boxes[k])[start + 1 :]
        for k, start in enumerate(starts)
        if start + 1 < video.n_frames
    ]
    known = np.concatenate([*ious, np.zeros(0)])
    known = known[~np.isnan(known)]
    believed = np.where(lost[..., None], np.float32(np.nan), boxes)
    iou = float(known.mean()) if len(known) else float("nan")
    switches = identity_switches(believed, video.boxes)
    return FollowedTogether(video.name, boxes, lost, iou, len(known), switches)


def _row(one: FollowedTogether) -> dict[str, Any]:
    objects, frames = one.boxes.shape[:2]
    return {
        "name": one.name,
        "objects": objects,
        "frames": frames,
        "iou": one.iou if one.iou_frames else None,
        "identity_switches": one.identity_switches,
    }


class OpenedVideos(NamedTuple):
    """The videos of an evaluation, how many there are, and what cannot be used."""

    videos: Iterable[MultiObjectSequence]
    number: int
    left_out: list[LeftOut]


def open_videos(sources: Sequence[SequenceSource]) -> OpenedVideos:
    """The videos of some sources, made or read when they are asked for.

    Raises:
        UserInputError: A format has no several objects, or a folder holds nothing in it.
        DamagedFileError: None can be read.
    """
    first = sources[0]
    if first.data is None:
        count = first.sequences or SEQUENCES
        return OpenedVideos(synthetic_videos(first.seed, range(count), first.synthetic), count, [])
    videos: list[MultiObjectSequence] = []
    left_out: list[LeftOut] = []
    for source in sources:
        if source.format != "mot" or source.data is None:
            raise UserInputError(
                f"--together was given with --format {source.format}, which has one object a "
                "sequence; expected synthetic or mot"
            )
        used, unused = divide(scan_mot_videos(source.data))
        videos += [_cut(video, source.frames) for video in used[: source.sequences]]
        left_out += unused
    if not videos:
        raise nothing_left(left_out, "video")
    return OpenedVideos(videos, len(videos), left_out)


def _cut(video: MultiObjectSequence, frames: int | None) -> MultiObjectSequence:
    return video.clip(0, min(frames, video.n_frames)) if frames else video
