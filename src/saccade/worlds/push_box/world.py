"""The pushing world: reset to a scenario, observe a heightmap, execute a push, judge the outcome.

A push runs as the facts of the published scene say: the gripper hovers 0.10 m above its start
height, descends, moves 0.10 m, lifts; then everything settles before it is judged. Hovering over
to the next start happens above all objects while they rest, so it is skipped (the arm is set to
the hover configuration) unless `animate` is given; contacts are always simulated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import mujoco
import numpy as np
from jaxtyping import Float
from tyro.conf import Suppress

from saccade.errors import SaccadeError
from saccade.worlds.depth_sensor import HeightSensor
from saccade.worlds.motion.failures import Unreachable
from saccade.worlds.motion.pointing_down import timed
from saccade.worlds.motion.servos import velocity_lead
from saccade.worlds.push_box.box import BOX_DEPTH
from saccade.worlds.push_box.gripper import Gripper, PushMotion, push_waypoints
from saccade.worlds.push_box.outcome import (
    IN_BOX,
    ON_GROUND,
    ON_TABLE,
    Exit,
    PushOutcome,
    judge,
    outcome_of,
)
from saccade.worlds.push_box.scene import Scene, SceneConfig, build_scene
from saccade.worlds.scenarios import Scenario
from saccade.worlds.workspace import Push

__all__ = [
    "IN_BOX",
    "ON_GROUND",
    "ON_TABLE",
    "Exit",
    "PushOutcome",
    "PushWorld",
    "Snapshot",
    "WorldConfig",
]

LOOK_EVERY = 5
"""Objects are looked at for exits and rest once in so many simulation steps."""
SAFE_GAP = 0.09
"""Fingertips travel this far above the highest object's origin [m]: no corner is farther from it
than 0.063 m."""


AWAKE = ("nbody_awake", "ntree_awake", "nv_awake")
"""Fields that a pickled MjData comes back without: all would be awake, and stepping fails."""


@dataclass(frozen=True)
class WorldConfig:
    """How pushes are executed.

    Attributes:
        scene: Arm, box and camera.
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
    clearance: Annotated[float, Suppress] = 0.01
    hover: Annotated[float, Suppress] = 0.10
    push_speed: Annotated[float, Suppress] = 0.3
    travel_speed: Annotated[float, Suppress] = 0.5
    settle_time: float = 3.0
    rest_speed: Annotated[float, Suppress] = 0.01
    ideal_view: bool = False
    use_gl: bool = True

    @property
    def motion(self) -> PushMotion:
        """How the tool moves."""
        return PushMotion(self.clearance, self.hover, self.push_speed, self.travel_speed)


@dataclass(frozen=True)
class Snapshot:
    """A copy of a world's whole state, for `PushWorld.restore`."""

    data: mujoco.MjData
    status: tuple[str, ...]
    noise: Mapping[str, Any]


