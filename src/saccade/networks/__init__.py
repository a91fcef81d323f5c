"""Reusable convolutional networks. They know nothing of robots, pushes or any one paper's task."""
