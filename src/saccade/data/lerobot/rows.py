"""A demonstration as rows: what is seen, what is known and what is done, a row a control frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from saccade.data.demonstrations import Demonstration
from saccade.data.keyframes import KeyframeRule, discover_keyframes, gripper_is_open
from saccade.errors import UserInputError

EVEN_WITHIN = 0.01
"""Largest unevenness of the times of rows, as a share of their distance."""


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of one demonstration.

    Attributes:
        frames: The control frame of each row (n).
        image: Index into the demonstration's images of what each row shows (n).
        seen_frame: Row at which that image was taken (n).
        fps: Rows a second.
        vectors: Arrays (n, d) by the names of their features.
    """

    frames: Int[np.ndarray, " n"]
    image: Int[np.ndarray, " n"]
    seen_frame: Int[np.ndarray, " n"]
    fps: int
    vectors: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.frames)


def rows_of(demonstration: Demonstration, seen_only: bool, rule: KeyframeRule) -> Rows:
    """The rows of a demonstration.

    Args:
        demonstration: The demonstration.
        seen_only: Only frames with an image of their own, at even distances; images between them,
            as of keyframes, are left out.
        rule: What makes a frame a keyframe, and the gripper open.

    Raises:
        UserInputError: The rows are not at even distances, or there is no keyframe.
    """
    frames = _even_images(demonstration) if seen_only else np.arange(len(demonstration))
    image = np.searchsorted(demonstration.image_frames, frames, side="right") - 1
    # The row of the frame of the image: the last one that is not behind it.
    seen = np.searchsorted(frames, demonstration.image_frames[image])
    d = demonstration
    is_open = gripper_is_open(d.gripper_open, rule)
    done = np.concatenate([d.tip_poses, is_open[:, None].astype(np.float32)], axis=1)
    keyframes = discover_keyframes(d.joint_velocities, d.gripper_open, d.tip_poses, rule)
    upcoming = np.searchsorted(keyframes, frames, side="right")
    next_keyframes = np.append(keyframes, keyframes[-1])[upcoming]
    state = np.concatenate([d.tip_poses, d.gripper_open[:, None], d.finger_positions], axis=1)
    vectors = {
        "observation.state": state[frames],
        "observation.joint_positions": d.joint_positions[frames],
        "observation.joint_velocities": d.joint_velocities[frames],
        "action": done[np.append(frames[1:], frames[-1])],
        "next_keyframe": done[next_keyframes],
    }
    return Rows(frames, image, seen, _rate(d.times[frames], d), vectors)


def _even_images(demonstration: Demonstration) -> Int[np.ndarray, " n"]:
    """Frames with an image, as far as they come at the distance of most of them."""
    frames = demonstration.image_frames
    if len(frames) < 2:
        return frames
    distances, counts = np.unique(np.diff(frames), return_counts=True)
    every = int(distances[np.argmax(counts)])
    wanted = np.arange(0, frames[-1] + 1, every)
    missing = np.setdiff1d(wanted, frames)
    if len(missing):
        raise UserInputError(
            f"demonstration {demonstration.seed} of {demonstration.task} has no image of frame "
            f"{missing[0]}; expected one of every {every} frames to write only frames with an image"
        )
    return wanted


def _rate(times: Float[np.ndarray, " n"], demonstration: Demonstration) -> int:
    """Rows a second, a whole number."""
    if len(times) < 2:
        raise UserInputError(
            f"demonstration {demonstration.seed} of {demonstration.task} gives {len(times)} "
            "row(s); expected 2 or more"
        )
    distances = np.diff(times)
    rate = 1 / float(np.median(distances))
    if np.ptp(distances) * rate > EVEN_WITHIN or round(rate) < 1:
        raise UserInputError(
            f"rows of demonstration {demonstration.seed} of {demonstration.task} are "
            f"{distances.min():.4g} to {distances.max():.4g} s apart; expected even distances of "
            "at most 1 s"
        )
    if abs(rate - round(rate)) > EVEN_WITHIN * rate:
        raise UserInputError(
            f"rows of demonstration {demonstration.seed} of {demonstration.task} come "
            f"{rate:.4g} times a second; expected a whole number, which LeRobot wants"
        )
    return round(rate)
