"""Uncertainty of shares, means, paired differences and ratios; precision and recall."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

from saccade.errors import UserInputError

_CHUNK = 2_000_000
"""Resampled values held at once: 16 MB."""

_Z = 1.959964
"""Quantile of the normal distribution that leaves 2.5 % above it."""


class Estimate(NamedTuple):
    """A value and the interval around it."""

    value: float
    low: float
    high: float


class PrecisionRecall(NamedTuple):
    """Precision and recall at rising thresholds; "positive" means score >= threshold."""

    precision: Float[np.ndarray, " n"]
    recall: Float[np.ndarray, " n"]
    threshold: Float[np.ndarray, " n"]

    @property
    def f_score(self) -> Float[np.ndarray, " n"]:
        """Harmonic mean of precision and recall; 0 where both are."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / np.where(total > 0, total, 1)

    @property
    def best_threshold(self) -> float:
        """The threshold of the best F-score."""
        return float(self.threshold[self.f_score.argmax()])


def bootstrap_ci(
    values: Shaped[np.ndarray, " n"],
    rng: np.random.Generator,
    n: int = 10_000,
    level: float = 0.95,
) -> tuple[float, float]:
    """Percentile bootstrap interval of the mean of `values` from `n` resamples.

    Raises UserInputError if `values` is empty, not finite or not one-dimensional.
    """
    checked = _checked(values, "values")
    return _interval(len(checked), lambda chosen: checked[chosen].mean(axis=1), rng, n, level)


def mean_estimate(
    values: Shaped[np.ndarray, " n"], rng: np.random.Generator, n: int = 10_000
) -> Estimate:
    """The mean of `values` with its 95% bootstrap interval."""
    return Estimate(float(_checked(values, "values").mean()), *bootstrap_ci(values, rng, n))


def resampled_estimate(
    size: int,
    statistic: Callable[[np.ndarray], np.ndarray],
    rng: np.random.Generator,
    n: int = 10_000,
    level: float = 0.95,
) -> Estimate:
    """A statistic of `size` things with its percentile bootstrap interval, things being resampled.

    Args:
        size: Number of things.
        statistic: Statistic of the things with the given numbers, (resamples, size), a resample
            each row.
        rng: Source of the resamples.
        n: Number of resamples.
        level: Share of the resamples within the interval.

    Raises:
        UserInputError: There are no things, no resamples, or the level is not between 0 and 1.
    """
    if size < 1:
        raise UserInputError(f"size is {size}; expected at least 1")
    value = float(statistic(np.arange(size)[None])[0])
    return Estimate(value, *_interval(size, statistic, rng, n, level))


def share_estimate(successes: Shaped[np.ndarray, " n"]) -> Estimate:
    """The share of successes with its 95 % interval of Wilson (1927).

    A bootstrap of outcomes that are all alike has no width; this one has: 200 of 200 are
    [0.981, 1].

    Raises:
        UserInputError: There are none, or a value that is neither 0 nor 1.
    """
    checked = _checked(successes, "successes")
    if not np.isin(checked, (0, 1)).all():
        raise UserInputError("successes have a value that is neither 0 nor 1; expected outcomes")
    n, share = len(checked), float(checked.mean())
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * (share * (1 - share) / n + _Z**2 / (4 * n * n)) ** 0.5
    return Estimate(share, max(0.0, middle - half), min(1.0, middle + half))


def stratified_mean(
    strata: Sequence[Shaped[np.ndarray, " _"]],
    rng: np.random.Generator,
    n: int = 10_000,
    level: float = 0.95,
) -> Estimate:
    """Mean of the strata's means, entries being resampled within each stratum.

    Strata are tasks, or trainings: each has the same say, however many entries it has. The interval
    is of these strata; how others would differ it does not tell.

    Raises UserInputError if there are no strata, or one is empty, not finite or not
    one-dimensional.
    """
    if not len(strata):
        raise UserInputError("there are no strata; expected at least one")
    checked = [_checked(values, "a stratum") for values in strata]
    means = [_resampled_means(values, rng, n, level) for values in checked]
    tail = (1 - level) / 2
    low, high = np.quantile(np.mean(means, axis=0), [tail, 1 - tail])
    value = float(np.mean([values.mean() for values in checked]))
    return Estimate(value, float(low), float(high))


