"""How all figures look: their colours, titles and axes."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

SERIES_COLOURS = ("#0054c8", "#d9480f", "#2b8a3e", "#862e9c", "#c2255c", "#5c6370", "#e0a100")
"""Colours that the common forms of colour blindness keep apart, in order of use."""
INK, SOFT, GRID, EDGE = "#202228", "#6b7080", "#e4e5ea", "#b9bcc6"
"""Colours of text, of what is beside it, of grids, and of the axes' edges."""


def new_figure(width: float, height: float, title: str = "") -> Figure:
    """A figure without axes, its sides in inches."""
    figure = Figure(figsize=(width, height), layout="constrained")
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold", color=INK)
    return figure


def style_axis(axis: Axes, x_label: str, y_label: str) -> None:
    """Two edges, a pale grid, and labels."""
    axis.spines[["top", "right"]].set_visible(False)
    axis.spines[["left", "bottom"]].set_color(EDGE)
    axis.grid(color=GRID, linewidth=0.8)
    axis.set_axisbelow(True)
    axis.tick_params(colors=SOFT, labelsize=9, length=0)
    axis.set_xlabel(x_label, color=INK, fontsize=10)
    axis.set_ylabel(y_label, color=INK, fontsize=10)
