"""Weights for a larger network: what it has more of begins without effect.

A second training may look at more than the first one did: at a recent glimpse
(`appearance.recent_from`), at how the box last moved (`memory.moved`). The weights of these inputs
begin at zero, so that the larger network follows as the smaller one does, until it has learnt
better.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from saccade.attention.dynamic_filter import FilterShape
from saccade.errors import UserInputError
from saccade.systems.hart.model import Hart

REASON_LENGTH = 200
"""Number of letters of PyTorch's reason that an error repeats: it may list every weight."""


def inherit(heir: nn.Module, donor: nn.Module) -> None:
    """Give a network the weights of another one, which may know of less.

    Args:
        heir: Network whose weights are replaced.
        donor: Network of the same settings, or without the heir's `appearance.recent_from` and
            `memory.moved`.

    Raises:
        UserInputError: The networks differ in more than that.
    """
    given = dict(donor.state_dict())
    if isinstance(heir, Hart) and isinstance(donor, Hart):
        given = _widened(heir, donor, given)
    try:
        heir.load_state_dict(given)
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:REASON_LENGTH]
        raise UserInputError(
            "the weights to begin with are of a network of other settings; expected the same, or "
            f"without appearance.recent_from and memory.moved ({reason})"
        ) from error


def _widened(heir: Hart, donor: Hart, given: dict[str, Tensor]) -> dict[str, Tensor]:
    """The donor's weights with zeros, or copies, where the heir has inputs that it has not."""
    known, all_known = len(donor.appearance.matching), len(heir.appearance.matching)
    for index in range(known, all_known) if known else ():
        for name, tensor in donor.appearance.matching[0].state_dict().items():
            given[f"appearance.matching.{index}.{name}"] = tensor
    more = heir.appearance.out_features - donor.appearance.out_features
    moved = heir.to_features.in_features - donor.to_features.in_features - more
    if min(more, moved) < 0:
        return given
    # v_t reads: what is seen | the window | how the box moved
    seen, window = given["to_features.weight"].split(
        [
            donor.appearance.out_features,
            donor.to_features.in_features - donor.appearance.out_features,
        ],
        dim=1,
    )
    given["to_features.weight"] = torch.cat([F.pad(seen, (0, more)), F.pad(window, (0, moved))], 1)
    if donor.appearance.dorsal is not None and more:
        shape = donor.appearance.dorsal.shapes[0]
        maps = heir.config.appearance.matches * (all_known - known)
        for name in ("appearance.dorsal.output.weight", "appearance.dorsal.output.bias"):
            given[name] = _more_maps(given[name], shape, maps)
    return given


def _more_maps(made: Tensor, shape: FilterShape, maps: int) -> Tensor:
    """The rows that make dynamic filters, the first layer's so that `maps` more maps weigh 0.

    Args:
        made: Weights or biases (size, ...) of the filters' last layer.
        shape: Shape of the first dynamic layer.
        maps: Number of maps more that it reads.
    """
    count = shape.out_channels * shape.fan_in
    filters = made[:count].unflatten(0, (shape.out_channels, shape.in_channels, -1))
    none = filters.new_zeros(shape.out_channels, maps, *filters.shape[2:])
    return torch.cat([torch.cat([filters, none], dim=1).flatten(0, 2), made[count:]])
