"""PushBox as agents of other libraries want it."""

from __future__ import annotations

from collections.abc import Iterator

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.utils.env_checker import check_env

from push_scenes import FLYING, block, scenario
from saccade.errors import UserInputError
from saccade.worlds.push_box import PushBoxEnv, WorldConfig
from saccade.worlds.push_box.wrappers import CoarseActions, ImageObservation

CUBE = scenario(block("cube", -0.70, 0.112, 0.025))
"""Its top, 0.05 m high, spans rows 156 to 180 and columns 0 to 24."""


@pytest.fixture(name="env")
def env_fixture() -> Iterator[PushBoxEnv]:
    env = PushBoxEnv(scenario=CUBE, config=WorldConfig(scene=FLYING, use_gl=False))
    yield env
    env.close()


@pytest.mark.filterwarnings("ignore:.*different from the unwrapped version")
def test_both_together_conform(env: PushBoxEnv) -> None:
    wrapped = CoarseActions(ImageObservation(env))
    assert wrapped.observation_space == spaces.Box(0, 255, (1, 84, 84), np.uint8)
    assert wrapped.action_space == spaces.Discrete(14 * 14 * 8)
    check_env(wrapped, skip_render_check=True)


def test_an_image_is_the_heightmap_in_grey(env: PushBoxEnv) -> None:
    image, _ = ImageObservation(env, size=56, white=0.10).reset(seed=0)
    assert image.shape == (1, 56, 56) and image.dtype == np.uint8
    # Four pixels are one: rows 40 to 44, columns 1 to 5 lie on the cube, of half the white height.
    assert np.abs(image[0, 40:44, 1:5].astype(int) - 128).max() <= 1
    assert image[0, 20:30, 20:].max() == 0


def test_what_is_higher_than_white_is_white(env: PushBoxEnv) -> None:
    image, _ = ImageObservation(env, size=56, white=0.02).reset(seed=0)
    assert image[0, 41, 2] == 255


def test_actions_count_squares_row_by_row_and_directions_within_them(env: PushBoxEnv) -> None:
    coarse = CoarseActions(env, cells=4, directions=8)
    # Squares of 56 pixels, their middles 28, 84, 140, 196; every second of 16 directions.
    assert coarse.action(0).tolist() == [28, 28, 0]
    assert coarse.action(3).tolist() == [28, 28, 6]
    assert coarse.action(8).tolist() == [28, 84, 0]
    assert coarse.action(4 * 8).tolist() == [84, 28, 0]
    assert coarse.action(4 * 4 * 8 - 1).tolist() == [196, 196, 14]


@pytest.mark.parametrize(("cells", "directions"), [(1, 1), (14, 8), (224, 16)])
def test_every_action_is_another_push(env: PushBoxEnv, cells: int, directions: int) -> None:
    coarse = CoarseActions(env, cells, directions)
    count = int(coarse.action_space.n)
    some = np.unique(np.linspace(0, count - 1, 500).astype(int))
    pushes = [coarse.action(i) for i in some]
    assert all(env.action_space.contains(push) for push in pushes)
    assert len({tuple(push) for push in pushes}) == len(some)


def test_a_number_pushes_the_cube_into_the_box(env: PushBoxEnv) -> None:
    coarse = CoarseActions(env, cells=14, directions=8)
    coarse.reset(seed=0)
    # Square (10, 2) has its middle at (168, 40); direction 4 of 8 is 8 of 16: towards the box.
    _, reward, terminated, _, info = coarse.step((10 * 14 + 2) * 8 + 4)
    assert terminated and info["objects_in_box"] == 1 and reward >= 10


@pytest.mark.parametrize(
    ("wrap", "message"),
    [
        (lambda env: ImageObservation(env, size=20), "size is 20; expected 36 to 224"),
        (lambda env: ImageObservation(env, size=300), "size is 300"),
        (lambda env: ImageObservation(env, white=0.0), "white is 0.0 m"),
        (lambda env: ImageObservation(ImageObservation(env)), "holds no heightmaps"),
        (lambda env: CoarseActions(env, cells=0), "cells is 0; expected 1 to 224"),
        (lambda env: CoarseActions(env, directions=3), "directions is 3; expected 1, 2, 4, 8 or"),
        (lambda env: CoarseActions(CoarseActions(env)), "holds no pushes"),
    ],
)
def test_impossible_wrappers_are_refused(env: PushBoxEnv, wrap, message: str) -> None:
    with pytest.raises(UserInputError, match=message) as caught:
        wrap(env)
    assert "\n" not in str(caught.value)


def test_a_wrapped_environment_can_be_made_from_its_spec() -> None:
    made = gymnasium.make("saccade/PushBox-v0", n_objects=1)
    env = CoarseActions(ImageObservation(made, size=56), cells=7)
    again = gymnasium.make(env.spec) if env.spec else env
    assert again.action_space == env.action_space
    assert again.observation_space == env.observation_space
    env.close()
    again.close()
