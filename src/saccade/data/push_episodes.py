"""Recorded pushes on disk: a folder with dataset.json and one .npz file an episode.

Every episode appears whole and is on the disk before the next, so a kill, a power cut or a full
disk loses at most the episode in hand; recording again with the same seed goes on where it
stopped. Nothing is pickled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float, Int

from saccade.attention.directions import N_DIRECTIONS
from saccade.data.episode_folder import EpisodeFolder
from saccade.data.heightmaps import inflate, pack_heightmap, unpack_heightmap
from saccade.errors import DamagedFileError
from saccade.storage.array_files import ArraySpec, read_npz
from saccade.storage.files import storage_errors, whole_file

FORMAT = "saccade-push-dataset-1"
MAP_SHAPE = (224, 224)
NOT_LEFT, BOXED, GROUNDED = 0, 1, 2

MOST = {"t": 10_000, "n": 100, "bytes": 256 << 20}
"""Largest numbers of pushes, of objects, and of bytes of packed observations."""
FARTHEST = 1e4
"""Largest coordinate of an object [m]."""
_NORM_WITHIN = 1e-2
"""Largest distance of the length of a quaternion from 1."""
_MAP_BYTES = 1 << 18
"""Most bytes of a packed observation: more than what cannot be compressed takes."""
_TEXT = ArraySpec("str", "t")
SPECS = {
    "actions": ArraySpec("int16", "t 3", low=0, high=MAP_SHAPE[0] - 1),
    "names": replace(_TEXT, shape="n"),
    "source": _TEXT,
    "lengths": ArraySpec("int64", "maps", low=1, high=_MAP_BYTES),
    "heightmaps": ArraySpec("uint8", "bytes"),
    "refused": ArraySpec("bool", "t"),
    "poses": ArraySpec("float32", "t+1 n 7", low=-FARTHEST, high=FARTHEST),
    "left": ArraySpec("int8", "t n", low=NOT_LEFT, high=GROUNDED),
    "exits": ArraySpec("float32", "t n 2", low=-FARTHEST, high=FARTHEST, may_be_nan=True),
}
"""Arrays of an episode's file; t pushes on n objects."""


@dataclass(frozen=True)
class PushEpisode:
    """T pushes on n objects.

    Attributes:
        heightmaps: Packed observations before each push and after the last (T + 1).
        actions: Row, column and direction of each push (T, 3).
        refused: Whether the arm could not reach the push (T).
        poses: Object positions [m] and quaternions before each push and after the last
            (T + 1, n, 7).
        left: Outcome of each push for each object (T, n): 0 it stayed, 1 it fell into the box,
            2 it fell to the ground.
        exits: World (x, y) [m] where a fallen object left the table; NaN for the others (T, n, 2).
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
    arrays = read_npz(path, SPECS, MOST)
    try:
        return _episode(arrays)
    except ValueError as error:
        raise DamagedFileError(f"{path} is a damaged push episode: {error}") from error


def _episode(arrays: Mapping[str, np.ndarray]) -> PushEpisode:
    """The episode, after a look at what holds between its arrays."""
    pushes, ends = len(arrays["actions"]), np.cumsum(arrays["lengths"])
    # One without a push has no observation either.
    if len(ends) != pushes + bool(pushes) or ends.max(initial=0) != len(arrays["heightmaps"]):
        raise ValueError(f"{len(ends)} observations for {pushes} pushes do not fit its bytes")
    if arrays["actions"][:, 2].max(initial=0) >= N_DIRECTIONS:
        raise ValueError(f"a push has a direction that is not 0 to {N_DIRECTIONS - 1}")
    if (np.isnan(arrays["exits"]).any(axis=2) != (arrays["left"] == NOT_LEFT)).any():
        raise ValueError("exits are not known of those objects, and those only, that left")
    norms = np.linalg.norm(arrays["poses"][..., 3:], axis=-1)
    if (np.abs(norms - 1) > _NORM_WITHIN).any():
        raise ValueError("a quaternion is not of length 1")
    blob = arrays["heightmaps"].tobytes()
    packed = [blob[a:b] for a, b in zip([0, *ends[:-1]], ends, strict=True)]
    for one in packed:
        inflate(one, MAP_SHAPE)
    return PushEpisode(
        packed,
        arrays["actions"].reshape(pushes, 3),
        arrays["refused"].astype(bool),
        arrays["poses"],
        arrays["left"],
        arrays["exits"],
        [str(n) for n in arrays["names"]],
        [str(s) for s in arrays["source"]],
    )


class PushDataset(EpisodeFolder):
    """A folder of recorded pushes.

    Args:
        folder: Folder with dataset.json.

    Raises:
        DamagedFileError: The folder is no push dataset.
    """

    FORMAT = FORMAT
    KIND = "push"

    def __iter__(self) -> Iterator[PushEpisode]:
        return (load_episode(path) for path in self.paths())
