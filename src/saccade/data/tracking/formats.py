"""The register of formats: name -> reader of a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from saccade.checks import choice
from saccade.data.tracking.got10k import read_got10k
from saccade.data.tracking.kitti import read_kitti
from saccade.data.tracking.kth import read_kth
from saccade.data.tracking.mot import read_mot
from saccade.data.tracking.otb import read_otb
from saccade.data.tracking.sequence import TrackingSequence
from saccade.data.tracking.tld import read_tld
from saccade.data.tracking.vot import read_vot

FORMATS: dict[str, Callable[[Path], list[TrackingSequence]]] = {
    "otb": read_otb,
    "kitti": read_kitti,
    "got10k": read_got10k,
    "mot": read_mot,
    "vot": read_vot,
    "tld": read_tld,
    "kth": read_kth,
}
"""What reads a folder as one sequence an object."""


def read_sequences(form: str, folder: str | Path) -> list[TrackingSequence]:
    """Read a folder that is in the named format.

    Raises:
        UserInputError: The format is unknown, or the folder holds nothing in it.
        DamagedFileError: What it holds is incomplete or malformed.
    """
    return FORMATS[choice("format", form, FORMATS)](Path(folder))
