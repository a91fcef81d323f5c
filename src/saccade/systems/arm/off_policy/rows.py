"""Rows for replay: transitions (s, pixel, action, reward, s') of demonstrations and own episodes.

A row keeps both states as a small view for the Q-attention and as the crop at the attended pixel
for the next-best pose agent, whose updates so never need a full image: colours as bytes, depths as
float16, and of which camera; points are computed of what is sampled (`rows_to_batch`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import cv2
import numpy as np
from jaxtyping import Float, Int

from saccade.attention.pixel_argmax import crop, crop_corner, rescale_pixel
from saccade.data.demonstrations import Demonstration
from saccade.data.keyframes import (
    augment,
    departures,
    discover_keyframes,
    gripper_is_open,
    pixel_target,
)
from saccade.data.replay import Column
from saccade.systems.arm.off_policy.config import RowConfig
from saccade.worlds.rgbd import Observation, RgbdView

Rows = dict[str, np.ndarray]
"""Arrays (n, ...) by the names of `columns`."""
Pixel = tuple[int, int]
"""Column x and row y."""
PROPRIOCEPTION = 10
"""Numbers that the arm knows of itself: the tip's pose (7), the gripper's opening, fingers (2)."""


class Looked(NamedTuple):
    """A state, and the pixel that was attended in it."""

    observation: Observation
    pixel: Pixel


class Step(NamedTuple):
    """A decision of an own episode: what was seen, looked at and done, and what it brought.

    Attributes:
        looked: State and attended pixel.
        action: Tip's pose and gripper (8).
        reward: Reward of the environment, not scaled.
    """

    looked: Looked
    action: Float[np.ndarray, "8"]
    reward: float


class DemonstrationRows(NamedTuple):
    """Rows of a demonstration; how many of its targets were off the image, of how many."""

    rows: Rows
    clipped: int
    targets: int


def columns(config: RowConfig) -> dict[str, Column]:
    """What a row has, by name, for `data.replay.Replay`."""
    view, size = config.view, config.crop
    state = {
        "view_rgb": Column("uint8", (view, view, 3)),
        "view_depth": Column("float16", (view, view)),
        "crop_rgb": Column("uint8", (size, size, 3)),
        "crop_depth": Column("float16", (size, size)),
        "corner": Column("int32", (2,)),
        "pixel": Column("int32", (2,)),
        "attended": Column("float32", (3,)),
        "proprioception": Column("float32", (PROPRIOCEPTION,)),
    }
    return {
        **state,
        **{f"next_{name}": column for name, column in state.items()},
        "camera": Column("float32", (18,)),
        "action": Column("float32", (8,)),
        "reward": Column("float32", ()),
        "terminal": Column("float32", ()),
        "demonstrated": Column("bool", ()),
    }


def demonstration_rows(demonstration: Demonstration, config: RowConfig) -> DemonstrationRows:
    """Rows from every M-th frame through all keyframes that remain (section 4.4).

    The pixel of a row is that of the tip at its keyframe; the action is the tip's pose there. The
    last one of a demonstration that succeeded is rewarded and ends the episode.

    Raises:
        UserInputError: It has no keyframe, or no image of a frame that rows start at.
    """
    d = demonstration
    keyframes = keyframes_of(d, config)
    pairs = augment(keyframes, len(d), config.every)
    targets = {int(frame): int(keyframe) for frame, keyframe in pairs}
    targets[int(keyframes[-1])] = int(keyframes[-1])
    seen = _seen(d, keyframes, config)
    pixels = {
        frame: pixel_target(d.view(seen.get(frame, frame)), d.tip_poses[keyframe, :3])
        for frame, keyframe in targets.items()
    }
    rng = np.random.default_rng(d.seed)

    def state(frame: int) -> Rows:
        looked = Looked(d.observation(seen.get(frame, frame)), pixels[frame][:2])
        return state_columns(looked, config, config.jitter * rng.standard_normal(2))

    camera, is_open = camera_column(d.view(0)), gripper_is_open(d.gripper_open, config.rule)
    rows = []
    for frame, keyframe in pairs.tolist():
        done = keyframe == keyframes[-1] and d.success
        action = np.append(d.tip_poses[keyframe], is_open[keyframe])
        rows.append(
            _row(state(frame), state(keyframe), camera, action, done * config.reward, done, True)
        )
    off = sum(at.clipped for at in pixels.values())
    return DemonstrationRows(_stack(rows), off, len(pixels))


def _seen(
    demonstration: Demonstration, keyframes: Int[np.ndarray, " k"], config: RowConfig
) -> dict[int, int]:
    """The image that decisions at a keyframe are taken from, by keyframe.

    It is the last before the arm moves on: a gripper that changes there has changed by then.
    """
    images = demonstration.image_frames
    left = departures(keyframes, demonstration.joint_velocities, config.rule)
    last = images[np.searchsorted(images, left, side="right") - 1]
    return {int(k): int(max(k, frame)) for k, frame in zip(keyframes, last, strict=True)}


def keyframes_of(demonstration: Demonstration, config: RowConfig) -> Int[np.ndarray, " k"]:
    """Keyframes of a demonstration, discovered or evenly spaced.

    Raises:
        UserInputError: There is none.
    """
    if config.keyframes:
        d = demonstration
        return discover_keyframes(d.joint_velocities, d.gripper_open, d.tip_poses, config.rule)
    last = len(demonstration) - 1
    return np.append(np.arange(config.spacing, last, config.spacing), last)


def episode_rows(steps: Sequence[Step], last: Looked, terminal: bool, config: RowConfig) -> Rows:
    """Rows of an own episode, one a decision.

    Args:
        steps: Its decisions, one or more.
        last: Final state, and the pixel that would have been attended.
        terminal: Whether the episode ended, by success or out of reach; False where its time was
            over, for then its value goes on.
        config: What rows keep.
    """
    camera = camera_column(last.observation.view)
    states = [state_columns(looked, config) for looked in [*(s.looked for s in steps), last]]
    rows = [
        _row(states[i], states[i + 1], camera, step.action, _scaled(step.reward, config),
             terminal and i == len(steps) - 1, False)
        for i, step in enumerate(steps)
    ]  # fmt: skip
    return _stack(rows)


def _scaled(reward: float, config: RowConfig) -> float:
    """The reward of a row: success is scaled, -1 of a pose out of reach is not (section 4.3)."""
    return reward * config.reward if reward > 0 else reward


def state_columns(
    looked: Looked, config: RowConfig, moved: Float[np.ndarray, "2"] | None = None
) -> Rows:
    """What a row keeps of a state.

    Args:
        looked: The state, and the attended pixel.
        config: What rows keep.
        moved: Distance (x, y) of the crop's pixel from the attended one [pixels]; 0 if None.
    """
    view, proprioception = looked.observation.view, looked.observation.proprioception
    shape = (view.height, view.width)
    pixel = cropped = np.array(looked.pixel)
    if moved is not None:
        cropped = np.clip(np.rint(pixel + moved), 0, (view.width - 1, view.height - 1)).astype(int)
    corner = crop_corner(cropped, shape, config.crop)
    small_rgb, small_depth = small_view(view, config.view)
    knows = (proprioception.gripper_open, *proprioception.finger_positions)
    return {
        "view_rgb": small_rgb,
        "view_depth": small_depth,
        "crop_rgb": crop(view.rgb, corner, config.crop),
        "crop_depth": crop(view.depth, corner, config.crop).astype(np.float16),
        "corner": corner,
        "pixel": pixel,
        "attended": attended_point(view, (int(cropped[0]), int(cropped[1])), config.crop),
        "proprioception": np.array([*proprioception.tip_pose, *knows]),
    }


def small_view(view: RgbdView, size: int) -> tuple[np.ndarray, np.ndarray]:
    """A square view of fewer pixels: mean colours, and the depth of each block's central pixel."""
    shape = (view.height, view.width)
    pixels = np.stack([np.arange(size)] * 2, axis=1)
    x, y = rescale_pixel(pixels, (size, size), shape).T
    rgb = view.rgb
    if shape != (size, size):
        rgb = cv2.resize(rgb, (size, size), interpolation=cv2.INTER_AREA)
    return rgb, view.depth[np.ix_(y, x)].astype(np.float16)


