"""Demonstrations of an arm: what one episode looked like, and where the arm was.

demonstration = Demonstration("take_lid_off_saucepan", seed, success, intrinsics,
                              T_world_camera, image_frames, rgb, depth, times, tip_poses,
                              gripper_open, finger_positions, joint_positions, joint_velocities)
observation = demonstration.observation(0)      # at a frame that has an image
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Self

import numpy as np
from jaxtyping import Float, Int, UInt8

from saccade.data.episode_folder import EpisodeFolder
from saccade.errors import DamagedFileError, UserInputError
from saccade.installation import VERSION
from saccade.storage.array_files import LONGEST_TEXT, ArraySpec, Sizes, read_npz
from saccade.storage.files import storage_errors, whole_file
from saccade.worlds.cameras import Intrinsics, check_pose
from saccade.worlds.rgbd import (
    Observation,
    Proprioception,
    RgbdView,
    check_principal_point,
    check_unit,
)
from saccade.worlds.workspace import FARTHEST

DEEPEST = 100.0
"""Largest depth [m]: more than any depth camera measures, far less than float16 holds."""
SPECS = {
    "times": ArraySpec("float64", "n", low=-FARTHEST, high=1e9),
    "tip_poses": ArraySpec("float32", "n 7", low=-FARTHEST, high=FARTHEST),
    "gripper_open": ArraySpec("float32", "n", low=0, high=1),
    "finger_positions": ArraySpec("float32", "n 2", low=-1, high=1),
    "joint_positions": ArraySpec("float32", "n joints", low=-FARTHEST, high=FARTHEST),
    "joint_velocities": ArraySpec("float32", "n joints", low=-FARTHEST, high=FARTHEST),
    "image_frames": ArraySpec("int64", "k", low=0),
    "depth": ArraySpec("float16", "k h w", low=0, high=DEEPEST),
    "rgb": ArraySpec("uint8", "k h w 3"),
}
"""Arrays of a demonstration: n control frames, k of them with an image of h x w pixels."""

_FACTS = {
    "task": ArraySpec("str", "1"),
    "seed": ArraySpec("int64", "1"),
    "success": ArraySpec("bool", "1"),
    "intrinsics": ArraySpec("float64", "4"),
    "T_world_camera": ArraySpec("float64", "4 4", low=-FARTHEST, high=FARTHEST),
}
"""What else is in an episode's file."""
MOST = {"n": 200_000, "k": 50_000, "h": 4096, "w": 4096, "joints": 100}
"""Largest numbers of frames, of images and their sides, and of joints."""
MOST_BYTES = 1 << 29
"""Most bytes of an array: 5,000 colour images of 128 x 128 pixels are half of it."""


@dataclass(frozen=True, eq=False)
class Demonstration:
    """One episode: n control frames, k with an image. Arrays are converted to the types of SPECS.

    Attributes:
        task: Name of the task.
        seed: Seed that the episode was made with.
        success: Whether the task was done in the end.
        intrinsics: The camera's pinhole parameters [pixels].
        T_world_camera: Pose of the camera (OpenCV frame) in the world, (4, 4) [m].
        image_frames: Frames that have an image, ascending; the first is 0 (k).
        rgb: Colours of these frames (k, h, w, 3).
        depth: Depths of these frames along the optical axis (k, h, w) [m]; 0 where nothing was
            measured.
        times: Time of each frame, ascending (n) [s].
        tip_poses: Position [m] and unit quaternion (w, x, y, z) of the tip in the world (n, 7).
        gripper_open: Opening of the gripper as a share of its widest (n).
        finger_positions: How far each of two fingers is from closed (n, 2) [m].
        joint_positions: Angles of the arm's joints (n, joints) [rad].
        joint_velocities: Speeds of the same joints (n, joints) [rad/s].

    Raises:
        UserInputError: An array has another shape, or a value is impossible.
    """

    task: str
    seed: int
    success: bool
    intrinsics: Intrinsics
    T_world_camera: Float[np.ndarray, "4 4"]
    image_frames: Int[np.ndarray, " k"]
    rgb: UInt8[np.ndarray, "k h w 3"]
    depth: Float[np.ndarray, "k h w"]
    times: Float[np.ndarray, " n"]
    tip_poses: Float[np.ndarray, "n 7"]
    gripper_open: Float[np.ndarray, " n"]
    finger_positions: Float[np.ndarray, "n 2"]
    joint_positions: Float[np.ndarray, "n j"]
    joint_velocities: Float[np.ndarray, "n j"]

    def __post_init__(self) -> None:
        if not self.task or len(self.task) > LONGEST_TEXT or not -(2**63) <= self.seed < 2**63:
            raise UserInputError(
                f"a demonstration of task '{self.task[:30]}' and seed {self.seed}; expected a name "
                f"of 1 to {LONGEST_TEXT} letters and a seed of 64 bits"
            )
        sizes: Sizes = {}
        for name, spec in SPECS.items():
            object.__setattr__(self, name, self._checked(name, spec, sizes))
        object.__setattr__(self, "T_world_camera", check_pose(self.T_world_camera))
        try:
            self._check_frames()
            check_principal_point(self.intrinsics, sizes["w"], sizes["h"])
            check_unit(self.tip_poses[:, 3:], "tip_poses")
        except UserInputError as error:
            raise UserInputError(f"demonstration {self.seed} of {self.task}: {error}") from error

    def _checked(self, name: str, spec: ArraySpec, sizes: Sizes) -> np.ndarray:
        """The array of its declared type, after a look at its shape and values."""
        try:
            with np.errstate(over="ignore"):  # too large for the type: said below
                given = np.asarray(getattr(self, name))
                array = given.astype(spec.dtype, casting="same_kind", copy=False)
            spec.check_header(array.shape, array.dtype, sizes)
            spec.check_values(array)
        except (TypeError, ValueError) as error:
            raise UserInputError(
                f"{name} of demonstration {self.seed} of {self.task}: {error}"
            ) from error
        return array

    def _check_frames(self) -> None:
        if len(self.times) == 0 or (np.diff(self.times) <= 0).any():
            raise UserInputError("its times do not ascend; expected one or more, ascending")
        frames = self.image_frames
        if len(frames) == 0 or frames[0] != 0 or (np.diff(frames) <= 0).any():
            raise UserInputError("its image_frames do not ascend from 0; expected [0, ...]")
        if frames[-1] >= len(self):
            raise UserInputError(
                f"it has an image of frame {frames[-1]} and {len(self)} frames; expected an image "
                f"of frames 0 to {len(self) - 1}"
            )

    def __len__(self) -> int:
        return len(self.times)

    def view(self, frame: int) -> RgbdView:
        """What the camera saw at a frame that has an image.

        Raises:
            UserInputError: The frame has none.
        """
        index = int(np.searchsorted(self.image_frames, frame))
        if index == len(self.image_frames) or self.image_frames[index] != frame:
            raise UserInputError(
                f"demonstration {self.seed} of {self.task} has no image of frame {frame}; it has "
                f"{len(self.image_frames)}, of frames {_listed(self.image_frames)}"
            )
        depth = self.depth[index].astype(np.float32)
        return RgbdView(self.rgb[index], depth, self.intrinsics, self.T_world_camera)

    def proprioception(self, frame: int) -> Proprioception:
        """What the arm knew of itself at a frame."""
        return Proprioception(
            self.tip_poses[frame],
            float(self.gripper_open[frame]),
            self.finger_positions[frame],
            self.joint_positions[frame],
            self.joint_velocities[frame],
        )

    def observation(self, frame: int) -> Observation:
        """What was seen and known at a frame that has an image.

        Raises:
            UserInputError: The frame has none.
        """
        return Observation(self.view(frame), self.proprioception(frame))


