"""Rounds of own episodes, as their trainer tells of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tiny_arm
from saccade.data.demonstrations import Demonstration, DemonstrationDataset, save_demonstration
from saccade.systems.arm import train as training


def test_the_progress_shows_the_share_of_successes_so_far(
    saccade: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = {"world": "reach_target"}
    given = DemonstrationDataset.create(tmp_path / "given", facts)
    save_demonstration(given.path(0), tiny_arm.a_demonstration())

    def played(folder: Path, *_: Any) -> Iterator[Demonstration]:
        dataset = DemonstrationDataset.create(folder, facts)
        for number, success in enumerate((True, True, False)):
            episode = tiny_arm.a_demonstration(number, success)
            save_demonstration(dataset.path(number), episode)
            yield episode

    monkeypatch.setattr(training, "record_own", played)
    done = saccade(
        "train", "arm", "--preset", "smoke", "--task", "reach_target", "--episodes", 1,
        "--demonstrations", given.folder, "--look.steps", 1, "--vote.steps", 1,
        "--own.episodes", 3, "--own.look-steps", 1, "--own.vote-steps", 1,
        "--out", tmp_path / "run",
    )  # fmt: skip
    assert done.code == 0
    (line,) = [line for line in done.err.splitlines() if "acting own-000" in line]
    assert "done=3 total=3" in line and "success=0.6667" in line
