"""Learning while acting (Algorithm 1): rounds of updates, beside rounds of own episodes.

While a round's updates are made, its episodes are played with the weights from before it, as the
paper's explorer does, which loads a checkpoint every 100 steps; their rows enter replay when the
round is over. So a worker that plays at the same time, one that plays afterwards, and a run that
was stopped and resumed all learn from the same rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch

from saccade.checks import check_counts, check_least
from saccade.data.replay import Replay
from saccade.errors import DamagedFileError
from saccade.storage.folders import existing_folder
from saccade.systems.arm.learning import learn
from saccade.systems.arm.own_play import MethodLearner, OwnRows, RoundPlayer
from saccade.training.checkpoint import (
    LONGEST_REASON,
    load_checkpoint,
    save_checkpoint,
    save_weights,
)
from saccade.training.fit import Session, Stopped
from saccade.training.generators import capture_generators, restore_generators
from saccade.training.plain import to_plain
from saccade.training.pool import ProcessPool
from saccade.training.progress import progress
from saccade.training.workers import use_one_thread

SNAPSHOT = "acting"
"""Folder beside a stage's checkpoint with the weights that the present round is played with."""


@dataclass(frozen=True)
class ActConfig:
    """How long is learned, and how much is acted meanwhile.

    Attributes:
        updates: Gradient steps of both agents.
        every: Gradient steps of a round, after which acting takes on the newest weights.
        episodes: Own episodes of a round; 0 learns from the demonstrations alone.
        warm_up: Gradient steps before the first own episode.
        checkpoint_every: Rounds between checkpoints.
    """

    updates: int = 3000
    every: int = 100
    episodes: int = 4
    warm_up: int = 0
    checkpoint_every: int = 5

    def __post_init__(self) -> None:
        check_counts(self, "updates", "every", "checkpoint_every")
        check_least(self, {"episodes": 0, "warm_up": 0})

    def acts(self, number: int) -> bool:
        """Whether own episodes are played in a round."""
        return self.episodes > 0 and number * self.every >= self.warm_up


class Rounds(Protocol):
    """What plays the rounds of own episodes."""

    def start(self, number: int) -> None:
        """Begin a round, with the weights of the snapshot as it is now."""
        ...

    def finish(self, number: int) -> OwnRows:
        """What the round gave."""
        ...


def act_and_learn(
    session: Session,
    stage: str,
    learner: MethodLearner,
    replay: Replay,
    rounds: Rounds,
    config: ActConfig,
    seed: int,
) -> None:
    """Learn for one stage; it goes on exactly where it was stopped, and is only loaded when done.

    Args:
        session: The sitting.
        stage: Name of the stage and of its checkpoint's folder.
        learner: Learner, which learns in place.
        replay: Replay with the rows of the demonstrations.
        rounds: What plays own episodes (`rounds_of`), with the weights of
            `snapshot_folder(session, stage)`.
        config: How long is learned, and how much is acted.
        seed: Seed of what is sampled.

    Raises:
        Stopped: The user asked to; the checkpoint is written.
        TrainingDivergedError: A loss is not finite; the last checkpoint is kept.
    """
    learning = _Learning(learner, replay, np.random.default_rng(seed))
    folder, snapshot = session.folder(stage), snapshot_folder(session, stage)
    if existing_folder(folder).exists():
        _restore(folder, learning)
    else:
        # Whatever ran before this stage, and is not run again by a resumed run, has no say in it.
        torch.manual_seed(seed)
    with progress(total=config.updates, description=stage) as bar:
        bar.update(learning.updates)
        while learning.updates < config.updates:
            number, within = divmod(learning.updates, config.every)
            acts = config.acts(number)
            if acts:
                if within == 0:  # else it was stopped within the round, whose snapshot is there
                    save_weights(snapshot, learner.networks.state_dict(), {})
                rounds.start(number)
            end = min((number + 1) * config.every, config.updates)
            for _ in range(learning.updates, end):
                if session.stop.requested:
                    _save(session, folder, learning)
                    raise Stopped
                learning.step()
                bar.update(1)
            own = _take_in(rounds.finish(number), replay, config.episodes) if acts else {}
            session.metrics.write(end, stage, learning.means() | own)
            if (number + 1) % config.checkpoint_every == 0 or end == config.updates:
                _save(session, folder, learning)


def snapshot_folder(session: Session, stage: str) -> Path:
    """Folder of the weights that a stage's present round is played with."""
    return session.run.folder / "data" / f"{stage}-{SNAPSHOT}"


