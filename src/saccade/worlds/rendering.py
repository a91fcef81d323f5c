"""Choosing MuJoCo's GL backend before MuJoCo is imported, and rendering without a display."""

from __future__ import annotations

import ctypes
import ctypes.util
import importlib
import os
import sys

BACKENDS = ("egl", "osmesa")
NO_GL = "none"

_LIBRARIES = {"egl": ("EGL", "libEGL.so.1"), "osmesa": ("OSMesa", "libOSMesa.so.8")}
_OFF = ("disable", "disabled", "off", "false", "0")
_GLFW = ("glfw", "glx", "enable", "enabled", "on", "true", "1")
"""Values of MUJOCO_GL that MuJoCo takes for GLFW, and for no GL at all."""

_refusals: list[str] = []
"""Reasons why values in the environment cannot be used; the last one counts."""


def choose_backend() -> str:
    """Set MUJOCO_GL to the first backend whose library exists; "none" where there is none.

    Should run before `import mujoco`; `saccade.worlds` calls it. A value that the user has set
    stays; one that would break MuJoCo's import becomes "disable", and `refusal` says why. Where
    MuJoCo was imported first, its renderer is given the chosen backend afterwards.
    """
    given = os.environ.get("MUJOCO_GL", "").lower().strip()
    if not given:
        return _choose_for_user()
    if given in _OFF:
        return NO_GL
    problem = _problem(given)
    if problem:
        _refusals.append(problem)
        os.environ["MUJOCO_GL"] = "disable"
        return NO_GL
    if given in _GLFW and not (os.environ.keys() & {"DISPLAY", "WAYLAND_DISPLAY"}):
        return NO_GL  # opening a second GLFW context without a display aborts the process
    return given


def refusal() -> str:
    """Return why what the environment asks for cannot be used; "" where nothing was refused."""
    return _refusals[-1] if _refusals else ""


def _choose_for_user() -> str:
    found = [name for name in BACKENDS if not _problem(name)]
    if not found:
        return NO_GL
    os.environ["MUJOCO_GL"] = found[0]
    os.environ.setdefault("PYOPENGL_PLATFORM", found[0])
    _catch_up(found[0])
    return found[0]


def _problem(backend: str) -> str:
    """Reason why `import mujoco` would fail with this MUJOCO_GL; "" where it would not."""
    if backend in _GLFW:
        return ""
    if backend not in BACKENDS:
        return f"MUJOCO_GL is {backend!r}; expected egl, osmesa, glfw or disable"
    platform = os.environ.get("PYOPENGL_PLATFORM", "")
    if platform.lower() not in ("", backend):
        return f"PYOPENGL_PLATFORM is {platform!r} beside MUJOCO_GL {backend!r}; expected the same"
    if not _loads(*_LIBRARIES[backend]):
        return f"MUJOCO_GL is {backend!r}, but there is no lib{_LIBRARIES[backend][0]}"
    return ""


def _loads(name: str, file: str) -> bool:
    """Whether a library is there, for the linker or under its usual file name."""
    if ctypes.util.find_library(name):
        return True
    try:
        ctypes.CDLL(file)
    except OSError:
        return False
    return True


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
