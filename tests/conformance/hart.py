"""Hart at its smallest: both stages of training, frames of 64 x 48."""

from __future__ import annotations

from typing import Any

import numpy as np

from conformance.case import Case
from saccade.systems.hart.commands.show_weights import CLIP

SHOW = "saccade.systems.hart.commands.show_weights"
FRAMES = ("--frames", 4, "--height", 48, "--width", 64)


def follow(tracker: Any) -> list[Any]:
    """Boxes of a square that goes right."""
    frames = np.zeros((3, 48, 64, 3), np.uint8)
    for i, frame in enumerate(frames):
        frame[10:20, 20 + 2 * i : 30 + 2 * i] = 255
    tracker.init(frames[0], (20, 10, 10, 10))
    return [tracker.update(frame) for frame in frames[1:]]


CASE = Case(
    train=(
        "--workers",
        1,
        "--fit.steps",
        7,
        "--fit.checkpoint-every",
        2,
        "--finetune.steps",
        3,
        "--data.clips",
        2,
    ),
    eval=("--sequences", 2, "--pictured", 1, "--workers", 1, *FRAMES),
    show=(),
    answer=follow,
    table=("--preset", "smoke", "--workers", 1),
    budget=("--budget.sequences", 1, "--budget.frames", 4),
    other_budget=("--budget.sequences", 2, "--budget.frames", 4),
    row="still",
    other_row="shipped",
    trained_row="hart",
    patches={f"{SHOW}.CLIP": CLIP.still(frames=3, height=48, width=64), f"{SHOW}.SHOWN": (1, 2)},
)  # fmt: skip
