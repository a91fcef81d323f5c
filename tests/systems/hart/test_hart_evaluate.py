"""One-pass evaluation by hand, and other trackers behind the same calls."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from saccade.data.tracking.frames import ArrayFrames
from saccade.data.tracking.sequence import TrackingSequence
from saccade.errors import UserInputError
from saccade.left_out import LeftOut
from saccade.systems.hart.build import build_tracker
from saccade.systems.hart.evaluate import compare, difference, evaluate, follow, results
from saccade.systems.hart.evaluation import baselines
from saccade.systems.hart.evaluation.baselines import OPENCV_TRACKERS, StillBox, make_baseline
from saccade.systems.hart.presets import PRESETS
from saccade.systems.hart.tracker import VideoTracker


def sequence(name: str = "one", length: int = 5, absent: tuple[int, ...] = ()) -> TrackingSequence:
    """A textured block of 20 x 10 that goes right by 10 pixels a frame."""
    rng = np.random.default_rng(0)
    block = rng.integers(0, 256, (10, 20, 3), np.uint8)
    images = np.full((length, 60, 160, 3), 90, np.uint8)
    boxes = np.zeros((length, 4), np.float32)
    for t in range(length):
        images[t, 25:35, 10 + 10 * t : 30 + 10 * t] = block
        boxes[t] = np.nan if t in absent else (10 + 10 * t, 25, 20, 10)
    return TrackingSequence(name, ArrayFrames(images), boxes)


class Recorder:
    """A tracker that goes right by as much as it is told, and keeps what it was given."""

    def __init__(self, speed: float) -> None:
        self.speed, self.given = speed, []
        self.box = (0.0, 0.0, 0.0, 0.0)

    def init(self, frame: np.ndarray, box: Any) -> None:
        self.given.append(("init", int(frame[25:35, :, 0].argmax()), box))
        self.box = box

    def update(self, frame: np.ndarray) -> Any:
        self.given.append(("update", frame.shape))
        x, y, w, h = self.box
        self.box = x + self.speed, y, w, h
        return self.box


def test_a_still_box_by_hand() -> None:
    """Overlaps 20, 10, 0, 0, 0 px of 20, so IoU 1, 1/3, 0, 0, 0; centres 0, 10, 20, 30, 40 off."""
    one = follow(StillBox(), sequence())
    np.testing.assert_array_equal(one.boxes, np.tile([10, 25, 20, 10], (5, 1)))
    (row,) = results([one])["sequences"]
    assert row["name"] == "one" and row["frames"] == 5
    assert row["iou_60"]["with_first"] == pytest.approx((1 + 1 / 3) / 5)
    assert row["iou_60"]["without_first"] == pytest.approx(1 / 3 / 4)
    # above 0, 0.05, ..., 0.3: seven thresholds for 1/3, twenty for 1
    assert row["auc"] == pytest.approx((7 * 2 + 13) / 21 / 5)
    assert row["precision_20"] == pytest.approx(3 / 5)
    assert row["fps"] > 0


def test_a_perfect_tracker_is_perfect() -> None:
    mean = results(list(evaluate(partial(Recorder, 10), [sequence(), sequence("two")])))["mean"]
    assert mean["iou_60"] == {"without_first": pytest.approx(1), "with_first": pytest.approx(1)}
    assert mean["auc"] == pytest.approx(20 / 21) and mean["precision_20"] == 1


def test_tracking_begins_where_the_object_does() -> None:
    recorder = Recorder(10)
    one = follow(recorder, sequence(absent=(0, 1, 3)))
    assert recorder.given[0][2] == (30, 25, 20, 10)
    assert [kind for kind, *_ in recorder.given] == ["init", "update", "update"]
    assert np.isnan(one.boxes[:2]).all() and one.frames == 2
    assert one.measures.n_frames == 2 and one.measures.mean_iou == 1


def test_the_mean_is_over_the_sequences_and_the_rate_over_the_frames() -> None:
    short, long = sequence("short", 2), sequence("long", 5)
    done = list(evaluate(StillBox, [short, long]))
    out = results(done)
    for name in ("auc", "precision_20"):
        assert out["mean"][name] == pytest.approx(np.mean([r[name] for r in out["sequences"]]))
    expected = np.mean([1 / 3, 1 / 12])
    assert out["mean"]["iou_60"]["without_first"] == pytest.approx(expected)
    assert out["mean"]["fps"] == pytest.approx(5 / sum(one.seconds for one in done))


def test_what_is_not_known_is_null() -> None:
    out = results([])
    assert out["mean"]["iou_60"] == {"without_first": None, "with_first": None}
    assert out["mean"]["auc"] is None and out["mean"]["fps"] is None
    assert json.loads(json.dumps(out, allow_nan=False)) == out


def test_a_sequence_without_its_object_is_refused() -> None:
    with pytest.raises(UserInputError, match="one has no box in any of its 2 frames"):
        follow(StillBox(), sequence(length=2, absent=(0, 1)))


def test_an_evaluation_that_is_stopped_keeps_what_is_done() -> None:
    asked = iter([False, True])
    done = evaluate(StillBox, [sequence(), sequence("two")], stop=lambda: next(asked))
    assert [one.name for one in done] == ["one"]


def test_intervals_are_over_the_sequences() -> None:
    """Equal sequences leave no doubt; of two that differ, the interval is theirs."""
    same = results(list(evaluate(StillBox, [sequence(), sequence("two")])))
    assert same["n"] == 2
    assert same["ci95"]["auc"] == pytest.approx([same["mean"]["auc"]] * 2)
    mixed = results(list(evaluate(StillBox, [sequence("short", 2), sequence("long", 5)])))
    assert mixed["ci95"]["iou_60"]["without_first"] == pytest.approx([1 / 12, 1 / 3])


def test_the_curve_starts_where_the_object_is_given() -> None:
    """The first prediction of each is one third, whenever its object comes."""
    late = sequence("late", 4, absent=(0, 1))
    curve = results(list(evaluate(StillBox, [sequence(), late])))["iou_by_frame"]
    assert curve[:3] == pytest.approx([1, 1 / 3, 0]) and curve[5:] == [None] * 55


def test_what_a_tracker_says_of_itself_is_weighed() -> None:
    """An untrained network stays where it is: wrong from the second frame on, and so it says."""
    tracker = VideoTracker(build_tracker(PRESETS["smoke"]()), lost_below=1.0)
    said = results([follow(tracker, sequence(length=4))])["lost"]
    assert said == {"wrong": pytest.approx(2 / 3), "recall": 1, "precision": pytest.approx(2 / 3),
                    "n_frames": 3}  # fmt: skip
    assert results([follow(StillBox(), sequence())])["lost"] is None


def test_what_is_unknown_is_neither_wrong_nor_right() -> None:
    """Of the four frames after the given one, one is absent and one is not known."""
    hidden = sequence(absent=(2, 3))
    hidden = replace(hidden, unknown=np.arange(5) == 3)
    one = follow(VideoTracker(build_tracker(PRESETS["smoke"]()), lost_below=1.0), hidden)
    assert one.absent.tolist() == [False, False, True, False, False]
    said = results([one])["lost"]
    assert said["n_frames"] == 3 and said["recall"] == 1
    assert said["wrong"] == said["precision"] == pytest.approx(2 / 3)


def test_a_sequence_of_no_use_is_left_out_for_all_trackers() -> None:
    """The second tracker refuses boxes of that width."""

    class Narrow(Recorder):
        def init(self, frame: np.ndarray, box: Any) -> None:
            if box[2] > 20:
                raise UserInputError("too wide")
            super().init(frame, box)

    wide, held_back = sequence("wide"), sequence("held back", absent=(1, 2, 3, 4))
    wide.boxes[:, 2] = 30
    cases = [wide, sequence(), held_back]
    first, second, third = compare([StillBox, partial(Narrow, 10)], cases)
    assert isinstance(first, LeftOut) and first.reason == "wide, frame 0: too wide"
    assert isinstance(third, LeftOut) and "has one box for 5 frames" in third.reason
    assert not isinstance(second, LeftOut)
    assert [one.measures.mean_iou for one in second] == [pytest.approx(4 / 15), 1]
    assert second[0].place == second[1].place == 1


def test_differences_are_paired_by_sequence() -> None:
    short, long = sequence("short", 2), sequence("long", 5)
    still, perfect = zip(*compare([StillBox, partial(Recorder, 10)], [short, long]), strict=True)
    found = difference(perfect, still)
    assert found["n"] == 2
    assert found["iou_60"] == pytest.approx([(2 / 3 + 11 / 12) / 2, 2 / 3, 11 / 12])
    assert difference([], []) == {"iou_60": None, "n": 0}


def test_each_frame_is_told() -> None:
    told: list[Any] = []
    one = follow(Recorder(10), sequence(length=3), lambda *facts: told.append(facts))
    assert [at for at, *_ in told] == [1, 2]
    assert [box[0] for *_, box in told] == [20, 30]
    np.testing.assert_array_equal(told[1][1], sequence(length=3).frame(2))
    np.testing.assert_array_equal(one.ious, [1, 1, 1])
    assert np.isnan(one.confidence).all()


@pytest.mark.parametrize("name", OPENCV_TRACKERS)
def test_opencvs_trackers_follow_a_block(name: str) -> None:
    try:
        tracker = make_baseline(name)
    except UserInputError as error:
        pytest.skip(str(error))
    slow = sequence(length=3)
    one = follow(tracker, slow)
    assert np.isfinite(one.boxes).all() and one.measures.mean_iou > 0.3


class Fake:
    """An OpenCV tracker that finds its object once and then fails."""

    def __init__(self) -> None:
        self.calls = 0

    def init(self, frame: np.ndarray, box: Any) -> None:
        assert box == (10, 25, 20, 10) and all(isinstance(value, int) for value in box)
        assert frame[0, 0].tolist() == [3, 2, 1]  # BGR

    def update(self, frame: np.ndarray) -> Any:
        self.calls += 1
        return (True, (11, 25, 20, 10)) if self.calls == 1 else (False, (0, 0, 0, 0))


def test_where_opencv_fails_its_last_box_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "TrackerKCF_create", Fake, raising=False)
    tracker = make_baseline("kcf")
    frame = np.zeros((60, 160, 3), np.uint8)
    frame[0, 0] = 1, 2, 3
    tracker.init(frame, (10.2, 24.9, 20, 10))
    assert [tracker.update(frame) for _ in range(3)] == [(11, 25, 20, 10)] * 3


def test_where_opencv_raises_its_last_box_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    class Raises(Fake):
        def update(self, frame: np.ndarray) -> Any:
            if self.calls:
                raise cv2.error("the box has left the frame")
            return super().update(frame)

    monkeypatch.setattr(cv2, "TrackerKCF_create", Raises, raising=False)
    tracker = make_baseline("kcf")
    frame = np.zeros((60, 160, 3), np.uint8)
    frame[0, 0] = 1, 2, 3
    tracker.init(frame, (10, 25, 20, 10))
    assert [tracker.update(frame) for _ in range(3)] == [(11, 25, 20, 10)] * 3


def test_opencv_is_given_boxes_inside_the_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else MIL fails, and it never comes back from a box of 4 x 4 pixels."""
    given: list[tuple[int, ...]] = []
    fake = SimpleNamespace(init=lambda frame, box: given.append(box))
    monkeypatch.setattr(cv2, "TrackerMIL_create", lambda: fake)
    frame = np.zeros((60, 160, 3), np.uint8)
    for box in ((-10, -10, 30, 30), (150, 50, 20, 20), (159.7, 30, 10, 10), (10, 10, 1, 1)):
        make_baseline("mil").init(frame, box)
    assert given == [(0, 0, 20, 20), (150, 50, 10, 10), (155, 30, 5, 10), (10, 10, 5, 5)]


def test_what_opencv_refuses_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(frame: np.ndarray, box: Any) -> None:
        raise cv2.error("posSamples\n are empty")

    monkeypatch.setattr(cv2, "TrackerMIL_create", lambda: SimpleNamespace(init=refuse))
    with pytest.raises(UserInputError, match=r"OpenCV's mil refuses the box \(10, 25, 20, 10\)"):
        make_baseline("mil").init(np.zeros((60, 160, 3), np.uint8), (10, 25, 20, 10))


def test_a_first_box_that_is_refused_names_its_sequence() -> None:
    outside = sequence()
    outside.boxes[:, 0] = 400
    with pytest.raises(UserInputError, match=r"one, frame 0: the box .* lies outside the frame"):
        follow(StillBox(), outside)


def test_trackers_that_are_not_there_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserInputError, match=r"unknown baseline 'siam' \(valid: still, c"):
        make_baseline("siam")
    monkeypatch.setattr(baselines, "cv2", type("OldCv", (), {"__version__": "5.0"}))
    with pytest.raises(UserInputError, match=r"has no tracker csrt; expected the one of opencv-co"):
        make_baseline("csrt")
