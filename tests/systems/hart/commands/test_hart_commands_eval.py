from __future__ import annotations

import json
import re

import numpy as np
import pytest

from saccade.errors import StorageError
from saccade.systems.hart.commands import evaluate as command
from saccade.systems.hart.pictures import steps
from tracking_fixtures import write_otb

SMALL = ("--frames", 6, "--height", 48, "--width", 64, "--workers", 1)


def test_results_and_report_tell_what_was_followed(saccade, weights, tmp_path):
    out = tmp_path / "eval"
    done = saccade(
        "eval", "hart", "--weights", weights, "--sequences", 3, "--seed", 5, "--pictured", 2,
        "--out", out, *SMALL,
    )  # fmt: skip
    assert done.code == 0
    for word in ("IoU with the first", "P@20", "frames/s", "results.json", "report.html"):
        assert word in done.out

    results = json.loads((out / "results.json").read_text())
    rows = results["sequences"]
    assert [row["name"] for row in rows] == [f"test-5-000{i}" for i in range(3)]
    assert results["n"] == results["n_asked"] == 3
    for kind in ("without_first", "with_first"):
        values = [row["iou_60"][kind] for row in rows]
        assert results["mean"]["iou_60"][kind] == pytest.approx(np.mean(values))
        low, high = results["ci95"]["iou_60"][kind]
        assert low <= np.mean(values) <= high
        assert min(values) - 1e-9 <= low and high <= max(values) + 1e-9
    for name in ("auc", "precision_20"):
        assert results["mean"][name] == pytest.approx(np.mean([row[name] for row in rows]))
    assert results["mean"]["fps"] > 0
    assert results["system"] == "hart"
    assert results["source"]["seed"] == 5
    assert results["machine"]["cores"] >= 1
    assert "--sequences 3" in results["command"]

    page = (out / "report.html").read_text()
    ious = {row["name"]: row["iou_60"]["without_first"] for row in rows}
    listed = re.findall(r'<span class="name">(.*?)</span>', page)
    assert [ious[name] for name in listed] == sorted(ious.values())
    for name in listed[:2]:
        for picture in ("frame", "glimpse", "location map"):
            assert f'alt="{name}, step 1: {picture}"' in page
    assert f'alt="{listed[2]}, step 1' not in page
    assert not re.search(r'(src|href)="(?!data:)', page)


def test_a_dataset_is_followed_from_its_boxes(saccade, tmp_path):
    """An object of 6 x 4 that goes 2 right and 1 down: 4 x 3 of 36 px are left of the first box."""
    data = write_otb(tmp_path / "data").folder
    rules = ("--data", data, "--format", "otb", "--frames", 2, "--sequences", 1)
    done = saccade("eval", "hart", "--tracker", "still", *rules, "--out", tmp_path, "--workers", 1)
    assert done.code == 0
    (row,) = json.loads((tmp_path / "results.json").read_text())["sequences"]
    assert row["frames"] == 2
    assert row["iou_60"]["without_first"] == pytest.approx(4 * 3 / (2 * 24 - 4 * 3))
    page = (tmp_path / "report.html").read_text()
    assert "step 1: frame" in page and "step 1: glimpse" not in page


def test_a_failure_midway_loses_no_result(saccade, tmp_path, monkeypatch):
    real = command.compare

    def breaking(*arguments):
        yield next(real(*arguments))
        raise StorageError("the disk is full")

    monkeypatch.setattr(command, "compare", breaking)
    rules = ("--tracker", "still", "--sequences", 3, "--out", tmp_path, *SMALL)
    saccade("eval", "hart", *rules).mistake("the disk is full")
    assert json.loads((tmp_path / "results.json").read_text())["n"] == 1


def test_a_report_shows_frames_from_the_first_prediction_to_the_last():
    boxes, values = np.zeros((31, 4), np.float32), np.zeros(31)
    followed = steps.Followed(
        "one", boxes, values, values.astype(np.float32), values > 0, None, frames=20, seconds=1  # pyright: ignore
    )  # fmt: skip
    assert steps.shown_frames(followed)[0] == 11 and steps.shown_frames(followed)[-1] == 30
    assert len(steps.shown_frames(followed)) == steps.STEPS


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--sequences", 0], ["--sequences is 0", "1 or more"]),
        (["--frames", 1], ["--frames is 1", "2 or more"]),
        (["--seed", -1], ["--seed is -1"]),
        (["--workers", -2], ["--workers is -2"]),
        (["--pictured", -1], ["--pictured is -1"]),
        (["--height", 8], ["height = 8", ">= 32"]),
        (["--tracker", "clever"], ["'clever'", "csrt"]),
        (["--format", "avi"], ["'avi'", "got10k"]),
        (["--format", "otb"], ["--data is missing", "otb"]),
        (["--data", "here"], ["--data here", "synthetic"]),
        (["--format", "otb", "--data", "no/such"], ["no/such"]),
        (["--weights", "no/such/run"], ["no weights 'no/such/run'", "shipped name"]),
        (["--tracker", "still", "--weights", "x"], ["--weights x", "'still'"]),
        (["--sequnces", 3], ["--sequnces", "did you mean --sequences"]),
    ],
)
def test_a_mistake_costs_one_line(saccade, weights, tmp_path, argv, words):
    given = () if "--tracker" in argv else ("--weights", weights)
    saccade("eval", "hart", *given, "--out", tmp_path / "eval", *argv).mistake(*words)
    assert not (tmp_path / "eval").exists()


def test_opencv_trackers_that_are_not_installed_are_named(saccade, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "saccade.systems.hart.evaluation.baselines.cv2", type("Cv", (), {"__version__": "5"})
    )
    saccade("eval", "hart", "--tracker", "csrt", "--out", tmp_path).mistake("opencv-contrib")
