"""Template matching: how alike each cell of a feature map is to each cell of another.

The cells of two maps, each of unit length, are compared by their inner products: a matrix product,
which gives for every cell of the one map a picture of where in the other it would fit. Bertinetto
et al. (2016) correlate whole templates so; here every cell is a template of its own, which bears
rotation and deformation.
"""

from __future__ import annotations

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


def unit_cells(maps: Float[Tensor, "N C H W"]) -> Float[Tensor, "N C cells"]:
    """The cells of feature maps, row by row, each of unit length."""
    return F.normalize(maps.flatten(2), dim=1)


def similarity(
    maps: Float[Tensor, "N C H W"], template: Float[Tensor, "N C cells"]
) -> Float[Tensor, "N cells H W"]:
    """Cosine of each cell of the maps with each of a template, -1 to 1.

    Args:
        maps: Maps that are searched.
        template: Cells from `unit_cells`.
    """
    alike = template.transpose(1, 2) @ unit_cells(maps)
    return alike.unflatten(2, maps.shape[2:])