@contextmanager
def rounds_of(
    setup: Callable[[], RoundPlayer], snapshot: Path, seed: int, episodes: int, beside: bool
) -> Iterator[Rounds]:
    """What plays rounds: in a process of its own beside the learning, or after it in this one.

    Args:
        setup: Function that makes the player, in its process.
        snapshot: Folder of the weights.
        seed: Seed of all episodes.
        episodes: Episodes of a round.
        beside: Whether there is a process of its own.
    """
    play = partial(_play, snapshot=snapshot, seed=seed, episodes=episodes)
    rounds = RoundsBeside(setup, play) if beside else RoundsAfter(setup, play)
    try:
        yield rounds
    finally:
        rounds.close()


class RoundsAfter:
    """Plays each round when it is asked for, in this process."""

    def __init__(
        self, setup: Callable[[], RoundPlayer], play: Callable[[RoundPlayer, int], OwnRows]
    ) -> None:
        self._setup, self._play = setup, play
        self._player: RoundPlayer | None = None

    def start(self, number: int) -> None:
        """Nothing: the snapshot waits."""

    def finish(self, number: int) -> OwnRows:
        """Play the round."""
        if self._player is None:
            self._player = self._setup()
        return self._play(self._player, number)

    def close(self) -> None:
        """Nothing is left."""


class RoundsBeside:
    """Plays each round in another process, while this one learns."""

    def __init__(
        self, setup: Callable[[], RoundPlayer], play: Callable[[RoundPlayer, int], OwnRows]
    ) -> None:
        self._pool = ProcessPool(setup, play, 1, prepare=use_one_thread)

    def start(self, number: int) -> None:
        """Send the round to the process."""
        self._pool.send(number, number)

    def finish(self, number: int) -> OwnRows:
        """Wait for the round."""
        while True:
            outcomes = self._pool.receive(timeout=0.2)
            if number in outcomes:
                return outcomes[number].unwrap()

    def close(self) -> None:
        """End the process."""
        self._pool.close()


def _play(player: RoundPlayer, number: int, snapshot: Path, seed: int, episodes: int) -> OwnRows:
    return player.play(snapshot, seed, number, episodes)


def _take_in(own: OwnRows, replay: Replay, episodes: int) -> dict[str, float]:
    """Add a round's rows to replay; returns numbers for the metrics."""
    replay.add(own.rows)
    failures = {f"own_{name}": n / episodes for name, n in Counter(own.failures).items()}
    return {"own_success": own.successes / episodes, "rows": len(replay), **failures}


class _Learning:
    """What changes while a stage learns.

    Attributes:
        updates: Gradient steps that were made.
    """

    def __init__(self, learner: MethodLearner, replay: Replay, rng: np.random.Generator) -> None:
        self.learner, self.replay, self.rng = learner, replay, rng
        self.updates = 0
        self._sums: Counter[str] = Counter()
        self._seen: Counter[str] = Counter()

    def step(self) -> None:
        """One gradient step."""
        metrics = learn(self.learner, self.replay, self.rng, self.updates)
        self._sums.update(metrics)
        self._seen.update(metrics.keys())
        self.updates += 1

    def means(self) -> dict[str, float]:
        """Means of the metrics since this was last asked."""
        means = {name: total / self._seen[name] for name, total in self._sums.items()}
        self._sums, self._seen = Counter(), Counter()
        return means

    def state_dict(self) -> dict[str, Any]:
        """All that going on exactly needs."""
        return {
            "updates": self.updates,
            "sums": dict(self._sums),
            "seen": dict(self._seen),
            "learner": self.learner.state_dict(),
            "replay": self.replay.state_dict(),
            "generators": capture_generators({"batches": self.rng}),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take on a state of `state_dict`."""
        self.updates = int(state["updates"])
        self._sums, self._seen = Counter(state["sums"]), Counter(state["seen"])
        self.learner.load_state_dict(state["learner"])
        self.replay.load_state_dict(state["replay"])
        restore_generators(state["generators"], {"batches": self.rng})


def _save(session: Session, folder: Path, learning: _Learning) -> None:
    learner = learning.learner
    state = learning.state_dict() | {"metrics_lines": session.metrics.lines}
    save_checkpoint(folder, learner.networks.state_dict(), to_plain(learner.config), state)


def _restore(folder: Path, learning: _Learning) -> None:
    """Load a stage's checkpoint in place.

    Raises:
        DamagedFileError: It is damaged, or of another network.
    """
    try:
        learning.load_state_dict(load_checkpoint(folder).training_state)
    except (AttributeError, IndexError, KeyError, RuntimeError, TypeError, ValueError) as error:
        reason = " ".join(f"{type(error).__name__} {error}".split())[:LONGEST_REASON]
        raise DamagedFileError(f"{folder} does not fit its run: {reason}") from error
