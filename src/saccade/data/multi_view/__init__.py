"""Synchronised videos of one demonstration from several sides: read, written, kept decoded."""
