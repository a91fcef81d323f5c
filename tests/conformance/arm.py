"""Arm at its smallest: both networks, one demonstration, one own episode."""

from __future__ import annotations

from typing import Any

from arm_scenes import observation
from conformance.case import Case
from saccade.systems.arm.config import FIRST_TASK


def decide(policy: Any) -> list[Any]:
    """A decision on a table with a block."""
    decision = policy.act(observation())
    return [decision.pixel, decision.attention, decision.tip_pose, decision.gripper_open]


CASE = Case(
    train=(
        "--workers", 1, "--episodes", 1, "--task", "reach_target", "--look.steps", 4,
        "--look.batch", 2, "--vote.steps", 4, "--vote.batch", 2, "--checkpoint-every", 2,
        "--own.episodes", 1, "--own.look-steps", 2, "--own.vote-steps", 2,
    ),
    eval=("--episodes", 2, "--pictured", 1, "--workers", 1),
    show=(),
    answer=decide,
    table=("--workers", 1),
    budget=("--budget.episodes", 1),
    other_budget=("--budget.episodes", 2),
    row=f"{FIRST_TASK}.expert",
    other_row=f"{FIRST_TASK}.random",
    trained_row=f"{FIRST_TASK}.look-and-vote",
)  # fmt: skip
