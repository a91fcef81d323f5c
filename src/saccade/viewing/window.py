"""A window on the screen that shows pictures as they are made."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any

import numpy as np
from jaxtyping import UInt8

from saccade.errors import UserInputError

Rgb = UInt8[np.ndarray, "_ _ 3"]


class Window:
    """A window; used as a context.

    Args:
        title: Title above the picture.

    Raises:
        UserInputError: There is no display, or this Python has no Tk.
    """

    def __init__(self, title: str) -> None:
        try:
            self._tk: Any = importlib.import_module("tkinter")
        except ModuleNotFoundError as error:
            raise UserInputError(
                "--show needs Tk, which this Python lacks (sudo apt-get install -y python3-tk); "
                "leave it out: the film is written to --out"
            ) from error
        try:
            self._root = self._tk.Tk()
        except self._tk.TclError as error:
            raise UserInputError(
                f"--show needs a display ({error}); leave it out: the film is written to --out"
            ) from error
        self._root.title(title)
        self._label = self._tk.Label(self._root)
        self._label.pack()
        self.is_closed = False
        """Whether its user closed it."""
        self._root.protocol("WM_DELETE_WINDOW", self._close)

    def showing(self, frames: Iterable[Rgb]) -> Iterator[Rgb]:
        """Pass frames on, each shown before."""
        for frame in frames:
            self.show(frame)
            yield frame

    def show(self, frame: Rgb) -> None:
        """Show a frame; nothing where the window was closed."""
        if self.is_closed:
            return
        height, width = frame.shape[:2]
        data = b"P6 %d %d 255\n" % (width, height) + frame.tobytes()
        self._picture = self._tk.PhotoImage(data=data, format="PPM")  # kept: Tk does not
        self._label.configure(image=self._picture)
        self._root.update()

    def _close(self) -> None:
        self.is_closed = True

    def __enter__(self) -> Window:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._root.destroy()
