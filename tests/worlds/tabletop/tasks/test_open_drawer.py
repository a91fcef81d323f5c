"""When the drawer is open, and that its expert pulls it straight out."""

from __future__ import annotations

import math

import numpy as np
import pytest

from saccade.worlds.tabletop.env import TabletopEnv
from saccade.worlds.tabletop.expert import play
from saccade.worlds.tabletop.pose import Pose
from saccade.worlds.tabletop.task import State
from saccade.worlds.tabletop.tasks.open_drawer import PULL, expert, place, success


@pytest.mark.parametrize(
    ("out", "held", "done"),
    [
        (0.0, "", False),
        (0.079, "", False),
        (0.081, "", True),
        (0.081, "cabinet", False),  # the knob is not let go of
    ],
)
def test_the_drawer_is_out_and_let_go(out: float, held: str, done: bool) -> None:
    state = State(
        poses={"cabinet": Pose.at(0.5, 0.0)},
        held=frozenset({held} if held else ()),
        joints={"drawer": out},
    )
    assert success(state) is done


@pytest.mark.parametrize("seed", range(10))
def test_the_hand_pulls_along_the_drawer_without_turning(seed: int) -> None:
    start = State(poses=place(np.random.default_rng(seed)), joints={"drawer": 0.0})
    _, grasp, out = (waypoint.tip for waypoint in expert(start))
    x, y, z = (b - a for a, b in zip(grasp.position, out.position, strict=True))
    yaw = start.pose("cabinet").yaw
    assert (x, y, z) == pytest.approx((PULL * math.cos(yaw), PULL * math.sin(yaw), 0.0))
    assert out.quaternion == grasp.quaternion
    assert not success(start)


def test_the_drawer_stays_where_the_expert_leaves_it() -> None:
    env = TabletopEnv("open_drawer")
    assert play(env, seed=0).info["success"]
    assert env.world.state().joints["drawer"] == pytest.approx(PULL, abs=0.005)
