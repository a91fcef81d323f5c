"""Words that depend on a number."""

from __future__ import annotations


def counted(number: int, one: str, several: str = "") -> str:
    """A number with its noun: "1 thread", "2 threads", "30,000 pushes".

    Args:
        number: Number of the things.
        one: Noun for one of them.
        several: Noun for several; with an s, or es after s, x, sh and ch, if not given.
    """
    plural = several or one + ("es" if one.endswith(("s", "x", "sh", "ch")) else "s")
    return f"{number:,} {one if number == 1 else plural}"
