"""PushBox for other people's agents: an image to look at, a list of actions to choose from.

env = gymnasium.make("saccade/PushBox-v0", n_objects=1)
env = CoarseActions(ImageObservation(env))  # uint8 (1, 84, 84) and Discrete(1568)
"""

from __future__ import annotations

from typing import Any

import cv2
import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.utils import RecordConstructorArgs
from jaxtyping import Float, Integer, UInt8

from saccade.attention.directions import N_DIRECTIONS
from saccade.errors import UserInputError

SMALLEST_IMAGE = 36
"""The convolutions of Mnih et al. (2015), which other libraries use, need so many pixels."""


class ImageObservation(gymnasium.ObservationWrapper, RecordConstructorArgs):
    """The heightmap as a grey picture, channels first: uint8 (1, size, size).

    Args:
        env: PushBox, or a wrapper of it that leaves its heightmaps as they are.
        size: Rows and columns of the picture [pixels], 36 to 224.
        white: The height that is drawn as 255, as is all above it [m].

    Raises:
        UserInputError: A value is out of range, or the environment gives no heightmaps.
    """

    def __init__(self, env: gymnasium.Env, size: int = 84, white: float = 0.15) -> None:
        RecordConstructorArgs.__init__(self, size=size, white=white)
        gymnasium.ObservationWrapper.__init__(self, env)
        shape = env.observation_space.shape
        if shape is None or len(shape) != 2:
            raise UserInputError(f"{env.observation_space} holds no heightmaps; expected PushBox")
        if not SMALLEST_IMAGE <= size <= min(shape):
            raise UserInputError(f"size is {size}; expected {SMALLEST_IMAGE} to {min(shape)}")
        if not white > 0:
            raise UserInputError(f"white is {white} m; expected a height above 0")
        self._size, self._white = size, white
        self.observation_space = spaces.Box(0, 255, (1, size, size), np.uint8)

    def observation(
        self, observation: Float[np.ndarray, "rows cols"]
    ) -> UInt8[np.ndarray, "1 s s"]:
        """Scale a heightmap [m] down and to grey values."""
        heights = np.asarray(observation, np.float32)
        small = cv2.resize(heights, (self._size, self._size), interpolation=cv2.INTER_AREA)
        return np.rint(np.clip(small / self._white, 0, 1) * 255).astype(np.uint8)[None]


class CoarseActions(gymnasium.ActionWrapper, RecordConstructorArgs):
    """A single number instead of (row, column, direction): pushes from the middles of a grid.

    Action (i * cells + j) * directions + k starts in the middle of square (i, j) of the table and
    goes towards k of `directions`, counted as PushBox counts them.

    Args:
        env: PushBox, or a wrapper of it that leaves its actions as they are.
        cells: Squares along each side of the table, 1 to 224.
        directions: Directions of a push: 1, 2, 4, 8 or 16.

    Raises:
        UserInputError: A value is out of range, or the environment takes no pushes.
    """

    def __init__(self, env: gymnasium.Env, cells: int = 14, directions: int = 8) -> None:
        RecordConstructorArgs.__init__(self, cells=cells, directions=directions)
        gymnasium.ActionWrapper.__init__(self, env)
        pushes = env.action_space
        if not isinstance(pushes, spaces.MultiDiscrete) or pushes.nvec.shape != (3,):
            raise UserInputError(f"{pushes} holds no pushes; expected PushBox")
        self._pixels = int(pushes.nvec[0])
        if not 1 <= cells <= self._pixels:
            raise UserInputError(f"cells is {cells}; expected 1 to {self._pixels}")
        if directions < 1 or N_DIRECTIONS % directions:
            raise UserInputError(f"directions is {directions}; expected 1, 2, 4, 8 or 16")
        self._cells, self._directions = cells, directions
        self.action_space = spaces.Discrete(cells * cells * directions)

    def action(self, action: Any) -> Integer[np.ndarray, "3"]:
        """Return the (row, column, direction) that a number stands for."""
        square, k = divmod(int(action), self._directions)
        row, col = (
            (2 * i + 1) * self._pixels // (2 * self._cells) for i in divmod(square, self._cells)
        )
        return np.array([row, col, k * (N_DIRECTIONS // self._directions)])
