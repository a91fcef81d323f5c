"""Where a LeRobotDataset v3.0 keeps what, and what its rows have when Saccade writes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from saccade.errors import MissingExtraError

VERSION = "v3.0"
INFO_FILE, STATS_FILE, TASKS_FILE = "meta/info.json", "meta/stats.json", "meta/tasks.parquet"
EPISODES_FILE = "meta/episodes/chunk-000/file-000.parquet"
DATA_PATH = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
VIDEO_PATH = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"
FILES_A_CHUNK = 1000
DATA_MEGABYTES, VIDEO_MEGABYTES = 100, 200
"""Size from which a further file is begun."""

POSE = ("x", "y", "z", "qw", "qx", "qy", "qz")
STATE = (*POSE, "gripper_open", "finger_1", "finger_2")
ACTION = (*POSE, "gripper_open")
COUNTERS = ("frame_index", "episode_index", "index", "task_index")
FACTS = ("seed", "success", "task", "start", "intrinsics", "T_world_camera")
"""What the table of episodes says beside LeRobot's own columns, each under "saccade/"."""


@dataclass(frozen=True)
class Camera:
    """Names of a camera's features.

    Attributes:
        name: The camera's own name.
    """

    name: str

    @property
    def rgb(self) -> str:
        """Feature of its colours."""
        return f"observation.images.{self.name}"

    @property
    def depth(self) -> str:
        """Feature of its depths; LeRobot wants statistics of colours where "image" is in a name."""
        return f"observation.depth.{self.name}"


def features(
    camera: Camera, height: int, width: int, joints: int, fps: int, video: bool
) -> dict[str, dict[str, Any]]:
    """The features of info.json: type, shape and names of what a row has."""
    joint_names = [f"joint_{i + 1}" for i in range(joints)]
    rgb: dict[str, Any] = {
        "dtype": "video" if video else "image",
        "shape": [height, width, 3],
        "names": ["height", "width", "channels"],
    }
    if video:
        rgb["info"] = {
            "video.height": height, "video.width": width, "video.channels": 3, "video.fps": fps,
            "video.codec": "h264", "video.pix_fmt": "yuv420p", "video.is_depth_map": False,
            "has_audio": False,
        }  # fmt: skip
    return {
        "observation.state": _vector(list(STATE)),
        "observation.joint_positions": _vector(joint_names),
        "observation.joint_velocities": _vector(joint_names),
        "action": _vector(list(ACTION)),
        "next_keyframe": _vector(list(ACTION)),
        camera.rgb: rgb,
        camera.depth: {
            "dtype": "float16",
            "shape": [height, width],
            "names": ["height", "width"],
        },
        "seen_frame": _scalar("int64"),
        "timestamp": _scalar("float32"),
        **{name: _scalar("int64") for name in COUNTERS},
    }


def place(number: int) -> dict[str, int]:
    """Chunk and file of the file of a number."""
    chunk, file = divmod(number, FILES_A_CHUNK)
    return {"chunk_index": chunk, "file_index": file}


def import_pyarrow() -> tuple[Any, Any]:
    """The modules `pyarrow` and `pyarrow.parquet`.

    Raises:
        MissingExtraError: They are not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise MissingExtraError("pyarrow", "data") from error
    return pyarrow, pyarrow.parquet


def _vector(names: list[str]) -> dict[str, Any]:
    return {"dtype": "float32", "shape": [len(names)], "names": names}


def _scalar(dtype: str) -> dict[str, Any]:
    return {"dtype": dtype, "shape": [1], "names": None}
