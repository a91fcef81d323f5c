"""Poses: where a thing is and how it is turned, composed with `@`.

lid = state.pose("lid")
lid @ Pose.at(z=0.02)                 # 2 cm above the lid, along the lid's own z
Pose.at(*lid.position) @ TOP_DOWN     # a hand at the lid that points down, fingers along y
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

Vector = tuple[float, float, float]


@dataclass(frozen=True)
class Pose:
    """Pose of a frame in another, usually in the world.

    Attributes:
        position: Origin of the frame [m].
        quaternion: Orientation (w, x, y, z), of length one.
    """

    position: Vector = (0.0, 0.0, 0.0)
    quaternion: tuple[float, float, float, float] = (1.0, 0.0, 0.0, 0.0)

    @classmethod
    def at(
        cls,
        x: float = 0.0,
        y: float = 0.0,
        z: float = 0.0,
        yaw: float = 0.0,
        pitch: float = 0.0,
        roll: float = 0.0,
    ) -> Pose:
        """Pose at a position [m], turned about x, then y, then z by roll, pitch and yaw [rad]."""
        turn = cls()
        for axis, angle in (((0, 0, 1), yaw), ((0, 1, 0), pitch), ((1, 0, 0), roll)):
            x_axis, y_axis, z_axis = (math.sin(angle / 2) * share for share in axis)
            turn = turn @ cls(quaternion=(math.cos(angle / 2), x_axis, y_axis, z_axis))
        return cls((float(x), float(y), float(z)), turn.quaternion)

    @classmethod
    def from_array(cls, values: Float[np.ndarray, "7"]) -> Pose:
        """Pose of position [m] and quaternion (w, x, y, z) in one array."""
        x, y, z, w, i, j, k = (float(v) for v in values)
        return cls((x, y, z), (w, i, j, k))

    def array(self) -> Float[np.ndarray, "7"]:
        """Position [m] and quaternion (w, x, y, z) in one array."""
        return np.array((*self.position, *self.quaternion))

    def __matmul__(self, inner: Pose) -> Pose:
        """Pose, in this pose's parent, of what is at `inner` in this frame."""
        a, b, c, d = self.quaternion
        w, x, y, z = inner.quaternion
        product = (
            a * w - b * x - c * y - d * z,
            a * x + b * w + c * z - d * y,
            a * y - b * z + c * w + d * x,
            a * z + b * y - c * x + d * w,
        )
        return Pose(self.apply(inner.position), product)

    def inverse(self) -> Pose:
        """Pose of the parent in this frame."""
        w, x, y, z = self.quaternion
        back = Pose(quaternion=(w, -x, -y, -z))
        px, py, pz = self.position
        return Pose(back.apply((-px, -py, -pz)), back.quaternion)

    def apply(self, point: Vector) -> Vector:
        """Point [m] in the parent of a point [m] in this frame."""
        w, x, y, z = self.quaternion
        px, py, pz = point
        tx, ty, tz = 2 * (y * pz - z * py), 2 * (z * px - x * pz), 2 * (x * py - y * px)
        ox, oy, oz = self.position
        return (
            ox + px + w * tx + y * tz - z * ty,
            oy + py + w * ty + z * tx - x * tz,
            oz + pz + w * tz + x * ty - y * tx,
        )

    def locate(self, point: Vector) -> Vector:
        """Point [m] in this frame of a point [m] in the parent."""
        return self.inverse().apply(point)

    def shifted(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Pose:
        """The same orientation, moved along the parent's axes [m]."""
        px, py, pz = self.position
        return Pose((px + x, py + y, pz + z), self.quaternion)

    @property
    def x(self) -> float:
        """First coordinate [m]."""
        return self.position[0]

    @property
    def y(self) -> float:
        """Second coordinate [m]."""
        return self.position[1]

    @property
    def z(self) -> float:
        """Height [m]."""
        return self.position[2]

    @property
    def yaw(self) -> float:
        """Angle of this frame's x axis in the parent's (x, y) plane [rad]."""
        w, x, y, z = self.quaternion
        return math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))

    @property
    def tilt(self) -> float:
        """Angle between this frame's z axis and the parent's [rad]."""
        _, x, y, _ = self.quaternion
        return math.acos(max(-1.0, min(1.0, 1 - 2 * (x * x + y * y))))

    def distance(self, other: Pose) -> float:
        """Distance between two origins [m]."""
        return math.dist(self.position, other.position)


ORIGIN = Pose()
"""The parent frame itself."""
TOP_DOWN = Pose(quaternion=(0.0, 1.0, 0.0, 0.0))
"""Hand that points straight down with its x axis forward; its fingers close along the world's y."""


def top_down(x: float, y: float, z: float, yaw: float = 0.0) -> Pose:
    """Tip pose of a hand that points straight down.

    Args:
        x: First coordinate of the tip [m].
        y: Second coordinate [m].
        z: Height [m].
        yaw: Turn about the vertical [rad]; at 0 the fingers close along y. A hand looks the same
            after half a turn: the angle is taken modulo pi, within a quarter turn of 0.
    """
    half_turn = (yaw + math.pi / 2) % math.pi - math.pi / 2
    return Pose.at(x, y, z, yaw=half_turn) @ TOP_DOWN
