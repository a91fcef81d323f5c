"""Executes the signatures while the tests run (see pytest's settings): shapes, and most types.

Shapes of arrays are checked everywhere. Other types are checked where no user's mistake arrives,
and where tests do not stand in for what is expected: a wrong word must be refused by its receiver.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Self

from beartype import BeartypeConf, beartype

ALL_TYPES = ("attention", "data", "statistics", "viewing", "worlds")
"""Parts of the package whose types are checked beside their shapes."""
ARRAY = re.compile(r"\b(Float|Int|UInt|Bool|Real|Num|Shaped|Inexact|Integer)\d*\[")

_beartype = beartype(conf=BeartypeConf(is_pep484_tower=True))
"""As type checkers do, take an int where a float is wanted."""


def check(function: Callable[..., Any]) -> Callable[..., Any]:
    """Check what a function takes and gives. `Self` means nothing outside of a checked class."""
    part = function.__module__.split(".")[1:2]
    hints = function.__annotations__
    for name, hint in list(hints.items()):
        typed = part and part[0] in ALL_TYPES and hint not in ("Self", Self)
        if not typed and not ARRAY.search(str(hint)):
            del hints[name]
    return _beartype(function)
