"""The measures of an embedding: TCN's two, which are the paper's, and those of its peers.

Embeddings are rows, one a frame. Neighbours are the nearest by Euclidean distance; of equally near
ones, the first. A collapsed embedding, all alike, thus has an alignment error of one half, worse
than the third of random guesses.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from jaxtyping import Bool, Float, Int

from saccade.errors import UserInputError
from saccade.statistics import Estimate, resampled_estimate

Embeddings = Float[np.ndarray, "n d"]
Labels = Int[np.ndarray, " n"]
CHUNK = 4_000_000
"""Distances held at once: 32 MB."""


def alignment_error(first: Float[np.ndarray, "n d"], second: Float[np.ndarray, "m d"]) -> float:
    """Temporal alignment error of two synchronised views, 0 to 1.

    Each frame of the first view looks for its nearest neighbour in the second; the error is how far
    apart in time the two are, as a share of the sequence, on average.

    Args:
        first: Embeddings of one view, frame by frame.
        second: Embeddings of another.

    Raises:
        UserInputError: A view has no frames.
    """
    found = nearest(first, second, 1)[:, 0]
    times = np.arange(len(first)) / len(first)
    return float(np.abs(found / len(second) - times).mean())


def alignment_error_symmetric(
    first: Float[np.ndarray, "n d"], second: Float[np.ndarray, "m d"]
) -> float:
    """Mean of the alignment errors of the first view in the second and the other way round."""
    return (alignment_error(first, second) + alignment_error(second, first)) / 2


def kendall_tau(first: Float[np.ndarray, "n d"], second: Float[np.ndarray, "m d"]) -> float:
    """How well nearest neighbours keep the order of time, -1 to 1 (Dwibedi et al. 2019).

    Of all pairs of frames of the first sequence, the share whose neighbours in the second come in
    the same order, less the share whose neighbours come in the other. The sequences need not be
    synchronised.

    Raises:
        UserInputError: The first sequence has fewer than two frames, or the second none.
    """
    n = len(first)
    if n < 2:
        raise UserInputError(f"the first sequence has {n} frames; expected 2 or more")
    found = nearest(first, second, 1)[:, 0]
    order = np.sign(found[None, :] - found[:, None])
    return float(order[np.triu_indices(n, 1)].mean())


def nearest(
    queries: Float[np.ndarray, "n d"],
    keys: Float[np.ndarray, "m d"],
    k: int,
    query_groups: Int[np.ndarray, " n"] | None = None,
    key_groups: Int[np.ndarray, " m"] | None = None,
) -> Int[np.ndarray, "n {k}"]:
    """Rows of the k nearest keys of each query, the nearest first.

    Args:
        queries: Embeddings that look for neighbours.
        keys: Embeddings among which they look.
        k: Number of neighbours.
        query_groups: Groups of the queries.
        key_groups: Groups of the keys; where given, those of a query's own group do not count.

    Raises:
        UserInputError: A query has fewer than k keys.
    """
    _check_enough(len(keys), k, query_groups, key_groups)
    keys = keys.astype(np.float64)
    lengths = np.square(keys).sum(axis=1)
    step = max(1, CHUNK // len(keys))
    found = []
    for start in range(0, len(queries), step):
        chunk = slice(start, start + step)
        # The query's own length is the same for all keys.
        distances = lengths - 2 * queries[chunk].astype(np.float64) @ keys.T
        if query_groups is not None and key_groups is not None:
            distances[query_groups[chunk, None] == key_groups] = np.inf
        found.append(_smallest(distances, k))
    return np.concatenate(found) if found else np.zeros((0, k), np.int64)


def nearest_elsewhere(
    embeddings: Embeddings, sequences: Labels, k: int = 1
) -> Int[np.ndarray, "n {k}"]:
    """Rows of the k nearest frames of other sequences, for each frame.

    Args:
        embeddings: Embeddings of all frames of all views.
        sequences: Numbers of the sequences that they are of; views of one sequence have one.
        k: Number of neighbours.
    """
    return nearest(embeddings, embeddings, k, sequences, sequences)


def classification_error(labels: Labels, found: Labels) -> float:
    """One less the mean over classes of recall, where frames take their neighbour's class.

    Args:
        labels: Class of each frame.
        found: Class of its nearest neighbour. Classes that no frame has do not count; a class that
            is never found has a recall of 0.
    """
    classes = np.unique(labels)
    return float(1 - np.mean([(found[labels == label] == label).mean() for label in classes]))


def classification_estimates(
    labels: Mapping[str, Labels],
    neighbours: Labels,
    sequences: Labels,
    rng: np.random.Generator,
    n: int = 10_000,
) -> dict[str, Estimate]:
    """Classification error of each attribute, and "mean" of them all, sequences being resampled.

    Neighbours stay those of the whole set.

    Args:
        labels: Class of each frame, by attribute.
        neighbours: Row of each frame's nearest neighbour in other sequences.
        sequences: Numbers of the sequences that the frames are of.
        rng: Source of the resamples.
        n: Number of resamples.
    """
    numbers, each = np.unique(sequences, return_inverse=True)
    counts = {
        name: _class_counts(values, values[neighbours] == values, each, len(numbers))
        for name, values in labels.items()
    }

    def error(name: str, chosen: Int[np.ndarray, "r s"]) -> Float[np.ndarray, " r"]:
        hits, totals = counts[name]
        total = totals[chosen].sum(axis=1)
        with np.errstate(invalid="ignore"):
            # A class that a resample lacks does not count in it.
            return 1 - np.nanmean(hits[chosen].sum(axis=1) / total, axis=1)

    def mean(chosen: Int[np.ndarray, "r s"]) -> Float[np.ndarray, " r"]:
        return np.mean([error(name, chosen) for name in counts], axis=0)

    size = len(numbers)
    found = {
        name: resampled_estimate(size, lambda chosen, name=name: error(name, chosen), rng, n)
        for name in counts
    }
    return found | {"mean": resampled_estimate(size, mean, rng, n)}


def precision_at_k(labels: Labels, neighbours: Int[np.ndarray, "n k"]) -> Float[np.ndarray, " n"]:
    """Share of each frame's k neighbours that are of its class; its mean is AP@K."""
    return (labels[neighbours] == labels[:, None]).mean(axis=1)


