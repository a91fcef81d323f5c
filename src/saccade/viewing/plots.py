"""Figures of results. Every function returns a matplotlib Figure and touches no global state."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from saccade.errors import UserInputError
from saccade.statistics import PrecisionRecall
from saccade.viewing.checks import check_direction_maps
from saccade.viewing.colours import heat_colours
from saccade.viewing.figure_style import INK, SERIES_COLOURS, SOFT, new_figure, style_axis
from saccade.viewing.ground import draw_faded


@dataclass(frozen=True)
class Series:
    """One labelled curve: a value a stage; `steps` are its x positions (0, 1, ... if None)."""

    label: str
    values: Float[np.ndarray, " n"]
    steps: Float[np.ndarray, " n"] | None = None


@dataclass(frozen=True)
class BandedSeries:
    """One labelled curve with a band from `low` to `high`; one point alone is a level line."""

    label: str
    steps: Float[np.ndarray, " n"]
    values: Float[np.ndarray, " n"]
    low: Float[np.ndarray, " n"]
    high: Float[np.ndarray, " n"]


@dataclass(frozen=True)
class IntervalRow:
    """One row of an interval plot; `published` is the paper's own figure, where there is one."""

    label: str
    value: float
    low: float
    high: float
    published: float | None = None
    highlight: bool = False


def moving_statistics(
    values: Float[np.ndarray, " n"], window: int
) -> tuple[Float[np.ndarray, " n"], Float[np.ndarray, " n"]]:
    """Mean and standard deviation of the last `window` values, of fewer at the beginning."""
    if window < 1:
        raise UserInputError(f"window is {window}; expected 1 or more")
    # Centring first keeps the difference of squares exact enough for large offsets.
    centre = values.mean() if len(values) else 0.0
    shifted = np.asarray(values, dtype=np.float64) - centre
    start = np.maximum(np.arange(len(values)) - window + 1, 0)
    count = np.arange(len(values)) - start + 1
    mean, square = (_window_sum(part, start) / count for part in (shifted, shifted**2))
    return mean + centre, np.sqrt(np.maximum(square - mean**2, 0))


def learning_curves(
    panels: Mapping[str, Sequence[Series]],
    window: int = 200,
    x_label: str = "training stage",
    title: str = "",
    band: bool = True,
) -> Figure:
    """Moving averages, one panel a quantity, as the report's Figs. 4 to 7.

    `panels` maps the label of each panel's y axis to its curves; `band` adds +- one moving
    standard deviation. Raises UserInputError if there is nothing to draw.
    """
    if not panels or not any(len(s.values) for series in panels.values() for s in series):
        raise UserInputError("learning_curves got no values; expected at least one curve")
    labels = list(dict.fromkeys(s.label for series in panels.values() for s in series))
    colours = {label: SERIES_COLOURS[i % len(SERIES_COLOURS)] for i, label in enumerate(labels)}
    figure = new_figure(width=4.4 * len(panels) + 0.4, height=3.4, title=title)
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for axis, (y_label, series) in zip(axes, panels.items(), strict=True):
        style_axis(axis, x_label, y_label)
        for curve in series:
            _draw_curve(axis, curve, colours[curve.label], window, band)
        axis.margins(x=0.01)
    handles = {h.get_label(): h for axis in axes for h in axis.get_lines()}
    axes[0].legend(handles=list(handles.values()), frameon=False, loc="best", fontsize=9)
    return figure


