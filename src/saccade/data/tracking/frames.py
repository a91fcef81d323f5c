"""Frames that are read one at a time: image files, pictures in memory, views of other frames."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from jaxtyping import Shaped, UInt8
from PIL import Image

from saccade.data.orientation import exif_turn, is_sideways, turned
from saccade.errors import DamagedFileError, UserInputError
from saccade.storage.files import require_file

Rgb = UInt8[np.ndarray, "_ _ 3"]
_File = io.BufferedReader | io.BytesIO

MOST_PIXELS = 50_000_000
"""Most pixels of a frame: 8K video has 33 million."""
NO_PICTURE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    KeyError,
    IndexError,
    TypeError,
    OverflowError,
    MemoryError,
    NotImplementedError,
    ZeroDivisionError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
"""Errors that Pillow raises for bytes that are no whole picture."""

_SUPPORTED = ("1", "L", "P", "RGB", "LA", "PA", "RGBA", "CMYK", "YCbCr")
"""Pillow's names of 8-bit pictures; "I;16", "I" and "F" have no agreed way to 8 bits."""


class Frames(ABC):
    """The pictures of a video, uint8 RGB (height, width, 3), each read when asked for."""

    @abstractmethod
    def __len__(self) -> int:
        """Number of frames."""

    @property
    @abstractmethod
    def size(self) -> tuple[int, int]:
        """(width, height) of every frame [px]."""

    @abstractmethod
    def read(self, index: int) -> Rgb:
        """Frame `index`, counted from 0.

        Raises:
            UserInputError: There is no such frame, or its picture has 16 bits or transparency.
            DamagedFileError: It cannot be read, or is not of the size of the others.
        """

    def release(self) -> None:  # noqa: B027 - most hold nothing
        """Let go of what reading keeps open; the next read opens it again."""

    def _check_index(self, index: int) -> None:
        if not 0 <= index < len(self):
            raise UserInputError(f"frame {index} does not exist; valid are 0 to {len(self) - 1}")


@dataclass(frozen=True)
class ImageFrames(Frames):
    """Image files, one a frame.

    Args:
        paths: The files in order of time.
        expected_size: Size (width, height) that the annotation was made for [px]; by default that
            of the first file.
    """

    paths: tuple[Path, ...]
    expected_size: tuple[int, int] | None = None

    def __len__(self) -> int:
        return len(self.paths)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of every frame [px]; reads the header of the first file once."""
        return self.expected_size or self._first_size

    @cached_property
    def _first_size(self) -> tuple[int, int]:
        return read_image_size(self.paths[0])

    def read(self, index: int) -> Rgb:
        """The picture of file `index`; see `Frames.read`."""
        self._check_index(index)
        image = read_image(self.paths[index])
        width, height = self.size
        if image.shape[:2] != (height, width):
            known = "as the first frame" if self.expected_size is None else "as its annotation"
            raise DamagedFileError(
                f"{self.paths[index]} is {image.shape[1]} x {image.shape[0]} pixels; "
                f"expected {width} x {height}, {known}"
            )
        return image


@dataclass(frozen=True, eq=False)
class ArrayFrames(Frames):
    """Pictures in memory, as of a generated video.

    Args:
        images: Images, uint8 RGB (T, height, width, 3).

    Raises:
        UserInputError: The images are not such an array.
    """

    images: Shaped[np.ndarray, "..."]

    def __post_init__(self) -> None:
        if self.images.ndim != 4 or self.images.shape[3] != 3 or self.images.dtype != np.uint8:
            raise UserInputError(
                f"images have shape {self.images.shape} and type {self.images.dtype}; expected "
                "uint8 RGB (frames, rows, columns, 3)"
            )

    def __len__(self) -> int:
        return len(self.images)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of every frame [px]."""
        return self.images.shape[2], self.images.shape[1]

    def read(self, index: int) -> Rgb:
        """A copy of picture `index`; see `Frames.read`."""
        self._check_index(index)
        return self.images[index].copy()


