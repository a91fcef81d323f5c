"""Pictures as bytes and files."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Shaped
from PIL import Image

from saccade.errors import UserInputError
from saccade.storage.files import write_whole
from saccade.viewing.checks import check_rgb

ImageFormat = Literal["png", "jpeg", "webp"]

_SIGNATURES = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}


def encode_image(
    image: Shaped[np.ndarray, "_ _ 3"], form: ImageFormat = "webp", quality: int = 80
) -> bytes:
    """A uint8 RGB picture as PNG (lossless), JPEG or WebP of `quality` 1 to 100."""
    check_rgb(image)
    if form not in ("png", "jpeg", "webp"):
        raise UserInputError(f'image format is "{form}"; valid are png, jpeg, webp')
    buffer = io.BytesIO()
    picture = Image.fromarray(np.ascontiguousarray(image))
    if form == "png":
        picture.save(buffer, "png", optimize=True)
    elif form == "jpeg":
        picture.save(buffer, "jpeg", quality=quality)
    else:
        picture.save(buffer, "webp", quality=quality, method=2)
    return buffer.getvalue()


def media_type(data: bytes) -> str:
    """The media type of PNG, JPEG or WebP bytes, told from their first bytes."""
    for signature, kind in _SIGNATURES.items():
        if data.startswith(signature):
            return kind
    raise UserInputError(f"image bytes start with {data[:4]!r}; expected PNG, JPEG or WebP")


def image_size(data: bytes) -> tuple[int, int]:
    """(width, height) in pixels of encoded image bytes, without decoding their pixels."""
    with Image.open(io.BytesIO(data)) as image:
        return image.size


def data_uri(data: bytes) -> str:
    """Encoded image bytes as a `data:` address, to stand inside an HTML file."""
    return f"data:{media_type(data)};base64,{base64.b64encode(data).decode('ascii')}"


def save_png(path: str | Path, image: Shaped[np.ndarray, "_ _ 3"] | bytes) -> None:
    """Write a uint8 RGB picture, or PNG bytes (as of `plots.figure_png`); the file appears whole.

    Raises StorageError if the disk refuses.
    """
    write_whole(Path(path), image if isinstance(image, bytes) else encode_image(image, "png"))
