"""What the files in meta/ of a LeRobotDataset say, read without trust."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from saccade.data.demonstrations import MOST
from saccade.data.lerobot import layout
from saccade.data.lerobot.layout import Camera
from saccade.data.lerobot.tables import checked_table
from saccade.errors import DamagedFileError, UserInputError
from saccade.storage.json_files import read_json

MOST_EPISODES = 100_000
FASTEST = 1000
"""Most rows a second."""
VECTORS = ("observation.state", "observation.joint_positions", "observation.joint_velocities")
"""Features that are vectors, of those that a demonstration needs."""
_RGB = "observation.images."


@dataclass(frozen=True)
class Kind:
    """What info.json says of the rows.

    Attributes:
        camera: Names of the camera's features.
        height: Rows of the images [pixels].
        width: Columns of the images [pixels].
        joints: Number of the arm's joints.
        fps: Rows a second.
        video: Whether colours are in a video; otherwise they are pictures in the rows.
    """

    camera: Camera
    height: int
    width: int
    joints: int
    fps: float
    video: bool


@dataclass(frozen=True)
class Episode:
    """What the table of episodes says of one.

    Attributes:
        index: Its number.
        length: Number of rows.
        file: Number of the file with its rows.
        video_file: Number of the video.
        video_start: Time at which it begins in the video [s].
        facts: What a demonstration has beside its rows (`layout.FACTS`).
    """

    index: int
    length: int
    file: int
    video_file: int
    video_start: float
    facts: dict[str, Any]


def kind_of(path: Path, camera: str | None) -> Kind:
    """The kind of rows that info.json describes, after a look at whether they hold demonstrations.

    Raises:
        UserInputError: There is no such camera, or a feature is missing.
        DamagedFileError: The file is missing, or describes no such dataset.
    """
    info = read_json(path)
    found = info.get("features") if isinstance(info, dict) else None
    version = info.get("codebase_version") if isinstance(info, dict) else None
    if not isinstance(found, dict) or version != layout.VERSION:
        raise DamagedFileError(f"{path} describes no LeRobotDataset {layout.VERSION}")
    if info.get("data_path") != layout.DATA_PATH:
        raise DamagedFileError(f"{path} has another data_path; expected {layout.DATA_PATH}")
    names = [name.removeprefix(_RGB) for name in found if name.startswith(_RGB)]
    if (len(names) != 1 and camera is None) or (camera is not None and camera not in names):
        raise UserInputError(
            f"{path} has {'the camera ' + ', '.join(names[:10]) if names else 'no camera'}; "
            f"expected {camera or 'one, or the name of one'}"
        )
    chosen = Camera(camera or names[0])
    _require(path, found, (*VECTORS, chosen.depth, "seen_frame"))
    height, width = _shape(path, found, chosen.depth, 2)
    rgb = _shape(path, found, chosen.rgb, 3)
    joints = _shape(path, found, "observation.joint_positions", 1)[0]
    state = _shape(path, found, "observation.state", 1)[0]
    fps, dtype = info.get("fps"), found[chosen.rgb].get("dtype")
    if rgb != (height, width, 3) or state != len(layout.STATE) or dtype not in ("image", "video"):
        raise DamagedFileError(f"{path} describes features that are not those of a demonstration")
    if not isinstance(fps, int | float) or not 0 < fps <= FASTEST:
        raise DamagedFileError(f"{path} has an impossible fps; expected above 0, to {FASTEST}")
    return Kind(chosen, height, width, joints, fps, dtype == "video")


def _require(path: Path, found: Mapping[str, Any], names: tuple[str, ...]) -> None:
    missing = [name for name in names if not isinstance(found.get(name), dict)]
    if missing:
        raise UserInputError(
            f"{path} lacks {', '.join(missing)}; expected a dataset that Saccade wrote, with depth "
            "and the arm's state (others' have no depth)"
        )


def _shape(path: Path, found: Mapping[str, Any], name: str, axes: int) -> tuple[int, ...]:
    feature = found.get(name)
    shape = feature.get("shape") if isinstance(feature, dict) else None
    limit = MOST["h"]
    fits = isinstance(shape, list) and all(type(s) is int and 0 < s <= limit for s in shape)
    if not fits or not isinstance(shape, list) or len(shape) != axes:
        raise DamagedFileError(f"{path}: {name} has no shape of {axes} sizes up to {limit}")
    return tuple(shape)


def episodes_of(path: Path, kind: Kind) -> list[Episode]:
    """The episodes that the table of them lists, in order.

    Raises:
        DamagedFileError: The table is missing, damaged or has an impossible value.
    """
    video = f"videos/{kind.camera.rgb}"
    integers = ["episode_index", "length", "data/chunk_index", "data/file_index", "saccade/seed"]
    numbers = ["saccade/start"]
    if kind.video:
        integers += [f"{video}/chunk_index", f"{video}/file_index"]
        numbers += [f"{video}/from_timestamp"]
    pa, _ = layout.import_pyarrow()
    types = {
        **dict.fromkeys(integers, pa.int64()),
        **dict.fromkeys(numbers, pa.float64()),
        "saccade/success": pa.bool_(),
        "saccade/task": pa.string(),
        "saccade/intrinsics": pa.list_(pa.float64()),
        "saccade/T_world_camera": pa.list_(pa.float64()),
    }
    entries = checked_table(path, types, MOST_EPISODES).to_pylist()
    for entry in entries:
        if None in entry.values():
            raise DamagedFileError(f"{path} lacks values")
        if not 1 <= entry["length"] <= MOST["n"] or not math.isfinite(entry["saccade/start"]):
            raise DamagedFileError(f"{path} has an episode of {entry['length']} rows")
        entry["file"] = _file_number(path, entry, "data")
        entry["video_file"] = _file_number(path, entry, video) if kind.video else 0
    return [
        Episode(
            entry["episode_index"], entry["length"], entry["file"], entry["video_file"],
            entry.get(f"{video}/from_timestamp", 0.0),
            {name: entry[f"saccade/{name}"] for name in layout.FACTS},
        )
        for entry in entries
    ]  # fmt: skip


def _file_number(path: Path, entry: Mapping[str, Any], prefix: str) -> int:
    chunk, file = entry[f"{prefix}/chunk_index"], entry[f"{prefix}/file_index"]
    if not (0 <= chunk <= MOST_EPISODES and 0 <= file < layout.FILES_A_CHUNK):
        raise DamagedFileError(f"{path} has chunk {chunk} and file {file}; expected small numbers")
    return chunk * layout.FILES_A_CHUNK + file
