import numpy as np
import pytest

from saccade.errors import UserInputError
from saccade.worlds.primitives.bodies import KINDS
from saccade.worlds.primitives.pictures import (
    FARTHEST,
    PICTURES_A_SCENE,
    PrimitivesConfig,
    draw_scene,
)


@pytest.fixture(scope="module")
def scene():
    return draw_scene(PrimitivesConfig(size=48), seed=3, number=1)


def test_the_same_seed_and_number_draw_the_same_pictures(scene):
    again = draw_scene(PrimitivesConfig(size=48), seed=3, number=1)
    other = draw_scene(PrimitivesConfig(size=48), seed=3, number=2)
    for name in vars(scene):
        np.testing.assert_array_equal(getattr(again, name), getattr(scene, name))
    assert (other.pictures != scene.pictures).any()


def test_labels_have_a_cell_for_four_pixels(scene):
    assert scene.pictures.shape == (PICTURES_A_SCENE, 48, 48, 3)
    assert scene.kinds.shape == scene.depths.shape == (PICTURES_A_SCENE, 12, 12)
    assert (scene.depths > 0).all() and (scene.depths <= FARTHEST).all()
    assert set(np.unique(scene.kinds)) <= set(range(len(KINDS)))


def test_every_picture_shows_bodies_and_the_scene_shows_many_kinds(scene):
    shown = (scene.kinds > 0).any(axis=(1, 2))
    assert shown.mean() > 0.95
    assert len(np.unique(scene.kinds)) >= 5


def test_an_axis_has_length_one_where_a_body_is_and_none_elsewhere(scene):
    trace = scene.axes[..., :3].astype(float).sum(axis=3)
    np.testing.assert_allclose(trace[scene.kinds > 0], 1.0, atol=2e-3)
    assert not trace[scene.kinds == 0].any()


def test_the_cells_of_a_ball_point_to_one_middle(scene):
    """A ball is as far away in all directions: the mean of its cells lies near its middle."""
    step = 1 / 12
    grid = (np.arange(12) + 0.5) * step - 0.5
    found = 0
    for kinds, offsets, colours in zip(scene.kinds, scene.offsets, scene.colours, strict=True):
        for colour in np.unique(colours[kinds == KINDS.index("ball")], axis=0):
            rows, columns = np.nonzero(
                (kinds == KINDS.index("ball")) & (colours == colour).all(axis=2)
            )
            if rows.min() == 0 or columns.min() == 0 or 11 in rows or 11 in columns:
                continue  # cut by the picture's edge
            middles = np.stack([grid[columns], grid[rows]], axis=1) + offsets[rows, columns]
            np.testing.assert_allclose(middles, middles[:1].repeat(len(rows), 0), atol=2e-3)
            if len(rows) >= 6:
                centre = np.array([grid[columns].mean(), grid[rows].mean()])
                assert np.abs(middles[0] - centre).max() < 1.5 * step
                found += 1
    assert found >= 3


def test_bodies_stand_out_in_depth(scene):
    """A body is nearer than the table around it, as far as the table is seen."""
    near = scene.depths[scene.kinds > 0].astype(float).mean()
    assert near < scene.depths[scene.kinds == 0].astype(float).mean()


def test_sizes_that_do_not_fit_are_refused():
    with pytest.raises(UserInputError, match="whole cells"):
        PrimitivesConfig(size=50)
    with pytest.raises(UserInputError, match="fewer first"):
        PrimitivesConfig(least=5, most=3)
