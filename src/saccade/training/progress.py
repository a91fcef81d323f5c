"""Progress of long work: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from typing import Any, Generic, TextIO, TypeVar

from tqdm import tqdm

Item = TypeVar("Item")


class Progress(Generic[Item]):
    """Counter of work that is done. Use `progress` to make one.

    On a terminal a tqdm bar. Elsewhere, at most every `every_s` seconds and once at the end, a line
    of `key=value` pairs that a program can read:

        progress work="offline" done=120 total=1000 elapsed_s=37.5 per_s=3.2 eta_s=275 loss=0.12
    """

    def __init__(
        self,
        items: Iterable[Item],
        total: int | None,
        description: str,
        every_s: float,
        stream: TextIO,
        clock: Callable[[], float],
    ) -> None:
        self._items = items
        self._total = total
        self._description = description
        self._every_s = every_s
        self._stream = stream
        self._clock = clock
        self._done = 0
        self._values: dict[str, float | int | str] = {}
        self._started = self._reported = clock()
        self._reported_done = -1
        self._bar: Any = None
        if stream.isatty():
            self._bar = tqdm(total=total, desc=description, file=stream, dynamic_ncols=True)

    def update(self, n: int = 1, **values: float | int | str) -> None:
        """Count `n` more; `values` are shown beside the count (a loss, a rate)."""
        self._done += n
        self._values.update(values)
        if self._bar is not None:
            if values:
                self._bar.set_postfix(self._values, refresh=False)
            self._bar.update(n)
        elif self._clock() - self._reported >= self._every_s:
            self._report()

    def close(self) -> None:
        """Show the final count."""
        if self._bar is not None:
            self._bar.close()
        elif self._reported_done != self._done:
            self._report()

    def __iter__(self) -> Iterator[Item]:
        with self:
            for item in self._items:
                yield item
                self.update()

    def __enter__(self) -> Progress[Item]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _report(self) -> None:
        self._reported, self._reported_done = self._clock(), self._done
        elapsed = self._reported - self._started
        rate = self._done / elapsed if elapsed > 0 else 0.0
        pairs = [f'progress work="{self._description}"', f"done={self._done}"]
        if self._total is not None:
            pairs.append(f"total={self._total}")
        pairs += [f"elapsed_s={elapsed:.1f}", f"per_s={rate:.3g}"]
        if self._total is not None and rate > 0:
            pairs.append(f"eta_s={max(0, self._total - self._done) / rate:.0f}")
        for name, value in self._values.items():
            pairs.append(f"{name}={value:.4g}" if isinstance(value, float) else f"{name}={value}")
        print(" ".join(pairs), file=self._stream, flush=True)


def progress(
    items: Iterable[Item] | None = None,
    *,
    total: int | None = None,
    description: str = "",
    every_s: float = 5.0,
    stream: TextIO | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Progress[Item]:
    """Show progress on stderr, over `items` or by hand.

        for episode in progress(episodes, total=100, description="evaluation"): ...
        with progress(total=steps, description="offline") as bar: bar.update(1, loss=loss)

    Args:
        items: Items to iterate over; None to count with `update`.
        total: Number of items; None for the length of `items` if it has one.
        description: Name of the work.
        every_s: Least time between two plain lines, in seconds.
        stream: Stream of the plain lines; None for stderr as it is now.
        clock: Clock [s], replaceable for tests.
    """
    if total is None and isinstance(items, Sized):
        total = len(items)
    work = iter(()) if items is None else items
    return Progress(work, total, description, every_s, stream or sys.stderr, clock)