@dataclass(frozen=True)
class FrameView(Frames):
    """Other frames, chosen and changed: a clip, a reversed, mirrored or resized video.

    Args:
        base: Frames that the pictures come from.
        indices: The frames of `base`, in the order of the view.
        change: Function that is applied to each picture, if any.
        changed_size: Size (width, height) after `change` [px], where that differs.
    """

    base: Frames
    indices: Sequence[int]
    change: Callable[[Rgb], Rgb] | None = None
    changed_size: tuple[int, int] | None = None

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of every frame [px]."""
        return self.changed_size or self.base.size

    def read(self, index: int) -> Rgb:
        """The changed picture; see `Frames.read`."""
        self._check_index(index)
        image = self.base.read(self.indices[index])
        return image if self.change is None else self.change(image)

    def release(self) -> None:
        """Let go of what reading `base` keeps open."""
        self.base.release()


def read_image(path: Path) -> Rgb:
    """Read one picture as uint8 RGB, upright as viewers show it (EXIF).

    Grey, palette and CMYK pictures are converted.

    Raises:
        UserInputError: The picture has 16 bits a channel, or pixels that are not opaque.
        DamagedFileError: The file is missing, cut short or no picture.
    """
    with _opened(path) as file:
        return _decoded(file, path)


def decode_image(content: bytes, name: str) -> Rgb:
    """The picture in the bytes of an image file, as `read_image` gives it.

    Args:
        content: The bytes.
        name: What the picture is called in messages, after "frame".

    Raises:
        UserInputError: The picture has 16 bits a channel, or pixels that are not opaque.
        DamagedFileError: The bytes are cut short or no picture.
    """
    return _decoded(io.BytesIO(content), name)


def decode_image_size(content: bytes, name: str) -> tuple[int, int]:
    """(width, height) of the picture in the bytes of an image file [px]; errors as above."""
    return _size(io.BytesIO(content), name)


def read_image_size(path: Path) -> tuple[int, int]:
    """(width, height) of a picture as it is shown [px], from its header; errors as above."""
    with _opened(path) as file:
        return _size(file, path)


def _decoded(file: _File, name: Path | str) -> Rgb:
    _check_depth(file, name)
    with _picture(file, name) as image:
        if image.mode not in _SUPPORTED:
            raise UserInputError(_depth_message(name, image.mode))
        return turned(np.array(_opaque(image, name).convert("RGB")), exif_turn(image))


def _size(file: _File, name: Path | str) -> tuple[int, int]:
    with _picture(file, name) as image:
        width, height = image.size
        return (height, width) if is_sideways(exif_turn(image)) else (width, height)


def _opened(path: Path) -> _File:
    require_file(path)
    try:
        return path.open("rb")
    except OSError as error:
        raise DamagedFileError(f"frame {path} cannot be read: {error.strerror or error}") from error


@contextmanager
def _picture(file: _File, name: Path | str) -> Iterator[Image.Image]:
    try:
        # Pillow warns of EXIF that is none; the pixels are sound.
        with (
            warnings.catch_warnings(action="ignore", category=UserWarning),
            warnings.catch_warnings(action="ignore", category=Image.DecompressionBombWarning),
            Image.open(file) as image,
        ):
            width, height = image.size
            if width * height > MOST_PIXELS:
                raise DamagedFileError(
                    f"frame {name} is {width} x {height} pixels; expected at most {MOST_PIXELS:,}"
                )
            yield image
    except UserInputError:
        raise
    except NO_PICTURE as error:
        raise _damaged(name, error) from error


def _check_depth(file: _File, name: Path | str) -> None:
    """Refuse 16-bit colour, which Pillow would cut to 8 bits without a word."""
    header = file.read(25)
    file.seek(0)
    if header.startswith(b"\x89PNG") and header[24:] == b"\x10":
        raise UserInputError(_depth_message(name, "16-bit PNG"))


def _depth_message(name: Path | str, given: str) -> str:
    return (
        f"frame {name} is of type {given}; expected 8 bits a channel (scale it to 0..255 and "
        "save it again)"
    )


def _opaque(image: Image.Image, name: Path | str) -> Image.Image:
    """The picture without its alpha channel, which must say nothing."""
    if image.mode not in ("LA", "PA", "RGBA") and "transparency" not in image.info:
        return image
    full = image.convert("RGBA")
    if np.asarray(full)[..., 3].min() < 255:
        raise UserInputError(
            f"frame {name} has transparent pixels; expected an opaque picture (flatten it first)"
        )
    return full


def _damaged(name: Path | str, error: BaseException) -> DamagedFileError:
    reason = " ".join(f"{error}".split()) or type(error).__name__
    return DamagedFileError(f"frame {name} is no picture or is damaged: {reason}")
