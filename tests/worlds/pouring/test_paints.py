"""Colours, textures, clutter and hands: the splits have nothing in common."""

import colorsys

import numpy as np
import pytest

from saccade.worlds.pouring import PouringConfig
from saccade.worlds.pouring.appearance import draw_appearance
from saccade.worlds.pouring.clutter import FORMS, TABLE, draw_clutter
from saccade.worlds.pouring.hand import HandShape
from saccade.worlds.pouring.paints import draw_rgb, draw_texture, sector_of
from saccade.worlds.pouring.plan import draw_plan
from saccade.worlds.pouring.script import play


def drawn_colours(split: str) -> np.ndarray:
    """Hue, saturation and value of many colours of a split."""
    rng = np.random.default_rng(0)
    found = [colorsys.rgb_to_hsv(*draw_rgb(rng, split)) for _ in range(500)]  # type: ignore[arg-type]
    return np.array(found)


def test_no_colour_is_in_both_splits() -> None:
    hues, greys = {}, {}
    for split in ("train", "test"):
        colours = drawn_colours(split)
        vivid = colours[:, 1] > 0.3
        hues[split] = {sector_of(float(hue)) for hue in colours[vivid, 0]}
        greys[split] = np.round(colours[~vivid, 2], 1)
        assert 0.5 < vivid.mean() < 0.85
    assert not hues["train"] & hues["test"]
    assert len(hues["train"]) == 8
    assert len(hues["test"]) == 4
    assert not set(greys["train"]) & {0.5}
    assert set(greys["test"]) <= {0.4, 0.5, 0.6}


def test_no_form_is_in_both_splits() -> None:
    assert not FORMS["train"].keys() & FORMS["test"].keys()


@pytest.mark.parametrize("split", ["train", "test"])
def test_textures_differ_and_have_some_contrast(split) -> None:
    rng = np.random.default_rng(1)
    textures = [draw_texture(rng, split, 32) for _ in range(12)]
    assert {texture.shape for texture in textures} == {(32, 32, 3)}
    assert len({texture.tobytes() for texture in textures}) == 12
    assert np.median([texture.std() for texture in textures]) > 10


@pytest.mark.parametrize("form", [form for forms in FORMS.values() for form in forms.values()])
def test_forms_stand_on_the_table_and_face_outwards(form) -> None:
    mesh = form(np.random.default_rng(2))
    assert mesh.vertices[:, 2].min() == pytest.approx(0.0, abs=1e-9)
    a, b, c = mesh.vertices[mesh.faces].transpose(1, 0, 2)
    assert np.einsum("fk,fk->", a, np.cross(b, c)) > 0
    assert len(mesh.places) == len(mesh.vertices)
    assert mesh.faces.max() == len(mesh.vertices) - 1


@pytest.mark.parametrize("split", ["train", "test"])
def test_clutter_keeps_away_from_what_happens(split) -> None:
    busy = np.array([[0.0, 0.0], [0.15, -0.05]])
    counts = []
    for seed in range(40):
        things = draw_clutter(np.random.default_rng(seed), split, busy)
        counts.append(len(things))
        for thing in things:
            assert (np.abs(thing.at[:2]) <= TABLE).all()
            reach = np.linalg.norm(thing.mesh.vertices[:, :2], axis=1).max()
            assert np.linalg.norm(busy - thing.at[:2], axis=1).min() > reach + 0.05
    assert min(counts) == 0
    assert max(counts) > 4


def test_the_liquid_never_has_the_colour_of_a_cup() -> None:
    for seed in range(10):
        rng = np.random.default_rng(seed)
        plan = draw_plan(rng, PouringConfig())
        look = draw_appearance(rng, "train", plan, play(plan))
        assert look.hand.side == plan.side
        for cup in (look.source, look.target):
            if cup.texture is None and cup.rgba[3] == 1:
                assert np.abs(np.subtract(cup.rgba, look.liquid.rgba)).max() > 0.3


@pytest.mark.parametrize("side", [-1, 1])
def test_a_closed_hand_lies_on_the_cup(side: int) -> None:
    hand = HandShape(side)
    starts, ends = hand.bones(0.04, np.zeros(2))
    assert starts.shape == ends.shape == (2, len(hand.radii) - 2, 3)
    distance = np.hypot(*np.moveaxis(ends[..., :2], -1, 0))
    fingers = np.isclose(hand.radii[:-2], hand.finger)
    assert distance[:, fingers] == pytest.approx(np.full((2, fingers.sum()), 0.04 + hand.finger))
    assert (distance - hand.radii[:-2] > 0.0385).all()


def test_a_left_hand_is_a_right_one_in_a_mirror() -> None:
    aperture = np.linspace(0, 1, 5)
    right, left = (HandShape(side).bones(0.04, aperture)[1] for side in (1, -1))
    assert left == pytest.approx(right * [1, -1, 1])


def test_an_open_hand_has_room_for_the_cup() -> None:
    hand = HandShape(1)
    _, closed = hand.bones(0.04, np.zeros(1))
    _, opened = hand.bones(0.04, np.ones(1))
    assert (
        np.hypot(opened[..., 0], opened[..., 1]) > np.hypot(closed[..., 0], closed[..., 1]) - 1e-9
    ).all()
