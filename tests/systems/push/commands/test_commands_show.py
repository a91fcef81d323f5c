from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import interruptions
from fast_world import FAST
from saccade.data.push_episodes import PushDataset
from saccade.data.video import read_video
from saccade.systems.push.commands.show_run import curve_panels
from saccade.systems.push.pictures.dataset_statistics import count_pushes
from saccade.training.run import Run


def picture(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"))


def test_a_dataset_is_counted_and_pictured(saccade, recorded, tmp_path):
    done = saccade("show", recorded, "--out", tmp_path, "--video")
    assert done.code == 0
    episodes = list(PushDataset(recorded))
    pushes = sum(map(len, episodes))
    row = next(line.split() for line in done.out.splitlines() if line.split()[:1] == ["3"])
    assert row[:2] == ["3", str(pushes)]
    refused = 100 * sum(int(e.refused.sum()) for e in episodes) / pushes
    assert float(row[5]) == pytest.approx(refused, abs=0.01)
    # A row an episode: 224 px of map, its caption and a gap; a tile a push, and one after the last.
    montage = picture(tmp_path / "episodes.png")
    widest = max(map(len, episodes)) + 1
    assert montage.shape[0] > len(episodes) * 224
    assert montage.shape[1] == widest * 224 + (widest - 1) * 12
    assert sum(1 for _ in read_video(tmp_path / "pushes.mp4")) == pushes * 14


def test_counts_are_those_of_the_episodes(episodes):
    counts = count_pushes(episodes)
    assert counts.episodes == len(episodes)
    assert counts.pushes == sum(counts.sources.values()) == sum(map(len, episodes))
    moved = sum(
        bool(np.abs(e.poses[t + 1, :, :3] - e.poses[t, :, :3]).max() > 0.03)
        for e in episodes
        for t in range(len(e))
    )
    assert counts.changed >= moved


def test_weights_show_their_card_facts_and_maps(saccade, weights, tmp_path):
    done = saccade("show", weights, "--out", tmp_path, "--objects", 1)
    assert done.code == 0
    assert "network glimpse, gamma 0, mask edge" in done.out
    assert picture(tmp_path / "decision.png").shape[1] > 4 * 448
    assert picture(tmp_path / "q_maps.png").shape[0] > 800


def test_a_run_shows_its_stages_and_curves(saccade, tmp_path):
    run = tmp_path / "run"
    Run.create(run, {"system": "push", "config": {"network": "glimpse"}}, 5)
    lines = [
        {"step": step, "stage": stage, "loss": 1.0 / step, **extra}
        for stage, extra in (
            ("mask", {}),
            ("offline", {"gain": 0.5}),
            ("online-000", {"gain": 0.4}),
        )
        for step in (20, 40, 60)
    ]
    (run / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    done = saccade("show", run, "--out", tmp_path / "out")
    assert done.code == 0
    assert "seed 5, network glimpse" in done.out
    assert ["offline", "60", "0.0500", "0.0167"] in [line.split() for line in done.out.splitlines()]
    assert f"--resume {run}" in done.out
    curves = picture(tmp_path / "out" / "learning_curves.png")
    assert (curves != 255).any()

    panels = curve_panels(lines)
    assert list(panels) == ["mask loss", "value loss", "value gain"]
    offline, online = panels["value loss"]
    assert [s.label for s in (offline, online)] == ["offline", "online-000"]
    # The second stage of a network goes on where the first one ended.
    np.testing.assert_array_equal(offline.steps, [20, 40, 60])
    np.testing.assert_array_equal(online.steps, [80, 100, 120])


def test_a_single_line_becomes_a_level():
    (series,) = curve_panels([{"step": 5, "stage": "mask", "loss": 2.0}])["mask loss"]
    np.testing.assert_array_equal(series.steps, [0, 5])
    np.testing.assert_array_equal(series.values, [2.0, 2.0])


def test_an_evaluation_shows_its_table(saccade, tmp_path):
    rules = ("--policy", "random", "--objects", 1, "--episodes", 1, "--workers", 1, *FAST)
    short = ("--protocol.max-actions", 1, "--pictured", 0)
    played = saccade("eval", "push", "--out", tmp_path, *rules, *short)
    shown = saccade("show", tmp_path)
    assert shown.code == 0
    table = [line for line in played.out.splitlines() if line.startswith("random")]
    assert table and table[0] in shown.out
    assert str(tmp_path / "report.html") in shown.out


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("results.json", '{"system": "push"}', ["results.json", "no evaluation"]),
        ("dataset.json", '{"world": "push_box"}', ["no push dataset"]),
        ("config.json", '{"system": "push"}', ["model.safetensors"]),
    ],
)
def test_damaged_folders_are_named(saccade, tmp_path, file, content, words):
    (tmp_path / file).write_text(content)
    saccade("show", tmp_path).mistake(*words)


def test_a_damaged_episode_is_named(saccade, recorded, tmp_path):
    copy = tmp_path / "data"
    for name, content in interruptions.tree(recorded).items():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_bytes(content)
    broken = PushDataset(copy).paths()[1]
    broken.write_bytes(broken.read_bytes()[:50])
    saccade("show", copy, "--out", tmp_path / "out").mistake(broken.name)
