"""The policies that a command can name: the learned one, and what it is compared with."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

from saccade.errors import UserInputError
from saccade.systems.push.baselines import (
    EdgeRandomPolicy,
    PrivilegedPolicy,
    RandomPolicy,
    ScriptedPolicy,
)
from saccade.systems.push.config import NEAR_EDGE, MaskConfig, MaskKind
from saccade.systems.push.decision import Policy
from saccade.systems.push.weights import SYSTEM, load_policy, with_mask
from saccade.verbs.lookup import weights_folder

PolicyName = Literal["learned", "random", "edge", "scripted", "privileged"]
MaskName = Literal["own"] | MaskKind

BASELINES: dict[PolicyName, Callable[[], Policy]] = {
    "random": RandomPolicy,
    "edge": partial(EdgeRandomPolicy, NEAR_EDGE),
    "scripted": partial(ScriptedPolicy, NEAR_EDGE),
    "privileged": partial(PrivilegedPolicy, config=NEAR_EDGE),
}


def policy_maker(
    name: PolicyName, weights: str = "", mask: MaskName = "own"
) -> Callable[[], Policy]:
    """A function that builds a policy in each worker; weights are read once here, to fail early.

    Args:
        name: Name of the policy.
        weights: Weights of the learned policy.
        mask: Mask that the learned policy looks through instead of its own.

    Raises:
        UserInputError: There are no such weights, or they hold no such mask.
        DamagedFileError: The weights cannot be read.
    """
    if name != "learned":
        if mask != "own":
            raise UserInputError(f"--mask is {mask} for the policy '{name}'; expected 'learned'")
        return BASELINES[name]
    folder = weights_folder(weights, SYSTEM)
    make = partial(load_policy, folder)
    if mask != "own":
        make = partial(with_mask, folder, MaskConfig(kind=mask))
    make()
    return make
