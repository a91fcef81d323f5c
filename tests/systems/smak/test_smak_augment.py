"""Changes to frames are those that were asked for, and the same for all that belong together."""

from __future__ import annotations

import colorsys
import math

import numpy as np
import pytest
import torch

from saccade.errors import UserInputError
from saccade.systems.smak.augment import (
    PAPER_AUGMENT,
    STRONG_AUGMENT,
    AugmentConfig,
    augment,
    draw_colours,
    draw_crops,
)

STILL = AugmentConfig(
    brightness=0.0, contrast=0.0, saturation=0.0, hue=0.0, shift=0.0, pad=1.0, crop=1.0
)


def noise(n: int, frames: int = 1, side: int = 8) -> torch.Tensor:
    rng = np.random.default_rng(0)
    return torch.from_numpy(rng.integers(0, 256, (n, frames, side, side, 3), np.uint8))


def only(**settings: float | str) -> AugmentConfig:
    return AugmentConfig(**({**vars(STILL), **settings}))  # pyright: ignore[reportArgumentType]


def test_nothing_asked_for_is_nothing_changed() -> None:
    frames = noise(3, 2)
    changed = augment(frames, STILL, np.random.default_rng(0))
    expected = frames.permute(0, 1, 4, 2, 3).float() / 255
    torch.testing.assert_close(changed, expected)


def test_one_change_a_view_or_one_an_image() -> None:
    grey = torch.full((5, 2, 4, 4, 3), 128, dtype=torch.uint8)
    for jitter, different in (("view", 1), ("image", 5)):
        changed = augment(grey, only(brightness=0.2, jitter=jitter), np.random.default_rng(0))
        levels = changed[:, :, 0, 0, 0]
        assert len(levels[:, 0].unique()) == different
        assert (levels[:, 0] == levels[:, 1]).all(), "frames that are embedded together, alike"
        assert (levels - 128 / 255).abs().max() <= 0.2 + 1e-6


def test_colours_are_those_of_hand_made_maps() -> None:
    rng = np.random.default_rng(0)
    red = np.array([1.0, 0.0, 0.0])
    matrix, offset = draw_colours(400, only(contrast=0.5), rng)
    ends = (matrix @ red + offset)[:, 0]
    np.testing.assert_allclose(matrix[:, 0, 0] + offset[:, 0], ends)
    assert 0.74 < ends.min() < 0.77 and 1.23 < ends.max() < 1.26
    np.testing.assert_allclose(matrix @ np.full(3, 0.5) + offset, 0.5)
    matrix, offset = draw_colours(400, only(saturation=0.5), rng)
    grey = matrix @ np.array([0.2, 0.2, 0.2]) + offset
    np.testing.assert_allclose(grey, 0.2, atol=1e-12)
    brightness = (matrix @ red) @ [0.299, 0.587, 0.114]
    np.testing.assert_allclose(brightness, 0.299, atol=1e-12)


def test_a_turn_of_the_hues_is_that_of_hsv_for_small_turns() -> None:
    matrix, _ = draw_colours(200, only(hue=0.05), np.random.default_rng(0))
    colour = np.array([0.6, 0.4, 0.4])
    before = colorsys.rgb_to_hsv(*colour)[0]
    turns = np.array([colorsys.rgb_to_hsv(*one)[0] for one in matrix @ colour]) - before
    turns = (turns + 0.5) % 1 - 0.5
    assert 0.03 < turns.max() < 0.08 and -0.08 < turns.min() < -0.03


def test_a_shift_moves_everything_and_repeats_the_edge() -> None:
    crops = draw_crops(500, only(shift=0.25), np.random.default_rng(0))
    assert np.abs(crops[:, :2]).max() <= 0.25 and (crops[:, 2] == 1).all()
    frames = torch.zeros(40, 1, 8, 8, 3, dtype=torch.uint8)
    frames[:, :, 3, 4] = 255
    moved = augment(frames, only(shift=0.25), np.random.default_rng(0))[:, 0, 0]
    middle = torch.stack(torch.meshgrid(torch.arange(8), torch.arange(8), indexing="ij"), -1)
    centre = (moved[..., None] * middle).sum((1, 2)) / moved.sum((1, 2))[:, None]
    drawn = draw_crops(40, only(shift=0.25), np.random.default_rng(0))
    expected = torch.tensor([3.0, 4.0]) - 8 * torch.from_numpy(drawn[:, [1, 0]])
    inside = (expected > 1).all(1) & (expected < 6).all(1)
    torch.testing.assert_close(centre[inside], expected[inside].float(), atol=1e-3, rtol=0)


def test_windows_of_the_papers_scale() -> None:
    crops = draw_crops(4000, only(pad=math.sqrt(3), crop=0.8), np.random.default_rng(0))
    x, y, side = crops.T
    assert side.max() <= math.sqrt(3) + 1e-9 and side.min() >= math.sqrt(0.8) - 1e-9
    assert 0.2 < (side == 1).mean() < 0.3, "a quarter has neither"
    margin = (math.sqrt(3) - 1) / 2
    for start in (x, y):
        assert start.min() >= -margin - 1e-9 and (start + side).max() <= 1 + margin + 1e-9


@pytest.mark.parametrize("config", [PAPER_AUGMENT, STRONG_AUGMENT, AugmentConfig()])
def test_frames_stay_from_0_to_1_and_hang_on_the_generator_alone(config: AugmentConfig) -> None:
    one, two, other = (augment(noise(6), config, np.random.default_rng(s)) for s in (1, 1, 2))
    assert one.shape == (6, 1, 3, 8, 8) and one.min() >= 0 and one.max() <= 1
    assert torch.equal(one, two) and not torch.equal(one, other)


def test_settings_that_cannot_be_are_refused() -> None:
    with pytest.raises(UserInputError, match=r"augment\.pad is 0\.5"):
        AugmentConfig(pad=0.5)
    with pytest.raises(UserInputError, match=r"augment\.hue is 2"):
        AugmentConfig(hue=2.0)
