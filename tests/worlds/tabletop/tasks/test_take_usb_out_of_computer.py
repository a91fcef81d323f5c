"""When the USB stick is out, and that it has to be pulled."""

from __future__ import annotations

import math

import mujoco
import pytest

from saccade.worlds.tabletop.env import TabletopEnv
from saccade.worlds.tabletop.expert import play
from saccade.worlds.tabletop.pose import Pose
from saccade.worlds.tabletop.task import State
from saccade.worlds.tabletop.tasks.take_usb_out_of_computer import success
from saccade.worlds.tabletop.world import TabletopWorld

COMPUTER = Pose.at(0.5, 0.1, yaw=math.pi / 2)  # the port looks along the world's y, 7 cm away
HELD = frozenset({"usb_stick"})


@pytest.mark.parametrize(
    ("y", "z", "held", "done"),
    [
        (0.20, 0.008, frozenset(), False),  # plugged in: 3 cm of stick beyond the port, half of it
        (0.22, 0.008, frozenset(), False),  # 4 mm out of the port
        (0.23, 0.008, frozenset(), True),
        (0.28, 0.000, frozenset(), True),
        (0.28, 0.008, HELD, False),
    ],
)
def test_the_plug_is_a_centimetre_before_the_port(
    y: float, z: float, held: frozenset[str], done: bool
) -> None:
    stick = Pose.at(0.5, y, z, yaw=math.pi / 2)
    poses = {"computer": COMPUTER, "usb_stick": stick}
    assert success(State(poses=poses, held=held)) is done


@pytest.mark.parametrize("push", [(0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (-1.0, 0.0, 0.0)])
def test_the_port_holds_the_stick_against_pushes_but_those_outward(
    push: tuple[float, float, float],
) -> None:
    task = TabletopEnv("take_usb_out_of_computer").task
    world = TabletopWorld(task)
    world.reset(0)
    model, data = world.model, world.data
    stick, start = int(model.body("usb_stick").id), world.state().pose("usb_stick")
    outward = Pose(quaternion=start.quaternion)
    for force, least, most in ((push, 0.0, 0.003), ((1.0, 0.0, 0.0), 0.016, math.inf)):
        data.xfrc_applied[stick, :3] = outward.apply(force)
        for _ in range(200):
            mujoco.mj_step(model, data)
        assert least <= start.distance(world.state().pose("usb_stick")) <= most


def test_the_stick_lies_where_it_was_put() -> None:
    env = TabletopEnv("take_usb_out_of_computer")
    for seed in range(3):
        assert play(env, seed).info["success"]
        state = env.world.state()
        stick, start = state.pose("usb_stick"), state.start["usb_stick"]
        x, y, z = start.locate(stick.position)
        assert (x, y) == pytest.approx((0.08, 0.0), abs=3e-3)
        assert stick.z == pytest.approx(0.0, abs=1e-3) and z < 0 and stick.tilt < 0.01
