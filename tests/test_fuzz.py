"""Damaged files, thousands of them: a value that is sound, or one line, and nothing else.

`FUZZ=1000 make fuzz` gives every reader so many inputs, FUZZ_SEED=2 others; the suite gives few.
"""

from __future__ import annotations

import importlib
import inspect
import math
import os
import pkgutil
import shutil
import signal
import zipfile
import zlib
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import saccade.data
from fuzz_readers import READERS, Reader
from limits import TooSlow, in_memory, in_time
from saccade.errors import DamagedFileError, SaccadeError

INPUTS = int(os.environ.get("FUZZ", "0"))
"""Of each reader; 0: `USUAL`, fewer where they cost more: half a minute for all."""
USUAL = 240
SEED = int(os.environ.get("FUZZ_SEED", "1"))
SPLICED = 0.1
"""Share of inputs that go on as another file."""
MOST_CPU_SECONDS = 10
"""Of one input."""
MOST_BYTES = 200 << 20
"""By which reading may let the process grow."""
LONGEST_MESSAGE = 1500
MOST_LEVELS = 50
"""Of a value that are looked at."""
NAMED = ("read_", "load_", "open_", "count_")
NO_READERS = {"natural_order"}


def assert_sound(value: Any, deep: int = 0) -> None:
    """Numbers are finite and no absurd ones; arrays may have NaN for what is absent."""
    if deep > MOST_LEVELS:
        return
    if isinstance(value, np.ndarray):
        if value.dtype.kind == "f":
            assert not np.isinf(value).any()
        assert value.dtype.kind in "biufU"
    elif isinstance(value, float | int):
        assert math.isfinite(value)
    elif isinstance(value, dict):
        for item in value.values():
            assert_sound(item, deep + 1)
    elif isinstance(value, list | tuple):
        for item in value:
            assert_sound(item, deep + 1)
    elif is_dataclass(value):
        for field in fields(value):
            assert_sound(getattr(value, field.name), deep + 1)


def outcome(reader: Reader, path: Path) -> str:
    """What is wrong with how an input was taken; "" if nothing is."""
    try:
        with in_time(MOST_CPU_SECONDS):
            assert_sound(reader.read(path))
    except SaccadeError as error:
        message = str(error)
        if not message or "\n" in message or len(message) > LONGEST_MESSAGE:
            return f"a message of {len(message)} letters: {message[:300]!r}"
    except TooSlow:
        return "takes too long"
    except Exception as error:  # noqa: BLE001 - whatever else comes is a fault
        where = inspect.getinnerframes(error.__traceback__)[-1] if error.__traceback__ else None
        return f"{type(error).__name__}: {str(error)[:300]} ({where and where[1:3]})"
    return ""


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_a_damaged_file_is_read_soundly_or_refused_in_one_line(
    reader: Reader, tmp_path: Path
) -> None:
    (tmp_path / "case").mkdir()
    path = reader.make(tmp_path / "case")
    valid = path.read_bytes()
    reader.read(path)  # the example itself
    foreign = _another(reader, tmp_path / "other" / "case")
    wrong: list[str] = []
    with in_memory(MOST_BYTES):
        for number in range(INPUTS or USUAL // reader.cost):
            rng = np.random.default_rng([SEED, zlib.crc32(reader.name.encode()), number])
            mutate = reader.mutations[int(rng.integers(len(reader.mutations)))]
            damaged = mutate(valid, rng)
            if rng.random() < SPLICED:
                other = (valid, foreign, mutate(valid, rng))[int(rng.integers(3))]
                damaged = damaged[: rng.integers(len(damaged) + 1)] + other[len(other) // 2 :]
            path.write_bytes(damaged)
            if problem := outcome(reader, path):
                kept = tmp_path / f"input_{number}{path.suffix}"
                shutil.copy(path, kept)
                wrong.append(f"{kept.name} ({mutate.__name__}): {problem}")
    assert not wrong, f"{len(wrong)} inputs, in {tmp_path}:\n" + "\n".join(wrong[:20])


def _another(reader: Reader, folder: Path) -> bytes:
    """The example of another reader."""
    folder.mkdir(parents=True)
    return READERS[READERS.index(reader) - 1].make(folder).read_bytes()


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_what_is_no_file_is_not_waited_for(reader: Reader, tmp_path: Path) -> None:
    (tmp_path / "case").mkdir()
    path = reader.make(tmp_path / "case")
    path.unlink()

    def ring(*_: object) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(60)
    try:
        for become in (os.mkfifo, os.mkdir, lambda p: os.symlink("/dev/zero", p)):
            become(path)
            assert not outcome(reader, path)
            path.rmdir() if path.is_dir() else path.unlink()
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def test_every_reader_of_data_is_in_the_list() -> None:
    covered = {covers for reader in READERS for covers in reader.covers}
    missing = []
    for info in pkgutil.walk_packages(saccade.data.__path__, "saccade.data."):
        module = importlib.import_module(info.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            public = function.__module__ == info.name and name.startswith(NAMED)
            if public and {"path", "folder"} & set(inspect.signature(function).parameters):
                missing += [] if function in covered else [f"{info.name}.{name}"]
    helpers = {"saccade.data.tracking.annotation.read_lines"}
    helpers |= {"saccade.data.tracking.annotation.read_table"}
    assert set(missing) - helpers == set(), (
        "add a Reader with `covers=` to READERS in tests/fuzz_readers.py for each of these"
    )


def test_a_bomb_is_not_inflated(tmp_path: Path) -> None:
    """600 MB of zeros in half a megabyte, as an array of an episode."""
    reader = next(reader for reader in READERS if reader.name == "episode")
    path = reader.make(tmp_path)
    with zipfile.ZipFile(path) as old:
        members = {name: old.read(name) for name in old.namelist()}
    shape = (150_000, 1, 1000)
    text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}}}\n".encode()
    header = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for name, content in members.items():
            if name != "poses.npy":
                new.writestr(name, content)
        with new.open("poses.npy", "w", force_zip64=True) as file:
            file.write(header)
            for _ in range(600):
                file.write(bytes(1_000_000))
    with in_memory(MOST_BYTES), in_time(1), pytest.raises(DamagedFileError) as caught:
        reader.read(path)
    assert "poses has shape (150000, 1, 1000); expected (t+1, n, 7)" in str(caught.value)
