"""Films of episodes: the overview camera, and beside it what was decided last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import UInt8

from saccade.systems.arm.episodes import EpisodeResult, Step
from saccade.systems.arm.pictures.decisions import decision_pictures
from saccade.viewing.montage import draw_caption
from saccade.worlds.tabletop.env import FILMED, TabletopEnv
from saccade.worlds.tabletop.world import TICK, TICKS_A_FRAME

Rgb = UInt8[np.ndarray, "_ _ 3"]
EVERY = 2
"""Control frames from one picture to the next."""
FILMS = "films"
"""Folder of an evaluation with the films of the pictured episodes."""
FRAMES_PER_SECOND = round(1 / (EVERY * TICKS_A_FRAME * TICK))
"""Pictures a second, in real time."""
PANEL = FILMED[1] // 2
"""Side of a decision's picture [pixels]."""
END_SECONDS = 1.5
"""Time that a film rests on its last picture [s]."""
CAPTION_PX = 13


def film_file(folder: Path, index: int, result: EpisodeResult) -> Path:
    """Where the film of an episode lies."""
    return folder / f"episode_{index:03d}_{'success' if result.success else 'failure'}.mp4"


def clear_films(folder: Path) -> None:
    """Take away the films of an earlier evaluation, which would pass for those of this one."""
    for ending in ("success", "failure"):
        for film in folder.glob(f"episode_*_{ending}.mp4"):
            film.unlink()


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
        picture = panels[-1]
        for number, overview in enumerate(self._env.film(EVERY)):
            ended = int(np.searchsorted(self._ends, number * EVERY, "right"))
            current = min(ended, len(panels) - 1)
            picture = np.concatenate([overview, panels[current]], axis=1)
            yield _captioned(picture, f"{title}: decision {current + 1}")
        last = _captioned(picture, f"{title}: {result.ending}")
        for _ in range(round(END_SECONDS * FRAMES_PER_SECOND)):
            yield last


def _captioned(picture: Rgb, text: str) -> Rgb:
    return draw_caption(picture, text, CAPTION_PX, n_lines=1)


def _panel(step: Step) -> Rgb:
    pictures: Sequence[Rgb] = list(decision_pictures(step.observation, step.decision).values())
    return np.concatenate(
        [cv2.resize(p, (PANEL, PANEL), interpolation=cv2.INTER_AREA) for p in pictures]
    )
