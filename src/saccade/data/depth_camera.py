"""A user's own camera and depth image, read from files with one clear line for every mistake.

camera.json holds the pinhole parameters and the camera's pose; and, where that differs from the
simulated scene, where the table is and what a unit of the depth image means:

    {"fx": 618.6, "fy": 618.6, "cx": 319.5, "cy": 239.5,
     "T_world_camera": [[-1, 0, 0, -0.5], ...],     4 x 4, OpenCV: x right, y down, z forward [m]
     "depth_scale": 0.001,                          metres a unit of an integer image
     "workspace": {"x_min": -0.724, "y_min": -0.224, "table_height": 0.7}}
"""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from reprlib import repr as brief
from typing import Any

import cv2
import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image

from saccade.data.tracking.frames import NO_PICTURE
from saccade.errors import DamagedFileError, UserInputError
from saccade.storage.array_files import read_npy
from saccade.storage.files import require_file
from saccade.storage.json_files import read_json
from saccade.worlds.cameras import Intrinsics, heightmap_from_depth
from saccade.worlds.workspace import Workspace

INTRINSICS = ("fx", "fy", "cx", "cy")
REQUIRED = (*INTRINSICS, "T_world_camera")
OPTIONAL = ("depth_scale", "workspace")
MILLIMETRE = 0.001
MOST_PIXELS = 20_000_000
"""Most pixels of a depth image: the finest industrial cameras have 5 million."""
MOST_BYTES = 8 * MOST_PIXELS + 1024
"""Most bytes of a file of depths: as many pixels, 8 bytes each, and a header."""


@dataclass(frozen=True)
class OwnCamera:
    """A camera file.

    Attributes:
        intrinsics: Pinhole parameters [pixels].
        T_world_camera: Pose of the camera (OpenCV frame) in the world, (4, 4) [m].
        depth_scale: Metres a unit of an integer depth image.
        workspace: The square of the table to map, in the same world.
    """

    intrinsics: Intrinsics
    T_world_camera: Float[np.ndarray, "4 4"]
    depth_scale: float = MILLIMETRE
    workspace: Workspace = Workspace()

    def heightmap(self, depth: Float[np.ndarray, "h w"]) -> Float[np.ndarray, "rows cols"]:
        """Heights above the table [m] that the camera's depth image [m] shows.

        Raises:
            UserInputError: The depth is refused by `heightmap_from_depth`, or the image is not this
                camera's.
        """
        if depth.ndim == 2:
            rows, cols = depth.shape
            camera = self.intrinsics
            if not (0 <= camera.cx < cols and 0 <= camera.cy < rows):
                raise UserInputError(
                    f"the principal point (cx {camera.cx:g}, cy {camera.cy:g}) lies outside the "
                    f"{cols} x {rows} depth image; expected the intrinsics of this very image size"
                )
        return heightmap_from_depth(depth, self.intrinsics, self.T_world_camera, self.workspace)


def read_camera(path: Path) -> OwnCamera:
    """Read a camera file.

    Raises:
        DamagedFileError: It is missing or not JSON.
        UserInputError: A field is missing, unknown or holds an impossible value.
    """
    document = read_json(path)
    if not isinstance(document, dict):
        raise DamagedFileError(f"{path} holds a {type(document).__name__}; expected an object")
    _check_names(document, path, REQUIRED, OPTIONAL)
    values = [_number(document, name, path) for name in INTRINSICS]
    scale = _number({"depth_scale": MILLIMETRE, **document}, "depth_scale", path)
    if not 0 < scale <= 1:
        raise UserInputError(
            f"{path}: depth_scale is {scale:g}; expected metres a unit, such as 0.001"
        )
    workspace = _workspace(document.get("workspace", {}), path)
    return OwnCamera(Intrinsics(*values), _pose(document["T_world_camera"], path), scale, workspace)


