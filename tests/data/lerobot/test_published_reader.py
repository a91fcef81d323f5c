"""What we write, read by Hugging Face's own package; skipped where it is not installed."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from saccade.data.lerobot import write_lerobot
from tiny_arm import FRAMES, TASK, a_demonstration

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("lerobot") is None, reason="needs lerobot"),
    pytest.mark.filterwarnings("default"),
]


@pytest.mark.parametrize("video", [False, True])
def test_lerobot_reads_our_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, video: bool
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    from lerobot.datasets.lerobot_dataset import LeRobotDataset

    made = [a_demonstration(seed) for seed in range(3)]
    root = tmp_path / "set"
    write_lerobot(root, made, text={TASK: "lift the ball"}, video=video)
    dataset = LeRobotDataset("saccade/test", root=root)
    assert (dataset.num_episodes, len(dataset), dataset.fps) == (3, 3 * FRAMES, 20)
    for index in (0, FRAMES + 12, 3 * FRAMES - 1):
        demonstration, frame, row = made[index // FRAMES], index % FRAMES, dataset[index]
        shown = int(np.searchsorted(demonstration.image_frames, frame, side="right")) - 1
        upcoming = demonstration.tip_poses[min(frame + 1, FRAMES - 1)]
        assert row["task"] == "lift the ball"
        assert row["timestamp"].item() == pytest.approx(frame / 20)
        np.testing.assert_array_equal(row["action"][:7], upcoming)
        np.testing.assert_array_equal(row["observation.state"][:7], demonstration.tip_poses[frame])
        np.testing.assert_array_equal(
            row["observation.depth.front"], demonstration.depth[shown].astype(np.float32)
        )
        rgb = row["observation.images.front"].numpy().transpose(1, 2, 0) * 255
        difference = np.abs(rgb - demonstration.rgb[shown]).mean()
        assert difference < (5 if video else 1e-4)


def test_lerobot_s_own_statistics_are_ours(tmp_path: Path) -> None:
    from lerobot.datasets.compute_stats import compute_episode_stats

    from saccade.data.lerobot.statistics import vector_statistics

    state = a_demonstration().tip_poses
    features = {"state": {"dtype": "float32", "shape": (7,)}}
    theirs = compute_episode_stats({"state": state}, features)["state"]
    for name, ours in vector_statistics(state).items():
        # Their quantiles come from a histogram, the others are of float32.
        np.testing.assert_allclose(theirs[name], ours, atol=0.01 if name[0] == "q" else 1e-5)
