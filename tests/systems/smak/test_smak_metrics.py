"""The measures against numbers by hand, brute force, and scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.stats import kendalltau

from saccade.errors import UserInputError
from saccade.systems.smak.metrics import (
    alignment_error,
    alignment_error_symmetric,
    classification_error,
    classification_estimates,
    kendall_tau,
    nearest,
    nearest_elsewhere,
    phase_hits,
    precision_at_k,
    sequence_means,
)


def along(*values: float) -> np.ndarray:
    """Embeddings on a line."""
    return np.array(values, np.float32)[:, None]


def test_alignment_by_hand() -> None:
    # Nearest: 0, 2, 2, 1. Off by 0, 1, 0, 2 of four frames.
    first, second = along(0, 5, 4, 2), along(0, 2, 5, 9)
    assert alignment_error(first, second) == pytest.approx(3 / 16)
    # The other way: 0, 3, 1, 1. Off by 0, 2, 1, 2.
    assert alignment_error(second, first) == pytest.approx(5 / 16)
    assert alignment_error_symmetric(first, second) == pytest.approx(1 / 4)


def test_views_of_other_lengths_are_compared_by_share() -> None:
    assert alignment_error(along(0, 1), along(0, 0.4, 1, 1.4)) == pytest.approx(0)


def test_what_chance_and_collapse_give() -> None:
    rng = np.random.default_rng(0)
    n = 400
    guesses = [alignment_error(rng.normal(size=(n, 8)), rng.normal(size=(n, 8))) for _ in range(10)]
    assert np.mean(guesses) == pytest.approx(1 / 3, abs=0.02)
    assert alignment_error(np.ones((n, 8)), np.ones((n, 8))) == pytest.approx(0.5, abs=0.01)


def test_nearest_is_brute_force(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("saccade.systems.smak.metrics.CHUNK", 100)  # three rows at once
    rng = np.random.default_rng(1)
    queries, keys = rng.normal(size=(20, 3)) + 100, rng.normal(size=(30, 3)) + 100
    groups, others = rng.integers(0, 3, 20), rng.integers(0, 3, 30)
    distances = cdist(queries, keys)
    expected = np.argsort(distances, axis=1)[:, :4]
    np.testing.assert_array_equal(nearest(queries, keys, 4), expected)
    distances[groups[:, None] == others] = np.inf
    expected = np.argsort(distances, axis=1)
    np.testing.assert_array_equal(nearest(queries, keys, 4, groups, others), expected[:, :4])
    np.testing.assert_array_equal(nearest(queries, keys, 1, groups, others), expected[:, :1])


def test_too_few_neighbours_are_refused() -> None:
    frames = along(0, 1, 2, 3)
    with pytest.raises(
        UserInputError, match="5 neighbours of each frame are wanted and there are 4"
    ):
        nearest(frames, frames, 5)
    with pytest.raises(UserInputError, match="there are 0"):
        nearest_elsewhere(frames, np.zeros(4, int))


def test_tau_by_scipy_and_at_its_ends() -> None:
    rng = np.random.default_rng(2)
    first = rng.normal(size=(15, 2))
    second = first[rng.permutation(15)]
    order = cdist(first, second).argmin(axis=1)
    expected, _ = kendalltau(np.arange(15), order)  # No two neighbours are the same.
    assert kendall_tau(first, second) == pytest.approx(expected)
    line = along(*range(9))
    assert kendall_tau(line, line) == 1
    assert kendall_tau(line, line[::-1]) == -1
    assert kendall_tau(line, along(4)) == 0
    with pytest.raises(UserInputError, match="2 or more"):
        kendall_tau(along(1), line)


def test_classification_by_hand() -> None:
    labels = np.array([0, 0, 0, 0, 1, 1])
    found = np.array([0, 0, 0, 1, 1, 0])
    # Recall 3/4 and 1/2: rare classes count as much as frequent ones.
    assert classification_error(labels, found) == pytest.approx(1 - 0.625)
    # Class 3 is never found, and class 2 no frame has.
    assert classification_error(np.array([0, 3]), np.array([0, 2])) == pytest.approx(0.5)


def test_estimates_are_those_of_resampled_sequences() -> None:
    rng = np.random.default_rng(3)
    sequences = np.repeat(np.arange(8), 30)
    labels = {"contact": rng.integers(0, 2, 240), "container_angle": rng.integers(0, 5, 240)}
    neighbours = nearest_elsewhere(rng.normal(size=(240, 3)), sequences)[:, 0]
    found = classification_estimates(labels, neighbours, sequences, np.random.default_rng(4), 2000)
    errors = {name: classification_error(v, v[neighbours]) for name, v in labels.items()}
    errors["mean"] = float(np.mean(list(errors.values())))
    for name, expected in errors.items():
        assert found[name].value == pytest.approx(expected)
        assert found[name].low < expected < found[name].high
    draws = []
    for _ in range(500):
        rows = np.concatenate([np.flatnonzero(sequences == s) for s in rng.integers(0, 8, 8)])
        values = labels["contact"]
        draws.append(classification_error(values[rows], values[neighbours[rows]]))
    low, high = np.quantile(draws, [0.025, 0.975])
    assert found["contact"].low == pytest.approx(low, abs=0.02)
    assert found["contact"].high == pytest.approx(high, abs=0.02)


def test_a_resample_without_a_class_does_not_count_it() -> None:
    """Class 1 is only in the second sequence, and always found; class 0 half the time."""
    labels = np.array([0, 0, 0, 0, 1, 1])
    sequences = np.array([0, 0, 0, 1, 1, 1])
    neighbours = np.array([3, 3, 4, 4, 5, 4])
    found = classification_estimates(
        {"a": labels}, neighbours, sequences, np.random.default_rng(0), 500
    )["a"]
    assert found.value == pytest.approx(1 - (0.5 + 1) / 2)
    # The first twice: 1/3 of class 0 is lost. The second twice: all of class 0, none of class 1.
    assert (found.low, found.high) == (pytest.approx(0.25), pytest.approx(0.5))


def test_precision_counts_neighbours_of_the_class() -> None:
    labels = np.array([0, 0, 1, 1])
    neighbours = np.array([[1, 2], [0, 0], [3, 3], [0, 1]])
    np.testing.assert_allclose(precision_at_k(labels, neighbours), [0.5, 1, 1, 0])


def test_a_machine_tells_phases_that_are_apart() -> None:
    rng = np.random.default_rng(5)
    phases = np.repeat([0, 1, 2], 40)
    embeddings = rng.normal(size=(120, 2)) + 10 * phases[:, None]
    test = np.array([[0.0, 0.0], [10.0, 10.0], [20.0, 20.0]])
    truth = np.array([0, 1, 1])
    np.testing.assert_array_equal(phase_hits(embeddings, phases, test, truth), [True, True, False])
    with pytest.raises(UserInputError, match="two phases or more"):
        phase_hits(embeddings, np.zeros(120, int), test, truth)


def test_means_of_sequences() -> None:
    values = np.array([1.0, 0.0, 3.0, 4.0, 5.0])
    np.testing.assert_allclose(sequence_means(values, np.array([7, 7, 2, 2, 2])), [4.0, 0.5])
