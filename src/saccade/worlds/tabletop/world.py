"""A task's world: where things stand, what is true, what is seen, one control frame of motion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import mujoco
import numpy as np
from jaxtyping import Float

from saccade.errors import SaccadeError, UserInputError
from saccade.worlds.motion.planning import PlanningSettings
from saccade.worlds.motion.trajectories import Pace
from saccade.worlds.offscreen import PLAIN, OffscreenRenderer
from saccade.worlds.rgbd import Observation, Proprioception, RgbdView
from saccade.worlds.robots.panda import FINGER_RANGE, PANDA
from saccade.worlds.tabletop.camera import FrontCamera
from saccade.worlds.tabletop.disturbances import NONE, Disturbances
from saccade.worlds.tabletop.grasp import Grasp
from saccade.worlds.tabletop.look import Look
from saccade.worlds.tabletop.placement import Placer
from saccade.worlds.tabletop.pose import Pose
from saccade.worlds.tabletop.scene import FRONT, build_scene
from saccade.worlds.tabletop.task import State, Task

MOST_REDRAWS = 500
"""Placements that are tried before a task is given up as impossible."""
SETTLE_TIME = 0.12
"""Time that objects have to come to rest on what they stand on before an episode begins [s]."""
DISTURBING = 1
"""Stream of chance of the disturbances: the same seed places the same objects with and without."""
TICK, TICKS_A_FRAME = 0.01, 5
"""Time between two commands [s], and how many of them make a control frame: 20 a second."""
MOST_FRAMES_OF_REST = 10
"""Control frames that are waited for objects to come to rest after an action."""
STILL, LEVER = 0.02, 0.05
"""Speed below which an object rests [m/s], and the length that turns are measured by [m]."""


@dataclass(frozen=True)
class WorldConfig:
    """Settings of a task's world.

    Attributes:
        camera: The front camera.
        disturbances: What is drawn anew for every episode.
        attach: Whether what both fingers touch is fixed to the hand, instead of held by friction.
        planning: How the arm's ways are planned.
        pace: How much of the arm's limits its motions use.
        timestep: Simulation step [s].
    """

    camera: FrontCamera = field(default_factory=FrontCamera)
    disturbances: Disturbances = NONE
    attach: bool = False
    planning: PlanningSettings = field(default_factory=PlanningSettings)
    pace: Pace = field(default_factory=Pace)
    timestep: float = 0.002

    def __post_init__(self) -> None:
        substeps = TICK / self.timestep if self.timestep > 0 else 0.0
        if substeps < 1 or abs(substeps - round(substeps)) > 1e-6:
            raise UserInputError(
                f"timestep is {self.timestep}; expected {TICK} s divided by a whole number"
            )


@dataclass(frozen=True, eq=False)
class Frame:
    """The world's whole configuration at the end of a control frame.

    Attributes:
        time: Time since the episode began [s].
        qpos: MuJoCo's positions.
        qvel: MuJoCo's velocities.
    """

    time: float
    qpos: Float[np.ndarray, " q"]
    qvel: Float[np.ndarray, " v"]


class TabletopWorld:
    """A Panda at a table with a task's objects.

    Args:
        task: The task.
        config: Settings.
        reachable: Tells whether the arm can reach a tip pose (7); placements whose waypoints it
            cannot reach are redrawn. Every placement is taken if None.
    """

    def __init__(
        self,
        task: Task,
        config: WorldConfig | None = None,
        reachable: Callable[[Float[np.ndarray, "7"]], bool] | None = None,
    ) -> None:
        self.task = task
        self.config = config or WorldConfig()
        self._reachable = reachable
        self.scene = build_scene(
            task, self.config.camera, self.config.timestep,
            self.config.disturbances.distractors, self.config.attach,
        )  # fmt: skip
        self.model = self.scene.model
        self.data = mujoco.MjData(self.model)
        self.arm = PANDA.locate(self.model)
        self.camera = self.config.camera
        self._placer = Placer(task, self.scene)
        self._look = Look(self.model)
        self._grasp = Grasp(self.scene, self.config.attach)
        self._rng = np.random.default_rng(0)
        self._start: dict[str, Pose] = {}
        self._renderer: OffscreenRenderer | None = None
        self.redraws = self._ticks = 0
        self.frames: list[Frame] = []

    def reset(self, seed: int) -> None:
        """Draw a placement; all of the episode's chance comes from the seed.

        Raises:
            SaccadeError: No placement fits.
        """
        rng = np.random.default_rng(seed)
        self._rng = np.random.default_rng([seed, DISTURBING])
        self._disturb(self._rng)
        for self.redraws in range(MOST_REDRAWS):
            if self._placer.place(self.data, rng) and self._can_be_done():
                break
        else:
            raise SaccadeError(
                f"no placement of {self.task.name} fits, of {MOST_REDRAWS} that were drawn; "
                "expected objects inside the workspace, apart from each other and within reach"
            )
        self._placer.add_distractors(self.data, self._rng)
        self._settle()
        self.data.time = 0.0
        self._ticks = 0
        self.frames = [self._frame()]

    def state(self) -> State:
        """What is true of the world now."""
        data, scene = self.data, self.scene
        poses = {name: Pose.from_array(data.qpos[where]) for name, where in scene.qpos.items()}
        for name, i in scene.mocap.items():
            poses[name] = Pose.from_array(np.concatenate([data.mocap_pos[i], data.mocap_quat[i]]))
        return State(
            poses={name: poses[name] for name in scene.names},
            start=self._start,
            held=self._grasp.held(data),
            joints={name: float(data.joint(name).qpos[0]) for name in scene.joints},
            tip=Pose.from_array(self.arm.tip_pose(self.at(self._frame()))),
            gripper_open=self._opening(data),
        )

    def success(self) -> bool:
        """Whether the task is done."""
        return self.task.success(self.state())

    def tick(self, command: Float[np.ndarray, " u"]) -> None:
        """Lead the servos' set points to a command, evenly over one tick.

        Args:
            command: MuJoCo's `ctrl` at its end: joints [rad], opening between the fingers [m].
        """
        data, before = self.data, self.data.ctrl.copy()
        for i in range(1, self._substeps + 1):
            data.ctrl[:] = before + (command - before) * (i / self._substeps)
            mujoco.mj_step(self.model, data)
        self._grasp.update(data)
        self._ticks += 1
        if self._ticks % TICKS_A_FRAME == 0:
            self.frames.append(self._frame())

    def rest(self) -> None:
        """Hold still until all that is loose has come to rest, half a second at most.

        It ends with a control frame, so that what is seen next is a frame of the recording.
        """
        for i in range(MOST_FRAMES_OF_REST + 1):
            while self._ticks % TICKS_A_FRAME != 0:
                self.tick(self.data.ctrl.copy())
            if self._at_rest() or i == MOST_FRAMES_OF_REST:
                break
            self.tick(self.data.ctrl.copy())

    def observe(self) -> Observation:
        """What the front camera sees and the arm knows of itself."""
        data = self.at(self._frame())
        return Observation(self.view(data), self.proprioception(data))

    def view(self, data: mujoco.MjData) -> RgbdView:
        """What the front camera sees of a state of this model, with the sensor's noise."""
        rgb, depth = self.renderer.rgbd(data, FRONT)
        noise = self.config.disturbances.depth_noise
        if noise > 0:
            seen = depth > 0
            depth[seen] += self._rng.normal(0.0, noise, int(seen.sum())).astype(np.float32)
        return RgbdView(rgb, depth, self.camera.intrinsics, self.camera.T_world_camera)

    def proprioception(self, data: mujoco.MjData) -> Proprioception:
        """What the arm knows of itself in a state whose kinematics are up to date."""
        arm = self.arm
        return Proprioception(
            tip_pose=arm.tip_pose(data).astype(np.float32),
            gripper_open=self._opening(data),
            finger_positions=data.qpos[arm.finger_qpos].astype(np.float32),
            joint_positions=data.qpos[arm.qpos].astype(np.float32),
            joint_velocities=data.qvel[arm.dofs].astype(np.float32),
        )

    def at(self, frame: Frame) -> mujoco.MjData:
        """A copy of the world at a frame of this episode, to look at: looking changes nothing."""
        data = self._replayed
        data.qpos[:], data.qvel[:] = frame.qpos, frame.qvel
        data.mocap_pos[:], data.mocap_quat[:] = self.data.mocap_pos, self.data.mocap_quat
        mujoco.mj_kinematics(self.model, data)
        mujoco.mj_comPos(self.model, data)
        mujoco.mj_camlight(self.model, data)
        return data

    @property
    def renderer(self) -> OffscreenRenderer:
        """The front camera's renderer, opened when it is first needed."""
        if self._renderer is None or not self._renderer.usable:
            camera = self.config.camera
            self._renderer = OffscreenRenderer(self.model, camera.width, camera.height, PLAIN)
        return self._renderer

    def close(self) -> None:
        """Free the GL context; the next look opens another."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None

    def __getstate__(self) -> dict[str, Any]:
        """Everything but the renderer: a copy opens its own."""
        return self.__dict__ | {"_renderer": None}

    @cached_property
    def _replayed(self) -> mujoco.MjData:
        return mujoco.MjData(self.model)

    @cached_property
    def _substeps(self) -> int:
        return round(TICK / self.config.timestep)

    def _at_rest(self) -> bool:
        speeds = np.array([self.data.qvel[where] for where in self.scene.qvel.values()])
        if len(speeds) == 0:
            return True
        turning = np.abs(speeds[:, 3:]).max()
        return bool(np.abs(speeds[:, :3]).max() < STILL and turning < STILL / LEVER)

    def _frame(self) -> Frame:
        return Frame(float(self.data.time), self.data.qpos.copy(), self.data.qvel.copy())

    def _opening(self, data: mujoco.MjData) -> float:
        width = float(data.qpos[self.arm.finger_qpos].sum())
        return min(1.0, max(0.0, width / (2 * FINGER_RANGE)))

    def _disturb(self, rng: np.random.Generator) -> None:
        """Draw the camera's place and the look, if they are disturbed."""
        given = self.config.disturbances
        self.camera = self.config.camera
        if given.camera_shift or given.camera_turn:
            self.camera = self.camera.moved(rng, given.camera_shift, given.camera_turn)
        self._look.place_camera(self.camera)
        if given.look:
            self._look.draw(rng)

    def _settle(self) -> None:
        """Let the objects come to rest on what they stand on."""
        for _ in range(round(SETTLE_TIME / self.model.opt.timestep)):
            mujoco.mj_step(self.model, self.data)
        mujoco.mj_forward(self.model, self.data)
        self._start = dict(self.state().poses)

    def _can_be_done(self) -> bool:
        """Whether the arm reaches all that the expert wants to reach."""
        if self._reachable is None:
            return True
        self._start = dict(self.state().poses)
        return all(self._reachable(w.tip.array()) for w in self.task.expert(self.state()))
