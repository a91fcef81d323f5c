"""KTH actions (Schuldt, Laptev and Caputo, ICPR 2004) with the person's box in each frame.

    KTHBoundingBoxInfo.txt   Jiang, Lin and Davis, PAMI 2012; four lines of heading, then
                             person scenario action sequence start end, y1 x1 y2 x2 a frame
    frames/person01_jogging_d1_uncomp/001.png ...    or
    jogging/person01_jogging_d1_uncomp.avi

Frames count from 1, and `end` is the last one inside. Sizes and classes are those of the RATM
protocol (Kahou et al., 2017): 160 x 120 grey; jogging, running and walking.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from jaxtyping import Float32

from saccade.checks import choice
from saccade.data.tracking.annotation import (
    check_folder,
    malformed,
    numbered_images,
    parse_numbers,
    present_boxes,
    read_lines,
    split_fields,
)
from saccade.data.tracking.frames import Frames, FrameView, ImageFrames, Rgb
from saccade.data.tracking.sequence import TrackingSequence
from saccade.data.tracking.video import VideoFrames
from saccade.errors import DamagedFileError, UserInputError
from saccade.left_out import LeftOut, attempt, require_all

ACTIONS = ("boxing", "handclapping", "handwaving", "jogging", "running", "walking")
"""Actions by the annotation's number, from 1."""

TRACKED = ("jogging", "running", "walking")
SIZE = (160, 120)
ANNOTATION = "KTHBoundingBoxInfo.txt"
HEAD = 6
"""Numbers of a line before those of its boxes: person to end."""
_EXPECTED = "person scenario action sequence start end and y1 x1 y2 x2 for each frame"


def read_kth(folder: str | Path, actions: Collection[str] = TRACKED) -> list[TrackingSequence]:
    """Read the annotated sequences of some actions; `group` is the subject, `label` the action.

    A box is x2 - x1 wide and stands where the annotation says, as RATM has it.

    Raises:
        UserInputError: There is no annotation in the folder, or an action is unknown.
        DamagedFileError: A video or frame is missing, or a line is malformed.
    """
    return require_all(scan_kth(folder, actions))


def scan_kth(
    folder: str | Path, actions: Collection[str] = TRACKED
) -> Iterator[TrackingSequence | LeftOut]:
    """Read as `read_kth` does; lines, and sequences of videos, that cannot be read are left out.

    Raises:
        UserInputError: There is no annotation in the folder, or an action is unknown.
        DamagedFileError: The annotation cannot be read.
    """
    root = Path(folder)
    check_folder(root, "KTH")
    for action in sorted(actions):
        choice("action", action, ACTIONS)
    path = root / ANNOTATION
    if not path.is_file():
        raise UserInputError(f"{root} holds no KTH sequences; expected {ANNOTATION} in it")
    # Sequences of one video share its decoder and its list of files.
    videos: dict[str, tuple[Frames, int] | LeftOut] = {}
    for number, line in _body(path):
        entry = attempt(f"{path.name} line {number}", partial(_entry, path, number, line))
        if isinstance(entry, LeftOut):
            yield entry
        elif entry.action in actions:
            name = entry.video
            if name not in videos:
                videos[name] = attempt(name, partial(_open_video, root, entry.action, name))
            yield attempt(entry.name, partial(_sequence, path, entry, videos[name]))


def _sequence(path: Path, entry: _Entry, video: tuple[Frames, int] | LeftOut) -> TrackingSequence:
    if isinstance(video, LeftOut):
        raise video.error
    frames = _clip(path, entry, *video)
    return TrackingSequence(entry.name, frames, entry.boxes, entry.action, entry.subject)


class _Entry(NamedTuple):
    line: int
    subject: str
    action: str
    video: str
    name: str
    start: int
    end: int
    boxes: Float32[np.ndarray, "t 4"]


def _body(path: Path) -> list[tuple[int, str]]:
    """The lines after the heading, which no line of numbers comes before."""
    lines = read_lines(path)
    first = next((i for i, (_, line) in enumerate(lines) if line[:1].isdigit()), len(lines))
    if first == len(lines):
        raise DamagedFileError(f"{path} has no line of numbers; expected {_EXPECTED}")
    return [(number, line) for number, line in lines[first:] if not line.startswith("#")]


def _entry(path: Path, number: int, line: str) -> _Entry:
    fields = split_fields(line)
    values = parse_numbers(path, number, fields, _EXPECTED, allow_nan=True)
    head = values[:HEAD]
    if len(head) < HEAD or not all(v.is_integer() for v in head):
        raise malformed(path, number, line, _EXPECTED)
    person, scenario, action, sequence, start, end = (int(v) for v in head)
    if not (1 <= action <= len(ACTIONS) and 1 <= start <= end):
        raise malformed(path, number, line, _EXPECTED)
    if len(values) != HEAD + 4 * (end - start + 1):
        raise DamagedFileError(
            f"{path} line {number} has {len(values) - HEAD} numbers of boxes for {end - start + 1} "
            "frames; expected four a frame"
        )
    y1, x1, y2, x2 = np.array(values[HEAD:], np.float64).reshape(-1, 4).T
    boxes = present_boxes(np.stack([x1, y1, x2 - x1, y2 - y1], axis=1))
    subject = f"person{person:02d}"
    video = f"{subject}_{ACTIONS[action - 1]}_d{scenario}"
    name = f"{video}/{sequence}"
    return _Entry(number, subject, ACTIONS[action - 1], video, name, start, end, boxes)


def _open_video(root: Path, action: str, video: str) -> tuple[Frames, int]:
    """The frames of a video, and the number of the first."""
    names = (f"{video}_uncomp", video)
    folders = [parent / name for parent in (root / "frames", root) for name in names]
    for folder in folders:
        if folder.is_dir():
            images = numbered_images(folder)
            return ImageFrames(tuple(images.values()), SIZE), next(iter(images))
    files = [parent / f"{name}.avi" for parent in (root / action, root) for name in names]
    for file in files:
        if file.is_file():
            return VideoFrames(file, SIZE), 1
    raise DamagedFileError(
        f"{root} lacks the video {video}; expected {folders[0].relative_to(root)} or "
        f"{files[0].relative_to(root)}"
    )


def _clip(path: Path, entry: _Entry, frames: Frames, first: int) -> Frames:
    """Frames `start` to `end` of a video whose first frame has the number `first`."""
    if entry.start < first or entry.end >= first + len(frames):
        raise DamagedFileError(
            f"{path} line {entry.line} is about frames {entry.start} to {entry.end} of "
            f"{entry.video}, which has frames {first} to {first + len(frames) - 1}"
        )
    return FrameView(frames, range(entry.start - first, entry.end - first + 1), _grey)


def _grey(image: Rgb) -> Rgb:
    return cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
