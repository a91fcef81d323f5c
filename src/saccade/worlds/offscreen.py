"""Pictures and depth images of a MuJoCo scene without a display."""

from __future__ import annotations

import atexit
import importlib
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from typing import ClassVar

import mujoco
import numpy as np
from jaxtyping import Float, UInt8

from saccade.errors import UserInputError
from saccade.worlds.rendering import NO_GL, choose_backend

OBJECT_GROUPS = (1, 0, 0, 0, 0, 0)
"""A depth camera sees table, box and objects (group 0); the arm and the furniture (group 1) never
hide them, as in the authors' scene."""

SAMPLES, SHADOW_SIZE = 4, 4096
"""Multisampling and shadow map of pictures [samples, pixels]."""

NO_PICTURES = (
    "pictures need GL: expected libegl1 and libgl1-mesa-dri (Debian, Ubuntu), see `saccade doctor`"
)

_OPEN: weakref.WeakSet[OffscreenRenderer] = weakref.WeakSet()


def _close_all() -> None:
    """Free GL contexts while the interpreter still can; later, EGL raises in __del__."""
    for renderer in list(_OPEN):
        renderer.close()


@cache
def _close_at_exit() -> None:
    """Called after the first context exists, so that it runs before EGL's own exit handler."""
    atexit.register(_close_all)


@cache
def _load_triton_first() -> None:
    """Import Triton, which CUDA builds of PyTorch bring along, before software GL is loaded.

    Both carry LLVM; Triton's library crashes the process if Mesa's came first, and PyTorch imports
    it whenever an optimiser is made.
    """
    if find_spec("triton") is not None:
        importlib.import_module("triton")


class OffscreenRenderer:
    """One GL context for one model.

    Args:
        model: The scene.
        width: Columns of every image [pixels].
        height: Rows [pixels].
        depth_only: For depth images alone: without shadows and smooth edges, a context opens in a
            third of the time.

    Raises:
        UserInputError: There is no GL to render with.
    """

    _failure: ClassVar[str] = ""
    """Why this process has no GL."""

    def __init__(
        self, model: mujoco.MjModel, width: int, height: int, depth_only: bool = False
    ) -> None:
        if choose_backend() == NO_GL:
            OffscreenRenderer._failure = "neither EGL nor OSMesa was found"
        if OffscreenRenderer._failure:
            raise UserInputError(f"{NO_PICTURES}; {OffscreenRenderer._failure}")
        _load_triton_first()
        try:
            with _quality(model, width, height, depth_only):
                self._renderer = mujoco.Renderer(model, height, width)
        except (AttributeError, ImportError, RuntimeError, mujoco.FatalError) as error:
            # A GL library without a working driver, or MUJOCO_GL=disable. It is not tried again:
            # after a failure, EGL's next context raises errors of other kinds.
            OffscreenRenderer._failure = f"opening a context said: {error}"
            raise UserInputError(f"{NO_PICTURES}; {OffscreenRenderer._failure}") from error
        self._depth_flags = self._renderer.scene.flags.copy()
        self._picture_flags = self._renderer.scene.flags.copy()
        flag = mujoco.mjtRndFlag
        for off in (flag.mjRND_SHADOW, flag.mjRND_REFLECTION, flag.mjRND_SKYBOX):
            self._depth_flags[off] = 0
        self._picture_flags[flag.mjRND_SHADOW] = not depth_only
        self._picture_flags[flag.mjRND_FOG] = 1
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
        # MuJoCo frees its buffers in whichever context is current: another renderer's, perhaps.
        context = self._renderer._gl_context
        if context is not None:
            context.make_current()
        self._renderer.close()
        _OPEN.discard(self)


@contextmanager
def _quality(model: mujoco.MjModel, width: int, height: int, depth_only: bool) -> Iterator[None]:
    """Set what a new GL context reads from the model; its numbers come back afterwards."""
    frame, quality = model.vis.global_, model.vis.quality
    before = frame.offwidth, frame.offheight, quality.offsamples, quality.shadowsize
    frame.offwidth, frame.offheight = width, height
    quality.offsamples, quality.shadowsize = (0, 0) if depth_only else (SAMPLES, SHADOW_SIZE)
    try:
        yield
    finally:
        frame.offwidth, frame.offheight, quality.offsamples, quality.shadowsize = before
