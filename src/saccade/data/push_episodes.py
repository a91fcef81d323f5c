"""Recorded pushes on disk: a folder with dataset.json and one .npz file an episode.

Every episode appears whole and is on the disk before the next, so a kill, a power cut or a full
disk loses at most the episode in hand; recording again with the same seed goes on where it
stopped. Nothing is pickled.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from jaxtyping import Bool, Float, Int

from saccade.data.heightmaps import pack_heightmap, unpack_heightmap
from saccade.errors import DamagedFileError
from saccade.storage.files import require_file, storage_errors, whole_file
from saccade.storage.json_files import plain_json, read_json, write_json

FORMAT = "saccade-push-dataset-1"
MAP_SHAPE = (224, 224)
NOT_LEFT, BOXED, GROUNDED = 0, 1, 2

_UNREADABLE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    EOFError,
    RuntimeError,  # what zipfile says to flags that a damaged byte has set
    NotImplementedError,
    zlib.error,
    zipfile.BadZipFile,
)
"""What NumPy and zipfile raise for bytes that are no archive of arrays."""


@dataclass(frozen=True)
class PushEpisode:
    """T pushes on n objects.

    Attributes:
        heightmaps: Packed observations before each push and after the last (T + 1).
        actions: Row, column and direction of each push (T, 3).
        refused: Whether the arm could not reach the push (T).
        poses: Object positions [m] and quaternions before each push and after the last
            (T + 1, n, 7).
        left: What each push made each object do: 0 stay, 1 fall into the box, 2 fall to the
            ground (T, n).
        exits: World (x, y) [m] where such an object left the table; NaN for the others (T, n, 2).
        names: Shape and colour of each object.
        source: How the actions were chosen ("random", "edge", "policy", ...) a push (T).
    """

    heightmaps: list[bytes]
    actions: Int[np.ndarray, "t 3"]
    refused: Bool[np.ndarray, " t"]
    poses: Float[np.ndarray, "t+1 n 7"]
    left: Int[np.ndarray, "t n"]
    exits: Float[np.ndarray, "t n 2"]
    names: list[str]
    source: list[str]

    def __len__(self) -> int:
        return len(self.actions)

    def heightmap(self, t: int) -> Float[np.ndarray, "224 224"]:
        """The observation before push t [m above the table]."""
        return unpack_heightmap(self.heightmaps[t], MAP_SHAPE)


def pack_maps(heightmaps: list[np.ndarray]) -> list[bytes]:
    """Pack an episode's observations."""
    return [pack_heightmap(h) for h in heightmaps]


def save_episode(path: Path, episode: PushEpisode) -> None:
    """Write one episode atomically.

    Raises:
        StorageError: The disk is full or read-only; earlier episodes stay intact.
    """
    lengths = np.array([len(h) for h in episode.heightmaps], np.int64)
    arrays = {
        "heightmaps": np.frombuffer(b"".join(episode.heightmaps), np.uint8),
        "lengths": lengths,
        "actions": episode.actions.astype(np.int16),
        "refused": episode.refused,
        "poses": episode.poses.astype(np.float32),
        "left": episode.left.astype(np.int8),
        "exits": episode.exits.astype(np.float32),
        "names": np.array(episode.names),
        "source": np.array(episode.source),
    }
    with storage_errors(path), whole_file(path) as file:
        np.savez(file, **arrays)


def load_episode(path: Path) -> PushEpisode:
    """Read one episode.

    Raises:
        DamagedFileError: The file cannot be read as an episode.
    """
    require_file(path)
    try:
        with path.open("rb") as file:
            _check_archive(file)
            with np.load(file, allow_pickle=False) as arrays:
                return _episode(arrays)
    except _UNREADABLE as error:
        reason = " ".join(f"{error}".split()) or type(error).__name__
        raise DamagedFileError(f"{path} is no push episode or is damaged: {reason}") from error


def _check_archive(file: BinaryIO) -> None:
    """Compare every member with its checksum: NumPy parses a member before zipfile compares it."""
    with zipfile.ZipFile(file) as archive:
        if damaged := archive.testzip():
            raise zipfile.BadZipFile(f"{damaged} does not match its checksum")
    file.seek(0)


def _episode(arrays: Mapping[str, np.ndarray]) -> PushEpisode:
    ends = np.cumsum(arrays["lengths"])
    blob = arrays["heightmaps"].tobytes()
    return PushEpisode(
        [blob[a:b] for a, b in zip([0, *ends[:-1]], ends, strict=True)],
        arrays["actions"],
        arrays["refused"],
        arrays["poses"],
        arrays["left"],
        arrays["exits"],
        [str(n) for n in arrays["names"]],
        [str(s) for s in arrays["source"]],
    )


class PushDataset:
    """A folder of episodes.

    Args:
        folder: Where dataset.json lies.

    Raises:
        DamagedFileError: The folder is no push dataset.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            self.facts: dict[str, Any] = read_json(folder / "dataset.json")
        except DamagedFileError as error:
            raise DamagedFileError(f"{folder} is no dataset: {error}") from error
        if not isinstance(self.facts, dict) or self.facts.get("format") != FORMAT:
            raise DamagedFileError(f'{folder} is no push dataset: expected "format": "{FORMAT}"')

    @classmethod
    def create(cls, folder: Path, facts: dict[str, Any]) -> PushDataset:
        """Start or continue a dataset; continuing with other facts is refused."""
        path = folder / "dataset.json"
        document = {"format": FORMAT, **facts}
        if path.exists():
            existing = cls(folder)
            wanted = plain_json(document, "facts")
            if existing.facts != wanted:
                keys = sorted(existing.facts.keys() | wanted.keys())
                differ = [k for k in keys if existing.facts.get(k) != wanted.get(k)]
                raise DamagedFileError(
                    f"{folder} holds a dataset with another {', '.join(differ)}; "
                    "expected the same settings or an empty folder"
                )
            return existing
        write_json(path, document)
        return cls(folder)

    def path(self, index: int) -> Path:
        """File of episode `index`."""
        return self.folder / "episodes" / f"episode_{index:06d}.npz"

    def paths(self) -> list[Path]:
        """Files of all episodes, in order."""
        return sorted((self.folder / "episodes").glob("episode_*.npz"))

    def __len__(self) -> int:
        return len(self.paths())

    def __iter__(self) -> Iterator[PushEpisode]:
        return (load_episode(path) for path in self.paths())
