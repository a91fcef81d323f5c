"""The command line as a user has it, and weights small enough to follow with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
import torch

from saccade import cli
from saccade.systems.hart.build import build_tracker
from saccade.systems.hart.config import smoke_preset
from saccade.systems.hart.weights import save_tracker


class Done(NamedTuple):
    """What a command left: its exit code and what it printed."""

    code: int
    out: str
    err: str

    def mistake(self, *words: str) -> None:
        """Require one clear line on stderr, with all of `words`, and exit code 2."""
        assert self.code == 2, self
        lines = [line for line in self.err.splitlines() if not line.startswith("progress ")]
        assert len(lines) == 1, lines
        assert lines[0].startswith("saccade: error: ")
        for word in words:
            assert word in lines[0]


Saccade = Callable[..., Done]


@pytest.fixture
def saccade(capsys: pytest.CaptureFixture[str]) -> Saccade:
    """Run one command, with every argument turned into text."""

    def call(*argv: object) -> Done:
        code = cli.main([str(arg) for arg in argv])
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return call


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained tracker, the same at every call."""
    folder = tmp_path_factory.mktemp("tiny") / "weights"
    torch.manual_seed(3)
    save_tracker(folder, smoke_preset(), build_tracker(smoke_preset()))
    return folder
