"""The tracker that programs use: OpenCV's calls, the network's boxes, one line for a mistake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from saccade.attention import gaussian_glimpse
from saccade.errors import UserInputError
from saccade.systems.hart.boxes import from_model, to_model
from saccade.systems.hart.build import build_tracker
from saccade.systems.hart.config import HartConfig, Variant
from saccade.systems.hart.learning.learner import as_input
from saccade.systems.hart.model_config import SearchConfig
from saccade.systems.hart.presets import paper_kth_preset, smoke_preset
from saccade.systems.hart.tracker import VideoTracker
from saccade.systems.hart.weights import load, save_tracker

SMOKE = smoke_preset()
BOX = (30.0, 20.0, 16.0, 12.0)


def restless(config: HartConfig = SMOKE) -> Any:
    """An untrained network whose windows and boxes move, unlike at the start of training."""
    torch.manual_seed(3)
    network = build_tracker(config).eval()
    for name, parameter in network.named_parameters():
        if name.startswith(("update_head.2", "box_head.2")) or name in (
            "from_features.weight",
            "to_window.weight",
        ):
            torch.nn.init.normal_(parameter, std=0.1)
    return network


def video(length: int = 5, height: int = 90, width: int = 120) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (length, height, width, 3), np.uint8)


@pytest.mark.parametrize("variant", ["hart", "spatial-att", "ratm"])
@pytest.mark.parametrize("grey", [False, True])
def test_boxes_are_those_of_the_network_on_whole_frames(variant: Variant, grey: bool) -> None:
    """The network on float frames reads all of each; the tracker only crops around its window."""
    config = (
        replace(paper_kth_preset(), variant=variant) if grey else replace(SMOKE, variant=variant)
    )
    network, frames = restless(config), video()
    if grey:  # OpenCV rounds its grey to whole numbers, but not that of grey frames
        frames = np.repeat(frames[..., :1], 3, axis=3)
    tracker = VideoTracker(network)
    tracker.init(frames[0], BOX)
    boxes = [tracker.update(frame) for frame in frames[1:]]
    inputs = as_input(torch.from_numpy(frames).permute(0, 3, 1, 2), 1 if grey else 3)[:, None]
    first = torch.from_numpy(to_model(np.array([BOX], np.float32)))
    with torch.no_grad():
        expected = network(inputs, first)
    np.testing.assert_allclose(boxes, from_model(expected.box[:, 0].numpy()), atol=5e-3)
    assert np.ptp(boxes, axis=0)[:2].min() > 0.1
    assert tracker.confidence == pytest.approx(expected.confidence[-1, 0].item(), abs=2e-3)
    np.testing.assert_allclose(tracker.glimpse, expected.glimpse[-1, 0].permute(1, 2, 0), atol=2e-3)
    np.testing.assert_allclose(tracker.location, expected.location[-1, 0], atol=2e-3)
    np.testing.assert_allclose(
        tracker.window, from_model(expected.window[-1].numpy())[0], atol=5e-3
    )
    assert tracker.box == boxes[-1]


def test_grey_frames_are_colour_frames_without_colour() -> None:
    grey = video()[..., 0]
    one, two = VideoTracker(restless()), VideoTracker(restless())
    one.init(grey[0], BOX)
    two.init(np.repeat(grey[0][..., None], 3, axis=2), BOX)
    for frame in grey[1:]:
        assert one.update(frame) == two.update(np.repeat(frame[..., None], 3, axis=2))


def test_any_memory_layout_will_do() -> None:
    """Reversed channels (from BGR) have negative strides; frames may be read-only."""
    frames = video()
    one, two = VideoTracker(restless()), VideoTracker(restless())
    turned = np.ascontiguousarray(frames[..., ::-1])
    frames.flags.writeable = False
    one.init(frames[0], BOX)
    two.init(turned[0][..., ::-1], BOX)
    for a, b in zip(frames[1:], turned[1:], strict=True):
        assert one.update(a) == pytest.approx(two.update(b[..., ::-1]), abs=1e-3)


LAYOUTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "columns first": np.asfortranarray,
    "every second": lambda f: np.repeat(np.repeat(f, 2, 0), 2, 1)[::2, ::2],
    "channels first": lambda f: np.ascontiguousarray(f.transpose(2, 0, 1)).transpose(1, 2, 0),
    "upside down": lambda f: f[::-1].copy()[::-1],
    "subclass": lambda f: f.view(np.memmap),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_memory_layout_changes_a_box(layout: str) -> None:
    frames = video()
    one, two = VideoTracker(restless()), VideoTracker(restless())
    one.init(frames[0], BOX)
    two.init(LAYOUTS[layout](frames[0]), BOX)
    for frame in frames[1:]:
        assert one.update(frame) == two.update(LAYOUTS[layout](frame))


ODD_FRAMES: dict[str, Callable[[np.ndarray], Any]] = {
    "masked": lambda f: np.ma.masked_less(f, 50),
    "half": lambda f: f.astype(np.float16),
    "long double over NaN": lambda f: np.full(f.shape, np.nan, np.longdouble),
    "objects": lambda f: f.astype(object),
    "records": lambda f: f.view([("level", "u1")]),
    "list": lambda f: f.tolist(),
}


@pytest.mark.usefixtures("unchecked_types")
@pytest.mark.parametrize("kind", ODD_FRAMES)
def test_odd_frames_are_refused_and_change_nothing(kind: str) -> None:
    frames, tracker = video(), VideoTracker(restless())
    tracker.init(frames[0], BOX)
    for call in (tracker.update, lambda frame: tracker.init(frame, BOX)):
        with pytest.raises(UserInputError, match="the frame is") as caught:
            call(ODD_FRAMES[kind](frames[1]))
        assert "\n" not in str(caught.value)
    assert tracker.box == BOX
    assert np.isfinite(tracker.update(frames[1])).all()


ODD_BOXES: dict[str, Any] = {
    "masked": np.ma.array([30.0, 20, 16, 12], mask=[0, 0, 0, 1]),
    "mask over NaN": np.ma.masked_invalid([30.0, 20, np.nan, 12]),
    "a masked number": [30, 20, np.ma.masked, 12],
    "beyond float64": np.array([30, 20, 16, "1e4000"], np.longdouble),
    "digits": [30, 20, 16, 10**400],
    "complex": np.array([30, 20, 16, 12j]),
    "None": np.array([30, 20, 16, None]),
    "text": ["30", "20", "16", "12"],
    "nested": [[30, 20, 16, 12]],
    "nothing": None,
}


@pytest.mark.parametrize("kind", ODD_BOXES)
def test_odd_boxes_are_refused_in_one_line(kind: str) -> None:
    tracker = VideoTracker(restless())
    with pytest.raises(UserInputError, match="expected four finite numbers") as caught:
        tracker.init(video()[0], ODD_BOXES[kind])
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 200


@pytest.mark.parametrize("kind", [np.float16, np.longdouble, object, np.uint8])
def test_a_box_may_be_of_any_type_of_number(kind: Any) -> None:
    tracker = VideoTracker(restless())
    tracker.init(video()[0], np.array(BOX).astype(kind))  # pyright: ignore[reportArgumentType]
    assert tracker.box == BOX


def test_a_tracker_starts_anew() -> None:
    frames, tracker = video(), VideoTracker(restless())
    tracker.init(frames[0], BOX)
    first = [tracker.update(frame) for frame in frames[1:]]
    tracker.init(frames[0], BOX)
    assert tracker.confidence == 1 and not tracker.lost and tracker.box == BOX
    assert [tracker.update(frame) for frame in frames[1:]] == first


def test_lost_is_a_confidence_below_the_threshold() -> None:
    frames = video()
    for threshold in (0.0, 1.0):
        tracker = VideoTracker(restless(), lost_below=threshold)
        tracker.init(frames[0], BOX)
        tracker.update(frames[1])
        assert 0 < tracker.confidence < 1
        assert tracker.lost == (threshold == 1)


@pytest.mark.parametrize("scale", [1, 10])
def test_only_the_window_is_read(scale: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Converting a large frame whole would cost more than all the rest."""
    read: list[int] = []
    within_reach = gaussian_glimpse._within_reach

    def counted(*args: Any) -> Any:
        part, first = within_reach(*args)
        read.append(part[0, 0].numel())
        return part, first

    monkeypatch.setattr(gaussian_glimpse, "_within_reach", counted)
    frame = np.zeros((120 * scale, 160 * scale, 3), np.uint8)
    tracker = VideoTracker(restless(replace(SMOKE, search=SearchConfig(below=0.0))))
    tracker.init(frame, BOX)
    tracker.update(frame)
    assert len(read) == 2
    # A search too reads windows only, each for itself.
    tracker = VideoTracker(restless(replace(SMOKE, search=SearchConfig(below=1.0, found_from=1.0))))
    tracker.init(frame, BOX)
    tracker.update(frame)
    assert len(read) == 2 + 2 + 9
    assert max(read) < 120 * 160


