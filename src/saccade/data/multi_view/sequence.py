"""One demonstration as synchronised videos from several sides, with labels of its frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import cv2
import numpy as np
from jaxtyping import Int, UInt8

from saccade.data.tracking.frames import Frames, Rgb
from saccade.errors import UserInputError
from saccade.wording import counted

MOST_BYTES = 8 << 30
"""Most bytes of a view that is decoded at its own size."""
MOST_CLASSES = 1000
"""Labels are class numbers below this."""

Labels = Int[np.ndarray, " n"]


@dataclass(frozen=True, eq=False)
class MultiViewSequence:
    """n moments of a demonstration, seen from two or more sides.

    Attributes:
        name: Name of the sequence, unique within its dataset.
        views: The pictures of each view, read when asked for; all have n.
        phases: Phase that each frame belongs to (n,), where that is known.
        attributes: Class of each frame (n,) by the attribute's name: {"contact": ...}.

    Raises:
        UserInputError: There are less than two views, they differ in length, or labels are not one
            a frame.
    """

    name: str
    views: tuple[Frames, ...]
    phases: Labels | None = None
    attributes: Mapping[str, Labels] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.views) < 2:
            raise UserInputError(
                f"{self.name} has {counted(len(self.views), 'view')}; expected two or more"
            )
        lengths = [len(view) for view in self.views]
        if len(set(lengths)) > 1 or lengths[0] == 0:
            raise UserInputError(
                f"{self.name} has views of {', '.join(map(str, lengths))} frames; expected the "
                "same number in each, one or more"
            )
        for name, labels in self.labels.items():
            check_labels(f"{name} of {self.name}", labels, lengths[0])

    @property
    def labels(self) -> dict[str, Labels]:
        """All labels by name: the attributes, and "phase" where the phases are known."""
        phase = {} if self.phases is None else {"phase": self.phases}
        return {**phase, **self.attributes}

    def __len__(self) -> int:
        return len(self.views[0])

    def frames(self, view: int, side: int | None = None) -> UInt8[np.ndarray, "n h w 3"]:
        """All pictures of a view as uint8 RGB (n, height, width, 3), decoded now.

        Args:
            view: Number of the view, from 0.
            side: Rows and columns that each picture is resized to; None leaves them as they are.

        Raises:
            UserInputError: There is no such view, or its pictures need more than 8 GiB.
            DamagedFileError: A picture cannot be read.
        """
        if not 0 <= view < len(self.views):
            raise UserInputError(
                f"{self.name} has no view {view}; valid are 0 to {len(self.views) - 1}"
            )
        source = self.views[view]
        width, height = source.size if side is None else (side, side)
        need = len(self) * height * width * 3
        if need > MOST_BYTES:
            raise UserInputError(
                f"view {view} of {self.name} takes {need:,} bytes; expected at most "
                f"{MOST_BYTES:,}: ask for a smaller side"
            )
        images = np.empty((len(self), height, width, 3), np.uint8)
        try:
            for index in range(len(self)):
                image = source.read(index)
                images[index] = image if side is None else squared(image, side)
        finally:
            source.release()
        return images


def squared(image: Rgb, side: int) -> Rgb:
    """The whole picture, scaled to `side` rows and columns: nothing is cut off, squares may not
    stay squares."""
    if image.shape[:2] == (side, side):
        return image
    shrinks = min(image.shape[:2]) > side
    return cv2.resize(
        image, (side, side), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    )


def check_labels(what: str, labels: np.ndarray, n: int) -> None:
    """Refuse labels that are not a class number for each of n frames.

    Raises:
        UserInputError: The message begins with `what`.
    """
    if labels.dtype.kind not in "iu" or labels.shape != (n,):
        raise UserInputError(
            f"{what} has type {labels.dtype} and shape {labels.shape}; expected whole numbers, "
            f"one for each of {counted(n, 'frame')}"
        )
    if labels.min() < 0 or labels.max() >= MOST_CLASSES:
        raise UserInputError(
            f"{what} has the values {labels.min()} to {labels.max()}; expected 0 to "
            f"{MOST_CLASSES - 1}"
        )
