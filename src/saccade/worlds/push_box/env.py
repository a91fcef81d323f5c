"""`saccade/PushBox-v0`: the pushing world as a Gymnasium environment."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from jaxtyping import Float, Integer, UInt8

from saccade.errors import UserInputError
from saccade.worlds.cameras import MAX_HEIGHT
from saccade.worlds.offscreen import OffscreenRenderer
from saccade.worlds.push_box.drop import draw_scenario
from saccade.worlds.push_box.rewards import changed_pixels, report_changed, reward_named
from saccade.worlds.push_box.world import IN_BOX, ON_GROUND, ON_TABLE, PushWorld, WorldConfig
from saccade.worlds.scenarios import Scenario, check_count
from saccade.worlds.workspace import N_DIRECTIONS, Push

MAX_ACTIONS = 60
"""The papers' limit of pushes an episode."""


class PushBoxEnv(gymnasium.Env):
    """Push all objects into the box, from a depth camera's heightmap.

    Observation: float32 (224, 224), heights above the table [m]. Action: (row, column, direction)
    of 224 x 224 x 16. An episode ends when no object is on the table; it is truncated after 60
    actions or `patience` pushes in a row without change.

    Args:
        n_objects: Objects of a random scenario, 1 to 20.
        scenario: Start every episode from this scenario instead.
        reward: "paper" or "report".
        patience: Pushes in a row without change that end an episode (report 5, paper 10).
        config: Scene and execution settings.
        render_mode: "rgb_array" for pictures of the overview camera, or None.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 2}  # noqa: RUF012

    def __init__(
        self,
        n_objects: int = 10,
        scenario: Scenario | None = None,
        reward: str = "paper",
        patience: int = 10,
        config: WorldConfig | None = None,
        render_mode: str | None = None,
    ) -> None:
        check_count(n_objects)
        if render_mode not in (None, "rgb_array"):
            raise UserInputError(f"render_mode is {render_mode!r}; expected None or 'rgb_array'")
        self.render_mode = render_mode
        self.world = PushWorld(config)
        self._n_objects, self._scenario, self._patience = n_objects, scenario, patience
        self._reward = reward_named(reward)
        workspace = self.world.config.scene.workspace
        rows, cols = workspace.shape
        self.observation_space = spaces.Box(0.0, MAX_HEIGHT, (rows, cols), np.float32)
        self.action_space = spaces.MultiDiscrete([rows, cols, N_DIRECTIONS])
        self._heightmap: np.ndarray = np.zeros((rows, cols), np.float32)
        self._actions = self._idle = 0
        self._renderer: OffscreenRenderer | None = None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Float[np.ndarray, "224 224"], dict[str, Any]]:
        """Draw a scenario (or take `options["scenario"]`) and observe it."""
        super().reset(seed=seed)
        scenario = (options or {}).get("scenario", self._scenario)
        draw = int(self.np_random.integers(2**31))
        if scenario is None:
            scenario = draw_scenario(draw, self._n_objects, self.world.config.scene)
        self._close_renderer()
        self.world.reset(scenario, seed=draw)
        self._heightmap = self.world.observe()
        self._actions = self._idle = 0
        return self._heightmap.copy(), self._info(scenario=scenario)

    def step(
        self, action: Integer[np.ndarray, "3"]
    ) -> tuple[Float[np.ndarray, "224 224"], float, bool, bool, dict[str, Any]]:
        """Execute one push; a push out of reach costs the action and `info["refusal"]` says why."""
        row, col, direction = (int(a) for a in np.asarray(action))
        before = self._heightmap
        push = Push(row, col, direction, self.world.config.scene.workspace)
        outcome = self.world.execute(push, before)
        after = self.world.observe()
        box = self.world.config.scene.box
        target = (
            box.mouth(push.workspace) if box else push.workspace.to_pixel(*push.workspace.centre)
        )
        reward = self._reward(before, after, outcome.boxed, outcome.grounded, target)
        changed = report_changed(before, after) or bool(outcome.boxed or outcome.grounded)
        self._idle = 0 if changed else self._idle + 1
        self._actions += 1
        self._heightmap = after
        terminated = self.world.count(ON_TABLE) == 0
        truncated = self._actions >= MAX_ACTIONS or self._idle >= self._patience
        info = self._info(
            refusal=outcome.refusal,
            boxed=outcome.boxed,
            grounded=outcome.grounded,
            changed=changed,
            changed_pixels=changed_pixels(before, after),
        )
        return after.copy(), float(reward), terminated, truncated and not terminated, info

    def render(self) -> UInt8[np.ndarray, "480 640 3"] | None:
        """A picture from the overview camera, in render_mode "rgb_array"."""
        if self.render_mode is None:
            return None
        if self._renderer is None or not self._renderer.usable:
            self._renderer = OffscreenRenderer(self.world.scene.model, 640, 480)
        return self._renderer.picture(self.world.data, "overview")

    def close(self) -> None:
        """Free the GL contexts."""
        self._close_renderer()
        self.world.close()

    def __getstate__(self) -> dict[str, Any]:
        """Everything but the renderer: a pickled or copied environment opens its own."""
        return self.__dict__ | {"_renderer": None}

    def _close_renderer(self) -> None:
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None

    def _info(self, **more: Any) -> dict[str, Any]:
        return {
            "objects_in_box": self.world.count(IN_BOX),
            "objects_on_ground": self.world.count(ON_GROUND),
            "objects_on_table": self.world.count(ON_TABLE),
            "actions": self._actions,
            **more,
        }
