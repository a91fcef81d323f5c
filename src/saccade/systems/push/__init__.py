"""Push objects into a box: an attention mask says which pushes matter, a Q map which to make."""
