"""What is learned from: episodes on disk, and replay."""
