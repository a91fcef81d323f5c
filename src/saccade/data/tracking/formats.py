"""The register of formats: name -> reader of a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from saccade.checks import choice
from saccade.data.tracking.got10k import read_got10k, scan_got10k
from saccade.data.tracking.kitti import read_kitti, scan_kitti
from saccade.data.tracking.kth import read_kth, scan_kth
from saccade.data.tracking.mot import read_mot, scan_mot
from saccade.data.tracking.otb import read_otb, scan_otb
from saccade.data.tracking.sequence import TrackingSequence
from saccade.data.tracking.tld import read_tld, scan_tld
from saccade.data.tracking.uav123 import read_uav123, scan_uav123
from saccade.data.tracking.vot import read_vot, scan_vot
from saccade.left_out import LeftOut

FORMATS: dict[str, Callable[[Path], list[TrackingSequence]]] = {
    "otb": read_otb,
    "kitti": read_kitti,
    "got10k": read_got10k,
    "mot": read_mot,
    "vot": read_vot,
    "tld": read_tld,
    "kth": read_kth,
    "uav123": read_uav123,
}
"""Readers of a folder as one sequence an object."""

_SCANS: dict[str, Callable[[Path], Iterator[TrackingSequence | LeftOut]]] = {
    "otb": scan_otb,
    "kitti": scan_kitti,
    "got10k": scan_got10k,
    "mot": scan_mot,
    "vot": scan_vot,
    "tld": scan_tld,
    "kth": scan_kth,
    "uav123": scan_uav123,
}


def read_sequences(form: str, folder: str | Path) -> list[TrackingSequence]:
    """Read a folder that is in the named format.

    Raises:
        UserInputError: The format is unknown, or the folder holds nothing in it.
        DamagedFileError: The folder's content is incomplete or malformed.
    """
    return FORMATS[choice("format", form, FORMATS)](Path(folder))


def scan_sequences(form: str, folder: str | Path) -> Iterator[TrackingSequence | LeftOut]:
    """Read as `read_sequences` does; what is incomplete or malformed is left out, with its reason.

    Raises:
        UserInputError: The format is unknown, or the folder holds nothing in it.
    """
    return _SCANS[choice("format", form, FORMATS)](Path(folder))
