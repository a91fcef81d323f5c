"""Writes demonstrations as a LeRobotDataset v3.0."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.error import FFmpegError
from jaxtyping import UInt8
from PIL import Image

from saccade.data.demonstrations import MOST_BYTES, Demonstration
from saccade.data.keyframes import PUBLISHED_RULE, KeyframeRule
from saccade.data.lerobot import layout
from saccade.data.lerobot.layout import Camera
from saccade.data.lerobot.rows import Rows, rows_of
from saccade.data.lerobot.statistics import (
    Statistics,
    colour_statistics,
    combined,
    map_statistics,
    vector_statistics,
)
from saccade.errors import StorageError, UserInputError
from saccade.storage.files import storage_errors
from saccade.storage.folders import new_folder
from saccade.storage.json_files import write_json

CODING = {"crf": "18", "g": "2", "preset": "medium"}
"""H.264 of fine quality; every second picture stands alone, so that any is soon decoded."""
_INDEX = "__index_level_0__"
"""Name that pandas gives a table's index without a name."""


def write_lerobot(
    folder: Path,
    demonstrations: Iterable[Demonstration],
    *,
    text: Mapping[str, str] | None = None,
    camera: str = "front",
    robot: str = "panda",
    video: bool = True,
    seen_only: bool = False,
    rule: KeyframeRule = PUBLISHED_RULE,
) -> int:
    """Write a dataset that appears whole; returns its number of episodes.

    Args:
        folder: Folder of the dataset, new or empty.
        demonstrations: What it holds, taken one at a time; images, joints and rates are alike.
        text: What is done in each task, in words, by the task's name; its own words if not there.
        camera: Name of the camera.
        robot: Name of the robot.
        video: Colours as H.264 video, a twentieth of the size and nearly the same; if not, as PNG.
        seen_only: Only rows with an image of their own, at the rate of the images.
        rule: What makes a frame a keyframe, and the gripper open.

    Raises:
        MissingExtraError: pyarrow is not installed.
        UserInputError: There is no demonstration, one differs from the first, has no keyframe or
            uneven times; or the folder is not empty.
        StorageError: The disk refuses; nothing is left then.
    """
    layout.import_pyarrow()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserInputError(f"{folder} is not empty; expected a new folder")
    try:
        with storage_errors(folder), new_folder(folder) as temporary:
            writer = _Writer(temporary, Camera(camera), dict(text or {}), video)
            for demonstration in demonstrations:
                writer.add(demonstration, rows_of(demonstration, seen_only, rule))
            writer.close()
            writer.write_meta(robot)
    except FFmpegError as error:
        raise StorageError(f"{folder} could not be written: {error.strerror}") from error
    return len(writer.episodes)


