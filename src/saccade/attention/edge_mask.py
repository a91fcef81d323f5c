"""Attention mask from edges: which pushes start just behind an edge that they can push.

Algorithm 1 of "Attention mask for deep Q-networks" (Idiap-RR-03-2021, section III), for all sixteen
directions at once. An edge point p belongs to the mask of a direction when the height rises along
that direction across p; the push then starts at q, a distance l before p, provided that no edge of
any object is closer than delta to q, where the fingers come down.

What the paper leaves open, and is decided here:
- "Normalize" is min-max over the map; to 0..255 it also rounds to the nearest integer. A map that
  spans less than `flat` has no edges, so that noise on an empty table is not blown up to objects.
- Canny uses a 3 x 3 Sobel kernel and the L1 gradient, OpenCV's defaults.
- The probes p -+ dx are read at the nearest pixel (halves round up), clamped to the map.
- int() truncates towards zero; a start whose truncated pixel is outside the map is dropped.

Deviations from the paper: none in the result. For speed, one exact Euclidean distance transform,
read at the pixel that q falls in, settles nearly all starts for every direction; only where the
sub-pixel part of q could decide against delta are the edge points around q looked at one by one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from jaxtyping import Bool, Float, Int

from saccade.attention.directions import N_DIRECTIONS, direction_vectors
from saccade.attention.heightmap import check_heightmap
from saccade.checks import check_least, check_most, check_positive
from saccade.errors import UserInputError

_SLACK = 1e-3
"""Slack of distances [px]: far above float32 errors, far below the spacing of distances."""


MOST_PIXELS = 224
"""Most pixels of a length of the edge mask: a side of the papers' map."""


@dataclass(frozen=True)
class EdgeMaskConfig:
    """Parameters of Algorithm 1: lengths in metres, thresholds as in the paper."""

    canny_low: float = 70.0
    """Lower threshold of Canny, t1, on heights scaled to 0..255."""
    canny_high: float = 100.0
    """Upper threshold of Canny, t2, on heights scaled to 0..255."""
    offset: float = 0.024
    """Distance l from the start of the push to the edge that it pushes [m]."""
    probe: float = 0.006
    """Distance dx before and behind an edge at which the heights are compared [m]."""
    height_step: float = 0.1
    """Least rise of the height, scaled to 0..1, at an edge that can be pushed."""
    clearance: float = 0.020
    """Least distance delta from the start of the push to any edge [m]."""
    pixel: float = 0.002
    """Side of a pixel [m]."""
    flat: float = 0.001
    """Least span of the heights of a map that shows an object [m]."""

    def __post_init__(self) -> None:
        check_positive(self, "pixel", prefix="edge mask ")
        lengths = ("offset", "probe", "clearance")
        check_least(self, dict.fromkeys(lengths, 0), prefix="edge mask ")
        check_most(self, dict.fromkeys(lengths, MOST_PIXELS * self.pixel), prefix="edge mask ")

    @property
    def offset_pixels(self) -> float:
        """Distance l in pixels: 12 in the paper."""
        return round(self.offset / self.pixel, 9)

    @property
    def probe_pixels(self) -> float:
        """Distance dx in pixels: 3 in the paper."""
        return round(self.probe / self.pixel, 9)

    @property
    def clearance_pixels(self) -> float:
        """Distance delta in pixels: 10 in the paper."""
        return round(self.clearance / self.pixel, 9)


@dataclass(frozen=True)
class PushableEdges:
    """Edge points, (row, col), by what the height does along one direction (Fig. 3b)."""

    rising: Int[np.ndarray, "R 2"]
    """Edge points that can be pushed: green in the figure."""
    level: Int[np.ndarray, "L 2"]
    """Edge points across which the height stays about the same: yellow."""
    falling: Int[np.ndarray, "F 2"]
    """Edge points across which the height drops along the direction: red."""
    starts: Int[np.ndarray, "S 2"]
    """Pixels of the mask, at which a push may start: blue."""


def edge_mask(
    heightmap: np.ndarray, config: EdgeMaskConfig = EdgeMaskConfig()
) -> Bool[np.ndarray, "16 H W"]:
    """Mark the starts of promising pushes, for every direction (Algorithm 1).

    Args:
        heightmap: Heights (H, W), floating point, metres above the table, row along +y, column
            along +x.
        config: The algorithm's parameters.

    Returns:
        bool (16, H, W): whether a push in direction k may start at a pixel. Empty without edges.

    Raises:
        UserInputError: The map has a wrong shape or dtype, NaN or infinite values, or millimetres.
    """
    check_heightmap(heightmap)
    mask = np.zeros((N_DIRECTIONS, *heightmap.shape), dtype=bool)
    edges, heights = _find_edges(heightmap, config)
    points = np.argwhere(edges)
    rises = _height_steps(heights, points, config) > config.height_step
    mask[_clear_starts(edges, points, rises, config)] = True
    return mask


def pushable_edges(
    heightmap: np.ndarray,
    direction: int,
    config: EdgeMaskConfig = EdgeMaskConfig(),
) -> PushableEdges:
    """Sort the edge points by the height step along one direction, as the report's Fig. 3b does.

    Raises:
        UserInputError: The heightmap is bad (see `edge_mask`), or the direction is outside 0..15.
    """
    if not 0 <= direction < N_DIRECTIONS:
        raise UserInputError(f"direction is {direction}; expected 0 to {N_DIRECTIONS - 1}")
    starts = np.argwhere(edge_mask(heightmap, config)[direction])
    edges, heights = _find_edges(heightmap, config)
    points = np.argwhere(edges)
    step = _height_steps(heights, points, config)[direction]
    rising, falling = step > config.height_step, step < -config.height_step
    return PushableEdges(points[rising], points[~rising & ~falling], points[falling], starts)


