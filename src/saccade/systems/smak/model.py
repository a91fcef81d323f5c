"""SMAK-Net (Ramachandruni et al. 2019), and its peers TCN and TCC: frames in, embeddings out.

A trunk turns a frame into a feature map; a head turns the map into an embedding of 32 numbers.
SMAK-Net's head (`smak_head`) goes on from the map in four steps, L1, L2, L3 and g, and asks each
place of each level how well it goes with g.

Deviations from the paper, with their settings. Its Fig. 2a has no sizes; those here are the ones
that give its numbers of parameters.
- What is weighed are the levels' features mapped to the length of g, as in Jetley et al.: so the
  numbers of parameters have it.
- The strides of L2, L3 and g are taken to be 2 (`smak.strides`), those on a ResNet's map 1.
- `trunk.kind="light"` (`cpu`): Inception takes seconds a step on two cores.
- `norm="group"` (`cpu`): statistics of a batch of similar frames are other ones than those of use.
- `unit_length` (`cpu`), with the loss "cosine": the literal loss comes to rest at ln N, where all
  embeddings are alike; see `losses` and `collapse`.
- `frames` beyond 1 are the paper's future work.

Frames are (n, frames, 3, h, w), 0..1 or uint8; the last of `frames` is the one that is embedded.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float, Real
from torch import Tensor, nn

from saccade.systems.smak.model_config import ModelConfig
from saccade.systems.smak.peers import TccHead, TcnHead
from saccade.systems.smak.smak_head import Attended, SmakHead
from saccade.systems.smak.trunks import build_trunk, to_signed

Head = SmakHead | TcnHead | TccHead


class EmbeddingNetwork(nn.Module):
    """Trunk and head.

    Args:
        config: The settings.
        generator: Source of the random start; None for torch's global generator.
    """

    def __init__(self, config: ModelConfig, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.config = config
        trunk = build_trunk(config.trunk, generator)
        self.trunk = trunk.network.requires_grad_(not config.trunk.frozen)
        self.dropout = nn.Dropout(config.trunk.dropout)
        self.head = build_head(config, trunk.channels * config.frames, generator)

    def features(
        self, frames: Real[Tensor, "n frames 3 h w"]
    ) -> Float[Tensor, "n frames c rows columns"]:
        """Feature maps of the trunk, frame by frame: what may be kept while the trunk is frozen."""
        maps = self.trunk(to_signed(frames.flatten(0, 1)))
        return maps.unflatten(0, frames.shape[:2])

    def attend_features(self, features: Float[Tensor, "n frames c rows columns"]) -> Attended:
        """Embeddings and attention maps of the trunk's feature maps."""
        found = self.head.attend(self.dropout(with_motion(features)))
        return found._replace(embedding=self._finish(found.embedding))

    def embed_features(
        self, features: Float[Tensor, "n frames c rows columns"]
    ) -> Float[Tensor, "n size"]:
        """Embeddings of the trunk's feature maps."""
        return self._finish(self.head(self.dropout(with_motion(features))))

    def attend(self, frames: Real[Tensor, "n frames 3 h w"]) -> Attended:
        """Embeddings of frames, with the attention map of each level."""
        return self.attend_features(self.features(frames))

    def forward(self, frames: Real[Tensor, "n frames 3 h w"]) -> Float[Tensor, "n size"]:
        """Embeddings of frames."""
        return self.embed_features(self.features(frames))

    def train(self, mode: bool = True) -> EmbeddingNetwork:
        """Switch to training; a frozen trunk keeps the statistics of its norms."""
        super().train(mode)
        if self.config.trunk.frozen:
            self.trunk.eval()
        return self

    def _finish(self, embedding: Float[Tensor, "n size"]) -> Float[Tensor, "n size"]:
        return F.normalize(embedding, dim=1) if self.config.unit_length else embedding


def build_head(config: ModelConfig, in_channels: int, generator: torch.Generator | None) -> Head:
    """The head of the method.

    Args:
        config: The settings.
        in_channels: Feature maps that it takes.
        generator: Source of the random start; None for torch's global generator.
    """
    made = {"norm": config.norm, "size": config.size, "generator": generator}
    if config.method == "tcn":
        return TcnHead(in_channels, config.tcn, **made)
    if config.method == "tcc":
        return TccHead(in_channels, config.tcc, **made)
    return SmakHead(in_channels, config.smak, **made)


def with_motion(
    features: Float[Tensor, "n frames c rows columns"],
) -> Float[Tensor, "n frames*c rows columns"]:
    """Feature maps of several frames as one: the last frame's, and its change since each earlier.

    A convolution of these computes what one of the plain maps side by side could; but motion, small
    beside what stands still, is there to see from the first step on, and a trunk that is frozen
    sees each frame once, however many embeddings it is part of.
    """
    last = features[:, -1:]
    return torch.cat([last, last - features[:, :-1]], dim=1).flatten(1, 2)
