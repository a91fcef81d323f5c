"""The tracker of a configuration."""

from __future__ import annotations

from saccade.systems.hart.config import HartConfig
from saccade.systems.hart.model import Hart
from saccade.systems.hart.mohart.relations import MultiHart
from saccade.systems.hart.ratm import Ratm


def build_tracker(config: HartConfig) -> Hart | Ratm:
    """The untrained tracker of `config.variant`; with relations, if it has heads for them."""
    if config.variant == "ratm":
        return Ratm(config)
    return MultiHart(config) if config.relations.heads else Hart(config)