def test_a_tracker_is_loaded_from_its_folder(tmp_path: Path) -> None:
    network, frames = restless(), video()
    save_tracker(tmp_path / "weights", SMOKE, network)
    trackers = VideoTracker(network), load(tmp_path), load(tmp_path / "weights")
    boxes = []
    for tracker in trackers:
        tracker.init(frames[0], BOX)
        boxes.append(tracker.update(frames[1]))
    assert boxes[0] == boxes[1] == boxes[2]


FRAME = np.zeros((90, 120, 3), np.uint8)


@pytest.mark.parametrize(
    ("frame", "box", "message"),
    [
        (FRAME.astype(np.uint16), BOX, r"uint16 \(90, 120, 3\); expected uint8.*0\.\.255"),
        (FRAME.astype(np.float32), BOX, r"float32 \(90, 120, 3\); expected uint8"),
        (np.zeros((90, 120, 4), np.uint8), BOX, r"\(90, 120, 4\).*alpha"),
        (np.zeros((90, 120, 1), np.uint8), BOX, r"\(90, 120, 1\); expected uint8, RGB"),
        (np.zeros((0, 120, 3), np.uint8), BOX, r"\(0, 120, 3\)"),
        ([[0]], BOX, "the frame is a list"),
        (FRAME, (30, 20, 0, 12), "0 x 12 pixels; expected a width and height above 0"),
        (FRAME, (30, 20, 5, -12), "5 x -12 pixels"),
        (FRAME, (10, 10, 1e39, 20), r"1e\+39 x 20 pixels; expected a width and height above 0"),
        (FRAME, (10, 10, 1e-50, 20), "1e-50 x 20 pixels; expected a width and height above 0"),
        (FRAME[:1], (0, 0, 1, 1), r"\(1, 120, 3\); expected 2 rows and columns or more"),
        (FRAME, (120, 20, 5, 5), r"\(120, 20, 5, 5\) lies outside the frame of 120 x 90"),
        (FRAME, (-9, 20, 9, 5), "outside the frame"),
        (FRAME, (3, 4, 5), "four finite numbers"),
        (FRAME, (3, 4, 5, float("nan")), "four finite numbers"),
        (FRAME, ("a", 4, 5, 6), "four finite numbers"),
        (FRAME, None, "the box is None; expected four finite numbers"),
    ],
)
@pytest.mark.usefixtures("unchecked_types")
def test_a_start_that_cannot_be_is_refused_in_one_line(frame: Any, box: Any, message: str) -> None:
    tracker = VideoTracker(restless())
    with pytest.raises(UserInputError, match=message) as caught:
        tracker.init(frame, box)
    assert "\n" not in str(caught.value)
    with pytest.raises(UserInputError, match="before init"):
        tracker.update(FRAME)


def test_a_start_that_is_refused_changes_nothing() -> None:
    tracker = VideoTracker(restless())
    tracker.init(FRAME, BOX)
    with pytest.raises(UserInputError, match="outside the frame"):
        tracker.init(FRAME[:40], (0, 80, 5, 5))
    tracker.update(FRAME)


def test_calls_out_of_order_are_refused() -> None:
    tracker = VideoTracker(restless())
    with pytest.raises(UserInputError, match=r"update was called before init"):
        tracker.update(FRAME)
    with pytest.raises(UserInputError, match="no box before init"):
        _ = tracker.box
    with pytest.raises(UserInputError, match=r"expected update\(frame\) first"):
        _ = tracker.confidence
    tracker.init(FRAME, BOX)
    for name in ("glimpse", "location", "window"):
        with pytest.raises(UserInputError, match=r"expected update\(frame\) first"):
            getattr(tracker, name)


def test_frames_that_change_size_are_refused() -> None:
    tracker = VideoTracker(restless())
    tracker.init(FRAME, BOX)
    with pytest.raises(UserInputError, match=r"100 x 90 pixels; expected 120 x 90, as the first"):
        tracker.update(FRAME[:, :100])
    tracker.update(FRAME)
