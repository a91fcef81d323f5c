"""What is learned from: what was seen and known, and the pose and gripper that came next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from jaxtyping import Bool, Float, Int, UInt8

from saccade.data.demonstrations import Demonstration
from saccade.data.keyframes import PUBLISHED_RULE, departures, discover_keyframes, gripper_is_open
from saccade.systems.arm.look_and_vote.images import camera_numbers, points_of

SHOWN = 48
"""Pixels that are kept of those that show where to look."""


@dataclass(frozen=True, eq=False)
class Examples:
    """n examples.

    Attributes:
        rgb: Colours of the view.
        depth: Depths of the view along the optical axis [m].
        cameras: Its camera, see `images.camera_numbers`.
        tip_poses: Position [m] and unit quaternion of the tip.
        opening: Opening of the gripper as a share of its widest.
        targets: Tip's pose at the next keyframe.
        target_open: Whether the gripper is open there.
        focus: World point to look at [m].
        back: Tip's pose at the last keyframe with an open gripper, to which a hand that closed on
            nothing goes back; NaN where there is none.
        decisive: Whether decisions are taken there: at the start, and when a keyframe is left.
        pixels: Pixels (column x, row y) that show the focus and what is around it.
        weights: Shares of the look that these pixels get.
    """

    rgb: UInt8[np.ndarray, "n h w 3"]
    depth: Float[np.ndarray, "n h w"]
    cameras: Float[np.ndarray, "n 16"]
    tip_poses: Float[np.ndarray, "n 7"]
    opening: Float[np.ndarray, " n"]
    targets: Float[np.ndarray, "n 7"]
    target_open: Bool[np.ndarray, " n"]
    focus: Float[np.ndarray, "n 3"]
    back: Float[np.ndarray, "n 7"]
    decisive: Bool[np.ndarray, " n"]
    pixels: Int[np.ndarray, "n shown 2"]
    weights: Float[np.ndarray, "n shown"]

    def __len__(self) -> int:
        return len(self.rgb)

    @property
    def free(self) -> Bool[np.ndarray, " n"]:
        """Whether the gripper is open, so that which finger is which does not matter."""
        return self.opening > PUBLISHED_RULE.open_above

    @classmethod
    def join(cls, parts: Sequence[Self]) -> Self:
        """The examples of several, one after the other."""
        return cls(
            *(np.concatenate([getattr(p, field.name) for p in parts]) for field in fields(cls))
        )


def examples_of(demonstration: Demonstration, sigma: float, same_place: float) -> Examples:
    """Examples at every frame of a demonstration that has an image and a keyframe after it.

    Args:
        demonstration: Demonstration.
        sigma: Spread of the look over the surface around the focus [m].
        same_place: Distance within which the next change of the gripper is the focus instead of
            the next keyframe [m].

    Raises:
        UserInputError: It has no keyframe.
    """
    d = demonstration
    keyframes = discover_keyframes(d.joint_velocities, d.gripper_open, d.tip_poses)
    is_open = gripper_is_open(d.gripper_open)
    frames = d.image_frames[d.image_frames < keyframes[-1]]
    next_ones = keyframes[np.searchsorted(keyframes, frames, side="right")]
    focus = np.stack(
        [_focus(d.tip_poses, is_open, keyframes, f, same_place) for f in frames]
    ).astype(np.float32)
    n = len(frames)
    camera = np.tile(camera_numbers(d.intrinsics, d.T_world_camera), (n, 1))
    pixels, weights = look_target(d.depth[:n], camera, focus, sigma)
    return Examples(
        d.rgb[:n],
        d.depth[:n],
        camera,
        d.tip_poses[frames],
        d.gripper_open[frames],
        d.tip_poses[next_ones],
        is_open[next_ones],
        focus,
        np.stack([_back(d.tip_poses, is_open, keyframes, f) for f in frames]),
        np.isin(frames, _decisive(frames, keyframes[:-1], d.joint_velocities)),
        pixels,
        weights,
    )


def look_target(
    depth: Float[np.ndarray, "n h w"],
    cameras: Float[np.ndarray, "n 16"],
    focus: Float[np.ndarray, "n 3"],
    sigma: float,
) -> tuple[Int[np.ndarray, "n shown 2"], Float[np.ndarray, "n shown"]]:
    """Pixels (x, y) that show the surfaces nearest to the focus, and shares that sum to one.

    A focus in mid-air is looked at where something is near it, not at what happens to lie behind.
    """
    n, h, w = depth.shape
    rows, columns = np.mgrid[:h, :w]
    pixels, weights = [], []
    for i in range(n):  # one by one: the clouds of all of them are large
        cloud = points_of(
            depth[i : i + 1].astype(np.float32), cameras[i : i + 1], columns[None], rows[None]
        )[0]
        share = look_shares(cloud, depth[i] > 0, focus[i], sigma).ravel()
        best = np.argsort(-share, kind="stable")[:SHOWN]
        pixels.append(np.stack([best % w, best // w], axis=1))
        weights.append(share[best] / share[best].sum())
    return np.array(pixels, np.int64), np.array(weights, np.float32)


def look_shares(
    points: Float[np.ndarray, "*n h w 3"],
    measured: Bool[np.ndarray, "*n h w"],
    focus: Float[np.ndarray, "*n 3"],
    sigma: float,
) -> Float[np.ndarray, "*n h w"]:
    """Share of each pixel in the look, a Gaussian of its point's distance to the focus.

    Distances are squared and those of the nearest point subtracted: over a plane, however far
    below the focus, the shares are a Gaussian of `sigma` around the foot of the perpendicular.
    """
    squared = np.square(points - focus[..., None, None, :]).sum(axis=-1)
    squared = np.where(measured, squared, np.inf)
    nearest = squared.min(axis=(-2, -1), keepdims=True)
    nearest = np.where(np.isfinite(nearest), nearest, 0)
    share = np.exp((nearest - squared) / (2 * sigma**2))
    return share / np.maximum(share.sum(axis=(-2, -1), keepdims=True), 1e-12)


def _focus(
    tip_poses: np.ndarray, is_open: np.ndarray, keyframes: np.ndarray, frame: int, near: float
) -> Float[np.ndarray, "3"]:
    """Tip's position at the next change of the gripper, if that is near, else at the next stop."""
    later = keyframes[keyframes > frame]
    before = keyframes[keyframes <= frame]
    state = is_open[before[-1]] if len(before) else is_open[0]
    target = tip_poses[later[0], :3]
    for keyframe in later:
        if is_open[keyframe] != state:
            change = tip_poses[keyframe, :3]
            return change if np.linalg.norm(change - target) < near else target
    return target


def _decisive(
    frames: np.ndarray, keyframes: np.ndarray, speeds: np.ndarray
) -> Int[np.ndarray, " k"]:
    """Frames in which decisions are taken: the first, and of each keyframe the last image before
    the arm moves on."""
    last = np.searchsorted(frames, departures(keyframes, speeds), side="right") - 1
    return np.append(frames[last], 0)


def _back(
    tip_poses: np.ndarray, is_open: np.ndarray, keyframes: np.ndarray, frame: int
) -> Float[np.ndarray, "7"]:
    """Where a hand goes back to that closed on nothing: where it is to go or came from, open."""
    later, before = keyframes[keyframes > frame], keyframes[keyframes <= frame]
    if is_open[later[0]]:
        return tip_poses[later[0]]
    if len(before) and is_open[before[-1]]:
        return tip_poses[before[-1]]
    return np.full(7, np.nan, np.float32)
