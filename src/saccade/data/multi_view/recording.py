"""A dataset of sequences that is being recorded: dataset.json says how, so that it can go on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from saccade.checks import choice
from saccade.data.episode_folder import EpisodeFolder
from saccade.data.multi_view.dataset import FORMATS, Format, sequence_file
from saccade.errors import DamagedFileError

DIGITS = 6


class SequenceFolder(EpisodeFolder):
    """A folder of recorded sequences; `open_multi_view` reads it as any other.

    Args:
        folder: Folder with dataset.json.

    Raises:
        DamagedFileError: The folder is no dataset of sequences.
    """

    FORMAT = "saccade-multi-view-1"
    KIND = "multi-view"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        given = self.facts.get("layout")
        if given not in FORMATS:
            raise DamagedFileError(
                f"{folder} is no {self.KIND} dataset: its layout is {str(given)[:30]!r}; expected "
                f"one of {', '.join(FORMATS)}"
            )
        self.layout: Format = given

    @classmethod
    def start(cls, folder: Path, layout: Format, facts: Mapping[str, Any]) -> Self:
        """Start or continue a dataset; continuing with other facts is refused.

        Args:
            folder: Its folder, new or one to go on with.
            layout: Layout that its sequences are written in.
            facts: How it is made: world, seed and settings.
        """
        return cls.create(folder, {"layout": choice("format", layout, FORMATS), **facts})

    def name(self, index: int) -> str:
        """Name of sequence `index`."""
        return f"sequence_{index:0{DIGITS}d}"

    def path(self, index: int) -> Path:
        """File of sequence `index` that is written last."""
        return sequence_file(self.folder, self.name(index), self.layout)

    def paths(self) -> list[Path]:
        """Such files of all sequences, in order."""
        pattern = sequence_file(self.folder, f"sequence_{'[0-9]' * DIGITS}", self.layout).name
        return sorted(self.folder.glob(pattern))
