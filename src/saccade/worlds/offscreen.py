"""Pictures and depth images of a MuJoCo scene without a display.

GL belongs to a process and, while it is in use, to a thread. A context is let go of after every
use, so that any thread may take it up. A process that was forked after GL was opened cannot use
GL, neither what it inherited nor anew: the driver's threads and locks stayed in the parent, and
every call would wait for them for ever.
"""

from __future__ import annotations

import atexit
import ctypes
import importlib
import os
import sys
import threading
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from types import ModuleType
from typing import Any, ClassVar

import mujoco
import numpy as np
from jaxtyping import Float, Int, UInt8

from saccade.errors import UserInputError
from saccade.worlds.rendering import NO_GL, choose_backend, refusal

OBJECT_GROUPS = (1, 0, 0, 0, 0, 0)
"""Groups that a depth camera sees: table, box and objects (group 0); the arm and the furniture
(group 1) never hide them, as in the authors' scene."""


@dataclass(frozen=True)
class Quality:
    """How a context draws; software takes its time for all of it.

    Attributes:
        samples: Multisampling that smooths edges [samples]; with 0, depths are exact there.
        shadows: Side of the map of shadows [pixels]; 0 for no shadows.
        rings: Rings that round shapes are made of.
    """

    samples: int
    shadows: int
    rings: int = 16


FINE, QUICK, PLAIN = Quality(4, 4096), Quality(0, 768, rings=8), Quality(0, 0)
"""Qualities of pictures, of films (drawn in a fifth of the time) and of what cameras see (a context
opens in a third of the time)."""

NO_PICTURES = "pictures need GL"
EXPECTED = "expected libegl1 and libgl1-mesa-dri (Debian, Ubuntu), see `saccade doctor`"

FORKED = (
    "this process was forked after GL was opened; start workers anew instead: "
    "multiprocessing's and make_vec's context \"spawn\""
)

_OPEN: weakref.WeakSet[OffscreenRenderer] = weakref.WeakSet()
_dropped: list[mujoco.Renderer] = []
"""Renderers that nobody has closed: freed before the next use, never amid another's drawing."""
_lock = threading.RLock()
"""Lock that is held while a context is current: one thread draws at a time."""


def _close_all() -> None:
    """Free GL contexts while the interpreter still can; later, EGL raises in __del__."""
    for renderer in list(_OPEN):
        renderer.close()
    _free_dropped()


def _free_dropped() -> None:
    with _lock:
        while _dropped:
            _free(_dropped.pop())


def _free(renderer: mujoco.Renderer) -> None:
    """Free a context; MuJoCo frees its buffers in whichever one is current."""
    if renderer._gl_context is not None:
        renderer._gl_context.make_current()
    renderer.close()


@cache
def _close_at_exit() -> None:
    """Register `_close_all` once a context exists, so that it runs before EGL's exit handler."""
    atexit.register(_close_all)


def _leave_gl_to_the_parent() -> None:
    """Touch nothing of GL again in a forked child if the parent has opened it."""
    global _lock
    _lock = threading.RLock()  # another thread of the parent may have held it
    egl = sys.modules.get("mujoco.egl")
    if not _OPEN and not _close_at_exit.cache_info().currsize and not _display_is_open(egl):
        return
    OffscreenRenderer._failure = FORKED
    for renderer in list(_OPEN):
        if renderer._renderer is not None:
            _dropped.append(renderer._renderer)
            renderer._renderer = None
    for inherited in _dropped:
        # One reference for ever, or its destructor would call GL.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(inherited))
    _dropped.clear()
    if egl is not None:
        atexit.unregister(egl.EGL.eglTerminate)


def _display_is_open(egl: ModuleType | None) -> bool:
    """Whether somebody has opened EGL through MuJoCo, be it without us."""
    return egl is not None and getattr(egl, "EGL_DISPLAY", None) is not None


os.register_at_fork(after_in_child=_leave_gl_to_the_parent)


@cache
def _load_triton_first() -> None:
    """Import Triton, which CUDA builds of PyTorch bring along, before software GL is loaded.

    Both carry LLVM; Triton's library crashes the process if Mesa's came first, and PyTorch imports
    it whenever an optimiser is made.
    """
    if find_spec("triton") is not None:
        importlib.import_module("triton")


