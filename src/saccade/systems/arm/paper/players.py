"""Who plays without having learned: the scripted expert, and random poses."""

from __future__ import annotations

import math

import numpy as np

from saccade.data.keyframes import pixel_target
from saccade.systems.arm.decision import Decision
from saccade.systems.arm.episodes import EpisodeResult, play
from saccade.systems.arm.evaluate import Evaluation
from saccade.systems.arm.paper.rows import EXPERT, Player
from saccade.systems.arm.record import evaluation_seed
from saccade.training.workers import episode_generator
from saccade.worlds.rgbd import Observation
from saccade.worlds.tabletop import expert
from saccade.worlds.tabletop.env import TabletopEnv
from saccade.worlds.tabletop.placement import X_RANGE, Y_RANGE
from saccade.worlds.tabletop.pose import top_down

CHANCE = 1
"""Offset of the seed of the random poses from that of the placements."""
HIGHEST, CROP = 0.3, 16
"""Height up to which random poses are [m]; side of the crop that pictures show [pixels]."""


class RandomPolicy:
    """Poses above the workspace that point down, at random; open or closed fingers."""

    task = ""

    def act(self, observation: Observation, rng: np.random.Generator | None = None) -> Decision:
        """Draw a pose; without a generator, the same one each time."""
        rng = rng or np.random.default_rng(0)
        place = rng.uniform((X_RANGE[0], Y_RANGE[0], 0.0), (X_RANGE[1], Y_RANGE[1], HIGHEST))
        pose = top_down(*place, yaw=rng.uniform(-math.pi / 2, math.pi / 2)).array()
        view = observation.view
        x, y, _ = pixel_target(view, pose[:3])
        nothing = np.zeros((view.height, view.width), np.float32)
        return Decision.at(view, (x, y), CROP, nothing, pose, rng.random() < 0.5)


def play_untrained(player: Player, evaluation: Evaluation) -> list[EpisodeResult]:
    """The episodes of an evaluation by who has not learned."""
    env = TabletopEnv(evaluation.task, evaluation.world)
    results = []
    for index in range(evaluation.episodes):
        seed = evaluation_seed(evaluation.seed, index)
        if player == EXPERT:
            results.append(_expert(env, seed))
        else:
            rng = episode_generator(evaluation.seed + CHANCE, index)
            results.append(play(env, RandomPolicy(), seed, rng))
    env.close()
    return results


def _expert(env: TabletopEnv, seed: int) -> EpisodeResult:
    outcome = expert.play(env, seed)
    info = outcome.info
    failure = "" if info["success"] else info["failure"] or "time_out"
    return EpisodeResult(bool(info["success"]), outcome.reward, info["actions"], failure)
