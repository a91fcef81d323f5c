"""Depth image -> point cloud -> orthographic heightmap, for the simulated and for real cameras.

Camera frames follow OpenCV: x right, y down, z forward. `T_world_camera` maps camera points into
the world.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

import cv2
import numpy as np
from jaxtyping import Float
from tyro.conf import Suppress

from saccade.checks import check_least, check_most, check_positive, check_shares, check_sizes
from saccade.errors import UserInputError
from saccade.worlds.heightmap import Heightmap
from saccade.worlds.workspace import FARTHEST, Workspace

MAX_HEIGHT = 0.35
"""Largest height of an object above the table [m]; higher points are the arm, a hand, noise."""
SURFACE = 0.002
"""Largest height that is still the table [m]."""
MOST_PIXELS = 4096
"""Most pixels of a side of a simulated image."""
SHORTEST, LONGEST = 1e-3, 1e6
"""Least focal length, and largest focal length or principal point [pixels]."""
MILLIMETRES_ABOVE = 100.0
"""Median above which a depth image is taken for millimetres given as metres."""


@dataclass(frozen=True)
class Intrinsics:
    """A pinhole camera without distortion [pixels]."""

    fx: float
    fy: float
    cx: float
    cy: float

    def __post_init__(self) -> None:
        values = (self.fx, self.fy, self.cx, self.cy)
        if not all(abs(v) <= LONGEST for v in values) or min(self.fx, self.fy) < SHORTEST:
            raise UserInputError(
                f"camera intrinsics fx, fy, cx, cy are {values}; expected pixels, finite, fx and "
                "fy > 0"
            )


@dataclass(frozen=True)
class Camera:
    """The depth camera of the published scene: at (-0.5, 0.5, 1.2), 45 degrees down along -y.

    Attributes:
        position: Optical centre in the world [m].
        pitch: Angle below the horizontal [rad].
        width: Columns [pixels].
        height: Rows [pixels].
        focal: Focal length [pixels], principal point at the image's centre.
        near: Nearest depth that is measured [m].
        far: Farthest depth that is measured [m].
        noise: Standard deviation of Gaussian depth noise [m].
        holes: Fraction of pixels without a measurement.
    """

    position: tuple[float, float, float] = (-0.5, 0.5, 1.2)
    pitch: float = math.pi / 4
    width: int = 640
    height: int = 480
    focal: float = 618.62
    near: Annotated[float, Suppress] = 0.01
    far: Annotated[float, Suppress] = 10.0
    noise: float = 0.0
    holes: float = 0.0

    def __post_init__(self) -> None:
        check_sizes(self, "width", "height", prefix="camera ", most=MOST_PIXELS)
        check_positive(self, "focal", "near", prefix="camera ")
        check_most(self, {"focal": LONGEST}, prefix="camera ")
        check_shares(self, "holes", prefix="camera ")
        check_least(self, {"noise": 0, "far": self.near})
        if not all(abs(v) <= FARTHEST for v in (*self.position, self.pitch)):
            raise UserInputError(
                f"camera position {self.position} and pitch {self.pitch}; expected metres within "
                "10 km and radians"
            )

    @property
    def fovy(self) -> float:
        """Vertical field of view [rad]."""
        return 2 * math.atan(self.height / (2 * self.focal))

    @property
    def intrinsics(self) -> Intrinsics:
        """Pinhole parameters [pixels]."""
        return Intrinsics(self.focal, self.focal, (self.width - 1) / 2, (self.height - 1) / 2)

    @cached_property
    def T_world_camera(self) -> Float[np.ndarray, "4 4"]:
        """Pose of the OpenCV camera frame in the world."""
        c, s = math.cos(self.pitch), math.sin(self.pitch)
        right, down, forward = (-1.0, 0.0, 0.0), (0.0, s, -c), (0.0, -c, -s)
        pose = np.eye(4)
        pose[:3, 0], pose[:3, 1], pose[:3, 2] = right, down, forward
        pose[:3, 3] = self.position
        return pose

    @property
    def quaternion(self) -> list[float]:
        """Orientation (w, x, y, z) of MuJoCo's camera frame (x right, y up, z backward)."""
        # A rotation by pi about z, then by (pi / 2 - pitch) about the camera's x.
        half = (math.pi / 2 - self.pitch) / 2
        return [0.0, 0.0, math.sin(half), math.cos(half)]


def points_from_depth(
    depth: Float[np.ndarray, "h w"],
    intrinsics: Intrinsics,
    T_world_camera: Float[np.ndarray, "4 4"],
) -> Float[np.ndarray, "h w 3"]:
    """World points [m] of every pixel of a depth image [m along the optical axis]."""
    return np.stack([_coordinate(depth, intrinsics, T_world_camera, i) for i in range(3)], axis=-1)


