from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from full_disk import files_of_at_most
from saccade.data.multi_view.tfrecord import masked_crc, read_records, write_records
from saccade.errors import DamagedFileError, StorageError

HEAD, TAIL = 12, 4
"""Bytes of a record before and after its payload."""


def crc32c(data: bytes) -> int:
    """Bit by bit, of Castagnoli's polynomial."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(crc: int) -> int:
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) % (1 << 32)


def record(payload: bytes) -> bytes:
    length = struct.pack("<Q", len(payload))
    checksums = [struct.pack("<I", masked(crc32c(part))) for part in (length, payload)]
    return length + checksums[0] + payload + checksums[1]


BOMB = struct.pack("<QI", 1 << 62, masked(crc32c(struct.pack("<Q", 1 << 62))))
"""A record that says it is larger than any disk."""


@pytest.mark.parametrize(
    ("data", "crc"),
    [  # RFC 3720, B.4, and the check value of the catalogue of CRCs
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (b"123456789", 0xE3069283),
    ],
)
def test_checksums_are_masked_crc_32c(data: bytes, crc: int) -> None:
    assert crc32c(data) == crc
    assert masked_crc(data) == masked(crc)


def test_a_file_has_the_bytes_that_the_format_prescribes(tmp_path: Path) -> None:
    payloads = [b"", b"a", np.random.default_rng(1).bytes(1000)]
    write_records(tmp_path / "r.tfrecord", payloads)
    content = (tmp_path / "r.tfrecord").read_bytes()
    assert content == b"".join(map(record, payloads))
    found = list(read_records(tmp_path / "r.tfrecord"))
    assert [one.payload for one in found] == payloads
    assert [content[one.start :][: len(one.payload)] for one in found] == payloads


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c[:-1], "record 1 of .* is cut short"),
        (lambda c: c[: HEAD + 5 + TAIL + 3], "record 1 of .* is cut short"),
        (lambda c: c[:3] + b"\x01" + c[4:], "record 0 of .*its length does not match"),
        (lambda c: c[:HEAD] + b"X" + c[HEAD + 1 :], "record 0 of .*content does not match"),
        (lambda c: c[:-1] + b"X", "record 1 of .*content does not match"),
        (lambda c: c + b"\0" * HEAD, "record 2 of .*its length does not match"),
        (lambda c: b"", "is empty"),
        (lambda c: BOMB, "record 0 of .* is cut short: it has 4,611,686,018,427,387,904 bytes"),
    ],
)  # fmt: skip
def test_damage_names_the_file_and_the_record(tmp_path: Path, change, message: str) -> None:
    path = tmp_path / "r.tfrecord"
    path.write_bytes(change(record(b"hello") + record(b"you")))
    with pytest.raises(DamagedFileError, match=message) as caught:
        list(read_records(path))
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_records_before_the_damage_are_read(tmp_path: Path) -> None:
    path = tmp_path / "r.tfrecord"
    path.write_bytes(record(b"hello") + record(b"you")[:-2])
    records = read_records(path)
    assert next(records).payload == b"hello"
    with pytest.raises(DamagedFileError):
        next(records)


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "r.tfrecord"
    write_records(path, [b"old"])
    with files_of_at_most(1000), pytest.raises(StorageError, match=r"r\.tfrecord"):
        write_records(path, [bytes(5000)])
    assert [one.payload for one in read_records(path)] == [b"old"]
