"""A frame with rulers along its edges, to read the coordinates of a box off it."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import UInt8
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

LINES = 12
"""Approximate number of lines along the longer side."""
LONGER_SIDE = 10.0
"""Longer side of the figure [inches]."""
SHORTER_SIDE = 4.0


def ruled(frame: UInt8[np.ndarray, "h w 3"], title: str) -> Figure:
    """The frame under a grid whose numbers are pixels, (0, 0) the upper left corner."""
    height, width = frame.shape[:2]
    scale = LONGER_SIDE / max(width, height)
    size = [max(side * scale, SHORTER_SIDE) for side in (width, height)]
    figure = Figure(figsize=(size[0], size[1] + 0.4), layout="constrained")
    # A file's name may hold a $, and bytes that are no text.
    shown = title.encode(errors="backslashreplace").decode()
    figure.suptitle(shown, x=0.01, ha="left", fontsize=10, parse_math=False)
    axis = figure.subplots()
    axis.imshow(frame, extent=(0, width, height, 0), interpolation="nearest")
    step = round_step(max(width, height) / LINES)
    for one in (axis.xaxis, axis.yaxis):
        one.set_major_locator(MultipleLocator(step))
        one.set_minor_locator(MultipleLocator(step / 5))
    axis.tick_params(
        which="both", top=True, right=True, labeltop=True, labelright=True, labelsize=8
    )
    # Dark lines and light ones between them: some can be seen on every ground.
    axis.grid(which="major", color="black", linewidth=1.2, alpha=0.45)
    axis.grid(which="minor", color="white", linewidth=0.3, alpha=0.5)
    axis.set_xlabel("x [pixels]")
    axis.set_ylabel("y [pixels]")
    return figure


def round_step(least: float) -> int:
    """The smallest of 5, 10, 20, 50, 100, ... that is not below `least`."""
    power = 10 ** max(0, math.floor(math.log10(max(least, 1))))
    steps = (5, power, 2 * power, 5 * power, 10 * power)
    return next(step for step in steps if step >= max(least, 5))
