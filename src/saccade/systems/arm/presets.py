"""Settings by name: `cpu` (the defaults) trains what ships, `smoke` runs every stage in seconds."""

from __future__ import annotations

from dataclasses import replace

from saccade.systems.arm.config import ArmConfig, OwnConfig


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
        checkpoint_every=5,
    )


PRESETS = {"cpu": ArmConfig, "smoke": smoke_preset}
