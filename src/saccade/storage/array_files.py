"""Arrays on disk (.npy, .npz), read without trust: headers and sizes before anything is allocated.

What a file must hold is declared, an `ArraySpec` an array. Nothing is ever unpickled.
"""

from __future__ import annotations

import math
import tokenize
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

import numpy as np

from saccade.errors import DamagedFileError
from saccade.storage.files import require_file

MOST_BYTES = 1 << 30
"""Most bytes of a lone array: a picture of 128 million numbers."""
LONGEST_TEXT = 200
"""Most letters of a text in an array."""
_PLAIN = "biufU"
"""Letters of NumPy's kinds that are taken: truth, whole and floating point numbers, text."""
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Compressions that NumPy writes; zipfile inflates others without a limit."""

_UNREADABLE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    EOFError,
    SyntaxError,
    RecursionError,
    MemoryError,  # what Python's parser says to a header of brackets
    tokenize.TokenError,
    RuntimeError,  # what zipfile says to flags that a damaged byte has set
    NotImplementedError,
    zlib.error,
    zipfile.BadZipFile,
)
"""Errors that NumPy and zipfile raise for bytes that are no array, or no archive of arrays."""

Sizes = dict[str, int]
"""Sizes of axes by their names."""


@dataclass(frozen=True)
class ArraySpec:
    """Requirements on an array.

    Attributes:
        dtype: NumPy's name of its type; "str" for text of any length up to `LONGEST_TEXT`.
        shape: Sizes of its axes, as a text: a number; a name, which stands for the same size in all
            arrays of a file; or such a name and "+1".
        low: Least value.
        high: Largest value.
        may_be_nan: Whether NaN may stand for a value that there is none of.
    """

    dtype: str
    shape: str
    low: float = -math.inf
    high: float = math.inf
    may_be_nan: bool = False

    def check_header(self, shape: tuple[int, ...], dtype: np.dtype, sizes: Sizes) -> None:
        """Refuse another type or shape; sizes of axes that were not known yet are noted.

        Raises:
            ValueError: The message says what was given and expected.
        """
        is_text = self.dtype == "str" and dtype.kind == "U" and dtype.itemsize <= 4 * LONGEST_TEXT
        # An array of nothing has lost the type that its values would have had.
        if not is_text and math.prod(shape) and dtype != np.dtype(self.dtype):
            raise ValueError(f"is of type {dtype}; expected {self.dtype}")
        axes = self.shape.split()
        fits = len(axes) == len(shape)
        for axis, size in zip(axes, shape, strict=False):
            name, plus, _ = axis.partition("+")
            given = size - bool(plus)
            fits &= given >= 0 and given == (
                int(name) if name.isdigit() else sizes.get(name, given)
            )
            sizes.setdefault(name, given)
        if not fits:
            known = {k: v for k, v in sizes.items() if not k.isdigit()}
            raise ValueError(f"has shape {shape}; expected ({', '.join(axes)}) with {known}")

    def check_values(self, array: np.ndarray) -> None:
        """Refuse values that are not finite or out of range.

        Raises:
            ValueError: The message has one of them.
        """
        if array.dtype.kind == "U" or not array.size:
            return
        wrong = ~((array >= self.low) & (array <= self.high) & np.isfinite(array))
        if self.may_be_nan:
            wrong &= ~np.isnan(array)
        if wrong.any():
            raise ValueError(
                f"has a value {array[wrong][0]}; expected {self.low:g} to {self.high:g}"
            )


@dataclass(frozen=True)
class _Limits:
    """Largest sizes of axes by their names, and of an array [bytes]."""

    axes: Mapping[str, int]
    array_bytes: int

    def check(self, sizes: Sizes, array_bytes: int) -> None:
        for axis, limit in self.axes.items():
            if sizes.get(axis, 0) > limit:
                raise ValueError(f"has {sizes[axis]:,} {axis}; expected at most {limit:,}")
        if array_bytes > self.array_bytes:
            raise ValueError(f"takes {array_bytes:,} bytes; expected at most {self.array_bytes:,}")


def read_npz(
    path: Path,
    specs: Mapping[str, ArraySpec],
    most: Mapping[str, int],
    most_bytes: int = MOST_BYTES,
) -> dict[str, np.ndarray]:
    """The arrays of an archive that `specs` declares, by name.

    Args:
        path: The archive.
        specs: Requirements on each array, by name; those of few axes first name the sizes.
        most: Largest sizes of the axes, by name.
        most_bytes: Largest size of an array.

    Raises:
        DamagedFileError: It is no such archive, an array is missing, is not as declared, or does
            not match its checksum.
    """
    require_file(path)
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            sizes: Sizes = {}
            limits = _Limits(most, most_bytes)
            return {
                name: _member(archive, name, spec, sizes, limits) for name, spec in specs.items()
            }
    except _UNREADABLE as error:
        raise DamagedFileError(f"{path} is damaged: {_reason(error)}") from error


def read_npy(
    path: Path, most_bytes: int = MOST_BYTES, mode: Literal["r"] | None = None
) -> np.ndarray:
    """The array of a .npy file: numbers, truth values or text.

    Args:
        path: The file.
        most_bytes: Largest size of the file.
        mode: "r" to leave the values on the disk until they are asked for.

    Raises:
        DamagedFileError: It is missing, no regular file, too large, no such array or cut short.
    """
    require_file(path, most_bytes)
    try:
        with path.open("rb") as file:
            shape, fortran, dtype = _header(file)
            here, need = path.stat().st_size - file.tell(), math.prod(shape) * dtype.itemsize
            if here < need:
                raise ValueError(f"{dtype} {shape} takes {need:,} bytes, and {here:,} are there")
            if mode == "r" and need:
                order = "F" if fortran else "C"
                return np.memmap(path, dtype, mode, file.tell(), shape, order)
            return _shaped(np.fromfile(file, dtype, math.prod(shape)), shape, fortran)
    except _UNREADABLE as error:
        raise DamagedFileError(f"{path} is no array that can be read: {_reason(error)}") from error


def _member(
    archive: zipfile.ZipFile, name: str, spec: ArraySpec, sizes: Sizes, limits: _Limits
) -> np.ndarray:
    try:
        entry = archive.getinfo(f"{name}.npy")
    except KeyError as error:
        raise ValueError(f"it lacks {name}") from error
    if entry.compress_type not in _METHODS:
        raise ValueError(f"{name} is compressed in a way that NumPy does not write")
    try:
        with archive.open(entry) as file:
            shape, fortran, dtype = _header(file)
            spec.check_header(shape, dtype, sizes)
            here, need = entry.file_size - file.tell(), math.prod(shape) * dtype.itemsize
            limits.check(sizes, need)
            if here != need:
                raise ValueError(f"takes {need:,} bytes, and {here:,} are there")
            # Read to its end, where zipfile compares the checksum.
            array = np.frombuffer(bytearray(file.read()), dtype, math.prod(shape))
        array = _shaped(array, shape, fortran)
        spec.check_values(array)
    except _UNREADABLE as error:
        raise ValueError(f"{name} {_reason(error)}") from error
    return array


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Shape, whether columns come first, and type; the file then stands at the values."""
    version = np.lib.format.read_magic(file)
    readers = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    if version not in readers:
        raise ValueError(f"the header is of version {version}; expected (1, 0) or (2, 0)")
    with warnings.catch_warnings(action="ignore"):  # of headers that Python 2 wrote
        shape, fortran, dtype = readers[version](file)
    if dtype.kind not in _PLAIN or not dtype.itemsize or any(size < 0 for size in shape):
        raise ValueError(f"the header says {dtype} {shape}; expected plain numbers or text")
    return shape, fortran, dtype


def _shaped(array: np.ndarray, shape: tuple[int, ...], fortran: bool) -> np.ndarray:
    return array.reshape(shape[::-1]).T if fortran else array.reshape(shape)


def _reason(error: BaseException) -> str:
    return " ".join(f"{error}".split())[:300] or type(error).__name__
