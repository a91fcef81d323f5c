"""Both papers' definitions of change and reward, as pure functions of two heightmaps.

Distances are in pixels of 2 mm, as in the papers. An empty table has mean distance 0.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from saccade.checks import check_choice

CHANGE_HEIGHT = 0.01
"""A pixel belongs to an object, or has changed, from this height on [m]."""
REPORT_CHANGED_PIXELS = 100
"""The report: more than this many binarised pixels differ."""
PAPER_CHANGED_PIXELS = 1000
"""The paper's tau_mask: at least this many pixels changed by 1 cm (450 in the follow-up)."""
BOX_REWARD = 10.0

Map = Float[np.ndarray, "rows cols"]


def changed_pixels(before: Map, after: Map) -> int:
    """c_t of the paper's Eq. 1: pixels whose height changed by at least 1 cm."""
    return int((np.abs(before - after) >= CHANGE_HEIGHT).sum())


def report_changed(before: Map, after: Map) -> bool:
    """The report's change test: more than 100 pixels of the binarised maps differ."""
    differ = (before >= CHANGE_HEIGHT) != (after >= CHANGE_HEIGHT)
    return int(differ.sum()) > REPORT_CHANGED_PIXELS


def paper_changed(before: Map, after: Map, threshold: int = PAPER_CHANGED_PIXELS) -> bool:
    """R^c of the paper's Eq. 2."""
    return changed_pixels(before, after) >= threshold


def mean_distance(heightmap: Map, target: tuple[float, float]) -> float:
    """d_t^M of the paper's Eq. 3: mean distance [pixels] of object pixels to p_box (row, col)."""
    rows, cols = np.nonzero(heightmap >= CHANGE_HEIGHT)
    if len(rows) == 0:
        return 0.0
    return float(np.hypot(rows - target[0], cols - target[1]).mean())


def report_reward(
    before: Map, after: Map, boxed: int, grounded: int, target: tuple[float, float]
) -> float:
    """The report's Eq. 1: 0 without change or with a fall, 10 into the box, else progress."""
    if grounded or not (report_changed(before, after) or boxed):
        return 0.0
    if boxed:
        return BOX_REWARD
    return max(0.0, mean_distance(before, target) - mean_distance(after, target))


def paper_reward(
    before: Map, after: Map, boxed: int, grounded: int, target: tuple[float, float]
) -> float:
    """R^p of the paper's Eq. 4: progress + 10 a boxed object, 0 with a fall."""
    if grounded:
        return 0.0
    progress = mean_distance(before, target) - mean_distance(after, target)
    return max(0.0, progress) + BOX_REWARD * boxed


Reward = Callable[[Map, Map, int, int, tuple[float, float]], float]
REWARDS: dict[str, Reward] = {"paper": paper_reward, "report": report_reward}


def reward_named(name: str) -> Reward:
    """The reward function of a name, "paper" or "report"."""
    check_choice("reward", name, REWARDS)
    return REWARDS[name]
