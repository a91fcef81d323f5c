"""GL belongs to a process and a thread: each case in a process of its own, none may hang."""

from __future__ import annotations

import os
import subprocess
import sys
from ctypes.util import find_library

import pytest

LIMIT_S = 60
"""What hung did so for ever."""


def python(code: str, **environment: str) -> str:
    """Standard output of a fresh interpreter."""
    kept = {k: v for k, v in os.environ.items() if k not in ("MUJOCO_GL", "PYOPENGL_PLATFORM")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


FORK = """
import multiprocessing, os, sys, warnings
import gymnasium, numpy as np, saccade
from saccade.errors import UserInputError
from saccade.worlds.push_box import PushBoxEnv

def look(env, seen):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        heightmap = env.world.observe()
    try:
        env.render()
    except UserInputError as error:
        said.append(error)
    sees = heightmap.max() > 0.01 and np.abs(heightmap - seen).max() < 0.2
    print("child", sees, *("forked" in str(s) for s in said), flush=True)
    env.close()

env = PushBoxEnv(n_objects=1, render_mode="rgb_array")
seen, _ = env.reset(seed=0)
env.render()
if not env.world.sensor.uses_gl:
    print("no GL")
    sys.exit()
child = multiprocessing.get_context("fork").Process(target=look, args=(env, seen))
child.start()
child.join()
pid = os.fork()
if pid == 0:
    sys.exit(7)  # runs the exit handlers, EGL's too
print("exit", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
print("parent", (env.world.observe() == seen).all(), env.render().shape)
env.close()
many = gymnasium.make_vec(
    "saccade/PushBox-v0", num_envs=1, vectorization_mode="async", n_objects=1
)
print("async", many.reset(seed=0)[0].shape)
many.close()
"""


def test_a_forked_child_casts_rays_and_says_so() -> None:
    found = python(FORK)
    if found == "no GL":
        pytest.skip("no GL on this machine")
    assert found.splitlines() == [
        "child True True True",
        "exit 7",
        "parent True (480, 640, 3)",
        "async (1, 224, 224)",
    ]


THREADS = """
import threading
import numpy as np
from saccade.worlds.push_box import PushBoxEnv

def use(seed, out):
    env = PushBoxEnv(n_objects=1, render_mode="rgb_array")
    seen, _ = env.reset(seed=seed)
    same = [(env.world.observe() == seen).all() for _ in range(3)]
    picture = env.render().astype(int) if env.world.sensor.uses_gl else None
    out[seed] = env, seen, picture, all(same)

out = {}
threads = [threading.Thread(target=use, args=(seed, out)) for seed in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
for env, seen, picture, same in out.values():  # opened by threads that have ended
    drawn = picture is None or np.abs(env.render() - picture).max() <= 1
    print(same, (env.world.observe() == seen).all(), drawn)
    env.close()
"""


def test_any_thread_may_draw() -> None:
    assert python(THREADS) == "\n".join(["True True True"] * 3)


LOOK = """
from saccade.errors import UserInputError
from saccade.worlds.push_box import PushBoxEnv
env = PushBoxEnv(n_objects=1, render_mode="rgb_array")
print(env.reset(seed=0)[0].max() > 0.01, env.world.sensor.uses_gl)
try:
    env.render()
except UserInputError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"MUJOCO_GL": "foo"}, "MUJOCO_GL is 'foo'; expected egl, osmesa, glfw or disable"),
        ({"MUJOCO_GL": "osmesa"}, "MUJOCO_GL is 'osmesa', but there is no libOSMesa"),
        ({"MUJOCO_GL": "egl", "PYOPENGL_PLATFORM": "osmesa"}, "PYOPENGL_PLATFORM is 'osmesa'"),
    ],
)
def test_a_wrong_backend_is_one_line_where_a_picture_is_asked_for(
    environment: dict[str, str], words: str
) -> None:
    if environment["MUJOCO_GL"] == "osmesa" and find_library("OSMesa"):
        pytest.skip("OSMesa is installed")
    first, second = python(LOOK, **environment).splitlines()
    assert first == "True False"
    assert second.startswith("pictures need GL") and words in second
