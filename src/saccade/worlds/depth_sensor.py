"""Heightmaps of a simulated table: rendered where GL works, ray-cast where it does not."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import mujoco
import numpy as np
from jaxtyping import Bool, Float

from saccade.errors import UserInputError
from saccade.worlds.cameras import (
    MAX_HEIGHT,
    SURFACE,
    Camera,
    add_sensor_noise,
    heightmap_from_depth,
)
from saccade.worlds.heightmap import Heightmap
from saccade.worlds.offscreen import FORKED, OBJECT_GROUPS, OffscreenRenderer
from saccade.worlds.workspace import Workspace

HIGH_ABOVE = 200.0
"""Vertical rays start from one point this high [m]: parallel within 0.2 mm over a block."""


class HeightSensor:
    """The observation of a tabletop world: a heightmap of what the depth camera sees.

    Args:
        model: The scene.
        bodies: Ids of the objects' bodies, the only things above the table.
        camera: The depth camera.
        workspace: The square of the table to map.
        use_gl: False casts rays even where GL works.
    """

    def __init__(
        self,
        model: mujoco.MjModel,
        bodies: Sequence[int],
        camera: Camera,
        workspace: Workspace,
        use_gl: bool = True,
    ) -> None:
        self._model, self._bodies = model, list(bodies)
        self._camera, self._workspace = camera, workspace
        self._use_gl = use_gl
        self._renderer: OffscreenRenderer | None = None

    @property
    def renderer(self) -> OffscreenRenderer | None:
        """The camera's renderer, opened when it is first needed; None where rays take over."""
        if self._use_gl and (self._renderer is None or not self._renderer.usable):
            self._renderer = self._open_renderer()
        return self._renderer

    def _open_renderer(self) -> OffscreenRenderer | None:
        width, height = self._camera.width, self._camera.height
        try:
            return OffscreenRenderer(self._model, width, height, depth_only=True)
        except UserInputError:
            if OffscreenRenderer.forked():
                warnings.warn(f"heightmaps are ray-cast: {FORKED}", RuntimeWarning, stacklevel=2)
            return None  # no GL: rays take over

    def __getstate__(self) -> dict[str, Any]:
        """Everything but the renderer: a copy opens its own."""
        return self.__dict__ | {"_renderer": None}

    @property
    def uses_gl(self) -> bool:
        """Whether the heightmap comes from a rendered depth image."""
        return self.renderer is not None

    def close(self) -> None:
        """Free the GL context."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None

    def depth(self, data: mujoco.MjData, rng: np.random.Generator) -> Float[np.ndarray, "h w"]:
        """The camera's depth image [m], with its noise and holes."""
        renderer = self.renderer
        if renderer is None:
            raise UserInputError("no GL: a depth image needs EGL or OSMesa; heightmaps do not")
        return add_sensor_noise(renderer.depth(data, "depth"), self._camera, rng)

    def heightmap(
        self, data: mujoco.MjData, rng: np.random.Generator
    ) -> Float[Heightmap, "rows cols"]:
        """Heights above the table [m] as the camera sees them, occlusion shadows included.

        Cast rays carry the camera's noise as noise of the height, and its holes as lost cells.
        """
        camera = self._camera
        if self.renderer is None:
            seen = self._disturb(self._raycast(data, shadows=True), rng)
            return Heightmap(seen, self._workspace)
        depth = self.depth(data, rng)
        return heightmap_from_depth(
            depth, camera.intrinsics, camera.T_world_camera, self._workspace
        )

    def _disturb(
        self, heightmap: Float[np.ndarray, "rows cols"], rng: np.random.Generator
    ) -> Float[np.ndarray, "rows cols"]:
        """The camera's noise and holes on the cells that rays have seen."""
        seen = heightmap > 0
        noisy = add_sensor_noise(heightmap, self._camera, rng)
        return np.where(seen, np.clip(noisy, 0.0, MAX_HEIGHT), 0.0).astype(np.float32)

    def top_view(self, data: mujoco.MjData) -> Float[Heightmap, "rows cols"]:
        """Heights above the table [m] seen from straight above: the ideal observation."""
        return Heightmap(self._raycast(data, shadows=False), self._workspace)

    def _raycast(self, data: mujoco.MjData, shadows: bool) -> Float[np.ndarray, "rows cols"]:
        ws = self._workspace
        out = np.zeros(ws.shape, np.float32)
        rows, cols = np.nonzero(self._footprints(data))
        if len(rows) == 0:
            return out
        x, y = ws.x_min + ws.pixel * cols, ws.y_min + ws.pixel * rows
        top = np.stack([x, y, np.full(len(x), ws.table_height)], axis=1)
        above = np.array([*ws.centre, ws.table_height + HIGH_ABOVE])
        height = self._cast(data, above, top)[:, 2] - ws.table_height
        on = height > SURFACE
        rows, cols, height = rows[on], cols[on], height[on]
        points = np.stack([x[on], y[on], height + ws.table_height], axis=1)
        if shadows and len(points):
            eye = np.array(self._camera.position)
            reached = np.linalg.norm(self._cast(data, eye, points) - points, axis=1) < SURFACE
            rows, cols, height = rows[reached], cols[reached], height[reached]
        out[rows, cols] = height
        return out

    def _cast(
        self, data: mujoco.MjData, origin: Float[np.ndarray, "3"], targets: Float[np.ndarray, "n 3"]
    ) -> Float[np.ndarray, "n 3"]:
        """Where rays from one origin towards targets hit first."""
        n = len(targets)
        rays = targets - origin
        rays /= np.linalg.norm(rays, axis=1, keepdims=True)
        distance, geom = np.zeros(n), np.zeros(n, np.int32)
        groups = np.array(OBJECT_GROUPS, np.uint8)
        mujoco.mj_multiRay(
            self._model, data, origin, rays.ravel(), groups, 1, -1, geom, distance, None, n, 1e4
        )
        return origin + rays * distance[:, None]

    def _footprints(self, data: mujoco.MjData) -> Bool[np.ndarray, "rows cols"]:
        """Cells that the objects' bounding spheres cover: the only ones worth a ray."""
        ws = self._workspace
        y, x = np.mgrid[: ws.shape[0], : ws.shape[1]] * ws.pixel
        covered = np.zeros(ws.shape, bool)
        for body in self._bodies:
            px, py, pz = data.xpos[body]
            if pz < ws.table_height - 0.05:
                continue
            reach = 0.07  # no block's corner is farther from its origin
            covered |= (x + ws.x_min - px) ** 2 + (y + ws.y_min - py) ** 2 < reach**2
        return covered
