"""How fast the arm decides, plays and learns on this machine, on one core."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch

from saccade.systems.arm.config import ArmConfig
from saccade.systems.arm.episodes import play
from saccade.systems.arm.look_and_vote.batches import draw_examples, look_batch, vote_batch
from saccade.systems.arm.look_and_vote.examples import Examples, examples_of
from saccade.systems.arm.look_and_vote.learner import LookAndVoteLearner
from saccade.systems.arm.look_and_vote.losses import look_loss, vote_loss
from saccade.systems.arm.record import episode_seed
from saccade.systems.arm.weights import load_look_and_vote
from saccade.verbs.bench import Measure, Plan, on_cores
from saccade.worlds.tabletop.env import TabletopEnv
from saccade.worlds.tabletop.recording import Recorder

SEED = 5
DECISION_FLOOR, DECISION_AIM = 40.0, 10.0
"""Longest times of a decision [ms]."""
EPISODE_FLOOR, EPISODE_AIM = 2.0, 0.5
"""Longest times of an episode of simulation, with rendering and control [s]."""


def benchmark(plan: Plan) -> list[Measure]:
    """Time everything in a process that owns one core."""
    return on_cores(1, one_core, plan)


def one_core(plan: Plan) -> list[Measure]:
    """All that one core does."""
    policy = load_look_and_vote(plan.weights)
    env = TabletopEnv(policy.task)
    env.reset(seed=episode_seed(SEED, 0))
    seen = env.observation
    decisions = plan.milliseconds(lambda: policy.act(seen))
    looking = plan.milliseconds(lambda: policy.attention(seen))
    episodes = _each(lambda i: play(env, policy, episode_seed(SEED, i)), plan)
    env.close()
    recorder = Recorder(policy.task)
    recorded = _each(lambda i: recorder.record(episode_seed(SEED, i)), plan)
    demonstration = recorder.record(episode_seed(SEED, 0))
    recorder.close()
    config = ArmConfig()
    examples = examples_of(demonstration, config.look.sigma, config.look.same_place)
    return [
        Measure("decision", "one decision", "ms", decisions, 1, DECISION_FLOOR, DECISION_AIM),
        Measure("look", "of it: looking at the whole view", "ms", looking, peer_of="decision"),
        Measure("episode", "one episode", "s", episodes, 1, EPISODE_FLOOR, EPISODE_AIM),
        Measure("demonstration", "recording a demonstration", "s", recorded),
        *_updates(config, examples, plan),
    ]


def _each(work: Callable[[int], object], plan: Plan) -> tuple[float, ...]:
    """Seconds of each of several pieces of work; the first of them warms up."""
    seconds = []
    for number in range(plan.repeats + 1):
        started = time.perf_counter()
        work(number)
        seconds.append(time.perf_counter() - started)
    return tuple(seconds[1:])


def _updates(config: ArmConfig, examples: Examples, plan: Plan) -> list[Measure]:
    """One gradient step of each network, its batch included."""
    settings, rng = config.look_and_vote, np.random.default_rng(SEED)
    learner = LookAndVoteLearner(settings, SEED)

    def look() -> torch.Tensor:
        index = draw_examples(examples, settings.look.batch, settings.augment.keyframes, rng)
        batch = look_batch(examples, index, settings, rng)
        return look_loss(learner.look(batch.inputs), batch.shares)

    def vote() -> torch.Tensor:
        index = draw_examples(examples, settings.vote.batch, settings.augment.keyframes, rng)
        batch = vote_batch(examples, index, settings, rng)
        votes = learner.vote(batch.maps, batch.known)
        return vote_loss(votes, batch.targets, settings.vote.dense)

    measures = []
    for name, loss, network in (("look", look, learner.look), ("vote", vote, learner.vote)):
        optimiser = torch.optim.AdamW(network.parameters())

        def update(
            loss: Callable[[], torch.Tensor] = loss,
            optimiser: torch.optim.Optimizer = optimiser,
        ) -> None:
            optimiser.zero_grad()
            loss().backward()
            optimiser.step()

        size = settings.look.batch if name == "look" else settings.vote.batch
        what = f"gradient step of {name} (batch {size})"
        measures.append(Measure(f"update_{name}", what, "ms", plan.milliseconds(update)))
    return measures
