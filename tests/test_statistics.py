from __future__ import annotations

from inspect import unwrap
from itertools import product
from statistics import NormalDist

import numpy as np
import pytest

from saccade import statistics
from saccade.errors import UserInputError
from saccade.statistics import PrecisionRecall


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_interval_of_many_values_is_the_normal_one():
    values = generator(1).gamma(4.0, size=400)
    low, high = statistics.bootstrap_ci(values, generator())
    half = NormalDist().inv_cdf(0.975) * values.std() / np.sqrt(400)
    assert low == pytest.approx(values.mean() - half, abs=0.1 * half)
    assert high == pytest.approx(values.mean() + half, abs=0.1 * half)


def test_interval_of_three_values_equals_the_enumeration_of_all_resamples():
    values = np.array([0.0, 1.0, 5.0])
    every = np.sort([np.mean(chosen) for chosen in product(values, repeat=3)])
    # Of 27 resamples, those with probability 1/27 at either end lie outside a 90% interval.
    low, high = statistics.bootstrap_ci(values, generator(), n=20_000, level=0.90)
    assert low == pytest.approx(every[1])
    assert high == pytest.approx(every[-2])


def test_interval_covers_the_true_mean_as_often_as_it_says():
    rng = generator(2)
    covered = 0
    for _ in range(300):
        low, high = statistics.bootstrap_ci(rng.normal(size=60), rng, n=400, level=0.8)
        covered += low <= 0 <= high
    # 240 expected, standard deviation 7.
    assert 210 <= covered <= 270


def test_equal_values_have_no_uncertainty():
    assert statistics.bootstrap_ci(np.full(7, 3.0), generator()) == (3.0, 3.0)
    assert statistics.bootstrap_ci(np.array([4]), generator()) == (4.0, 4.0)


def test_the_same_generator_gives_the_same_interval():
    values = generator(3).normal(size=30)
    first = statistics.bootstrap_ci(values, generator(5))
    assert first == statistics.bootstrap_ci(values, generator(5))
    assert first != statistics.bootstrap_ci(values, generator(6))


def test_long_arrays_are_resampled_in_parts_with_the_same_law():
    values = generator(4).normal(size=30_000)
    low, high = statistics.bootstrap_ci(values, generator(), n=200)
    assert high - low == pytest.approx(2 * 1.96 / np.sqrt(30_000), rel=0.25)


def test_mean_estimate_is_the_mean_and_its_interval():
    values = np.array([1.0, 2.0, 6.0])
    estimate = statistics.mean_estimate(values, generator())
    assert estimate.value == 3.0
    assert estimate[1:] == statistics.bootstrap_ci(values, generator())


def test_paired_difference_is_certain_where_every_pair_differs_equally():
    theirs = generator(1).normal(size=50)
    difference = statistics.paired_difference(theirs + 0.5, theirs, generator())
    assert difference == pytest.approx((0.5, 0.5, 0.5))


def test_paired_difference_has_the_sign_and_interval_of_ours_minus_theirs():
    ours, theirs = generator(1).normal(1, size=200), generator(2).normal(size=200)
    difference = statistics.paired_difference(ours, theirs, generator())
    half = 1.96 * (ours - theirs).std() / np.sqrt(200)
    assert difference.value == pytest.approx((ours - theirs).mean())
    assert difference.low == pytest.approx(difference.value - half, abs=0.15 * half)
    assert difference.high == pytest.approx(difference.value + half, abs=0.15 * half)


def test_ratio_is_of_the_means_and_not_the_mean_of_ratios():
    boxed, actions = np.array([10, 9]), np.array([20, 60])
    ratio = statistics.ratio_of_means(boxed, actions, generator(), n=4000)
    assert ratio.value == pytest.approx(19 / 80)
    # Resamples are (first, first), mixed, (second, second).
    assert (ratio.low, ratio.high) == pytest.approx((9 / 60, 10 / 20))


def test_ratio_of_proportional_values_is_certain():
    actions = generator(1).integers(5, 60, 40)
    assert statistics.ratio_of_means(0.4 * actions, actions, generator()) == pytest.approx(
        [0.4] * 3
    )


def test_precision_and_recall_by_hand():
    truth = np.array([True, False, True, True, False])
    score = np.array([0.9, 0.8, 0.8, 0.3, 0.1])
    curve = statistics.precision_recall(truth, score)
    np.testing.assert_allclose(curve.threshold, [0.1, 0.3, 0.8, 0.9])
    np.testing.assert_allclose(curve.precision, [3 / 5, 3 / 4, 2 / 3, 1])
    np.testing.assert_allclose(curve.recall, [1, 1, 2 / 3, 1 / 3])
    np.testing.assert_allclose(curve.f_score, [3 / 4, 6 / 7, 2 / 3, 1 / 2])
    assert curve.best_threshold == 0.3


