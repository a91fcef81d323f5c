"""TFRecord files, read and written without TensorFlow.

A record is its length (8 bytes, little-endian), the masked CRC-32C of these 8 bytes (4), the
payload, and the masked CRC-32C of the payload (4).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import google_crc32c

from saccade.errors import DamagedFileError
from saccade.storage.files import require_file, storage_errors, whole_file

MOST_BYTES = 1 << 30
"""Most bytes of a record: two views of 5,000 photographs of 100 kB."""
_MASK = 0xA282EAD8
_LENGTH, _CHECKSUM = struct.Struct("<Q"), struct.Struct("<I")
_HEAD = _LENGTH.size + _CHECKSUM.size


class Record(NamedTuple):
    """A record of a file.

    Attributes:
        start: Byte of the file that the payload begins at.
        payload: Its content.
    """

    start: int
    payload: bytes


def read_records(path: Path) -> Iterator[Record]:
    """Yield the records of a file, each after a look at its checksums.

    Raises:
        DamagedFileError: The file is missing, holds no record, ends within one or does not match
            a checksum; the records before that have been yielded.
    """
    require_file(path)
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            number = 0
            while file.tell() < size:
                yield _record(file, size, f"record {number} of {path}")
                number += 1
    except OSError as error:
        raise DamagedFileError(f"cannot read {path}: {error.strerror or error}") from error
    if number == 0:
        raise DamagedFileError(f"{path} is empty; expected a TFRecord file")


def write_records(path: Path, payloads: Iterable[bytes]) -> None:
    """Write a file that appears whole.

    Raises:
        StorageError: The disk refuses; what was there before is intact.
    """
    with storage_errors(path), whole_file(path) as file:
        for payload in payloads:
            length = _LENGTH.pack(len(payload))
            file.write(length + _CHECKSUM.pack(masked_crc(length)))
            file.write(payload)
            file.write(_CHECKSUM.pack(masked_crc(payload)))


def masked_crc(data: bytes) -> int:
    """TensorFlow's checksum of bytes: their CRC-32C, rotated right by 15 bits, plus a constant."""
    crc = google_crc32c.value(data)
    return ((crc >> 15 | crc << 17) + _MASK) & 0xFFFFFFFF


def _record(file: BinaryIO, size: int, name: str) -> Record:
    head = file.read(_HEAD)
    if len(head) < _HEAD:
        raise DamagedFileError(f"{name} is cut short: the file ends within its length")
    length = _LENGTH.unpack_from(head)[0]
    if _CHECKSUM.unpack_from(head, _LENGTH.size)[0] != masked_crc(head[: _LENGTH.size]):
        raise DamagedFileError(f"{name} is damaged: its length does not match its checksum")
    start = file.tell()
    if length + _CHECKSUM.size > size - start:
        raise DamagedFileError(
            f"{name} is cut short: it has {length:,} bytes, and {size - start:,} are left"
        )
    if length > MOST_BYTES:
        raise DamagedFileError(f"{name} has {length:,} bytes; expected at most {MOST_BYTES:,}")
    payload, checksum = file.read(length), file.read(_CHECKSUM.size)
    if len(payload) < length or len(checksum) < _CHECKSUM.size:
        raise DamagedFileError(f"{name} is cut short: the file became shorter while it was read")
    if _CHECKSUM.unpack(checksum)[0] != masked_crc(payload):
        raise DamagedFileError(f"{name} is damaged: its content does not match its checksum")
    return Record(start, payload)
