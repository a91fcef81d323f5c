"""NumPy's arrays and numbers in pickles that are read as data: their bytes, and nothing called."""

from __future__ import annotations

import math
from reprlib import repr as brief
from typing import Any

import numpy as np

from saccade.data.inert_pickle import PickledObject

_MULTIARRAY = ("numpy.core.multiarray", "numpy._core.multiarray")
_NUMERIC = ("numpy.core.numeric", "numpy._core.numeric")
_RECONSTRUCT = tuple(f"{module}._reconstruct" for module in _MULTIARRAY)
_SCALAR = tuple(f"{module}.scalar" for module in _MULTIARRAY)
_FROM_BUFFER = tuple(f"{module}._frombuffer" for module in _NUMERIC)
_ENCODE, _EMPTY = "_codecs.encode", "__builtin__.bytes"
"""What pickles of protocol 2 make bytes of."""
LARGEST = 1 << 40
"""Largest whole number, or size of an axis."""
MOST_AXES = 8
ARRAY_NAMES = frozenset(
    (*_RECONSTRUCT, *_SCALAR, *_FROM_BUFFER, "numpy.ndarray", "numpy.dtype", _ENCODE, _EMPTY)
)
"""Names in the pickles of NumPy's arrays and numbers."""

_ARRAY_TYPES = ("b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8")


def as_array(value: Any) -> np.ndarray:
    """The array, or number, of a pickled value: truth, whole or floating point numbers.

    Raises:
        ValueError: It is none, of another type, or its bytes do not fit its shape.
    """
    if isinstance(value, float) or (isinstance(value, int) and abs(value) < LARGEST):
        return np.array(value)
    if not isinstance(value, PickledObject):
        raise ValueError(f"{_described(value)} is no array")
    try:
        shape, dtype, fortran, raw = _parts(value)
    except (IndexError, TypeError) as error:
        raise ValueError(f"{value.name} has other parts than an array") from error
    sizes = shape if isinstance(shape, tuple) else (-1,)
    if not all(type(s) is int and 0 <= s < LARGEST for s in sizes) or len(sizes) > MOST_AXES:
        raise ValueError(f"an array has shape {brief(shape)}")
    kind, content = _type(dtype), _bytes(raw)
    if math.prod(sizes) * kind.itemsize != len(content):
        raise ValueError(f"an array of {kind} {brief(shape)} has {len(content)} bytes")
    order = "F" if fortran in (True, "F") else "C"
    return np.frombuffer(content, kind).reshape(sizes, order=order)


def _parts(value: PickledObject) -> tuple[Any, Any, Any, Any]:
    """Shape, type, order of the axes and bytes of a pickled array."""
    if value.name in _RECONSTRUCT:
        _, shape, dtype, fortran, raw = value.state
    elif value.name in _FROM_BUFFER:
        raw, dtype, shape, fortran = value.arguments
    elif value.name in _SCALAR:
        (dtype, raw), shape, fortran = value.arguments, (), False
    else:
        raise ValueError(f"{value.name} is no array")
    return shape, dtype, fortran, raw


def _type(value: Any) -> np.dtype:
    named = isinstance(value, PickledObject) and value.name == "numpy.dtype"
    code = value.arguments[0] if named and value.arguments else None
    state = value.state if named and isinstance(value.state, tuple) else ()
    order = state[1] if len(state) > 1 and state[1] in ("<", ">", "|", "=") else "<"
    if code not in _ARRAY_TYPES:
        raise ValueError(
            f"an array is of type {_described(code)}; expected one of {', '.join(_ARRAY_TYPES)}"
        )
    return np.dtype(f"{order}{code}")


def _bytes(value: Any) -> bytes:
    if isinstance(value, PickledObject) and value.name == _ENCODE:
        text = value.arguments[0] if value.arguments else None
        value = text.encode("latin-1") if isinstance(text, str) else text
    if isinstance(value, PickledObject) and value.name == _EMPTY and not value.arguments:
        value = b""
    if not isinstance(value, bytes | bytearray):
        raise ValueError(f"an array has {_described(value)} where its bytes should be")
    return bytes(value)


def _described(value: Any) -> str:
    """A value in a few letters, whatever it is."""
    if isinstance(value, str | int | float | None):
        return brief(value)
    return f"a {type(value).__name__}"
