from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from saccade.data.tracking.synthetic import SyntheticClip, SyntheticConfig, generate_clip
from saccade.data.tracking.synthetic.config import PROBABILITIES, STRENGTHS
from saccade.data.tracking.synthetic.items import draw
from saccade.data.tracking.synthetic.stage import Stage, make_stage
from saccade.errors import UserInputError

SMALL = SyntheticConfig(height=60, width=80, frames=6)


def a_stage(index: int, config: SyntheticConfig) -> Stage:
    """What `generate_clip(1, index, config)` renders."""
    return make_stage(np.random.default_rng(np.random.SeedSequence([1, index])), config)


def same(one: SyntheticClip, other: SyntheticClip) -> bool:
    pairs = ((one.frames, other.frames), (one.boxes, other.boxes), (one.visible, other.visible))
    return all(np.array_equal(a, b) for a, b in pairs)


def test_same_seed_and_index_give_the_same_bits_in_any_order() -> None:
    first = [generate_clip(3, i, SMALL) for i in range(4)]
    again = [generate_clip(3, i, SMALL) for i in reversed(range(4))][::-1]
    assert all(same(a, b) for a, b in zip(first, again, strict=True))


def test_other_seeds_and_indices_give_other_clips() -> None:
    clips = [generate_clip(s, i, SMALL) for s, i in ((3, 0), (3, 1), (0, 3), (1, 3))]
    pictures = {clip.frames.tobytes() for clip in clips}
    assert len(pictures) == 4


def test_shapes_and_types() -> None:
    config = replace(SMALL, distractors=3)
    clip = generate_clip(0, 0, config)
    assert clip.frames.shape == (6, 60, 80, 3) and clip.frames.dtype == np.uint8
    assert clip.boxes.shape == (6, 4, 4) and clip.boxes.dtype == np.float32
    assert clip.visible.shape == (6, 4) and clip.visible.dtype == np.float32
    assert clip.visible.min() >= 0 and clip.visible.max() <= 1


@pytest.mark.parametrize("frames", [1, 2, 45])
def test_any_length(frames: int) -> None:
    assert len(generate_clip(0, 1, replace(SMALL, frames=frames)).frames) == frames


def test_the_box_is_that_of_the_mask_within_a_pixel() -> None:
    config = SyntheticConfig(frames=9, clutter=0)
    checked = 0
    for index in range(16):
        for item in a_stage(index, config).items:
            for t in range(0, 9, 4):
                layer = draw(item, t, (120, 160)) if item.label is not None else None
                if layer is None:
                    continue
                rows, columns = np.nonzero(layer.pixels[..., 3] > 0.4)
                x, y, w, h = item.boxes[t]
                edges = np.array([x, y, x + w, y + h])
                mask = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
                corner = np.array([layer.left, layer.top] * 2)
                assert np.abs(np.array(mask) + corner - edges).max() <= 1.0
                checked += 1
    assert checked > 60


def test_the_target_is_wholly_seen_and_inside_in_frame_0() -> None:
    for index in range(30):
        clip = generate_clip(2, index, replace(SMALL, frames=1, clutter=2))
        x, y, w, h = clip.boxes[0, 0]
        assert x >= 0 and y >= 0 and x + w <= 80 and y + h <= 60
        assert clip.visible[0, 0] > 0.98


def test_an_occluder_lowers_what_is_seen_and_only_where_it_covers() -> None:
    settings: dict[str, object] = {"occluders": 1, "motion": 1.0, "frames": 8, "clutter": 2}
    lowered = 0
    for index in range(8):
        free = generate_clip(4, index, SyntheticConfig.still(**settings))
        settled = SyntheticConfig.still(**settings, occluder_probability=1.0)
        hidden = generate_clip(4, index, settled)
        assert np.array_equal(free.boxes, hidden.boxes)
        assert (hidden.visible <= free.visible + 1e-6).all()
        changed = (free.frames != hidden.frames).any((1, 2, 3))
        assert not (hidden.visible[:, 0] < free.visible[:, 0] - 0.01)[~changed].any()
        lowered += bool((hidden.visible[:, 0] < 0.8 * free.visible[:, 0]).any())
    assert lowered >= 3


