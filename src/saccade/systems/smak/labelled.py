"""Measures of an evaluation whose sequences have labels: attributes and phases of their frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int64

from saccade.errors import UserInputError
from saccade.statistics import Estimate, mean_estimate
from saccade.systems.smak.evaluate import BOOTSTRAP_SEED, Embedded
from saccade.systems.smak.metrics import (
    classification_estimates,
    nearest_elsewhere,
    phase_hits,
    precision_at_k,
    sequence_means,
)

PHASE = "phase"
NEIGHBOURS = 5
"""Number of neighbours of AP@K."""
FOLDS = 2
"""Parts of the sequences; the phases of each are told from the other ones."""


@dataclass(frozen=True)
class Labelled:
    """All frames of all views of some sequences, and their labels.

    Attributes:
        vectors: Embeddings.
        sequences: Number of the sequence of each frame.
        labels: Class of each frame, by the name of what all sequences have labels of.
    """

    vectors: Float32[np.ndarray, "n size"]
    sequences: Int64[np.ndarray, " n"]
    labels: dict[str, Int64[np.ndarray, " n"]]

    @classmethod
    def of(cls, embedded: Sequence[Embedded]) -> Labelled:
        """The frames of the sequences, each view for itself."""
        each = [_labels(one) for one in embedded]
        names = [name for name in each[0] if all(name in labels for labels in each)]
        views = [(number, v) for number, one in enumerate(embedded) for v in one.vectors]
        return cls(
            np.concatenate([v for _, v in views]),
            np.concatenate([np.full(len(v), number, np.int64) for number, v in views]),
            {
                name: np.concatenate([each[number][name] for number, _ in views]).astype(np.int64)
                for name in names
            },
        )


def classification_errors(embedded: Sequence[Embedded]) -> dict[str, Estimate]:
    """Classification error of each attribute, and "mean"; nothing of one sequence, or no labels."""
    if len(embedded) < 2:
        return {}
    frames = Labelled.of(embedded)
    labels = {name: values for name, values in frames.labels.items() if name != PHASE}
    if not labels:
        return {}
    neighbours = nearest_elsewhere(frames.vectors, frames.sequences)[:, 0]
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    return classification_estimates(labels, neighbours, frames.sequences, rng)


def phase_measures(embedded: Sequence[Embedded]) -> dict[str, Estimate]:
    """How well phases can be told: "accuracy" of a support vector machine that learned from other
    sequences, and "precision" of the nearest neighbours; nothing of one sequence, or no phases."""
    if len(embedded) < FOLDS:
        return {}
    frames = Labelled.of(embedded)
    if PHASE not in frames.labels:
        return {}
    phases, found = frames.labels[PHASE], {}
    try:
        neighbours = nearest_elsewhere(frames.vectors, frames.sequences, NEIGHBOURS)
        found["precision"] = precision_at_k(phases, neighbours)
        found["accuracy"] = _hits_of_folds(frames, phases)
    except UserInputError:  # too few frames, or all of one phase
        return {}
    return {
        name: mean_estimate(
            sequence_means(values, frames.sequences), np.random.default_rng(BOOTSTRAP_SEED)
        )
        for name, values in found.items()
    }


def _hits_of_folds(frames: Labelled, phases: np.ndarray) -> np.ndarray:
    """Whether the phase of each frame is told, by what the other part of the sequences teaches."""
    hits = np.zeros(len(phases), bool)
    for fold in range(FOLDS):
        test = frames.sequences % FOLDS == fold
        learnt = frames.vectors[~test], phases[~test]
        hits[test] = phase_hits(*learnt, frames.vectors[test], phases[test])
    return hits


def _labels(one: Embedded) -> dict[str, np.ndarray]:
    phase = {} if one.phases is None else {PHASE: one.phases}
    return {**one.attributes, **phase}
