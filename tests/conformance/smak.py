"""Smak at its smallest: sequences of 27 frames of 24 x 24, rendered as in earnest."""

from __future__ import annotations

from typing import Any

from conformance.case import Case
from moving_views import moving_sequence


def embed(embedder: Any) -> list[Any]:
    """Vectors and attention of a video."""
    frames = moving_sequence(0, length=5).frames(0)
    look = embedder.attend(frames)
    return [embedder(frames), look.vectors, *look.maps.values()]


SMALL = ("--pouring.height", 24, "--pouring.width", 24, "--pouring.frames", 27, 27)

CASE = Case(
    train=(
        "--workers", 1, "--sequences", 3, "--side", 24, "--fit.steps", 12, "--fit.held-out", 1,
        "--fit.validate-every", 5, "--fit.checkpoint-every", 4, "--pretext.steps", 2,
        "--batch.pairs", 8, *SMALL,
    ),
    eval=("--sequences", 2, "--pictured", 1, "--workers", 1),
    show=(),
    answer=embed,
    table=("--preset", "smoke", "--workers", 1),
    budget=("--budget.steps", 2),
    other_budget=("--budget.steps", 3),
    row="random",
    other_row="shipped",
    trained_row="smak",
    patches={"saccade.systems.smak.commands.show_weights.SHOWN": 1},
)  # fmt: skip
