"""The paper's Figures 5 and 6 from finished rows, as pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from saccade.data.tracking.sequence import TrackingSequence
from saccade.systems.hart.evaluate import follow
from saccade.systems.hart.paper.making import GENERATED, SEEN, TrackerTable
from saccade.systems.hart.paper.rows import ABLATION, HART, Row, held_out
from saccade.systems.hart.pictures.drawing import Rgb
from saccade.systems.hart.pictures.frames import LEGEND, tracking_pictures
from saccade.systems.hart.results import curve_figure
from saccade.systems.hart.tracker import Box
from saccade.systems.hart.weights import load
from saccade.training.metrics import read_metrics
from saccade.verbs.table import Figures
from saccade.viewing.images import encode_image
from saccade.viewing.montage import one_below_another, side_by_side
from saccade.viewing.plots import IntervalRow, Series, figure_png, intervals, learning_curves

WITHOUT_LOSS = "app-att"
"""Key of the row that is HART but for the loss on appearance attention."""
MOMENTS, EXAMPLES = 6, 3
WINDOW = 20
"""Number of lines of metrics.jsonl that the curves average."""
COLUMN_WIDTH = 280
"""Width of a frame in Figure 6a [pixels]."""


def figures(table: TrackerTable, rows: Sequence[Row]) -> Figures:
    """What can be drawn from the rows that are there."""
    drawn: dict[str, tuple[str, bytes]] = {}
    by_key = {row.key: row for row in rows}
    variants = [row for row in rows if row.published and table.making().measured(row, GENERATED)]
    if variants:
        drawn["table1"] = _dots(table, variants)
        drawn["fig5"] = _curves(table, by_key, variants)
    ablation = [by_key[key] for key in ABLATION if key in by_key]
    if panels := _learning(table, ablation):
        figure = learning_curves(panels, WINDOW, "gradient step", band=False)
        caption = "Training with and without each loss on attention (section 6)"
        drawn["ablation"] = caption, figure_png(figure)
    pair = [by_key[key] for key in (HART, WITHOUT_LOSS) if key in by_key]
    if len(pair) == 2 and all(table.making().measured(row, GENERATED) for row in pair):
        drawn["fig6a"] = _same_clip(table, pair[0], pair[1])
        drawn["fig6b"] = _glimpses(table, pair[0], pair[1])
    return drawn


def _dots(table: TrackerTable, variants: Sequence[Row]) -> tuple[str, bytes]:
    caption = "Mean IoU over 60 frames, the first included: here (dots), on KITTI as published"
    dots = []
    for row in variants:
        document = table.making().measured(row, GENERATED) or {}
        value = document["mean"]["iou_60"]["with_first"]
        low, high = document["ci95"]["iou_60"]["with_first"]
        dots.append(IntervalRow(row.label, value, low, high, row.published.get("KITTI")))
    return caption, figure_png(intervals(dots, "mean IoU", published_label="paper, on KITTI"))


def _curves(
    table: TrackerTable, by_key: Mapping[str, Row], variants: Sequence[Row]
) -> tuple[str, bytes]:
    """IoU of every frame, as Figure 5: all variants, HART on what it learnt from, the still box."""
    documents = {row.label: table.making().measured(row, GENERATED) for row in reversed(variants)}
    if HART in by_key:
        documents["HART (train)"] = table.making().measured(by_key[HART], SEEN)
    if "still" in by_key:
        documents["still box"] = table.making().measured(by_key["still"], GENERATED)
    found = {label: document for label, document in documents.items() if document is not None}
    caption = (
        "IoU over 60 frames, as the paper's Fig. 5; HART (train): photographs it was trained on"
    )
    return caption, figure_png(curve_figure(found))


def _learning(table: TrackerTable, rows: Sequence[Row]) -> dict[str, list[Series]]:
    """IoU in training of sequences that are not forced, and their length."""
    panels: dict[str, list[Series]] = {}
    for row in rows:
        path = table.run_folder(row) / "metrics.jsonl"
        records = read_metrics(path) if path.exists() else []
        for name, label in {"own_iou": "IoU in training", "length": "frames T"}.items():
            points = [(r["step"], r[name]) for r in records if r.get(name) is not None]
            points = [(step, value) for step, value in points if np.isfinite(value)]
            if len(points) > 1:
                steps, values = np.array(points, float).T
                panels.setdefault(label, []).append(Series(row.label, values, steps))
    return panels


def _same_clip(table: TrackerTable, with_loss: Row, without: Row) -> tuple[str, bytes]:
    """Figure 6a: the test clip where the loss on appearance attention helps most."""
    index = int(np.argmax(_gains(table, with_loss, without)))
    sequence = held_out(table.preset, table.budget).open().sequences[index]
    moments = np.linspace(1, len(sequence) - 1, MOMENTS).round().astype(int).tolist()
    strips = []
    for row in (with_loss, without):
        seen = _look(table, row, sequence, moments)
        columns = [_column(seen[at]) for at in moments]
        strips.append(side_by_side(columns, [f"{row.label}, frame {at}" for at in moments]))
    caption = (
        f"Test clip {index}, where the loss on appearance attention helps most (the paper's "
        f"Fig. 6a): {LEGEND}"
    )
    return caption, encode_image(one_below_another(strips), "png")


def _glimpses(table: TrackerTable, with_loss: Row, without: Row) -> tuple[str, bytes]:
    """Figure 6b: glimpses and location maps in the first test clips."""
    sequences = held_out(table.preset, table.budget).open().sequences
    strips = []
    for index in range(min(EXAMPLES, len(sequences))):
        sequence = sequences[index]
        at = len(sequence) // 3
        pictures, names = [], []
        for row in (with_loss, without):
            seen = _look(table, row, sequence, [at])[at]
            pictures += [seen["glimpse"], seen["location map"]]
            names += [f"{row.label}: glimpse", f"{row.label}: location map"]
        strips.append(side_by_side(pictures, names))
    caption = "Glimpses and location maps with and without their loss (Fig. 6b): the first clips"
    return caption, encode_image(one_below_another(strips), "png")


def _column(pictures: Mapping[str, Rgb]) -> Rgb:
    """A frame over its glimpse and location map."""
    frame, *below = pictures.values()
    between = frame.shape[1] - sum(picture.shape[1] for picture in below)
    column = one_below_another([frame, side_by_side(below, gap=between // max(1, len(below) - 1))])
    size = COLUMN_WIDTH, round(len(column) * COLUMN_WIDTH / column.shape[1])
    return np.asarray(cv2.resize(column, size, interpolation=cv2.INTER_AREA), np.uint8)


def _gains(table: TrackerTable, one: Row, other: Row) -> list[float]:
    """IoU of one row over another's in each test clip."""
    first, second = (table.making().measured(row, GENERATED) or {} for row in (one, other))
    return [
        (a["iou_60"]["without_first"] or 0.0) - (b["iou_60"]["without_first"] or 0.0)
        for a, b in zip(first["sequences"], second["sequences"], strict=True)
    ]


def _look(
    table: TrackerTable, row: Row, sequence: TrackingSequence, moments: Sequence[int]
) -> dict[int, Mapping[str, Rgb]]:
    """Pictures of a row's tracker at some frames of a sequence."""
    tracker, seen = load(table.run_folder(row)), {}

    def note(at: int, frame: Rgb, box: Box) -> None:
        if at in moments:
            seen[at] = tracking_pictures(frame, tracker, box, sequence.boxes[at])

    follow(tracker, sequence, note)
    return seen
