"""The C library's memory allocator, set to keep what training frees and soon asks for again."""

from __future__ import annotations

import ctypes
import sys

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Parameters of glibc's mallopt, as malloc.h numbers them."""
KEPT = 1 << 30
"""Largest size of blocks that stay with the process [bytes]."""


def keep_freed_memory() -> None:
    """Reuse large blocks instead of giving them back to the kernel after every step.

    Activations of 224 x 224 maps are larger than glibc's threshold for fresh pages, and clearing
    those pages costs a quarter of a training step on a CPU. Without glibc nothing happens.
    """
    if sys.platform != "linux":
        return
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return
    mallopt(M_MMAP_THRESHOLD, KEPT)
    mallopt(M_TRIM_THRESHOLD, KEPT)