@dataclass(frozen=True)
class _Start:
    """Offset of q from its edge point p, for one direction, in pixels as (row, col)."""

    whole: tuple[int, int]
    """Whole part of the offset: floor(q) - p."""
    part: tuple[float, float]
    """Fraction of the offset: q - floor(q), in [0, 1)."""
    near: Int[np.ndarray, "M 2"]
    """Pixels, from floor(q), closer than delta to q though perhaps not to floor(q)."""


@lru_cache(maxsize=16)
def _starts(config: EdgeMaskConfig) -> tuple[_Start, ...]:
    return tuple(_start(x, y, config) for x, y in direction_vectors())


def _start(x: float, y: float, config: EdgeMaskConfig) -> _Start:
    """Line 13 of Algorithm 1: q = p - (l cos, l sin), as a constant step from p."""
    row, col = -config.offset_pixels * y, -config.offset_pixels * x
    whole = math.floor(row), math.floor(col)
    part = row - whole[0], col - whole[1]
    delta = config.clearance_pixels
    reach = math.ceil(delta) + 1
    near = np.argwhere(np.ones((2 * reach + 1, 2 * reach + 1))) - reach
    closer_to_q = np.hypot(near[:, 0] - part[0], near[:, 1] - part[1]) < delta
    # Of the rest the distance transform has already said that they are no edge points.
    unsettled = np.hypot(near[:, 0], near[:, 1]) >= delta - math.hypot(*part) - 2 * _SLACK
    return _Start(whole, part, near[closer_to_q & unsettled])


def _find_edges(
    heightmap: np.ndarray, config: EdgeMaskConfig
) -> tuple[Bool[np.ndarray, "H W"], Float[np.ndarray, "H W"]]:
    """Lines 2 to 5: the edges, by Canny on heights scaled to 0..255; the heights scaled to 0..1."""
    heights = heightmap.astype(np.float64)
    low, high = heights.min(), heights.max()
    if high - low < config.flat:
        return np.zeros(heights.shape, dtype=bool), np.zeros(heights.shape)
    heights = (heights - low) / (high - low)
    image = np.rint(heights * 255).astype(np.uint8)
    return cv2.Canny(image, config.canny_low, config.canny_high) > 0, heights


def _height_steps(
    heights: Float[np.ndarray, "H W"], points: Int[np.ndarray, "N 2"], config: EdgeMaskConfig
) -> Float[np.ndarray, "16 N"]:
    """Lines 8 to 11: the step of the scaled height across each edge point, per direction.

    Rotating p, moving it by dx along the first axis and rotating it back (Eqs. 5-10) is the same as
    moving it by dx along the direction.
    """
    shift = config.probe_pixels * direction_vectors()[:, ::-1]
    ahead = np.floor(shift + 0.5).astype(np.intp)
    behind = np.floor(-shift + 0.5).astype(np.intp)
    pad = math.ceil(config.probe_pixels) + 1
    padded = np.pad(heights, pad, mode="edge")
    strides = np.array([padded.shape[1], 1])
    at = (points + pad) @ strides
    flat = padded.ravel()
    return flat[at + (ahead @ strides)[:, None]] - flat[at + (behind @ strides)[:, None]]


def _clear_starts(
    edges: Bool[np.ndarray, "H W"],
    points: Int[np.ndarray, "N 2"],
    rises: Bool[np.ndarray, "16 N"],
    config: EdgeMaskConfig,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lines 13 to 22: (directions, rows, columns) of the starts that keep delta from all edges."""
    starts = _starts(config)
    whole = np.array([start.whole for start in starts])
    part = np.array([start.part for start in starts])
    direction, index = np.nonzero(rises)
    floor = points[index] + whole[direction]
    # Truncation brings -1 < q < 0 to pixel 0; q = -1 stays outside.
    inside = (floor >= np.where(part > 0, -1, 0)[direction]) & (floor < edges.shape)
    keep = inside.all(axis=1)
    direction, floor = direction[keep], floor[keep]
    clear = _is_clear(edges, direction, floor, config)
    row, col = np.maximum(floor[clear], 0).T
    return direction[clear], row, col


def _is_clear(
    edges: Bool[np.ndarray, "H W"],
    direction: Int[np.ndarray, " S"],
    floor: Int[np.ndarray, "S 2"],
    config: EdgeMaskConfig,
) -> Bool[np.ndarray, " S"]:
    """Whether q is at least delta from every edge point. `direction` must be sorted."""
    starts = _starts(config)
    delta = config.clearance_pixels
    pad = math.ceil(delta) + 2
    padded = np.pad(edges, pad)
    free = np.logical_not(padded).view(np.uint8)
    distance = cv2.distanceTransform(free, cv2.DIST_L2, cv2.DIST_MASK_PRECISE).ravel()
    strides = np.array([padded.shape[1], 1])
    at = (floor + pad) @ strides
    # q is within |part| of floor(q), so their distances to the nearest edge differ by no more.
    doubt = np.array([math.hypot(*start.part) + _SLACK for start in starts])[direction]
    clear = distance[at] >= delta - doubt
    unsettled = np.flatnonzero(clear & (distance[at] < delta + doubt))
    bounds = np.searchsorted(direction[unsettled], np.arange(N_DIRECTIONS + 1))
    flat = padded.ravel()
    for k, start in enumerate(starts):
        here = unsettled[bounds[k] : bounds[k + 1]]
        clear[here] = ~flat[at[here, None] + start.near @ strides].any(axis=1)
    return clear
