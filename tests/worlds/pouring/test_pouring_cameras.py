"""Where the cameras are, and that they show what happens."""

import numpy as np
import pytest

from saccade.worlds.pouring import PouringConfig
from saccade.worlds.pouring.cameras import CameraPath, first_person, interest, third_person
from saccade.worlds.pouring.plan import draw_plan
from saccade.worlds.pouring.script import play

CONFIG = PouringConfig()


def happening(seed: int) -> np.ndarray:
    """Points to be seen in every frame of a sequence."""
    plan = draw_plan(np.random.default_rng(seed), CONFIG)
    return interest(plan, play(plan))


def in_image(path: CameraPath, points: np.ndarray, aspect: float = 1.0) -> np.ndarray:
    """Which points are in the image of a pinhole camera, frame by frame."""
    x, y, z = np.moveaxis(np.einsum("nji,npj->npi", path.axes, points - path.eyes[:, None]), -1, 0)
    half = np.tan(path.fovy / 2)[:, None]
    return (z < 0) & (np.abs(y / z) < half) & (np.abs(x / z) < half * aspect)


@pytest.mark.parametrize("view", [first_person, third_person])
def test_cups_and_hand_are_in_view_in_nearly_every_frame(view) -> None:
    cups, hands = [], []
    for seed in range(15):
        points = happening(seed)
        seen = in_image(view(np.random.default_rng(seed), points, CONFIG), points)
        cups.append(seen[:, :4])
        hands.append(seen[:, 4])
    assert np.concatenate(cups).mean() > 0.98
    assert np.concatenate(hands).mean() > 0.95


@pytest.mark.parametrize("view", [first_person, third_person])
def test_axes_are_rotations_with_the_horizon_level(view) -> None:
    path = view(np.random.default_rng(3), happening(3), CONFIG)
    assert np.einsum("nji,njk->nik", path.axes, path.axes) == pytest.approx(
        np.tile(np.eye(3), (len(path.eyes), 1, 1)), abs=1e-12
    )
    assert np.linalg.det(path.axes) == pytest.approx(np.ones(len(path.eyes)))
    assert path.axes[:, 2, 0] == pytest.approx(np.zeros(len(path.eyes)), abs=1e-12)


def test_a_tall_image_needs_a_larger_vertical_field_of_view() -> None:
    points = happening(4)
    tall = PouringConfig(height=192, width=96)
    paths = [first_person(np.random.default_rng(4), points, c) for c in (CONFIG, tall)]
    assert (paths[1].fovy > paths[0].fovy).all()
    assert in_image(paths[1], points, aspect=0.5).mean() > 0.95


@pytest.mark.parametrize("most", [0.0, 0.5, np.pi / 3])
def test_third_persons_stay_within_the_azimuth(most: float) -> None:
    config = PouringConfig(azimuth=most)
    for seed in range(10):
        points = happening(seed)
        eyes = third_person(np.random.default_rng(seed), points, config).eyes
        middle = ((points.min(axis=1) + points.max(axis=1)) / 2).mean(axis=0)
        x, y, z = (eyes - middle).T
        assert np.abs(np.arctan2(x, y)).max() <= most + 1e-9
        assert z.min() > 0.15


def test_the_first_person_moves_slightly_and_the_third_walks() -> None:
    points = happening(5)
    moved = [
        np.linalg.norm(np.ptp(view(np.random.default_rng(5), points, CONFIG).eyes, axis=0))
        for view in (first_person, third_person)
    ]
    assert 0.005 < moved[0] < 0.12
    assert moved[1] > moved[0]
