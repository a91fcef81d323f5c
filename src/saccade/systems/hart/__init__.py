"""Follow one object through a video: where it is, what it looks like, whether it is in sight."""
