"""What the paper's method and its baselines share: rows of replay, and how to learn from them."""
