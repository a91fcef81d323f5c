"""The papers' evaluation protocol: scenarios of a seed, counts, paired bootstrap intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial

import numpy as np

from saccade.statistics import mean_estimate, ratio_of_means
from saccade.systems.push.decision import Policy
from saccade.systems.push.rollout import EpisodeResult, Protocol, play
from saccade.training.workers import Workers, map_episodes
from saccade.worlds.push_box import PushWorld, WorldConfig
from saccade.worlds.push_box.drop import draw_scenario, scenario_seed
from saccade.worlds.scenarios import Scenario

COUNTS = ("objects_in_box", "objects_on_ground", "objects_on_table", "actions")
MAX_SEED = 2**31


@dataclass(frozen=True)
class Evaluation:
    """Scenarios that are played, and the rules.

    Attributes:
        objects: Objects of each random scenario.
        episodes: Number of random scenarios.
        seed: Seed of the scenarios and of the policy's chances.
        protocol: Rules of an episode.
        world: Settings of the world.
        scenarios: Scenarios to play, all of them, instead of random ones.
    """

    objects: int = 10
    episodes: int = 100
    seed: int = 0
    protocol: Protocol = field(default_factory=Protocol)
    world: WorldConfig = field(default_factory=WorldConfig)
    scenarios: tuple[Scenario, ...] = ()

    @property
    def count(self) -> int:
        """Number of scenarios that are played."""
        return len(self.scenarios) or self.episodes

    def scenario(self, index: int) -> Scenario:
        """The scenario of an index."""
        if self.scenarios:
            return self.scenarios[index]
        return draw_scenario(scenario_seed(self.seed, index), self.objects, self.world.scene)


@dataclass
class Player:
    """Tools of a worker: a world, a policy, and what is played."""

    world: PushWorld
    policy: Policy
    evaluation: Evaluation


def set_up(evaluation: Evaluation, make_policy: Callable[[], Policy]) -> Player:
    """Build a worker's world and policy."""
    return Player(PushWorld(evaluation.world), make_policy(), evaluation)


def _play(player: Player, index: int) -> EpisodeResult:
    evaluation = player.evaluation
    seed = scenario_seed(evaluation.seed, index)
    scenario = evaluation.scenario(index)
    return play(player.world, scenario, player.policy, evaluation.protocol, seed)


def evaluate(
    make_policy: Callable[[], Policy],
    evaluation: Evaluation,
    workers: Workers | int = 1,
    on_result: Callable[[int, EpisodeResult], None] | None = None,
) -> list[EpisodeResult]:
    """Play every scenario; the results do not depend on the number of workers.

    Args:
        make_policy: Function that builds the policy in each worker.
        evaluation: Scenarios and rules.
        workers: Workers, or a number of processes.
        on_result: Function that is called with each scenario's number and result, in order.
    """
    results = []
    setup = partial(set_up, evaluation, make_policy)
    for result in map_episodes(_play, evaluation.count, workers, setup=setup):
        results.append(result)
        if on_result is not None:
            on_result(len(results) - 1, result)
    return results


def summarise(results: Sequence[EpisodeResult], seed: int = 0) -> dict:
    """Means, standard deviations and 95 % bootstrap intervals of the papers' columns."""
    rng = np.random.default_rng(seed)
    summary: dict = {}
    for name in COUNTS:
        values = np.array([getattr(r, name) for r in results], float)
        estimate = mean_estimate(values, rng)
        summary[name] = {
            "mean": float(values.mean()),
            "std": float(values.std(ddof=1)) if len(values) > 1 else 0.0,
            "ci95": [float(estimate.low), float(estimate.high)],
        }
    boxed = np.array([r.objects_in_box for r in results], float)
    actions = np.array([r.actions for r in results], float)
    if actions.sum() > 0:
        ratio = ratio_of_means(boxed, actions, rng)
        summary["objects_per_action"] = float(ratio.value)
        summary["objects_per_action_ci95"] = [float(ratio.low), float(ratio.high)]
    else:
        summary["objects_per_action"] = 0.0
        summary["objects_per_action_ci95"] = [0.0, 0.0]
    return summary


def as_rows(results: Sequence[EpisodeResult]) -> list[dict]:
    """One dictionary a scenario, for results.json."""
    return [asdict(r) for r in results]
