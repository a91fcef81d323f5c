"""The layouts of the Multi-View Pouring dataset (Sermanet et al., ICRA 2018) in TFRecord files.

A sequence is a SequenceExample: context `task` (its name) and `len`, feature lists `view0`,
`view1`, ... of JPEG bytes. Saccade adds lists of whole numbers, `label/phase` and `label/NAME`,
which other readers pass over.

A labelled frame is an Example: `image/view0`, `image/view1`, `task`, and whole numbers `contact`,
`distance`, `liquid_flowing`, `has_liquid` and `container_angle`. The frames of a task, in the order
of the file, are a sequence.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from jaxtyping import Int
from PIL import Image

from saccade.data.multi_view.examples import (
    Feature,
    Span,
    decode_example,
    decode_sequence_example,
    encode_example,
    encode_sequence_example,
    is_sequence_example,
)
from saccade.data.multi_view.matching import Found
from saccade.data.multi_view.sequence import Labels, MultiViewSequence
from saccade.data.multi_view.tfrecord import Record, read_records, write_records
from saccade.data.tracking.frames import Frames, Rgb, decode_image, decode_image_size
from saccade.errors import DamagedFileError, UserInputError
from saccade.left_out import LeftOut

ENDING = ".tfrecord"
IS_RECORDS = re.compile(r".+\.tfrecords?(-\d+-of-\d+)?")
"""Names of files that are read, a shard of several among them."""
LONGEST_NAME = 200
LABEL = "label/"
"""Beginning of the names of our lists of labels."""
_PUBLISHED = {"distance": "within_distance"}
"""Names of attributes in labelled records that are others here."""
_VIEW = re.compile(r"view(\d{1,3})")
_IMAGE = re.compile(r"image/view(\d{1,3})")
_JPEG = {"quality": 92, "subsampling": 0}
"""Colours at full resolution: a cup is a few pixels wide."""


@dataclass(frozen=True)
class RecordFrames(Frames):
    """Pictures that lie in a file, JPEG or PNG.

    Args:
        path: The file.
        view: Number of the view, for messages.
        places: First byte of each picture in the file, and the one after its last (n, 2).
    """

    path: Path
    view: int
    places: Int[np.ndarray, "n 2"]

    def __len__(self) -> int:
        return len(self.places)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of every frame [px]; reads the header of the first once."""
        return self._first_size

    @cached_property
    def _first_size(self) -> tuple[int, int]:
        return decode_image_size(self._bytes(0), self._name(0))

    def read(self, index: int) -> Rgb:
        """Frame `index`; see `Frames.read`."""
        self._check_index(index)
        image = decode_image(self._bytes(index), self._name(index))
        if image.shape[1::-1] != self.size:
            raise DamagedFileError(
                f"frame {self._name(index)} is {image.shape[1]} x {image.shape[0]} pixels; "
                f"expected {self.size[0]} x {self.size[1]}, as the first frame"
            )
        return image

    def _name(self, index: int) -> str:
        return f"{index} of view {self.view} in {self.path}"

    def _bytes(self, index: int) -> bytes:
        start, stop = (int(place) for place in self.places[index])
        try:
            with self.path.open("rb") as file:
                file.seek(start)
                return file.read(stop - start)
        except OSError as error:
            raise DamagedFileError(f"cannot read {self.path}: {error.strerror or error}") from error


def scan_records(path: Path, place: str) -> Iterator[Found | LeftOut]:
    """What a TFRecord file holds; what is damaged is left out, with all behind it.

    Args:
        path: The file.
        place: What the file is called in messages.
    """
    labelled: dict[str, _Labelled] = {}
    try:
        for number, record in enumerate(read_records(path)):
            try:
                if is_sequence_example(record.payload):
                    yield _found(path, place, record)
                else:
                    _add(labelled, path, record)
            except ValueError as error:
                raise DamagedFileError(f"record {number} of {path}: {error}") from error
    except UserInputError as error:
        yield LeftOut(place, error)
        return  # frames of a task may be missing behind it
    for name, frames in labelled.items():
        yield frames.found(name, place)


def write_sequence_record(path: Path, sequence: MultiViewSequence) -> None:
    """Write a sequence as one SequenceExample.

    Raises:
        StorageError: The disk refuses; what was there before is intact.
    """
    lists = {
        f"view{number}": [[_jpeg(view.read(i))] for i in range(len(view))]
        for number, view in enumerate(sequence.views)
    }
    labels = {
        LABEL + name: [[int(value)] for value in values] for name, values in sequence.labels.items()
    }
    context = {"task": [sequence.name.encode()], "len": [len(sequence)]}
    write_records(path, [encode_sequence_example(context, {**lists, **labels})])