def paired_difference(
    ours: Shaped[np.ndarray, " n"],
    theirs: Shaped[np.ndarray, " n"],
    rng: np.random.Generator,
    n: int = 10_000,
    level: float = 0.95,
) -> Estimate:
    """Mean of `ours - theirs` over pairs (one a scenario), pairs being resampled together."""
    first, second = _checked_pair(ours, theirs)
    gain = first - second
    return Estimate(float(gain.mean()), *bootstrap_ci(gain, rng, n, level))


def ratio_of_means(
    numerator: Shaped[np.ndarray, " n"],
    denominator: Shaped[np.ndarray, " n"],
    rng: np.random.Generator,
    n: int = 10_000,
    level: float = 0.95,
) -> Estimate:
    """Ratio of two means, as the paper's objects per action, pairs being resampled.

    The denominator must be above 0 everywhere, so that every resample has a ratio.
    """
    top, bottom = _checked_pair(numerator, denominator)
    if (bottom <= 0).any():
        raise UserInputError(f"denominator holds {bottom.min():g}; expected only values above 0")

    def ratio(chosen: Int[np.ndarray, "resamples n"]) -> Float[np.ndarray, " resamples"]:
        return top[chosen].sum(axis=1) / bottom[chosen].sum(axis=1)

    low, high = _interval(len(top), ratio, rng, n, level)
    return Estimate(float(top.sum() / bottom.sum()), low, high)


def precision_recall(
    truth: Bool[np.ndarray, " n"], score: Float[np.ndarray, " n"]
) -> PrecisionRecall:
    """Precision and recall at every distinct score taken as the threshold.

    Raises UserInputError if no entry of `truth` is true: recall is then undefined.
    """
    score, true = _checked_pair(score, truth)
    if not true.any():
        raise UserInputError("truth holds no positive example; expected at least one")
    order = np.argsort(score, kind="stable")
    ordered, hits = score[order], true[order]
    threshold, first = np.unique(ordered, return_index=True)
    # Positives are those from `first` on: sums of the tail.
    true_positive = hits[::-1].cumsum()[::-1][first]
    precision = true_positive / (len(score) - first)
    return PrecisionRecall(precision, true_positive / hits.sum(), threshold)


def _interval(
    size: int,
    statistic: Callable[[np.ndarray], np.ndarray],
    rng: np.random.Generator,
    n: int,
    level: float,
) -> tuple[float, float]:
    values = _resampled(size, statistic, rng, n, level)
    tail = (1 - level) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)


def _resampled_means(
    values: Float[np.ndarray, " _"], rng: np.random.Generator, n: int, level: float
) -> Float[np.ndarray, " n"]:
    return _resampled(len(values), lambda chosen: values[chosen].mean(axis=1), rng, n, level)


def _resampled(
    size: int,
    statistic: Callable[[np.ndarray], np.ndarray],
    rng: np.random.Generator,
    n: int,
    level: float,
) -> np.ndarray:
    """The statistic of n resamples."""
    if n < 1 or not 0 < level < 1:
        raise UserInputError(f"n is {n} and level {level}; expected n >= 1 and 0 < level < 1")
    step = max(1, _CHUNK // size)
    parts = [
        statistic(rng.integers(0, size, size=(min(step, n - done), size)))
        for done in range(0, n, step)
    ]
    return np.concatenate(parts)


def _checked(values: np.ndarray, name: str) -> Float[np.ndarray, " n"]:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or array.size == 0 or not np.isfinite(array).all():
        raise UserInputError(
            f"{name} has shape {array.shape}{'' if np.isfinite(array).all() else ', not finite'}; "
            "expected a one-dimensional array of at least one finite number"
        )
    return array


def _checked_pair(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    one, two = _checked(first, "the first array"), _checked(second, "the second array")
    if len(one) != len(two):
        raise UserInputError(
            f"paired arrays have {len(one)} and {len(two)} entries; expected equal"
        )
    return one, two
