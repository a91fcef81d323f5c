"""The pictures of one embedded sequence: attention over time, and its nearest neighbours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from saccade.systems.smak.embedder import Embedder
from saccade.systems.smak.evaluate import Embedded
from saccade.systems.smak.pictures.attention import GAP, Rgb, attention_sheet
from saccade.systems.smak.pictures.neighbours import even_moments, neighbour_strip

MOMENTS = 8
"""Frames of a sequence that are shown."""


def attention_of(embedder: Embedder, one: Embedded) -> Rgb:
    """Frames of both first views at even times, and the attention of each level, view by view."""
    assert one.sequence is not None
    moments = even_moments(len(one), MOMENTS)
    captions = [f"frame {t}" for t in moments]
    sheets = []
    for view in range(2):
        frames = one.sequence.frames(view)
        look = embedder.attend(frames)
        maps = {name: weights[moments] for name, weights in look.maps.items()}
        sheets.append(attention_sheet(frames[moments], maps, captions))
    width = max(sheet.shape[1] for sheet in sheets)
    padded = [
        np.pad(sheet, ((0, 2 * GAP), (0, width - sheet.shape[1]), (0, 0)), constant_values=255)
        for sheet in sheets
    ]
    return np.concatenate(padded)


def neighbours_of(one: Embedded, others: Sequence[Embedded]) -> Rgb:
    """Frames of view 0; what is nearest in view 1, and in view 1 of other sequences."""
    assert one.sequence is not None
    rows = {"view 1": (one.sequence.frames(1), one.vectors[1], True)}
    for other in others:
        if other.sequence is not None:
            found = (other.sequence.frames(1), other.vectors[1], False)
            rows[f"view 1 of {other.name}"] = found
    moments = even_moments(len(one), MOMENTS)
    return neighbour_strip(one.sequence.frames(0), one.vectors[0], rows, moments)
