from __future__ import annotations

import numpy as np
import pytest

from saccade.data.tracking import measures
from saccade.errors import UserInputError

ABSENT = [np.nan] * 4


def boxes(*rows: list[float]) -> np.ndarray:
    return np.array(rows, np.float32)


def of_iou(*values: float) -> tuple[np.ndarray, np.ndarray]:
    """Predictions and truths with these IoUs: both 10 high, the prediction cut to the share."""
    truth = np.array([[5, 5, 10, 10]] * len(values), np.float64)
    predicted = truth.copy()
    predicted[:, 2] = 10 * np.array(values)
    truth[np.isnan(values)] = np.nan
    return predicted, truth


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ([0, 0, 10, 10], [0, 0, 10, 10], 1),
        ([0, 0, 10, 10], [5, 0, 10, 10], 50 / 150),
        ([0, 0, 10, 10], [5, 5, 10, 10], 25 / 175),
        ([0, 0, 10, 10], [2, 3, 4, 5], 20 / 100),
        ([0, 0, 10, 10], [10, 0, 10, 10], 0),
        ([0, 0, 10, 10], [20, 20, 1, 1], 0),
        ([-4, -4, 8, 8], [0, 0, 8, 8], 16 / 112),
        ([0, 0, 0, 10], [0, 0, 10, 10], 0),
        ([0, 0, 0, 0], [0, 0, 0, 0], 0),
        ([5, 5, -3, 4], [0, 0, 10, 10], 0),
    ],
)
def test_iou_by_hand(a, b, expected):
    one, two = np.array(a, np.float64), np.array(b, np.float64)
    assert measures.iou(one, two) == pytest.approx(expected)
    assert measures.iou(two, one) == pytest.approx(expected)


def test_iou_equals_counting_pixels():
    rng = np.random.default_rng(0)
    a, b = (np.hstack([rng.integers(0, 20, (50, 2)), rng.integers(1, 15, (50, 2))]) for _ in "ab")
    rows, cols = np.mgrid[:40, :40]
    for one, two, value in zip(a, b, measures.iou(a * 1.0, b * 1.0), strict=True):
        inside = [
            (cols >= x) & (cols < x + w) & (rows >= y) & (rows < y + h) for x, y, w, h in (one, two)
        ]
        assert value == pytest.approx((inside[0] & inside[1]).sum() / (inside[0] | inside[1]).sum())


def test_iou_of_many_with_many_and_of_what_is_not_finite():
    truth = np.array([[0, 0, 2, 2], [4, 0, 2, 2], ABSENT], np.float32)
    table = measures.iou(truth[:, None], truth[None])
    np.testing.assert_array_equal(table[:2, :2], np.eye(2))
    assert np.isnan(table[2]).all() and np.isnan(table[:, 2]).all()
    assert np.isnan(measures.iou(np.array([0, 0, np.inf, 1]), np.array([0.0, 0, 1, 1])))


def test_absent_frames_are_left_out_and_missed_ones_count_as_0():
    predicted = boxes([0, 0, 4, 4], [0, 0, 4, 4], ABSENT, ABSENT)
    truth = boxes([0, 0, 4, 4], ABSENT, [0, 0, 4, 4], ABSENT)
    np.testing.assert_array_equal(measures.step_iou(predicted, truth), [1, np.nan, 0, np.nan])
    np.testing.assert_array_equal(
        measures.centre_distance(predicted, truth), [0, np.nan, np.inf, np.nan]
    )
    assert measures.mean_iou(predicted, truth) == 0.5
    assert measures.precision(predicted, truth) == 0.5


def test_mean_iou_with_and_without_the_first_frame():
    predicted, truth = of_iou(1, 0.5, 0.2, 0.3)
    assert measures.mean_iou(predicted, truth) == pytest.approx(2 / 4)
    assert measures.mean_iou(predicted, truth, include_first=False) == pytest.approx(1 / 3)
    assert measures.mean_iou(predicted, truth, frames=2) == pytest.approx(0.75)
    assert measures.mean_iou(predicted, truth, frames=2, include_first=False) == pytest.approx(0.5)


