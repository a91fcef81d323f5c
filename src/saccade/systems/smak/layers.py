"""Layers of the embedders, as TensorFlow's slim has them, in which they were published."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.networks.blocks import Norm, make_norm


class ShiftedConv(nn.Module):
    """Convolution, norm with a learned shift, ReLU; the size is only divided by `stride`.

    The norm has no learned scale: the next layer has it. The published numbers of parameters are
    those of this layer.

    Args:
        inputs: Feature maps that it takes.
        width: Feature maps that it gives.
        kernel: Side of the filters [cells]: odd.
        stride: Cells from one place to the next.
        norm: "batch" or "group".
    """

    def __init__(self, inputs: int, width: int, kernel: int, stride: int, norm: Norm) -> None:
        super().__init__()
        padding = kernel // 2
        self.conv = nn.Conv2d(inputs, width, kernel, stride=stride, padding=padding, bias=False)
        self.norm = _without_scale(make_norm(norm, width))

    def forward(self, x: Float[Tensor, "n _ _ _"]) -> Float[Tensor, "n _ _ _"]:
        return torch.relu(self.norm(self.conv(x)))


class ShiftedLinear(nn.Module):
    """Linear layer, norm with a learned shift, ReLU.

    Args:
        inputs: Numbers that it takes.
        width: Numbers that it gives.
        norm: "batch", or "group", with which each row is normalised by itself.
    """

    def __init__(self, inputs: int, width: int, norm: Norm) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, width, bias=False)
        scaled = nn.BatchNorm1d(width) if norm == "batch" else nn.GroupNorm(1, width)
        self.norm = _without_scale(scaled)

    def forward(self, x: Float[Tensor, "n _"]) -> Float[Tensor, "n _"]:
        return torch.relu(self.norm(self.linear(x)))


def draw_weights(network: nn.Module, generator: torch.Generator | None) -> None:
    """Set every weight of the convolutions and linear layers: He normal; biases are 0.

    Args:
        network: Network whose layers are set; shifts of norms start at 0 as they are.
        generator: Source of the random start; None for torch's global generator.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu", generator=generator)
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def _without_scale(norm: nn.Module) -> nn.Module:
    """The norm with its scale kept at 1: it is neither learned nor stored."""
    scale = torch.ones_like(norm.get_parameter("weight")).detach()
    # Without a weight, the gradient of a group norm that has a bias fails in torch 2.13.
    del norm.weight
    norm.register_buffer("weight", scale, persistent=False)
    return norm
