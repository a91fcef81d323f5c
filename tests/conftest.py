"""For all tests: the command line as a user has it, and calls as from a user's program."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jaxtyping
import pytest

from saccade import cli


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


@pytest.fixture
def unchecked_types(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets values of a wrong type or shape through to our own checks, as in a user's program."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
