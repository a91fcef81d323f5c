"""Oriented glimpses: crops of a map in which the push always points along +column.

Seen in the frame of its own push, a scene needs no rotation to be learned: one small network judges
every direction, and a mirror image is a lateral flip.

Geometry, with the start of the push at map pixel (r, c), its unit vector u = (cos, sin) in
(column, row) and v = (-sin, cos): glimpse pixel (i, j) samples the map at

    (c, r) + s (j - back_columns) u + s (i - (height - 1) / 2) v,    s = resolution / pixel

so the start lies on column `back_columns` and, laterally, in the middle between the two centre rows
(of an even height). Samples are bilinear, at the exact sub-pixel place, on a map smoothed with a
box of about one glimpse pixel, so that thin structures do not alias.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float

from saccade.attention.directions import N_DIRECTIONS, direction_vectors
from saccade.checks import check_positive, check_sizes
from saccade.errors import UserInputError

_CHANNELS_PER_WARP = 4
MOST_PIXELS = 1024
"""Most pixels of a side of a glimpse, and most map pixels in one pixel of a glimpse."""


@dataclass(frozen=True)
class GlimpseConfig:
    """Size and place of a glimpse: metres, except for its height and width in glimpse pixels."""

    pixel: float = 0.002
    resolution: float = 0.005
    height: int = 48
    width: int = 64
    back: float = 0.07
    """Distance between the centre of the first column and the start of the push [m]."""
    fill: tuple[float, ...] = (0.0,)
    """Value outside the map: one for all channels, or one for each."""

    def __post_init__(self) -> None:
        check_positive(self, "pixel", "resolution", prefix="glimpse ")
        check_sizes(self, "height", "width", prefix="glimpse ", most=MOST_PIXELS)
        if not self.scale <= MOST_PIXELS:
            raise UserInputError(
                f"glimpse resolution is {self.resolution:g} of pixels of {self.pixel:g}; expected "
                f"at most {MOST_PIXELS} of them"
            )

    @property
    def scale(self) -> float:
        """Map pixels per glimpse pixel."""
        return self.resolution / self.pixel

    @property
    def back_columns(self) -> float:
        """Column of the glimpse on which the start of the push lies."""
        return self.back / self.resolution

    @property
    def box(self) -> int:
        """Side of the smoothing box [map pixels]: the odd number nearest to one glimpse pixel."""
        return max(1, 2 * int(self.scale / 2) + 1)


def extract_glimpses(
    maps: np.ndarray,
    rows: np.ndarray,
    cols: np.ndarray,
    directions: np.ndarray,
    config: GlimpseConfig = GlimpseConfig(),
) -> Float[np.ndarray, "N C h w"]:
    """Crop a glimpse of every channel for each of N pushes.

    Args:
        maps: Maps, float32 (C, H, W), row along +y, column along +x.
        rows, cols: Start pixels (N,), whole or fractional; they may lie outside the map.
        directions: Indices k in 0..15 (N,): the push points along (cos, sin)(2 pi k / 16), in
            (column, row).
        config: The size of the glimpse and the fill values outside the map.

    Returns:
        float32 (N, C, config.height, config.width), the push pointing along +column.

    Raises:
        UserInputError: A shape or dtype is wrong, or a direction is out of range.
    """
    _check(maps, rows, cols, directions, config)
    matrices = _affine_matrices(
        np.asarray(rows), np.asarray(cols), np.asarray(directions, np.intp), config
    )
    n_channels = maps.shape[0]
    fill = np.broadcast_to(np.asarray(config.fill, np.float32), (n_channels,))
    glimpses = np.empty((len(matrices), n_channels, config.height, config.width), np.float32)
    for first in range(0, n_channels, _CHANNELS_PER_WARP):
        channels = slice(first, min(first + _CHANNELS_PER_WARP, n_channels))
        _warp_group(maps[channels], fill[channels], matrices, config, glimpses[:, channels])
    return glimpses


def mirror_glimpses(glimpses: Float[np.ndarray, "... h w"]) -> Float[np.ndarray, "... h w"]:
    """Reflect glimpses about the line of the push: what a mirrored scene would have shown."""
    return glimpses[..., ::-1, :]


def _affine_matrices(
    rows: np.ndarray, cols: np.ndarray, directions: np.ndarray, config: GlimpseConfig
) -> Float[np.ndarray, "N 2 3"]:
    """Glimpse (column, row) -> padded map (column, row), for each push."""
    x, y = config.scale * direction_vectors()[directions].T
    back, middle = config.back_columns, (config.height - 1) / 2
    pad = _padding(config)
    matrices = np.empty((len(rows), 2, 3))
    matrices[:, 0] = np.stack([x, -y, cols + pad - back * x + middle * y], axis=-1)
    matrices[:, 1] = np.stack([y, x, rows + pad - back * y - middle * x], axis=-1)
    return matrices


def _padding(config: GlimpseConfig) -> int:
    """Ring of fill around the map in which the smoothing box can fade out."""
    return config.box // 2 + 1


def _warp_group(
    maps: np.ndarray,
    fill: np.ndarray,
    matrices: np.ndarray,
    config: GlimpseConfig,
    out: np.ndarray,
) -> None:
    """Fill `out` (N, C, h, w) with the glimpses of at most four channels."""
    n_channels, n_rows, n_cols = maps.shape
    pad = _padding(config)
    # OpenCV warps four interleaved channels faster than two or three: the spare ones stay zero.
    image = np.zeros((n_rows + 2 * pad, n_cols + 2 * pad, _CHANNELS_PER_WARP), np.float32)
    image[..., :n_channels] = fill
    image[pad:-pad, pad:-pad, :n_channels] = maps.transpose(1, 2, 0)
    image = cv2.blur(image, (config.box, config.box), borderType=cv2.BORDER_REPLICATE)
    border = [float(value) for value in fill] + [0.0] * (_CHANNELS_PER_WARP - n_channels)
    crop = np.empty((config.height, config.width, _CHANNELS_PER_WARP), np.float32)
    for index, matrix in enumerate(matrices):
        cv2.warpAffine(
            image,
            matrix,
            (config.width, config.height),
            dst=crop,
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=border,
        )
        for channel in range(n_channels):
            cv2.extractChannel(crop, channel, dst=out[index, channel])


def _check(
    maps: np.ndarray,
    rows: np.ndarray,
    cols: np.ndarray,
    directions: np.ndarray,
    config: GlimpseConfig,
) -> None:
    if maps.ndim != 3 or not np.issubdtype(maps.dtype, np.floating):
        raise UserInputError(
            f"maps are {maps.dtype} {maps.shape}; expected floating point (channels, rows, columns)"
        )
    shapes = [np.shape(rows), np.shape(cols), np.shape(directions)]
    if len(set(shapes)) != 1 or len(shapes[0]) != 1:
        raise UserInputError(
            f"rows, cols and directions have shapes {shapes}; expected three of one length (N,)"
        )
    if len(directions) and not 0 <= np.min(directions) <= np.max(directions) < N_DIRECTIONS:
        raise UserInputError(
            f"directions span {np.min(directions)} to {np.max(directions)}; expected 0 to 15"
        )
    if len(config.fill) not in (1, maps.shape[0]):
        raise UserInputError(
            f"{len(config.fill)} fill values for {maps.shape[0]} channels; expected 1 or one each"
        )
