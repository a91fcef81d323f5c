"""Playing one scenario with a policy: the loop that evaluation, recording and training share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from saccade.systems.push.decision import Decision, Policy
from saccade.systems.push.targets import DISC_RADIUS
from saccade.worlds.push_box import PushOutcome, PushWorld
from saccade.worlds.push_box.rewards import report_changed
from saccade.worlds.push_box.world import ON_GROUND, ON_TABLE
from saccade.worlds.scenarios import Scenario
from saccade.worlds.workspace import Push


@dataclass(frozen=True)
class Protocol:
    """Rules of an episode: its end, and what a policy may not repeat.

    Attributes:
        max_actions: Most pushes (60 in both papers).
        patience: Pushes in a row without change that end it (report 5, paper 10).
        memory: Last useless pushes that are not repeated (5 in the published evaluation).
    """

    max_actions: int = 60
    patience: int = 10
    memory: int = 5


@dataclass(frozen=True)
class Step:
    """One push of an episode.

    Attributes:
        before: Observation that the push was chosen on.
        decision: Push, and what it was chosen from.
        outcome: Outcome of the push.
        after: Observation after the push.
        changed: Whether the scene changed by the report's test, or an object left the table.
    """

    before: Float[np.ndarray, "rows cols"]
    decision: Decision
    outcome: PushOutcome
    after: Float[np.ndarray, "rows cols"]
    changed: bool


@dataclass(frozen=True)
class EpisodeResult:
    """Counts that the papers' tables average.

    In the gathering task, "in the box" is in the disc and "on the table" is outside it.

    Attributes:
        objects_in_box: Number of objects in the box at the end.
        objects_on_ground: Number of objects that fell to the ground.
        objects_on_table: Number of objects that are left on the table.
        actions: Number of pushes.
        refused: Number of pushes that the arm could not reach.
        useless: Number of pushes that changed nothing.
    """

    objects_in_box: int
    objects_on_ground: int
    objects_on_table: int
    actions: int
    refused: int
    useless: int


def play(
    world: PushWorld,
    scenario: Scenario,
    policy: Policy,
    protocol: Protocol,
    seed: int,
    on_step: Callable[[Step], None] | None = None,
    animate: Callable[[], None] | None = None,
) -> EpisodeResult:
    """Play a scenario to its end.

    Args:
        world: Simulator, which is reset to the scenario.
        scenario: Objects at rest.
        policy: Policy that chooses the pushes.
        protocol: Rules of the episode.
        seed: Seed of the policy's chances and of the sensor's noise.
        on_step: Function that is called after every push.
        animate: Function that is called after every simulation step, for videos.
    """
    world.reset(scenario, seed)
    policy.reset(seed, world)
    heightmap = world.observe()
    idle: list[Push] = []
    actions = refused = useless = 0
    while remaining(world) and actions < protocol.max_actions and len(idle) < protocol.patience:
        avoid = idle[len(idle) - protocol.memory :] if protocol.memory < len(idle) else idle
        decision = policy.decide(heightmap, avoid)
        outcome = world.execute(decision.push, heightmap, animate)
        after = world.observe()
        changed = report_changed(heightmap, after) or bool(outcome.exits)
        idle = [] if changed else [*idle, decision.push]
        actions, refused = actions + 1, refused + (not outcome.executed)
        useless += not changed
        if on_step is not None:
            on_step(Step(heightmap, decision, outcome, after, changed))
        heightmap = after
    left, lost = remaining(world), world.count(ON_GROUND)
    done = len(world.status) - left - lost
    return EpisodeResult(done, lost, left, actions, refused, useless)


def remaining(world: PushWorld) -> int:
    """Objects on the table that are not done: all of them with a box, those outside the disc in
    the gathering task (a scene without a box)."""
    scene = world.config.scene
    if scene.box is not None:
        return world.count(ON_TABLE)
    on_table = np.array([status == ON_TABLE for status in world.status])
    away = np.linalg.norm(world.object_poses()[:, :2] - scene.workspace.centre, axis=1)
    return int((on_table & (away > DISC_RADIUS)).sum())