def write_labelled_records(path: Path, sequence: MultiViewSequence) -> None:
    """Write a sequence as labelled frames, one Example each.

    Raises:
        StorageError: The disk refuses; what was there before is intact.
    """
    published = {ours: theirs for theirs, ours in _PUBLISHED.items()}
    write_records(
        path,
        (
            encode_example(
                {f"image/view{k}": [_jpeg(v.read(i))] for k, v in enumerate(sequence.views)}
                | {"task": [sequence.name.encode()]}
                | {published.get(k, k): [int(v[i])] for k, v in sequence.labels.items()}
            )
            for i in range(len(sequence))
        ),
    )


@dataclass(frozen=True)
class _Labelled:
    """Labelled frames of a task, as they come."""

    path: Path
    images: dict[int, list[tuple[int, int]]]
    labels: dict[str, list[int]]

    def found(self, name: str, place: str) -> Found:
        views: dict[int, Frames] = {
            k: RecordFrames(self.path, k, np.array(v)) for k, v in self.images.items()
        }
        labels = {_PUBLISHED.get(k, k): np.array(v) for k, v in self.labels.items()}
        return Found(name, place, views, labels)


def _add(labelled: dict[str, _Labelled], path: Path, record: Record) -> None:
    """Add a labelled frame to those of its task."""
    features = decode_example(record.payload)
    name = _text(record.payload, features.get("task", ()), path)
    images: dict[int, tuple[int, int]] = {}
    labels: dict[str, int] = {}
    for key, values in features.items():
        view = _IMAGE.fullmatch(key)
        if view:
            images[int(view[1])] = _place(record, values, key)
        elif len(values) == 1 and isinstance(values[0], int):
            labels[key] = values[0]
    task = labelled.setdefault(
        name, _Labelled(path, {k: [] for k in images}, {k: [] for k in labels})
    )
    if images.keys() != task.images.keys() or labels.keys() != task.labels.keys():
        raise ValueError(
            f"a frame of {name} has {', '.join([*_keys(images), *labels])}; those before have "
            f"{', '.join([*_keys(task.images), *task.labels])}"
        )
    for number, place in images.items():
        task.images[number].append(place)
    for key, value in labels.items():
        task.labels[key].append(_class_number(value, key))


def _keys(images: Mapping[int, object]) -> list[str]:
    return [f"image/view{number}" for number in images]


def _found(path: Path, place: str, record: Record) -> Found:
    example = decode_sequence_example(record.payload)
    views: dict[int, Frames] = {}
    labels: dict[str, Labels] = {}
    for key, steps in example.lists.items():
        view = _VIEW.fullmatch(key)
        if view:
            places = np.array([_place(record, values, key) for values in steps], np.int64)
            views[int(view[1])] = RecordFrames(path, int(view[1]), places.reshape(-1, 2))
        elif key.startswith(LABEL):
            labels[key.removeprefix(LABEL)] = np.array(
                [_class_number(_only(values, key), key) for values in steps], np.int64
            )
    stated = _only(example.context["len"], "len") if "len" in example.context else None
    if stated is not None and not isinstance(stated, int):
        raise ValueError("len is no whole number")
    return Found(
        _text(record.payload, example.context.get("task", ()), path), place, views, labels, stated
    )


def _only(values: Feature, key: str) -> Span | int | float:
    if len(values) != 1:
        raise ValueError(f"a step of {key} has {len(values)} values; expected one")
    return values[0]


def _place(record: Record, values: Feature, key: str) -> tuple[int, int]:
    """Where a picture lies in the file."""
    value = _only(values, key)
    if not isinstance(value, Span):
        raise ValueError(f"{key} holds numbers; expected the bytes of pictures")
    return record.start + value.start, record.start + value.stop


def _class_number(value: Span | int | float, key: str) -> int:
    if not isinstance(value, int) or not -(2**31) <= value < 2**31:
        raise ValueError(f"{key} holds what is no class number")
    return value


def _text(message: bytes, values: Feature, path: Path) -> str:
    """The name in `task`, or the file's where there is none."""
    if not values:
        return path.name.partition(".")[0]
    value = values[0]
    if not isinstance(value, Span):
        raise ValueError("task is a number; expected a name")
    name = message[slice(*value)].decode()
    if not (0 < len(name) <= LONGEST_NAME and name.isprintable()):
        raise ValueError(f"task is no name of 1 to {LONGEST_NAME} printable letters")
    return name


def _jpeg(image: Rgb) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", **_JPEG)
    return file.getvalue()