def test_mean_iou_is_over_60_frames_from_where_the_object_appears():
    predicted, truth = of_iou(*[np.nan] * 3, *[1.0] * 30, *[0.5] * 30, *[0.0] * 40)
    assert measures.mean_iou(predicted, truth) == pytest.approx(0.75)
    assert measures.mean_iou(predicted, truth, include_first=False) == pytest.approx(44 / 59)
    assert measures.mean_iou(predicted, truth, frames=None) == pytest.approx(45 / 100)


def test_an_object_in_one_frame_has_no_mean_without_it():
    predicted, truth = of_iou(1.0, np.nan)
    assert measures.mean_iou(predicted, truth) == 1
    assert np.isnan(measures.mean_iou(predicted, truth, include_first=False))


def test_success_by_hand():
    curve = measures.success_curve(np.array([1.0, 0.52, 0.0, np.nan]))
    # Above 0 are two of three, up to 0.5; above 0.55 to 0.95 one; above 1 none.
    np.testing.assert_allclose(curve, [2 / 3] * 11 + [1 / 3] * 9 + [0])
    predicted, truth = of_iou(1.0, 0.52, 0.0, np.nan)
    assert measures.success_auc(predicted, truth) == pytest.approx((22 / 3 + 3) / 21)
    assert measures.success_auc(truth[:2], truth[:2]) == pytest.approx(20 / 21)


def test_precision_counts_centres_up_to_20_pixels():
    truth = boxes(*[[0, 0, 10, 10]] * 5, ABSENT)
    predicted = boxes(
        [20, 0, 10, 10],  # 20
        [12, 16, 10, 10],  # 20, as 12, 16, 20
        [21, 0, 10, 10],  # 21
        [-5, -5, 20, 20],  # the same centre
        [300, 0, 10, 10],
        [0, 0, 10, 10],
    )
    np.testing.assert_allclose(
        measures.centre_distance(predicted, truth), [20, 20, 21, 0, 300, np.nan]
    )
    assert measures.precision(predicted, truth) == pytest.approx(3 / 5)
    assert measures.precision(predicted, truth, threshold=21) == pytest.approx(4 / 5)


def test_one_pass_gathers_them():
    predicted, truth = of_iou(1.0, 0.52, 0.0, np.nan)
    found = measures.one_pass(predicted, truth)
    assert found.success_auc == measures.success_auc(predicted, truth)
    assert (found.precision, found.n_frames) == (1, 3)
    assert found.mean_iou == pytest.approx(1.52 / 3)
    assert found.mean_iou_without_first == pytest.approx(0.26)


def test_the_given_box_alone_is_no_result():
    predicted, truth = of_iou(np.nan, 1.0, np.nan)
    found = measures.one_pass(predicted, truth)
    assert found.n_frames == 1
    values = found.success_auc, found.precision, found.mean_iou, found.mean_iou_without_first
    assert np.isnan(values).all()


def test_without_any_object_there_is_no_measure():
    predicted, truth = of_iou(np.nan, np.nan)
    found = measures.one_pass(predicted, truth)
    assert found.n_frames == 0
    assert np.isnan([found.success_auc, found.precision, found.mean_iou]).all()


def test_the_curve_is_the_mean_over_those_present_at_each_step():
    ious = [np.array([1, 0.5, np.nan, 0.9]), np.array([1, 0.1]), np.array([1, np.nan, np.nan])]
    np.testing.assert_allclose(measures.iou_curve(ious, 5), [1, 0.3, np.nan, 0.9, np.nan])
    np.testing.assert_allclose(measures.iou_curve(ious, 2), [1, 0.3])
    assert len(measures.iou_curve(ious)) == 60


