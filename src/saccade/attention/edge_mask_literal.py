"""Algorithm 1 of the report (Idiap-RR-03-2021), its lines in their order: slow, meant to be read.

`saccade.attention.edge_mask` computes the same mask for all directions at once, some hundred times
faster; the tests compare the two, and `saccade bench` says how much faster.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from jaxtyping import Bool, Float

from saccade.attention.directions import N_DIRECTIONS


def algorithm_1(
    heightmap: Float[np.ndarray, "m n"],
    theta: float,
    t1: float = 70,
    t2: float = 100,
    offset: float = 12,
    delta_x: float = 3,
    delta: float = 10,
) -> Bool[np.ndarray, "m n"]:
    """The attention mask of one push direction.

    Args:
        heightmap: Heights above the table [m], not all equal.
        theta: Direction [rad] in (column, row).
        t1: Lower threshold of Canny, on heights scaled to 0 to 255.
        t2: Upper threshold.
        offset: l, from the start of a push to the edge that it pushes [pixels].
        delta_x: How far before and behind an edge heights are compared [pixels].
        delta: Least distance of a start to any edge [pixels].
    """
    m, n = heightmap.shape
    span = float(heightmap.max()) - float(heightmap.min())
    h = (heightmap.astype(np.float64) - float(heightmap.min())) / span
    edges = cv2.Canny(np.rint(255 * h).astype(np.uint8), t1, t2)
    points = [(x, y) for y in range(m) for x in range(n) if edges[y, x]]

    def height(x: float, y: float) -> float:
        column = min(max(math.floor(x + 0.5), 0), n - 1)
        row = min(max(math.floor(y + 0.5), 0), m - 1)
        return float(h[row, column])

    mask = np.zeros((m, n), dtype=bool)
    cos, sin = math.cos(-theta), math.sin(-theta)
    for x, y in points:
        x_theta, y_theta = cos * x - sin * y, sin * x + cos * y  # Eqs. 5 and 6
        behind, ahead = x_theta - delta_x, x_theta + delta_x  # Eqs. 7 and 8
        p_behind = cos * behind + sin * y_theta, -sin * behind + cos * y_theta  # Eq. 9
        p_ahead = cos * ahead + sin * y_theta, -sin * ahead + cos * y_theta  # Eq. 10
        delta_h = height(*p_ahead) - height(*p_behind)  # Eq. 11
        if delta_h > 0.1:
            # Rounded because cos(pi / 2) is 6e-17 here, and int() would turn 2.9999999 into 2.
            q_x = round(x - offset * math.cos(theta), 9)
            q_y = round(y - offset * math.sin(theta), 9)
            d = math.inf
            for other in points:
                if math.dist((q_x, q_y), other) <= d:
                    d = math.dist((q_x, q_y), other)
            if d >= delta and 0 <= int(q_y) < m and 0 <= int(q_x) < n:
                mask[int(q_y), int(q_x)] = True
    return mask


def all_directions(
    heightmap: Float[np.ndarray, "m n"], **parameters: float
) -> Bool[np.ndarray, "16 m n"]:
    """The masks of all sixteen directions; `parameters` as for `algorithm_1`."""
    angles = (2 * math.pi * k / N_DIRECTIONS for k in range(N_DIRECTIONS))
    return np.stack([algorithm_1(heightmap, angle, **parameters) for angle in angles])
