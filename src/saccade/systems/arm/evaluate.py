"""The protocol: unseen placements of a seed, at most ten actions each; successes with intervals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from saccade.statistics import mean_estimate, share_estimate
from saccade.systems.arm.decision import ArmPolicy
from saccade.systems.arm.episodes import CAUSES, EpisodeResult, Step, play
from saccade.systems.arm.pictures.decisions import decision_pictures, describe
from saccade.systems.arm.pictures.film import FRAMES_PER_SECOND, Filming, film_file
from saccade.systems.arm.record import evaluation_seed
from saccade.training.workers import Workers, map_episodes
from saccade.viewing import report
from saccade.viewing.images import encode_image
from saccade.viewing.video import write_video
from saccade.worlds.tabletop.disturbances import NAMED, NONE, Disturbances
from saccade.worlds.tabletop.env import TabletopEnv
from saccade.worlds.tabletop.world import WorldConfig

UNDISTURBED = "none"
DISTURBANCES: dict[str, Disturbances] = {UNDISTURBED: NONE, **NAMED}
"""What an evaluation may disturb, by name."""


@dataclass(frozen=True)
class Evaluation:
    """Episodes that are played.

    Attributes:
        task: Name of the task.
        episodes: Number of episodes.
        seed: Seed of their placements.
        disturbed: Name of what differs from how the task was learned.
        attach: Whether what is grasped is fixed to the hand instead of held by friction.
    """

    task: str
    episodes: int = 100
    seed: int = 0
    disturbed: str = UNDISTURBED
    attach: bool = False

    @property
    def world(self) -> WorldConfig:
        """Settings of the world."""
        return WorldConfig(disturbances=DISTURBANCES[self.disturbed], attach=self.attach)


@dataclass(frozen=True)
class Played:
    """An episode that was played.

    Attributes:
        index: Its number.
        result: How it went.
        steps: Every decision as the report shows it, without pictures unless they were asked for.
    """

    index: int
    result: EpisodeResult
    steps: tuple[report.Step, ...]


@dataclass
class Player:
    """Tools of a worker: an environment, a policy, and what is played."""

    env: TabletopEnv
    policy: ArmPolicy
    evaluation: Evaluation


def play_episodes(
    make_policy: Callable[[], ArmPolicy],
    evaluation: Evaluation,
    indices: Iterable[int],
    workers: Workers | int = 1,
    films: Path | None = None,
    stop: Callable[[], bool] | None = None,
) -> Iterator[Played]:
    """Play episodes by their numbers; the outcome does not depend on the number of workers.

    Args:
        make_policy: Function that builds the policy in each worker.
        evaluation: Episodes that are played.
        indices: Numbers of the episodes.
        workers: Workers, or a number of processes.
        films: Folder that each episode's film is written to; then every step is pictured, too.
        stop: Function that is asked between episodes; once true, the series ends early.
    """
    setup = partial(set_up, make_policy, evaluation)
    job = partial(_play_one, films=films)
    return map_episodes(job, indices, workers, setup=setup, stop=stop)


def set_up(make_policy: Callable[[], ArmPolicy], evaluation: Evaluation) -> Player:
    """Build a worker's environment and policy."""
    env = TabletopEnv(evaluation.task, evaluation.world, render_mode="rgb_array")
    return Player(env, make_policy(), evaluation)


def _play_one(player: Player, index: int, films: Path | None) -> Played:
    evaluation, env = player.evaluation, player.env
    filming = Filming(env)
    seed = evaluation_seed(evaluation.seed, index)
    result = play(env, player.policy, seed, on_step=filming.note)
    if films is not None:
        title = f"{evaluation.task.replace('_', ' ')}, episode {index}"
        frames = filming.frames(title, result)
        write_video(film_file(films, index, result), frames, FRAMES_PER_SECOND, preset="veryfast")
    steps = tuple(_reported(step, films is not None) for step in filming.steps)
    return Played(index, result, steps)


def _reported(step: Step, pictured: bool) -> report.Step:
    """A decision as the report shows it, with encoded pictures where wanted."""
    pictures = decision_pictures(step.observation, step.decision) if pictured else {}
    images = {name: encode_image(picture) for name, picture in pictures.items()}
    held = f"holds {', '.join(step.info['held'])}" if step.info["held"] else "holds nothing"
    off = "; attention is off target" if step.off_target else ""
    mark = "good" if step.reward > 0 else "bad" if step.off_target else "neutral"
    return report.Step(images, f"{describe(step.decision)}: {held}{off}", mark)


def summarise(results: Sequence[EpisodeResult], seed: int = 0) -> dict:
    """Means with 95 % intervals (a share's is Wilson's), and how many failures had each cause."""
    rng = np.random.default_rng(seed)
    columns = {
        "success": [float(r.success) for r in results],
        "return": [r.total_reward for r in results],
        "actions": [float(r.actions) for r in results],
    }
    summary: dict = {}
    for name, values in columns.items():
        found = np.array(values)
        estimate = share_estimate(found) if name == "success" else mean_estimate(found, rng)
        summary[name] = {"mean": estimate.value, "ci95": [estimate.low, estimate.high]}
    causes = Counter(r.failure for r in results if not r.success)
    return summary | {"failures": {cause: causes[cause] for cause in CAUSES}}