def _listed(frames: np.ndarray) -> str:
    """The first frames, as a text."""
    return ", ".join(str(frame) for frame in frames[:20]) + (", ..." if len(frames) > 20 else "")


def save_demonstration(path: Path, demonstration: Demonstration) -> None:
    """Write one episode atomically.

    Raises:
        StorageError: The disk is full or read-only; earlier episodes stay intact.
    """
    camera = demonstration.intrinsics
    facts = {
        "task": np.array([demonstration.task]),
        "seed": np.array([demonstration.seed], np.int64),
        "success": np.array([demonstration.success]),
        "intrinsics": np.array([camera.fx, camera.fy, camera.cx, camera.cy]),
        "T_world_camera": demonstration.T_world_camera,
    }
    arrays = {name: getattr(demonstration, name) for name in SPECS}
    with storage_errors(path), whole_file(path) as file:
        np.savez_compressed(file, **facts, **arrays)


def load_demonstration(path: Path) -> Demonstration:
    """Read one episode.

    Raises:
        DamagedFileError: The file cannot be read as a demonstration.
    """
    arrays = read_npz(path, {**_FACTS, **SPECS}, MOST, MOST_BYTES)
    try:
        return Demonstration(
            str(arrays["task"][0]),
            int(arrays["seed"][0]),
            bool(arrays["success"][0]),
            Intrinsics(*arrays["intrinsics"].tolist()),
            arrays["T_world_camera"],
            **{name: arrays[name] for name in SPECS},
        )
    except UserInputError as error:
        raise DamagedFileError(f"{path} is a damaged demonstration: {error}") from error


class DemonstrationDataset(EpisodeFolder):
    """A folder of recorded demonstrations of one task.

    Args:
        folder: Folder with dataset.json.

    Raises:
        DamagedFileError: The folder is no dataset of demonstrations.
    """

    FORMAT = "saccade-demonstrations-1"
    KIND = "demonstration"
    NOT_COMPARED = ("versions",)

    @classmethod
    def create(cls, folder: Path, facts: Mapping[str, Any]) -> Self:
        """Start or continue a dataset; continuing with other facts is refused.

        Args:
            folder: Its folder, new or one to go on with.
            facts: How it is made: task, seed, camera and other settings. The versions of what
                makes it are noted beside them.
        """
        return super().create(folder, {**facts, "versions": _versions()})

    def __iter__(self) -> Iterator[Demonstration]:
        return (load_demonstration(path) for path in self.paths())

    def successes(self) -> Iterator[Demonstration]:
        """Demonstrations that did the task, in order."""
        return (load_demonstration(path) for path in self.paths() if _succeeded(path))

    def failures(self) -> list[int]:
        """Indices of episodes that did not do the task."""
        return [int(p.stem.partition("_")[2]) for p in self.paths() if not _succeeded(p)]


def _succeeded(path: Path) -> bool:
    """Whether the episode of a file did the task; only that is read."""
    return bool(read_npz(path, {"success": _FACTS["success"]}, {})["success"][0])


def _versions() -> dict[str, str | None]:
    """Versions of what draws, moves and stores a demonstration; None where it is not installed."""
    return {"saccade": VERSION, **{name: _version(name) for name in ("mujoco", "numpy")}}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
