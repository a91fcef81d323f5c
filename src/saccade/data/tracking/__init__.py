"""Video with boxes: what trackers learn from and are measured on."""