def test_precision_and_recall_equal_counting_at_every_threshold():
    rng = generator(7)
    truth, score = rng.random(300) < 0.3, rng.random(300).round(2)
    curve = statistics.precision_recall(truth, score)
    assert (np.diff(curve.threshold) > 0).all()
    for precision, recall, threshold in zip(*curve, strict=True):
        positive = score >= threshold
        assert precision == pytest.approx((positive & truth).sum() / positive.sum())
        assert recall == pytest.approx((positive & truth).sum() / truth.sum())


def test_f_score_is_zero_where_precision_and_recall_are():
    curve = PrecisionRecall(np.array([0.0, 0.5]), np.array([0.0, 1.0]), np.array([0.2, 0.1]))
    np.testing.assert_allclose(curve.f_score, [0, 2 / 3])


@pytest.mark.parametrize(
    ("function", "arguments", "words"),
    [
        (statistics.bootstrap_ci, (np.array([]), generator()), "at least one finite"),
        (statistics.bootstrap_ci, (np.array([1.0, np.nan]), generator()), "not finite"),
        (statistics.bootstrap_ci, (np.ones((2, 2)), generator()), "(2, 2)"),
        (statistics.bootstrap_ci, (np.ones(2), generator(), 100, 95), "level 95"),
        (statistics.paired_difference, (np.ones(2), np.ones(3), generator()), "2 and 3"),
        (statistics.ratio_of_means, (np.ones(2), np.arange(2), generator()), "above 0"),
        (statistics.precision_recall, (np.zeros(3, bool), np.ones(3)), "no positive"),
    ],
)
def test_bad_input_is_named(function, arguments, words):
    with pytest.raises(UserInputError) as caught:
        # As users run it: without the shape checks that the tests execute.
        unwrap(function)(*arguments)
    assert words in str(caught.value)


def test_strata_have_the_same_say_whatever_their_size():
    strata = [np.array([1.0] * 10), np.array([0.0]), np.array([0.5, 0.5])]
    assert statistics.stratified_mean(strata, generator()) == (0.5, 0.5, 0.5)


def test_one_stratum_alone_is_a_plain_bootstrap():
    values = generator(3).random(40)
    assert statistics.stratified_mean([values], generator()) == statistics.mean_estimate(
        values, generator()
    )


def test_entries_are_resampled_within_their_stratum():
    # Means far apart: only what varies within each widens the interval.
    strata = [generator(k).normal(100.0 * k, 1.0 + k, size=50 + 30 * k) for k in range(3)]
    value, low, high = statistics.stratified_mean(strata, generator())
    variance = sum(s.var() / len(s) for s in strata) / 9
    half = NormalDist().inv_cdf(0.975) * np.sqrt(variance)
    assert (value - low, high - value) == pytest.approx((half, half), rel=0.1)


def test_no_strata_are_refused():
    with pytest.raises(UserInputError, match="no strata"):
        statistics.stratified_mean([], generator())


def test_the_interval_of_a_share_is_wilsons():
    found = statistics.share_estimate(np.array([1.0] * 81 + [0.0] * 182))
    assert found.value == pytest.approx(81 / 263)
    # Newcombe (1998), Statistics in Medicine 17, 857-872, Table I: 81 of 263.
    assert (found.low, found.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_a_share_of_one_has_a_width():
    low, high = statistics.share_estimate(np.ones(200))[1:]
    assert high == pytest.approx(1.0)
    assert low == pytest.approx(200 / (200 + NormalDist().inv_cdf(0.975) ** 2))


def test_outcomes_are_zero_or_one():
    with pytest.raises(UserInputError, match="neither 0 nor 1"):
        statistics.share_estimate(np.array([0.5]))


def test_a_statistic_of_resampled_things():
    values = np.array([0.0, 1.0, 5.0])
    found = statistics.resampled_estimate(
        3, lambda chosen: values[chosen].mean(axis=1), generator(), n=2_000
    )
    assert found.value == 2.0
    assert (found.low, found.high) == statistics.bootstrap_ci(values, generator(), n=2_000)
    with pytest.raises(UserInputError, match="size is 0"):
        statistics.resampled_estimate(0, lambda chosen: chosen.mean(axis=1), generator())
