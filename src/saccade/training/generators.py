"""The state of random generators in a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from saccade.errors import DamagedFileError

Generators = Mapping[str, np.random.Generator | torch.Generator]


def capture_generators(generators: Generators) -> dict[str, Any]:
    """States by name, for `save_checkpoint`; torch's global generators are included.

    Args:
        generators: All explicit generators that the training loop draws from.
    """
    states: dict[str, Any] = {"torch.global": torch.get_rng_state()}
    if torch.cuda.is_available():
        states["torch.cuda"] = torch.cuda.get_rng_state_all()
    for name, generator in generators.items():
        if isinstance(generator, torch.Generator):
            states[name] = generator.get_state()
        else:
            states[name] = generator.bit_generator.state
    return states


def restore_generators(states: Mapping[str, Any], generators: Generators) -> None:
    """Set every generator to its captured state, in place; the next draws are those not yet made.

    Raises:
        DamagedFileError: A generator's state is missing or does not fit it.
    """
    for name, generator in {"torch.global": torch.default_generator, **generators}.items():
        if name not in states:
            raise DamagedFileError(
                f"the checkpoint holds no random state {name!r}; "
                f"it holds: {', '.join(sorted(states))}"
            )
        try:
            if isinstance(generator, torch.Generator):
                generator.set_state(states[name])
            else:
                generator.bit_generator.state = states[name]
        except (TypeError, ValueError, OverflowError, RuntimeError, KeyError) as error:
            raise DamagedFileError(f"the random state {name!r} does not fit: {error}") from error
    if "torch.cuda" in states and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(states["torch.cuda"])
