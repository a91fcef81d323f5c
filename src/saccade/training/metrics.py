"""Metrics of a run: one JSON object a line, always; TensorBoard, W&B, trackio where asked for."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from importlib import import_module
from io import FileIO
from pathlib import Path
from typing import Any, Literal, Protocol, SupportsFloat

from saccade.errors import DamagedFileError, MissingExtraError, UserInputError
from saccade.storage.files import require_file, storage_errors
from saccade.storage.json_files import MOST_BYTES, decode_json

SinkName = Literal["tensorboard", "wandb", "trackio"]
SINK_NAMES = ("tensorboard", "wandb", "trackio")


MOST_STEPS = 10**12
"""Most steps of a training."""


class MetricsSink(Protocol):
    """Something that shows metrics while a run is going."""

    def write(self, step: int, values: Mapping[str, float]) -> None:
        """Takes the values of one step; names are `stage/name`."""
        ...

    def close(self) -> None:
        """Flushes and lets go."""
        ...


class MetricsWriter:
    """Appends lines `{"step": ..., "stage": ..., name: value, ...}` to `metrics.jsonl`.

    Every line is handed to the operating system at once, so a kill loses nothing that was written.

    Args:
        path: File to write; it is created where it is missing and continued where it exists.
        keep_lines: Number of lines to keep; a resumed run writes those after them again.
        sinks: Sinks that take the same values; they cannot be cut, so after a resume a sink shows
            the repeated steps twice.
    """

    def __init__(
        self, path: Path | str, *, keep_lines: int | None = None, sinks: Sequence[MetricsSink] = ()
    ) -> None:
        self._path = Path(path)
        self._sinks = tuple(sinks)
        with storage_errors(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self.lines = _cut(self._path, keep_lines)
            # No buffer: it would keep a refused line and write it later.
            self._file = self._path.open("ab", buffering=0)

    def write(self, step: int, stage: str, values: Mapping[str, SupportsFloat | str]) -> None:
        """Appends one line; numbers that are not finite become null, which JSON can hold.

        Raises:
            UserInputError: A value is called "step" or "stage", or is no number or string.
            StorageError: The disk refused.
        """
        plain = {name: _plain(name, value) for name, value in values.items()}
        line = json.dumps({"step": step, "stage": stage, **plain}, allow_nan=False)
        with storage_errors(self._path):
            _append(self._file, line.encode() + b"\n")
        self.lines += 1
        numbers = {
            f"{stage}/{name}": float(value)
            for name, value in plain.items()
            if isinstance(value, int | float)
        }
        for sink in self._sinks:
            sink.write(step, numbers)

    def close(self) -> None:
        """Closes the file and the sinks."""
        self._file.close()
        for sink in self._sinks:
            sink.close()

    def __enter__(self) -> MetricsWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read_metrics(path: Path | str) -> list[dict[str, Any]]:
    """All complete lines of a metrics file, in order; a last line cut short by a kill is left out.

    Raises:
        DamagedFileError: The file is missing, or a line before the last is no record.
    """
    path = Path(path)
    require_file(path, MOST_BYTES)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DamagedFileError(f"cannot read {path}: {error.strerror or error}") from error
    records = []
    for number, line in enumerate(content.split(b"\n")[:-1], start=1):
        try:
            record = decode_json(line)
        except ValueError as error:
            raise DamagedFileError(f"{path}, line {number}, is damaged: {error}") from error
        if not _is_record(record):
            raise DamagedFileError(
                f"{path}, line {number}, is damaged: expected an object with a step (0 or more), a "
                "stage, and numbers, texts or null"
            )
        records.append(record)
    return records


def _is_record(line: Any) -> bool:
    if not isinstance(line, dict) or not all(
        value is None or isinstance(value, bool | int | float | str) for value in line.values()
    ):
        return False
    step = line.get("step")
    return type(step) is int and 0 <= step <= MOST_STEPS and isinstance(line.get("stage"), str)


def make_sink(name: str, folder: Path, run_name: str, config: Mapping[str, Any]) -> MetricsSink:
    """The adapter called `name`; its files go below `folder` (the run).

    Raises:
        UserInputError: The name is unknown.
        MissingExtraError: The adapter's package is missing; the message names the extra `log`.
    """
    if name == "tensorboard":
        return _TensorBoard(folder / "tensorboard")
    if name in ("wandb", "trackio"):
        return _Tracker(name, folder, run_name, config)
    raise UserInputError(f"unknown metrics sink {name!r}; valid sinks: {', '.join(SINK_NAMES)}")


class _TensorBoard:
    def __init__(self, folder: Path) -> None:
        _import("tensorboard")
        self._writer = _import("torch.utils.tensorboard").SummaryWriter(str(folder))

    def write(self, step: int, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self._writer.add_scalar(name, value, step)

    def close(self) -> None:
        self._writer.close()


class _Tracker:
    """Sink for W&B, and for trackio, which offers the same calls."""

    def __init__(self, name: str, folder: Path, run_name: str, config: Mapping[str, Any]) -> None:
        module = _import(name)
        folders = {"dir": str(folder)} if name == "wandb" else {}
        self._run = module.init(project="saccade", name=run_name, config=dict(config), **folders)

    def write(self, step: int, values: Mapping[str, float]) -> None:
        self._run.log({**values, "step": step})

    def close(self) -> None:
        self._run.finish()


def _import(module: str) -> Any:
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise MissingExtraError(module, "log") from error


def _plain(name: str, value: Any) -> float | int | str | None:
    if name in ("step", "stage"):
        raise UserInputError(
            f"a metric cannot be called {name!r}: every line has that field already"
        )
    if isinstance(value, bool | int | str):
        return value
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        kind = type(value).__name__
        raise UserInputError(
            f"metric {name!r} is a {kind}; expected a number or a string"
        ) from error
    return number if math.isfinite(number) else None


def _append(file: FileIO, line: bytes) -> None:
    """Appends the whole line or, where the disk refuses, nothing."""
    size = os.fstat(file.fileno()).st_size
    try:
        while line:
            line = line[file.write(line) :]
    except OSError:
        file.truncate(size)
        raise


def _cut(path: Path, keep_lines: int | None) -> int:
    """Drops a half-written last line and all lines after `keep_lines`; returns the lines left."""
    if not path.exists():
        return 0
    content = path.read_bytes()
    lines = content.splitlines(keepends=True)
    if lines and not lines[-1].endswith(b"\n"):
        lines.pop()
    lines = lines[:keep_lines]
    with path.open("r+b") as file:
        file.truncate(sum(len(line) for line in lines))
    return len(lines)
