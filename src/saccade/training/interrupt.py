"""Stopping long work in good order on Ctrl-C or SIGTERM."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class GracefulStop:
    """Context in which the first SIGINT or SIGTERM only sets `requested`.

    The loop looks at `requested` at its next safe point, writes its checkpoint and ends. A second
    signal raises KeyboardInterrupt at once. Signals can only be caught in the main thread:
    elsewhere `requested` stays False and signals keep their effect.

        with GracefulStop() as stop:
            while step < steps and not stop.requested: ...
    """

    def __init__(self) -> None:
        self._signals = 0
        self._before: dict[signal.Signals, Any] = {}

    @property
    def requested(self) -> bool:
        """Whether the work should stop at the next safe point."""
        return self._signals > 0

    def is_requested(self) -> bool:
        """`requested` as a function, for `map_episodes(stop=...)`."""
        return self.requested

    def __enter__(self) -> GracefulStop:
        self._signals = 0
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._on_signal) for number in SIGNALS}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            # None means that a handler was installed from C; Python cannot put it back.
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        self._before = {}

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._signals += 1
        if self._signals > 1:
            raise KeyboardInterrupt
        name = signal.Signals(number).name
        # Not print: the signal may have come in the middle of one, and buffers are not reentrant.
        line = f"\n{name}: stopping at the next safe point; once more stops at once\n"
        with suppress(OSError):  # whoever read it may be gone: Ctrl-C ends `| tee` too
            os.write(2, line.encode())
