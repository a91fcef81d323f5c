"""Worlds to act in: Gymnasium environments on MuJoCo and what they stand on.

Submodules are imported on first use, so that `saccade.worlds.cameras` needs no MuJoCo.
"""

from __future__ import annotations

import importlib
from types import ModuleType

from saccade.worlds.rendering import choose_backend

_SUBMODULES = (
    "cameras",
    "coppelia",
    "depth_sensor",
    "heightmap",
    "motion",
    "offscreen",
    "pouring",
    "primitives",
    "push_box",
    "push_one",
    "rendering",
    "rgbd",
    "rlbench_adapter",
    "robots",
    "scenarios",
    "shapes",
    "tabletop",
    "workspace",
)

choose_backend()


def __getattr__(name: str) -> ModuleType:
    """Import a submodule on first use."""
    if name in _SUBMODULES:
        return importlib.import_module(f"saccade.worlds.{name}")
    raise AttributeError(f"module 'saccade.worlds' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *_SUBMODULES})
