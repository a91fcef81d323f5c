"""A hand as capsules and ellipsoids around a cup, from open to closed, on a forearm in a sleeve.

Frame of the hand: origin in the middle of the grip, z along the cup's axis, x towards the wrist.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

FINGERS = 4
JOINTS = 4
"""Points of a finger, which has one bone fewer."""
_SPREAD = 0.0195
"""Distance between fingers [m]."""


@dataclass(frozen=True)
class HandShape:
    """Sizes of a hand.

    Attributes:
        side: 1 for a right hand, -1 for a left one.
        finger: Radius of a finger [m].
        forearm: Radius of the forearm [m].
        sleeve: Distance from the wrist to the sleeve's end [m].
    """

    side: int
    finger: float = 0.0085
    forearm: float = 0.024
    sleeve: float = 0.07


@dataclass(frozen=True)
class Bones:
    """Capsules of a hand: the ends of each [m], (n, bones, 3), and its radius [m], (bones,)."""

    starts: Float[np.ndarray, "n bones 3"]
    ends: Float[np.ndarray, "n bones 3"]
    radii: Float[np.ndarray, "bones"]


def bones(shape: HandShape, radius: float, aperture: Float[np.ndarray, "n"]) -> Bones:
    """Bones of palm and fingers in the hand's frame.

    Args:
        shape: Sizes of the hand.
        radius: Radius of the cup where it is held [m].
        aperture: Opening, 0 around the cup to 1 open.
    """
    starts, ends, radii = [], [], []
    palm = radius + 0.012
    for i in range(FINGERS):
        height = (1.5 - i) * _SPREAD
        curl = np.linspace(0.25, 2.55 if i < 3 else 2.25, JOINTS)
        arc = _arc(shape, radius + shape.finger, curl, height, aperture)
        starts += [arc[:, j] for j in range(JOINTS - 1)]
        ends += [arc[:, j + 1] for j in range(JOINTS - 1)]
        radii += [shape.finger] * (JOINTS - 1)
        knuckle = np.array([palm + 0.045, 0.0, 0.6 * height])
        starts.append(np.broadcast_to(knuckle, arc[:, 0].shape))
        ends.append(arc[:, 0])
        radii.append(0.0125)
    thumb = _arc(
        shape, radius + shape.finger + 0.001, -np.linspace(0.35, 1.9, 3), 0.6 * _SPREAD, aperture
    )
    root = np.broadcast_to([palm + 0.03, -0.012 * shape.side, 0.0], thumb[:, 0].shape)
    starts += [root, thumb[:, 0], thumb[:, 1]]
    ends += [thumb[:, 0], thumb[:, 1], thumb[:, 2]]
    radii += [0.0125, shape.finger * 1.15, shape.finger * 1.1]
    return Bones(np.stack(starts, 1), np.stack(ends, 1), np.array(radii))


def wrist(radius: float) -> Float[np.ndarray, "3"]:
    """Place of the wrist in the hand's frame [m]."""
    return np.array([radius + 0.075, 0.0, 0.0])


def _arc(
    shape: HandShape,
    radius: float,
    curl: Float[np.ndarray, "j"],
    height: float,
    aperture: Float[np.ndarray, "n"],
) -> Float[np.ndarray, "n j 3"]:
    """Joints of a finger: around the cup when closed, on a wider and flatter arc when open."""
    opened = aperture[:, None]
    wide = radius * (1 + 0.9 * opened)
    angle = shape.side * curl * (1 - 0.5 * opened)
    x = wide * np.cos(angle) - (wide - radius) * np.cos(shape.side * curl[0])
    y = wide * np.sin(angle)
    z = np.broadcast_to(height * (1 + 0.25 * opened), x.shape)
    return np.stack([x, y, z], axis=-1)