def banded_curves(
    panels: Mapping[str, Sequence[BandedSeries]],
    x_label: str,
    y_label: str,
    y_range: tuple[float, float] | None = None,
    title: str = "",
) -> Figure:
    """Curves with their bands, a panel each of `panels` under its name; up to four in a row.

    A label has the same colour in every panel. Raises UserInputError if there is nothing to draw.
    """
    if not any(panels.values()):
        raise UserInputError("banded_curves got no curves; expected at least one")
    labels = list(dict.fromkeys(s.label for series in panels.values() for s in series))
    colours = {label: SERIES_COLOURS[i % len(SERIES_COLOURS)] for i, label in enumerate(labels)}
    columns = min(4, len(panels))
    rows = -(-len(panels) // columns)
    figure = new_figure(3.1 * columns + 0.4, 2.6 * rows + 0.5, title)
    axes = figure.subplots(rows, columns, squeeze=False, sharey=True).ravel()
    for axis, (name, series) in zip(axes, panels.items(), strict=False):
        first = axis.get_subplotspec().is_first_col()
        style_axis(axis, x_label, y_label if first else "")
        axis.set_title(name, fontsize=10, color=INK, loc="left")
        for curve in series:
            _draw_banded(axis, curve, colours[curve.label])
        if y_range is not None:
            axis.set_ylim(*y_range)
    for axis in axes[len(panels) :]:
        axis.set_visible(False)
    handles = {h.get_label(): h for axis in axes for h in axis.get_lines()}
    figure.legend(
        handles=[handles[label] for label in labels], frameon=False, fontsize=9,
        loc="outside lower center", ncols=min(columns, len(labels)),
    )  # fmt: skip
    return figure


def precision_recall(curves: Mapping[str, PrecisionRecall], title: str = "") -> Figure:
    """Precision against recall with the best F-score of each curve marked: the paper's Fig. 5.

    The curves are as `saccade.statistics.precision_recall` gives them.
    """
    if not curves:
        raise UserInputError("precision_recall got no curves; expected at least one")
    figure = new_figure(5.2, 4.6, title)
    axis = figure.subplots()
    style_axis(axis, "recall", "precision")
    _draw_f_lines(axis)
    for i, (label, curve) in enumerate(curves.items()):
        colour = SERIES_COLOURS[i % len(SERIES_COLOURS)]
        best = int(curve.f_score.argmax())
        note = f"{label}: F = {curve.f_score[best]:.3f} at {curve.best_threshold:.2f}"
        axis.plot(curve.recall, curve.precision, color=colour, linewidth=2, label=note)
        peak = (curve.recall[best], curve.precision[best])
        axis.plot(*peak, "o", ms=8, color=colour, mec="white", mew=1.5)
    axis.set(xlim=(0, 1.01), ylim=(0, 1.01))
    axis.legend(frameon=True, edgecolor="none", framealpha=0.9, loc="lower left", fontsize=9)
    return figure


def q_maps(
    q: Float[np.ndarray, "directions rows cols"],
    heightmap: Float[np.ndarray, "rows cols"],
    valid: np.ndarray | None = None,
    title: str = "",
) -> Figure:
    """One small map a direction on one colour scale, the overall best marked: the paper's Fig. 6.

    Actions that `valid` (directions, rows, cols) forbids are left in the ground's grey.
    """
    check_direction_maps(q, "q", heightmap.shape)
    shown = np.where(np.isfinite(q) & (True if valid is None else valid.astype(bool)), q, np.nan)
    columns = 4 if len(q) % 4 == 0 else min(len(q), 5)
    n_rows = -(-len(q) // columns)
    figure = new_figure(2.05 * columns + 1.0, 2.2 * n_rows + 0.3, title)
    axes = figure.subplots(n_rows, columns, squeeze=False).ravel()
    finite = shown[np.isfinite(shown)]
    low, high = (finite.min(), finite.max()) if finite.size else (0.0, 1.0)
    heat = ListedColormap(heat_colours() / 255)
    ground = draw_faded(heightmap, scale=1)
    image = None
    for k, axis in enumerate(axes[: len(q)]):
        axis.imshow(ground)
        image = axis.imshow(shown[k], cmap=heat, vmin=low, vmax=high, interpolation="nearest")
        _mark_direction(axis, k, len(q), heightmap.shape)
    for axis in axes:
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(False)
    for axis in axes[len(q) :]:
        axis.set_visible(False)
    if finite.size:
        k, row, col = np.unravel_index(np.nanargmax(shown), shown.shape)
        axes[k].plot(col, row, "o", ms=11, mfc="none", mec="#0054c8", mew=2)
        axes[k].spines[:].set(visible=True, color="#0054c8", linewidth=2)
    if image is not None:
        bar = figure.colorbar(image, ax=axes.tolist(), shrink=0.6, label="Q", pad=0.02)
        bar.outline.set_visible(False)  # pyright: ignore[reportCallIssue]
    return figure


def intervals(
    rows: Sequence[IntervalRow], x_label: str, title: str = "", published_label: str = "paper"
) -> Figure:
    """Values with their 95% intervals as dots and whiskers; published figures as open diamonds."""
    if not rows:
        raise UserInputError("intervals got no rows; expected at least one")
    figure = new_figure(6.6, 0.34 * len(rows) + 1.2, title)
    axis = figure.subplots()
    style_axis(axis, x_label, "")
    levels = np.arange(len(rows))[::-1]
    for y, row in zip(levels, rows, strict=True):
        colour = SERIES_COLOURS[1] if row.highlight else SERIES_COLOURS[0]
        axis.plot([row.low, row.high], [y, y], "|-", color=colour, linewidth=2, ms=9, mew=2)
        axis.plot(row.value, y, "o", ms=6.5, color=colour)
    # A little above its row, so that it does not hide a figure that agrees with it.
    quoted = [(row.published, y + 0.30) for y, row in zip(levels, rows, strict=True)]
    known = [(value, y) for value, y in quoted if value is not None]
    if known:
        axis.plot(*zip(*known, strict=True), "D", ms=5, mfc="none", mec=INK, label=published_label)
        axis.legend(frameon=False, fontsize=9, loc="lower right", bbox_to_anchor=(1, 1))
    axis.set_yticks(levels, [row.label for row in rows], fontsize=9)
    axis.set_ylim(-0.7, len(rows) - 0.3)
    axis.grid(axis="y", visible=False)
    return figure


def figure_rgb(figure: Figure, dpi: int = 100) -> UInt8[np.ndarray, "_ _ 3"]:
    """The figure as a picture, on white."""
    figure.set_dpi(dpi)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def figure_png(figure: Figure, dpi: int = 150) -> bytes:
    """The figure as PNG bytes, on white."""
    buffer = io.BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(buffer, format="png", dpi=dpi, facecolor="white")
    return buffer.getvalue()


def _draw_curve(axis: Axes, curve: Series, colour: str, window: int, band: bool) -> None:
    mean, std = moving_statistics(curve.values, window)
    steps = np.arange(len(mean)) if curve.steps is None else curve.steps
    axis.plot(steps, mean, color=colour, linewidth=1.8, label=curve.label)
    if band:
        axis.fill_between(steps, mean - std, mean + std, color=colour, alpha=0.14, linewidth=0)


def _draw_banded(axis: Axes, curve: BandedSeries, colour: str) -> None:
    """Dots joined by a line, and their band; a point alone as a dashed line, and its band."""
    if len(curve.steps) == 1:
        axis.axhline(curve.values[0], color=colour, linewidth=1.6, ls="--", label=curve.label)
        axis.axhspan(curve.low[0], curve.high[0], color=colour, alpha=0.08, linewidth=0)
        return
    axis.plot(curve.steps, curve.values, "o-", color=colour, linewidth=1.8, ms=4, label=curve.label)
    axis.fill_between(curve.steps, curve.low, curve.high, color=colour, alpha=0.14, linewidth=0)


def _draw_f_lines(axis: Axes) -> None:
    """Faint lines of equal F-score, named at the right edge, as a measure for the eye."""
    for f in (0.5, 0.6, 0.7, 0.8, 0.9):
        recall = np.linspace(f / (2 - f), 1, 100)
        axis.plot(recall, f * recall / (2 * recall - f), color="#d3d5dc", linewidth=0.9, zorder=1)
        at_right_edge = (1.02, f / (2 - f))
        axis.text(*at_right_edge, f"F = {f}", fontsize=7, color=SOFT, va="center")


def _mark_direction(axis: Axes, k: int, n: int, shape: tuple[int, ...]) -> None:
    rows, cols = shape
    dx, dy = 0.07 * cols * np.cos(2 * np.pi * k / n), 0.07 * cols * np.sin(2 * np.pi * k / n)
    x, y = 0.90 * cols, 0.10 * rows
    axis.annotate(
        "",
        (x + dx, y + dy),
        (x - dx, y - dy),
        arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 1.6, "shrinkA": 0, "shrinkB": 0},
    )
    axis.text(0.03 * cols, 0.06 * rows, str(k), fontsize=8, color=SOFT, va="center")


def _window_sum(values: np.ndarray, start: np.ndarray) -> np.ndarray:
    total = np.concatenate([[0.0], values.cumsum()])
    return total[1:] - total[start]
