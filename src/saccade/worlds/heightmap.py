"""A heightmap that knows where it lies, so that a push chosen on it is in its own world."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float

from saccade.worlds.workspace import Workspace


class Heightmap(np.ndarray):
    """Heights above the table [m], float32 (rows, cols), and the workspace they were mapped on.

    An array like any other. Copies and arithmetic of the same shape keep the workspace; a part of
    it has none, and what NumPy or OpenCV make anew (`np.where`, `cv2.medianBlur`) is a plain array.

    Args:
        heights: The heights [m].
        workspace: The square of the table that they cover.
    """

    workspace: Workspace | None

    def __new__(cls, heights: Float[np.ndarray, "rows cols"], workspace: Workspace) -> Heightmap:
        """View the heights as a heightmap of that workspace."""
        self = np.asarray(heights, np.float32).view(cls)
        self.workspace = workspace
        return self

    def __array_finalize__(self, source: Any) -> None:
        """Take over the workspace; NumPy calls this for every array made from another."""
        whole = isinstance(source, Heightmap) and source.shape == self.shape
        self.workspace = source.workspace if whole else None

    def __array_wrap__(
        self, array: np.ndarray, context: Any = None, return_scalar: bool = False
    ) -> Any:
        """Wrap a result; NumPy calls this for each. Numbers and comparisons are no heightmaps."""
        if return_scalar:
            return array[()]
        heights = array.shape == self.shape and array.dtype.kind == "f"
        return super().__array_wrap__(array, context) if heights else np.asarray(array)

    def __reduce__(self) -> tuple[Any, ...]:
        """State that pickle keeps: the array's own and the workspace."""
        make, arguments, state = super().__reduce__()  # pyright: ignore[reportAssignmentType]
        return make, arguments, (state, self.workspace)

    def __setstate__(self, state: Any) -> None:
        """Undo `__reduce__`."""
        array, self.workspace = state
        super().__setstate__(array)


def workspace_of(heightmap: np.ndarray) -> Workspace | None:
    """Return the workspace that a heightmap was mapped on; None for one that does not know."""
    return heightmap.workspace if isinstance(heightmap, Heightmap) else None
