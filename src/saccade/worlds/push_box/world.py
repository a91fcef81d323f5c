"""The pushing world: reset to a scenario, observe a heightmap, execute a push, judge the outcome.

A push runs as the facts of the published scene say: the gripper hovers 0.10 m above its start
height, descends, moves 0.10 m, lifts; then everything settles before it is judged. Hovering over
to the next start happens above all objects while they rest, so it is skipped (the arm is set to
the hover configuration) unless `animate` is given; contacts are always simulated.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import mujoco
import numpy as np
from jaxtyping import Float

from saccade.worlds.depth_sensor import HeightSensor
from saccade.worlds.motion import (
    ArmKinematics,
    Unreachable,
    Waypoint,
    joint_path,
    nearest_half_turn,
    timed,
)
from saccade.worlds.push_box.scene import (
    BOX_DEPTH,
    BOX_HALF,
    Scene,
    SceneConfig,
    build_scene,
)
from saccade.worlds.robots import HOME, arm_only_model
from saccade.worlds.scenarios import Scenario
from saccade.worlds.workspace import Push

ON_TABLE, IN_BOX, ON_GROUND = "table", "box", "ground"
PATCH = 11
"""Side of the patch around the start whose highest point sets the start height [pixels]."""


@dataclass(frozen=True)
class WorldConfig:
    """How pushes are executed.

    Attributes:
        scene: What stands where.
        clearance: Fingertips above the highest point of the start patch [m].
        hover: Descent and lift [m].
        push_speed: Tool speed while pushing [m/s].
        travel_speed: Tool speed while descending and lifting [m/s].
        settle_time: Longest wait for rest after a push [s].
        rest_speed: An object slower than this rests [m/s].
        ideal_view: Observe from straight above, without occlusion, instead of the camera.
        use_gl: Render depth where GL works; False casts rays.
    """

    scene: SceneConfig = field(default_factory=SceneConfig)
    clearance: float = 0.01
    hover: float = 0.10
    push_speed: float = 0.3
    travel_speed: float = 0.5
    settle_time: float = 3.0
    rest_speed: float = 0.01
    ideal_view: bool = False
    use_gl: bool = True


@dataclass(frozen=True)
class Exit:
    """Where an object left the table.

    Attributes:
        object: Its index in the scenario.
        x: World x of its origin when it was first seen below the table top [m].
        y: World y [m].
        status: Where it ended: "box" or "ground".
    """

    object: int
    x: float
    y: float
    status: str


@dataclass(frozen=True)
class PushOutcome:
    """What a push did.

    Attributes:
        refusal: Why the push was not executed; empty when it was.
        boxed: Objects newly in the box.
        grounded: Objects newly on the ground.
        exits: Where each of those left the table.
    """

    refusal: str = ""
    boxed: int = 0
    grounded: int = 0
    exits: tuple[Exit, ...] = ()

    @property
    def executed(self) -> bool:
        """Whether the arm could reach the push."""
        return not self.refusal


class PushWorld:
    """A table with blocks and an arm that pushes them.

    Args:
        config: Scene and execution settings.
    """

    def __init__(self, config: WorldConfig | None = None) -> None:
        self.config = config or WorldConfig()
        self._kinematics: ArmKinematics | None = None
        if self.config.scene.arm:
            base = (0.0, 0.0, self.config.scene.workspace.table_height)
            self._kinematics = ArmKinematics(arm_only_model(base))
        self._scene: Scene | None = None
        self._sensor: HeightSensor | None = None
        self._data: mujoco.MjData | None = None
        self._rng = np.random.default_rng(0)
        self._status: list[str] = []

    # ------------------------------------------------------------------ state

    @property
    def scene(self) -> Scene:
        """The compiled scene of the current scenario."""
        assert self._scene is not None, "call reset() first"
        return self._scene

    @property
    def data(self) -> mujoco.MjData:
        """MuJoCo's state of the current scenario."""
        assert self._data is not None, "call reset() first"
        return self._data

    @property
    def sensor(self) -> HeightSensor:
        """The depth camera."""
        assert self._sensor is not None, "call reset() first"
        return self._sensor

    def reset(self, scenario: Scenario, seed: int = 0) -> None:
        """Start from a scenario; the seed drives only the sensor's noise."""
        self.close()
        self._scene = build_scene(scenario, self.config.scene)
        self._data = mujoco.MjData(self._scene.model)
        self._sensor = HeightSensor(
            self._scene.model,
            self._scene.object_bodies,
            self.config.scene.camera,
            self.config.scene.workspace,
            self.config.use_gl,
        )
        self._rng = np.random.default_rng(seed)
        for address, block in zip(self._scene.qpos_addresses, scenario.objects, strict=True):
            self._data.qpos[address : address + 7] = (*block.position, *block.quaternion)
        self._park()
        mujoco.mj_forward(self._scene.model, self._data)
        self._status = [ON_TABLE] * len(scenario.objects)
        self._status = [self._judge(i) for i in range(len(scenario.objects))]

    def close(self) -> None:
        """Free the GL context."""
        if self._sensor is not None:
            self._sensor.close()
            self._sensor = None

    def snapshot(self) -> tuple[mujoco.MjData, list[str]]:
        """A copy of the whole state, for `restore`."""
        copied = mujoco.MjData(self.scene.model)
        mujoco.mj_copyData(copied, self.scene.model, self.data)
        return copied, list(self._status)

    def restore(self, state: tuple[mujoco.MjData, list[str]]) -> None:
        """Return to a snapshot of the same scenario."""
        mujoco.mj_copyData(self.data, self.scene.model, state[0])
        self._status = list(state[1])

    @property
    def status(self) -> list[str]:
        """Where each object is: "table", "box" or "ground"."""
        return list(self._status)

    def count(self, status: str) -> int:
        """How many objects are "table", "box" or "ground"."""
        return self._status.count(status)

    def object_poses(self) -> Float[np.ndarray, "n 7"]:
        """Position [m] and quaternion (w, x, y, z) of each object."""
        return np.array([self.data.qpos[a : a + 7] for a in self.scene.qpos_addresses])

    def observe(self) -> Float[np.ndarray, "224 224"]:
        """The heightmap [m above the table] that a policy sees."""
        if self.config.ideal_view:
            return self.sensor.top_view(self.data)
        return self.sensor.heightmap(self.data, self._rng)

    # ---------------------------------------------------------------- actions

    def execute(
        self,
        push: Push,
        heightmap: Float[np.ndarray, "224 224"],
        animate: Callable[[], None] | None = None,
    ) -> PushOutcome:
        """Push, lift and wait for rest.

        Args:
            push: The action.
            heightmap: The observation that the push was chosen on: it sets the start height.
            animate: Called after every simulation step, the way to the start included.

        Returns:
            What happened; a push out of the arm's reach changes nothing and says why.
        """
        waypoints = self._waypoints(push, heightmap)
        try:
            path = self._path(waypoints)
        except Unreachable as reason:
            return PushOutcome(refusal=str(reason))
        before = list(self._status)
        if animate is None:
            self._set_gripper(path[0])
        else:
            self._travel(path[0], animate)
        exits: dict[int, tuple[float, float]] = {}
        self._run(timed(path, waypoints, self.scene.model.opt.timestep), exits, animate)
        self._settle(exits, animate)
        return self._outcome(before, exits)

    def _waypoints(self, push: Push, heightmap: Float[np.ndarray, "224 224"]) -> list[Waypoint]:
        config, half = self.config, PATCH // 2
        r0, c0 = max(push.row - half, 0), max(push.col - half, 0)
        patch = heightmap[r0 : push.row + half + 1, c0 : push.col + half + 1]
        z = config.scene.workspace.table_height + float(patch.max()) + config.clearance
        (x0, y0), (x1, y1) = push.start, push.end
        yaw = nearest_half_turn(push.angle, math.pi / 2)
        slow, fast = config.push_speed, config.travel_speed
        steps = max(1, math.ceil(math.dist((x0, y0), (x1, y1)) / 0.025))
        line = [
            Waypoint((x0 + (x1 - x0) * s / steps, y0 + (y1 - y0) * s / steps, z), yaw, slow)
            for s in range(1, steps + 1)
        ]
        down = [Waypoint((x0, y0, z + config.hover * s), yaw, fast) for s in (1.0, 0.5, 0.0)]
        up = [Waypoint((x1, y1, z + config.hover * s), yaw, fast) for s in (0.5, 1.0)]
        return down + line + up

    def _path(self, waypoints: list[Waypoint]) -> Float[np.ndarray, "n k"]:
        if self._kinematics is not None:
            return joint_path(self._kinematics, waypoints)
        return np.array([[*w.position, w.yaw] for w in waypoints])

    def _gripper_dofs(self) -> int:
        return 6 if self.config.scene.arm else 4

    def _park(self) -> None:
        """The arm over the table's centre, high above the objects."""
        if self._kinematics is not None:
            self._set_gripper(HOME)
        else:
            x, y = self.config.scene.workspace.centre
            height = self.config.scene.workspace.table_height + 0.3
            self._set_gripper(np.array([x, y, height, math.pi / 2]))

    def _set_gripper(self, q: Float[np.ndarray, " k"]) -> None:
        """Put the gripper's joints (the model's last) at rest at q, servos included."""
        k = self._gripper_dofs()
        self.data.qpos[-k:] = q
        self.data.qvel[-k:] = 0.0
        self.data.ctrl[:] = q

    def _travel(self, q: Float[np.ndarray, " k"], animate: Callable[[], None]) -> None:
        """Move to the hover configuration over everything, simulated, for people who watch."""
        start = self.data.ctrl.copy()
        steps = max(1, math.ceil(np.abs(q - start).max() / 1.5 / self.scene.model.opt.timestep))
        blend = (1 - np.cos(np.pi * np.arange(1, steps + 1) / steps)) / 2
        self._run(start + (q - start) * blend[:, None], {}, animate)

    def _run(
        self,
        set_points: Float[np.ndarray, "steps k"],
        exits: dict[int, tuple[float, float]],
        animate: Callable[[], None] | None,
    ) -> None:
        model, data = self.scene.model, self.data
        for i, set_point in enumerate(set_points):
            data.ctrl[:] = set_point
            mujoco.mj_step(model, data)
            if i % 5 == 0:
                self._note_exits(exits)
            if animate is not None:
                animate()

    def _settle(
        self, exits: dict[int, tuple[float, float]], animate: Callable[[], None] | None
    ) -> None:
        """Step until every object that matters has rested for 40 ms, or the time is over."""
        model, data = self.scene.model, self.data
        calm = 0
        for i in range(round(self.config.settle_time / model.opt.timestep)):
            mujoco.mj_step(model, data)
            if animate is not None:
                animate()
            if i % 5 == 0:
                self._note_exits(exits)
                calm = calm + 1 if self._at_rest() else 0
                if calm >= 3:
                    break

    def _at_rest(self) -> bool:
        limit = self.config.rest_speed
        ground = self.config.scene.workspace.table_height - BOX_DEPTH - 0.05
        for status, p, v in zip(
            self._status, self.scene.qpos_addresses, self.scene.qvel_addresses, strict=True
        ):
            if status == ON_GROUND or self.data.qpos[p + 2] < ground:
                continue
            velocity = self.data.qvel[v : v + 6]
            if np.abs(velocity[:3]).max() > limit or np.abs(velocity[3:]).max() > 20 * limit:
                return False
        return True

    # --------------------------------------------------------------- outcomes

    def _note_exits(self, exits: dict[int, tuple[float, float]]) -> None:
        """Remember where objects cross the table's edge."""
        top = self.config.scene.workspace.table_height
        for i, address in enumerate(self.scene.qpos_addresses):
            if self._status[i] == ON_TABLE and i not in exits:
                x, y, z = self.data.qpos[address : address + 3]
                if z < top:
                    exits[i] = (float(x), float(y))

    def _judge(self, i: int) -> str:
        """Outcome test of one object: in the box's volume, below the table, or on it."""
        if self._status[i] != ON_TABLE:
            return self._status[i]
        ws, box = self.config.scene.workspace, self.config.scene.box
        address = self.scene.qpos_addresses[i]
        x, y, z = self.data.qpos[address : address + 3]
        if z >= ws.table_height:
            return ON_TABLE
        if box is not None and z > ws.table_height - BOX_DEPTH - 0.01:
            cx, cy = box.centre(ws)
            if abs(x - cx) <= BOX_HALF and abs(y - cy) <= BOX_HALF:
                return IN_BOX
        return ON_GROUND

    def _outcome(self, before: list[str], exits: dict[int, tuple[float, float]]) -> PushOutcome:
        self._status = [self._judge(i) for i in range(len(before))]
        left = [i for i, old in enumerate(before) if old == ON_TABLE and self._status[i] != old]
        for i in left:
            address = self.scene.qpos_addresses[i]
            exits.setdefault(i, (self.data.qpos[address], self.data.qpos[address + 1]))
        noted = tuple(Exit(i, *exits[i], self._status[i]) for i in left)
        boxed = sum(e.status == IN_BOX for e in noted)
        return PushOutcome("", boxed, len(noted) - boxed, noted)
