"""SMAK-Net: an embedding of frames, learned from synchronised views of one demonstration."""
