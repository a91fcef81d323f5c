"""Where push looks: which of the 224 x 224 x 16 pushes are worth valuing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from saccade.attention.edge_mask import edge_mask
from saccade.errors import UserInputError
from saccade.systems.push.config import PushConfig
from saccade.systems.push.model import PushMask
from saccade.training.device import device_of
from saccade.training.precision import Precision, reduced
from saccade.worlds.workspace import N_DIRECTIONS

Map = Float[np.ndarray, "rows cols"]
Mask = Bool[np.ndarray, "16 rows cols"]
QMap = Float[np.ndarray, "16 rows cols"]


class Attention:
    """Choice of the pushes that are worth valuing: by PushMask, by the edge mask, or all.

    Args:
        config: The system's settings; `mask.kind` decides.
        network: Trained PushMask, for "learned".
        threshold: Probability above which a push is valid.
    """

    def __init__(self, config: PushConfig, network: PushMask | None, threshold: float) -> None:
        self._mask, self._network, self.threshold = config.mask, network, threshold
        self._precision: Precision = config.precision
        self._shape = (N_DIRECTIONS, *config.world.scene.workspace.shape)

    def probability(self, heightmap: Map) -> QMap:
        """Probability that each push changes the scene; 0 or 1 for edge masks."""
        if self._mask.kind == "none":
            return np.ones(self._shape, np.float32)
        if self._mask.kind == "edge":
            return edge_mask(heightmap, self._mask.edge).astype(np.float32)
        return self.learned(heightmap)

    def learned(self, heightmap: Map) -> QMap:
        """PushMask's probability that each push changes the scene, whatever the policy looks
        through.

        Raises:
            UserInputError: The weights hold no PushMask.
        """
        if self._network is None:
            raise UserInputError("these weights hold no PushMask; expected a run that trained one")
        return run_network(self._network, heightmap, self._precision, torch.sigmoid)

    def factors(self, heightmap: Map) -> tuple[QMap, Mask]:
        """Factors of Q, hard (0 or 1) or soft (probabilities), and the pushes that are valid."""
        probability = self.probability(heightmap)
        valid = probability >= self.threshold
        return (probability if self._mask.soft else valid.astype(np.float32)), valid


def run_network(
    network: torch.nn.Module,
    heightmap: Map,
    precision: Precision,
    activation: Callable[[Tensor], Tensor] | None = None,
) -> QMap:
    """Maps of all 16 directions for one heightmap."""
    device = device_of(network)
    with torch.inference_mode(), reduced(precision, device):
        x = torch.from_numpy(np.ascontiguousarray(heightmap, np.float32))[None, None]
        y = network(x.contiguous(memory_format=torch.channels_last).to(device)).float()
        return (activation(y) if activation else y)[0].cpu().numpy()