class PushWorld:
    """A table with blocks and an arm that pushes them.

    Args:
        config: Scene and execution settings.
    """

    def __init__(self, config: WorldConfig | None = None) -> None:
        self.config = config or WorldConfig()
        self._gripper = Gripper(self.config.scene.arm, self.config.scene.workspace)
        self._scene: Scene | None = None
        self._sensor: HeightSensor | None = None
        self._data: mujoco.MjData | None = None
        self._rng = np.random.default_rng(0)
        self._status: list[str] = []

    @property
    def scene(self) -> Scene:
        """The compiled scene of the current scenario."""
        if self._scene is None:
            raise SaccadeError("the world holds no scenario yet; call reset(scenario) first")
        return self._scene

    @property
    def data(self) -> mujoco.MjData:
        """MuJoCo's state of the current scenario."""
        if self._data is None:
            raise SaccadeError("the world holds no scenario yet; call reset(scenario) first")
        return self._data

    @property
    def sensor(self) -> HeightSensor:
        """The depth camera."""
        if self._sensor is None:
            raise SaccadeError("the world is closed or holds no scenario; call reset(scenario)")
        return self._sensor

    def reset(self, scenario: Scenario, seed: int = 0) -> None:
        """Start from a scenario; the seed drives only the sensor's noise."""
        self.close()
        config = self.config.scene
        scene = self._scene = build_scene(scenario, config)
        data = self._data = mujoco.MjData(scene.model)
        self._sensor = HeightSensor(
            scene.model, scene.object_bodies, config.camera, config.workspace, self.config.use_gl
        )
        self._rng = np.random.default_rng(seed)
        for address, block in zip(scene.qpos_addresses, scenario.objects, strict=True):
            data.qpos[address : address + 7] = (*block.position, *block.quaternion)
        self._gripper.put(data, self._gripper.parked())
        mujoco.mj_forward(scene.model, data)
        self._status = [ON_TABLE] * len(scenario.objects)
        self._status = [self._judge(i) for i in range(len(scenario.objects))]

    def close(self) -> None:
        """Free the GL context."""
        if self._sensor is not None:
            self._sensor.close()
            self._sensor = None

    def __getstate__(self) -> dict[str, Any]:
        """The whole state, what MuJoCo's own pickle forgets of who sleeps included."""
        data = self._data
        counts = {} if data is None else {name: getattr(data, name) for name in AWAKE}
        return self.__dict__ | {"_awake": counts}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Undo `__getstate__`."""
        for name, count in state.pop("_awake").items():
            setattr(state["_data"], name, count)
        self.__dict__.update(state)

    def snapshot(self) -> Snapshot:
        """A copy of the whole state, for `restore`."""
        copied = mujoco.MjData(self.scene.model)
        mujoco.mj_copyData(copied, self.scene.model, self.data)
        return Snapshot(copied, tuple(self._status), self._rng.bit_generator.state)

    def restore(self, state: Snapshot) -> None:
        """Return to a snapshot of the same scenario."""
        mujoco.mj_copyData(self.data, self.scene.model, state.data)
        self._status = list(state.status)
        self._rng.bit_generator.state = state.noise

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
        waypoints = push_waypoints(push, heightmap, self.config.motion)
        try:
            path = self._gripper.path(waypoints)
        except Unreachable as reason:
            return PushOutcome(refusal=str(reason))
        exits: dict[int, tuple[float, float]] = {}
        if animate is None:
            self._gripper.put(self.data, path[0])
        else:
            above = self._highest_origin() + SAFE_GAP
            travel = self._gripper.travel(self.data, waypoints[0], path[0], above)
            self._run(travel, exits, animate)
        self._run(timed(path, waypoints, self.scene.model.opt.timestep), exits, animate)
        self._settle(exits, animate)
        return self._outcome(exits)

    def _run(
        self,
        set_points: Float[np.ndarray, "steps k"],
        exits: dict[int, tuple[float, float]],
        animate: Callable[[], None] | None,
    ) -> None:
        model, data = self.scene.model, self.data
        commands = set_points + velocity_lead(model, set_points)
        for i, command in enumerate(commands):
            data.ctrl[:] = command
            mujoco.mj_step(model, data)
            if i % LOOK_EVERY == 0:
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
            if i % LOOK_EVERY == 0:
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

    def _highest_origin(self) -> float:
        """World height of the highest object, at least the table's [m]."""
        heights = [float(self.data.qpos[a + 2]) for a in self.scene.qpos_addresses]
        return max(self.config.scene.workspace.table_height, *heights)

    def _note_exits(self, exits: dict[int, tuple[float, float]]) -> None:
        """Remember where objects cross the table's edge."""
        top = self.config.scene.workspace.table_height
        for i, address in enumerate(self.scene.qpos_addresses):
            if self._status[i] == ON_TABLE and i not in exits:
                x, y, z = self.data.qpos[address : address + 3]
                if z < top:
                    exits[i] = (float(x), float(y))

    def _judge(self, i: int) -> str:
        """Where object i is; what has left the table stays where it fell."""
        if self._status[i] != ON_TABLE:
            return self._status[i]
        address = self.scene.qpos_addresses[i]
        x, y, z = (float(v) for v in self.data.qpos[address : address + 3])
        return judge((x, y, z), self.config.scene.workspace, self.config.scene.box)

    def _outcome(self, exits: dict[int, tuple[float, float]]) -> PushOutcome:
        before = self._status
        self._status = [self._judge(i) for i in range(len(before))]
        left = [i for i, old in enumerate(before) if old == ON_TABLE and self._status[i] != old]
        for i in left:
            address = self.scene.qpos_addresses[i]
            exits.setdefault(i, (self.data.qpos[address], self.data.qpos[address + 1]))
        return outcome_of(tuple(Exit(i, *exits[i], self._status[i]) for i in left))
