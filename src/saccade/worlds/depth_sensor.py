"""Heightmaps of a simulated table: rendered where GL works, ray-cast where it does not."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import cv2
import mujoco
import numpy as np
from jaxtyping import Bool, Float, Integer

from saccade.errors import UserInputError
from saccade.worlds.cameras import SURFACE, Camera, add_sensor_noise, heightmap_from_depth
from saccade.worlds.heightmap import Heightmap
from saccade.worlds.offscreen import FORKED, OBJECT_GROUPS, PLAIN, OffscreenRenderer
from saccade.worlds.workspace import Workspace

HIGH_ABOVE = 200.0
"""Height of the one point that vertical rays start from [m]: parallel within 0.2 mm a block."""
CORNERS = np.array(list(itertools.product((-1.0, 1.0), repeat=3)))
"""Corners of a box with half sides of one (8, 3)."""


class HeightSensor:
    """The observation of a tabletop world: a heightmap of what the depth camera sees.

    Args:
        model: The scene.
        bodies: Ids of the objects' bodies, the only things above the table.
        camera: The depth camera.
        workspace: The square of the table to map.
        use_gl: Whether to render where GL works; False casts rays everywhere.
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
            return OffscreenRenderer(self._model, width, height, PLAIN)
        except UserInputError:
            if OffscreenRenderer.forked():
                _warn_of_fork()
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
        """The camera's depth image [m], with its noise and holes; 0 where nothing is seen."""
        renderer = self.renderer
        if renderer is not None:
            depth = renderer.depth(data, "depth")
        else:
            depth = self._cast_everything(data)
        return add_sensor_noise(depth, self._camera, rng)

    def heightmap(
        self, data: mujoco.MjData, rng: np.random.Generator
    ) -> Float[Heightmap, "rows cols"]:
        """Heights above the table [m] as the camera sees them, occlusion shadows included.

        Without GL, rays are cast through the same pixels, so that noise and holes are the same and
        the maps differ only where round blocks end: GL draws them with corners.
        """
        camera = self._camera
        if self.renderer is not None:
            depth = self.depth(data, rng)
        else:
            depth = add_sensor_noise(self._cast_objects(data), camera, rng)
        return heightmap_from_depth(
            depth, camera.intrinsics, camera.T_world_camera, self._workspace
        )

    def top_view(self, data: mujoco.MjData) -> Float[Heightmap, "rows cols"]:
        """Heights above the table [m] seen from straight above: the ideal observation."""
        ws = self._workspace
        out = np.zeros(ws.shape, np.float32)
        rows, cols = np.nonzero(self._footprints(data))
        if len(rows):
            x, y = ws.x_min + ws.pixel * cols, ws.y_min + ws.pixel * rows
            above = np.array([*ws.centre, ws.table_height + HIGH_ABOVE])
            rays = np.stack([x, y, np.full(len(x), ws.table_height)], axis=1) - above
            length = np.linalg.norm(rays, axis=1)
            hit = self._cast(data, above, rays / length[:, None])
            height = HIGH_ABOVE * (1 - hit / length)
            out[rows, cols] = np.where(height > SURFACE, height, 0.0)
        return Heightmap(out, ws)

    def _cast_everything(self, data: mujoco.MjData) -> Float[np.ndarray, "h w"]:
        """The whole depth image [m]; 0 where nothing is hit."""
        rays, along = pixel_rays(self._camera)
        eye = np.array(self._camera.position)
        hit = self._cast(data, eye, rays.reshape(-1, 3)).reshape(along.shape)
        return (np.maximum(hit, 0.0) * along).astype(np.float32)

    def _cast_objects(self, data: mujoco.MjData) -> Float[np.ndarray, "h w"]:
        """A depth image [m] of the objects and the plane that they lie on.

        Nothing else reaches into the workspace, and nothing else is worth the time.
        """
        rays, along = pixel_rays(self._camera)
        depth = empty_table(self._camera, self._workspace.table_height).copy()
        chosen = self._pixels_of_objects(data)
        hit = self._cast(data, np.array(self._camera.position), rays[chosen], static=False)
        depth[chosen] = np.where(hit > 0, hit * along[chosen], depth[chosen])
        return depth

    def _pixels_of_objects(self, data: mujoco.MjData) -> Bool[np.ndarray, "h w"]:
        """Pixels that the bounding boxes of the objects on the table cover."""
        model, camera = self._model, self._camera
        covered = np.zeros((camera.height, camera.width), np.uint8)
        for geom in np.flatnonzero(np.isin(model.geom_bodyid, self._bodies)):
            if data.xpos[model.geom_bodyid[geom]][2] < self._lowest:
                continue
            box = model.geom_aabb[geom, :3] + CORNERS * model.geom_aabb[geom, 3:]
            corners = data.geom_xpos[geom] + box @ data.geom_xmat[geom].reshape(3, 3).T
            cv2.fillConvexPoly(covered, _outline(camera, corners), 1)
        return cv2.dilate(covered, np.ones((3, 3), np.uint8)) > 0

    def _cast(
        self,
        data: mujoco.MjData,
        origin: Float[np.ndarray, "3"],
        rays: Float[np.ndarray, "n 3"],
        static: bool = True,
    ) -> Float[np.ndarray, " n"]:
        """Distance that unit rays from one origin reach until they hit [m]; -1 for no hit.

        Without `static`, they pass through what cannot move: table, box and floor.
        """
        n = len(rays)
        distance, geom = np.full(n, -1.0), np.zeros(n, np.int32)
        if n:
            groups, far = np.array(OBJECT_GROUPS, np.uint8), 2 * HIGH_ABOVE
            mujoco.mj_multiRay(
                self._model, data, origin, rays.ravel(), groups, static, -1,
                geom, distance, None, n, far,
            )  # fmt: skip
        return distance

    def _footprints(self, data: mujoco.MjData) -> Bool[np.ndarray, "rows cols"]:
        """Cells that the objects' bounding spheres cover: the only ones worth a ray."""
        ws = self._workspace
        y, x = np.mgrid[: ws.shape[0], : ws.shape[1]] * ws.pixel
        covered = np.zeros(ws.shape, bool)
        for body in self._bodies:
            px, py, pz = data.xpos[body]
            if pz < self._lowest:
                continue
            reach = 0.07  # no block's corner is farther from its origin
            covered |= (x + ws.x_min - px) ** 2 + (y + ws.y_min - py) ** 2 < reach**2
        return covered

    @property
    def _lowest(self) -> float:
        """Height of an object's origin below which it has left the table [m]."""
        return self._workspace.table_height - 0.05


