"""Pictures of what a pushing policy sees and decides, drawn over its height map.

Every function returns a new uint8 RGB picture whose x axis is the map's column and whose y axis is
its row, `scale` times larger; pixel (row, col) of the map becomes a block of scale x scale pixels.
Angles are in radians from +col towards +row, direction k of n points at 2 pi k / n.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped, UInt8

from saccade.errors import UserInputError
from saccade.viewing.arrows import ArrowStyle, paint_arrow
from saccade.viewing.checks import check_direction_maps, check_map, check_rgb, check_scale
from saccade.viewing.colours import (
    BEST,
    BOX,
    INK,
    MASK,
    OTHER,
    PAPER,
    PUSH,
    Colour,
    direction_colours,
    heat_colours,
    look_up,
)
from saccade.viewing.ground import blend, draw_faded, draw_heightmap

Rgb = UInt8[np.ndarray, "_ _ 3"]
Side = Literal["left", "right", "top", "bottom"]

__all__ = [
    "best_pushes",
    "draw_box_edge",
    "draw_candidates",
    "draw_faded",
    "draw_heightmap",
    "draw_mask",
    "draw_mask_all",
    "draw_push",
    "draw_q",
]


def draw_mask(
    heightmap: Float[np.ndarray, "rows cols"],
    mask_k: Shaped[np.ndarray, "rows cols"],
    direction: int | None = None,
    n_directions: int = 16,
    scale: int = 2,
) -> Rgb:
    """The start pixels from which a push in one direction can change the scene.

    `mask_k` is boolean, or a probability in [0, 1] that becomes the overlay's opacity. Where
    `direction` is given, its colour is used and its arrow is drawn in the upper right corner.
    """
    check_map(heightmap, "heightmap")
    check_map(mask_k, "mask_k", heightmap.shape)
    colour = MASK if direction is None else _direction_colour(direction, n_directions)
    opacity = 0.85 * np.clip(np.nan_to_num(mask_k.astype(np.float32)), 0, 1)
    picture = blend(draw_faded(heightmap, scale), np.array(colour), opacity, scale)
    if direction is not None:
        angle = 2 * np.pi * direction / n_directions
        centre = (13 - 9 * np.sin(angle), heightmap.shape[1] - 14 - 9 * np.cos(angle))
        paint_arrow(picture, centre, angle, 18, scale, ArrowStyle(INK, PAPER, 2.4, 9, 0))
    return picture


def draw_mask_all(
    heightmap: Float[np.ndarray, "rows cols"],
    mask: Shaped[np.ndarray, "directions rows cols"],
    scale: int = 2,
    legend: bool = True,
) -> Rgb:
    """All directions of a mask at once: each pixel takes the mean colour of those it allows.

    The wheel in the upper right corner shows the colour of each direction.
    """
    check_map(heightmap, "heightmap")
    check_direction_maps(mask, "mask", heightmap.shape)
    weight = np.clip(np.nan_to_num(mask.astype(np.float32)), 0, 1)
    colours = direction_colours(len(mask)).astype(np.float32)
    total = weight.sum(axis=0)
    mixed = np.einsum("krc,kd->rcd", weight, colours) / np.maximum(total, 1e-6)[..., None]
    picture = blend(draw_faded(heightmap, scale), mixed, 0.9 * weight.max(axis=0), scale)
    if legend:
        _paint_wheel(picture, len(mask), heightmap.shape[1], scale)
    return picture


def draw_q(
    heightmap: Float[np.ndarray, "rows cols"],
    q: Float[np.ndarray, "directions rows cols"],
    valid: Bool[np.ndarray, "directions rows cols"] | None = None,
    n_best: int = 5,
    scale: int = 2,
) -> Rgb:
    """The best Q over the directions as heat, and the best pushes as arrows, the very best largest.

    Only actions that `valid` allows are shown (all, where it is None); arrows keep at least 16 px
    from one another. With no valid action the plain ground is returned.
    """
    check_map(heightmap, "heightmap")
    check_direction_maps(q, "q", heightmap.shape)
    allowed = np.isfinite(q) if valid is None else valid.astype(bool) & np.isfinite(q)
    picture = draw_faded(heightmap, scale)
    if not allowed.any():
        return picture
    masked = np.where(allowed, q, -np.inf)
    best = masked.max(axis=0)
    fraction = _unit_range(best, np.isfinite(best))
    opacity = np.where(np.isfinite(best), 0.30 + 0.65 * fraction, 0)
    picture = blend(picture, look_up(heat_colours(), fraction), opacity, scale)
    chosen = best_pushes(masked, n_best)
    for rank, (direction, row, col) in reversed(list(enumerate(chosen))):
        style = ArrowStyle(BEST, PAPER, 3.0, 9, 3.2) if rank == 0 else ArrowStyle(OTHER, PAPER, 1.6)
        length = 26 if rank == 0 else 15
        paint_arrow(picture, (row, col), 2 * np.pi * direction / len(q), length, scale, style)
    return picture


def best_pushes(
    q: Float[np.ndarray, "directions rows cols"], n_best: int, apart: int = 16
) -> list[tuple[int, int, int]]:
    """The (direction, row, col) of the `n_best` largest finite values, starts `apart` px apart."""
    best = q.max(axis=0)
    chosen: list[tuple[int, int, int]] = []
    rows, cols = np.indices(best.shape)
    while len(chosen) < n_best and np.isfinite(best).any():
        row, col = divmod(int(np.nanargmax(best)), best.shape[1])
        chosen.append((int(q[:, row, col].argmax()), row, col))
        best = np.where((rows - row) ** 2 + (cols - col) ** 2 < apart**2, -np.inf, best)
    return chosen


def draw_candidates(
    heightmap: Float[np.ndarray, "rows cols"],
    rows: Int[np.ndarray, " n"],
    cols: Int[np.ndarray, " n"],
    directions: Int[np.ndarray, " n"],
    values: Float[np.ndarray, " n"],
    n_directions: int = 16,
    scale: int = 2,
) -> Rgb:
    """Candidate pushes as arrows coloured by value, the best on top and larger.

    It is for policies that value a list of pushes rather than every pixel.
    """
    check_map(heightmap, "heightmap")
    if not len(rows) == len(cols) == len(directions) == len(values):
        raise UserInputError(
            f"candidates have {len(rows)} rows, {len(cols)} cols, {len(directions)} directions "
            f"and {len(values)} values; expected the same number of each"
        )
    picture = draw_faded(heightmap, scale)
    score = np.asarray(values, dtype=np.float64)
    colours = look_up(heat_colours(), _unit_range(score, np.isfinite(score)))
    order = np.argsort(np.nan_to_num(score, nan=-np.inf), kind="stable")
    for i in order:
        best = i == order[-1]
        colour = BEST if best else _colour(colours[i])
        style = ArrowStyle(colour, PAPER, 3.0, 9, 3.2) if best else ArrowStyle(colour, None, 1.6, 6)
        angle = 2 * np.pi * float(directions[i]) / n_directions
        start = (float(rows[i]), float(cols[i]))
        paint_arrow(picture, start, angle, 26 if best else 12, scale, style)
    return picture


def draw_push(
    image: Rgb,
    start_rc: tuple[float, float],
    angle: float,
    length_px: float,
    scale: int = 2,
    colour: Colour = PUSH,
) -> Rgb:
    """One push as an arrow from its start pixel; its tip is where the push ends.

    `start_rc` and `length_px` are in pixels of the map, `image` is `scale` times larger.
    """
    check_rgb(image)
    check_scale(scale)
    picture = image.copy()
    paint_arrow(picture, start_rc, angle, length_px, scale, ArrowStyle(colour, PAPER, 3.0, 10, 3.4))
    return picture


def draw_box_edge(
    image: Rgb,
    side: Side = "left",
    first: int = 112,
    last: int = 224,
    scale: int = 2,
    colour: Colour = BOX,
) -> Rgb:
    """Mark the mouth of the box: pixels `first` to `last` (not included) along one `side`."""
    check_rgb(image)
    check_scale(scale)
    if side not in ("left", "right", "top", "bottom"):
        raise UserInputError(f'side is "{side}"; valid are left, right, top, bottom')
    picture = image.copy()
    # A view whose first axis runs along the marked side and whose second leads away from it.
    view = {
        "left": picture,
        "right": picture[:, ::-1],
        "top": picture.swapaxes(0, 1),
        "bottom": picture[::-1].swapaxes(0, 1),
    }[side]
    start, stop = max(first, 0) * scale, min(last * scale, len(view))
    view[start:stop, : 3 * scale] = colour
    for tick in (slice(start, start + 2 * scale), slice(max(stop - 2 * scale, start), stop)):
        view[tick, : 8 * scale] = colour
    return picture


def _unit_range(values: np.ndarray, finite: np.ndarray) -> np.ndarray:
    """Finite values stretched to [0, 1]; all 1 where they are equal, 0 where not finite."""
    if not finite.any():
        return np.zeros(values.shape)
    low, high = values[finite].min(), values[finite].max()
    stretched = (np.where(finite, values, low) - low) / max(high - low, 1e-12)
    return np.where(finite, stretched if high > low else 1.0, 0.0)


def _direction_colour(direction: int, n_directions: int) -> Colour:
    if not 0 <= direction < n_directions:
        raise UserInputError(f"direction is {direction}; valid are 0 to {n_directions - 1}")
    return _colour(direction_colours(n_directions)[direction])


def _colour(rgb: np.ndarray) -> Colour:
    return int(rgb[0]), int(rgb[1]), int(rgb[2])


def _paint_wheel(picture: Rgb, n_directions: int, n_cols: int, scale: int) -> None:
    """The direction wheel, 18 px in radius, in the upper right corner."""
    for k, rgb in enumerate(direction_colours(n_directions)):
        angle = 2 * np.pi * k / n_directions
        start = (21 + 6 * np.sin(angle), n_cols - 22 + 6 * np.cos(angle))
        paint_arrow(picture, start, angle, 12, scale, ArrowStyle(_colour(rgb), None, 2.0, 5, 0))
