"""Choosing MuJoCo's GL backend before MuJoCo is imported, and rendering without a display."""

from __future__ import annotations

import ctypes.util
import os

BACKENDS = ("egl", "osmesa")
NO_GL = "none"


def choose_backend() -> str:
    """Set MUJOCO_GL to the first backend whose library exists; "none" where there is none.

    Must run before `import mujoco`; `saccade.worlds` calls it. A value that the user has set stays.
    """
    chosen = os.environ.get("MUJOCO_GL", "")
    if not chosen:
        libraries = {"egl": "EGL", "osmesa": "OSMesa"}
        found = [name for name in BACKENDS if ctypes.util.find_library(libraries[name])]
        chosen = found[0] if found else NO_GL
        if chosen != NO_GL:
            os.environ["MUJOCO_GL"] = chosen
            os.environ.setdefault("PYOPENGL_PLATFORM", chosen)
    return chosen
