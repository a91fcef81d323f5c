"""Demonstrations of RLBench, read from its datasets without CoppeliaSim.

    for demonstration in read_rlbench(Path("data"), "take_lid_off_saucepan"):
        rows = augment(discover_keyframes(demonstration.joint_velocities,
                                          demonstration.gripper_open,
                                          demonstration.tip_poses), len(demonstration))

A dataset lies in ROOT/TASK/variation0/episodes/episode0/{front_rgb,front_depth}/0.png and
low_dim_obs.pkl, or under all_variations/. The pickle is read as data: nothing in it is called.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Int, UInt8

from saccade.checks import check_choice, choice
from saccade.data.demonstrations import DEEPEST, MOST_BYTES, Demonstration
from saccade.data.inert_pickle import PickledObject, read_pickle
from saccade.data.keyframes import PUBLISHED_RULE, KeyframeRule, discover_keyframes
from saccade.data.pickled_arrays import ARRAY_NAMES, as_array
from saccade.data.projection import check_projection
from saccade.data.tracking.frames import read_image
from saccade.errors import DamagedFileError, UserInputError
from saccade.worlds.cameras import Intrinsics
from saccade.worlds.coppelia import camera_from_coppelia, pose_from_coppelia

CAMERAS = ("front", "left_shoulder", "right_shoulder", "overhead", "wrist")
STEP = 0.05
"""Time between two observations [s]."""
_DEMO, _OBSERVATION = "rlbench.demo.Demo", "rlbench.backend.observation.Observation"
_NAMES = frozenset((_DEMO, _OBSERVATION, *ARRAY_NAMES))
_LARGEST_DEPTH_CODE = (1 << 24) - 1
_STILL_WITHIN = 1e-3
"""Largest change of a matrix of a camera that stands [m, 1]."""
_NUMBERED = re.compile(r"\D*(\d{1,9})")
_LOW_DIM = {
    "gripper_pose": 7,
    "gripper_open": 0,
    "gripper_joint_positions": 2,
    "joint_positions": 0,
    "joint_velocities": 0,
}
"""What is read of an observation, and how many numbers it has; 0 for any number."""


def read_rlbench(
    root: Path,
    task: str,
    variation: int | None = None,
    camera: str = "front",
    every: int = 5,
    rule: KeyframeRule = PUBLISHED_RULE,
) -> Iterator[Demonstration]:
    """Demonstrations of a task in a dataset, one read at a time.

    Args:
        root: Folder of the dataset; the tasks are folders in it.
        task: Name of the task.
        variation: Number of the variation; None for all of them.
        camera: Camera whose images are read; it must stand.
        every: Frames from one image to the next; keyframes and the last have one too.
        rule: What makes a frame a keyframe.

    Raises:
        UserInputError: There is no such task or variation (the message lists what there is), or a
            demonstration has no keyframe.
        DamagedFileError: A file is missing, damaged, or no part of such a dataset.
    """
    for folder in rlbench_episodes(root, task, variation):
        yield read_rlbench_episode(folder, task, camera, every, rule)


def rlbench_episodes(root: Path, task: str, variation: int | None = None) -> list[Path]:
    """Folders of the episodes of a task, in order.

    Raises:
        UserInputError: There is no such task or variation; the message lists those that there are.
    """
    tasks = {path.parent.name for path in _folders(root, "*/*variation*")}
    if not tasks:
        raise UserInputError(f"{root} holds no TASK/variation0 or TASK/all_variations folder")
    choice("RLBench task", task, sorted(tasks))
    variations = {path.name: path for path in _numbered(root / task, "*variation*")}
    if variation is not None:
        name = f"variation{variation}"
        variations = {name: variations[choice("variation", name, variations)]}
    found = [e for path in variations.values() for e in _numbered(path / "episodes", "episode*")]
    if not found:
        raise UserInputError(f"{root / task} holds no episodes in {', '.join(variations)}")
    return found


def read_rlbench_episode(
    folder: Path,
    task: str,
    camera: str = "front",
    every: int = 5,
    rule: KeyframeRule = PUBLISHED_RULE,
) -> Demonstration:
    """One episode, from its folder; arguments and errors as for `read_rlbench`."""
    check_choice("camera", camera, CAMERAS)
    if every < 1:
        raise UserInputError(f"every is {every}; expected 1 or more")
    path = folder / "low_dim_obs.pkl"
    observations = _observations(path)
    try:
        low_dim = {name: _column(observations, name) for name in _LOW_DIM}
        lens, pose, near, far = _camera(observations, camera)
        is_open = low_dim["gripper_open"].reshape(len(observations))
        tip_poses = pose_from_coppelia(low_dim["gripper_pose"])
        keyframes = discover_keyframes(low_dim["joint_velocities"], is_open, tip_poses, rule)
        frames = np.union1d(np.arange(0, len(observations), every), keyframes)
        rgb, coded = (_images(folder, f"{camera}_{kind}", frames) for kind in ("rgb", "depth"))
        demonstration = Demonstration(
            task, _number(folder), True, lens, pose, frames, rgb,
            _metres(coded, near, far),
            STEP * np.arange(len(observations)), tip_poses, is_open,
            np.clip(low_dim["gripper_joint_positions"], 0, 1),
            low_dim["joint_positions"], low_dim["joint_velocities"],
        )  # fmt: skip
        check_projection(demonstration)
    except DamagedFileError:
        raise
    except (ValueError, UserInputError) as error:
        raise DamagedFileError(f"{path} cannot be used: {error}") from error
    return demonstration


def _observations(path: Path) -> Sequence[Mapping[str, Any]]:
    """States of the observations of an episode's pickle."""
    demo = read_pickle(path, _NAMES)
    state = demo.state if isinstance(demo, PickledObject) and demo.name == _DEMO else None
    items = state.get("_observations") if isinstance(state, dict) else None
    if not isinstance(items, list) or not items:
        raise DamagedFileError(f"{path} holds no {_DEMO} with observations")
    states = [
        item.state
        for item in items
        if isinstance(item, PickledObject)
        and item.name == _OBSERVATION
        and isinstance(item.state, dict)
    ]
    if len(states) < len(items):
        raise DamagedFileError(f"{path} holds something that is no {_OBSERVATION}")
    return states


