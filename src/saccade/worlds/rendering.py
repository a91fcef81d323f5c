"""Choosing MuJoCo's GL backend before MuJoCo is imported, and rendering without a display."""

from __future__ import annotations

import ctypes.util
import importlib
import os
import sys

BACKENDS = ("egl", "osmesa")
NO_GL = "none"


def choose_backend() -> str:
    """Set MUJOCO_GL to the first backend whose library exists; "none" where there is none.

    Should run before `import mujoco`; `saccade.worlds` calls it. A value that the user has set
    stays. Where MuJoCo was imported first, its renderer is given the chosen backend afterwards.
    """
    chosen = os.environ.get("MUJOCO_GL", "")
    if not chosen:
        libraries = {"egl": "EGL", "osmesa": "OSMesa"}
        found = [name for name in BACKENDS if ctypes.util.find_library(libraries[name])]
        chosen = found[0] if found else NO_GL
        if chosen != NO_GL:
            os.environ["MUJOCO_GL"] = chosen
            os.environ.setdefault("PYOPENGL_PLATFORM", chosen)
            _catch_up(chosen)
    if chosen == "glfw" and not (os.environ.keys() & {"DISPLAY", "WAYLAND_DISPLAY"}):
        return NO_GL  # opening a second GLFW context without a display aborts the process
    return chosen


def _catch_up(backend: str) -> None:
    """Give an already imported MuJoCo the context class that MUJOCO_GL would have given it.

    It has chosen GLFW otherwise, which aborts the process where there is no display.
    """
    mujoco = sys.modules.get("mujoco")
    renderer = getattr(mujoco, "Renderer", None)
    if renderer is None:
        return
    try:
        context = importlib.import_module(f"mujoco.{backend}").GLContext
    except (ImportError, AttributeError):
        return  # no driver behind the library: opening a renderer will say so
    sys.modules[renderer.__module__].gl_context.GLContext = context
