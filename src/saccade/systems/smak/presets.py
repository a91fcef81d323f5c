"""Settings by name.

`cpu` (the defaults) trains on two cores, `smoke` runs everything in seconds, `paper` has the
paper's figures, and where it is silent those of TCN, which it compares itself with.
"""

from __future__ import annotations

from dataclasses import replace

from saccade.networks.light_trunk import LightTrunkConfig
from saccade.systems.smak.augment import PAPER_AUGMENT
from saccade.systems.smak.batches import BatchConfig
from saccade.systems.smak.config import FitConfig, SmakConfig
from saccade.systems.smak.model_config import (
    LossConfig,
    ModelConfig,
    SmakHeadConfig,
    TccHeadConfig,
    TcnHeadConfig,
    TrunkConfig,
)
from saccade.systems.smak.pretext.config import PretextConfig
from saccade.worlds.pouring import PouringConfig

PAPER_SIDE = 299
"""Rows and columns that Inception v3 takes [px]."""


def smoke_preset() -> SmakConfig:
    """Everything, in seconds; learns nothing worth having."""
    light = LightTrunkConfig(widths=(8, 16, 16), blocks=(0, 0, 0))
    return SmakConfig(
        sequences=6,
        side=32,
        model=ModelConfig(
            trunk=TrunkConfig(light=light),
            smak=SmakHeadConfig(widths=(16, 16, 16, 16), depths=(1, 1, 1, 1)),
            tcn=TcnHeadConfig(widths=(16, 16), hidden=32),
            tcc=TccHeadConfig(widths=(16, 16), hidden=(32, 32)),
        ),
        pretext=PretextConfig(steps=4, pictures=100, batch=4, checkpoint_every=2),
        batch=BatchConfig(pairs=16, sequences=2),
        fit=FitConfig(steps=40, held_out=2, validate_every=20, checkpoint_every=20),
        pouring=PouringConfig(height=32, width=32, frames=(27, 32)),
    )


def paper_preset() -> SmakConfig:
    """Section III: 150 demonstrations, 17 of them for validation, 69,000 steps.

    Batches, images and their changes are TCN's. `--data` names the folder of the Multi-View
    Pouring dataset; without it as many sequences are recorded.
    """
    return SmakConfig(
        sequences=150,
        side=PAPER_SIDE,
        model=ModelConfig(
            trunk=TrunkConfig(kind="inception", frozen=True, dropout=0.2),
            norm="batch",
            unit_length=False,
        ),
        loss=LossConfig(kind="n-pairs"),
        batch=BatchConfig(
            pairs=16, sequences=1, times="uniform", window=580, shuffled=True, across=True
        ),
        augment=PAPER_AUGMENT,
        fit=FitConfig(
            steps=69_000, learning_rate=1e-4, schedule="staircase", held_out=17,
            validate_every=1000, checkpoint_every=1000,
        ),
        pouring=replace(PouringConfig(), height=PAPER_SIDE, width=PAPER_SIDE),
    )  # fmt: skip


PRESETS = {"cpu": SmakConfig, "smoke": smoke_preset, "paper": paper_preset}
