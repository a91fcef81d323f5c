"""Rows of pictures: attention over an episode (Fig. 3), keyframes of a demonstration (Fig. 5)."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from jaxtyping import UInt8

from saccade.data.demonstrations import Demonstration
from saccade.data.keyframes import discover_keyframes
from saccade.systems.arm.episodes import Step
from saccade.systems.arm.pictures.decisions import draw_attention
from saccade.viewing.montage import side_by_side

Rgb = UInt8[np.ndarray, "_ _ 3"]
SCALE = 2
"""Pixels of the picture for each of the view."""


def attention_strip(steps: Sequence[Step]) -> Rgb:
    """What is attended at each decision of an episode (Fig. 3)."""
    pictures = [draw_attention(step.observation.view, step.decision, SCALE) for step in steps]
    return side_by_side(pictures, [f"decision {i + 1}" for i in range(len(steps))])


def keyframe_strip(demonstration: Demonstration) -> Rgb:
    """The first frame of a demonstration and its keyframes (Fig. 5).

    Raises:
        UserInputError: It has no keyframe.
    """
    d = demonstration
    keyframes = discover_keyframes(d.joint_velocities, d.gripper_open, d.tip_poses)
    frames = [0, *keyframes.tolist()]
    size = (SCALE * d.rgb.shape[2], SCALE * d.rgb.shape[1])
    pictures = [
        cv2.resize(d.view(frame).rgb, size, interpolation=cv2.INTER_NEAREST) for frame in frames
    ]
    captions = [
        "start",
        *(f"keyframe {i + 1}, {d.times[f]:.1f} s" for i, f in enumerate(keyframes)),
    ]
    return side_by_side(pictures, captions)
