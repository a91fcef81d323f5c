"""Pictures and depth images of a MuJoCo scene without a display."""

from __future__ import annotations

import atexit
import weakref
from functools import cache

import mujoco
import numpy as np
from jaxtyping import Float, UInt8

OBJECT_GROUPS = (1, 0, 0, 0, 0, 0)
"""A depth camera sees table, box and objects (group 0); the arm and the furniture (group 1) never
hide them, as in the authors' scene."""

_OPEN: weakref.WeakSet[OffscreenRenderer] = weakref.WeakSet()


def _close_all() -> None:
    """Free GL contexts while the interpreter still can; later, EGL raises in __del__."""
    for renderer in list(_OPEN):
        renderer.close()


@cache
def _close_at_exit() -> None:
    """Called after the first context exists, so that it runs before EGL's own exit handler."""
    atexit.register(_close_all)


class OffscreenRenderer:
    """One GL context for one model.

    Args:
        model: The scene.
        width: Columns of every image [pixels].
        height: Rows [pixels].
    """

    def __init__(self, model: mujoco.MjModel, width: int, height: int) -> None:
        self._renderer = mujoco.Renderer(model, height, width)
        self._depth_flags = self._renderer.scene.flags.copy()
        for flag in (
            mujoco.mjtRndFlag.mjRND_SHADOW,
            mujoco.mjtRndFlag.mjRND_REFLECTION,
            mujoco.mjtRndFlag.mjRND_SKYBOX,
        ):
            self._depth_flags[flag] = 0
        self._picture_flags = self._renderer.scene.flags.copy()
        self._objects_only = mujoco.MjvOption()
        self._objects_only.geomgroup[:] = OBJECT_GROUPS
        self._objects_only.sitegroup[:] = 0
        _OPEN.add(self)
        _close_at_exit()

    def depth(self, data: mujoco.MjData, camera: str) -> Float[np.ndarray, "h w"]:
        """Depth along the optical axis [m] of everything in group 0."""
        renderer = self._renderer
        renderer.enable_depth_rendering()
        renderer.scene.flags[:] = self._depth_flags
        renderer.update_scene(data, camera, self._objects_only)
        return renderer.render().copy()

    def picture(self, data: mujoco.MjData, camera: str) -> UInt8[np.ndarray, "h w 3"]:
        """An RGB picture of the whole scene."""
        renderer = self._renderer
        renderer.disable_depth_rendering()
        renderer.scene.flags[:] = self._picture_flags
        renderer.update_scene(data, camera)
        return renderer.render().copy()

    def close(self) -> None:
        """Free the GL context; the renderer cannot be used afterwards."""
        self._renderer.close()
        _OPEN.discard(self)
