"""Recording episodes as synchronised pictures from several sides, with the true progress."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, UInt8

from saccade.worlds.push_box.outcome import IN_BOX
from saccade.worlds.push_one.config import PushOneConfig
from saccade.worlds.push_one.env import PushOneEnv
from saccade.worlds.push_one.expert import Ending, Expert, draw_temper
from saccade.worlds.push_one.looks import Look
from saccade.worlds.push_one.state import State

PHASES = ("reach", "push", "done")
"""Phases of an episode: the object rests where it began; it has been moved; it is in the box."""
MOVED = 0.003
"""Distance from which on an object has been moved [m]."""

Act = Callable[[np.ndarray], np.ndarray]
"""Function that gives an action (2,) for an observation (6,)."""


@dataclass(frozen=True, eq=False)
class PushSequence:
    """An episode of n moments, seen from several sides.

    Attributes:
        frames: Pictures of each view, uint8 RGB (n, side, side, 3); the first view stands.
        phases: Phase of each moment, an index of `PHASES` (n,).
        progress: True progress at each moment: 0 at first, 1 when the object is in the box.
        success: Whether the object ended in the box.
    """

    frames: tuple[UInt8[np.ndarray, "n s s 3"], ...]
    phases: Int[np.ndarray, " n"]
    progress: Float[np.ndarray, " n"]
    success: bool

    def __len__(self) -> int:
        return len(self.progress)


class Recorder:
    """Records episodes of the world with one object.

    Args:
        config: Settings of the world.
        views: Views of each episode.
        look: Look of every episode; None draws one for each.
    """

    def __init__(
        self, config: PushOneConfig | None = None, views: int = 2, look: Look | None = None
    ) -> None:
        self.env = PushOneEnv(config, look=look, views=views)
        self._views = views

    def expert(self, seed: int, ending: Ending = "success") -> PushSequence:
        """An episode of the expert; the seed decides all of it."""
        rng = np.random.default_rng([seed, 1])
        self.env.reset(seed=seed)
        expert = Expert(draw_temper(rng, ending), self.env.world.state(), rng)
        return self._play(lambda _: expert.act(self.env.world.state()))

    def policy(self, seed: int, act: Act) -> PushSequence:
        """An episode of somebody else's."""
        self.env.reset(seed=seed)
        return self._play(act)

    def _play(self, act: Act) -> PushSequence:
        """Play the episode that the environment was reset to."""
        states, pictures, ended = [self.env.world.state()], [self._pictures()], False
        progress, observation = [0.0], states[0].observation()
        while not ended:
            observation, _, terminated, truncated, info = self.env.step(act(observation))
            ended = terminated or truncated
            states.append(self.env.world.state())
            pictures.append(self._pictures())
            progress.append(float(info["progress"]))
        frames = tuple(np.stack(view) for view in zip(*pictures, strict=True))
        phases = np.array([_phase(state, states[0]) for state in states])
        return PushSequence(frames, phases, np.array(progress), states[-1].status == IN_BOX)

    def _pictures(self) -> list[UInt8[np.ndarray, "s s 3"]]:
        return [self.env.picture(view) for view in range(self._views)]

    def close(self) -> None:
        """Free the GL contexts."""
        self.env.close()


def _phase(state: State, first: State) -> int:
    if state.status == IN_BOX:
        return PHASES.index("done")
    moved = math.dist(state.block, first.block) > MOVED
    return PHASES.index("push" if moved else "reach")