def phase_hits(
    embeddings: Embeddings,
    phases: Labels,
    test_embeddings: Float[np.ndarray, "m d"],
    test_phases: Int[np.ndarray, " m"],
) -> Bool[np.ndarray, " m"]:
    """Whether a support vector machine tells the phase of each test frame; its mean is accuracy.

    Args:
        embeddings: Embeddings of frames that it learns from.
        phases: Phases of these.
        test_embeddings: Embeddings of frames of other sequences.
        test_phases: Phases of these.

    Raises:
        UserInputError: The frames to learn from are all of one phase.
    """
    if len(np.unique(phases)) < 2:
        raise UserInputError("all frames are of one phase; expected two phases or more")
    # Importing scikit-learn takes about as long as torch, and training needs other measures only.
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    machine = make_pipeline(StandardScaler(), SVC())
    machine.fit(embeddings, phases)
    return machine.predict(test_embeddings) == test_phases


def sequence_means(
    values: Float[np.ndarray, " n"] | Bool[np.ndarray, " n"], sequences: Labels
) -> Float[np.ndarray, " s"]:
    """Mean of what frames have, for each sequence: what intervals are made of."""
    _, each = np.unique(sequences, return_inverse=True)
    return np.bincount(each, weights=values) / np.bincount(each)


def _class_counts(
    labels: Labels, hit: Bool[np.ndarray, " n"], sequences: Labels, size: int
) -> tuple[Float[np.ndarray, "s c"], Float[np.ndarray, "s c"]]:
    """Number of frames found and of all frames, of each sequence and class."""
    classes, label = np.unique(labels, return_inverse=True)
    shape = (size, len(classes))
    cells = np.ravel_multi_index((sequences, label), shape)
    counted = (np.bincount(cells, weights, np.prod(shape)) for weights in (hit, None))
    hits, totals = (count.reshape(shape).astype(np.float64) for count in counted)
    return hits, totals


def _smallest(distances: Float[np.ndarray, "n m"], k: int) -> Int[np.ndarray, "n {k}"]:
    if k == 1:
        return distances.argmin(axis=1)[:, None]
    return np.argsort(distances, axis=1, kind="stable")[:, :k]


def _check_enough(
    keys: int,
    k: int,
    query_groups: Int[np.ndarray, " n"] | None,
    key_groups: Int[np.ndarray, " m"] | None,
) -> None:
    """Refuse fewer keys than neighbours; a query's own group may have most of them."""
    left = keys
    if query_groups is not None and key_groups is not None:
        groups, sizes = np.unique(key_groups, return_counts=True)
        own = sizes[np.isin(groups, query_groups)]
        left -= int(own.max()) if len(own) else 0
    if not 1 <= k <= left:
        raise UserInputError(
            f"{k} neighbours of each frame are wanted and there are {left}; expected 1 or more "
            "neighbours, and as many frames to choose from"
        )
