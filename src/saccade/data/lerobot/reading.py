"""Reads the LeRobotDatasets v3.0 that `write_lerobot` wrote. Files are not trusted."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int, UInt8
from PIL import Image

from saccade.data.demonstrations import MOST, MOST_BYTES, Demonstration
from saccade.data.lerobot import layout
from saccade.data.lerobot.meta import VECTORS, Episode, Kind, episodes_of, kind_of
from saccade.data.lerobot.tables import checked_table, flat_numbers
from saccade.data.tracking.frames import NO_PICTURE
from saccade.data.video import read_video
from saccade.errors import DamagedFileError, UserInputError
from saccade.worlds.cameras import Intrinsics


def read_lerobot(folder: Path, camera: str | None = None) -> Iterator[Demonstration]:
    """Demonstrations of a dataset that `write_lerobot` wrote, one read at a time.

    Args:
        folder: Folder of the dataset.
        camera: Name of the camera; the only one if None.

    Raises:
        MissingExtraError: pyarrow is not installed.
        UserInputError: There is no such camera, or the dataset lacks what a demonstration needs,
            as others' do: depth, or where the camera stands.
        DamagedFileError: A file is missing, damaged or does not match the others.
    """
    layout.import_pyarrow()
    kind = kind_of(folder / layout.INFO_FILE, camera)
    with closing(_Source(folder, kind)) as source:
        for episode in episodes_of(folder / layout.EPISODES_FILE, kind):
            yield source.demonstration(episode)


class _Source:
    """The files of a dataset that is being read: the one in hand is kept for the next episode."""

    def __init__(self, folder: Path, kind: Kind) -> None:
        self.folder, self.kind = folder, kind
        self._file = -1
        self._table: Any = None
        self._video = _Video(Path(), kind)

    def close(self) -> None:
        """Close the video in hand."""
        self._video.close()

    def demonstration(self, episode: Episode) -> Demonstration:
        """One episode."""
        path = self.folder / layout.DATA_PATH.format(**layout.place(episode.file))
        if episode.file != self._file:
            self._table, self._file = self._read(path), episode.file
        columns = self._rows(path, episode)
        try:
            return self._assembled(episode, columns)
        except DamagedFileError:
            raise
        except (ValueError, UserInputError) as error:
            raise DamagedFileError(f"{path} is damaged: {error}") from error

    def _read(self, path: Path) -> Any:
        pa, _ = layout.import_pyarrow()
        kind = self.kind
        types = {
            "episode_index": pa.int64(),
            "seen_frame": pa.int64(),
            "observation.state": pa.list_(pa.float32(), len(layout.STATE)),
            "observation.joint_positions": pa.list_(pa.float32(), kind.joints),
            "observation.joint_velocities": pa.list_(pa.float32(), kind.joints),
            kind.camera.depth: pa.list_(pa.list_(pa.float16())),
        }
        if not kind.video:
            coded = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
            types[kind.camera.rgb] = coded
        return checked_table(path, types, MOST["n"])

    def _rows(self, path: Path, episode: Episode) -> Any:
        """The rows of an episode, in order."""
        table = self._table
        chosen = np.flatnonzero(table["episode_index"].to_numpy() == episode.index)
        if len(chosen) != episode.length or (np.diff(chosen) != 1).any():
            raise DamagedFileError(
                f"{path} has {len(chosen)} rows of episode {episode.index}; expected "
                f"{episode.length}, one behind the other"
            )
        return table.slice(int(chosen[0]), episode.length).combine_chunks()

    def _assembled(self, episode: Episode, rows: Any) -> Demonstration:
        """The demonstration of an episode's rows."""
        kind, n, facts = self.kind, episode.length, episode.facts
        state, positions, velocities = (
            flat_numbers(rows[name], np.float32).reshape(n, -1) for name in VECTORS
        )
        frames = np.flatnonzero(rows["seen_frame"].to_numpy() == np.arange(n))
        if not len(frames):
            raise ValueError("no row has an image of its own")
        depth = flat_numbers(rows[kind.camera.depth], np.float16).reshape(
            n, kind.height, kind.width
        )
        lens, pose = np.array(facts["intrinsics"]), np.array(facts["T_world_camera"])
        if lens.size != 4 or pose.size != 16:
            raise ValueError("its camera has other than 4 and 16 numbers")
        if kind.height * kind.width * 3 * len(frames) > MOST_BYTES:
            raise ValueError(f"its images take more than {MOST_BYTES:,} bytes")
        return Demonstration(
            facts["task"], facts["seed"], facts["success"], Intrinsics(*lens.tolist()),
            pose.reshape(4, 4), frames, self._colours(episode, rows, frames), depth[frames],
            facts["start"] + np.arange(n) / kind.fps, state[:, :7], state[:, 7], state[:, 8:10],
            positions, velocities,
        )  # fmt: skip

    def _colours(
        self, episode: Episode, rows: Any, frames: Int[np.ndarray, " k"]
    ) -> UInt8[np.ndarray, "k h w 3"]:
        kind = self.kind
        if kind.video:
            place = layout.place(episode.video_file)
            path = self.folder / layout.VIDEO_PATH.format(video_key=kind.camera.rgb, **place)
            if path != self._video.path:
                self._video.close()
                self._video = _Video(path, kind)
            start = round(episode.video_start * kind.fps)
            return self._video.take(start, episode.length, frames)
        coded = rows[kind.camera.rgb].combine_chunks().field("bytes").take(frames).to_pylist()
        return np.stack([_decoded(data, kind) for data in coded])


class _Video:
    """A video from which runs of frames are taken, one behind the other."""

    def __init__(self, path: Path, kind: Kind) -> None:
        self.path, self.shape = path, (kind.height, kind.width, 3)
        self._frames = read_video(path)
        self._next = 0

    def close(self) -> None:
        """Let go of the decoder, which has threads of its own."""
        self._frames.close()

    def take(
        self, start: int, length: int, frames: Int[np.ndarray, " k"]
    ) -> UInt8[np.ndarray, "k h w 3"]:
        """Some of `length` frames from `start` on."""
        if start < self._next:
            raise ValueError(f"it begins at frame {start} of {self.path.name}, which is behind")
        wanted, taken = set(frames.tolist()), []
        while self._next < start + length:
            image = next(self._frames, None)
            if image is None:
                raise ValueError(f"{self.path.name} ends after {self._next} frames")
            if self._next - start in wanted:
                taken.append(image)
            self._next += 1
        if any(image.shape != self.shape for image in taken):
            raise ValueError(f"{self.path.name} has other images than {self.shape}")
        return np.stack(taken)


def _decoded(data: bytes | None, kind: Kind) -> UInt8[np.ndarray, "h w 3"]:
    """A picture of a kind."""
    try:
        with Image.open(io.BytesIO(data or b"")) as image:
            if image.size != (kind.width, kind.height) or image.mode != "RGB":
                raise ValueError(f"a picture is {image.mode} {image.size}")
            return np.array(image)
    except NO_PICTURE as error:
        raise ValueError(f"a picture cannot be decoded: {error}") from error
