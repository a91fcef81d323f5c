"""A video with the box of one object, or of many, in each frame."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float32

from saccade.data.tracking.frames import Frames, FrameView, Rgb
from saccade.errors import UserInputError
from saccade.wording import counted

FARTHEST = 1e6
"""Largest number of a box [px]: float32 tells its edges apart there."""


@dataclass(frozen=True, eq=False)
class TrackingSequence:
    """T frames and the box of one object in each.

    Attributes:
        name: Name of the sequence, unique within its dataset, such as "David" or "0003/12".
        frames: The pictures, read when asked for.
        boxes: Boxes x, y, width, height [px] (T, 4). (x, y) is the upper left corner; the corner of
            the image is (0, 0), pixel i spans i to i + 1. A row is NaN where the object is absent,
            or where it is not known.
        label: Class or action, where the format has one.
        group: Group that must not be divided between training and test: a video, a subject.
        unknown: Whether nobody says where, or if, the object is in each frame (T,); None: of no
            frame. Where a box is NaN and this is false, the object is known to be out of sight.

    Raises:
        UserInputError: The boxes are not one a frame, not float32, or have no extent; or one is
            both given and unknown.
    """

    name: str
    frames: Frames
    boxes: Float32[np.ndarray, "t 4"]
    label: str = ""
    group: str = ""
    unknown: Bool[np.ndarray, " t"] | None = None

    def __post_init__(self) -> None:
        _check_boxes(self.name, self.boxes[None], len(self.frames))
        _check_unknown(self.name, self.boxes, self.unknown)

    def __len__(self) -> int:
        return len(self.boxes)

    @property
    def n_frames(self) -> int:
        """T."""
        return len(self.boxes)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the frames [px]."""
        return self.frames.size

    @property
    def present(self) -> Bool[np.ndarray, " t"]:
        """Whether the object has a box in each frame."""
        return np.isfinite(self.boxes[:, 0])

    @property
    def known(self) -> Bool[np.ndarray, " t"]:
        """Whether each frame has a box, or its object is known to be out of sight."""
        return np.ones(len(self), bool) if self.unknown is None else ~self.unknown

    @property
    def start(self) -> int:
        """The first frame with a box, where tracking begins; 0 where there is none."""
        return int(self.present.argmax())

    def frame(self, index: int) -> Rgb:
        """Frame `index` as uint8 RGB (height, width, 3); errors as in `Frames.read`."""
        return self.frames.read(index)

    def clip(self, start: int, stop: int) -> TrackingSequence:
        """The frames from `start` up to but without `stop`; a shorter `name[start:stop]`."""
        indices = _clip_range(self.name, start, stop, len(self))
        return replace(
            self,
            name=f"{self.name}[{start}:{stop}]",
            frames=FrameView(self.frames, indices),
            boxes=self.boxes[start:stop],
            unknown=None if self.unknown is None else self.unknown[start:stop],
        )