class _Writer:
    """The files of a dataset that is being written."""

    def __init__(self, folder: Path, camera: Camera, text: dict[str, str], video: bool) -> None:
        self.folder, self.camera, self.text, self.video = folder, camera, text, video
        self.pa, self.pq = layout.import_pyarrow()
        self.episodes: list[dict[str, Any]] = []
        self.statistics: list[dict[str, Statistics]] = []
        self.tasks: dict[str, int] = {}
        self.kind: tuple[int, ...] = ()
        self.file, self.file_bytes, self.file_rows, self.total = -1, 0, 0, 0
        self._table: Any = None
        self._video: VideoFile | None = None

    def add(self, demonstration: Demonstration, rows: Rows) -> None:
        """Write an episode."""
        _, height, width, _ = demonstration.rgb.shape
        kind = (height, width, demonstration.joint_positions.shape[1], rows.fps)
        self.kind = self.kind or kind
        if kind != self.kind:
            raise UserInputError(
                f"demonstration {demonstration.seed} of {demonstration.task} has rows, columns, "
                f"joints and rate {kind}; expected {self.kind}, as the first"
            )
        task = self.text.get(demonstration.task, demonstration.task.replace("_", " "))
        number = self.tasks.setdefault(task, len(self.tasks))
        table = self._rows_table(demonstration, rows, number)
        if table.nbytes > MOST_BYTES:
            raise UserInputError(
                f"the rows of demonstration {demonstration.seed} of {demonstration.task} take "
                f"{table.nbytes:,} bytes; expected at most {MOST_BYTES:,}: write those with an "
                "image of their own (seen_only=True)"
            )
        if self.file < 0 or self.file_bytes > layout.DATA_MEGABYTES << 20:
            self._begin_file(table.schema)
        self._table.write_table(table)
        if self._video is not None:
            for index in rows.image:
                self._video.add(demonstration.rgb[index])
        self._note(demonstration, rows, task)
        self.file_bytes += table.nbytes
        self.file_rows += len(rows)
        self.total += len(rows)

    def _begin_file(self, schema: Any) -> None:
        self.close()
        self.file, self.file_bytes, self.file_rows = self.file + 1, 0, 0
        place = layout.place(self.file)
        path = self.folder / layout.DATA_PATH.format(**place)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._table = self.pq.ParquetWriter(path, schema, compression="zstd")
        if self.video:
            height, width, _, fps = self.kind
            path = self.folder / layout.VIDEO_PATH.format(video_key=self.camera.rgb, **place)
            self._video = VideoFile(path, height, width, fps)

    def close(self) -> None:
        """Finish the files that are open."""
        if self._table is not None:
            self._table.close()
        if self._video is not None:
            self._video.close()
        self._table = self._video = None

    def _rows_table(self, demonstration: Demonstration, rows: Rows, task: int) -> Any:
        """The rows as a table of Arrow."""
        pa, n = self.pa, len(rows)
        columns: dict[str, Any] = {
            name: pa.FixedSizeListArray.from_arrays(pa.array(a.ravel()), a.shape[1])
            for name, a in rows.vectors.items()
        }
        columns[self.camera.depth] = self._maps(demonstration.depth[rows.image])
        if not self.video:
            coded = [_png(image) for image in demonstration.rgb]
            columns[self.camera.rgb] = pa.StructArray.from_arrays(
                [pa.array([coded[i] for i in rows.image]), pa.array([None] * n, pa.string())],
                ["bytes", "path"],
            )
        counted = {
            "seen_frame": rows.seen_frame,
            "timestamp": (np.arange(n) / rows.fps).astype(np.float32),
            "frame_index": np.arange(n),
            "episode_index": np.full(n, len(self.episodes)),
            "index": self.total + np.arange(n),
            "task_index": np.full(n, task),
        }
        return pa.table(columns | {name: pa.array(values) for name, values in counted.items()})

    def _maps(self, maps: np.ndarray) -> Any:
        """Lists of lists, an outer one a row."""
        pa, (n, height, width) = self.pa, maps.shape
        inner = pa.array(np.arange(n * height + 1, dtype=np.int32) * width)
        outer = pa.array(np.arange(n + 1, dtype=np.int32) * height)
        lines = pa.ListArray.from_arrays(inner, pa.array(maps.ravel()))
        return pa.ListArray.from_arrays(outer, lines)

    def _note(self, demonstration: Demonstration, rows: Rows, task: str) -> None:
        """Keep what the tables of episodes and of statistics shall say."""
        lens, place = demonstration.intrinsics, layout.place(self.file)
        found = {name: vector_statistics(values) for name, values in rows.vectors.items()}
        used = np.unique(rows.image)
        found[self.camera.rgb] = colour_statistics(demonstration.rgb[used])
        found[self.camera.depth] = map_statistics(demonstration.depth[used])
        entry: dict[str, Any] = {
            "episode_index": len(self.episodes),
            "tasks": [task],
            "length": len(rows),
            "dataset_from_index": self.total,
            "dataset_to_index": self.total + len(rows),
            **{f"data/{name}": value for name, value in place.items()},
            **{f"meta/episodes/{name}": 0 for name in place},
            "saccade/seed": demonstration.seed,
            "saccade/success": demonstration.success,
            "saccade/task": demonstration.task,
            "saccade/start": float(demonstration.times[rows.frames[0]]),
            "saccade/intrinsics": [lens.fx, lens.fy, lens.cx, lens.cy],
            "saccade/T_world_camera": demonstration.T_world_camera.ravel().tolist(),
        }
        if self.video:
            key, start = f"videos/{self.camera.rgb}", self.file_rows
            entry |= {f"{key}/{name}": value for name, value in place.items()}
            entry[f"{key}/from_timestamp"] = start / rows.fps
            entry[f"{key}/to_timestamp"] = (start + len(rows)) / rows.fps
        for feature, values in found.items():
            entry |= {f"stats/{feature}/{name}": v.tolist() for name, v in values.items()}
        self.episodes.append(entry)
        self.statistics.append(found)

    def write_meta(self, robot: str) -> None:
        """Write what describes the dataset."""
        if not self.episodes:
            raise UserInputError("there is no demonstration to write; expected one or more")
        height, width, joints, fps = self.kind
        for file, table in (
            (layout.EPISODES_FILE, self.pa.Table.from_pylist(self.episodes)),
            (layout.TASKS_FILE, self._tasks_table()),
        ):
            (self.folder / file).parent.mkdir(parents=True, exist_ok=True)
            self.pq.write_table(table, self.folder / file)
        statistics = {
            name: combined([part[name] for part in self.statistics]) for name in self.statistics[0]
        }
        plain = {f: {n: v.tolist() for n, v in found.items()} for f, found in statistics.items()}
        write_json(self.folder / layout.STATS_FILE, plain)
        info = {
            "codebase_version": layout.VERSION,
            "robot_type": robot,
            "total_episodes": len(self.episodes),
            "total_frames": self.total,
            "total_tasks": len(self.tasks),
            "chunks_size": layout.FILES_A_CHUNK,
            "data_files_size_in_mb": layout.DATA_MEGABYTES,
            "video_files_size_in_mb": layout.VIDEO_MEGABYTES,
            "fps": fps,
            "splits": {"train": f"0:{len(self.episodes)}"},
            "data_path": layout.DATA_PATH,
            "video_path": layout.VIDEO_PATH if self.video else None,
            "features": layout.features(self.camera, height, width, joints, fps, self.video),
        }
        write_json(self.folder / layout.INFO_FILE, info)

    def _tasks_table(self) -> Any:
        """Numbers of the tasks, with their texts as what pandas takes for the index."""
        pa, columns = self.pa, []
        for name, field, kind, numpy_kind in (
            ("task_index", "task_index", "int64", "int64"),
            (None, _INDEX, "unicode", "object"),
        ):
            columns.append(
                {"name": name, "field_name": field, "pandas_type": kind, "numpy_type": numpy_kind,
                 "metadata": None}
            )  # fmt: skip
        described = {
            "index_columns": [_INDEX], "column_indexes": [], "columns": columns,
            "creator": {"library": "saccade", "version": "1"}, "pandas_version": "2.0.0",
        }  # fmt: skip
        numbers = pa.array(np.array(list(self.tasks.values()), np.int64))
        table = pa.table({"task_index": numbers, _INDEX: pa.array(list(self.tasks))})
        return table.replace_schema_metadata({b"pandas": json.dumps(described).encode()})


class VideoFile:
    """An H.264 video of pictures that are added one after the other.

    Raises:
        UserInputError: A side is odd, which H.264's colours do not allow.
    """

    def __init__(self, path: Path, height: int, width: int, fps: int) -> None:
        if height % 2 or width % 2:
            raise UserInputError(
                f"images are {width} x {height} pixels; expected even sides for a video: write "
                "images instead (video=False)"
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        # "file:", for FFmpeg takes what is before a colon for a protocol.
        self._container = av.open(f"file:{path}", "w", format="mp4")
        self._stream = self._container.add_stream("libx264", Fraction(fps), CODING)
        self._stream.width, self._stream.height = width, height
        self._stream.pix_fmt = "yuv420p"

    def add(self, image: UInt8[np.ndarray, "h w 3"]) -> None:
        """Encode a picture."""
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        """Finish the file."""
        self._container.mux(self._stream.encode(None))
        self._container.close()


def _png(image: UInt8[np.ndarray, "h w 3"]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()