def test_leaving_gives_0_and_returning_more() -> None:
    config = SyntheticConfig.still(frames=40, leave_probability=1.0, height=60, width=80, clutter=2)
    for index in range(5):
        seen = generate_clip(5, index, config).visible[:, 0]
        gone = np.flatnonzero(seen == 0)
        assert len(gone) and seen[0] > 0.98
        assert seen[gone[-1] + 1 :].max() > 0.9


def test_places_without_a_distractor_are_empty() -> None:
    clip = generate_clip(0, 0, replace(SMALL, distractor_probability=0.0))
    assert not clip.boxes[:, 1:].any() and not clip.visible[:, 1:].any()


def test_without_effects_every_frame_is_the_first() -> None:
    clip = generate_clip(6, 0, SyntheticConfig.still(frames=5))
    assert (clip.frames == clip.frames[0]).all()
    assert (clip.boxes == clip.boxes[0]).all()
    assert (clip.visible[:, 0] == clip.visible[0, 0]).all()


@pytest.mark.parametrize("name", [n for n in STRENGTHS if n != "box_jitter"])
def test_every_strength_acts_and_acts_alone(name: str) -> None:
    """No strength is deaf, and none needs another one to be heard."""
    both = {"camera_motion": {"camera_probability": 1.0}}.get(name, {})
    if name == "motion_blur":
        both = {"motion": 1.0}
    size: dict[str, object] = {"frames": 6, "height": 60, "width": 80, "clutter": 2, **both}
    without = SyntheticConfig.still(**size)
    acting = SyntheticConfig.still(**(size | {name: 1.0}))
    assert any(
        not np.array_equal(generate_clip(7, i, acting).frames, generate_clip(7, i, without).frames)
        for i in range(8)
    )


@pytest.mark.parametrize("name", ["jpeg_probability", "low_resolution_probability"])
def test_what_spoils_the_picture_leaves_the_boxes(name: str) -> None:
    without = SyntheticConfig.still(frames=3, motion=1.0)
    spoilt = replace(without, **{name: 1.0})
    one, other = generate_clip(8, 0, without), generate_clip(8, 0, spoilt)
    assert np.array_equal(one.boxes, other.boxes)
    assert not np.array_equal(one.frames, other.frames)
    assert np.abs(one.frames.astype(int) - other.frames).mean() < 25


def test_greyscale_clips_have_equal_channels() -> None:
    frames = generate_clip(9, 0, SyntheticConfig.still(frames=2, greyscale_probability=1.0)).frames
    assert (frames == frames[..., :1]).all()


def test_shadows_darken() -> None:
    config = SyntheticConfig.still(frames=1, clutter=2)
    darker = 0
    for index in range(5):
        bright = generate_clip(9, index, config).frames.astype(int)
        shaded = generate_clip(9, index, replace(config, shadow_probability=1.0)).frames
        assert (shaded <= bright).all()
        darker += bool((shaded < bright).any())
    assert darker >= 2


