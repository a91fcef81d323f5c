"""How well boxes follow objects. Pure functions on boxes (x, y, width, height) in pixels.

A truth of NaN is an object that is absent, or of which nothing is known: such frames are left out,
as one-pass evaluation does. A prediction of NaN where the object is present is a miss: IoU 0,
distance infinite.

Sources: Wu, Lim and Yang, "Object Tracking Benchmark", PAMI 2015 (success, precision); Bernardin
and Stiefelhagen, "Evaluating Multiple Object Tracking Performance", 2008 (identity switches).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float64
from scipy.optimize import linear_sum_assignment

from saccade.errors import UserInputError

SUCCESS_THRESHOLDS = np.linspace(0, 1, 21)
PRECISION_PX = 20.0
FIRST_FRAMES = 60
WRONG_BELOW = 0.3
"""IoU below which a box does not show its object."""


@dataclass(frozen=True)
class OnePass:
    """One-pass evaluation of one sequence; NaN where no frame has a box but the given first one."""

    success_auc: float
    """Mean success rate over 21 IoU thresholds, the given first frame included as in OTB; a perfect
    tracker has 20/21."""
    precision: float
    """Fraction of frames whose centre is within 20 px, the given first one included as in OTB."""
    mean_iou: float
    """Mean IoU over the first 60 frames, the given first one (IoU 1) included."""
    mean_iou_without_first: float
    """Mean IoU over the same frames without the first."""
    n_frames: int
    """Frames with an object."""


@dataclass(frozen=True)
class LostSaid:
    """Skill of a tracker to tell when its box is wrong; NaN where there is nothing to tell from."""

    wrong: float
    """Share of frames whose box has an IoU below 0.3, or whose object is absent."""
    recall: float
    """Share of these frames in which the tracker says that it has lost the object."""
    precision: float
    """Share of the frames in which it says so whose box is indeed wrong."""
    n_frames: int
    """Frames after the given first one."""


def iou(a: Float[np.ndarray, "*#n 4"], b: Float[np.ndarray, "*#n 4"]) -> Float64[np.ndarray, "..."]:
    """Intersection over union of boxes, leading axes broadcast; NaN where a box is not finite.

    A box without extent, or with a negative one, has IoU 0 with every other.
    """
    missing = ~(np.isfinite(a).all(axis=-1) & np.isfinite(b).all(axis=-1))
    a, b = (np.where(np.isfinite(x), x, 0).astype(np.float64) for x in (a, b))
    size_a, size_b = np.maximum(a[..., 2:], 0), np.maximum(b[..., 2:], 0)
    low = np.maximum(a[..., :2], b[..., :2])
    high = np.minimum(a[..., :2] + size_a, b[..., :2] + size_b)
    overlap = np.maximum(high - low, 0).prod(axis=-1)
    union = size_a.prod(axis=-1) + size_b.prod(axis=-1) - overlap
    value = overlap / np.where(union > 0, union, 1)
    return np.where(missing, np.nan, value)


def step_iou(
    predicted: Float[np.ndarray, "t 4"], truth: Float[np.ndarray, "t 4"]
) -> Float64[np.ndarray, " t"]:
    """IoU of each frame: NaN where the object is absent, 0 where only the prediction is missing.

    Raises:
        UserInputError: The arrays are not both (T, 4).
    """
    _check(predicted, truth)
    return np.where(_present(truth), np.nan_to_num(iou(predicted, truth)), np.nan)


def mean_iou(
    predicted: Float[np.ndarray, "t 4"],
    truth: Float[np.ndarray, "t 4"],
    frames: int | None = FIRST_FRAMES,
    include_first: bool = True,
) -> float:
    """Mean IoU over the first `frames` frames (all, if None), counted from the object's first.

    Published figures include that first frame, whose box is given (IoU 1); `include_first=False`
    leaves it out. NaN where no frame with the object is left.
    """
    values = step_iou(predicted, truth)
    start = int(_present(truth).argmax())
    window = values[start : None if frames is None else start + frames]
    return _mean(window if include_first else window[1:])


def success_curve(
    ious: Float[np.ndarray, " t"], thresholds: Float[np.ndarray, " k"] = SUCCESS_THRESHOLDS
) -> Float64[np.ndarray, " k"]:
    """Fraction of frames whose IoU is above each threshold; NaN entries are left out."""
    known = ious[~np.isnan(ious)]
    if not len(known):
        return np.full(len(thresholds), np.nan)
    return (known[:, None] > thresholds).mean(axis=0)


def success_auc(predicted: Float[np.ndarray, "t 4"], truth: Float[np.ndarray, "t 4"]) -> float:
    """Area under the success curve: its mean over the thresholds 0, 0.05, ..., 1."""
    return float(success_curve(step_iou(predicted, truth)).mean())


def centre_distance(
    predicted: Float[np.ndarray, "t 4"], truth: Float[np.ndarray, "t 4"]
) -> Float64[np.ndarray, " t"]:
    """Distance of the boxes' centres [px]; NaN where the object is absent, infinite if missed."""
    _check(predicted, truth)
    centres = [np.asarray(b[:, :2] + b[:, 2:] / 2, np.float64) for b in (predicted, truth)]
    distance = np.linalg.norm(centres[0] - centres[1], axis=1)
    return np.where(_present(truth), np.nan_to_num(distance, nan=np.inf), np.nan)


