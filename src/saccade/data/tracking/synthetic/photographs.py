"""The photographs that installed packages ship, split into two disjoint sets.

They are read where pip has put them, never copied: scikit-image (public domain and CC0 pictures),
scikit-learn (`china.jpg`, `flower.jpg`: CC BY 2.0, by danielbuechele and vultilion) and matplotlib
(`grace_hopper.jpg`: public domain). The packages themselves are not imported.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image

from saccade.data.tracking.synthetic.config import Split
from saccade.errors import StorageError

_SKIMAGE = ("skimage", "data")
_SKLEARN = ("sklearn", "datasets/images")
_MATPLOTLIB = ("matplotlib", "mpl-data/sample_data")

SOURCES: dict[Split, dict[str, tuple[str, str]]] = {
    "train": {
        "astronaut.png": _SKIMAGE,
        "chelsea.png": _SKIMAGE,
        "motorcycle_left.png": _SKIMAGE,
        "rocket.jpg": _SKIMAGE,
        "coins.png": _SKIMAGE,
        "brick.png": _SKIMAGE,
        "grass.png": _SKIMAGE,
        "moon.png": _SKIMAGE,
        "ihc.png": _SKIMAGE,
        "page.png": _SKIMAGE,
        "hubble_deep_field.jpg": _SKIMAGE,
        "china.jpg": _SKLEARN,
        "grace_hopper.jpg": _MATPLOTLIB,
    },
    "test": {
        "coffee.png": _SKIMAGE,
        "camera.png": _SKIMAGE,
        "gravel.png": _SKIMAGE,
        "text.png": _SKIMAGE,
        "flower.jpg": _SKLEARN,
    },
}
"""Package, and folder inside it, of each file name."""

SCENES = {
    "train": (
        "china.jpg",
        "rocket.jpg",
        "motorcycle_left.png",
        "astronaut.png",
        "grace_hopper.jpg",
    ),
    "test": ("camera.png", "coffee.png", "flower.jpg"),
}
"""Photographs that show a place; the others are rather textures."""

GROUNDS = {"train": ("grass.png", "brick.png", "moon.png"), "test": ("gravel.png",)}
"""Photographs of ground that can lie under an object's feet."""

_FACES = {"train": slice(0, 80), "test": slice(80, 100)}
"""Faces of each split among the 100 that scikit-image's lfw_subset.npy begins with."""

_LARGEST_SIDE = 640

# Outlines of real objects, as corners (x, y) [px] in the photograph.
_POLYGONS: dict[str, list[list[tuple[int, int]]]] = {
    "astronaut.png": [
        [(168, 30), (226, 15), (275, 27), (299, 69), (293, 107), (282, 137), (252, 168),
         (229, 180), (206, 160), (183, 134), (160, 122), (153, 76)],
        [(168, 30), (226, 15), (275, 27), (299, 69), (290, 115), (272, 153), (302, 229),
         (348, 252), (363, 351), (290, 374), (278, 458), (282, 510), (46, 510), (23, 412),
         (31, 275), (115, 229), (115, 183), (168, 150), (153, 92)],
        [(412, 0), (443, 15), (455, 137), (458, 282), (359, 282), (366, 214), (389, 137),
         (394, 30)],
    ],
    "chelsea.png": [
        [(30, 0), (336, 0), (359, 76), (359, 122), (344, 183), (328, 260), (275, 290),
         (214, 282), (153, 252), (92, 183), (46, 122)],
    ],
    "motorcycle_left.png": [
        [(137, 160), (198, 168), (344, 206), (443, 160), (489, 92), (527, 107), (573, 137),
         (542, 198), (580, 260), (641, 290), (672, 359), (672, 412), (626, 450), (565, 428),
         (519, 328), (458, 366), (328, 412), (260, 394), (168, 394), (122, 328), (122, 252),
         (99, 198), (145, 183)],
    ],
    "rocket.jpg": [[(313, 130), (328, 130), (333, 405), (311, 405)]],
    "china.jpg": [
        [(198, 31), (214, 31), (244, 76), (313, 115), (328, 176), (348, 252), (366, 336),
         (305, 382), (92, 382), (61, 275), (76, 183), (99, 115), (168, 76)],
    ],
    "grace_hopper.jpg": [
        [(160, 76), (252, 23), (359, 84), (371, 130), (359, 229), (328, 321), (260, 344),
         (198, 313), (160, 260), (153, 168)],
        [(160, 76), (252, 23), (359, 84), (371, 130), (359, 229), (340, 320), (496, 397),
         (511, 595), (8, 595), (31, 382), (176, 328), (160, 260), (153, 168)],
    ],
    "coffee.png": [
        [(176, 84), (214, 31), (282, 18), (359, 31), (397, 92), (397, 153), (374, 206),
         (321, 244), (244, 244), (191, 198)],
    ],
    "camera.png": [
        [(160, 92), (198, 64), (252, 76), (272, 115), (328, 145), (328, 214), (290, 237),
         (298, 275), (275, 310), (206, 298), (145, 374), (150, 511), (0, 511), (0, 252),
         (46, 153), (153, 107)],
    ],
}  # fmt: skip

