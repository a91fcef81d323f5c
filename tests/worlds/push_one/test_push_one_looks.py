"""Looks and cameras: what is drawn stands out, stays in range and comes from the seed."""

from __future__ import annotations

import math

import numpy as np

from saccade.worlds.push_one.cameras import STANDING, draw_views
from saccade.worlds.push_one.config import PushOneConfig
from saccade.worlds.push_one.looks import PLAIN, TEXTURES, draw_look, put_on
from saccade.worlds.push_one.scene import build_model

CENTRE = (-0.5, 0.0, 0.7)


def test_object_and_finger_stand_out() -> None:
    rng = np.random.default_rng(0)
    looks = [draw_look(rng) for _ in range(100)]
    for look in looks:
        assert math.dist(look.block, look.table) > 0.4
        assert math.dist(look.finger, look.table) > 0.4
    assert {look.table_texture for look in looks} == set(TEXTURES)
    assert draw_look(np.random.default_rng(1)) == draw_look(np.random.default_rng(1))


def test_a_look_is_put_on_and_taken_off() -> None:
    model = build_model("arch", PushOneConfig().scene)
    put_on(model, PLAIN)
    plain = model.geom_rgba.copy(), model.geom_matid.copy(), model.light_dir.copy()
    look = draw_look(np.random.default_rng(2))
    put_on(model, look)
    assert np.allclose(model.geom("table").rgba[:3], look.table)
    assert np.isclose(np.linalg.norm(model.light_dir[0]), 1.0)
    body = model.body("object_0")
    pieces = slice(int(body.geomadr[0]), int(body.geomadr[0] + body.geomnum[0]))
    assert np.allclose(model.geom_rgba[pieces, :3], look.block)
    put_on(model, PLAIN)
    for now, before in zip(
        (model.geom_rgba, model.geom_matid, model.light_dir), plain, strict=True
    ):
        assert np.array_equal(now, before)


def test_the_camera_looks_from_where_it_should() -> None:
    eye, axes = STANDING.at(0.0, CENTRE)
    target = np.add(CENTRE, (-0.08, 0.06, -0.10))
    assert np.isclose(np.linalg.norm(eye - target), STANDING.distance)
    rotation = axes.reshape(3, 3)
    assert np.allclose(rotation.T @ rotation, np.eye(3)) and np.isclose(np.linalg.det(rotation), 1)
    # It looks along its -z, at the target, from +y and above, and stands.
    assert np.allclose(-rotation[:, 2] * STANDING.distance, target - eye)
    assert eye[0] == target[0] and eye[1] > target[1] and eye[2] > target[2]
    assert np.array_equal(STANDING.at(5.0, CENTRE)[0], eye)


def test_carried_cameras_move_within_sixty_degrees() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        first, *others = draw_views(rng, 4)
        assert abs(first.azimuth) < 0.1 and first.turn == 0
        for view in others:
            azimuths = [view.azimuth + view.turn * t for t in np.linspace(0, 6, 13)]
            assert np.abs(azimuths).max() <= math.radians(60) + 1e-9
