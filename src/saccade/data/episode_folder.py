"""A dataset as a folder: dataset.json says how it was made, one .npz file holds an episode."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

from saccade.errors import DamagedFileError
from saccade.storage.json_files import plain_json, read_json, write_json


class EpisodeFolder:
    """A folder of episodes of one kind.

    Args:
        folder: Folder with dataset.json.

    Raises:
        DamagedFileError: The folder is no dataset of this kind.
    """

    FORMAT: ClassVar[str]
    """Name of the format, in dataset.json."""
    KIND: ClassVar[str]
    """What an episode is called in messages."""
    NOT_COMPARED: ClassVar[tuple[str, ...]] = ()
    """Facts that may be others when a dataset is continued."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            self.facts: dict[str, Any] = read_json(folder / "dataset.json")
        except DamagedFileError as error:
            raise DamagedFileError(f"{folder} is no dataset: {error}") from error
        if not isinstance(self.facts, dict) or self.facts.get("format") != self.FORMAT:
            raise DamagedFileError(
                f'{folder} is no {self.KIND} dataset: expected "format": "{self.FORMAT}"'
            )

    @classmethod
    def create(cls, folder: Path, facts: Mapping[str, Any]) -> Self:
        """Start or continue a dataset; continuing with other facts is refused."""
        path = folder / "dataset.json"
        document = {"format": cls.FORMAT, **facts}
        if path.exists():
            existing = cls(folder)
            wanted = plain_json(document, "facts")
            keys = sorted((existing.facts.keys() | wanted.keys()) - set(cls.NOT_COMPARED))
            differ = [k for k in keys if existing.facts.get(k) != wanted.get(k)]
            if differ:
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
        return sorted((self.folder / "episodes").glob(f"episode_{'[0-9]' * 6}.npz"))

    def missing(self, episodes: int) -> list[int]:
        """Indices below `episodes` of which there is no file yet: what a recording goes on with."""
        return [index for index in range(episodes) if not self.path(index).exists()]

    def __len__(self) -> int:
        return len(self.paths())
