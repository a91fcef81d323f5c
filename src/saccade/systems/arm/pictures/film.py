"""Films of episodes: the overview camera, and beside it what was decided last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from jaxtyping import UInt8

from saccade.systems.arm.episodes import EpisodeResult, Step
from saccade.systems.arm.pictures.decisions import decision_pictures
from saccade.viewing.montage import draw_caption
from saccade.worlds.tabletop.env import TabletopEnv

Rgb = UInt8[np.ndarray, "_ _ 3"]
FRAMES_PER_SECOND = 20
"""Frames a second: the control frames, in real time."""
PANEL = 240
"""Side of a decision's picture [pixels]."""
END_SECONDS = 1.5
"""Time that a film rests on its last picture [s]."""
CAPTION_PX = 14


class Filming:
    """Keeps when each decision of an episode was taken; `play` calls it after every step.

    Args:
        env: Environment in which the episode is played.
    """

    def __init__(self, env: TabletopEnv) -> None:
        self._env = env
        self.steps: list[Step] = []
        self._ends: list[int] = []

    def note(self, step: Step) -> None:
        """Take in one decision that was carried out."""
        self.steps.append(step)
        self._ends.append(len(self._env.world.frames))

    def frames(self, title: str, result: EpisodeResult) -> Iterator[Rgb]:
        """The pictures of the film, to be drawn before the environment is reset."""
        panels = [_panel(step) for step in self.steps]
        overviews = list(self._env.film())
        for number, overview in enumerate(overviews):
            current = min(int(np.searchsorted(self._ends, number, "right")), len(panels) - 1)
            yield _framed(overview, panels[current], f"{title}: decision {current + 1}")
        for _ in range(round(END_SECONDS * FRAMES_PER_SECOND)):
            yield _framed(overviews[-1], panels[-1], f"{title}: {result.ending}")


def _framed(overview: Rgb, panel: Rgb, text: str) -> Rgb:
    return draw_caption(np.concatenate([overview, panel], axis=1), text, CAPTION_PX, n_lines=1)


def _panel(step: Step) -> Rgb:
    pictures: Sequence[Rgb] = list(decision_pictures(step.observation, step.decision).values())
    return np.concatenate(
        [cv2.resize(p, (PANEL, PANEL), interpolation=cv2.INTER_AREA) for p in pictures]
    )
