"""Measures of an embedding that knows the time, of one that guesses, and what is said of them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from moving_views import moving_sequence
from saccade.data.multi_view.dataset import MultiViewDataset
from saccade.storage.json_schema import check_json
from saccade.systems.smak.embedder import Embedder
from saccade.systems.smak.evaluate import (
    Embedded,
    TestSource,
    embed_all,
    embed_sequence,
    order_of_neighbours,
)
from saccade.systems.smak.labelled import Labelled, classification_errors, phase_measures
from saccade.systems.smak.results import SmakResults, measures, result_table
from saccade.viewing.tables import to_text
from saccade.worlds.pouring import PouringConfig


def knowing(index: int, length: int = 20, views: int = 2) -> Embedded:
    """An embedding that is the time itself, with a little that each view has of its own."""
    sequence = moving_sequence(index, length, views)
    time = np.linspace(0, 1, length)
    vectors = tuple(
        np.stack([time, np.full(length, 1e-3 * view)], axis=1).astype(np.float32)
        for view in range(views)
    )
    return Embedded(sequence.name, vectors, (3 * time).astype(np.int64).clip(0, 2),
                    {"late": (time > 0.5).astype(np.int64)})  # fmt: skip


def test_an_embedding_that_knows_the_time_makes_no_errors() -> None:
    embedded = [knowing(i) for i in range(4)]
    assert all(one.alignment_error == one.alignment_error_symmetric == 0 for one in embedded)
    assert order_of_neighbours(embedded) == [1.0] * 4
    found = measures(embedded, {"data": "here"}, "made up")
    assert found["classification_error"] == {"mean": 0.0, "ci95": (0.0, 0.0)}
    assert found["classification_error_by_attribute"] == {"late": {"mean": 0.0, "ci95": (0.0, 0.0)}}
    assert found["kendall_tau"]["mean"] == found["phase_precision_at_5"]["mean"] == 1.0
    assert found["phase_accuracy"]["mean"] > 0.9


def test_a_constant_embedding_has_the_errors_of_ties() -> None:
    """Of equals the first frame is the nearest: the mean distance in time is 19/40."""
    one = knowing(0)
    still = Embedded(one.name, tuple(0 * v for v in one.vectors), one.phases, one.attributes)
    assert still.alignment_error == pytest.approx(19 / 40)
    assert order_of_neighbours([still, still]) == [0.0, 0.0]


def test_each_view_counts() -> None:
    """The third view runs backwards: the error of view 0 in it is that of a mirror."""
    one = knowing(0, 10, 3)
    back = Embedded(one.name, (*one.vectors[:2], one.vectors[2][::-1].copy()), None, {})
    mirrored = np.abs(np.arange(10) - np.arange(10)[::-1]).mean() / 10
    assert back.alignment_error == pytest.approx((0 + mirrored) / 2)
    assert back.alignment_error_symmetric == pytest.approx(4 * mirrored / 6)


def test_labels_count_that_all_sequences_have() -> None:
    one, two = knowing(0), knowing(1)
    more = Embedded(two.name, two.vectors, None, {**two.attributes, "extra": np.zeros(20, int)})
    frames = Labelled.of([one, more])
    assert set(frames.labels) == {"late"} and frames.vectors.shape == (80, 2)
    assert frames.sequences.tolist() == [0] * 40 + [1] * 40
    assert set(classification_errors([one, more])) == {"late", "mean"}
    assert phase_measures([one, more]) == {}
    assert classification_errors([one]) == {} and order_of_neighbours([one]) == []


def test_one_sequence_has_alignment_alone_and_the_table_says_so() -> None:
    document = {
        "system": "smak", "command": "saccade eval smak",
        **measures([knowing(0)], {"data": "here"}, "made up"),
    }  # fmt: skip
    document = json.loads(json.dumps(document, allow_nan=False))
    check_json(document, SmakResults)
    text = to_text(result_table(document))
    assert "1 sequence: here" in text and "classification error" in text and "?" in text


def test_a_folder_is_embedded_sequence_by_sequence(
    embedder: Embedder, moving: MultiViewDataset, tmp_path: Path
) -> None:
    source = TestSource(str(tmp_path), 4, 0, PouringConfig())
    assert len(source) == 4 and source.describe() == {"data": str(tmp_path)}
    found = list(embed_all(embedder, source, 1, 2, lambda: False))
    kept = [one.sequence is not None for one in found if isinstance(one, Embedded)]
    assert kept == [True, True, False, False]
    again = embed_sequence(embedder, moving.sequences[3], False)
    last = found[3]
    assert isinstance(last, Embedded)
    for ours, theirs in zip(last.vectors, again.vectors, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert list(embed_all(embedder, source, 1, 2, lambda: True)) == []