# Round ones, as (centre x, centre y, half width, half height) [px].
_ELLIPSES: dict[str, list[tuple[int, int, int, int]]] = {
    "motorcycle_left.png": [(198, 328, 74, 74), (603, 366, 76, 82)],
    "coins.png": [
        (44, 55, 23, 21), (99, 56, 20, 18), (154, 52, 24, 23), (215, 52, 24, 22),
        (334, 43, 29, 28), (272, 119, 26, 25), (214, 192, 25, 24), (348, 188, 33, 32),
        (47, 260, 29, 28), (172, 261, 30, 27), (244, 264, 25, 24), (301, 261, 26, 25),
    ],
    "coffee.png": [(278, 231, 202, 157)],
    "flower.jpg": [(308, 222, 137, 137)],
}  # fmt: skip


@dataclass(frozen=True)
class Cutout:
    """A real object in a photograph.

    Attributes:
        pixels: Photograph around the object, RGB.
        outline: Outline of the object in these pixels (x, y).
    """

    pixels: UInt8[np.ndarray, "h w 3"]
    outline: Float[np.ndarray, "k 2"]


def find_file(package: str, inside: str) -> Path:
    """The path at which an installed package keeps a file.

    Raises:
        StorageError: The package or the file is not there.
    """
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise StorageError(f"the photographs of {package} are needed; run: pip install {package}")
    path = Path(spec.submodule_search_locations[0]) / inside
    if not path.is_file():
        raise StorageError(f"{path} is missing; install the versions of constraints.txt")
    return path


@lru_cache(maxsize=64)
def photograph(split: Split, name: str) -> UInt8[np.ndarray, "h w 3"]:
    """One photograph, RGB, at most 640 px a side; read-only."""
    pixels = _read(split, name)
    shrink = min(1.0, _LARGEST_SIDE / max(pixels.shape[:2]))
    if shrink < 1:
        pixels = cv2.resize(pixels, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    pixels.setflags(write=False)
    return pixels


@lru_cache(maxsize=2)
def cutouts(split: Split) -> tuple[Cutout, ...]:
    """All real objects that a split's photographs show."""
    found: list[Cutout] = []
    for name in SOURCES[split]:
        outlines = [np.array(p, float) for p in _POLYGONS.get(name, [])]
        outlines += [_ellipse(*e) for e in _ELLIPSES.get(name, [])]
        pixels = _read(split, name) if outlines else None
        found += [_cut(pixels, outline) for outline in outlines if pixels is not None]
    return tuple(found)


@lru_cache(maxsize=2)
def faces(split: Split) -> Float[np.ndarray, "n 25 25"]:
    """Grey faces, 0 to 1, closely cropped."""
    folder = _SKIMAGE[1]
    pixels = np.load(find_file("skimage", f"{folder}/lfw_subset.npy"), allow_pickle=False)
    return pixels[_FACES[split]].astype(np.float32)


def _read(split: Split, name: str) -> UInt8[np.ndarray, "h w 3"]:
    package, folder = SOURCES[split][name]
    path = find_file(package, f"{folder}/{name}")
    try:
        # OpenCV would complain of the colour profile of one of them at every start.
        with Image.open(path) as picture:
            return np.array(picture.convert("RGB"))
    except OSError as error:
        raise StorageError(f"{path} cannot be read as a picture: {error}") from error


def _ellipse(x: int, y: int, half_width: int, half_height: int) -> Float[np.ndarray, "k 2"]:
    angle = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    return np.stack([x + half_width * np.cos(angle), y + half_height * np.sin(angle)], 1)


def _cut(pixels: UInt8[np.ndarray, "h w 3"], outline: Float[np.ndarray, "k 2"]) -> Cutout:
    left, top = np.maximum(np.floor(outline.min(0)).astype(int), 0)
    right, bottom = np.ceil(outline.max(0)).astype(int) + 1
    return Cutout(pixels[top:bottom, left:right].copy(), outline - (left, top))
