"""Recording a sequence: frames of all views, phases and attributes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import cv2
import numpy as np
from jaxtyping import Int64, UInt8

from saccade.worlds.offscreen import OffscreenRenderer, Quality
from saccade.worlds.pouring.appearance import draw_appearance
from saccade.worlds.pouring.cameras import CameraPath, first_person, interest, third_person
from saccade.worlds.pouring.config import PouringConfig, Split
from saccade.worlds.pouring.labels import attributes
from saccade.worlds.pouring.plan import draw_plan
from saccade.worlds.pouring.scene import PouringScene
from saccade.worlds.pouring.script import play
from saccade.worlds.pouring.sensor import exposed

_FINER = 2
"""Rows and columns that are drawn for each of a picture, and averaged."""
_QUALITY = Quality(samples=0, shadows=512)


@dataclass(frozen=True)
class PouringSequence:
    """One demonstration of pouring, seen by all views at the same times.

    Attributes:
        frames: Frames of each view, (n, height, width, 3).
        phases: Phase of each frame, an index of `PHASES`.
        attributes: Class of each frame by the name of the attribute, see `ATTRIBUTES`.
        states: True numbers of each frame by name: "tilt" [rad], "aperture" (0 closed to 1 open),
            "volumes" of source and target [m3], "source", "target" and "hand" [m].
    """

    frames: tuple[UInt8[np.ndarray, "n h w 3"], ...]
    phases: Int64[np.ndarray, " n"]
    attributes: dict[str, Int64[np.ndarray, " n"]]
    states: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.phases)


def record_sequence(config: PouringConfig, seed: int) -> PouringSequence:
    """The sequence of a seed: the same seed gives the same sequence on the same machine.

    More views leave everything else as it is, and so does the size of the frames.

    Raises:
        UserInputError: There is no GL to render with.
    """
    chance = np.random.SeedSequence([seed, get_args(Split).index(config.split)])
    # One generator each for the plan, the look, and every view.
    events, looks, *eyes = map(np.random.default_rng, chance.spawn(2 + config.views))
    plan = draw_plan(events, config)
    course = play(plan)
    shown = interest(plan, course)
    paths = [
        (third_person if view else first_person)(rng, shown, config)
        for view, rng in enumerate(eyes)
    ]
    appearance = draw_appearance(looks, config.split, plan, course)
    frames = _render(PouringScene(plan, course, appearance, config.views), paths, config)
    states = {
        "tilt": course.tilt,
        "aperture": course.aperture,
        "volumes": course.volumes,
        "source": course.source,
        "target": np.tile(plan.target_at, (len(course.tilt), 1)),
        "hand": course.hand,
    }
    return PouringSequence(
        tuple(exposed(rng, view) for rng, view in zip(eyes, frames, strict=True)),
        course.phases,
        attributes(plan, course),
        states,
    )


def _render(
    scene: PouringScene, paths: list[CameraPath], config: PouringConfig
) -> UInt8[np.ndarray, "views n h w 3"]:
    """Pictures of every view in every frame."""
    height, width = config.height, config.width
    n = len(paths[0].eyes)
    frames = np.empty((len(paths), n, height, width, 3), np.uint8)
    renderer = OffscreenRenderer(scene.model, _FINER * width, _FINER * height, _QUALITY)
    for i in range(n):
        scene.pose(i)
        renderer.reload_meshes(scene.moving_meshes)
        for view, path in enumerate(paths):
            scene.place_camera(view, path.eyes[i], path.axes[i], float(path.fovy[i]))
            picture = renderer.picture(scene.data, f"view_{view}")
            cv2.resize(picture, (width, height), frames[view, i], interpolation=cv2.INTER_AREA)
    renderer.close()
    return frames
