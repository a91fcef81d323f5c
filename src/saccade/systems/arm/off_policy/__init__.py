"""Learning from replay: how the paper's method and its baselines are trained, kept and loaded."""
