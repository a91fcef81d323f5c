"""Placeholder of the pose action: straight lines of the tip by inverse kinematics."""

from __future__ import annotations

import mujoco
import numpy as np
from jaxtyping import Float

from saccade.worlds.robots.panda import PANDA, arm_only_model
from saccade.worlds.tabletop.pose import Pose
from saccade.worlds.tabletop.world import TabletopWorld


class Unreachable(Exception):
    """The arm cannot be there."""


class Kinematics:
    def __init__(self) -> None:
        self.model = arm_only_model()
        self.data = mujoco.MjData(self.model)
        self.arm = PANDA.locate(self.model)
        self.range = self.model.jnt_range[self.arm.joints]

    def solve(self, tip: Float[np.ndarray, "7"], start: Float[np.ndarray, "7"]) -> np.ndarray:
        model, data, arm = self.model, self.data, self.arm
        q = np.array(start, dtype=float)
        jac = np.zeros((6, model.nv))
        error = np.zeros(6)
        for _ in range(60):
            data.qpos[arm.qpos] = q
            mujoco.mj_kinematics(model, data)
            mujoco.mj_comPos(model, data)
            pose = arm.tip_pose(data)
            error[:3] = tip[:3] - pose[:3]
            turn = np.zeros(4)
            mujoco.mju_mulQuat(turn, tip[3:], pose[3:] * [1, -1, -1, -1])
            mujoco.mju_quat2Vel(error[3:], turn, 1.0)
            if np.linalg.norm(error[:3]) < 2e-4 and np.linalg.norm(error[3:]) < 2e-3:
                return q
            mujoco.mj_jacSite(model, data, jac[:3], jac[3:], arm.tip_site)
            j = jac[:, arm.dofs]
            h = j.T @ j + 1e-4 * np.eye(7)
            g = j.T @ error + 1e-4 * 0.1 * (np.array(PANDA.home) - q)
            dq = np.linalg.solve(h, g)
            q = np.clip(
                q + np.clip(dq, -0.3, 0.3), self.range[:, 0] + 0.01, self.range[:, 1] - 0.01
            )
        raise Unreachable(f"{np.linalg.norm(error[:3]):.4f} m, {np.linalg.norm(error[3:]):.3f} rad")

    def reachable(self, tip: Float[np.ndarray, "7"]) -> bool:
        try:
            self.solve(tip, np.array(PANDA.home))
        except Unreachable:
            return False
        return True


class StraightMover:
    def __init__(self, world: TabletopWorld, kinematics: Kinematics) -> None:
        self.world, self.kinematics = world, kinematics
        self.open = True

    def move(self, tip: Float[np.ndarray, "7"], open_: bool) -> None:
        world = self.world
        q = world.data.ctrl[world.arm.actuators].copy()
        a = Pose.from_array(self._tip(q))
        b = Pose.from_array(tip)
        n = 12
        path = [q]
        for i in range(1, n + 1):
            s = i / n
            pos = np.array(a.position) * (1 - s) + np.array(b.position) * s
            qa, qb = np.array(a.quaternion), np.array(b.quaternion)
            if qa @ qb < 0:
                qb = -qb
            quat = qa * (1 - s) + qb * s
            path.append(
                self.kinematics.solve(np.append(pos, quat / np.linalg.norm(quat)), path[-1])
            )
        path = np.array(path)
        duration = max(0.3, 1.9 * np.abs(np.diff(path, axis=0)).sum(axis=0).max() / 1.6)
        steps = int(np.ceil(duration / world.config.frame_time))
        t = np.arange(1, steps + 1) / steps
        s = (10 * t**3 - 15 * t**4 + 6 * t**5) * n
        for v in s:
            i = min(int(v), n - 1)
            world.track(path[i] + (path[i + 1] - path[i]) * (v - i), self.open)
        for _ in range(4):
            world.track(path[-1], self.open)
        if open_ != self.open:
            self.open = open_
            for _ in range(12):
                world.track(path[-1], self.open)

    def _tip(self, q: np.ndarray) -> np.ndarray:
        k = self.kinematics
        k.data.qpos[k.arm.qpos] = q
        mujoco.mj_kinematics(k.model, k.data)
        return k.arm.tip_pose(k.data)
