from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from saccade.errors import UserInputError
from saccade.viewing.window import Window


class Tk(ModuleType):
    """Stands for tkinter with a display, whose user closes the window after so many pictures."""

    TclError = RuntimeError

    def __init__(self, closed_after: int) -> None:
        super().__init__("tkinter")
        self.left, self.pictures, self.destroyed = closed_after, [], False

    def Tk(self) -> Any:
        return SimpleNamespace(
            title=lambda text: None, protocol=self._protocol, update=self._update,
            destroy=lambda: setattr(self, "destroyed", True),
        )  # fmt: skip

    def Label(self, root: Any) -> Any:
        return SimpleNamespace(pack=lambda: None, configure=lambda image: None)

    def PhotoImage(self, data: bytes, format: str) -> bytes:
        self.pictures.append(data)
        return data

    def _protocol(self, name: str, close: Any) -> None:
        self.close = close

    def _update(self) -> None:
        self.left -= 1
        if self.left == 0:
            self.close()


def frames(count: int) -> list[np.ndarray]:
    return [np.full((2, 3, 3), i, np.uint8) for i in range(count)]


def test_frames_are_shown_and_passed_on(monkeypatch: pytest.MonkeyPatch):
    tk = Tk(closed_after=2)
    monkeypatch.setitem(sys.modules, "tkinter", tk)
    with Window("camera") as window:
        passed = list(window.showing(frames(4)))
        assert window.is_closed
    assert len(passed) == 4
    assert tk.pictures == [b"P6 3 2 255\n" + bytes([i] * 18) for i in range(2)]
    assert tk.destroyed


def test_no_display_and_no_tk_are_one_line(monkeypatch: pytest.MonkeyPatch):
    def refuse() -> None:
        raise RuntimeError("no display name and no $DISPLAY environment variable")

    tk = Tk(1)
    monkeypatch.setattr(tk, "Tk", refuse)
    for module, message in ((tk, r"needs a display \(no display name"), (None, "needs Tk")):
        monkeypatch.setitem(sys.modules, "tkinter", module)
        with pytest.raises(UserInputError, match=f"--show {message}.*leave it out: the film"):
            Window("camera")
