"""ImageNet weights by URL, where there is internet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http.client import HTTPException
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor, nn

from saccade.errors import UserInputError

DENSENET121_URL = "https://download.pytorch.org/models/densenet121-a639ec97.pth"

# The published files are older than the parameter names: "norm.1.weight" is today's "norm1.weight".
_OLD_NAME = re.compile(r"(denselayer\d+\.(?:norm|conv))\.([12]\.)")


@dataclass(frozen=True)
class PretrainedReport:
    """Outcome of the attempt; belongs in the run's metadata.

    Attributes:
        pretrained: Whether the published weights were loaded.
        message: Line that says what was loaded, or why the network keeps its random start.
    """

    pretrained: bool
    message: str


def load_imagenet(network: nn.Module, url: str) -> PretrainedReport:
    """Fill `network` with published weights; keep its random start if they fail.

    The file is verified against the hash in its name and read as tensors only (no pickled code).
    The first convolution is summed over the colours where the network has one input channel; a
    classifier that the network does not have is left out.

    Args:
        network: Network with the parameter names of the file.
        url: Address of the published file, for instance `DENSENET121_URL`.

    Raises:
        UserInputError: The file is of another network.
    """
    try:
        state: dict[str, Any] = torch.hub.load_state_dict_from_url(
            url, map_location="cpu", progress=False, check_hash=True, weights_only=True
        )
    except (OSError, HTTPException, RuntimeError, EOFError, UnpicklingError) as error:
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        return PretrainedReport(False, f"random start: could not fetch {url} ({reason})")
    fitted = fit_state(state, network.state_dict())
    network.load_state_dict(fitted)
    return PretrainedReport(True, f"ImageNet weights from {url}")


def fit_state(published: dict[str, Tensor], own: dict[str, Tensor]) -> dict[str, Tensor]:
    """The published weights under our names, with the first convolution fitted to our input.

    Args:
        published: Content of the file.
        own: The network's `state_dict()`, for names and shapes.

    Raises:
        UserInputError: A weight is missing or of another shape; the message names it.
    """
    renamed = {_OLD_NAME.sub(r"\1\2", name): value for name, value in published.items()}
    fitted = {}
    for name, value in own.items():
        if name.endswith("num_batches_tracked"):
            fitted[name] = value  # Absent from old files, and of no effect at inference.
            continue
        weights = renamed.get(name)
        if (
            weights is not None
            and weights.dim() == 4
            and (weights.shape[1], value.shape[1]) == (3, 1)
        ):
            # The three colours of a grey image are equal, so their weights add up.
            weights = weights.sum(dim=1, keepdim=True)
        if weights is None or weights.shape != value.shape:
            found = "missing" if weights is None else f"of shape {tuple(weights.shape)}"
            raise UserInputError(
                f"the published weights do not fit this network: {name} is {found}; "
                f"expected {tuple(value.shape)}"
            )
        fitted[name] = weights
    return fitted
