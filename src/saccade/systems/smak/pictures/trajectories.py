"""How embeddings move in time: paths in a plane, and distances of all moments of two views."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from saccade.systems.smak.evaluate import Embedded

PATHS = 4
"""Sequences whose paths are drawn."""
STYLES = ("-", "--", ":", "-.")
"""Line of each view."""
MARKED = (("o", "start"), ("s", "end"))


def trajectory_figure(sequences: Sequence[Embedded], title: str = "") -> Figure:
    """Paths of the views of some sequences, and of the first one how near all moments are.

    The plane is that of the two principal components of everything that is drawn.
    """
    shown = sequences[:PATHS]
    figure = Figure(figsize=(10.4, 4.8), layout="constrained")
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
    left, right = figure.subplots(1, 2, width_ratios=(1.15, 1))
    _paths(left, shown)
    image = _distances(right, shown[0])
    bar = figure.colorbar(image, ax=right, shrink=0.8, label="distance of embeddings")
    bar.outline.set_visible(False)  # pyright: ignore[reportCallIssue]
    return figure


def principal_plane(
    vectors: Float[np.ndarray, "n d"],
) -> tuple[Float[np.ndarray, " d"], Float[np.ndarray, "d 2"]]:
    """Mean of the vectors, and the two directions in which they vary most."""
    middle = vectors.mean(axis=0)
    _, _, directions = np.linalg.svd(vectors - middle, full_matrices=False)
    return middle, directions[:2].T


def _paths(axis: Axes, shown: Sequence[Embedded]) -> None:
    middle, plane = principal_plane(np.concatenate([v for s in shown for v in s.vectors]))
    colours = ("#0054c8", "#d9480f", "#2b8a3e", "#862e9c")
    for sequence, colour in zip(shown, colours, strict=False):
        for view, vectors in enumerate(sequence.vectors):
            x, y = ((vectors - middle) @ plane).T
            label = f"{sequence.name}, view {view}"
            axis.plot(x, y, STYLES[view % len(STYLES)], color=colour, lw=1.3, label=label)
            for (marker, _), at in zip(MARKED, (0, -1), strict=True):
                axis.plot(x[at], y[at], marker, color=colour, ms=6, mec="white")
    axis.set_title("paths in time: from the circle to the square", fontsize=10, loc="left")
    axis.set_xlabel("first principal component")
    axis.set_ylabel("second")
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False, fontsize=7, loc="best")


def _distances(axis: Axes, sequence: Embedded):
    first, second = sequence.vectors[:2]
    apart = np.linalg.norm(first[:, None] - second[None], axis=2)
    image = axis.imshow(apart, cmap="magma_r", origin="lower", aspect="equal")
    nearest = apart.argmin(axis=1)
    axis.plot(nearest, np.arange(len(first)), ".", color="#0054c8", ms=4)
    axis.plot([0, len(second) - 1], [0, len(first) - 1], color="#2b8a3e", lw=0.8)
    axis.set_title(f"{sequence.name}: nearest moments (dots)", fontsize=10, loc="left")
    axis.set_xlabel("frame of view 1")
    axis.set_ylabel("frame of view 0")
    return image
