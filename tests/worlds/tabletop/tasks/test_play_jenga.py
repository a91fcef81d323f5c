"""When the block is out of the tower, and that the others do not stir."""

from __future__ import annotations

import numpy as np
import pytest

from saccade.worlds.tabletop.env import TabletopEnv
from saccade.worlds.tabletop.expert import play
from saccade.worlds.tabletop.pose import Pose
from saccade.worlds.tabletop.task import State
from saccade.worlds.tabletop.tasks.play_jenga import place, success

START = place(np.random.default_rng(0))
PULLED = START["target"] @ Pose.at(x=0.15)


def state(
    held: frozenset[str] = frozenset(), target: Pose = PULLED, **moved: tuple[str, Pose]
) -> State:
    others = {name: START[name] @ by for name, by in moved.values()}
    return State(poses={**START, "target": target, **others}, start=START, held=held)


@pytest.mark.parametrize(
    ("way", "done"),
    # It sticks out by 7 cm, and 20 cm are its length.
    [(0.0, False), (0.125, False), (0.135, True), (-0.28, True)],
)
def test_the_target_is_wholly_out(way: float, done: bool) -> None:
    assert success(state(target=START["target"] @ Pose.at(x=way))) is done


def test_the_target_is_let_go() -> None:
    assert success(state())
    assert not success(state(held=frozenset({"target"})))


@pytest.mark.parametrize(
    ("name", "by", "done"),
    [
        ("block_3_0", Pose.at(y=-0.02), True),  # moved, still in the tower
        ("block_3_0", Pose.at(y=-0.04), False),  # its middle is out
        ("block_3_1", Pose.at(z=-0.033), False),  # fallen a layer
        ("block_2_0", Pose.at(roll=0.2), False),  # tipped
        ("block_2_0", Pose.at(yaw=0.2), True),
    ],
)
def test_the_others_are_still_in_the_tower(name: str, by: Pose, done: bool) -> None:
    assert success(state(block=(name, by))) is done


def test_a_layer_lies_across_the_one_below_and_blocks_side_by_side() -> None:
    heights = sorted({round(pose.z, 4) for pose in START.values()})
    assert heights == pytest.approx([0.0, 0.033, 0.066, 0.099])
    across = START["block_1_0"].inverse() @ START["block_2_0"]
    assert abs(across.yaw) == pytest.approx(np.pi / 2)
    side_by_side = START["block_0_0"].distance(START["block_0_2"])
    assert side_by_side == pytest.approx(0.134)


def test_the_expert_puts_the_target_down_and_moves_no_other_block() -> None:
    env = TabletopEnv("play_jenga")
    for seed in range(2):
        assert play(env, seed).info["success"]
        end = env.world.state()
        assert end.pose("target").z == pytest.approx(0.0, abs=1e-3)
        for name in set(end.poses) - {"target"}:
            assert end.pose(name).distance(end.start[name]) < 1e-3
