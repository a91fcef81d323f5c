"""`saccade export push`: the value network, and PushMask where the weights have one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from saccade.systems.push.config import PushConfig
from saccade.systems.push.glimpse_q import CHANNELS, SCALARS, GlimpseQ
from saccade.systems.push.model import PushMask, build_reward_network
from saccade.systems.push.weights import MASK_PREFIX, SYSTEM, VALUE_PREFIX
from saccade.verbs.export import Export, ExportOptions, Part
from saccade.verbs.weights import read_trained

ROWS = 2
"""Rows of the example batches: one alone would be taken for a length that never changes."""
HEIGHTS = "float32 (n, 1, {0}, {1}): heightmaps, metres above the table"
MAPS = "float32 (n, 16, {0}, {1}): {2} of a push that starts at a pixel, in each of 16 directions"


def parts(folder: Path, options: ExportOptions) -> Sequence[Part]:
    """The networks of a folder of weights."""
    trained = read_trained(folder, SYSTEM, PushConfig)
    config, made = trained.config, []
    if trained.has(VALUE_PREFIX):
        network = _glimpse(config) if config.network == "glimpse" else _map(config)
        trained.fill(network.network, VALUE_PREFIX)
        made.append(network)
    if trained.has(MASK_PREFIX):
        mask = PushMask(config.mask.network)
        trained.fill(mask, MASK_PREFIX)
        made.append(_on_maps("-mask", mask, config, "PushMask", "logit that the scene changes"))
    for part in made:
        part.network.eval()
    return made


def _glimpse(config: PushConfig) -> Part:
    shape = config.glimpse.glimpse
    glimpses = torch.rand(ROWS, CHANNELS, shape.height, shape.width)
    return Part(
        "",
        GlimpseQ(config.glimpse),
        "GlimpseQ: the value of pushes; saccade.systems.push.glimpse_q.glimpse_inputs makes its "
        "inputs from a heightmap",
        {"glimpses": glimpses, "scalars": torch.rand(ROWS, SCALARS)},
        ("values",),
        {
            "glimpses": f"float32 (n, {CHANNELS}, {shape.height}, {shape.width}): height [0.1 m], "
            "table, box, cost to go, cropped along each push",
            "scalars": f"float32 (n, {SCALARS}): the camera's direction, and along five rays the "
            "distance to the table's edge and whether the box lies there",
            "values": "float32 (n, 2): gain [pushes], and the logit of losing an object",
        },
        batched=True,
    )


def _map(config: PushConfig) -> Part:
    network = build_reward_network(config)
    return _on_maps("", network, config, f"PushReward, {config.network}", "Q value")


def _on_maps(
    suffix: str, network: torch.nn.Module, config: PushConfig, about: str, what: str
) -> Part:
    size = config.world.scene.workspace.shape
    return Part(
        suffix,
        network,
        f"{about}: a heightmap in, one number for every push out",
        {"heights": 0.1 * torch.rand(ROWS, 1, *size)},
        ("maps",),
        {"heights": HEIGHTS.format(*size), "maps": MAPS.format(*size, what)},
        batched=True,
    )


EXPORT = Export(SYSTEM, ExportOptions, parts)
COMMAND = EXPORT.command()