def test_low_contrast_brings_the_target_nearer_to_what_is_behind_it() -> None:
    def difference(share: float, index: int) -> float:
        config = SyntheticConfig.still(frames=1, low_contrast_probability=share, clutter=0)
        clip = generate_clip(10, index, config)
        x, y, w, h = clip.boxes[0, 0].round().astype(int)
        inside = clip.frames[0, y + h // 4 : y + 3 * h // 4, x + w // 4 : x + 3 * w // 4]
        around = clip.frames[0, max(y - 6, 0) : y + h + 6, max(x - 6, 0) : x + w + 6]
        return float(np.abs(inside.mean((0, 1)) - around.mean((0, 1))).sum())

    plain = sum(difference(0.0, i) for i in range(10))
    assert sum(difference(1.0, i) for i in range(10)) < 0.85 * plain


def test_difficulty_0_is_a_still_scene_and_scales_between() -> None:
    calm = replace(SMALL, difficulty=0.0, greyscale_probability=0.0)
    clip = generate_clip(11, 0, calm)
    assert (clip.frames == clip.frames[0]).all()
    half = replace(SMALL, difficulty=0.5).at_difficulty()
    assert half.motion == 0.5 * SMALL.motion and half.difficulty == 1.0
    assert half.occluder_probability == 0.5 * SMALL.occluder_probability
    assert half.greyscale_probability == SMALL.greyscale_probability


def test_box_jitter_has_the_given_size_and_touches_nothing_else() -> None:
    exact = generate_clip(12, 0, replace(SMALL, frames=60))
    loose = generate_clip(12, 0, replace(SMALL, frames=60, box_jitter=0.05))
    assert np.array_equal(exact.frames, loose.frames)
    shares = (loose.boxes - exact.boxes)[:, 0, 0] / exact.boxes[:, 0, 2]
    assert 0.03 < shares.std() < 0.07


def test_the_world_moves_with_the_camera() -> None:
    """Brought back by the camera's map, a frame shows what the first one shows."""
    config = SyntheticConfig.still(frames=4, camera_probability=1.0, camera_motion=1.0)
    clip, stage = generate_clip(1, 0, config), a_stage(0, config)
    first, last = (np.vstack([stage.scenery_maps[t], [0, 0, 1]]) for t in (0, 3))
    assert np.abs(first - last).max() > 0.5
    there = (last @ np.linalg.inv(first))[:2]
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    back = cv2.warpAffine(clip.frames[3], there, (160, 120), flags=flags).astype(int)
    inner = (slice(20, -20), slice(20, -20))
    moved = np.abs(clip.frames[3][inner].astype(int) - clip.frames[0][inner])
    assert np.median(np.abs(back - clip.frames[0])[inner]) < 0.5 * np.median(moved) + 1


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"split": "validation"}, "split is 'validation'; expected one of train, test"),
        ({"frames": 0}, "frames = 0 was given; expected an integer >= 1"),
        ({"height": 8}, "height = 8 was given; expected an integer >= 32"),
        ({"width": 160.0}, "width = 160.0 was given; expected an integer >= 32"),
        ({"distractors": -1}, "distractors = -1 was given; expected an integer >= 0"),
        ({"difficulty": 1.5}, "difficulty = 1.5 was given; expected a number from 0 to 1"),
        ({"jpeg_probability": 2}, "jpeg_probability = 2 was given; expected a number from 0 to 1"),
        ({"noise": -0.1}, "noise = -0.1 was given; expected a finite number >= 0"),
        ({"shake": float("nan")}, "shake = nan was given; expected a finite number >= 0"),
        ({"object_size": (0.5, 0.2)}, "object_size = (0.5, 0.2) was given; expected"),
    ],
)
def test_wrong_settings_are_refused_in_one_line(settings: dict[str, object], said: str) -> None:
    config = SyntheticConfig()
    for name, value in settings.items():
        object.__setattr__(config, name, value)  # past the tests' type checker
    with pytest.raises(UserInputError) as caught:
        config.__post_init__()
    assert said in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(("seed", "index"), [(-1, 0), (0, -1)])
def test_negative_seeds_are_refused(seed: int, index: int) -> None:
    with pytest.raises(UserInputError, match="expected both >= 0"):
        generate_clip(seed, index, SMALL)


def test_every_number_of_the_config_is_checked() -> None:
    for name in (*PROBABILITIES, *STRENGTHS):
        with pytest.raises(UserInputError, match=name):
            replace(SMALL, **{name: -1.0})
