"""Each method trains in smoke size, is resumed exactly, is loaded and acts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import saccade
from interruptions import assert_same_files, stop_after
from saccade.data.demonstrations import DemonstrationDataset, save_demonstration
from saccade.errors import DamagedFileError, UserInputError
from saccade.systems.arm import train_from_replay
from saccade.systems.arm.config import METHODS, ArmConfig, Method
from saccade.systems.arm.off_policy import own_episodes
from saccade.systems.arm.off_policy.config import ReplayConfig
from saccade.systems.arm.presets import PRESETS
from saccade.systems.arm.train import start_run, train
from saccade.systems.arm.weights import load, load_look_and_vote, read_policy
from saccade.training import fit as fit_module
from saccade.training.clock import read_clock
from saccade.training.fit import Stopped
from saccade.training.metrics import read_metrics
from saccade.training.run import Run
from tiny_arm import a_demonstration

TASK = "reach_target"
FROM_REPLAY = METHODS[1:]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two demonstrations, said to be of a task."""
    folder = tmp_path_factory.mktemp("recording")
    dataset = DemonstrationDataset.create(folder, {"world": TASK})
    for index in range(2):
        save_demonstration(dataset.path(index), a_demonstration(index))
    return folder


def smoke(method: Method, recording: Path, act_every: int = 0) -> ArmConfig:
    replay = ReplayConfig(updates=6, act_every=act_every, snapshots=1, batch=4, capacity=100)
    return replace(
        PRESETS["smoke"](), task=TASK, method=method, demonstrations=str(recording), replay=replay,
        precision="float32", checkpoint_every=4,
    )  # fmt: skip


def trained(folder: Path, config: ArmConfig) -> Run:
    run = start_run(folder, config, seed=3)
    train(run, config, workers=1, device="cpu")
    return run


def in_sittings(folder: Path, config: ArmConfig, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Train the same in sittings that are each stopped after a few steps."""
    run, sittings = start_run(folder, config, seed=3), 0
    while True:
        with monkeypatch.context() as patch:
            patch.setattr(fit_module, "GracefulStop", stop_after(1 + sittings))
            try:
                train(run, config, workers=1, device="cpu")
            except Stopped:
                sittings += 1
                continue
        assert sittings > 1
        return run


@pytest.mark.parametrize("method", FROM_REPLAY)
def test_it_is_resumed_exactly_and_its_weights_act(
    method: Method, recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = smoke(method, recording)
    run = trained(tmp_path / "whole", config)
    assert_same_files(in_sittings(tmp_path / "pieces", config, monkeypatch), run)
    policy, snapshot = load(run.folder), load(run.folder / "snapshots" / "000003")
    seen = a_demonstration(5).observation(0)
    decision = saccade.load(run.folder).act(seen)
    np.testing.assert_array_equal(decision.action, policy.act(seen).action)
    assert not np.array_equal(decision.action, snapshot.act(seen).action)
    assert np.isfinite(decision.action).all() and policy.task == TASK
    described = read_policy(run.folder)
    assert described.config.method == method
    assert described.facts["updates"] == 6 and described.facts["own_actions"] == 0
    with pytest.raises(UserInputError, match=f"of the method {method}; expected look-and-vote"):
        load_look_and_vote(run.folder)


def test_own_episodes_are_learned_from_and_resumed_exactly(
    recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped between steps, and killed after an episode that no checkpoint knows of."""
    config = smoke("q-attention", recording, act_every=2)
    whole = trained(tmp_path / "whole", config)
    (record,) = read_metrics(whole.metrics_file)
    facts = read_policy(whole.folder).facts
    assert record["own_episodes"] == facts["own_episodes"] == config.own_episodes == 2
    assert record["own_actions"] == facts["own_actions"] >= 2
    killed = start_run(tmp_path / "killed", config, seed=3)
    learned = iter(range(100))

    def learn(*args: Any) -> dict[str, float]:
        if next(learned) == 3:
            raise KeyboardInterrupt
        return training_learn(*args)

    training_learn = train_from_replay.learn
    with monkeypatch.context() as patch:
        patch.setattr(train_from_replay, "learn", learn)
        with pytest.raises(KeyboardInterrupt):
            train(killed, config, workers=1, device="cpu")
    kept = killed.folder / "data" / "own" / "episode_000000.npz"
    assert kept.exists()
    played = []
    play = own_episodes.play
    with monkeypatch.context() as patch:
        patch.setattr(own_episodes, "play", lambda *args: played.append(args) or play(*args))
        train(killed, config, workers=1, device="cpu")
    assert len(played) == 1, "the first episode was played already"
    assert_same_files(killed, whole)
    assert_same_files(in_sittings(tmp_path / "pieces", config, monkeypatch), whole)


def test_a_damaged_episode_is_named(
    recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = smoke("q-attention", recording, act_every=2)
    run = start_run(tmp_path / "run", config, seed=3)
    with monkeypatch.context() as patch:
        patch.setattr(fit_module, "GracefulStop", stop_after(4))
        with pytest.raises(Stopped):
            train(run, config, workers=1, device="cpu")
    episode = run.folder / "data" / "own" / "episode_000000.npz"
    episode.write_bytes(episode.read_bytes()[:100])
    with pytest.raises(DamagedFileError, match="episode_000000.npz is damaged"):
        train(run, config, workers=1, device="cpu")


def test_the_moments_of_a_training_have_their_processor_time(
    recording: Path, tmp_path: Path
) -> None:
    run = trained(tmp_path / "run", smoke("bc", recording, act_every=2))
    seconds, marks = read_clock(run.folder)
    assert list(marks) == ["000003", "weights"]
    assert 0 < marks["000003"] <= marks["weights"] <= seconds
    assert not (run.folder / "data").exists(), "behaviour cloning plays no episodes"


def test_demonstrations_of_another_task_are_refused(recording: Path, tmp_path: Path) -> None:
    config = replace(smoke("bc", recording), task="push_button")
    with pytest.raises(UserInputError, match="has demonstrations of 'reach_target'"):
        start_run(tmp_path / "run", config, seed=0)
    with pytest.raises(UserInputError, match="has 2 demonstrations that succeeded; expected the 3"):
        start_run(tmp_path / "run", replace(smoke("bc", recording), episodes=3), seed=0)


def test_settings_that_do_not_fit_the_method_are_refused() -> None:
    cpu = ArmConfig()
    with pytest.raises(UserInputError, match="view is 60 pixels"):
        replace(cpu, method="q-attention", rows=replace(cpu.rows, view=60))
    with pytest.raises(UserInputError, match="method is 'ddpg'; expected one of look-and-vote"):
        replace(cpu, method="ddpg")


def test_the_preset_paper_has_the_papers_figures() -> None:
    paper = PRESETS["paper"]()
    assert (paper.method, paper.episodes, paper.replay.updates) == ("q-attention", 100, 40_000)
    assert (paper.replay.act_every, paper.replay.batch, paper.replay.capacity) == (
        100,
        128,
        100_000,
    )
    assert paper.rows.view == 128 and paper.rows.crop == 16 and paper.rows.every == 5
    baseline = replace(paper, method="sac").baseline_of_method
    assert (baseline.method, baseline.learning_rate, baseline.batch) == ("sac", 3e-3, 128)