def pixels_from_points(
    points: Float[np.ndarray, "n 3"],
    intrinsics: Intrinsics,
    T_world_camera: Float[np.ndarray, "4 4"],
) -> Float[np.ndarray, "n 2"]:
    """Pixels (column x, row y) of world points [m], not rounded; NaN of points behind the camera.

    The centre of the top left pixel is (0, 0); pixels off the image are given as they are.
    """
    x, y, z = ((points - T_world_camera[:3, 3]) @ T_world_camera[:3, :3]).T
    z = np.where(z > 0, z, np.nan)
    return np.stack(
        [intrinsics.fx * x / z + intrinsics.cx, intrinsics.fy * y / z + intrinsics.cy], axis=-1
    )


def _coordinate(
    depth: np.ndarray, intrinsics: Intrinsics, T_world_camera: np.ndarray, axis: int
) -> Float[np.ndarray, "h w"]:
    """One world coordinate [m] of every pixel."""
    h, w = depth.shape
    r = np.asarray(T_world_camera, dtype=np.float32)[axis]
    across = (np.arange(w, dtype=np.float32) - np.float32(intrinsics.cx)) * (r[0] / intrinsics.fx)
    down = (np.arange(h, dtype=np.float32) - np.float32(intrinsics.cy)) * (r[1] / intrinsics.fy)
    ray = across.astype(np.float32)[None, :] + (down + r[2]).astype(np.float32)[:, None]
    return depth * ray + r[3]


