"""What is imported when, and what happens where there is no GL: each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

import mujoco
import pytest

from saccade.errors import UserInputError
from saccade.worlds import offscreen


def python(code: str, **environment: str) -> str:
    """Standard output of a fresh interpreter; warnings are errors there too."""
    kept = {k: v for k, v in os.environ.items() if k not in ("MUJOCO_GL", "PYOPENGL_PLATFORM")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_camera_needs_neither_mujoco_nor_torch() -> None:
    code = """
import sys, saccade
print(saccade.worlds.cameras.heightmap_from_depth.__name__, saccade.worlds.workspace.N_DIRECTIONS)
print({"mujoco", "torch"} & sys.modules.keys())
"""
    assert python(code) == "heightmap_from_depth 16\nset()"


def test_an_unknown_name_is_an_attribute_error() -> None:
    import saccade.worlds

    with pytest.raises(AttributeError, match=r"'saccade.worlds' has no attribute 'camera'"):
        _ = saccade.worlds.camera
    assert "cameras" in dir(saccade.worlds)


LOOK = """
from saccade.worlds.push_box import PushBoxEnv
from saccade.errors import UserInputError
env = PushBoxEnv(n_objects=1, render_mode="rgb_array")
for seed in range(2):
    heightmap, _ = env.reset(seed=seed)
    print(env.world.sensor.uses_gl, heightmap.max() > 0.01)
try:
    print(env.render().shape)
except UserInputError as error:
    print(str(error)[:16], "\\n" not in str(error))
env.close()
"""


def test_without_gl_rays_take_over_and_pictures_say_what_is_missing() -> None:
    assert python(LOOK, MUJOCO_GL="disable") == "False True\nFalse True\npictures need GL True"


def test_a_gl_library_without_a_driver_is_no_gl() -> None:
    found = python(LOOK, __EGL_VENDOR_LIBRARY_DIRS="/nonexistent")
    assert found.splitlines()[0] in ("False True", "True True")  # True where only OSMesa is there


def test_importing_mujoco_first_is_allowed() -> None:
    assert python("import mujoco\n" + LOOK) == python(LOOK)


def test_triton_is_imported_before_the_first_context(monkeypatch: pytest.MonkeyPatch) -> None:
    # The other way round its LLVM and that of software GL crash the process.
    order: list[str] = []

    def no_context(*_: object) -> None:
        order.append("context")
        raise RuntimeError("no driver")

    monkeypatch.setattr(offscreen, "find_spec", lambda name: name)
    monkeypatch.setattr(offscreen.importlib, "import_module", order.append)
    monkeypatch.setattr(offscreen.mujoco, "Renderer", no_context)
    monkeypatch.setattr(offscreen, "choose_backend", lambda: "egl")
    monkeypatch.setattr(offscreen.OffscreenRenderer, "_failure", "")
    offscreen._load_triton_first.cache_clear()
    model = mujoco.MjModel.from_xml_string("<mujoco/>")
    with pytest.raises(UserInputError, match="opening a context said: no driver"):
        offscreen.OffscreenRenderer(model, 8, 8)
    offscreen._load_triton_first.cache_clear()
    assert order == ["triton", "context"]
