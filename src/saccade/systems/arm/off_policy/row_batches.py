"""Rows that were sampled from replay, as tensors for the agents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Float, Int, Shaped, UInt8
from torch import Tensor

from saccade.systems.arm.off_policy.batch import Batch, State
from saccade.systems.arm.off_policy.config import RowConfig
from saccade.systems.arm.off_policy.pose_space import Frame, PoseSpace, from_top_down, space_of
from saccade.systems.arm.off_policy.rows import (
    Looked,
    Pixel,
    Rows,
    camera_column,
    state_columns,
)
from saccade.training.device import CPU
from saccade.worlds.rgbd import Observation

Columns = Mapping[str, Tensor]


def rows_to_batch(
    rows: Mapping[str, np.ndarray],
    weights: Float[np.ndarray, " n"] | None = None,
    device: torch.device = CPU,
) -> Batch:
    """A batch of rows.

    Args:
        rows: Columns of `rows.columns`.
        weights: Weights of prioritised replay; 1 each if None.
        device: Device that the agents are on.
    """
    at = {name: torch.from_numpy(array).to(device) for name, array in rows.items()}
    n, view = len(at["reward"]), at["view_depth"].shape[-1]
    return Batch(
        state=to_state(at, at["camera"]),
        next_state=to_state(_next(at), at["camera"]),
        pixels=_view_pixels(at, view),
        actions=at["action"],
        rewards=at["reward"],
        terminal=at["terminal"],
        weights=torch.ones(n, device=device)
        if weights is None
        else torch.from_numpy(weights).float().to(device),
        demonstrated=at["demonstrated"],
    )


def demonstrated_space(rows: Sequence[Rows], frame: Frame) -> PoseSpace:
    """Codes of actions with bounds around those of the rows of each demonstration."""
    actions, attended = (
        torch.from_numpy(np.concatenate([each[name] for each in rows])).float()
        for name in ("action", "attended")
    )
    return space_of(actions, attended, frame)


def to_state(at: Columns, camera: Float[Tensor, "n 18"]) -> State:
    """States of rows: colours in -1..1, world points [m], rotations relative to pointing down."""
    view, crop = at["view_depth"].shape[-1], at["crop_depth"].shape[-1]
    shape = camera[:, 4:6, None]
    steps = torch.arange(view, device=camera.device)
    # As `rescale_pixel` has it: each pixel of the view shows the depth of this one of the image.
    y, x = ((2 * steps + 1) * shape / (2 * view)).floor().unbind(dim=1)
    span = torch.arange(crop, device=camera.device)
    crop_x, crop_y = (at["corner"][:, :, None] + span).float().unbind(dim=1)
    tip = at["proprioception"]
    return State(
        views=_images(at["view_rgb"], at["view_depth"], x, y, camera),
        crops=_images(at["crop_rgb"], at["crop_depth"], crop_x, crop_y, camera),
        attended=at["attended"],
        proprioception=torch.cat([tip[:, :3], from_top_down(tip[:, 3:7]), tip[:, 7:]], dim=1),
    )


def observed_state(
    observation: Observation, pixel: Pixel, config: RowConfig, device: torch.device = CPU
) -> State:
    """The state of one observation and its attended pixel, as a row of it would give."""
    kept = state_columns(Looked(observation, pixel), config)
    at = {name: _one_row(value).to(device) for name, value in kept.items()}
    return to_state(at, _one_row(camera_column(observation.view)).to(device))


def action_draws(rng: np.random.Generator | None, device: torch.device) -> torch.Generator | None:
    """Source of an explored action, on the device of what decides; None for the best action."""
    if rng is None:
        return None
    return torch.Generator(device).manual_seed(int(rng.integers(2**63)))


def _one_row(value: Shaped[np.ndarray, "..."]) -> Tensor:
    """One row, in replay's types."""
    array = value if value.dtype in (np.uint8, np.float16) else value.astype(np.float32)
    return torch.from_numpy(np.ascontiguousarray(array))[None]


def _next(at: Columns) -> dict[str, Tensor]:
    return {name.removeprefix("next_"): t for name, t in at.items() if name.startswith("next_")}


def _images(
    rgb: UInt8[Tensor, "n h w 3"],
    depth: Float[Tensor, "n h w"],
    x: Float[Tensor, "n w"],
    y: Float[Tensor, "n h"],
    camera: Float[Tensor, "n 18"],
) -> Float[Tensor, "n 6 h w"]:
    """Colours and points of pixels in columns x and rows y of the cameras' images."""
    colours = rgb.permute(0, 3, 1, 2).float() / 127.5 - 1
    fx, fy, cx, cy = camera[:, :4, None].unbind(dim=1)
    rotation, position = camera[:, 6:15].view(-1, 3, 3), camera[:, 15:18]
    d = depth.float()
    right = ((x - cx) / fx)[:, None, :] * d
    down = ((y - cy) / fy)[:, :, None] * d
    rays = torch.stack([right, down, d], dim=1).flatten(2)
    points = (rotation @ rays + position[:, :, None]).view(len(d), 3, *d.shape[1:])
    images = torch.cat([colours, points], dim=1)
    return images.contiguous(memory_format=torch.channels_last)


def _view_pixels(at: Columns, view: int) -> Int[Tensor, "n 2"]:
    """The attended pixels, in the view: `attention.pixel_argmax.rescale_pixel` of each row."""
    size = at["camera"][:, [5, 4]].long()
    return (2 * at["pixel"].long() + 1) * view // (2 * size)
