"""When the umbrella is out, and that the stand neither holds it back nor comes along."""

from __future__ import annotations

import pytest

from saccade.worlds.tabletop.env import TabletopEnv
from saccade.worlds.tabletop.expert import play
from saccade.worlds.tabletop.pose import Pose
from saccade.worlds.tabletop.task import State
from saccade.worlds.tabletop.tasks.take_umbrella_out_of_umbrella_stand import success

STAND = Pose.at(0.5, 0.1, yaw=0.7)
HELD = frozenset({"umbrella"})


@pytest.mark.parametrize(
    ("umbrella", "stand", "held", "done"),
    [
        (Pose.at(0.5, 0.1, 0.21), STAND, HELD, True),
        (Pose.at(0.5, 0.1, 0.012), STAND, HELD, False),  # grasped, not lifted
        (Pose.at(0.5, 0.1, 0.13), STAND, HELD, False),  # its end is still in the pipe
        (Pose.at(0.3, 0.1, 0.0), STAND, frozenset(), False),  # knocked out
        (Pose.at(0.5, 0.1, 0.21), Pose.at(0.5, 0.1, 0.19), HELD, False),  # the stand came along
    ],
)
def test_the_umbrella_is_held_out_of_the_stand(
    umbrella: Pose, stand: Pose, held: frozenset[str], done: bool
) -> None:
    poses = {"umbrella_stand": stand, "umbrella": umbrella}
    assert success(State(poses=poses, held=held)) is done


def test_the_stand_stays_and_the_umbrella_hangs_upright() -> None:
    env = TabletopEnv("take_umbrella_out_of_umbrella_stand")
    for seed in range(3):
        play(env, seed)
        state = env.world.state()
        stand, umbrella = state.pose("umbrella_stand"), state.pose("umbrella")
        assert stand.distance(state.start["umbrella_stand"]) < 1e-3
        assert umbrella.tilt < 0.05
        assert umbrella.z - state.start["umbrella"].z == pytest.approx(0.20, abs=0.01)
