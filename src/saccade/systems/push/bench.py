"""Speeds of push on this machine: physics, heightmaps, attention, decisions, learning.

Peers are timed in the same run, so that ratios hold where seconds do not: the literal edge mask,
the paper's networks, the report's rotating DenseNet. Their weights are random; that costs the same.
"""

from __future__ import annotations

import contextlib
import io
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from saccade.attention.edge_mask import edge_mask
from saccade.attention.edge_mask_literal import all_directions
from saccade.data.push_episodes import PushEpisode
from saccade.networks.blocks import fold_norms
from saccade.systems.push.attention import Attention
from saccade.systems.push.baselines import ScriptedPolicy
from saccade.systems.push.config import PushConfig
from saccade.systems.push.model import PushMask, build_reward_network
from saccade.systems.push.policy import PushPolicy, QMapPolicy
from saccade.systems.push.presets import paper_preset
from saccade.systems.push.record import RecordConfig, new_recorder
from saccade.systems.push.train_value import make_learner
from saccade.systems.push.weights import load_policy
from saccade.training.fit import Descent, open_session
from saccade.training.precision import Precision
from saccade.training.provenance import usable_cores
from saccade.training.run import Run
from saccade.verbs.bench import Measure, Plan, on_cores, seconds_a_call
from saccade.worlds.push_box import PushWorld, SceneConfig, WorldConfig
from saccade.worlds.push_box.drop import draw_scenario, scenario_seed
from saccade.worlds.scenarios import Scenario

SEED = 5
PUSHES_A_RESET = 10
"""Number of pushes before a scenario is set up anew, so that about ten objects take part."""
FLYING = WorldConfig(scene=SceneConfig(arm=False))


@dataclass(frozen=True)
class PushPlan(Plan):
    """What is timed.

    Attributes:
        objects: Number of objects on the table.
    """

    objects: int = 10


def benchmark(plan: PushPlan) -> list[Measure]:
    """Time everything, one core first, in processes that own just the cores that are named."""
    measured, heightmaps = on_cores(1, one_core, plan)
    if usable_cores() > 1:
        measured += on_cores(2, decisions, plan, heightmaps, 2)
    return measured


def one_core(plan: PushPlan) -> tuple[list[Measure], list[np.ndarray]]:
    """All that one core does, and the heightmaps that it did it with."""
    drawn: list[Scenario] = []

    def drop() -> None:
        seed = scenario_seed(SEED, len(drawn))
        drawn.append(draw_scenario(seed, plan.objects))

    drops = seconds_a_call(drop, plan.repeats, 0.0)
    measured = [
        Measure("drop", f"scenario: {plan.objects} objects dropped at rest", "s", drops),
    ]
    rates, heightmaps = push_rates(WorldConfig(), drawn, plan)
    what = f"pushes, {plan.objects} objects"
    measured.append(Measure("pushes", f"{what}: arm and heightmap", "/s", rates, 1, 8.0, 15.0))
    flying, _ = push_rates(FLYING, drawn, plan)
    measured.append(Measure("pushes_flying", f"{what}: flying gripper", "/s", flying))
    measured += observations(drawn[0], plan)
    measured += edge_masks(heightmaps, plan)
    measured += decisions(plan, heightmaps, 1)
    measured += updates(plan)
    return measured, heightmaps


