"""Windows against Eqs. 7 and 8 in attention parameters, and against their inverse."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from saccade.attention.gaussian_glimpse import attention_to_boxes, boxes_to_attention
from saccade.errors import UserInputError
from saccade.systems.hart.model_config import MotionConfig
from saccade.systems.hart.motion import WindowMotion, how_moved
from saccade.systems.hart.presets import PRESETS

PAPER = PRESETS["paper-kitti"]().motion
HEIGHT, WIDTH = 60, 80
WINDOWS = torch.tensor([[20.0, 30.0, 12.0, 16.0], [5.0, 8.0, 20.0, 10.0]])
UPDATE = torch.tensor([[0.3, -0.2, 0.1, 0.4], [-0.1, 0.5, 0.0, -0.3]])


def test_the_papers_motion_is_eq_7_and_8_in_attention_parameters() -> None:
    motion = WindowMotion(replace(PAPER, bias_start=(0.05, -0.1, 0.02, 0.08)))
    bias = torch.tensor([0.05, -0.1, 0.02, 0.08])
    gain = 1 / (1 + torch.tensor(2.5).exp())
    a = boxes_to_attention(WINDOWS, HEIGHT, WIDTH)
    moved = attention_to_boxes(a + gain * UPDATE, HEIGHT, WIDTH)
    torch.testing.assert_close(motion.move(WINDOWS, UPDATE, HEIGHT, WIDTH), moved)
    located = attention_to_boxes(a - bias, HEIGHT, WIDTH) + UPDATE * torch.tensor([60, 80, 60, 80])
    located[:, 2:].clamp_(min=PAPER.smallest)
    torch.testing.assert_close(motion.locate(WINDOWS, UPDATE, HEIGHT, WIDTH), located)


def test_the_gain_of_the_text_is_tanh() -> None:
    gain = WindowMotion(replace(PAPER, gain="tanh", gain_start=0.1)).gain
    torch.testing.assert_close(gain, torch.full((4,), 0.1).tanh())
    assert WindowMotion(PAPER).gain[0].item() == pytest.approx(0.0759, abs=1e-4)


@pytest.mark.parametrize("units", ["image", "window"])
def test_inside_undoes_around(units: str) -> None:
    start = (-0.2, -0.1, 0.2, 0.15)
    motion = WindowMotion(MotionConfig(units=units, bias_start=start))  # pyright: ignore[reportArgumentType]
    windows = motion.around(WINDOWS, HEIGHT, WIDTH)
    assert not torch.allclose(windows, WINDOWS)
    torch.testing.assert_close(motion.inside(windows, HEIGHT, WIDTH), WINDOWS)


def test_the_default_window_is_twice_the_object_about_its_centre() -> None:
    window = WindowMotion(MotionConfig()).around(torch.tensor([[20.0, 30.0, 8.0, 10.0]]), 60, 80)
    torch.testing.assert_close(window, torch.tensor([[16.0, 25.0, 16.0, 20.0]]))


def test_window_units_do_not_know_the_size_of_the_frame() -> None:
    motion = WindowMotion(MotionConfig())
    near = motion.move(WINDOWS, UPDATE, HEIGHT, WIDTH)
    far = motion.move(WINDOWS * 3, UPDATE, HEIGHT * 3, WIDTH * 3)
    torch.testing.assert_close(far, near * 3)


def test_bounds_hold_and_let_gradients_pass() -> None:
    motion = WindowMotion(MotionConfig(smallest=4.0))
    wild = torch.tensor([[-500.0, 900.0, -3.0, 1e4]], requires_grad=True)
    sane = motion.bound(wild, HEIGHT, WIDTH)
    y, x, h, w = sane[0].tolist()
    assert h == 4 and w == pytest.approx(2 * WIDTH)
    assert y + h / 2 == pytest.approx(0, abs=1e-3) and x + w / 2 == pytest.approx(WIDTH, abs=1e-3)
    sane.sum().backward()
    assert wild.grad is not None and wild.grad.tolist() == [[1, 1, 1, 1]]


def test_a_bias_out_of_range_is_refused() -> None:
    with pytest.raises(UserInputError, match="within the bias_range of 0.5"):
        MotionConfig(bias_range=0.5)


def test_how_a_box_moved_is_told_in_its_own_sizes_and_a_jump_is_none() -> None:
    before = torch.tensor([[10.0, 20.0, 8.0, 10.0], [10.0, 20.0, 8.0, 10.0]])
    boxes = torch.tensor([[10.0, 25.0, 4.0, 10.0], [10.0, 36.0, 8.0, 10.0]])
    wanted = torch.tensor([[-0.5, 0.5, -math.log(2), 0.0], [0.0, 0.0, 0.0, 0.0]])
    torch.testing.assert_close(how_moved(before, boxes), wanted)
    nowhere = torch.full_like(before, torch.nan)
    torch.testing.assert_close(how_moved(nowhere, boxes), torch.zeros_like(boxes))