def precision(
    predicted: Float[np.ndarray, "t 4"],
    truth: Float[np.ndarray, "t 4"],
    threshold: float = PRECISION_PX,
) -> float:
    """Fraction of frames whose centres are at most `threshold` pixels apart."""
    distance = centre_distance(predicted, truth)
    return _mean(np.where(np.isnan(distance), np.nan, distance <= threshold))


def one_pass(predicted: Float[np.ndarray, "t 4"], truth: Float[np.ndarray, "t 4"]) -> OnePass:
    """All measures of one sequence; the given first frame alone is no result."""
    n_frames = int(_present(truth).sum())
    if n_frames < 2:
        _check(predicted, truth)
        nan = float("nan")
        return OnePass(nan, nan, nan, nan, n_frames)
    return OnePass(
        success_auc(predicted, truth),
        precision(predicted, truth),
        mean_iou(predicted, truth),
        mean_iou(predicted, truth, include_first=False),
        n_frames,
    )


def lost_said(ious: Float[np.ndarray, " t"], lost: Bool[np.ndarray, " t"]) -> LostSaid:
    """Shares of the boxes after the given first one that are wrong, and said to be lost.

    Args:
        ious: IoUs from `step_iou` of frames whose truth is known: NaN means an absent object.
        lost: Whether the tracker said that it has lost the object.
    """
    wrong = ~(ious >= WRONG_BELOW)
    both = wrong & lost
    everywhere = np.ones_like(wrong)
    return LostSaid(
        wrong=_share(wrong, everywhere),
        recall=_share(both, wrong),
        precision=_share(both, lost),
        n_frames=len(ious),
    )


def iou_curve(
    ious: Sequence[Float[np.ndarray, " _"]], steps: int = FIRST_FRAMES
) -> Float64[np.ndarray, " steps"]:
    """Mean IoU a time step over the sequences whose object is present then (the paper's Figure 5).

    Args:
        ious: IoUs from `step_iou` of each sequence; they may differ in length.
        steps: Number of steps, T; sequences are cut to it. A step without any object is NaN.
    """
    padded = np.full((len(ious), steps), np.nan)
    for row, values in zip(padded, ious, strict=True):
        row[: len(values)] = values[:steps]
    count = (~np.isnan(padded)).sum(axis=0)
    return np.where(count > 0, np.nansum(padded, axis=0) / np.maximum(count, 1), np.nan)


def identity_switches(
    predicted: Float[np.ndarray, "m t 4"],
    truth: Float[np.ndarray, "n t 4"],
    min_iou: float = 0.5,
) -> int:
    """Number of times that an object is found by another track than the last that had found it.

    As in CLEAR MOT: in each frame a track keeps its object while their IoU is at least
    `min_iou`; the others are paired so that as many as possible, then those of the largest IoU,
    reach it. An object that nobody finds for a while and then its own track again is no switch.

    Args:
        predicted: Boxes of M tracks, NaN where a track has none.
        truth: Boxes of N objects, NaN where one is absent.
        min_iou: Overlap from which a track has found an object.

    Raises:
        UserInputError: The numbers of frames differ.
    """
    if predicted.shape[1:] != truth.shape[1:] or truth.shape[2:] != (4,):
        raise UserInputError(
            f"tracks have shape {predicted.shape} and objects {truth.shape}; expected (M, T, 4) "
            "and (N, T, 4)"
        )
    overlap = np.nan_to_num(iou(truth[:, None], predicted[None]))
    last: dict[int, int] = {}
    switches = 0
    for frame in range(truth.shape[1]):
        found = _match(overlap[:, :, frame], last, min_iou)
        switches += sum(last.get(k, track) != track for k, track in found.items())
        # The newest first: where two objects had the same track last, the later one keeps it.
        last = found | {k: track for k, track in last.items() if k not in found}
    return switches


def _match(
    overlap: Float64[np.ndarray, "n m"], last: dict[int, int], min_iou: float
) -> dict[int, int]:
    """The track of each object that is found in one frame."""
    near = (overlap >= min_iou) & (overlap > 0)
    kept: dict[int, int] = {}
    for k, track in last.items():
        if near[k, track] and track not in kept.values():
            kept[k] = track
    near[list(kept)] = False
    near[:, list(kept.values())] = False
    # One more pair outweighs any gain of overlap.
    gain = np.where(near, min(overlap.shape) + 1 + overlap, 0)
    pairs = zip(*linear_sum_assignment(gain, maximize=True), strict=True)
    return kept | {int(k): int(track) for k, track in pairs if near[k, track]}


def _present(truth: Float[np.ndarray, "t 4"]) -> Bool[np.ndarray, " t"]:
    return np.asarray(~np.isnan(truth).any(axis=-1))


def _mean(values: Float[np.ndarray, " _"]) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def _share(part: Bool[np.ndarray, " t"], whole: Bool[np.ndarray, " t"]) -> float:
    return float(part.sum() / whole.sum()) if whole.any() else float("nan")


def _check(predicted: np.ndarray, truth: np.ndarray) -> None:
    if predicted.shape != truth.shape or truth.ndim != 2 or truth.shape[1] != 4 or not len(truth):
        raise UserInputError(
            f"predicted boxes have shape {predicted.shape} and true ones {truth.shape}; expected "
            "(T, 4) of both, T at least 1"
        )
