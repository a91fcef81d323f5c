"""TensorFlow's messages Example and SequenceExample in protobuf's wire format.

    Example          features = 1: Features
    SequenceExample  context = 1: Features, feature_lists = 2: FeatureLists
    Features         feature = 1: map of str to Feature
    FeatureLists     feature_list = 1: map of str to FeatureList
    FeatureList      feature = 1: repeated Feature
    Feature          one of bytes_list = 1, float_list = 2, int64_list = 3, each value = 1: repeated
    map              repeated, key = 1, value = 2

Numbers are read packed or one by one, and fields that are not known are passed over.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

from saccade.errors import UserInputError

T = TypeVar("T")
_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
"""Wire types; 3 and 4 were groups, which no message here has had."""
_LONGEST_VARINT = 10
MOST_ITEMS = 1 << 20
"""Most steps of a list, and values of a feature: more than anything filmed has."""
_BYTES, _FLOATS, _INTEGERS = 1, 2, 3
"""Fields of a Feature."""


class Span(NamedTuple):
    """Where bytes lie in a message: from `start` up to but without `stop`."""

    start: int
    stop: int


Feature = tuple[Span, ...] | tuple[int, ...] | tuple[float, ...]
"""Values of a feature: places of bytes in the message, whole numbers, or numbers."""
Given = bytes | int | float
"""A value that is written."""


class SequenceExample(NamedTuple):
    """A SequenceExample.

    Attributes:
        context: Features of the whole, by name.
        lists: Features of each step, by name.
    """

    context: dict[str, Feature]
    lists: dict[str, list[Feature]]


def is_sequence_example(message: bytes) -> bool:
    """Whether a message has the field that only a SequenceExample has.

    Raises:
        ValueError: It is no message.
    """
    return any(number == 2 for number, _ in _fields(message, Span(0, len(message))))


def decode_example(message: bytes) -> dict[str, Feature]:
    """The features of an Example by name.

    Raises:
        ValueError: It is no such message.
    """
    whole = Span(0, len(message))
    return {
        key: _feature(message, value)
        for features in _nested(message, whole, 1)
        for key, value in _map(message, features)
    }


def decode_sequence_example(message: bytes) -> SequenceExample:
    """The context and the lists of a SequenceExample.

    Raises:
        ValueError: It is no such message.
    """
    lists = {
        key: [_feature(message, one) for one in _limited(_nested(message, value, 1))]
        for each in _nested(message, Span(0, len(message)), 2)
        for key, value in _map(message, each)
    }
    return SequenceExample(decode_example(message), lists)


def encode_example(features: Mapping[str, Sequence[Given]]) -> bytes:
    """An Example with the values of each feature; all values of one are of one type."""
    return _part(1, _encoded_features(features))


def encode_sequence_example(
    context: Mapping[str, Sequence[Given]], lists: Mapping[str, Sequence[Sequence[Given]]]
) -> bytes:
    """A SequenceExample with a context and lists, which have the values of each step."""
    encoded = b"".join(
        _entry(key, b"".join(_part(1, _encoded_feature(values)) for values in steps))
        for key, steps in lists.items()
    )
    return _part(1, _encoded_features(context)) + _part(2, encoded)


# Reading


def _varint(message: bytes, at: int, stop: int) -> tuple[int, int]:
    """A number of 64 bits, seven to a byte, and where it ends."""
    if at < stop and message[at] < 0x80:  # most are of one byte, and there are many
        return message[at], at + 1
    value = 0
    for i in range(min(_LONGEST_VARINT, stop - at)):
        byte = message[at + i]
        value |= (byte & 0x7F) << 7 * i
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at + i + 1
    raise ValueError(f"a number at byte {at} has no end")


def _fields(message: bytes, within: Span) -> Iterator[tuple[int, Span | int]]:
    """Number and content of each field; of those with a length its place, else the number."""
    at, stop = within
    while at < stop:
        tag, at = _varint(message, at, stop)
        number, kind = tag >> 3, tag & 7
        if kind == _VARINT:
            value, at = _varint(message, at, stop)
            yield number, value
            continue
        if kind == _LENGTH:
            size, at = _varint(message, at, stop)
        elif kind in (_FIXED32, _FIXED64):
            size = 4 if kind == _FIXED32 else 8
        else:
            raise ValueError(f"a field at byte {at} has the wire type {kind}")
        if size > stop - at:
            raise ValueError(f"a field at byte {at} has {size} bytes, and {stop - at} are left")
        yield number, Span(at, at + size)
        at += size


def _nested(message: bytes, within: Span, number: int) -> Iterator[Span]:
    """Places of the fields of a number, each a message or bytes."""
    for given, content in _fields(message, within):
        if given == number:
            if not isinstance(content, Span):
                raise ValueError(f"field {number} is a number; expected a message")
            yield content


def _map(message: bytes, within: Span) -> Iterator[tuple[str, Span]]:
    for entry in _nested(message, within, 1):
        keys, values = list(_nested(message, entry, 1)), list(_nested(message, entry, 2))
        key = message[slice(*keys[-1])].decode() if keys else ""
        yield key, values[-1] if values else Span(entry.start, entry.start)


def _feature(message: bytes, within: Span) -> Feature:
    found: Feature = ()
    for number, content in _fields(message, within):
        if number not in (_BYTES, _FLOATS, _INTEGERS):
            continue
        if not isinstance(content, Span):
            raise ValueError("a feature's list is a number; expected a message")
        if number == _BYTES:
            found = tuple(_limited(_nested(message, content, 1)))
        elif number == _FLOATS:
            found = tuple(_limited(_floats(message, content)))
        else:
            found = tuple(_limited(_integers(message, content)))
    return found


def _limited(items: Iterator[T]) -> Iterator[T]:
    for count, item in enumerate(items):
        if count == MOST_ITEMS:
            raise ValueError(f"a list has more than {MOST_ITEMS:,} items")
        yield item


def _integers(message: bytes, within: Span) -> Iterator[int]:
    for number, content in _fields(message, within):
        if number != 1:
            continue
        if isinstance(content, int):
            yield _signed(content)
            continue
        at = content.start
        while at < content.stop:
            value, at = _varint(message, at, content.stop)
            yield _signed(value)


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


def _floats(message: bytes, within: Span) -> Iterator[float]:
    for place in _nested(message, within, 1):
        if (place.stop - place.start) % 4:
            raise ValueError("a list of floating point numbers ends within one")
        yield from np.frombuffer(message[slice(*place)], "<f4").tolist()


# Writing


def _encoded_varint(value: int) -> bytes:
    value &= 0xFFFFFFFFFFFFFFFF
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])


def _part(number: int, content: bytes) -> bytes:
    """A field with a length."""
    return _encoded_varint(number << 3 | _LENGTH) + _encoded_varint(len(content)) + content


def _entry(key: str, value: bytes) -> bytes:
    """An entry of a map."""
    return _part(1, _part(1, key.encode()) + _part(2, value))


def _encoded_features(features: Mapping[str, Sequence[Given]]) -> bytes:
    return b"".join(_entry(key, _encoded_feature(values)) for key, values in features.items())


def _encoded_feature(values: Sequence[Given]) -> bytes:
    coded = [value for value in values if isinstance(value, bytes)]
    whole = [value for value in values if isinstance(value, int)]
    if values and len(coded) == len(values):
        return _part(_BYTES, b"".join(_part(1, value) for value in coded))
    if values and len(whole) == len(values):
        packed = b"".join(_encoded_varint(value) for value in whole)
        return _part(_INTEGERS, _part(1, packed))
    if all(isinstance(value, float) for value in values):
        return _part(_FLOATS, _part(1, struct.pack(f"<{len(values)}f", *values)))
    raise UserInputError("a feature has values of several types; expected bytes, int or float")
