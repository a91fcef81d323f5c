"""From a configuration to its tracker."""

from __future__ import annotations

from saccade.systems.hart.config import HartConfig
from saccade.systems.hart.model import Hart
from saccade.systems.hart.ratm import Ratm


def build_tracker(config: HartConfig) -> Hart | Ratm:
    """The untrained tracker that `config.arm` names."""
    return Ratm(config) if config.arm == "ratm" else Hart(config)
