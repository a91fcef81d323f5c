"""Sizes of the push system's networks: the papers', and those that train on a CPU."""

from __future__ import annotations

from saccade.networks.densenet import DenseNetConfig
from saccade.networks.hourglass import HourglassConfig
from saccade.worlds.workspace import N_DIRECTIONS

PAPER_REWARD = HourglassConfig(out_channels=N_DIRECTIONS)
PAPER_MASK = HourglassConfig(
    out_channels=N_DIRECTIONS,
    stem_width=16,
    front_widths=(16, 16, 32),
    width=64,
    skip_blocks=3,
    decoder_blocks=0,
    upsample="nearest",
    head_hidden=0,
    head_output_norm=True,
)
CPU_REWARD = HourglassConfig(
    out_channels=N_DIRECTIONS,
    stem_width=16,
    stem_kernel=5,
    stem_stride=2,
    front_widths=(16,),
    width=(16, 32, 48, 64, 64),
    encoder_blocks=1,
    bottleneck_blocks=1,
    skip_blocks=1,
    decoder_blocks=1,
    block="basic",
    padding="zeros",
    head_kernel=3,
    head_hidden=0,
)
CPU_MASK = HourglassConfig(
    out_channels=N_DIRECTIONS,
    stem_width=8,
    stem_kernel=5,
    stem_stride=2,
    front_widths=(16,),
    width=(16, 24, 32, 32, 32),
    encoder_blocks=1,
    bottleneck_blocks=1,
    skip_blocks=1,
    decoder_blocks=0,
    block="basic",
    padding="zeros",
    upsample="nearest",
    head_kernel=3,
    head_hidden=0,
)

CPU_DENSENET = DenseNetConfig(growth=12, blocks=(3, 6, 8), init_features=24, classes=0)
"""Trunk of three dense blocks on the map as it is: one prediction per 16 pixels, as with four on
twice the size, for a quarter of the cost."""
