from __future__ import annotations

import json

import pytest

from interruptions import stop_after
from saccade.errors import DamagedFileError
from saccade.systems.hart.commands import evaluate as command
from saccade.verbs import evaluate as verb
from tracking_fixtures import write_mot, write_otb

SMALL = ("--together", "--frames", 6, "--height", 48, "--width", 64)


def test_all_objects_of_generated_clips_are_followed(saccade, weights, tmp_path):
    out = tmp_path / "eval"
    options = ("--weights", weights, "--sequences", 3, "--seed", 5, "--out", out, *SMALL)
    done = saccade("eval", "hart", *options)
    assert done.code == 0
    for word in ("identity switches", "all 3", "results.json", "report.html"):
        assert word in done.out
    results = json.loads((out / "results.json").read_text())
    videos = results["videos"]
    assert [video["name"] for video in videos] == [f"test-5-000{i}" for i in range(3)]
    assert results["n"] == results["n_asked"] == 3
    assert max(video["objects"] for video in videos) > 1
    ious = [video["iou"] for video in videos]
    assert min(ious) <= results["mean"]["iou"] <= max(ious)
    switches = sum(video["identity_switches"] for video in videos)
    assert results["mean"]["identity_switches"] == switches
    page = (out / "report.html").read_text()
    assert all(video["name"] in page for video in videos)
    shown = saccade("show", out)
    assert shown.code == 0 and "identity switches" in shown.out


def test_videos_of_mot_are_followed(saccade, weights, tmp_path):
    data = write_mot(tmp_path / "data").folder
    out = tmp_path / "eval"
    options = ("--together", "--format", "mot", "--data", data, "--frames", 3)
    assert saccade("eval", "hart", "--weights", weights, "--out", out, *options).code == 0
    (video,) = json.loads((out / "results.json").read_text())["videos"]
    assert video["frames"] == 3 and video["objects"] > 1


def test_a_stopped_evaluation_keeps_what_was_followed(saccade, weights, tmp_path, monkeypatch):
    monkeypatch.setattr(verb, "GracefulStop", stop_after(1))
    options = ("--weights", weights, "--sequences", 3, "--out", tmp_path, *SMALL)
    done = saccade("eval", "hart", *options)
    assert done.code == 130 and "stopped after 1 of 3" in done.out
    results = json.loads((tmp_path / "results.json").read_text())
    assert (results["n"], results["n_asked"]) == (1, 3)


def test_a_damaged_video_does_not_lose_the_others(saccade, weights, tmp_path, monkeypatch):
    real, asked = command.follow_together, []

    def breaking(tracker, video):
        asked.append(video)
        if len(asked) == 2:
            raise DamagedFileError("the second video is damaged")
        return real(tracker, video)

    monkeypatch.setattr(command, "follow_together", breaking)
    options = ("--weights", weights, "--sequences", 3, "--out", tmp_path, *SMALL)
    done = saccade("eval", "hart", *options)
    assert done.code == 0
    assert done.out.splitlines()[-1] == "left out: test-0-0001: the second video is damaged"
    results = json.loads((tmp_path / "results.json").read_text())
    assert [video["name"] for video in results["videos"]] == ["test-0-0000", "test-0-0002"]
    assert results["left_out"] == [{"name": "test-0-0001", "reason": "the second video is damaged"}]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--tracker", "csrt"), ("--tracker csrt", "expected hart")),
        (("--format", "otb"), ("--format otb", "expected synthetic or mot")),
    ],
)
def test_what_has_no_several_objects_is_refused(saccade, tmp_path, options, words):
    if "--format" in options:
        options += ("--data", write_otb(tmp_path / "data").folder)
    saccade("eval", "hart", "--together", "--out", tmp_path / "out", *options).mistake(*words)
    assert not (tmp_path / "out").exists()
