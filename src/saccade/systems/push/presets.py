"""Settings by name.

`paper` has the papers' networks and figures, `cpu` (the defaults) trains the shipped weights on two
cores, `cylinders` makes them better at single objects, `smoke` runs every stage in about a minute.
"""

from __future__ import annotations

from dataclasses import replace

from saccade.attention.edge_mask import EdgeMaskConfig
from saccade.networks.densenet import DenseNetConfig
from saccade.systems.push.config import FitConfig, OnlineConfig, PushConfig
from saccade.systems.push.network_sizes import PAPER_MASK, PAPER_REWARD


def smoke_preset() -> PushConfig:
    """Every stage, in about a minute; learns nothing worth having."""
    cpu = PushConfig()
    return replace(
        cpu,
        mask=replace(cpu.mask, heuristic_steps=6, refine_steps=6, batch=4, test_pushes=40),
        data=replace(cpu.data, episodes=8, max_objects=4, pushes=8),
        offline=replace(cpu.offline, steps=10, batch=16, checkpoint_every=5),
        online=replace(cpu.online, rounds=1, episodes=2, pushes=8, steps=5, batch=16),
        policy=replace(cpu.policy, candidates=32, refine=16),
    )


def paper_preset() -> PushConfig:
    """The paper's networks, data and updates; days of computing without a GPU."""
    cpu = PushConfig()
    return replace(
        cpu,
        network="hourglass",
        hourglass=PAPER_REWARD,
        densenet=DenseNetConfig(classes=0),
        densenet_upscale=2,
        mask=replace(
            cpu.mask, edge=EdgeMaskConfig(), network=PAPER_MASK, heuristic_steps=10_000,
            refine_steps=20_000, learning_rate=1e-4, changed_pixels=1000, kernel_sigma=0.0,
        ),
        data=replace(cpu.data, episodes=5000, uniform=0.5, near=0.0),
        offline=FitConfig(steps=60_000, batch=32, learning_rate=1e-4, checkpoint_every=500),
        online=OnlineConfig(
            rounds=200, episodes=5, single=0.0, pushes=20, steps=1, batch=100,
            learning_rate=1e-4, replay=False, checkpoint_every=500,
        ),
    )  # fmt: skip


def cylinders_preset() -> PushConfig:
    """Go on from the shipped weights with what they fail at: single cylinders, which roll.

    It loses a quarter as many single objects, and a few more of ten.
    """
    cpu = PushConfig()
    return replace(
        cpu,
        start="shipped",
        mask=replace(cpu.mask, weights="shipped"),
        data=replace(cpu.data, episodes=0),
        online=replace(
            cpu.online, rounds=2, episodes=600, single=0.8, cylinders=0.9, epsilon=0.3,
            steps=500, learning_rate=5e-4,
        ),
    )  # fmt: skip


PRESETS = {
    "cpu": PushConfig,
    "cylinders": cylinders_preset,
    "paper": paper_preset,
    "smoke": smoke_preset,
}
