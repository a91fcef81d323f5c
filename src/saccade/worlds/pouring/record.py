"""Recording a sequence: frames of all views, phases and attributes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64, UInt8

from saccade.worlds.offscreen import OffscreenRenderer
from saccade.worlds.pouring.appearance import draw_look
from saccade.worlds.pouring.cameras import first_person, third_person
from saccade.worlds.pouring.config import PouringConfig
from saccade.worlds.pouring.draw import draw_plan
from saccade.worlds.pouring.labels import attributes
from saccade.worlds.pouring.scene import PouringScene
from saccade.worlds.pouring.script import play


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
    phases: Int64[np.ndarray, "n"]
    attributes: dict[str, Int64[np.ndarray, "n"]]
    states: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.phases)


def record_sequence(config: PouringConfig, seed: int) -> PouringSequence:
    """The sequence of a seed; the same seed gives the same sequence on the same machine."""
    rng = np.random.default_rng(seed)
    plan = draw_plan(rng, config)
    course = play(plan)
    n = plan.frames
    paths = [first_person(rng, n)]
    paths += [third_person(rng, n, config.azimuth) for _ in range(config.views - 1)]
    scene = PouringScene(plan, course, draw_look(rng, config), config.views)
    renderer = OffscreenRenderer(scene.model, config.width, config.height, plain=True)
    frames = np.empty((config.views, n, config.height, config.width, 3), np.uint8)
    for i in range(n):
        scene.pose(i)
        renderer.reload_meshes(scene.moving_meshes)
        for view, path in enumerate(paths):
            scene.place_camera(view, path.eyes[i], path.axes[i], float(path.fovy[i]))
            frames[view, i] = renderer.picture(scene.data, f"view_{view}")
    renderer.close()
    states = {
        "tilt": course.tilt,
        "aperture": course.aperture,
        "volumes": course.volumes,
        "source": course.source,
        "target": np.broadcast_to(plan.target_at, course.source.shape),
        "hand": course.hand,
    }
    return PouringSequence(tuple(frames), course.phases, attributes(plan, course), states)
