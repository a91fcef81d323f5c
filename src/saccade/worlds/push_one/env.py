"""`saccade/PushOne-v0`: one object, a finger and the box, as a Gymnasium environment."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from jaxtyping import Float, UInt8

from saccade.checks import check_choice
from saccade.errors import UserInputError
from saccade.worlds.push_box.outcome import IN_BOX, ON_TABLE
from saccade.worlds.push_one.cameras import STANDING, draw_views
from saccade.worlds.push_one.config import PushOneConfig
from saccade.worlds.push_one.looks import PLAIN, Look, draw_look
from saccade.worlds.push_one.state import State, dense_reward, progress
from saccade.worlds.push_one.world import PushOneWorld

REWARDS = ("sparse", "dense")


class PushOneEnv(gymnasium.Env):
    """Push one object into the box with a finger.

    Observation: float32 (6,), the finger's x, y, the object's x, y [m, from the table's middle],
    sine and cosine of the object's yaw. Action: float32 (2,), the finger's velocity in -1..1, along
    x and y; 1 is 2 cm a step of 0.1 s. An episode ends when the object is off the table; it is
    truncated after `config.steps`. `info` has `success`, `status`, `progress` and both rewards.

    Args:
        config: Settings of the world.
        reward: "sparse", 1 when the object is in the box; or "dense", minus the distances of the
            finger from behind the object and of the object from the box, in table sides.
        look: Look of every episode; None draws one for each.
        views: Views of an episode that `picture` can take; the first stands, the others are drawn.
        render_mode: "rgb_array" for pictures of view 0, or None.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 10}  # noqa: RUF012

    def __init__(
        self,
        config: PushOneConfig | None = None,
        reward: str = "sparse",
        look: Look | None = PLAIN,
        views: int = 1,
        render_mode: str | None = None,
    ) -> None:
        check_choice("reward", reward, REWARDS)
        if render_mode not in (None, "rgb_array"):
            raise UserInputError(f"render_mode is {render_mode!r}; expected None or 'rgb_array'")
        if views < 1:
            raise UserInputError(f"views is {views}; expected 1 or more")
        self.render_mode = render_mode
        self.world = PushOneWorld(config)
        self._reward, self._look, self._views = reward, look, views
        self.observation_space = spaces.Box(-1.0, 1.0, (6,), np.float32)
        self.action_space = spaces.Box(-1.0, 1.0, (2,), np.float32)
        self._first: State | None = None
        self._steps = 0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Float[np.ndarray, "6"], dict[str, Any]]:
        """Draw a start; a given look changes nothing but pictures."""
        super().reset(seed=seed)
        starts, looks = self.np_random.spawn(2)
        look = draw_look(looks) if self._look is None else self._look
        views = (STANDING,) if self._views == 1 else draw_views(looks, self._views)
        self.world.reset(starts, look, views)
        self._first, self._steps = self.world.state(), 0
        return self._first.observation(), self._info(self._first)

    def step(
        self, action: Float[np.ndarray, "2"]
    ) -> tuple[Float[np.ndarray, "6"], float, bool, bool, dict[str, Any]]:
        """Move the finger."""
        state = self.world.move(np.asarray(action, np.float64))
        self._steps += 1
        terminated = state.status != ON_TABLE
        truncated = self._steps >= self.world.config.steps and not terminated
        info = self._info(state)
        reward = float(info["success"]) if self._reward == "sparse" else info["dense_reward"]
        return state.observation(), reward, terminated, truncated, info

    def picture(self, view: int = 0) -> UInt8[np.ndarray, "s s 3"]:
        """A picture of one of the episode's views."""
        return self.world.picture(view)

    def render(self) -> UInt8[np.ndarray, "s s 3"] | None:
        """A picture of view 0, in render_mode "rgb_array"."""
        return None if self.render_mode is None else self.world.picture(0)

    def close(self) -> None:
        """Free the GL contexts."""
        self.world.close()

    def _info(self, state: State) -> dict[str, Any]:
        assert self._first is not None
        return {
            "success": state.status == IN_BOX,
            "status": state.status,
            "progress": progress(state, self._first),
            "dense_reward": dense_reward(state),
            "sparse_reward": float(state.status == IN_BOX),
            "finger_to_behind": state.finger_to_behind,
            "block_to_box": state.block_to_box,
        }
