"""Tracking video made from nothing but a seed: see `generate_clip` and `SyntheticConfig`."""

from saccade.data.tracking.synthetic.clip import SyntheticClip, generate_clip
from saccade.data.tracking.synthetic.config import SyntheticConfig

__all__ = ["SyntheticClip", "SyntheticConfig", "generate_clip"]
