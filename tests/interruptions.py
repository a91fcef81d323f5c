"""Trainings that are stopped or killed: what ends them, and what they leave."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from saccade.training import fit as fit_module
from saccade.training.interrupt import GracefulStop
from saccade.training.run import Run


def stop_after(checks: int) -> Callable[[], GracefulStop]:
    """What replaces GracefulStop so that a stop is requested from the n-th look at it on."""

    class StopAfter(GracefulStop):
        looks = 0

        @property
        def requested(self) -> bool:
            self.looks += 1
            return self.looks > checks

    return StopAfter


def tree(folder: Path) -> dict[str, bytes]:
    """The content of every file below a folder."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def left_by(run: Run) -> dict[str, bytes]:
    """Everything that a training leaves but versions and times.

    These are in run.json and clock.json and, as moments of writing, in packed arrays.
    """
    files = tree(run.folder)
    return {
        n: c
        for n, c in files.items()
        if n not in ("run.json", "clock.json") and not n.endswith(".npz")
    }


def assert_same_files(run: Run, expected: Run) -> None:
    one, two = left_by(run), left_by(expected)
    assert one.keys() == two.keys()
    assert [name for name in one if one[name] != two[name]] == []


def kill_between_steps(
    train: Callable[[], object], kills: Iterable[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Train in sittings, each killed before the gradient step of that number, counted from 0."""
    descend = fit_module._descend
    for kill_at in kills:
        steps = iter(range(100))

        def killed(*args: Any, kill_at: int = kill_at, steps: Any = steps) -> None:
            if next(steps) == kill_at:
                raise KeyboardInterrupt
            descend(*args)

        with monkeypatch.context() as patch:
            patch.setattr(fit_module, "_descend", killed)
            with pytest.raises(KeyboardInterrupt):
                train()
