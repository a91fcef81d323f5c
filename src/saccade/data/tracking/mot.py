"""MOTChallenge: Milan et al., "MOT16: A Benchmark for Multi-Object Tracking", 2016.

MOT16-02/img1/000001.jpg ...
MOT16-02/gt/gt.txt         frame, id, x, y, w, h, consider, class, visibility; all from 1
MOT16-02/seqinfo.ini       may name another folder of images and their number
"""

from __future__ import annotations

import configparser
from collections.abc import Iterator
from pathlib import Path

from saccade.data.tracking.annotation import (
    image_frames,
    malformed,
    parse_numbers,
    read_each,
    read_lines,
    sequence_folders,
    split_fields,
)
from saccade.data.tracking.frames import ImageFrames
from saccade.data.tracking.multi_object import ObjectRow, assemble
from saccade.data.tracking.sequence import MultiObjectSequence, TrackingSequence
from saccade.errors import DamagedFileError
from saccade.left_out import LeftOut, require_all
from saccade.storage.files import require_file
from saccade.wording import counted

_EXPECTED = "frame, id, x, y, width, height[, consider, class, visibility]"

MOST_INFO_BYTES, LONGEST_NAME = 1 << 20, 60
"""Most bytes of seqinfo.ini, which has a few lines, and most letters of a folder it names."""
CLASSES = (
    "",
    "pedestrian",
    "person on vehicle",
    "car",
    "bicycle",
    "motorbike",
    "non-motorised vehicle",
    "static person",
    "distractor",
    "occluder",
    "occluder on the ground",
    "occluder full",
    "reflection",
    "crowd",
)
"""Classes of MOT16 by number; MOT15 has none."""


def read_mot(folder: str | Path) -> list[TrackingSequence]:
    """Read every track of one MOT sequence, or of a folder of them; NaN within a track's gaps.

    Raises:
        UserInputError: There is no sequence in the folder.
        DamagedFileError: A frame is missing or a line is malformed.
    """
    return require_all(scan_mot(folder))


def scan_mot(folder: str | Path) -> Iterator[TrackingSequence | LeftOut]:
    """Read as `read_mot` does; videos that cannot be read are left out.

    Errors are those of `scan_mot_videos`.
    """
    for video in scan_mot_videos(folder):
        yield from [video] if isinstance(video, LeftOut) else video.tracks()


def read_mot_videos(folder: str | Path) -> list[MultiObjectSequence]:
    """Read MOT sequences with all their objects; errors as in `read_mot`.

    Objects whose flag "consider" is 0 (static people, reflections, vehicles) are left out, as they
    are when the benchmark evaluates; where only some rows of an object have it, or one has a box
    without extent, it is unknown where the object is.
    """
    return require_all(scan_mot_videos(folder))


def scan_mot_videos(folder: str | Path) -> Iterator[MultiObjectSequence | LeftOut]:
    """Read as `read_mot_videos` does; videos that cannot be read are left out.

    Raises:
        UserInputError: There is no sequence in the folder.
    """
    found = sequence_folders(Path(folder), "MOT", "gt/gt.txt", lambda p: (p / "img1").is_dir())
    return read_each(found, _read)


def _read(folder: Path) -> MultiObjectSequence:
    frames = _frames(folder)
    annotation = folder / "gt" / "gt.txt"
    rows = [_row(annotation, *line) for line in read_lines(annotation)]
    boxes, ids, labels, unknown = assemble(annotation, rows, len(frames))
    return MultiObjectSequence(folder.name, frames, boxes, ids, labels, unknown=unknown)


def _row(path: Path, number: int, line: str) -> ObjectRow:
    fields = split_fields(line)
    if not 6 <= len(fields) <= 10:
        raise malformed(path, number, line, _EXPECTED)
    values = parse_numbers(path, number, fields, _EXPECTED)
    frame, identity, x, y, width, height = values[:6]
    if not (frame.is_integer() and identity.is_integer()):
        raise malformed(path, number, line, _EXPECTED)
    is_considered = len(values) <= 6 or values[6] != 0
    box = (x - 1, y - 1, width, height) if is_considered else None
    # Ten columns are MOT15's, whose eighth is a position in space.
    kind = int(values[7]) if 8 <= len(values) <= 9 else 0
    label = CLASSES[kind] if 0 <= kind < len(CLASSES) else str(kind)
    return ObjectRow(number, int(frame) - 1, int(identity), label, box)


def _frames(folder: Path) -> ImageFrames:
    path = folder / "seqinfo.ini"
    info = configparser.ConfigParser(interpolation=None)
    if path.exists():
        require_file(path, MOST_INFO_BYTES)
    try:
        info.read(path, encoding="utf-8-sig")
        images = info.get("Sequence", "imDir", fallback="img1")
        stated = info.getint("Sequence", "seqLength", fallback=None)
    except (OSError, ValueError, configparser.Error) as error:
        reason = " ".join(f"{error}".split())
        raise DamagedFileError(f"{path} cannot be read: {reason}") from error
    if Path(images).is_absolute() or ".." in Path(images).parts or len(images) > LONGEST_NAME:
        raise DamagedFileError(
            f"{path} says imDir={images[:LONGEST_NAME]}; expected a folder within {folder.name}, "
            "such as img1"
        )
    frames = image_frames(folder / images, first=1)
    if stated not in (None, len(frames)):
        raise DamagedFileError(
            f"{folder / images} has {counted(len(frames), 'frame')}; expected {stated}, as "
            f"{path.name} says"
        )
    return frames
