"""What is between the fingers, and fixing it to the hand where grasps are not to be simulated."""

from __future__ import annotations

import mujoco
import numpy as np

from saccade.worlds.robots.panda import FINGER_JOINTS, PANDA
from saccade.worlds.tabletop.pose import Pose
from saccade.worlds.tabletop.scene import HAND, Scene, weld_name

assert PANDA.gripper is not None
OPENED, CLOSED = np.array(PANDA.gripper.opened), np.array(PANDA.gripper.closed)
"""Set points of the gripper's actuators."""


class Grasp:
    """Which objects are held in a scene.

    Args:
        scene: The scene.
        attach: Whether a loose object that both fingers touch is fixed to the hand while the
            gripper is to close.
    """

    def __init__(self, scene: Scene, attach: bool) -> None:
        self._scene, self._attach = scene, attach
        model = scene.model
        self._actuators = PANDA.locate(model).gripper_actuators
        self._fingers = [int(model.body(name).id) for name in FINGER_JOINTS]

    def held(self, data: mujoco.MjData) -> frozenset[str]:
        """Names of the objects that both fingers touch, or that are fixed to the hand."""
        return self._between(data) | self._attached(data)

    def update(self, data: mujoco.MjData) -> None:
        """Fix what has been grasped, let go of it when the gripper is to open."""
        if not self._attach:
            return
        attached, opening = self._attached(data), data.ctrl[self._actuators]
        if np.abs(opening - OPENED).sum() < np.abs(opening - CLOSED).sum():
            for name in attached:
                data.eq_active[self._weld(name)] = 0
        elif not attached:
            for name in self._between(data) & set(self._scene.loose):
                self._fix(data, name)

    def _between(self, data: mujoco.MjData) -> frozenset[str]:
        model, names = self._scene.model, self._scene.name_of_body
        touched: list[set[str]] = [set() for _ in self._fingers]
        contacts = data.contact
        near = contacts.geom[contacts.dist <= 0] if len(contacts.dist) else ()
        for pair in near:
            bodies = [int(model.geom_bodyid[geom]) for geom in pair]
            for one, other in (bodies, bodies[::-1]):
                if one in self._fingers and other in names:
                    touched[self._fingers.index(one)].add(names[other])
        return frozenset(set.intersection(*touched))

    def _attached(self, data: mujoco.MjData) -> frozenset[str]:
        if not self._attach:
            return frozenset()
        return frozenset(n for n in self._scene.loose if data.eq_active[self._weld(n)])

    def _weld(self, name: str) -> int:
        return int(self._scene.model.equality(weld_name(name)).id)

    def _fix(self, data: mujoco.MjData, name: str) -> None:
        """Fix an object to the hand where it is."""
        hand, thing = data.body(HAND), data.body(name)
        pose = Pose.from_array(np.concatenate([hand.xpos, hand.xquat])).inverse()
        pose = pose @ Pose.from_array(np.concatenate([thing.xpos, thing.xquat]))
        weld = self._weld(name)
        # MuJoCo's weld: anchor in the object's frame, then the object's pose in the hand's.
        self._scene.model.eq_data[weld, :3] = 0.0
        self._scene.model.eq_data[weld, 3:10] = pose.array()
        data.eq_active[weld] = 1
