"""The rendered scene: liquid shows where it is, and moves from cup to cup."""

from dataclasses import replace

import numpy as np
import pytest

from saccade.worlds.cameras import looking_at
from saccade.worlds.offscreen import PLAIN, OffscreenRenderer
from saccade.worlds.pouring import PHASES, PouringConfig
from saccade.worlds.pouring.appearance import Appearance, draw_appearance
from saccade.worlds.pouring.paints import Paint
from saccade.worlds.pouring.plan import Plan, draw_plan
from saccade.worlds.pouring.scene import PouringScene
from saccade.worlds.pouring.script import Course, play

SIDE = 64
IN_FRONT, ABOVE = (0.0, 0.25, 0.25), (0.0, 0.001, 0.35)
"""Places of the camera, seen from the cup [m]."""
RED, GREY = Paint((1.0, 0.0, 0.0, 1.0), shine=0.0), Paint((0.4, 0.4, 0.4, 1.0), shine=0.0)


def plain_look(plan: Plan, course: Course) -> Appearance:
    """Red liquid; everything else is grey, and the cups are of glass."""
    look = draw_appearance(np.random.default_rng(0), "train", plan, course)
    glass = Paint((0.5, 0.5, 0.5, 0.3), shine=0.0)
    return replace(
        look, table=GREY, floor=GREY, walls=(GREY,) * 4, source=glass, target=glass, liquid=RED,
        skin=GREY, sleeve=GREY, clutter=(),
    )  # fmt: skip


class Camera:
    """Looks at a cup, and says how many pixels are red."""

    def __init__(self, scene: PouringScene) -> None:
        self._scene = scene
        self._renderer = OffscreenRenderer(scene.model, SIDE, SIDE, PLAIN)

    def red_around(self, frame: int, at: np.ndarray, off: tuple[float, float, float]) -> int:
        self._scene.pose(frame)
        self._renderer.reload_meshes(self._scene.moving_meshes)
        eye = at + np.array(off)
        x, y = np.reshape(looking_at(eye, at), (2, 3))
        axes = np.stack([x, y, np.cross(x, y)], axis=-1)
        self._scene.place_camera(0, eye, axes, 0.3)
        picture = self._renderer.picture(self._scene.data, "view_0").astype(int)
        return int((picture[..., 0] > picture[..., 1:].max(axis=-1) + 50).sum())


@pytest.mark.parametrize("seed", [0, 1])
def test_liquid_goes_from_the_source_to_the_target(seed: int) -> None:
    drawn = draw_plan(np.random.default_rng(seed), PouringConfig(frames=(27, 27)))
    plan = replace(drawn, left=0.0)
    course = play(plan)
    camera = Camera(PouringScene(plan, course, plain_look(plan, course), 1))
    target = plan.target_at + np.array([0.0, 0.0, plan.target.height / 2])
    middle = course.source + plan.source.height / 2 * course.rotation[:, :, 2]
    last = plan.frames - 1
    pouring = int(np.flatnonzero(course.phases == PHASES.index("pour"))[1])
    begins, ends = (camera.red_around(frame, target, IN_FRONT) for frame in (0, last))
    assert begins == 0
    assert ends > 150
    assert camera.red_around(pouring, target, IN_FRONT) > 0
    assert camera.red_around(0, middle[0], ABOVE) > 150
    assert camera.red_around(last, middle[last], ABOVE) == 0
