"""MOHART: several objects of one video, which tell each other how they look and where they are.

Fuchs, Kosiorek et al. (2019), "End-to-end Recurrent Multi-Object Tracking and Trajectory Prediction
with Relational Reasoning". Every object has a HART of its own, all with the same weights, and the
objects of a video are related by multi-head self-attention: whatever their number and order.

Deviations from the paper:
- The attention stands between the memory and the heads: the memory of an object stays its own, so
  that a mistaken neighbour spoils one answer and not what is remembered.
- An object is known to the others by the memory's output and the position of its window, and what
  it hears is added to its own output. The sum starts at nothing: untrained relations change no box,
  and the weights of a HART that has learnt alone may be continued.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int, Real
from torch import Tensor, nn

from saccade.attention.gaussian_glimpse import boxes_to_attention
from saccade.systems.hart.config import HartConfig
from saccade.systems.hart.model import Hart, HartState
from saccade.systems.hart.model_config import RelationConfig


class Relations(nn.Module):
    """Multi-head self-attention over the objects of a video.

    Args:
        config: The settings, with one head or more.
        units: Length of an object's features.
    """

    def __init__(self, config: RelationConfig, units: int) -> None:
        super().__init__()
        self.heads = config.heads
        self.to_token = nn.Linear(units + 4, config.width)
        self.to_query_key_value = nn.Linear(config.width, 3 * config.width)
        self.to_message = nn.Linear(config.width, units)
        nn.init.zeros_(self.to_message.weight)
        nn.init.zeros_(self.to_message.bias)

    def forward(
        self,
        features: Float[Tensor, "N units"],
        windows: Float[Tensor, "N 4"],
        together: Bool[Tensor, "N N"],
    ) -> Float[Tensor, "N units"]:
        """The features and what each object hears of the others.

        Args:
            features: Features of all objects of all videos.
            windows: Window of each object, as attention parameters.
            together: Whether the object of a row may hear that of a column; its own always.
        """
        tokens = F.elu(self.to_token(torch.cat([features, windows], dim=1)))
        parts = self.to_query_key_value(tokens).unflatten(1, (3, self.heads, -1))
        query, key, value = parts.permute(1, 2, 0, 3)  # each (heads, N, width / heads)
        heard = F.scaled_dot_product_attention(query, key, value, attn_mask=together)
        return features + self.to_message(heard.transpose(0, 1).flatten(1))


class MultiHart(Hart):
    """HART for several objects a video: `begin` is told which of them share one.

    Its parameters are those of `Hart`, and those of `relations`.

    Args:
        config: The settings, with `relations.heads` above 0.
    """

    def __init__(self, config: HartConfig) -> None:
        super().__init__(config)
        self.relations = Relations(config.relations, config.memory.units)

    def begin(
        self,
        frame: Real[Tensor, "N C H W"],
        boxes: Float[Tensor, "N 4"],
        videos: Int[Tensor, " N"] | None = None,
    ) -> HartState:
        """See `Tracker.begin`; without `videos` no object knows of another."""
        return self.initialise(frame, boxes)._replace(videos=videos)

    def relate(
        self,
        output: Float[Tensor, "N units"],
        window: Float[Tensor, "N 4"],
        videos: Int[Tensor, " N"] | None,
        size: tuple[int, int],
    ) -> Float[Tensor, "N units"]:
        """See `Hart.relate`."""
        if videos is None:
            videos = torch.arange(len(output), device=output.device)
        together = videos[:, None] == videos
        return self.relations(output, boxes_to_attention(window, *size), together)
