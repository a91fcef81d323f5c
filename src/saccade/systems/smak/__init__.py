"""SMAK-Net: an embedding of frames, learned from synchronised views of one demonstration.

In the making: networks, losses, measures and training are here; the command does not know it yet.
"""