def push_rates(
    config: WorldConfig, scenarios: Sequence[Scenario], plan: PushPlan
) -> tuple[tuple[float, ...], list[np.ndarray]]:
    """Pushes a second of the scripted policy, once a repetition, and the heightmaps seen.

    Executing a push, settling and observing count; deciding and setting up a scenario do not.
    """
    world, policy = PushWorld(config), ScriptedPolicy()
    rates, heightmaps = [], []
    for repeat in range(plan.repeats):
        spent, pushes, heightmap = 0.0, 0, np.zeros(0)
        while spent < plan.seconds or pushes < 2:
            if pushes % PUSHES_A_RESET == 0:
                scenario = scenarios[(repeat + pushes // PUSHES_A_RESET) % len(scenarios)]
                world.reset(scenario, seed=0)
                policy.reset(repeat, world)
                heightmap = world.observe()
                heightmaps.append(heightmap)
            push = policy.decide(heightmap).push
            started = time.perf_counter()
            world.execute(push, heightmap)
            heightmap = world.observe()
            spent += time.perf_counter() - started
            pushes += 1
        rates.append(pushes / spent)
    world.close()
    return tuple(rates), heightmaps


def observations(scenario: Scenario, plan: PushPlan) -> list[Measure]:
    """A heightmap, rendered and ray-cast."""
    measured = []
    for key, name, use_gl in (
        ("heightmap_gl", "heightmap, rendered by GL", True),
        ("heightmap_rays", "heightmap, ray-cast", False),
    ):
        world = PushWorld(replace(WorldConfig(), use_gl=use_gl))
        world.reset(scenario)
        if world.sensor.uses_gl == use_gl:
            values = plan.milliseconds(world.observe)
            peer = "" if use_gl or not measured else measured[0].key
            measured.append(Measure(key, name, "ms", values, peer_of=peer))
        world.close()
    return measured


def edge_masks(heightmaps: Sequence[np.ndarray], plan: PushPlan) -> list[Measure]:
    """The edge mask of 16 directions, and Algorithm 1 as the report writes it."""
    ours = plan.milliseconds(lambda: edge_mask(heightmaps[0]))
    literal = plan.brief.milliseconds(lambda: all_directions(heightmaps[0]))
    return [
        Measure("edge_mask", "edge mask, 16 directions", "ms", ours, 1, 10.0, 5.0),
        Measure("edge_mask_literal", "Algorithm 1, line by line", "ms", literal, 1,
                peer_of="edge_mask"),
    ]  # fmt: skip


def decisions(plan: PushPlan, heightmaps: Sequence[np.ndarray], cores: int) -> list[Measure]:
    """One decision (mask, values, argmax): ours and the papers' networks in the same precision."""
    policy = load_policy(plan.weights)
    key, count = f"decision_{cores}", "one core" if cores == 1 else f"{cores} cores"
    limits = (60.0, 25.0) if cores == 2 else (None, None)
    ours = plan.milliseconds(_deciding(policy, heightmaps))
    measured = [Measure(key, f"decision, {count}", "ms", ours, cores, *limits)]
    precision = policy.config.precision
    for name, what, peer in (
        ("paper", "the paper's PushMask and PushReward", paper_networks(precision)),
        ("rotating", "edge mask and DenseNet on 16 rotations (cpu preset)", rotating(precision)),
    ):
        values = plan.brief.milliseconds(_deciding(peer, heightmaps))
        measured.append(Measure(f"{key}_{name}", f"{what}, {count}", "ms", values, cores,
                                peer_of=key))  # fmt: skip
    return measured


def paper_networks(precision: Precision) -> PushPolicy:
    """The paper's two hourglasses at full size, untrained, every push allowed."""
    config = replace(paper_preset(), precision=precision)
    mask = _ready(PushMask(config.mask.network))
    assert isinstance(mask, PushMask)
    return QMapPolicy(config, Attention(config, mask, 0.0), _ready(build_reward_network(config)))


def rotating(precision: Precision) -> PushPolicy:
    """The report's policy with the small DenseNet of the cpu preset, untrained."""
    config = PushConfig(network="densenet-rotate", precision=precision)
    config = replace(config, mask=replace(config.mask, kind="edge"))
    return QMapPolicy(config, Attention(config, None, 0.5), _ready(build_reward_network(config)))


def _ready(network: torch.nn.Module) -> torch.nn.Module:
    network.eval()
    fold_norms(network)
    return network.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]


def _deciding(policy: PushPolicy, heightmaps: Sequence[np.ndarray]) -> Callable[[], None]:
    """A decision on one heightmap after another."""
    count = 0

    def decide() -> None:
        nonlocal count
        policy.decide(heightmaps[count % len(heightmaps)])
        count += 1

    return decide


def updates(plan: PushPlan) -> list[Measure]:
    """One step of gradient descent on recorded pushes, at the cpu preset's batch sizes."""
    recorder = new_recorder(RecordConfig(4, 10, 8, world=FLYING), None)
    episodes = [recorder.episode(SEED, i) for i in range(3)]
    glimpse = PushConfig()
    hourglass = PushConfig(network="hourglass")
    sizes = ((glimpse, 256, ""), (hourglass, 16, "update"))
    measured = []
    for config, batch, peer in sizes:
        values = update_times(config, episodes, batch, plan.repeats)
        name = "GlimpseQ" if not peer else "hourglass of the cpu preset"
        key = "update" if not peer else "update_hourglass"
        what = f"update step, {name}, a push (batch {batch})"
        measured.append(
            Measure(key, what, "ms", tuple(1000 * v / batch for v in values), peer_of=peer)
        )
    return measured


def update_times(
    config: PushConfig, episodes: Sequence[PushEpisode], batch: int, repeats: int
) -> tuple[float, ...]:
    """Seconds between the forward passes of successive training steps."""
    learner = make_learner(config, SEED, Attention(config, None, 0.5))
    learner.add(episodes)
    ticks: list[float] = []
    network: torch.nn.Module = learner.network
    network.register_forward_pre_hook(lambda *_: ticks.append(time.perf_counter()))
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.redirect_stderr(io.StringIO()),
        open_session(Run.create(Path(folder) / "run", {}, SEED)) as session,
    ):
        learner.fit(session, "bench", Descent(repeats + 2, 1e-3), batch, SEED)
    return tuple(np.diff(ticks)[1:].tolist())  # the first step warms up