@pytest.mark.usefixtures("unchecked_types")
@pytest.mark.parametrize("shape", [(3, 4), (2, 3), (0, 4)])
def test_shapes_that_do_not_fit_are_named(shape):
    with pytest.raises(UserInputError, match=r"expected \(T, 4\)"):
        measures.step_iou(np.ones(shape), np.ones((0 if shape[0] == 0 else 2, shape[1])))


HERE, THERE, ELSEWHERE = [0, 0, 10, 10], [50, 0, 10, 10], [90, 90, 10, 10]


def along(*tracks: list[list[float]]) -> np.ndarray:
    return np.array(tracks, np.float64)


def test_tracks_that_stay_do_not_switch():
    truth = along([HERE] * 4, [THERE] * 4)
    assert measures.identity_switches(truth, truth) == 0
    assert measures.identity_switches(truth[::-1], truth) == 0


def test_tracks_that_exchange_their_objects_switch_both():
    truth = along([HERE] * 4, [THERE] * 4)
    tracks = along([HERE, HERE, THERE, THERE], [THERE, THERE, HERE, HERE])
    assert measures.identity_switches(tracks, truth) == 2


def test_a_track_that_takes_over_from_another_is_a_switch():
    truth = along([HERE] * 4)
    tracks = along([HERE, HERE, ABSENT, ABSENT], [THERE, THERE, ABSENT, HERE])
    assert measures.identity_switches(tracks, truth) == 1


def test_a_lost_object_found_again_by_its_own_track_is_none():
    truth = along([HERE, HERE, ABSENT, HERE])
    tracks = along([HERE, ELSEWHERE, ELSEWHERE, HERE])
    assert measures.identity_switches(tracks, truth) == 0


def test_a_track_keeps_its_object_though_another_comes_closer():
    truth = along([HERE] * 3)
    tracks = along([HERE, [2, 0, 10, 10], [2, 0, 10, 10]], [ELSEWHERE, HERE, HERE])
    assert measures.identity_switches(tracks, truth) == 0
    # Below the threshold it has lost it.
    assert measures.identity_switches(tracks, truth, min_iou=0.7) == 1


def test_as_many_objects_as_possible_are_found():
    """Track 0 suits object 0 best, but object 1 has no other."""
    truth = along([[0, 0, 10, 10]] * 2, [[3, 0, 10, 10]] * 2)
    tracks = along([[1, 0, 10, 10]] * 2, [[-3, 0, 10, 10], ELSEWHERE])
    # Frame 0: object 0 by track 1, object 1 by track 0. Frame 1: track 0 keeps object 1.
    assert measures.identity_switches(tracks, truth) == 0


def test_of_two_objects_with_the_same_last_track_the_later_keeps_it():
    truth = along([HERE, ABSENT, [49, 0, 10, 10]], [ABSENT, THERE, THERE])
    tracks = along([HERE, THERE, THERE], [ELSEWHERE, ELSEWHERE, [48, 0, 10, 10]])
    assert measures.identity_switches(tracks, truth) == 1


@pytest.mark.usefixtures("unchecked_types")
def test_switches_need_as_many_frames_of_tracks_as_of_objects():
    with pytest.raises(UserInputError, match=r"\(1, 2, 4\) and objects \(1, 3, 4\)"):
        measures.identity_switches(np.ones((1, 2, 4)), np.ones((1, 3, 4)))
    assert measures.identity_switches(np.ones((0, 3, 4)), np.ones((1, 3, 4))) == 0


def test_what_is_said_to_be_lost_is_weighed_against_what_is_wrong():
    """Wrong, below 0.3 or absent, are three of six; of two of these it says so."""
    ious = np.array([0.9, 0.3, 0.29, np.nan, 0.0, 0.8])
    lost = np.array([False, True, True, True, False, True])
    said = measures.lost_said(ious, lost)
    assert said == measures.LostSaid(wrong=0.5, recall=2 / 3, precision=0.5, n_frames=6)
    fine = measures.lost_said(np.ones(2), np.zeros(2, bool))
    assert fine.wrong == 0 and np.isnan([fine.recall, fine.precision]).all()
