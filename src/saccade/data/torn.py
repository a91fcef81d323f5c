"""Whether a video file ends in the middle of a picture, where FFmpeg does not say so."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

_SEGMENT, _CLUSTER = 0x18538067, 0x1F43B675
_BLOCKS = (0xA0, 0xA3)
"""Names of a block with its facts, and of one without: pictures, or sound."""
_LONGEST_NAME, _LONGEST_SIZE = 4, 8
_TRANSPORT_PACKET, _TRANSPORT_SYNC = 188, b"G"
_PICTURE_ENDS = (0x00, 0x3B)


def matroska_is_torn(path: Path) -> bool:
    """Whether a Matroska or WebM file ends within its pictures or sound (RFC 8794, RFC 9559).

    What follows the last cluster, as an index, may be missing. The clusters of a file that was
    never finished need not say how long they are: then its last block tells.
    """
    length = path.stat().st_size
    position, last = 0, _SEGMENT
    with path.open("rb") as file:
        while position < length:
            file.seek(position)
            head = _head(file)
            if head is None:
                return last in (*_BLOCKS, _CLUSTER)
            last, size = head
            within = last == _SEGMENT or (last == _CLUSTER and size is None)
            position = file.tell() + (0 if within else size or 0)
    return position > length and last in (*_BLOCKS, _CLUSTER)


def transport_stream_is_torn(path: Path) -> bool:
    """Whether an MPEG transport stream, if one begins here, ends within one of its packets."""
    with path.open("rb") as file:
        start = file.read(_TRANSPORT_PACKET + 1)
    begins = start[:1] == start[_TRANSPORT_PACKET:] == _TRANSPORT_SYNC
    return begins and path.stat().st_size % _TRANSPORT_PACKET != 0


def gif_is_torn(last_picture: bytes) -> bool:
    """Whether the last picture of a GIF lacks the empty block that ends it."""
    return last_picture[-1] not in _PICTURE_ENDS


def _head(file: BinaryIO) -> tuple[int, int | None] | None:
    """Name and size of the element that begins here, the size None where it is not known.

    None where the file ends within, or where no element begins.
    """
    name, size = _integer(file, _LONGEST_NAME), _integer(file, _LONGEST_SIZE)
    if name is None or size is None:
        return None
    # The highest bit tells how long the number is; one of ones alone is not known.
    marker = 1 << size.bit_length() - 1
    return name, None if size == 2 * marker - 1 else size - marker


def _integer(file: BinaryIO, longest: int) -> int | None:
    """A number of as many bytes as its first one begins with zeros, and one more."""
    first = file.read(1)
    more = 8 - first[0].bit_length() if first else longest
    rest = file.read(more) if more < longest else b""
    return int.from_bytes(first + rest, "big") if first and len(rest) == more < longest else None