@dataclass(frozen=True, eq=False)
class MultiObjectSequence:
    """T frames and the boxes of N objects in each.

    Attributes:
        name: Name of the video.
        frames: The pictures, read when asked for.
        boxes: Boxes as those of `TrackingSequence`, one row an object (N, T, 4).
        ids: Identity of each object, unique within the video.
        labels: Class of each object.
        group: Group of the tracks; the name, where it is empty.
        unknown: Unknown frames as those of `TrackingSequence`, one row an object (N, T).
    """

    name: str
    frames: Frames
    boxes: Float32[np.ndarray, "n t 4"]
    ids: tuple[int, ...]
    labels: tuple[str, ...]
    group: str = ""
    unknown: Bool[np.ndarray, "n t"] | None = None

    def __post_init__(self) -> None:
        _check_boxes(self.name, self.boxes, len(self.frames))
        _check_unknown(self.name, self.boxes, self.unknown)
        if not len(self.boxes) == len(self.ids) == len(self.labels) == len(set(self.ids)):
            raise UserInputError(
                f"{self.name} has boxes of {len(self.boxes)} objects, {len(self.ids)} ids and "
                f"{len(self.labels)} labels; expected one of each an object, no id twice"
            )

    @property
    def n_frames(self) -> int:
        """T."""
        return self.boxes.shape[1]

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the frames [px]."""
        return self.frames.size

    def frame(self, index: int) -> Rgb:
        """Frame `index` as uint8 RGB (height, width, 3); errors as in `Frames.read`."""
        return self.frames.read(index)

    def clip(self, start: int, stop: int) -> MultiObjectSequence:
        """The frames from `start` up to but without `stop`, and the objects seen in them."""
        indices = _clip_range(self.name, start, stop, self.n_frames)
        boxes = self.boxes[:, start:stop]
        seen = np.flatnonzero(np.isfinite(boxes[..., 0]).any(axis=1))
        return MultiObjectSequence(
            f"{self.name}[{start}:{stop}]",
            FrameView(self.frames, indices),
            boxes[seen],
            tuple(self.ids[k] for k in seen),
            tuple(self.labels[k] for k in seen),
            self.group or self.name,
            None if self.unknown is None else self.unknown[seen, start:stop],
        )

    def track(self, k: int) -> TrackingSequence:
        """Object k alone, from the first frame it is in to the last; named "video/id"."""
        seen = np.flatnonzero(np.isfinite(self.boxes[k, :, 0]))
        if not len(seen):
            raise UserInputError(f"object {self.ids[k]} of {self.name} is in none of its frames")
        first, stop = int(seen[0]), int(seen[-1]) + 1
        return TrackingSequence(
            f"{self.name}/{self.ids[k]}",
            FrameView(self.frames, range(first, stop)),
            self.boxes[k, first:stop],
            self.labels[k],
            self.group or self.name,
            None if self.unknown is None else self.unknown[k, first:stop],
        )

    def tracks(self) -> list[TrackingSequence]:
        """Every object alone."""
        return [self.track(k) for k in range(len(self.ids))]


def require_truth(sequence: TrackingSequence) -> None:
    """Refuse a sequence that says nothing of how well its object is followed.

    Raises:
        UserInputError: No frame has a box, or only the one in which it is given to the tracker.
    """
    boxes, frames = int(sequence.present.sum()), len(sequence)
    if boxes == 0:
        raise UserInputError(
            f"{sequence.name} has no box in any of its {counted(frames, 'frame')}; expected one"
        )
    if boxes == 1:
        held_back = "" if sequence.known.all() else " (the truth of others is not known)"
        raise UserInputError(
            f"{sequence.name} has one box for {counted(frames, 'frame')}{held_back}, which is "
            "given to the tracker; expected boxes of later frames to compare with"
        )


def runs(present: Bool[np.ndarray, " t"]) -> list[tuple[int, int]]:
    """The (start, stop) of every stretch of frames in which an object is present throughout."""
    padded = np.concatenate([[False], present, [False]]).astype(np.int8)
    change = np.diff(padded)
    starts, stops = np.flatnonzero(change == 1), np.flatnonzero(change == -1)
    return [(int(a), int(b)) for a, b in zip(starts, stops, strict=True)]


def _clip_range(name: str, start: int, stop: int, length: int) -> range:
    if not 0 <= start < stop <= length:
        raise UserInputError(
            f"clip {start} to {stop} of {name}; expected 0 <= start < stop <= {length}"
        )
    return range(start, stop)


def _check_boxes(name: str, boxes: np.ndarray, n_frames: int) -> None:
    if boxes.dtype != np.float32 or boxes.ndim != 3 or boxes.shape[1:] != (n_frames, 4):
        raise UserInputError(
            f"{name} has {counted(n_frames, 'frame')} and boxes of type {boxes.dtype} and shape "
            f"{boxes.shape[-2:]}; expected float32 ({n_frames}, 4)"
        )
    if n_frames == 0:
        raise UserInputError(f"{name} has no frames; expected at least one")
    absent = np.isnan(boxes).all(axis=-1)
    near = (np.abs(boxes) <= FARTHEST).all(axis=-1)
    sound = near & (boxes[..., 2:] > 0).all(axis=-1)
    if not (absent | sound).all():
        wrong = int(np.argwhere(~(absent | sound))[0, 1])
        raise UserInputError(
            f"{name} has a box in frame {wrong} that is neither finite (up to {FARTHEST:g} pixels) "
            "with a width and height above 0 nor all NaN (absent)"
        )


def _check_unknown(name: str, boxes: np.ndarray, unknown: np.ndarray | None) -> None:
    if unknown is None:
        return
    if unknown.dtype != np.bool_ or unknown.shape != boxes.shape[:-1]:
        raise UserInputError(
            f"{name} has unknown of type {unknown.dtype} and shape {unknown.shape}; expected bool "
            f"{boxes.shape[:-1]}"
        )
    if np.isfinite(boxes[unknown]).any():
        raise UserInputError(f"{name} has a box in a frame that is unknown; expected NaN there")