def heightmap_from_depth(
    depth: np.ndarray,
    intrinsics: Intrinsics,
    T_world_camera: np.ndarray,
    workspace: Workspace | None = None,
    close_gaps: bool = True,
) -> Float[Heightmap, "rows cols"]:
    """Project a depth image onto the table: the highest point of each 2 mm cell.

    Args:
        depth: Depth along the optical axis (h, w) [m]; 0 or NaN where nothing was measured.
        intrinsics: The camera's pinhole parameters [pixels].
        T_world_camera: Pose of the camera (OpenCV frame) in the world, (4, 4) [m].
        workspace: The square of the table to map.
        close_gaps: Fill gaps of one cell between measured neighbours, which a 640 x 480 camera
            leaves on far surfaces. Occlusion shadows stay.

    Returns:
        Heights above the table [m], float32; 0 on the table and where nothing was seen. They know
        their workspace: a push that a policy chooses on them is in the same world.

    Raises:
        UserInputError: The depth has a wrong shape or dtype, is infinite or in millimetres, the
            pose is none, or the camera does not see the table.
    """
    workspace = workspace or Workspace()
    depth = check_depth(depth)
    pose = check_pose(T_world_camera)
    _check_sees_table(depth, intrinsics, pose, workspace)
    height = _coordinate(depth, intrinsics, pose, 2) - np.float32(workspace.table_height)
    # Most pixels show the table or the floor: only the others are projected.
    v, u = np.nonzero((height > SURFACE) & (height < MAX_HEIGHT) & (depth > 0))
    ray = np.stack([(u - intrinsics.cx) / intrinsics.fx, (v - intrinsics.cy) / intrinsics.fy])
    points = pose[:2, :2] @ ray + pose[:2, 2:3]
    x, y = points * depth[v, u] + pose[:2, 3:4]
    rows, cols = workspace.shape
    row = np.rint((y - workspace.y_min) / workspace.pixel).astype(np.int64)
    col = np.rint((x - workspace.x_min) / workspace.pixel).astype(np.int64)
    on = (row >= 0) & (row < rows) & (col >= 0) & (col < cols)
    heightmap = np.zeros(rows * cols, np.float32)
    np.maximum.at(heightmap, row[on] * cols + col[on], height[v[on], u[on]])
    heightmap = heightmap.reshape(rows, cols)
    if close_gaps:
        heightmap = cv2.morphologyEx(heightmap, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    return Heightmap(heightmap, workspace)


def _check_sees_table(
    depth: np.ndarray, intrinsics: Intrinsics, pose: np.ndarray, workspace: Workspace
) -> None:
    """Refuse a view of which no pixel falls near the workspace."""
    # Every 8th pixel nearly always suffices; a sparse image is looked at whole.
    if any(_falls_on_table(depth, intrinsics, pose, workspace, step) for step in (8, 1)):
        return
    ws, (cx, cy, cz) = workspace, pose[:3, 3]
    raise UserInputError(
        f"the camera at ({cx:.2f}, {cy:.2f}, {cz:.2f}) m does not see the table: no depth "
        f"pixel falls on x {ws.x_min:.3f} to {ws.x_min + ws.size:.3f}, y {ws.y_min:.3f} to "
        f"{ws.y_min + ws.size:.3f}, z {ws.table_height:.2f} m; expected T_world_camera in "
        "OpenCV's convention (x right, y down, z forward)"
    )


def _falls_on_table(
    depth: np.ndarray, intrinsics: Intrinsics, pose: np.ndarray, workspace: Workspace, step: int
) -> bool:
    """Whether any of every `step`-th pixel lies on the workspace, or as high as objects can."""
    i = intrinsics
    coarse = Intrinsics(i.fx / step, i.fy / step, i.cx / step, i.cy / step)
    some = depth[::step, ::step]
    x, y, z = points_from_depth(some, coarse, pose)[some > 0].T
    ws, margin = workspace, 0.05
    over = (x > ws.x_min) & (x < ws.x_min + ws.size) & (y > ws.y_min) & (y < ws.y_min + ws.size)
    near = (z > ws.table_height - margin) & (z < ws.table_height + MAX_HEIGHT)
    return bool((over & near).any())


def check_depth(depth: np.ndarray) -> Float[np.ndarray, "h w"]:
    """The depth [m] as float32, 0 where nothing was measured.

    Raises:
        UserInputError: It has a wrong shape or dtype, is infinite, empty or in millimetres.
    """
    if not isinstance(depth, np.ndarray) or depth.ndim != 2:
        given = getattr(depth, "shape", type(depth).__name__)
        raise UserInputError(f"depth image has shape {given}; expected (height, width)")
    if isinstance(depth, np.ma.MaskedArray):
        raise UserInputError(
            f"depth image is a masked array ({np.ma.count_masked(depth)} values masked); expected "
            "an array with 0 or NaN where nothing was measured: depth.filled(0)"
        )
    if not np.issubdtype(depth.dtype, np.floating):
        raise UserInputError(
            f"depth image has dtype {depth.dtype}; expected floating point metres "
            "(divide a 16-bit image in millimetres by 1000)"
        )
    if np.isinf(depth).any():
        raise UserInputError(
            f"depth image holds {int(np.isinf(depth).sum())} infinite values; expected metres, "
            "with 0 or NaN where nothing was measured"
        )
    depth = np.nan_to_num(depth.astype(np.float32, copy=False), nan=0.0)
    some = depth[::8, ::8]
    measured = some[some > 0]
    if measured.size == 0:
        measured = depth[depth > 0]
    if measured.size == 0:
        raise UserInputError("depth image holds no measurement; expected metres greater than 0")
    if np.median(measured) > MILLIMETRES_ABOVE:
        raise UserInputError(
            f"depth image has a median of {np.median(measured):.0f}, which looks like millimetres; "
            "expected metres"
        )
    return depth


def check_pose(pose: np.ndarray) -> Float[np.ndarray, "4 4"]:
    """The pose as float64.

    Raises:
        UserInputError: It is no rigid motion.
    """
    try:
        pose = np.asarray(pose, dtype=float)
    except (TypeError, ValueError) as error:
        raise UserInputError("T_world_camera holds no numbers; expected a (4, 4) array") from error
    if pose.shape != (4, 4):
        raise UserInputError(f"T_world_camera has shape {pose.shape}; expected (4, 4)")
    if not (np.abs(pose) <= FARTHEST).all():
        raise UserInputError(
            "T_world_camera holds NaN or infinite values, or beyond 10 km; expected finite metres"
        )
    rotation = pose[:3, :3]
    if not np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-3) or np.linalg.det(rotation) < 0:
        raise UserInputError(
            "T_world_camera's upper left 3 x 3 is no rotation; expected orthonormal columns with "
            "determinant +1 (x right, y down, z forward)"
        )
    if not np.allclose(pose[3], (0, 0, 0, 1)):
        raise UserInputError(f"T_world_camera's last row is {pose[3]}; expected [0, 0, 0, 1]")
    return pose


def add_sensor_noise(
    depth: Float[np.ndarray, "h w"], camera: Camera, rng: np.random.Generator
) -> Float[np.ndarray, "h w"]:
    """Depth [m] with Gaussian noise and missing pixels (as 0), as the camera's settings say."""
    noisy = depth.copy()
    if camera.noise > 0:
        noisy += rng.normal(0.0, camera.noise, depth.shape).astype(depth.dtype)
    if camera.holes > 0:
        noisy[rng.random(depth.shape) < camera.holes] = 0.0
    return noisy


def looking_at(eye: Float[np.ndarray, "3"], target: Float[np.ndarray, "3"]) -> list[float]:
    """MuJoCo's `xyaxes` (x right, y up) of an upright camera at `eye` that looks at `target`."""
    forward = target - eye
    right = np.cross(forward, [0.0, 0.0, 1.0])
    up = np.cross(right, forward)
    return [*(right / np.linalg.norm(right)), *(up / np.linalg.norm(up))]
