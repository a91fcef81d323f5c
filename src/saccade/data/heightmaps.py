"""Heightmaps as small byte strings: tenths of a millimetre, deflated (about 5 kB a map)."""

from __future__ import annotations

import zlib

import numpy as np
from jaxtyping import Float

UNIT = 1e-4
"""Resolution of a stored height [m]."""


def pack_heightmap(heightmap: Float[np.ndarray, "rows cols"]) -> bytes:
    """Quantise to UNIT and deflate; heights outside 0 to 6.5 m are clipped to it."""
    steps = np.clip(np.rint(heightmap / UNIT), 0, np.iinfo(np.uint16).max)
    return zlib.compress(steps.astype(np.uint16).tobytes(), 1)


def unpack_heightmap(packed: bytes, shape: tuple[int, int]) -> Float[np.ndarray, "rows cols"]:
    """The float32 heightmap [m] of `pack_heightmap`; ValueError as `inflate`."""
    stored = np.frombuffer(inflate(packed, shape), np.uint16).reshape(shape)
    return stored.astype(np.float32) * np.float32(UNIT)


def inflate(packed: bytes, shape: tuple[int, int]) -> bytes:
    """The bytes of a packed heightmap, and no more of them than it takes.

    Raises:
        ValueError: They are no map of that shape.
    """
    expected = shape[0] * shape[1] * np.dtype(np.uint16).itemsize
    inflater = zlib.decompressobj()
    try:
        plain = inflater.decompress(packed, expected + 1)
    except zlib.error as error:
        raise ValueError(f"a packed heightmap is damaged ({error})") from error
    if len(plain) != expected or not inflater.eof:
        raise ValueError(f"a packed heightmap is none of {shape[0]} x {shape[1]} pixels")
    return plain
