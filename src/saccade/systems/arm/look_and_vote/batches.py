"""Batches of varied examples for both networks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from saccade.systems.arm.look_and_vote.augment import (
    add_foreign,
    draw_sampling,
    repaint,
    vary_colours,
)
from saccade.systems.arm.look_and_vote.axes import axes_of, mirrored
from saccade.systems.arm.look_and_vote.config import LookAndVoteConfig
from saccade.systems.arm.look_and_vote.examples import Examples, look_shares
from saccade.systems.arm.look_and_vote.images import points_of, seen_at
from saccade.systems.arm.look_and_vote.look import look_inputs
from saccade.systems.arm.look_and_vote.losses import Targets
from saccade.systems.arm.look_and_vote.vote import vote_inputs

CLOSED = 0.02
"""Largest opening of a gripper that closed on nothing, that examples are shown with."""


class LookBatch(NamedTuple):
    """Inputs of the look network, and the share of each pixel."""

    inputs: Float[Tensor, "n 10 h w"]
    shares: Float[Tensor, "n h w"]


class VoteBatch(NamedTuple):
    """Inputs of the vote network, and what the votes should say."""

    maps: Float[Tensor, "n 6 c c"]
    known: Float[Tensor, "n 10"]
    targets: Targets


def draw_examples(
    examples: Examples, n: int, decisive: float, rng: np.random.Generator
) -> Int[np.ndarray, " n"]:
    """Indices of n examples, a share of them decisive."""
    sure = rng.choice(np.flatnonzero(examples.decisive), round(n * decisive))
    return np.concatenate([sure, rng.integers(0, len(examples), n - len(sure))])


def look_batch(
    examples: Examples, index: Int[np.ndarray, " n"], config: LookAndVoteConfig,
    rng: np.random.Generator,
) -> LookBatch:  # fmt: skip
    """Varied views of examples."""
    settings, look, n = config.augment, config.look, len(index)
    height, width = examples.rgb.shape[1:3]
    where = draw_sampling(n, height, width, look.stride, settings, rng)
    depth, cameras = examples.depth[index], examples.cameras[index]
    images = seen_at(examples.rgb[index], depth, cameras, where.columns, where.rows)
    tips, focus = examples.tip_poses[index, :3].copy(), examples.focus[index].copy()
    eyes = cameras[:, 13:16].copy()
    for points in (images[..., 3:], tips, focus, eyes):
        points[where.mirror, ..., 1] *= -1
    measured = depth[np.arange(n)[:, None, None], where.rows, where.columns] > 0
    shares = look_shares(images[..., 3:], measured, focus, look.sigma)
    repaint(images, settings.repaint, rng)
    add_foreign(
        images, np.where(shares > 1e-4, shares, 0), eyes, settings.foreign, look.stride, rng
    )
    _shake(images, eyes, settings.depth_noise, rng)
    vary_colours(images, settings.light, settings.colour, rng)
    moved = settings.place * rng.standard_normal((n, 3)) * (1, 1, 0)
    inputs = look_inputs(images, tips, examples.opening[index], moved.astype(np.float32))
    return LookBatch(inputs, torch.from_numpy(shares.astype(np.float32)))


def vote_batch(
    examples: Examples, index: Int[np.ndarray, " n"], config: LookAndVoteConfig,
    rng: np.random.Generator,
) -> VoteBatch:  # fmt: skip
    """Varied crops of examples, around pixels that show where to look or lie beside them."""
    settings, vote, n = config.augment, config.vote, len(index)
    depth, cameras = examples.depth[index], examples.cameras[index]
    pixels, points_from = _attended(examples, index, vote.jitter, rng)
    attended = points_of(
        depth[np.arange(n), points_from[:, 1], points_from[:, 0]].astype(np.float32),
        cameras, points_from[:, 0], points_from[:, 1],
    )  # fmt: skip
    columns, rows = crop_pixels(pixels, depth.shape[1:], vote.crop)
    mirror = rng.random(n) < (0.5 if settings.mirror else 0.0)
    columns = np.where(mirror[:, None, None], columns[:, :, ::-1], columns)
    images = seen_at(examples.rgb[index], depth, cameras, columns, rows)
    poses, opening = _after_empty(examples, index, settings.empty, rng)
    tips, eyes = examples.tip_poses[index, :3].copy(), cameras[:, 13:16].copy()
    targets = poses.positions.copy()
    for points in (images[..., 3:], attended, tips, eyes, targets):
        points[mirror, ..., 1] *= -1
    axes, target_axes = (
        np.where(mirror[:, None], mirrored(a), a)
        for a in (axes_of(examples.tip_poses[index, 3:]), poses.axes)
    )
    repaint(images, settings.repaint, rng)
    _shake(images, eyes, settings.depth_noise, rng)
    vary_colours(images, settings.light, settings.colour, rng)
    maps, known = vote_inputs(images, attended, tips, axes, opening)
    said = (targets - attended, target_axes, poses.open.astype(np.float32))
    return VoteBatch(maps, known, Targets(*map(torch.from_numpy, said)))


def crop_pixels(
    pixels: Int[np.ndarray, "n 2"], shape: tuple[int, ...], size: int
) -> tuple[Int[np.ndarray, "n c c"], Int[np.ndarray, "n c c"]]:
    """Columns and rows of the square crops around pixels, shifted to lie within the image."""
    height, width = shape
    corner = np.clip(pixels - size // 2, 0, (width - size, height - size))
    rows, columns = np.mgrid[:size, :size]
    return columns + corner[:, 0, None, None], rows + corner[:, 1, None, None]


class _Poses(NamedTuple):
    positions: np.ndarray
    axes: np.ndarray
    open: np.ndarray


def _after_empty(
    examples: Examples, index: np.ndarray, share: float, rng: np.random.Generator
) -> tuple[_Poses, np.ndarray]:
    """Targets and openings; of a share of open hands, those of one that closed on nothing.

    Such a hand goes back to where it was open, and opens: demonstrations never show it.
    """
    back, opening = examples.back[index], examples.opening[index].copy()
    free = examples.free[index]
    empty = free & np.isfinite(back[:, 0]) & (rng.random(len(index)) < share)
    opening[empty] = rng.uniform(0, CLOSED, int(empty.sum()))
    targets = np.where(empty[:, None], back, examples.targets[index])
    is_open = examples.target_open[index] | empty
    return _Poses(targets[:, :3], axes_of(targets[:, 3:]), is_open), opening


def _attended(
    examples: Examples, index: np.ndarray, jitter: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Pixels in the middle of crops, and those whose points the crops are relative to.

    Half of the time these are the same pixel beside the right one, else the crop alone moves.
    """
    n = len(index)
    height, width = examples.rgb.shape[1:3]
    drawn = (examples.weights[index].cumsum(axis=1) < rng.random((n, 1))).sum(axis=1)
    right = examples.pixels[index, np.minimum(drawn, examples.pixels.shape[1] - 1)]
    moved = right + np.rint(jitter * rng.standard_normal((n, 2))).astype(np.int64)
    moved = moved.clip(0, (width - 1, height - 1))
    return moved, np.where(rng.random((n, 1)) < 0.5, right, moved)


def _shake(images: np.ndarray, eyes: np.ndarray, most: float, rng: np.random.Generator) -> None:
    """Noise of depths, of another strength each image: points move along their rays, in place."""
    n = len(images)
    noise = rng.standard_normal(images.shape[:-1], np.float32)
    noise *= rng.uniform(0, most, (n, 1, 1)).astype(np.float32)
    rays = images[..., 3:] - eyes[:, None, None]
    lengths = np.linalg.norm(rays, axis=-1)
    images[..., 3:] += rays * (noise / np.maximum(lengths, 1e-6))[..., None]
