"""What the embedding takes for the same moment: frames and their nearest neighbours."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float, Int64, UInt8

from saccade.systems.smak.pictures.attention import Frames, Rgb, grid, scaled

TILE = 128
"""Height of a frame of a strip [px]."""
BORDER = 4
NEAR = 0.05
"""Share of a sequence by which a neighbour may be off and still be framed as right."""
RIGHT, WRONG = (43, 138, 62), (217, 72, 15)


def nearest(
    queries: Float[np.ndarray, "n d"], others: Float[np.ndarray, "m d"]
) -> Int64[np.ndarray, " n"]:
    """The nearest of `others` for each query, by Euclidean distance."""
    squared = (others**2).sum(axis=1) - 2 * queries @ others.T
    return squared.argmin(axis=1).astype(np.int64)


def neighbour_strip(
    frames: Frames,
    vectors: Float[np.ndarray, "n d"],
    others: Mapping[str, tuple[Frames, Float[np.ndarray, "_ d"], bool]],
    moments: Int64[np.ndarray, " m"],
) -> Rgb:
    """Some frames, and below them what is nearest to each in other videos.

    Args:
        frames: Frames of the video that asks.
        vectors: Their embeddings.
        others: Frames, embeddings, and whether its times are those of the video that asks, by the
            title of a row. Where they are, a neighbour at about the same time has a green edge,
            any other an orange one.
        moments: Numbers of the frames that ask.
    """
    count = len(frames)
    rows = [[scaled(frames[t], TILE) for t in moments]]
    titles = ["asked"]
    for title, (theirs, embedded, same_times) in others.items():
        found = nearest(vectors[moments], embedded)
        tiles = []
        for t, other in zip(moments, found, strict=True):
            tile = scaled(theirs[other], TILE)
            if same_times:
                off = abs(int(t) - int(other)) / count
                tile = _edged(tile, RIGHT if off <= NEAR else WRONG)
            tiles.append(tile)
        rows.append(tiles)
        titles.append(f"nearest in {title}")
    return grid(rows, titles, [f"frame {t}" for t in moments])


def even_moments(count: int, shown: int) -> Int64[np.ndarray, " m"]:
    """Some of `count` frames, evenly spread, in order, each once."""
    return np.unique(np.linspace(0, count - 1, min(shown, count)).round().astype(np.int64))


def _edged(tile: UInt8[np.ndarray, "_ _ 3"], colour: tuple[int, int, int]) -> Rgb:
    edged = tile.copy()
    edged[:BORDER], edged[-BORDER:] = colour, colour
    edged[:, :BORDER], edged[:, -BORDER:] = colour, colour
    return edged
