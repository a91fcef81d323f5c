"""Push at its smallest: every stage of training, one object, two pushes."""

from __future__ import annotations

from conformance.case import Case
from fast_world import FAST
from tiny_push import block_map

CASE = Case(
    train=(
        "--workers", 1, "--data.episodes", 2, "--data.pushes", 3, "--data.max-objects", 2,
        "--mask.heuristic-steps", 1, "--mask.refine-steps", 2, "--mask.batch", 2,
        "--offline.steps", 3, "--offline.batch", 4, "--offline.checkpoint-every", 2,
        "--online.episodes", 1, "--online.pushes", 2, "--online.steps", 2, "--online.batch", 4,
        "--policy.candidates", 8, "--policy.refine", 4, *FAST,
    ),
    eval=(
        "--objects", 1, "--episodes", 2, "--pictured", 1, "--workers", 1,
        "--protocol.max-actions", 2, *FAST,
    ),
    show=("--objects", 1),
    answer=lambda policy: policy.act(block_map()),
    table=("--workers", 1),
    budget=("--budget.scenarios", 1),
    other_budget=("--budget.scenarios", 2),
    row="random-1",
    other_row="edge-1",
    trained_row="glimpse-offline",
)  # fmt: skip
