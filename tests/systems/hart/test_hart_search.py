"""What was lost is looked for around where it was lost, and found again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from saccade.data.tracking.measures import step_iou
from saccade.errors import UserInputError
from saccade.systems.hart.build import build_tracker
from saccade.systems.hart.model import Hart
from saccade.systems.hart.model_config import SearchConfig
from saccade.systems.hart.presets import paper_kitti_preset, smoke_preset
from saccade.systems.hart.search import Search, repeat, ring
from saccade.systems.hart.tracker import VideoTracker
from saccade.systems.hart.tracking import Prediction
from saccade.systems.hart.weights import load_network

SMOKE = smoke_preset()
SIZE = 24


def smooth(rng: np.random.Generator, height: int, width: int, grain: int) -> np.ndarray:
    """A texture of coloured blots of so many pixels."""
    small = rng.integers(0, 256, (height // grain + 1, width // grain + 1, 3), np.uint8)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


def leaping(jump: int) -> tuple[np.ndarray, np.ndarray]:
    """A video of a patch that stays, is then `jump` pixels further right, and stays there."""
    rng = np.random.default_rng(2)
    ground, patch = smooth(rng, 120, 160, 24) // 3, smooth(rng, SIZE, SIZE, 8)
    frames, boxes = [], []
    for t in range(16):
        x = 30 if t < 8 else 30 + jump
        frame = ground.copy()
        frame[48 : 48 + SIZE, x : x + SIZE] = patch
        frames.append(frame)
        boxes.append((x, 48, SIZE, SIZE))
    return np.array(frames), np.array(boxes, np.float32)


def follow(network: Hart, jump: int) -> float:
    """IoU with the patch at the end."""
    frames, boxes = leaping(jump)
    tracker = VideoTracker(network)
    tracker.init(frames[0], boxes[0])
    found = [tracker.update(frame) for frame in frames[1:]]
    return float(step_iou(np.array(found[-1:], np.float32), boxes[-1:])[0])


def shipped(**search: float) -> Hart:
    network = load_network()
    assert isinstance(network, Hart)
    network.config = replace(network.config, search=SearchConfig(**search))  # pyright: ignore
    return network


def test_what_leapt_away_is_found_again() -> None:
    jump = 3 * SIZE  # far outside the window, which spans the object twice
    assert follow(shipped(found_from=0.7), jump) > 0.5
    assert follow(shipped(below=0.0), jump) == 0


def test_the_papers_tracker_never_looks_around() -> None:
    assert VideoTracker(build_tracker(SMOKE))._search is not None
    kitti = paper_kitti_preset()
    assert kitti.search.below == 0
    small = replace(SMOKE, search=kitti.search)
    assert VideoTracker(build_tracker(small))._search is None
    assert VideoTracker(build_tracker(replace(SMOKE, variant="ratm")))._search is None


def test_a_ring_lies_side_by_side_around_the_box_within_the_frame() -> None:
    box, size = torch.tensor([[10.0, 20.0, 4.0, 6.0]]), torch.tensor([[2.0, 8.0]])
    near = ring(box, size, 1, 100, 100)
    centres = near[:, :2] + near[:, 2:] / 2
    expected = {(12.0 + 2 * i, 23.0 + 8 * j) for i in (-1, 0, 1) for j in (-1, 0, 1)}
    assert {tuple(place) for place in centres.tolist()} == expected
    assert (near[:, 2:] == size).all()
    # two sizes away: sixteen, and the middle; of those only what the frame shows
    assert len(ring(box, size, 2, 100, 100)) == 17
    cut = ring(box, size, 2, 13, 100)
    assert len(cut) == 5 + 2 + 3 and ((cut[:, 0] + cut[:, 2] / 2) <= 13).all()


class Scripted:
    """Stands for a network: says what its script says, and notes where it was made to look."""

    def __init__(self, network: Hart, script: Callable[[torch.Tensor], torch.Tensor]) -> None:
        self.around, self.script, self.looks = network.around, script, []
        self._step = network.step

    def step(self, frame, state, forced):
        self.looks.append(forced)
        state, found = self._step(frame, state, forced)
        return state, replace(found, confidence_logits=torch.logit(self.script(forced)))


def searched(script: Callable[[torch.Tensor], torch.Tensor], sayings: list[float], every: int = 1):
    """What a search makes of frames of these confidences; the scripted network decides the rest."""
    torch.manual_seed(0)
    network = build_tracker(SMOKE).eval()
    assert isinstance(network, Hart)
    frame = torch.randint(0, 256, (1, 3, 60, 80), dtype=torch.uint8)
    state = network.initialise(frame, torch.tensor([[20.0, 30.0, 10.0, 10.0]]))
    stand_in = Scripted(network, script)
    search = Search(stand_in, SearchConfig(below=0.5, found_from=0.7, rings=2, every=every))  # pyright: ignore
    search.begin(state)
    results = []
    with torch.no_grad():
        for saying in sayings:
            after, found = network.step(frame, state)
            found = replace(found, confidence_logits=torch.logit(torch.tensor([saying])))
            results.append((found, search.after(frame, after, found)))
    return stand_in.looks, results


def test_it_looks_around_where_the_box_is_lost_a_ring_a_frame() -> None:
    looks, results = searched(lambda w: torch.full((len(w),), 0.1), [0.9, 0.6, 0.2, 0.2, 0.2])
    assert [len(windows) for windows in looks] == [9, 17, 9]
    for found, (_, went_on) in results:
        assert went_on is found


def test_it_may_look_around_in_every_other_frame_only() -> None:
    doubt = [0.2, 0.2, 0.2, 0.2, 0.9, 0.2, 0.2]  # what is found again starts anew
    looks, _ = searched(lambda w: torch.full((len(w),), 0.1), doubt, every=2)
    assert [len(windows) for windows in looks] == [9, 17, 9]


def test_what_it_finds_it_must_find_twice() -> None:
    looks, results = searched(lambda w: torch.full((len(w),), 0.9 if len(w) > 1 else 0.6), [0.2])
    assert [len(windows) for windows in looks] == [9, 1]
    ((found, (_, went_on)),) = results
    assert went_on is found
    looks, results = searched(lambda w: torch.linspace(0.71, 0.9, len(w)), [0.2, 0.2])
    assert [len(windows) for windows in looks] == [9, 1, 9, 1]  # and starts with the nearest ring
    for found, (state, went_on) in results:
        assert isinstance(went_on, Prediction) and went_on is not found
        assert went_on.confidence.item() == pytest.approx(0.71)
        assert torch.equal(state.box, went_on.box) and (state.moved == 0).all()


def test_a_repeated_state_is_that_of_every_window() -> None:
    network = build_tracker(SMOKE).eval()
    assert isinstance(network, Hart)
    frame = torch.randint(0, 256, (1, 3, 60, 80), dtype=torch.uint8)
    state = network.initialise(frame, torch.tensor([[20.0, 30.0, 10.0, 10.0]]))
    with torch.no_grad():
        one = network.step(frame, state)[1]
        three = network.step(frame.expand(3, -1, -1, -1), repeat(state, 3))[1]
    torch.testing.assert_close(three.box, one.box.expand(3, 4))


def test_impossible_searches_are_refused() -> None:
    for settings in ({"below": 0.9, "found_from": 0.7}, {"below": -0.1}, {"found_from": 1.1}):
        with pytest.raises(
            UserInputError, match="expected 0 to 1, and no more below than found_from"
        ):
            SearchConfig(**settings)
    for name in ("rings", "every"):
        with pytest.raises(UserInputError, match=f"{name} is 0; expected 1 or more"):
            SearchConfig(**{name: 0})  # pyright: ignore[reportArgumentType]
