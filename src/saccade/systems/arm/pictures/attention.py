"""Attention over an episode: what is looked at, and what is decided there (as in Fig. 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from jaxtyping import UInt8

from saccade.systems.arm.episodes import Step
from saccade.systems.arm.pictures.decisions import draw_pose, draw_view_and_crop
from saccade.viewing.montage import one_below_another, side_by_side

Rgb = UInt8[np.ndarray, "_ _ 3"]
SIDE = 224
"""Side of a picture [pixels]."""
GAP = 3
"""Pixels between the two pictures of a decision."""


def attention_over_time(episodes: Mapping[str, Sequence[Step]], side: int = SIDE) -> Rgb:
    """Episodes below one another, each a row of its decisions (Fig. 3).

    Args:
        episodes: Decisions of each episode by its title.
        side: Side of a picture [pixels]; each decision has two.
    """
    return one_below_another(
        [_row(title, steps, side) for title, steps in episodes.items()], gap=2 * GAP
    )


def _row(title: str, steps: Sequence[Step], side: int) -> Rgb:
    cells = [_decision(step, side) for step in steps]
    captions = [
        f"{title} {number}: fingers {'open' if step.decision.gripper_open else 'closed'}"
        for number, step in enumerate(steps, start=1)
    ]
    return side_by_side(cells, captions)


def _decision(step: Step, side: int) -> Rgb:
    view, decision = step.observation.view, step.decision
    looks = draw_view_and_crop(view, decision, side)
    goes = cv2.resize(draw_pose(view, decision), (side, side), interpolation=cv2.INTER_AREA)
    return side_by_side([looks, goes], gap=GAP)
