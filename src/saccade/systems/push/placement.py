"""Where a policy's table stands, and what its networks can be told of that."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from saccade.errors import UserInputError
from saccade.systems.push.config import PushConfig
from saccade.worlds.heightmap import workspace_of
from saccade.worlds.push_box.scene import BoxPlacement
from saccade.worlds.workspace import Workspace


def check_workspace(workspace: Workspace, trained: Workspace) -> None:
    """Refuse a square of another size or resolution than the networks were trained on.

    Raises:
        UserInputError: The square's size or resolution differs; where it lies does not matter.
    """
    given, expected = ((w.size, w.pixel) for w in (workspace, trained))
    if given != expected:
        raise UserInputError(
            f"the workspace's size and pixel are {given[0]:g} and {given[1]:g} m; expected "
            f"{expected[0]:g} and {expected[1]:g} m, as the networks were trained"
        )


def check_box(box: BoxPlacement, config: PushConfig) -> None:
    """Refuse another box than the papers' networks were trained with; GlimpseQ sees any.

    Raises:
        UserInputError: The network knows only its own box.
    """
    own = config.world.scene.box
    if config.network != "glimpse" and box != own:
        raise UserInputError(
            f"the box is {box.edge} {box.offset:g}; the network '{config.network}' knows only the "
            f"box it was trained with ({own})"
        )


def world_of(
    heightmap: Float[np.ndarray, "rows cols"], given: Workspace | None, trained: Workspace
) -> Workspace:
    """The workspace that a heightmap lies on: its own, the one that was given, the trained one.

    Args:
        heightmap: Heights; a `Heightmap` brings its workspace along, a plain array does not.
        given: Workspace that `PushPolicy.at` or an episode's world has named, if any.
        trained: Workspace of the training.

    Raises:
        UserInputError: The heightmap brings another than was given, or one of another size.
    """
    brought = workspace_of(heightmap)
    if brought is None:
        return given or trained
    if given not in (None, brought):
        raise UserInputError(
            f"the heightmap lies on {brought}, the policy was given {given}; expected one "
            "workspace for both: policy.at(workspace)"
        )
    check_workspace(brought, trained)
    return brought
