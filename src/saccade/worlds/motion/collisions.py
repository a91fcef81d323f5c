"""Whether an arm touches its surroundings, asked of MuJoCo without moving the world."""

from __future__ import annotations

from copy import copy

import mujoco
import numpy as np
from jaxtyping import Bool, Float, Int

from saccade.errors import UserInputError
from saccade.worlds.robots.arm import Arm, ids

HELD_TOLERANCE = 0.01
"""Depth to which a held body may touch what is fixed [m]: it turns and slips in the grasp by
millimetres. It may touch free bodies, which give way: it is pulled out from among them."""

Pair = tuple[int, int]
"""Ids of two geoms."""


class CollisionCheck:
    """Tells whether an arm, and what it holds, would touch anything with its joints elsewhere.

    What touches where it starts may go on touching, no deeper.

    Args:
        model: The arm in its scene.
        arm: Names of its parts.
        may_touch: Names of bodies whose contacts do not count at the end: fingers that grasp.
        tolerance: Depth of a contact that does not count [m].
    """

    def __init__(
        self, model: mujoco.MjModel, arm: Arm, may_touch: tuple[str, ...], tolerance: float
    ) -> None:
        self._scene, self._data = model, mujoco.MjData(model)
        self._model = model
        self._places = arm.locate(model)
        self._tolerance = tolerance
        self._carrier = int(model.site_bodyid[self._places.tip_site])
        self._arm_bodies = _subtree(model, int(model.jnt_bodyid[self._places.joints[0]]))
        self._may_touch = np.zeros(model.nbody, bool)
        self._may_touch[ids(model, "body", may_touch)] = True
        self._carried = np.zeros(model.nbody, bool)
        self._loose = _free_bodies(model)
        self._held: list[tuple[int, np.ndarray]] = []
        self._start = np.zeros(0)
        self._least: dict[Pair, float] = {}
        self._clearance: float | None = None

    def begin(
        self, data: mujoco.MjData, start: Float[np.ndarray, " k"], held: tuple[str, ...] = ()
    ) -> None:
        """Take over the state of the world.

        Args:
            data: Where everything is.
            start: Joint positions of the arm from which it is to move [rad].
            held: Names of the free bodies that it carries along.

        Raises:
            UserInputError: A body that is held is not free, or there is none of that name.
        """
        self._model, own = self._scene, self._data
        own.qpos[:] = data.qpos
        own.mocap_pos[:], own.mocap_quat[:] = data.mocap_pos, data.mocap_quat
        mujoco.mj_kinematics(self._model, own)
        self._carried[:] = False
        self._held = []
        for body in ids(self._model, "body", held):
            self._carried |= _subtree(self._model, int(body))
            self._held.append(self._grasp(int(body)))
        self._start = start
        self._clearance = None
        self._least = {pair: gap + self._depth(pair) for pair, gap in self._gaps(start)}

    def let_end(self, end: Float[np.ndarray, " k"]) -> None:
        """Let fingers, and what is held if not deep, touch what they touch at an end.

        On the way they may then touch it as well, no deeper.
        """
        for pair, gap in self._gaps(end):
            put_down = self._any(self._carried, pair) and gap >= -HELD_TOLERANCE
            if put_down or self._any(self._may_touch, pair):
                self._least[pair] = min(self._least.get(pair, 0.0), gap - self._tolerance)

    def keep_clear(self, clearance: float, ends: list[Float[np.ndarray, " k"]]) -> None:
        """From now on keep a distance, but from what is nearer at the start or at an end.

        Args:
            clearance: The distance [m].
            ends: Joint positions of the ends [rad].
        """
        # Contacts within a margin are reported; the scene's own model is not to be changed.
        self._model = copy(self._scene)
        moving = self._arm_bodies | self._carried
        self._model.geom_margin[moving[self._model.geom_bodyid]] = clearance
        for q in (self._start, *ends):
            for pair, gap in self._gaps(q):
                least = min(clearance, gap - self._tolerance)
                self._least[pair] = min(self._least.get(pair, clearance), least)
        self._clearance = clearance

    def free(self, q: Float[np.ndarray, " k"]) -> bool:
        """Whether the arm, with its joints at q [rad], touches nothing that counts."""
        return all(gap >= self._least_for(pair) for pair, gap in self._gaps(q))

    def touched(self, q: Float[np.ndarray, " k"]) -> str:
        """Names of the bodies that touch with the joints at q [rad], for a message."""
        names = set()
        for pair, gap in self._gaps(q):
            if gap < self._least_for(pair):
                bodies = [self._model.body(int(self._model.geom_bodyid[geom])) for geom in pair]
                names.add(" and ".join(body.name or "a body without a name" for body in bodies))
        return ", ".join(sorted(names))

    def _gaps(self, q: Float[np.ndarray, " k"]) -> list[tuple[Pair, float]]:
        """Pairs of geoms that touch or nearly do, and the gap between them [m], of what counts."""
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
        one, other = (model.geom_bodyid[contact.geom[:, i]] for i in (0, 1))
        counts = self._arm_bodies[one] | self._arm_bodies[other]
        counts |= self._carried[one] & ~self._loose[other]
        counts |= self._carried[other] & ~self._loose[one]
        return [
            ((int(contact.geom[i, 0]), int(contact.geom[i, 1])), float(contact.dist[i]))
            for i in np.flatnonzero(counts)
        ]

    def _least_for(self, pair: Pair) -> float:
        """The smallest gap of two geoms that does not count [m]."""
        otherwise = self._depth(pair) if self._clearance is None else self._clearance
        return self._least.get(pair, otherwise)

    def _depth(self, pair: Pair) -> float:
        """Minus the depth to which two geoms may touch [m]."""
        return -HELD_TOLERANCE if self._any(self._carried, pair) else -self._tolerance

    def _any(self, bodies: Bool[np.ndarray, " bodies"], pair: Pair) -> bool:
        """Whether one of two geoms belongs to certain bodies."""
        return any(bodies[self._model.geom_bodyid[geom]] for geom in pair)

    def _grasp(self, body: int) -> tuple[int, Float[np.ndarray, "7"]]:
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


def _free_bodies(model: mujoco.MjModel) -> Bool[np.ndarray, " bodies"]:
    """Which bodies belong to an object with a free joint."""
    first = model.body_jntadr[model.body_rootid]
    return (first >= 0) & (model.jnt_type[first] == mujoco.mjtJoint.mjJNT_FREE)


def _subtree(model: mujoco.MjModel, root: int) -> Bool[np.ndarray, " bodies"]:
    """Which bodies move with one: itself and its children's children."""
    inside = np.zeros(model.nbody, bool)
    inside[root] = True
    parents: Int[np.ndarray, " bodies"] = model.body_parentid
    for body in range(root + 1, model.nbody):
        inside[body] = inside[parents[body]]
    return inside
