"""Shape and type checks shared by everything that draws; each error is one line."""

from __future__ import annotations

import numpy as np

from saccade.errors import UserInputError


def check_map(array: np.ndarray, name: str, shape: tuple[int, int] | None = None) -> None:
    """Require a two-dimensional numeric array, of `shape` (rows, columns) where that is given."""
    if array.ndim != 2 or array.size == 0 or array.dtype.kind not in "bfiu":
        raise UserInputError(
            f"{name} has shape {array.shape} and type {array.dtype}; expected a non-empty "
            "two-dimensional array of numbers (rows, columns)"
        )
    if shape is not None and array.shape != shape:
        raise UserInputError(f"{name} has shape {array.shape}; expected {shape}, as the height map")


def check_direction_maps(array: np.ndarray, name: str, shape: tuple[int, int]) -> None:
    """Require a channel-first stack (directions, rows, columns) over a map of `shape`."""
    if array.ndim != 3 or len(array) == 0 or array.shape[1:] != shape:
        raise UserInputError(
            f"{name} has shape {array.shape}; expected (directions, {shape[0]}, {shape[1]})"
        )


def check_rgb(image: np.ndarray, name: str = "image") -> None:
    """Require a non-empty uint8 RGB picture (rows, columns, 3)."""
    wrong_shape = image.ndim != 3 or image.shape[2] != 3 or image.size == 0
    if wrong_shape or image.dtype != np.uint8:
        raise UserInputError(
            f"{name} has shape {image.shape} and type {image.dtype}; "
            "expected uint8 RGB (rows, columns, 3)"
        )


def check_scale(scale: int) -> None:
    """Require a whole upscaling factor of 1 or more."""
    if scale != int(scale) or scale < 1:
        raise UserInputError(f"scale is {scale}; expected a whole number, 1 or more")