class OffscreenRenderer:
    """One GL context for one model, for whichever thread of this process draws next.

    Args:
        model: The scene.
        width: Columns of every image [pixels].
        height: Rows [pixels].
        quality: How it draws.

    Raises:
        UserInputError: There is no GL to render with.
    """

    _failure: ClassVar[str] = ""
    """Reason why this process has no GL."""

    def __init__(
        self, model: mujoco.MjModel, width: int, height: int, quality: Quality = FINE
    ) -> None:
        if choose_backend() == NO_GL:
            OffscreenRenderer._failure = (
                refusal() or f"neither EGL nor OSMesa was found; {EXPECTED}"
            )
        if OffscreenRenderer._failure:
            raise UserInputError(f"{NO_PICTURES}: {OffscreenRenderer._failure}")
        _load_triton_first()
        self._renderer: mujoco.Renderer | None = self._open(model, width, height, quality)
        self._set_flags(self._renderer, quality)
        _OPEN.add(self)
        _close_at_exit()

    @staticmethod
    def _open(model: mujoco.MjModel, width: int, height: int, quality: Quality) -> mujoco.Renderer:
        _free_dropped()
        try:
            with _lock, _context(model, width, height, quality):
                renderer = mujoco.Renderer(model, height, width)
                _let_go(renderer)
        except _errors() as error:
            # A GL library without a working driver, or MUJOCO_GL=disable. It is not tried again:
            # after a failure, EGL's next context raises errors of other kinds.
            reason = " ".join(str(error).split())
            OffscreenRenderer._failure = f"opening a context said: {reason}; {EXPECTED}"
            raise UserInputError(f"{NO_PICTURES}: {OffscreenRenderer._failure}") from error
        return renderer

    def _set_flags(self, renderer: mujoco.Renderer, quality: Quality) -> None:
        self._depth_flags = renderer.scene.flags.copy()
        self._picture_flags = renderer.scene.flags.copy()
        flag = mujoco.mjtRndFlag
        for off in (flag.mjRND_SHADOW, flag.mjRND_REFLECTION, flag.mjRND_SKYBOX):
            self._depth_flags[off] = 0
        self._picture_flags[flag.mjRND_SHADOW] = quality.shadows > 0
        self._picture_flags[flag.mjRND_FOG] = 1
        self._objects_only = mujoco.MjvOption()
        self._objects_only.geomgroup[:] = OBJECT_GROUPS
        self._objects_only.sitegroup[:] = 0

    @classmethod
    def forked(cls) -> bool:
        """Whether this process has no GL because it was forked from one that had."""
        return cls._failure == FORKED

    @property
    def usable(self) -> bool:
        """Whether it can draw: it is open, and this is the process that opened it."""
        return self._renderer is not None

    def depth(self, data: mujoco.MjData, camera: str) -> Float[np.ndarray, "h w"]:
        """Depth along the optical axis [m] of everything in group 0."""
        with self._current() as renderer:
            renderer.enable_depth_rendering()
            renderer.scene.flags[:] = self._depth_flags
            renderer.update_scene(data, camera, self._objects_only)
            return renderer.render().copy()

    def picture(self, data: mujoco.MjData, camera: str) -> UInt8[np.ndarray, "h w 3"]:
        """An RGB picture of the whole scene."""
        with self._current() as renderer:
            renderer.disable_depth_rendering()
            renderer.scene.flags[:] = self._picture_flags
            renderer.update_scene(data, camera)
            return renderer.render().copy()

    def geoms(self, data: mujoco.MjData, camera: str) -> Int[np.ndarray, "h w"]:
        """Number of the geom that each pixel shows; -1 where there is none."""
        with self._current() as renderer:
            renderer.enable_segmentation_rendering()
            renderer.scene.flags[:] = self._depth_flags
            renderer.update_scene(data, camera)
            shown = renderer.render().copy()
            renderer.disable_segmentation_rendering()
        is_geom = shown[..., 1] == int(mujoco.mjtObj.mjOBJ_GEOM)
        return np.where(is_geom, shown[..., 0], -1)

    def rgbd(
        self, data: mujoco.MjData, camera: str
    ) -> tuple[UInt8[np.ndarray, "h w 3"], Float[np.ndarray, "h w"]]:
        """Colours, and depths along the optical axis [m], of the whole scene in one drawing.

        The depth of what is farther than the clipping plane is 0.
        """
        with self._current() as renderer:
            height, width = renderer.height, renderer.width
            rgb = np.empty((height, width, 3), np.uint8)
            depth = np.empty((height, width), np.float32)
            renderer.scene.flags[:] = self._picture_flags
            renderer.update_scene(data, camera)
            where, context = renderer._rect, renderer._mjr_context
            mujoco.mjr_render(where, renderer.scene, context)
            mujoco.mjr_readPixels(rgb, depth, where, context)
        model = renderer.model
        near, far = (v * model.stat.extent for v in (model.vis.map.znear, model.vis.map.zfar))
        # MuJoCo's buffer is 1 at the near plane, 0 at the far one, and linear in 1 / depth.
        metres = near * far / (near + depth.astype(np.float64) * (far - near))
        metres[depth == 0] = 0.0
        return np.flipud(rgb).copy(), np.flipud(metres).astype(np.float32)

    def reload_meshes(self, meshes: Iterable[int]) -> None:
        """Draw the meshes of those ids as the model has them now."""
        with self._current() as renderer:
            for mesh in meshes:
                mujoco.mjr_uploadMesh(renderer.model, renderer._mjr_context, mesh)

    def close(self) -> None:
        """Free the GL context; the renderer cannot be used afterwards."""
        if self._renderer is not None:
            with _lock:
                _free(self._renderer)
            self._renderer = None
            _OPEN.discard(self)

    def __del__(self) -> None:
        """Leave the context to be freed at the next use of GL."""
        renderer = getattr(self, "_renderer", None)  # None where opening failed
        if renderer is not None:
            _dropped.append(renderer)

    @contextmanager
    def _current(self) -> Iterator[mujoco.Renderer]:
        """Make the context this thread's for a while.

        Raises:
            UserInputError: It is closed, or was opened by the process that this one came from.
        """
        if self._renderer is None:
            reason = OffscreenRenderer._failure or "the renderer is closed"
            raise UserInputError(f"{NO_PICTURES}: {reason}")
        with _lock:
            _free_dropped()
            if self._renderer._gl_context is not None:
                self._renderer._gl_context.make_current()
            try:
                yield self._renderer
            finally:
                _let_go(self._renderer)


