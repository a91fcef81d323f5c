"""What the trunk learns before any task: what is where in pictures of primitives."""