def attended_point(view: RgbdView, pixel: Pixel, size: int) -> Float[np.ndarray, "3"]:
    """World point that a pixel shows [m]; where it shows none, that of the nearest that does.

    Nearest is within the crop; where nothing of the crop was measured it is the camera's centre.
    """
    x, y = pixel
    if view.depth[y, x] > 0:
        return view.points[y, x]
    left, top = crop_corner(np.array(pixel), (view.height, view.width), size)
    depth = view.depth[top : top + size, left : left + size]
    rows, cols = np.nonzero(depth)
    if len(rows) == 0:
        return view.points[y, x]
    nearest = np.argmin((rows + top - y) ** 2 + (cols + left - x) ** 2)
    return view.points[rows[nearest] + top, cols[nearest] + left]


def camera_column(view: RgbdView) -> Float[np.ndarray, "18"]:
    """The camera of a row: fx, fy, cx, cy, rows and columns, rotation (9), position (3)."""
    k, pose = view.intrinsics, view.T_world_camera
    numbers = (k.fx, k.fy, k.cx, k.cy, view.height, view.width)
    return np.concatenate([numbers, pose[:3, :3].ravel(), pose[:3, 3]]).astype(np.float32)


def join_rows(parts: Sequence[Mapping[str, np.ndarray]]) -> Rows:
    """Rows of several demonstrations or episodes, one after the other."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _row(
    now: Rows, then: Rows, camera: np.ndarray, action: np.ndarray, reward: float,
    terminal: bool, demonstrated: bool,
) -> Rows:  # fmt: skip
    return {
        **now,
        **{f"next_{name}": value for name, value in then.items()},
        "camera": camera,
        "action": action,
        "reward": np.array(reward, np.float32),
        "terminal": np.array(terminal, np.float32),
        "demonstrated": np.array(demonstrated),
    }


def _stack(rows: Sequence[Rows]) -> Rows:
    return {name: np.stack([row[name] for row in rows]) for name in rows[0]}
