"""Keyframe discovery and demo augmentation (James and Davison 2022, section 4.4), on plain arrays.

keyframes = discover_keyframes(joint_velocities, gripper_open, tip_poses)     # [31, 40, 78]
rows = augment(keyframes, len(tip_poses), every=5)     # [[0, 31], [31, 40], [40, 78], ...]
clipped = 0
for frame, keyframe in rows:        # numpy.unique(rows): the frames whose images are needed
    target = pixel_target(demonstration.view(frame), tip_poses[keyframe, :3])
    clipped += target.clipped       # look at (target.x, target.y), go to tip_poses[keyframe]
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int, Num, Shaped

from saccade.checks import check_least
from saccade.errors import UserInputError
from saccade.worlds.rgbd import RgbdView


@dataclass(frozen=True)
class KeyframeRule:
    """What makes a frame a keyframe.

    Attributes:
        slow: Speed up to which a joint stands [rad/s] (or the tip [m/s], where its speed is given).
        open_above: Share of the widest opening above which the gripper counts as open: a gripper
            that holds something wide is far from closed, but no longer open.
        gap: Frames that lie between two stops at least.
        apart: Distance of the tip from the last keyframe from which a further one with the same
            gripper state is kept [m].
        turned: Angle from which it is kept, whatever the distance [rad].
    """

    slow: float = 0.1
    open_above: float = 0.95
    gap: int = 4
    apart: float = 0.02
    turned: float = 0.15

    def __post_init__(self) -> None:
        check_least(self, dict.fromkeys(("slow", "open_above", "gap", "apart", "turned"), 0))


PUBLISHED_RULE = KeyframeRule()


class PixelTarget(NamedTuple):
    """Where to look: column x and row y of a pixel, and whether the target was off the image."""

    x: int
    y: int
    clipped: bool


def discover_keyframes(
    speeds: Float[np.ndarray, "n j"],
    gripper_open: Shaped[np.ndarray, " n"],
    tip_poses: Float[np.ndarray, "n 7"] | None = None,
    rule: KeyframeRule = PUBLISHED_RULE,
) -> Int[np.ndarray, " k"]:
    """Keyframes of a demonstration, ascending: the gripper changes, or velocities approach zero.

    Frame i > 0 is a keyframe if the gripper's state is another than before, if it is the last, or
    if the arm stopped there: no speed is above `rule.slow`, the gripper's state is the same from
    i - 2 to i + 1, two frames follow, and `rule.gap` frames lie between it and the last stop. Of
    two adjacent keyframes at the end the last is kept.

    With tip poses, every standing run gives one keyframe, its slowest frame; and none is kept that
    neither moves nor turns the tip from the last one (or from the start) with the gripper's state
    unchanged: the last frame replaces it, and a change of the gripper replaces a stop at its place.
    The rule alone finds several times as many where an arm waits.

    Args:
        speeds: Speeds of the joints [rad/s], or the tip's [m/s] (n, 1), with a rule for it.
        gripper_open: Opening as a share of the widest, or whether it is open.
        tip_poses: Positions [m] and unit quaternions of the tip.
        rule: What makes a frame a keyframe.

    Raises:
        UserInputError: There is none: a single frame, or an arm that does nothing.
    """
    _check_lengths(speeds, gripper_open, tip_poses)
    is_open = gripper_is_open(gripper_open, rule)
    stops = _stops(speeds, is_open, rule.slow)
    changed = np.flatnonzero(is_open[1:] != is_open[:-1]) + 1
    if tip_poses is None:
        keyframes = _with_last(np.union1d(_spread(stops, rule.gap), changed), len(is_open))
    else:
        slowest = _slowest_of_runs(stops, np.abs(speeds).max(axis=1, initial=0.0))
        found = np.union1d(slowest, changed)
        keyframes = _thinned(_with_last(found, len(is_open)), tip_poses, is_open, changed, rule)
    if len(keyframes) == 0:
        raise UserInputError(
            f"no keyframe in {len(is_open)} frame(s): the arm neither moves to another place nor "
            "changes its gripper; expected a demonstration that does something"
        )
    return keyframes


def departures(
    keyframes: Int[np.ndarray, " k"],
    speeds: Float[np.ndarray, "n j"],
    rule: KeyframeRule = PUBLISHED_RULE,
) -> Int[np.ndarray, " k"]:
    """The frame of each keyframe from which the arm moves on: the last that it stands from there.

    A gripper that changes at a keyframe has closed or opened by then. It is what is seen when the
    next pose is decided on.

    Args:
        keyframes: Frames, ascending.
        speeds: Speeds of the joints [rad/s], or the tip's [m/s] (n, 1), with a rule for it.
        rule: What makes a frame a keyframe.
    """
    moves = np.append(np.flatnonzero((np.abs(speeds) > rule.slow).any(axis=1)), len(speeds))
    following = moves[np.searchsorted(moves, keyframes)]
    return np.maximum(following - 1, keyframes)


def gripper_is_open(
    gripper_open: Shaped[np.ndarray, " n"], rule: KeyframeRule = PUBLISHED_RULE
) -> Bool[np.ndarray, " n"]:
    """The gripper's state from its opening as a share of the widest; a state stays as it is.

    A gripper counts as open only where it is nearly at its widest: at the keyframe at which it
    begins to close around something, the share is still far above a half.
    """
    return gripper_open if gripper_open.dtype == bool else gripper_open > rule.open_above


def augment(
    keyframes: Int[np.ndarray, " k"], n_frames: int, every: int | None = 5
) -> Int[np.ndarray, "r 2"]:
    """Rows (frame, next keyframe): from every M-th frame through all keyframes that remain.

    A row from a keyframe to the next therefore comes once for every M-th frame before it, as in
    the paper's replay buffer; `numpy.unique(rows, axis=0, return_counts=True)` counts them.

    Args:
        keyframes: Frames, ascending.
        n_frames: Number of frames of the demonstration.
        every: The paper's M; None for rows from the first frame and the keyframes alone.

    Raises:
        UserInputError: The keyframes are none of this demonstration, or `every` is below 1.
    """
    inside = len(keyframes) > 0 and keyframes[0] > 0 and keyframes[-1] < n_frames
    if not inside or (np.diff(keyframes) <= 0).any():
        raise UserInputError(
            f"keyframes are {keyframes[:10].tolist()}; expected ascending frames, 1 to "
            f"{n_frames - 1}"
        )
    if every is not None and every < 1:
        raise UserInputError(f"every is {every}; expected 1 or more, or None")
    starts = np.arange(0, keyframes[-1], every or n_frames)
    rows = [
        (frame, keyframe)
        for start in starts
        for remaining in [keyframes[keyframes > start]]
        for frame, keyframe in zip([start, *remaining[:-1]], remaining, strict=True)
    ]
    return np.array(rows, np.int64)


def pixel_target(view: RgbdView, position: Num[np.ndarray, "3"]) -> PixelTarget:
    """Pixel of the view that shows a world position [m], the nearest one where that is off it.

    This is the optimal action of the Q-attention at a demonstrated frame: the position is the
    tip's at the next keyframe (section 4.4).

    Raises:
        UserInputError: The position is behind the camera, as wrong matrices have it.
    """
    x, y = view.project(position[None].astype(np.float64))[0]
    if np.isnan(x):
        px, py, pz = (float(value) for value in position)
        raise UserInputError(
            f"the target ({px:.3f}, {py:.3f}, {pz:.3f}) m lies behind the camera; expected "
            "T_world_camera from the camera to the world, in OpenCV's convention"
        )
    inside = (
        int(np.clip(np.rint(x), 0, view.width - 1)),
        int(np.clip(np.rint(y), 0, view.height - 1)),
    )
    return PixelTarget(*inside, clipped=inside != (np.rint(x), np.rint(y)))


def _check_lengths(
    speeds: np.ndarray, gripper_open: np.ndarray, tip_poses: np.ndarray | None
) -> None:
    """Refuse arrays that are not of the same frames, or not finite."""
    arrays = [speeds, gripper_open, *([] if tip_poses is None else [tip_poses])]
    if len({len(array) for array in arrays}) > 1:
        raise UserInputError(
            f"speeds, gripper_open and tip_poses are of {', '.join(str(len(a)) for a in arrays)} "
            "frames; expected the same number"
        )
    if not all(np.isfinite(array).all() for array in arrays):
        raise UserInputError("speeds, gripper_open or tip_poses hold NaN or infinite values")


def _stops(
    speeds: Float[np.ndarray, "n j"], is_open: Bool[np.ndarray, " n"], slow: float
) -> Int[np.ndarray, " s"]:
    """Frames at which the arm stands and the gripper's state is the same around them."""
    n = len(is_open)
    frames = np.arange(1, max(n - 2, 1))
    still = (np.abs(speeds[frames]) <= slow).all(axis=1)
    around = [is_open[np.maximum(frames + step, 0)] for step in (-2, -1, 1)]
    constant = [state == is_open[frames] for state in around]
    return frames[np.logical_and.reduce([still, *constant])]


