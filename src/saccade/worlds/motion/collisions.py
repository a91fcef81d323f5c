"""Whether an arm touches its surroundings, asked of MuJoCo without moving the world."""

from __future__ import annotations

import mujoco
import numpy as np
from jaxtyping import Bool, Float, Int

from saccade.errors import UserInputError
from saccade.worlds.robots.arm import Arm, ids


class CollisionCheck:
    """Tells whether an arm, and what it holds, would touch anything with its joints elsewhere.

    What touches already may go on touching, no deeper.

    Args:
        model: The arm in its scene.
        arm: Names of its parts.
        ignored: Names of bodies whose contacts do not count: fingers that are to grasp.
        tolerance: Depth of a contact that does not count [m].
    """

    def __init__(
        self, model: mujoco.MjModel, arm: Arm, ignored: tuple[str, ...], tolerance: float
    ) -> None:
        self._model, self._data = model, mujoco.MjData(model)
        self._places = arm.locate(model)
        self._tolerance = tolerance
        self._carrier = int(model.site_bodyid[self._places.tip_site])
        self._arm_bodies = _subtree(model, int(model.jnt_bodyid[self._places.joints[0]]))
        self._ignored = np.zeros(model.nbody, bool)
        self._ignored[ids(model, "body", ignored)] = True
        self._moving = self._arm_bodies
        self._held: list[tuple[int, np.ndarray]] = []
        self._touching: dict[tuple[int, int], float] = {}
        self.count = 0

    def begin(
        self, data: mujoco.MjData, q: Float[np.ndarray, " k"], held: tuple[str, ...] = ()
    ) -> None:
        """Take over the state of the world.

        Args:
            data: Where everything is.
            q: Joint positions of the arm from which it is to move [rad].
            held: Names of the free bodies that it carries along.

        Raises:
            UserInputError: A body that is held is not free, or there is none of that name.
        """
        own = self._data
        own.qpos[:] = data.qpos
        own.mocap_pos[:], own.mocap_quat[:] = data.mocap_pos, data.mocap_quat
        mujoco.mj_kinematics(self._model, own)
        self._moving = self._arm_bodies.copy()
        self._held = []
        for body in ids(self._model, "body", held):
            self._moving |= _subtree(self._model, int(body))
            self._held.append(self._carried(int(body)))
        self._touching = dict(self._contacts(q))
        self.count = 0

    def free(self, q: Float[np.ndarray, " k"]) -> bool:
        """Whether the arm, with its joints at q [rad], touches nothing that counts."""
        self.count += 1
        return not any(
            depth > self._tolerance + self._touching.get(pair, 0.0)
            for pair, depth in self._contacts(q)
        )

    def touched(self, q: Float[np.ndarray, " k"]) -> str:
        """Names of the bodies that touch with the joints at q [rad], for a message."""
        names = set()
        for pair, depth in self._contacts(q):
            if depth > self._tolerance + self._touching.get(pair, 0.0):
                bodies = [self._model.body(int(self._model.geom_bodyid[geom])) for geom in pair]
                names.add(" and ".join(body.name or "a body without a name" for body in bodies))
        return ", ".join(sorted(names))

    def _contacts(self, q: Float[np.ndarray, " k"]) -> list[tuple[tuple[int, int], float]]:
        """Pairs of geoms that touch, and how deep [m], of those that count."""
        model, data = self._model, self._data
        data.qpos[self._places.qpos] = q
        mujoco.mj_kinematics(model, data)
        if self._held:
            self._carry_along()
            mujoco.mj_kinematics(model, data)
        mujoco.mj_collision(model, data)
        contact = data.contact
        if not len(contact.dist):
            return []
        pairs = contact.geom
        one, other = (model.geom_bodyid[pairs[:, i]] for i in (0, 1))
        counts = (self._moving[one] | self._moving[other]) & ~(
            self._ignored[one] | self._ignored[other]
        )
        return [
            ((int(pairs[i, 0]), int(pairs[i, 1])), -float(contact.dist[i]))
            for i in np.flatnonzero(counts & (contact.dist < 0))
        ]

    def _carried(self, body: int) -> tuple[int, Float[np.ndarray, "7"]]:
        """Where a held body's pose is in qpos, and its pose in the hand."""
        model, data = self._model, self._data
        joint = int(model.body_jntadr[body])
        if joint < 0 or model.jnt_type[joint] != mujoco.mjtJoint.mjJNT_FREE:
            raise UserInputError(
                f"the held body {model.body(body).name!r} is not free; expected one with a free "
                "joint"
            )
        inverse, turn, offset, pose = np.empty(4), np.empty(4), np.empty(3), np.empty(7)
        mujoco.mju_negPose(offset, inverse, data.xpos[self._carrier], data.xquat[self._carrier])
        mujoco.mju_mulPose(pose[:3], turn, offset, inverse, data.xpos[body], data.xquat[body])
        pose[3:] = turn
        return int(model.jnt_qposadr[joint]), pose

    def _carry_along(self) -> None:
        """Move what is held with the hand."""
        data, place, turn = self._data, np.empty(3), np.empty(4)
        hand = data.xpos[self._carrier], data.xquat[self._carrier]
        for address, pose in self._held:
            mujoco.mju_mulPose(place, turn, *hand, pose[:3], pose[3:])
            data.qpos[address : address + 3] = place
            data.qpos[address + 3 : address + 7] = turn


def _subtree(model: mujoco.MjModel, root: int) -> Bool[np.ndarray, " bodies"]:
    """Which bodies move with one: itself and its children's children."""
    inside = np.zeros(model.nbody, bool)
    inside[root] = True
    parents: Int[np.ndarray, " bodies"] = model.body_parentid
    for body in range(root + 1, model.nbody):
        inside[body] = inside[parents[body]]
    return inside
