"""A pickled or copied environment goes on as the original does."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
import pytest

import saccade
from saccade.errors import UserInputError
from saccade.worlds.cameras import Camera
from saccade.worlds.push_box import PushBoxEnv, SceneConfig, WorldConfig

NOISY = WorldConfig(scene=SceneConfig(arm=False, camera=Camera(noise=0.001, holes=0.01)))
Copier = Callable[[Any], Any]


def through_pickle(env: Any) -> Any:
    return pickle.loads(pickle.dumps(env))


def towards_an_object(heightmap: np.ndarray) -> np.ndarray:
    """A push along -y from 4 cm beside the highest point."""
    row, col = np.unravel_index(np.argmax(heightmap), heightmap.shape)
    return np.array([min(int(row) + 20, 223), col, 12])


def same_picture(one: np.ndarray, other: np.ndarray) -> bool:
    """The same but for the last bit, which a context's first picture has otherwise."""
    return bool(np.abs(one.astype(int) - other).max() <= 1)


@pytest.mark.parametrize("copier", [through_pickle, copy.deepcopy])
def test_the_same_steps_follow_before_and_after_a_reset(copier: Copier) -> None:
    env = PushBoxEnv(n_objects=6, config=NOISY)
    other = copier(env)
    seen, _ = env.reset(seed=3)
    assert (other.reset(seed=3)[0] == seen).all()
    for _ in range(3):
        other.close()
        other = copier(env)  # between steps: most objects sleep, one was moved
        action = towards_an_object(seen)
        (seen, *rest), (copied, *others) = env.step(action), other.step(action)
        assert (seen == copied).all() and rest == others
    assert (env.world.object_poses() == other.world.object_poses()).all()
    assert (env.reset()[0] == other.reset()[0]).all()  # the random generator too
    env.close()
    other.close()


def test_a_copy_is_independent_and_draws_for_itself() -> None:
    env = PushBoxEnv(n_objects=2, render_mode="rgb_array")
    seen, _ = env.reset(seed=1)
    try:
        picture = env.render()
    except UserInputError:
        pytest.skip("no GL on this machine")
    other = through_pickle(env)
    assert same_picture(other.render(), picture)
    env.step(towards_an_object(seen))
    assert (other.world.observe() == seen).all()
    env.close()
    assert same_picture(other.render(), picture)
    other.close()


def test_gymnasiums_own_wrappers_may_be_around_it() -> None:
    env = gymnasium.make(next(iter(saccade.WORLDS)), n_objects=1, config=NOISY)
    seen, _ = env.reset(seed=0)
    other = through_pickle(env)
    action = towards_an_object(seen)
    assert (env.step(action)[0] == other.step(action)[0]).all()
    env.close()
    other.close()
