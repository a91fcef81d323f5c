"""Keyframes of a demonstration: frames at which the arm stops or the gripper changes (Fig. 5)."""

from __future__ import annotations

import cv2
import numpy as np
from jaxtyping import UInt8

from saccade.data.demonstrations import Demonstration
from saccade.data.keyframes import PUBLISHED_RULE, KeyframeRule, discover_keyframes
from saccade.viewing.montage import one_below_another, side_by_side
from saccade.viewing.plots import figure_rgb
from saccade.viewing.timelines import Timeline, timelines

Rgb = UInt8[np.ndarray, "_ _ 3"]
SIDE = 224
"""Height of a frame's picture [pixels]."""
DPI = 100
"""Pixels an inch of the curves."""


def draw_keyframes(demonstration: Demonstration, rule: KeyframeRule = PUBLISHED_RULE) -> Rgb:
    """The first frame and the keyframes, above the opening of the gripper and the joints' speed.

    Args:
        demonstration: Demonstration, with an image of each of these frames.
        rule: What makes a frame a keyframe.

    Raises:
        UserInputError: It has no keyframe.
    """
    d = demonstration
    keyframes = discover_keyframes(d.joint_velocities, d.gripper_open, d.tip_poses, rule)
    frames = [_frame(d, frame) for frame in (0, *keyframes.tolist())]
    times = d.times[keyframes]
    captions = ["start", *(f"{i}: {time:.1f} s" for i, time in enumerate(times, start=1))]
    strip = side_by_side(frames, captions)
    speed = np.abs(d.joint_velocities).max(axis=1)
    curves = [
        Timeline("opening", d.gripper_open.astype(float), rule.open_above),
        Timeline("fastest joint\n[rad/s]", speed.astype(float), rule.slow),
    ]
    figure = timelines(d.times, curves, times, width=strip.shape[1] / DPI)
    return one_below_another([strip, figure_rgb(figure, DPI)])


def _frame(demonstration: Demonstration, frame: int) -> Rgb:
    rgb = demonstration.view(frame).rgb
    width = round(SIDE * rgb.shape[1] / rgb.shape[0])
    return cv2.resize(rgb, (width, SIDE), interpolation=cv2.INTER_AREA)
