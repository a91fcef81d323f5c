"""Where to look: the attention mechanisms of the papers, each usable alone."""
