"""A hand as capsules around a cup, from open to closed, on a forearm in a sleeve.

Frame of the hand: origin in the middle of the grip, z along the cup's axis, x towards the wrist.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

FINGERS = 4
_KNUCKLES = 4
"""Points of a finger, which has one bone fewer."""
_SPREAD = 0.019
"""Distance between fingers [m]."""
_FIRST, _MOST = 0.25, 2.6
"""Angle around the cup from the wrist to a closed finger's root, and to its tip at most [rad]."""
_THUMB_ROOT, _THUMB = 0.3, 0.056
"""The same angle of the thumb's root [rad], and the thumb's length [m]."""
_LENGTHS = (0.075, 0.088, 0.084, 0.066)
"""Lengths of the fingers along the cup's wall, from the highest [m]."""
_FOREARM = 0.3
"""Length of arm that is shown beyond the wrist [m]."""


@dataclass(frozen=True)
class HandShape:
    """Sizes of a hand and its arm.

    Attributes:
        side: 1 for a right hand, -1 for a left one.
        size: Thickness of fingers and palm, as a share of a mean hand's.
        sleeve: Distance from the wrist to the sleeve's end [m].
        elbow: Where the forearm comes from [m].
    """

    side: int
    size: float = 1.0
    sleeve: float = 0.05
    elbow: tuple[float, float, float] = (0.3, -0.6, 0.15)

    @property
    def finger(self) -> float:
        """Radius of a finger [m]."""
        return 0.0082 * self.size

    @property
    def palm(self) -> float:
        """Radius of a bone of the palm [m]."""
        return 0.0125 * self.size

    @property
    def radii(self) -> Float[np.ndarray, " bones"]:
        """Radius of each bone [m]: fingers and their metacarpals, the thumb, forearm, sleeve."""
        finger, palm = self.finger, self.palm
        return np.array(
            [*([finger] * (_KNUCKLES - 1) + [palm]) * FINGERS, palm, 1.15 * finger, 1.1 * finger,
             0.022 * self.size, 0.031 * self.size]
        )  # fmt: skip

    def bones(
        self, radius: float, aperture: Float[np.ndarray, " n"]
    ) -> tuple[Float[np.ndarray, "n b 3"], Float[np.ndarray, "n b 3"]]:
        """Ends of the bones of palm and fingers in the hand's frame [m].

        Args:
            radius: Radius of the cup where it is held [m].
            aperture: Opening, 0 around the cup to 1 open.
        """
        chains = []
        for i, length in enumerate(_LENGTHS):
            height = ((FINGERS - 1) / 2 - i) * _SPREAD * self.size
            tip = min(_FIRST + length / (radius + self.finger), _MOST)
            curl = np.linspace(_FIRST, tip, _KNUCKLES)
            finger = self._arc(radius + self.finger, curl, height, aperture)
            root = np.array([radius + 0.05, 0.0, 0.6 * height])
            chains += [finger, self._metacarpal(root, finger[:, 0])]
        tip = _THUMB_ROOT + _THUMB / (radius + 1.15 * self.finger)
        curl = -np.linspace(_THUMB_ROOT, tip, 3)
        thumb = self._arc(radius + 1.15 * self.finger, curl, 0.6 * _SPREAD, aperture)
        root = np.array([radius + 0.04, -0.012 * self.side, 0.0])
        chains += [self._metacarpal(root, thumb[:, 0]), thumb]
        starts, ends = (
            np.concatenate([chain[:, part] for chain in chains], axis=1)
            for part in (slice(None, -1), slice(1, None))
        )
        return starts, ends

    def arm(
        self,
        radius: float,
        hand: Float[np.ndarray, "n 3"],
        rotation: Float[np.ndarray, "n 3 3"],
    ) -> tuple[Float[np.ndarray, "n 2 3"], Float[np.ndarray, "n 2 3"]]:
        """Ends of forearm and sleeve in the world [m], of a hand at these poses."""
        wrist = hand + rotation @ [radius + 0.065, 0.0, 0.0]
        root = hand + rotation @ [radius + 0.045, 0.0, 0.0]
        away = np.array(self.elbow) * [self.side, 1, 1] - wrist
        away /= np.linalg.norm(away, axis=-1, keepdims=True)
        cuff = wrist + self.sleeve * away
        end = wrist + _FOREARM * away
        return np.stack([root, cuff], axis=1), np.stack([cuff + 0.02 * away, end], axis=1)

    def _metacarpal(
        self, root: Float[np.ndarray, "3"], knuckle: Float[np.ndarray, "n 3"]
    ) -> Float[np.ndarray, "n 2 3"]:
        """A bone of the palm, which is thicker than a finger and keeps as clear of the cup."""
        distance = np.linalg.norm(knuckle[:, :2], axis=-1, keepdims=True)
        outward = np.concatenate([knuckle[:, :2] / distance, np.zeros_like(distance)], axis=-1)
        end = knuckle + (self.palm - self.finger) * outward
        return np.stack(np.broadcast_arrays(root, end), axis=1)

    def _arc(
        self,
        radius: float,
        curl: Float[np.ndarray, " k"],
        height: float,
        aperture: Float[np.ndarray, " n"],
    ) -> Float[np.ndarray, "n k 3"]:
        """Knuckles of a finger: around the cup when closed, on a wider, flatter arc when open."""
        opened = aperture[:, None]
        wide = radius * (1 + 0.9 * opened)
        angle = self.side * curl * (1 - 0.5 * opened)
        x = wide * np.cos(angle) - (wide - radius) * np.cos(curl[0])
        z = np.broadcast_to(height * (1 + 0.1 * opened), x.shape)
        return np.stack([x, wide * np.sin(angle), z], axis=-1)