def _spread(stops: Int[np.ndarray, " s"], gap: int) -> Int[np.ndarray, " t"]:
    """Stops of which each lies more than `gap` frames behind the one taken before it."""
    taken: list[int] = []
    for stop in stops:
        if not taken or stop - taken[-1] > gap:
            taken.append(int(stop))
    return np.array(taken, np.int64)


def _slowest_of_runs(
    stops: Int[np.ndarray, " s"], speed: Float[np.ndarray, " n"]
) -> Int[np.ndarray, " t"]:
    """The slowest frame of each run of adjacent stops."""
    runs = np.split(stops, np.flatnonzero(np.diff(stops) > 1) + 1) if len(stops) else []
    return np.array([run[np.argmin(speed[run])] for run in runs], np.int64)


def _with_last(keyframes: Int[np.ndarray, " s"], n: int) -> Int[np.ndarray, " t"]:
    """With the last frame, and without a keyframe right before it."""
    last = n - 1
    return np.append(keyframes[keyframes < last - 1], last) if last > 0 else keyframes[:0]


def _thinned(
    keyframes: Int[np.ndarray, " k"],
    tip_poses: Float[np.ndarray, "n 7"],
    is_open: Bool[np.ndarray, " n"],
    changed: Int[np.ndarray, " c"],
    rule: KeyframeRule,
) -> Int[np.ndarray, " t"]:
    """Keyframes that ask for something else than the one before."""
    kept: list[int] = []
    for keyframe in keyframes.tolist():
        before = kept[-1] if kept else 0
        if _stays(tip_poses[before], tip_poses[keyframe], rule):
            if is_open[before] == is_open[keyframe]:
                if keyframe < len(is_open) - 1 or not kept:
                    continue
                kept.pop()
            elif kept and before not in changed:
                kept.pop()
        kept.append(keyframe)
    return np.array(kept, np.int64)


def _stays(one: Float[np.ndarray, "7"], other: Float[np.ndarray, "7"], rule: KeyframeRule) -> bool:
    """Whether the tip is neither moved nor turned."""
    angle = 2 * math.acos(min(abs(float(one[3:] @ other[3:])), 1.0))
    return bool(np.linalg.norm(one[:3] - other[:3]) < rule.apart) and angle < rule.turned
