"""Shared by the suite: every registered system, and one small training of each a session."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import pytest
import torch

from conformance.case import Conforming, conforming
from saccade import cli
from saccade.systems import SYSTEMS

SEED = 7


@pytest.fixture(autouse=True, scope="package")
def one_thread() -> Iterator[None]:
    """These networks are small: more threads only wait for each other."""
    before = torch.get_num_threads(), cv2.getNumThreads()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    yield
    torch.set_num_threads(before[0])
    cv2.setNumThreads(before[1])


@pytest.fixture(autouse=True)
def cheap(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the system's case makes smaller."""
    if "system" in request.fixturenames:
        for name, value in request.getfixturevalue("system").case.patches.items():
            monkeypatch.setattr(name, value)


@pytest.fixture(scope="session", params=list(SYSTEMS))
def system(request: pytest.FixtureRequest) -> Conforming:
    return conforming(request.param)


@pytest.fixture(scope="session")
def trained(system: Conforming, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was trained without interruption, one for all workers; to be read only."""
    root = tmp_path_factory.getbasetemp()
    root = root.parent if "PYTEST_XDIST_WORKER" in os.environ else root
    run, done = root / f"conforming-{system.name}", root / f"conforming-{system.name}.done"
    with (root / f"conforming-{system.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            assert command("train", system.name, *first(system, run)) == 0
            done.touch()
    return run


@pytest.fixture(scope="session")
def evaluated(system: Conforming, trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An evaluation of that run; to be read only."""
    out = tmp_path_factory.mktemp(system.name) / "eval"
    options = ("--weights", trained, "--out", out, *system.case.eval)
    assert command("eval", system.name, *options) == 0
    return out


@pytest.fixture
def copied(trained: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Makes a copy of a part of the run, to be damaged: "" is the run, "weights" its weights."""

    def copy(part: str) -> Path:
        return shutil.copytree(trained / part, tmp_path / "copy" / (part or "run"))

    return copy


def first(system: Conforming, run: Path) -> tuple[object, ...]:
    """Options of the small training."""
    return ("--preset", "smoke", "--seed", SEED, "--out", run, *system.case.train)


def command(*argv: object) -> int:
    """Run one command; returns its exit code."""
    return cli.main([str(word) for word in argv])
