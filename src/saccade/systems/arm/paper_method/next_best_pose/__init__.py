"""Next-best pose: soft actor-critic on the crop, with confidence-aware critics (section 4.2)."""