def _let_go(renderer: mujoco.Renderer) -> None:
    """Make no context current in this thread, so that another may take it up."""
    context: Any = renderer._gl_context
    if context is None:
        return  # MUJOCO_GL=disable, with a context of somebody else's
    match type(context).__module__:
        case "mujoco.egl":
            egl = sys.modules["mujoco.egl"]
            nothing = egl.EGL.EGL_NO_SURFACE
            egl.EGL.eglMakeCurrent(egl.EGL_DISPLAY, nothing, nothing, egl.EGL.EGL_NO_CONTEXT)
        case "mujoco.osmesa":
            module = sys.modules["mujoco.osmesa"]
            module.osmesa.OSMesaMakeCurrent(None, None, module.GL.GL_FLOAT, 0, 0)
        case "mujoco.glfw":
            sys.modules["mujoco.glfw"].glfw.make_context_current(None)


def _errors() -> tuple[type[Exception], ...]:
    """Errors that opening a context may raise; PyOpenGL, once it is loaded, has its own."""
    known = AttributeError, ImportError, RuntimeError, ValueError, mujoco.FatalError
    opengl = sys.modules.get("OpenGL.error")
    return known if opengl is None else (*known, opengl.Error)


@contextmanager
def _context(model: mujoco.MjModel, width: int, height: int, quality: Quality) -> Iterator[None]:
    """Set what a new GL context reads from the model; its numbers come back afterwards."""
    frame, read = model.vis.global_, model.vis.quality
    before = frame.offwidth, frame.offheight, read.offsamples, read.shadowsize, read.numstacks
    frame.offwidth, frame.offheight = width, height
    read.offsamples, read.shadowsize = quality.samples, quality.shadows
    read.numstacks = quality.rings
    try:
        yield
    finally:
        frame.offwidth, frame.offheight, read.offsamples, read.shadowsize, read.numstacks = before
