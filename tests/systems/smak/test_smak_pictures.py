"""Pictures show the frames that they say, and light up where the weights are large."""

from __future__ import annotations

import numpy as np

from moving_views import moving_sequence
from saccade.systems.smak.embedder import Embedder
from saccade.systems.smak.evaluate import embed_sequence
from saccade.systems.smak.pictures.attention import attention_sheet, grid, overlaid, scaled
from saccade.systems.smak.pictures.neighbours import (
    BORDER,
    RIGHT,
    TILE,
    WRONG,
    even_moments,
    neighbour_strip,
)
from saccade.systems.smak.pictures.sheets import attention_of, neighbours_of
from saccade.systems.smak.pictures.trajectories import principal_plane, trajectory_figure
from saccade.viewing.plots import figure_png


def test_what_is_attended_to_is_brighter() -> None:
    frame = np.full((40, 40, 3), 100, np.uint8)
    share = np.zeros((4, 4))
    share[1, 2] = 1
    lit = overlaid(frame, share).astype(int)
    assert lit[15, 25].sum() > 300 > lit[35, 5].sum()


def test_a_level_has_one_scale_for_all_frames() -> None:
    frames = np.full((2, 24, 24, 3), 100, np.uint8)
    maps = {"L1": np.array([[[0.2]], [[0.8]]])}
    sheet = attention_sheet(frames, maps)
    half = sheet.shape[1] // 2
    below = sheet[-60:-20].astype(int)
    assert below[:, :half].mean() < below[:, half + 10 :].mean()


def test_neighbours_have_an_edge_that_says_whether_the_time_is_right() -> None:
    frames = moving_sequence(0).frames(0)
    vectors = np.arange(20.0)[:, None]
    moments = even_moments(20, 3)
    assert moments.tolist() == [0, 10, 19] and even_moments(2, 8).tolist() == [0, 1]
    others = {"view 1": (frames, vectors, True), "back": (frames, vectors[::-1], True)}
    strip = neighbour_strip(frames, vectors, others, moments)
    bottom = strip[-BORDER // 2, :, :]
    corner = strip[-TILE - 60 : -TILE, BORDER // 2]
    assert (bottom[2] == WRONG).all()
    assert (corner == RIGHT).all(axis=1).any()


def test_sheets_of_an_embedder(embedder: Embedder) -> None:
    one, two = (embed_sequence(embedder, moving_sequence(i), True) for i in (0, 1))
    sheet = attention_of(embedder, one)
    assert sheet.dtype == np.uint8 and sheet.shape[1] == 8 * 144 + 7 * 6
    assert neighbours_of(one, [two]).shape[1] == 8 * 128 + 7 * 6
    assert figure_png(trajectory_figure([one, two])).startswith(b"\x89PNG")


def test_the_plane_is_that_of_the_largest_variance() -> None:
    rng = np.random.default_rng(0)
    points = rng.normal(size=(500, 3)) * [5, 0.1, 2] + [1, 2, 3]
    middle, plane = principal_plane(points)
    np.testing.assert_allclose(middle, points.mean(axis=0))
    np.testing.assert_allclose(np.abs(plane.T @ np.eye(3)), [[1, 0, 0], [0, 0, 1]], atol=0.05)


def test_a_grid_keeps_its_tiles() -> None:
    tiles = [scaled(np.full((10, 20, 3), v, np.uint8), 40) for v in (10, 200)]
    sheet = grid([tiles, tiles], ["one", "two"], ["a", "b"])
    assert (sheet[-40:, :80] == 10).all() and (sheet[-40:, -80:] == 200).all()
