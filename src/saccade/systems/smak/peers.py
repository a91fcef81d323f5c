"""The embedders of the peers, TCN and TCC, on the same trunks."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.networks.blocks import Norm
from saccade.systems.smak.layers import ShiftedConv, ShiftedLinear, draw_weights
from saccade.systems.smak.model_config import TccHeadConfig, TcnHeadConfig
from saccade.systems.smak.smak_head import Attended


class SpatialSoftArgmax(nn.Module):
    """Expected position of each feature map under the softmax of its values over the places.

    Positions are -1 at the centres of the first column and row, 1 at those of the last (Finn et
    al. 2016). The temperature is learned.
    """

    def __init__(self) -> None:
        super().__init__()
        self.temperature = nn.Parameter(torch.ones(()))

    def forward(
        self, maps: Float[Tensor, "n c h w"]
    ) -> tuple[Float[Tensor, "n 2*c"], Float[Tensor, "n c h w"]]:
        """Positions x of all maps and then y of all maps; and the softmaxes themselves."""
        n, _, rows, columns = maps.shape
        weights = (maps.flatten(2) / self.temperature).softmax(dim=2).view_as(maps)
        x = torch.linspace(-1, 1, columns, dtype=maps.dtype, device=maps.device)
        y = torch.linspace(-1, 1, rows, dtype=maps.dtype, device=maps.device)
        points = torch.stack([weights.sum(dim=2) @ x, weights.sum(dim=3) @ y], dim=1)
        return points.view(n, -1), weights


class TcnHead(nn.Module):
    """Embedder of multi-view TCN: convolutions, spatial soft-argmax, hidden layer, embedding.

    Args:
        in_channels: Feature maps of the trunk.
        config: The settings.
        norm: Norm within the embedder.
        size: Length of the embedding.
        generator: Source of the random start; None for torch's global generator.
    """

    def __init__(
        self,
        in_channels: int,
        config: TcnHeadConfig,
        norm: Norm = "batch",
        size: int = 32,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.convolutions = _convolutions(in_channels, config.widths, norm)
        self.soft_argmax = SpatialSoftArgmax()
        self.hidden = ShiftedLinear(2 * config.widths[-1], config.hidden, norm)
        self.dropout = nn.Dropout(config.dropout)
        self.embed = nn.Linear(config.hidden, size)
        draw_weights(self, generator)

    def attend(self, maps: Float[Tensor, "n c h w"]) -> Attended:
        """Embeddings, with one map: the mean of the softmaxes, which says where its points are."""
        points, weights = self.soft_argmax(self.convolutions(maps))
        embedding = self.embed(self.dropout(self.hidden(points)))
        return Attended(embedding, (weights.mean(dim=1),))

    def forward(self, maps: Float[Tensor, "n c h w"]) -> Float[Tensor, "n size"]:
        """Embeddings of a trunk's feature maps."""
        return self.attend(maps).embedding


class TccHead(nn.Module):
    """Embedder of TCC: convolutions, global max-pool, hidden layers, embedding.

    Args:
        in_channels: Feature maps of the trunk.
        config: The settings.
        norm: Norm within the embedder.
        size: Length of the embedding.
        generator: Source of the random start; None for torch's global generator.
    """

    def __init__(
        self,
        in_channels: int,
        config: TccHeadConfig,
        norm: Norm = "batch",
        size: int = 32,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.convolutions = _convolutions(in_channels, config.widths, norm)
        layers: list[nn.Module] = []
        width = config.widths[-1]
        for hidden in config.hidden:
            layers += [nn.Linear(width, hidden), nn.ReLU()]
            width = hidden
        self.hidden = nn.Sequential(*layers)
        self.embed = nn.Linear(width, size)
        draw_weights(self, generator)

    def attend(self, maps: Float[Tensor, "n c h w"]) -> Attended:
        """Embeddings, with one map: the share of feature maps whose maximum each place has."""
        maps = self.convolutions(maps)
        places = maps.flatten(2)
        most = places.amax(dim=2)
        share = (places == most[:, :, None]).to(maps.dtype)
        share = share / share.sum(dim=2, keepdim=True)
        embedding = self.embed(self.hidden(most))
        return Attended(embedding, (share.mean(dim=1).unflatten(1, maps.shape[2:]),))

    def forward(self, maps: Float[Tensor, "n c h w"]) -> Float[Tensor, "n size"]:
        """Embeddings of a trunk's feature maps."""
        return self.embed(self.hidden(self.convolutions(maps).amax(dim=(2, 3))))


def _convolutions(inputs: int, widths: tuple[int, ...], norm: Norm) -> nn.Sequential:
    """Convolutions with filters of 3 x 3 that keep the size."""
    pairs = zip((inputs, *widths[:-1]), widths, strict=True)
    return nn.Sequential(*(ShiftedConv(given, width, 3, 1, norm) for given, width in pairs))
