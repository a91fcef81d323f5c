"""What reports show of a tracker at work."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from saccade.data.tracking.frames import ArrayFrames
from saccade.data.tracking.sequence import TrackingSequence
from saccade.systems.hart.build import build_tracker
from saccade.systems.hart.config import Variant
from saccade.systems.hart.evaluate import evaluate, follow
from saccade.systems.hart.evaluation.baselines import StillBox
from saccade.systems.hart.pictures import steps
from saccade.systems.hart.pictures.drawing import FOLLOWED, WINDOW
from saccade.systems.hart.pictures.frames import (
    TRUE,
    draw_boxes,
    draw_glimpse,
    draw_location,
    tracking_pictures,
)
from saccade.systems.hart.presets import smoke_preset
from saccade.systems.hart.tracker import VideoTracker

GREY = np.full((60, 80, 3), 128, np.uint8)
NOWHERE = np.full(4, np.nan, np.float32)


def follower(variant: Variant = "hart") -> VideoTracker:
    torch.manual_seed(3)
    return VideoTracker(build_tracker(replace(smoke_preset(), variant=variant)))


def moving(speed: float, name: str = "one", length: int = 15) -> TrackingSequence:
    """A box that goes right over grey; `speed` [px/frame]."""
    boxes = np.tile(np.array([10, 20, 20, 10], np.float32), (length, 1))
    boxes[:, 0] += speed * np.arange(length, dtype=np.float32)
    return TrackingSequence(name, ArrayFrames(np.stack([GREY] * length)), boxes)


def test_an_outline_lies_on_the_edges_of_its_box() -> None:
    """Twice as large: edges at columns 20 and 60, rows 40 and 60; nothing elsewhere."""
    picture = draw_boxes(GREY, [((10, 20, 20, 10), TRUE)], width=160)
    assert picture.shape == (120, 160, 3)
    for row, column in ((50, 20), (50, 60), (40, 40), (60, 40)):
        near = picture[row - 1 : row + 2, column - 1 : column + 2].reshape(-1, 3)
        assert (near == TRUE).all(axis=1).any()
    for row, column in ((50, 40), (30, 40), (50, 80), (100, 10)):
        assert picture[row, column].tolist() == [128] * 3


def test_a_box_that_is_absent_or_far_away_is_not_drawn() -> None:
    for box in ((np.nan, np.nan, np.nan, np.nan), (1e9, 1e9, 10.0, 10.0)):
        assert (draw_boxes(GREY, [(box, TRUE)], width=80) == 128).all()


def test_large_frames_are_brought_to_the_width() -> None:
    assert draw_boxes(np.zeros((300, 1000, 3), np.uint8), []).shape == (144, 480, 3)


def test_glimpse_and_location_map_are_shown_cell_by_cell() -> None:
    grey = np.zeros((2, 2, 1), np.float32)
    grey[1, 0] = 1
    shown = draw_glimpse(grey, side=8)
    assert (shown[4:, :4] == 255).all() and shown.sum() == 4 * 4 * 3 * 255
    located = draw_location(grey[..., 0], side=8)
    assert located[4:, :4].mean() < located[:4].mean()
    assert len(np.unique(located.reshape(-1, 3), axis=0)) == 2


def test_our_tracker_shows_what_it_saw_and_others_only_where() -> None:
    tracker, sequence = follower(), moving(1)
    follow(tracker, sequence)
    pictures = tracking_pictures(GREY, tracker, tracker.box, NOWHERE)
    assert list(pictures) == ["frame", "glimpse", "location map"]
    colours = {tuple(c) for c in pictures["frame"].reshape(-1, 3).tolist()}
    assert {FOLLOWED, WINDOW} <= colours and TRUE not in colours
    spatial = follower("spatial-att")
    follow(spatial, sequence)
    assert list(tracking_pictures(GREY, spatial, spatial.box, NOWHERE)) == ["frame", "glimpse"]
    assert list(tracking_pictures(GREY, StillBox(), (1, 2, 3, 4), NOWHERE)) == ["frame"]


def test_the_worst_sequences_come_first_and_are_pictured() -> None:
    sequences = [moving(speed, f"at {speed}") for speed in (0.1, 9.0, 1.0, 0.0)]
    followed = list(evaluate(StillBox, sequences))
    assert steps.worst_first(followed) == [1, 2, 0, 3]
    assert steps.choose_pictured(followed, 1) == [1]
    reports = [steps.sequence_report(one) for one in followed]
    assert [report.failed for report in reports] == [False, True, True, False]
    assert reports[1].steps[-1].text == "frame 14: IoU 0.00" and reports[1].steps[-1].mark == "bad"
    assert reports[3].steps[0].mark == "good"


def test_pictures_are_of_the_frames_in_words() -> None:
    sequences = [moving(0.0), moving(1.0)]
    followed = list(evaluate(follower, sequences))
    (drawn,) = steps.draw_sequences(follower, sequences, followed, [1])
    assert sorted(drawn) == steps.shown_frames(followed[1])
    report = steps.sequence_report(followed[1], drawn)
    assert all(set(step.images) == {"frame", "glimpse", "location map"} for step in report.steps)
    assert "confidence" in report.steps[0].text


def test_an_absent_object_is_said_to_be() -> None:
    boxes = moving(0.0).boxes.copy()
    boxes[5:] = np.nan
    sequence = TrackingSequence("gone", moving(0.0).frames, boxes)
    (one,) = evaluate(StillBox, [sequence])
    last = steps.sequence_report(one).steps[-1]
    assert (last.text, last.mark) == ("frame 14: the object is absent", "neutral")