@cache
def _warn_of_fork() -> None:
    """Say once in a process why its heightmaps are cast."""
    warnings.warn(f"heightmaps are ray-cast: {FORKED}", RuntimeWarning, stacklevel=2)


@lru_cache(maxsize=4)
def pixel_rays(
    camera: Camera,
) -> tuple[Float[np.ndarray, "h w 3"], Float[np.ndarray, "h w"]]:
    """Unit vectors (world) through a camera's pixels, and how far each goes along its axis.

    Do not write to them.
    """
    i = camera.intrinsics
    v, u = np.mgrid[: camera.height, : camera.width]
    rays = np.stack([(u - i.cx) / i.fx, (v - i.cy) / i.fy, np.ones(u.shape)], axis=-1)
    along = 1.0 / np.linalg.norm(rays, axis=-1)
    return (rays * along[..., None]) @ camera.T_world_camera[:3, :3].T, along


@lru_cache(maxsize=4)
def empty_table(camera: Camera, height: float) -> Float[np.ndarray, "h w"]:
    """Depth of a level plane [m], in every pixel; 0 at the horizon and above. Do not write to it.

    Args:
        camera: Camera that sees the plane.
        height: World z of the plane [m].
    """
    rays, along = pixel_rays(camera)
    depth = np.zeros(along.shape, np.float32)
    falls, drop = rays[..., 2], height - camera.position[2]
    np.divide(drop * along, falls, out=depth, where=falls < 0, casting="same_kind")
    return np.maximum(depth, 0.0)


def _outline(camera: Camera, points: Float[np.ndarray, "n 3"]) -> Integer[np.ndarray, "m 1 2"]:
    """Convex outline (column, row) of world points in the image; all of it if one is behind."""
    i, (x, y, z) = camera.intrinsics, camera.T_world_camera[:3, :3].T @ (points - camera.position).T
    pixels = np.stack([i.fx * x / z + i.cx, i.fy * y / z + i.cy], axis=1)
    if z.min() < camera.near:
        pixels = camera.width * np.array([(0, 0), (1, 0), (1, 1), (0, 1)])
    return cv2.convexHull(np.rint(pixels).astype(np.int32))
