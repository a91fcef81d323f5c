from __future__ import annotations

import re
import struct

import pytest

from saccade.data.multi_view import examples
from saccade.data.multi_view.examples import (
    Span,
    decode_example,
    decode_sequence_example,
    encode_example,
    encode_sequence_example,
    is_sequence_example,
)
from saccade.errors import UserInputError


def part(number: int, content: bytes) -> bytes:
    """A field with a length below 128."""
    assert len(content) < 128 and number < 16
    return bytes([number << 3 | 2, len(content)]) + content


def entry(key: bytes, value: bytes) -> bytes:
    return part(1, part(1, key) + part(2, value))


BYTES = part(1, part(1, b"abc") + part(1, b""))
INTEGERS = part(3, part(1, b"\x05\xac\x02" + b"\xff" * 9 + b"\x01"))  # 5, 300, -1
FLOATS = part(2, part(1, struct.pack("<2f", 0.5, -2)))


def test_an_example_has_the_bytes_of_protobuf() -> None:
    made = encode_example({"task": [b"abc", b""], "len": [5, 300, -1], "x": [0.5, -2.0]})
    features = entry(b"task", BYTES) + entry(b"len", INTEGERS) + entry(b"x", FLOATS)
    assert made == part(1, features)


def test_a_sequence_example_has_the_bytes_of_protobuf() -> None:
    made = encode_sequence_example({"len": [2]}, {"view0": [[b"a"], [b"bc"]], "none": []})
    context = entry(b"len", part(3, part(1, b"\x02")))
    views = part(1, part(1, part(1, b"a"))) + part(1, part(1, part(1, b"bc")))
    assert made == part(1, context) + part(2, entry(b"view0", views) + entry(b"none", b""))


def test_what_was_written_is_read() -> None:
    lists = {"view0": [[b"a"], [b"bc"]], "y": [[-7], [1 << 40]]}
    message = encode_sequence_example({"task": [b"pour"], "len": [2], "x": [0.5]}, lists)
    example = decode_sequence_example(message)
    assert is_sequence_example(message)
    assert (example.context["len"], example.context["x"]) == ((2,), (0.5,))
    places = [step[0] for step in example.lists["view0"]]
    assert [message[slice(*place)] for place in places if isinstance(place, Span)] == [b"a", b"bc"]
    assert example.lists["y"] == [(-7,), (1 << 40,)]


def test_numbers_one_by_one_and_unknown_fields_are_read() -> None:
    """Old writers do not pack; another kind of field may come with time."""
    unpacked = part(3, b"\x08\x05" + b"\x08\xac\x02")
    floats = part(2, b"\x0d" + struct.pack("<f", 0.5) + part(7, b"new"))
    unknown = b"\x48\x01" + b"\x49" + bytes(8) + b"\x4d" + bytes(4) + part(10, b"?")
    message = unknown + part(1, entry(b"a", unknown + unpacked) + unknown + entry(b"b", floats))
    assert decode_example(message) == {"a": (5, 300), "b": (0.5,)}
    assert not is_sequence_example(message)


def test_of_a_name_twice_the_last_counts_and_parts_are_merged() -> None:
    one, two = entry(b"a", part(3, part(1, b"\x01"))), entry(b"a", part(3, part(1, b"\x02")))
    assert decode_example(part(1, one) + part(1, entry(b"b", b"")) + part(1, two)) == {
        "a": (2,), "b": (),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        (b"\x0a\x05abc", "has 5 bytes, and 3 are left"),
        (b"\x0a", "has no end"),
        (b"\xff" * 12, "has no end"),
        (b"\x0b\x0c", "wire type 3"),
        (b"\x08\x01", "field 1 is a number"),
        (part(1, entry(b"a", part(2, part(1, b"abc")))), "ends within one"),
        (part(1, entry(b"a", b"\x18\x01")), "list is a number"),
        (part(1, entry(b"\xff", b"")), "codec can't decode"),
        (part(1, b"\x0a\x02\x08\x01"), "field 1 is a number"),
    ],
)
def test_what_is_no_message_is_refused(message: bytes, problem: str) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)):
        decode_example(message)


def test_a_list_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examples, "MOST_ITEMS", 3)
    steps = encode_sequence_example({}, {"view0": [[b""]] * 4})
    values = encode_example({"a": [0, 1, 2, 3]})
    for read, message in ((decode_sequence_example, steps), (decode_example, values)):
        with pytest.raises(ValueError, match="more than 3 items"):
            read(message)


def test_values_of_two_types_are_refused() -> None:
    with pytest.raises(UserInputError, match="several types"):
        encode_example({"a": [1, b"x"]})
