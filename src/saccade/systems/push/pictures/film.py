"""Videos of the arm at work, written while the simulation runs: plain, or with what it decides."""

from __future__ import annotations

import cv2
import mujoco
import numpy as np
from jaxtyping import UInt8

from saccade.systems.push.decision import Decision
from saccade.systems.push.pictures.decisions import draw_attention, draw_choice, draw_values
from saccade.viewing.montage import draw_caption
from saccade.viewing.video import VideoWriter
from saccade.worlds.offscreen import OffscreenRenderer
from saccade.worlds.push_box import PushWorld
from saccade.worlds.push_box.outcome import IN_BOX, ON_GROUND, ON_TABLE

Rgb = UInt8[np.ndarray, "_ _ 3"]

VIDEO_FILE = "video.mp4"
WIDTH, HEIGHT = 640, 480
FRAMES_PER_SECOND = 25
SPEED = 2
"""Speed of the film over life: a frame costs more than the simulation between two."""
CAMERA_RATE = 30
"""Number of frames a second of the plain film, in real time."""
PANEL = 224
CAPTION_PX, TITLE_PX = 14, 11


class CameraFilm:
    """What the overview camera sees, as a camera on a tripod would film it.

    Args:
        world: Simulator, after `reset`; GL must work.
        writer: Writer that takes the frames.
        rate: Number of frames a second.
        speed: Number of simulated seconds in a second of the film.
    """

    def __init__(
        self, world: PushWorld, writer: VideoWriter, rate: float = CAMERA_RATE, speed: float = 1
    ) -> None:
        self._world, self._writer = world, writer
        model = world.scene.model
        self._camera = OffscreenRenderer(model, WIDTH, HEIGHT)
        self._rate, self._steps_a_frame = rate, speed / rate / model.opt.timestep
        self._steps = self._frames = 0

    def close(self) -> None:
        """Free the camera's GL context."""
        self._camera.close()

    def decided(self, heightmap: np.ndarray, decision: Decision) -> None:
        """A new decision; a camera knows nothing of it."""

    def step(self) -> None:
        """Called after every simulation step; every few of them become a frame."""
        self._steps += 1
        # 8.33 steps lie between the frames of a camera: now 8, now 9, so that time does not drift.
        if self._steps >= (self._frames + 1) * self._steps_a_frame - 1e-6:
            self._frames += 1
            self._writer.add(self.frame())

    def hold(self, seconds: float) -> None:
        """Show the present picture for a while."""
        frame = self.frame()
        for _ in range(round(seconds * self._rate)):
            self._writer.add(frame)

    def frame(self) -> Rgb:
        """The present picture of the film."""
        return self.picture()

    def picture(self) -> Rgb:
        """What the overview camera sees."""
        data: mujoco.MjData = self._world.data
        return self._camera.picture(data, "overview")


class Film(CameraFilm):
    """The overview camera's picture and beside it mask, Q and push of the current decision.

    Args:
        world: Simulator, after `reset`; GL must work.
        writer: Writer that takes the frames.
    """

    def __init__(self, world: PushWorld, writer: VideoWriter) -> None:
        super().__init__(world, writer, FRAMES_PER_SECOND, SPEED)
        self._pushes = 0
        self._panels = np.full((HEIGHT, PANEL, 3), 255, np.uint8)

    def decided(self, heightmap: np.ndarray, decision: Decision) -> None:
        """A new decision: it stays beside the picture until the next one."""
        self._pushes += 1
        scene = self._world.config.scene
        choice = draw_choice(heightmap, decision.push, scene)
        looked = draw_attention(heightmap, decision, scene)
        valued = draw_values(heightmap, decision, scene)
        upper = ("mask: where to look", looked) if looked is not None else ("heights", choice)
        lower = ("Q: what is it worth", valued) if valued is not None else ("push", choice)
        self._panels = np.concatenate([_panel(*upper), _panel(*lower)])

    def frame(self) -> Rgb:
        """The present picture."""
        picture = self.picture()
        world = self._world
        counts = (
            f"{world.count(IN_BOX)} in the box, {world.count(ON_TABLE)} on the table, "
            f"{world.count(ON_GROUND)} on the ground"
        )
        dot = "  \N{MIDDLE DOT}  "
        text = f"push {self._pushes}{dot}{counts}{dot}{SPEED} times as fast as life"
        together = np.concatenate([picture, self._panels], axis=1)
        return draw_caption(together, text, CAPTION_PX, n_lines=1)


def _panel(title: str, picture: Rgb) -> Rgb:
    """A decision's picture, half of the film's height, with its title."""
    small = cv2.resize(picture, (PANEL, PANEL), interpolation=cv2.INTER_AREA)
    titled = draw_caption(small, title, TITLE_PX, n_lines=1)
    return titled[: HEIGHT // 2] if len(titled) >= HEIGHT // 2 else _padded(titled)


def _padded(picture: Rgb) -> Rgb:
    missing = HEIGHT // 2 - len(picture)
    return np.pad(picture, ((0, missing), (0, 0), (0, 0)), constant_values=255)
