"""Episodes of a policy in a task's world: the loop that evaluation, training and demos share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from saccade.systems.arm.decision import ArmPolicy, Decision
from saccade.worlds.motion.pose_action import OUT_OF_REACH, PLANNING_FAILED
from saccade.worlds.rgbd import Observation
from saccade.worlds.tabletop.env import GRASP_LOST, TIME_OUT, TabletopEnv

OFF_TARGET = 0.08
"""Distance of the attended point from all that the expert goes to, from which on it is off [m]."""
ATTENTION_OFF = "attention_off_target"
CAUSES = (ATTENTION_OFF, GRASP_LOST, OUT_OF_REACH, PLANNING_FAILED, TIME_OUT)
"""Why an episode failed; the first two are of what went wrong first, the others how it ended."""


@dataclass(frozen=True, eq=False)
class Step:
    """One decision of an episode, and what came of it.

    Attributes:
        observation: What was seen and known.
        decision: What was decided.
        reward: Reward.
        off_target: Whether the attended point is far from all that the expert would go to.
        info: What the environment says after it.
    """

    observation: Observation
    decision: Decision
    reward: float
    off_target: bool
    info: dict[str, Any]


@dataclass(frozen=True)
class EpisodeResult:
    """How an episode went.

    Attributes:
        success: Whether the task was done.
        total_reward: Sum of the rewards.
        actions: Number of decisions.
        failure: Why it failed, one of CAUSES; "" after success.
    """

    success: bool
    total_reward: float
    actions: int
    failure: str

    @property
    def ending(self) -> str:
        """How it ended, in words: "done", or why it failed."""
        return self.failure.replace("_", " ") or "done"


def play(
    env: TabletopEnv,
    policy: ArmPolicy,
    seed: int,
    rng: np.random.Generator | None = None,
    on_step: Callable[[Step], None] | None = None,
) -> EpisodeResult:
    """Play one episode to its end.

    Args:
        env: Environment, which is reset.
        policy: Policy.
        seed: Seed of the episode's placement.
        rng: Source of chance for exploring; None for what the policy thinks best.
        on_step: Function that is called after every decision.
    """
    env.reset(seed=seed)
    goals = np.array([w.tip.position for w in env.task.expert(env.world.state())])
    total, actions, off = 0.0, 0, False
    while True:
        seen = env.observation
        decision = policy.act(seen, rng)
        step_off = off_target(seen, decision, goals)
        _, reward, terminated, truncated, info = env.step(decision.action)
        total, actions, off = total + reward, actions + 1, off or step_off
        if on_step is not None:
            on_step(Step(seen, decision, reward, step_off, info))
        if terminated or truncated:
            success = bool(info["success"])
            failure = "" if success else _cause(info["failure"], off)
            return EpisodeResult(success, total, actions, failure)


def off_target(
    observation: Observation, decision: Decision, goals: Float[np.ndarray, "g 3"]
) -> bool:
    """Whether the attended point is far from every tip position of the expert's [m]."""
    x, y = decision.pixel
    return bool(np.linalg.norm(goals - observation.view.points[y, x], axis=1).min() > OFF_TARGET)


def _cause(ended: str, off: bool) -> str:
    """The cause of a failure that ended so, where attention was off target or not."""
    return ATTENTION_OFF if off and ended != GRASP_LOST else ended
