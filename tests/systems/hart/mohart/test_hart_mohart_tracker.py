"""Several objects at once: boxes of the network, objects that join, and how they are judged."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from saccade.data.tracking.frames import ArrayFrames
from saccade.data.tracking.sequence import MultiObjectSequence
from saccade.data.tracking.synthetic import SyntheticConfig, generate_clip
from saccade.errors import UserInputError
from saccade.systems.hart.boxes import from_model, to_model
from saccade.systems.hart.build import build_tracker
from saccade.systems.hart.config import HartConfig
from saccade.systems.hart.learning.learner import as_input
from saccade.systems.hart.model_config import RelationConfig
from saccade.systems.hart.mohart.evaluate import follow_together, multi_results, synthetic_videos
from saccade.systems.hart.mohart.tracker import MultiTracker
from saccade.systems.hart.presets import smoke_preset
from saccade.systems.hart.tracker import VideoTracker

SMOKE = smoke_preset()
RELATED = replace(SMOKE, relations=RelationConfig(heads=2, width=8))
BOXES = [(30.0, 20.0, 16.0, 12.0), (70.0, 40.0, 20.0, 24.0), (10.0, 50.0, 14.0, 10.0)]


def restless(config: HartConfig = RELATED) -> Any:
    torch.manual_seed(3)
    network = build_tracker(config).eval()
    for name, parameter in network.named_parameters():
        if name.startswith(("update_head.2", "box_head.2", "relations.to_message")):
            torch.nn.init.normal_(parameter, std=0.2)
    return network


def film(length: int = 5, height: int = 90, width: int = 120) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (length, height, width, 3), np.uint8)


def unrolled(network: Any, frames: np.ndarray, related: bool) -> Any:
    pixels = as_input(torch.from_numpy(frames).permute(0, 3, 1, 2), 3)
    first = torch.from_numpy(to_model(np.array(BOXES, np.float32)))
    videos = torch.zeros(3, dtype=torch.long) if related else None
    with torch.no_grad():
        return network(pixels[:, None].expand(-1, 3, -1, -1, -1), first, None, videos)


@pytest.mark.parametrize("related", [True, False])
def test_boxes_are_those_of_the_network_on_whole_frames(related: bool) -> None:
    network, frames = restless(), film()
    tracker = MultiTracker(network, related)
    tracker.init(frames[0], BOXES)
    assert tracker.confidences.tolist() == [1, 1, 1] and tracker.boxes.tolist() == [
        *map(list, BOXES)
    ]
    found = [tracker.update(frame) for frame in frames[1:]]
    expected = unrolled(network, frames, related)
    other = unrolled(network, frames, not related)
    np.testing.assert_allclose(
        [boxes for boxes, _ in found], from_model(expected.box.numpy()), atol=5e-3
    )
    np.testing.assert_allclose([sure for _, sure in found], expected.confidence, atol=2e-3)
    assert (other.box - expected.box).abs().max() > 0.1


def test_unrelated_objects_are_followed_as_each_alone() -> None:
    frames = film()
    for network, related in ((restless(SMOKE), True), (restless(), False)):
        together = MultiTracker(network, related)
        together.init(frames[0], BOXES)
        alone = [VideoTracker(network) for _ in BOXES]
        for one, box in zip(alone, BOXES, strict=True):
            one.init(frames[0], box)
        for frame in frames[1:]:
            boxes, confidences = together.update(frame)
            np.testing.assert_allclose(boxes, [one.update(frame) for one in alone], atol=1e-2)
            np.testing.assert_allclose(confidences, [one.confidence for one in alone], atol=1e-4)


def test_objects_that_join_at_once_are_as_given_together() -> None:
    frames = film()
    one, two = MultiTracker(restless()), MultiTracker(restless())
    one.init(frames[0], BOXES)
    two.init(frames[0], BOXES[:1])
    two.add(frames[0], BOXES[1:])
    for frame in frames[1:3]:
        np.testing.assert_allclose(one.update(frame)[0], two.update(frame)[0], atol=1e-4)
    two.add(frames[2], BOXES[:1])
    assert two.boxes.shape == (4, 4) and two.confidences[3] == 1
    assert two.update(frames[3])[0].shape == (4, 4)
    two.init(frames[0], BOXES[:2])
    assert two.boxes.shape == (2, 4)


def test_lost_is_a_confidence_below_the_threshold() -> None:
    tracker = MultiTracker(restless(), lost_below=0.5)
    tracker.init(film()[0], BOXES)
    assert not tracker.lost.any()
    _, confidences = tracker.update(film()[1])
    np.testing.assert_array_equal(tracker.lost, confidences < 0.5)


@pytest.mark.parametrize(
    ("boxes", "message"),
    [
        ([], "there is no box; expected x, y, width, height of each object"),
        ([BOXES[0], (3, 4, 5)], "four finite numbers"),
        ([BOXES[0], (130, 4, 5, 5)], "lies outside the frame of 120 x 90"),
    ],
)
def test_a_start_that_cannot_be_is_refused(boxes: Any, message: str) -> None:
    tracker = MultiTracker(restless())
    with pytest.raises(UserInputError, match=message):
        tracker.init(film()[0], boxes)
    for call in (lambda: tracker.update(film()[0]), lambda: tracker.add(film()[0], BOXES)):
        with pytest.raises(UserInputError, match="was called before init"):
            call()
    tracker.init(film()[0], BOXES)
    with pytest.raises(UserInputError, match="100 x 90 pixels; expected 120 x 90"):
        tracker.update(film()[0][:, :100])


class Scripted:
    """Answers with prepared boxes; stands in for a tracker."""

    def __init__(self, boxes: np.ndarray, lost: np.ndarray | None = None) -> None:
        self._boxes, self._t, self._n = boxes, 0, 0
        self._lost = np.zeros(boxes.shape[:2], bool) if lost is None else lost

    def init(self, frame: np.ndarray, boxes: list[list[float]]) -> None:
        self._t, self._n = int(frame[0, 0, 0]), len(boxes)

    def add(self, frame: np.ndarray, boxes: list[list[float]]) -> None:
        self._n += len(boxes)

    def update(self, frame: np.ndarray) -> tuple[np.ndarray, None]:
        self._t = int(frame[0, 0, 0])
        return self._boxes[: self._n, self._t], None

    @property
    def lost(self) -> np.ndarray:
        return self._lost[: self._n, self._t]


def two_objects(length: int = 6) -> MultiObjectSequence:
    """One stands left from frame 1 on, one right from frame 2 on; pixels number the frames."""
    frames = (
        np.zeros((length, 20, 60, 3), np.uint8)
        + np.arange(length, dtype=np.uint8)[:, None, None, None]
    )
    boxes = np.full((2, length, 4), np.nan, np.float32)
    boxes[0, 1:], boxes[1, 2:] = (5, 5, 10, 10), (40, 5, 10, 10)
    return MultiObjectSequence("two", ArrayFrames(frames), boxes, (4, 9), ("", ""))


def test_tracks_that_change_places_are_two_switches() -> None:
    video = two_objects()
    tracks = video.boxes.copy()
    tracks[:, 4:] = tracks[::-1, 4:]
    one = follow_together(Scripted(tracks), video)  # pyright: ignore[reportArgumentType]
    assert one.identity_switches == 2
    # the given frames do not count: frames 2 to 5 of the first object, 3 to 5 of the second
    assert one.iou_frames == 7 and one.iou == pytest.approx(3 / 7)
    lost = np.zeros((2, 6), bool)
    lost[:, 4:] = True
    unsure = follow_together(Scripted(tracks, lost), video)  # pyright: ignore[reportArgumentType]
    assert unsure.identity_switches == 0 and unsure.iou == one.iou
    assert np.isnan(one.boxes[0, 0]).all() and np.isnan(one.boxes[1, :2]).all()


def test_perfect_tracks_are_perfect() -> None:
    video = two_objects()
    once = follow_together(Scripted(video.boxes), video)  # pyright: ignore[reportArgumentType]
    found = multi_results([once, once])
    row = {"name": "two", "objects": 2, "frames": 6, "iou": 1.0, "identity_switches": 0}
    assert found == {"videos": [row, row], "mean": {"iou": 1.0, "identity_switches": 0}}


def test_a_video_without_objects_is_refused() -> None:
    empty = replace(two_objects(), boxes=np.full((2, 6, 4), np.nan, np.float32))
    with pytest.raises(UserInputError, match="two has no object in any of its 6 frames"):
        follow_together(MultiTracker(restless()), empty)


def test_generated_videos_show_every_object_from_where_it_is_in_sight() -> None:
    scene = SyntheticConfig(height=48, width=64, frames=6, distractor_probability=1.0)
    (video,) = synthetic_videos(3, range(1, 2), scene)
    clip = generate_clip(3, 1, scene)
    for k, boxes in zip(video.ids, video.boxes, strict=True):
        seen = clip.visible[:, k]
        first = int((seen >= 0.5).argmax())
        present = (np.arange(6) >= first) & (seen > 0.1)
        np.testing.assert_array_equal(np.isfinite(boxes[:, 0]), present)
        np.testing.assert_array_equal(boxes[present], clip.boxes[present, k])
    assert video.ids[0] == 0
    found = multi_results([follow_together(MultiTracker(restless()), video)])
    assert 0 <= found["mean"]["iou"] <= 1
