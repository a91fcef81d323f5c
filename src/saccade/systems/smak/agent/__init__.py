"""An agent that learns from rewards, such as those of demonstrations."""
