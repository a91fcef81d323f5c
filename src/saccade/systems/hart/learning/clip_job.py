"""The job of a process that generates clips, apart from `clips` so that it loads no PyTorch."""

from __future__ import annotations

from saccade.data.tracking.synthetic import SyntheticClip, SyntheticConfig, generate_clip


def make_clip(_: None, index: int, *, seed: int, config: SyntheticConfig) -> SyntheticClip:
    """Clip `index`, as `map_episodes` asks for it."""
    return generate_clip(seed, index, config)
