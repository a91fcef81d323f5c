"""The training of the paper's method and of its baselines.

demonstrations -> rows -> replay -> updates, and between them: act, and put that into the replay
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from saccade.data.demonstrations import Demonstration
from saccade.data.replay import Replay
from saccade.systems.arm.config import ArmConfig
from saccade.systems.arm.learners import action_frame, make_learner, policy_with
from saccade.systems.arm.off_policy.learning import Learner, learn
from saccade.systems.arm.off_policy.own_episodes import OwnEpisodes
from saccade.systems.arm.off_policy.row_batches import demonstrated_space
from saccade.systems.arm.off_policy.rows import DemonstrationRows, columns, demonstration_rows
from saccade.systems.arm.record import stage_seed
from saccade.systems.arm.weights import save_learner, snapshot_folder
from saccade.training.clock import Clock
from saccade.training.fit import Session, take_steps
from saccade.training.guard import check_finite
from saccade.training.plain import to_plain
from saccade.training.progress import progress
from saccade.verbs.weights import RUN_WEIGHTS

STAGE = "learning"
OWN = "data/own"
"""Folder of a run that has its own episodes."""
LEARN_SEED = 30
"""Offset of the learner's seed from the run's."""


def train_from_replay(
    session: Session,
    config: ArmConfig,
    demonstrations: Sequence[Demonstration],
    clock: Clock,
    device: torch.device,
) -> None:
    """Learn from demonstrations and from own episodes; the run's weights are those of the end.

    Args:
        session: The sitting.
        config: Settings of the system.
        demonstrations: Demonstrations.
        clock: Clock of the run, which notes when weights were kept.
        device: Device that networks learn on.

    Raises:
        Stopped: The user asked to; everything is saved.
    """
    made = _rows_of(demonstrations, config)
    replay = Replay(columns(config.rows), config.replay.capacity, config.replay.exponent)
    for each in made:
        replay.add(each.rows)
    seed = session.run.seed + LEARN_SEED
    space = demonstrated_space([each.rows for each in made], action_frame(config))
    learner = make_learner(config, space, seed, device)
    folder, own_seed = session.run.folder / OWN, stage_seed(session.run.seed, "own")
    facts = {
        "demonstrations": len(made),
        "rows": sum(len(each.rows["reward"]) for each in made),
        "targets": sum(each.targets for each in made),
        "targets_off_image": sum(each.clipped for each in made),
    }
    del made
    with OwnEpisodes(folder, config, policy_with(learner, config), replay, own_seed) as own:
        keep = partial(_keep, session, config, learner, own, clock, facts)
        step = partial(_step, config=config, learner=learner, replay=replay, own=own, keep=keep)
        take_steps(
            session, STAGE, learner.networks, step, config.replay.updates, config.checkpoint_every,
            to_plain(config), seed, {"learner": learner, "own": own},
        )  # fmt: skip
        keep(config.replay.updates, session.run.folder / RUN_WEIGHTS)


def _step(
    rng: np.random.Generator, number: int, *, config: ArmConfig, learner: Learner, replay: Replay,
    own: OwnEpisodes, keep: partial[None],
) -> dict[str, float]:  # fmt: skip
    """An own episode, if it is time for one, then an update."""
    if config.act_every and number and number % config.act_every == 0:
        own.play_next()
    values = learn(learner, replay, rng)
    loss = values["loss"] if "loss" in values else values["critic_loss"]
    check_finite(loss, number, f"rows of step {number}")
    done = number + 1
    if done in config.replay.snapshots_at:
        keep(done, None)
    return {"loss": loss, **values, **own.values()}


def _keep(
    session: Session, config: ArmConfig, learner: Learner, own: OwnEpisodes, clock: Clock,
    facts: dict[str, Any], updates: int, folder: Path | None,
) -> None:  # fmt: skip
    """Write the weights as they are, as a snapshot where no folder is given."""
    folder = folder or snapshot_folder(session.run.folder, f"{updates:06d}")
    counts = {
        "task": config.task,
        "updates": updates,
        "own_episodes": len(own.actions),
        "own_actions": sum(own.actions),
    }
    save_learner(folder, config, learner, counts | facts)
    clock.mark(folder.name)


def _rows_of(demonstrations: Sequence[Demonstration], config: ArmConfig) -> list[DemonstrationRows]:
    return [
        demonstration_rows(d, config.rows) for d in progress(demonstrations, description="rows")
    ]
