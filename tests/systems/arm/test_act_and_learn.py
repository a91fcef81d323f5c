from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from saccade.data.replay import Replay
from saccade.errors import DamagedFileError, TrainingDivergedError
from saccade.systems.arm.act_and_learn import (
    ActConfig,
    act_and_learn,
    rounds_of,
    snapshot_folder,
)
from saccade.systems.arm.batch import Batch
from saccade.systems.arm.learner import PaperLearner, demonstrated_space, make_replay
from saccade.systems.arm.learning import Update
from saccade.systems.arm.next_best_pose.config import PoseConfig
from saccade.systems.arm.own_play import OwnRows
from saccade.systems.arm.paper_config import PaperConfig
from saccade.systems.arm.q_attention.config import QAttentionConfig
from saccade.systems.arm.rows import RowConfig, demonstration_rows
from saccade.training.checkpoint import load_checkpoint, load_weights
from saccade.training.fit import Stopped, open_session
from saccade.training.plain import to_plain
from saccade.training.run import Run
from tiny_arm import a_demonstration

CONFIG = PaperConfig(
    rows=RowConfig(view=16, crop=8),
    attention=QAttentionConfig(channels=4),
    pose=PoseConfig(stem=2, actor=4, critic=4, depth=1),
    batch=3,
    capacity=60,
    precision="float32",
)
PLAN = ActConfig(updates=8, every=2, episodes=1, warm_up=2, checkpoint_every=1)


class FakePlayer:
    """Gives the rows of a demonstration, of which the reward says what it was played with."""

    def play(self, snapshot: Path, seed: int, number: int, episodes: int) -> OwnRows:
        weights = load_weights(snapshot).model_state
        rows = demonstration_rows(a_demonstration(number), CONFIG.rows).rows
        rows["reward"] += float(weights["actor.head.output.bias"][0]) + seed
        return OwnRows(rows, number % 2, ("time_out",) * (1 - number % 2))


def made() -> tuple[PaperLearner, Replay]:
    rows = demonstration_rows(a_demonstration(9), CONFIG.rows).rows
    replay = make_replay(CONFIG)
    replay.add(rows)
    return PaperLearner(CONFIG, demonstrated_space(rows, CONFIG.pose.frame), 0), replay


def train(
    folder: Path, plan: ActConfig = PLAN, beside: bool = False, stop_after: int | None = None
) -> Replay:
    """Train in a run's folder; a user asks to stop after so many updates."""
    if not folder.exists():
        Run.create(folder, {"system": "arm", "config": to_plain(CONFIG)}, 0)
    learner, replay = made()
    update, made_so_far = learner.update, []

    def update_and_ask(batch: Batch) -> Update:
        made_so_far.append(None)
        if len(made_so_far) == stop_after:
            signal.raise_signal(signal.SIGINT)
        return update(batch)

    learner.update = update_and_ask
    with open_session(Run.open(folder)) as session:
        snapshot = snapshot_folder(session, "paper")
        with rounds_of(FakePlayer, snapshot, 7, plan.episodes, beside) as rounds:
            act_and_learn(session, "paper", learner, replay, rounds, plan, 3)
    return replay


def state(folder: Path) -> str:
    checkpoint = folder / "checkpoints" / "paper"
    names = ("model.safetensors", "training_state/tensors.safetensors", "training_state/state.json")
    return repr([(checkpoint / name).read_bytes() for name in names])


@pytest.mark.parametrize("stop_after", [1, 4, 5])
def test_stopped_and_resumed_equals_uninterrupted(tmp_path: Path, stop_after: int) -> None:
    train(tmp_path / "whole")
    with pytest.raises(Stopped):
        train(tmp_path / "halves", stop_after=stop_after)
    stopped = load_checkpoint(tmp_path / "halves/checkpoints/paper").training_state
    assert stopped["updates"] == stop_after
    train(tmp_path / "halves")
    assert state(tmp_path / "halves") == state(tmp_path / "whole")
    metrics = [(tmp_path / name / "metrics.jsonl").read_text() for name in ("halves", "whole")]
    assert metrics[0] == metrics[1]


def test_own_rows_come_in_rounds_with_the_weights_from_before(tmp_path: Path) -> None:
    replay = train(tmp_path / "run")
    played = 12 * 3  # no episode in the warm-up, which is the first round
    assert len(replay) == 12 + played
    rewards = replay.rows(np.arange(len(replay)))["reward"][12:].reshape(3, 12)
    shown = rewards.min(axis=1) - 7
    assert len(np.unique(shown)) == 3  # three rounds, three snapshots


def test_a_process_beside_plays_the_same_as_playing_afterwards(tmp_path: Path) -> None:
    train(tmp_path / "after", replace(PLAN, updates=4))
    train(tmp_path / "beside", replace(PLAN, updates=4), beside=True)
    assert state(tmp_path / "after") == state(tmp_path / "beside")


def test_without_episodes_only_the_demonstrations_are_learned_from(tmp_path: Path) -> None:
    assert len(train(tmp_path / "run", replace(PLAN, episodes=0))) == 12


def test_metrics_tell_of_own_episodes(tmp_path: Path) -> None:
    train(tmp_path / "run")
    text = (tmp_path / "run/metrics.jsonl").read_text()
    lines = text.splitlines()
    assert len(lines) == 4 and '"own_success"' not in lines[0]
    assert '"own_success": 1.0' in lines[1] and '"own_time_out": 1.0' in lines[2]


def test_a_loss_that_is_not_finite_stops_the_training(tmp_path: Path) -> None:
    Run.create(tmp_path / "run", {"system": "arm", "config": {}}, 0)
    learner, replay = made()
    rows = replay.rows(np.arange(12))
    replay.add({**rows, "action": np.full_like(rows["action"], np.nan)})
    plan = replace(PLAN, episodes=0)
    with (
        open_session(Run.open(tmp_path / "run")) as session,
        rounds_of(FakePlayer, tmp_path, 0, 0, False) as rounds,
        pytest.raises(TrainingDivergedError, match="is nan"),
    ):
        act_and_learn(session, "paper", learner, replay, rounds, plan, 3)


def test_a_checkpoint_of_another_network_is_refused(tmp_path: Path) -> None:
    train(tmp_path / "run", replace(PLAN, updates=2))
    other = replace(CONFIG, pose=replace(CONFIG.pose, critic=8))
    rows = demonstration_rows(a_demonstration(9), CONFIG.rows).rows
    learner = PaperLearner(other, demonstrated_space(rows, other.pose.frame), 0)
    with (
        open_session(Run.open(tmp_path / "run")) as session,
        rounds_of(FakePlayer, tmp_path, 0, 0, False) as rounds,
        pytest.raises(DamagedFileError, match="does not fit its run"),
    ):
        act_and_learn(session, "paper", learner, make_replay(other), rounds, PLAN, 3)
