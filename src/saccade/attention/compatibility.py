"""Compatibility of local features with a global one: which places matter to the whole.

    c_i = <u, l_i + g>                     (SMAK-Net, Eq. 2, after Jetley et al. 2018)
    a_i = sigmoid(c_i)
    g_a = mean_i a_i l_i

Each place of a map is asked how well its features l_i go with the features g of the whole image; u
is learned. A sigmoid lets several objects matter at once. A softmax over the places has one unit of
attention to share out between them; its weights sum to 1, so the vector is then a sum.
"""

from __future__ import annotations

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

Normalisation = Literal["sigmoid", "softmax", "none"]
NORMALISATIONS: tuple[Normalisation, ...] = ("sigmoid", "softmax", "none")


def compatibility(
    local: Float[Tensor, "n d h w"], whole: Float[Tensor, "n d"], u: Float[Tensor, " d"]
) -> Float[Tensor, "n h w"]:
    """Compatibility scores c_i of each place (Eqs. 1 and 2).

    Args:
        local: Features l_i of each place, mapped to as many numbers as `whole` has.
        whole: Features g of the whole image.
        u: Learned direction.
    """
    # <u, l + g> = <u, l> + <u, g>: the sum of the two maps is never made.
    return torch.einsum("ndhw,d->nhw", local, u) + (whole @ u)[:, None, None]


def attention_weights(
    scores: Float[Tensor, "n h w"], normalisation: Normalisation = "sigmoid"
) -> Float[Tensor, "n h w"]:
    """Attention weights a_i of compatibility scores.

    Args:
        scores: Scores c_i.
        normalisation: "sigmoid" (the paper's), "softmax" over all places (its ablation), or "none":
            weights of 1 for every place, whatever its score.
    """
    if normalisation == "sigmoid":
        return scores.sigmoid()
    if normalisation == "softmax":
        return scores.flatten(1).softmax(dim=1).view_as(scores)
    return torch.ones_like(scores)


def attend(
    local: Float[Tensor, "n d h w"],
    scores: Float[Tensor, "n h w"],
    normalisation: Normalisation = "sigmoid",
) -> tuple[Float[Tensor, "n d"], Float[Tensor, "n h w"]]:
    """Attended features g_a of each map, and the map of attention weights a_i.

    g_a is the mean of a_i l_i over the places ("element-wise averaging"), or for "softmax" the sum.

    Args:
        local: Features l_i of each place.
        scores: Scores c_i.
        normalisation: As for `attention_weights`.
    """
    weights = attention_weights(scores, normalisation)
    places = 1 if normalisation == "softmax" else scores.shape[1] * scores.shape[2]
    return torch.einsum("ndhw,nhw->nd", local, weights) / places, weights
