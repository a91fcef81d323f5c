"""Work that is killed, as by SIGKILL, at a chosen call that changes the disk."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

KILLED = 9


def killed_before(calls: int, work: Callable[[], object]) -> bool:
    """Do work in a process that dies before it changes the disk once more than `calls` times.

    Returns:
        Whether it died; where the work ended first, False.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # fork beside threads: the child calls nothing of theirs
        child = os.fork()
    if child == 0:
        _die_before(calls)
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, KILLED)
    return code == KILLED


def _die_before(calls: int) -> None:
    """From now on, in this process."""
    left = iter(range(calls))

    def counted(change: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if next(left, None) is None:
                os._exit(KILLED)
            return change(*args, **kwargs)

        return call

    for owner, names in (
        (Path, ("mkdir", "rename", "replace", "unlink", "write_bytes")),
        (os, ("fsync", "pwrite")),
        (shutil, ("rmtree",)),
    ):
        for name in names:
            setattr(owner, name, counted(getattr(owner, name)))