def _column(observations: Sequence[Mapping[str, Any]], name: str) -> Float[np.ndarray, "n d"]:
    """One quantity of all observations.

    Raises:
        ValueError: It is missing in one, or its number of values changes.
    """
    rows = [_array(observation.get(name), name) for observation in observations]
    sizes = {row.size for row in rows}
    if len(sizes) > 1 or (_LOW_DIM[name] and sizes != {_LOW_DIM[name]}):
        wanted = _LOW_DIM[name] or "the same number of"
        raise ValueError(f"{name} has {sorted(sizes)} values; expected {wanted} in all frames")
    return np.stack([row.ravel() for row in rows])


def _array(value: Any, name: str) -> np.ndarray:
    if value is None:
        raise ValueError(
            f"it lacks {name}; expected a dataset made with it (ObservationConfig.set_all)"
        )
    try:
        array = as_array(value).astype(np.float64)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds NaN or infinite values")
    return array


def _camera(
    observations: Sequence[Mapping[str, Any]], camera: str
) -> tuple[Intrinsics, Float[np.ndarray, "4 4"], float, float]:
    """Lens, T_world_camera, and the depths [m] that the least and largest codes stand for."""
    first, last = (_camera_arrays(observations[i], camera) for i in (0, -1))
    for name in ("intrinsics", "extrinsics"):
        if not np.allclose(first[name], last[name], atol=_STILL_WITHIN):
            raise ValueError(f"{camera}_camera_{name} change: expected a camera that stands")
    near, far = float(first["near"]), float(first["far"])
    if not 0 <= near < far <= DEEPEST:
        raise ValueError(f"{camera}_camera_near is {near:g} and far {far:g}; expected near < far")
    return *camera_from_coppelia(first["intrinsics"], first["extrinsics"]), near, far


def _camera_arrays(observation: Mapping[str, Any], camera: str) -> dict[str, np.ndarray]:
    facts = observation.get("misc")
    facts = facts if isinstance(facts, dict) else {}
    shapes = {"intrinsics": (3, 3), "extrinsics": (4, 4), "near": (), "far": ()}
    found: dict[str, np.ndarray] = {}
    for name, shape in shapes.items():
        key = f"{camera}_camera_{name}"
        array = _array(facts.get(key), f'misc["{key}"]')
        if array.size != int(np.prod(shape)):
            raise ValueError(f'misc["{key}"] has shape {array.shape}; expected {shape}')
        found[name] = array.reshape(shape)
    return found


def _images(folder: Path, kind: str, frames: Int[np.ndarray, " k"]) -> UInt8[np.ndarray, "k h w 3"]:
    """Pictures of some frames.

    Raises:
        DamagedFileError: One is missing, damaged or of another size; or there are none at all.
    """
    if not (folder / kind).is_dir():
        there = sorted(path.name for path in _folders(folder, "*_rgb")) or ["no images"]
        raise DamagedFileError(f"{folder} has no {kind}; it has {', '.join(there[:10])}")
    first = read_image(folder / kind / f"{frames[0]}.png")
    if first.nbytes * len(frames) > MOST_BYTES:
        raise DamagedFileError(
            f"{len(frames)} images of {folder / kind} take {first.nbytes * len(frames):,} bytes; "
            f"expected at most {MOST_BYTES:,}: read fewer of them"
        )
    images = np.empty((len(frames), *first.shape), np.uint8)
    for index, frame in enumerate(frames):
        path = folder / kind / f"{frame}.png"
        image = first if index == 0 else read_image(path)
        if image.shape != first.shape:
            raise DamagedFileError(
                f"{path} has shape {image.shape}; expected {first.shape}, as the first"
            )
        images[index] = image
    return images


def _metres(
    coded: UInt8[np.ndarray, "k h w 3"], near: float, far: float
) -> Float[np.ndarray, "k h w"]:
    """Depths [m] of pictures whose colours are the three digits, to base 256, of a share."""
    codes = coded[..., 0] * np.float64(65536) + coded[..., 1] * np.float64(256) + coded[..., 2]
    return near + codes * ((far - near) / _LARGEST_DEPTH_CODE)


def _folders(folder: Path, pattern: str) -> list[Path]:
    return sorted(path for path in folder.glob(pattern) if path.is_dir())


def _numbered(folder: Path, pattern: str) -> list[Path]:
    """Folders by their numbers."""
    return sorted(_folders(folder, pattern), key=lambda path: (_number(path), path.name))


def _number(folder: Path) -> int:
    found = _NUMBERED.fullmatch(folder.name)
    return int(found[1]) if found else 0