def read_depth(path: Path, depth_scale: float) -> np.ndarray:
    """Read a depth image: integers of `depth_scale` metres (16-bit PNG), or .npy of metres.

    What a .npy holds is returned as it is; `OwnCamera.heightmap` refuses what is no depth image.

    Raises:
        DamagedFileError: It is missing or cannot be read.
        UserInputError: It is an 8-bit or colour image.
    """
    if path.suffix.lower() == ".npy":
        return read_array(path)
    require_file(path, MOST_BYTES)
    # Not imread, which crashes on a name whose bytes are no text.
    data = np.fromfile(path, np.uint8)
    image = _decoded(path, data)
    if image is None:
        raise DamagedFileError(f"{path} cannot be read; expected a 16-bit PNG or a .npy file")
    if image.ndim != 2 or image.dtype == np.uint8:
        channels = image.shape[2] if image.ndim == 3 else 1
        raise UserInputError(
            f"{path} has {channels} channel(s) of {image.dtype}; expected one channel of 16-bit "
            "depth (a colour or 8-bit picture has lost it)"
        )
    if np.issubdtype(image.dtype, np.floating):
        return image
    return image.astype(np.float32) * np.float32(depth_scale)


def read_colours(path: Path) -> UInt8[np.ndarray, "h w 3"]:
    """Read a colour picture as RGB.

    Raises:
        DamagedFileError: It is missing or cannot be read.
        UserInputError: It has no colours of 8 bits.
    """
    require_file(path, MOST_BYTES)
    image = _decoded(path, np.fromfile(path, np.uint8))
    if image is None:
        raise DamagedFileError(f"{path} cannot be read; expected a PNG or another picture")
    if image.dtype != np.uint8 or image.ndim != 3:
        raise UserInputError(
            f"{path} has {image.shape[2] if image.ndim == 3 else 1} channel(s) of {image.dtype}; "
            "expected three of uint8"
        )
    return np.ascontiguousarray(image[..., 2::-1])


def read_array(path: Path) -> np.ndarray:
    """Read a .npy file; nothing in it is unpickled.

    Raises:
        DamagedFileError: It is missing or no such file.
    """
    return read_npy(path, MOST_BYTES)


def _decoded(path: Path, data: np.ndarray) -> np.ndarray | None:
    """A picture's pixels; None where the bytes are none.

    Raises:
        DamagedFileError: The header says that the picture is larger than any camera's; none of it
            is decoded then.
    """
    try:
        with (
            warnings.catch_warnings(action="ignore"),  # of sizes and of damaged notes beside it
            Image.open(io.BytesIO(data.tobytes())) as picture,
        ):
            width, height = picture.size
            if width * height > MOST_PIXELS:
                raise DamagedFileError(
                    f"{path} is {width} x {height} pixels; expected a depth image of at most "
                    f"{MOST_PIXELS:,}"
                )
            picture.verify()  # OpenCV prints what ails a file, and takes it all the same
        return cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    except (*NO_PICTURE, cv2.error):
        return None


def _check_names(
    document: Mapping[str, Any], path: Path, required: tuple[str, ...], optional: tuple[str, ...]
) -> None:
    missing = [name for name in required if name not in document]
    unknown = [name for name in document if name not in (*required, *optional)]
    if missing or unknown:
        named = ", ".join(name[:30] for name in (missing or unknown)[:5])
        problem = f"lacks {named}" if missing else f"has unknown {named}"
        raise UserInputError(
            f"{path} {problem}; expected {', '.join(required) or 'any of'} "
            f"{'and, if wanted, ' if required else ''}{', '.join(optional)}"
        )


def _number(document: Mapping[str, Any], name: str, path: Path) -> float:
    value = document[name]
    try:
        number = float(value) if type(value) in (int, float) else math.nan
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise UserInputError(f"{path}: {name} is {brief(value)}; expected a finite number")
    return number


def _pose(value: Any, path: Path) -> Float[np.ndarray, "4 4"]:
    try:
        pose = np.array(value, dtype=float)
    except (TypeError, ValueError, OverflowError):
        pose = np.zeros(0)
    if pose.shape != (4, 4):
        raise UserInputError(
            f"{path}: T_world_camera is {brief(value)}; expected 4 rows of 4 numbers"
        )
    return pose


def _workspace(value: Any, path: Path) -> Workspace:
    """The table's square; its size is what the networks were trained on."""
    if not isinstance(value, dict):
        raise UserInputError(f"{path}: workspace is {brief(value)}; expected an object")
    usual = Workspace()
    names = tuple(field.name for field in fields(Workspace))
    _check_names(value, path, (), names)
    given = {name: _number(value, name, path) for name in value}
    for name, trained in (("size", usual.size), ("pixel", usual.pixel)):
        if given.get(name, trained) != trained:
            raise UserInputError(
                f"{path}: workspace {name} is {given[name]:g}; expected {trained:g} m, as the "
                "networks were trained"
            )
    return Workspace(**given)
