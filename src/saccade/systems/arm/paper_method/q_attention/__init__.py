"""Q-attention: the pixel to look at next, learned as an action by Q-learning (section 4.1)."""
