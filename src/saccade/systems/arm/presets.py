"""Settings by name: `cpu` (the defaults) trains what ships, `smoke` runs every stage in seconds.

`paper` has the published networks and figures, whichever method is chosen.
"""

from __future__ import annotations

from dataclasses import replace

from saccade.systems.arm.baselines.config import PAPER_BASELINE
from saccade.systems.arm.config import Q_ATTENTION, ArmConfig
from saccade.systems.arm.look_and_vote.config import OwnConfig
from saccade.systems.arm.off_policy.config import ReplayConfig
from saccade.systems.arm.paper_method.config import PAPER

PAPER_UPDATES, PAPER_CAPACITY = 40_000, 100_000
PAPER_DEMONSTRATIONS = 100


def smoke_preset() -> ArmConfig:
    """Every stage, in seconds; learns nothing worth having."""
    cpu = ArmConfig()
    return replace(
        cpu,
        episodes=2,
        every=10,
        look=replace(cpu.look, steps=8, batch=4, width=8),
        vote=replace(cpu.vote, steps=8, batch=8, width=8),
        own=OwnConfig(rounds=1, episodes=2, look_steps=4, vote_steps=4),
        rows=replace(cpu.rows, view=32, every=10),
        replay=ReplayConfig(updates=8, act_every=4, snapshots=1, batch=4, capacity=200),
        attention=replace(cpu.attention, channels=4),
        pose=replace(cpu.pose, stem=4, actor=8, critic=8, depth=1),
        baseline=replace(cpu.baseline, stem=4, actor=8, critic=8, units=8, latent=8),
        checkpoint_every=5,
    )


def paper_preset() -> ArmConfig:
    """The paper's method: days of a GPU, over a hundred hours of two cores."""
    return ArmConfig(
        method=Q_ATTENTION,
        episodes=PAPER_DEMONSTRATIONS,
        rows=PAPER.rows,
        replay=ReplayConfig(
            updates=PAPER_UPDATES, act_every=100, batch=PAPER.batch, capacity=PAPER_CAPACITY
        ),
        attention=PAPER.attention,
        pose=PAPER.pose,
        baseline=PAPER_BASELINE.settings,
    )


PRESETS = {"cpu": ArmConfig, "smoke": smoke_preset, "paper": paper_preset}
