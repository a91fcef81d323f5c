"""`saccade show` of what hart makes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from moving_square import moving_square
from saccade.data.tracking.frames import ArrayFrames
from saccade.data.tracking.sequence import TrackingSequence
from saccade.systems.hart.commands import show_weights
from saccade.systems.hart.commands.show_run import curve_panels, first_and_last
from saccade.systems.hart.weights import load
from saccade.training.run import Run


def picture(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"))


def records(steps: int = 3) -> list[dict]:
    return [
        {
            "step": 10 * (i + 1), "stage": "track", "loss": 3.0 - i, "tracking": 1.0,
            "spatial": 0.5, "confidence": 0.4, "iou": 0.2 * i, "own_iou": None if i == 0 else 0.3,
            "length": 5.0 + i,
        }
        for i in range(steps)
    ]  # fmt: skip


def test_curves_are_those_of_the_metrics():
    panels = curve_panels(records())
    assert list(panels) == [
        "loss (Eq. 9)", "its terms", "IoU in training", "frames a sequence, T"
    ]  # fmt: skip
    (loss,) = panels["loss (Eq. 9)"]
    np.testing.assert_array_equal(loss.steps, [10, 20, 30])
    np.testing.assert_array_equal(loss.values, [3, 2, 1])
    # The variant has no loss on appearance, and at first all windows were forced.
    assert [s.label for s in panels["its terms"]] == ["tracking", "spatial attention", "confidence"]
    own = panels["IoU in training"][1]
    np.testing.assert_array_equal(own.steps, [20, 30])
    rows = {row[0]: list(row[1:]) for row in first_and_last(records()).rows}
    assert rows["step"] == [10, 30] and rows["T"] == [5.0, 7.0]
    assert rows["its own windows"] == ["?", 0.3]


def test_curves_of_a_second_stage_follow_those_of_the_first():
    both = records() + [record | {"stage": "second"} for record in records(2)]
    (loss,) = curve_panels(both)["loss (Eq. 9)"]
    np.testing.assert_array_equal(loss.steps, [10, 20, 30, 40, 50])
    assert list(first_and_last(both).rows[0]) == ["step", 10, 50]


def test_a_run_shows_its_facts_and_curves(saccade, tmp_path):
    run, out = tmp_path / "run", tmp_path / "out"
    Run.create(
        run,
        {"system": "hart", "config": {"arm": "ratm", "fit": {"steps": 70}, "second": {"steps": 0}}},
        5,
    )
    (run / "metrics.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records()))
    done = saccade("show", run, "--out", out)
    assert done.code == 0, done.err
    assert "seed 5, variant ratm, 70 steps" in done.out
    assert f"saccade train hart --resume {run}" in done.out
    assert done.out.splitlines()[-1] == str(out / "learning_curves.png")
    assert (picture(out / "learning_curves.png") != 255).any()


def test_weights_show_their_numbers_and_a_clip_being_followed(
    saccade, weights, tmp_path, monkeypatch
):
    monkeypatch.setattr(show_weights, "SHOWN", (1, 2))
    short = show_weights.CLIP.still(frames=3, height=48, width=64)
    monkeypatch.setattr(show_weights, "CLIP", short)
    done = saccade("show", weights, "--out", tmp_path, "--seed", 4)
    assert done.code == 0, done.err
    numbers = sum(p.numel() for p in load(weights)._network.state_dict().values())
    assert f"{numbers:,} numbers" in done.out
    assert "seed 4" in done.out
    # Two frames of 640 x 480, below each the glimpse and the location map.
    rows, cols = picture(tmp_path / "followed.png").shape[:2]
    assert cols == 2 * 640 + 12 and rows > 480 + 2 * 176


def test_the_iou_of_the_strip_leaves_the_first_frame_out(weights):
    square = moving_square(3, samples=1)
    images = (255 * square.frames[:, 0].permute(0, 2, 3, 1).numpy()).astype(np.uint8)
    boxes = square.boxes[:, 0].numpy()[:, [1, 0, 3, 2]].copy()
    sequence = TrackingSequence("square", ArrayFrames(images), boxes)

    class Shifted:
        """Says that the object is where it is, 3 pixels to the right."""

        has_location, confidence, lost, count = False, 1.0, False, 0
        window = box = (0.0, 0.0, 4.0, 4.0)
        glimpse = np.zeros((4, 4, 3), np.float32)

        def init(self, frame: np.ndarray, box: tuple) -> None:
            assert box == (12, 10, 12, 12)

        def update(self, frame: np.ndarray) -> tuple:
            self.count += 1
            x, y, w, h = boxes[self.count].tolist()
            return x + 3, y, w, h

    _, iou = show_weights.followed_strip(Shifted(), sequence)  # pyright: ignore[reportArgumentType]
    assert iou == pytest.approx(9 / 15)


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("results.json", '{"system": "hart"}', ["results.json", "no evaluation"]),
        ("config.json", '{"system": "hart"}', ["model.safetensors"]),
    ],
)
def test_damaged_folders_are_named(saccade, tmp_path, file, content, words):
    (tmp_path / file).write_text(content)
    saccade("show", tmp_path).mistake(*words)


def test_an_evaluation_shows_its_table(saccade, weights, tmp_path):
    clips = ("--sequences", 1, "--frames", 3, "--height", 48, "--width", 64, "--workers", 1)
    played = saccade("eval", "hart", "--weights", weights, "--out", tmp_path, *clips)
    assert played.code == 0, played.err
    shown = saccade("show", tmp_path)
    assert shown.code == 0, shown.err
    table = [line for line in played.out.splitlines() if "[" in line and "]" in line]
    assert len(table) == 1 and table[0] in shown.out
    assert str(tmp_path / "report.html") in shown.out
