"""Writing files so that a kill or a full disk at any moment loses nothing that was there before."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from saccade.errors import DamagedFileError, StorageError, UserInputError


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turns an `OSError` of the block into a one-line `StorageError` that names `path`."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise StorageError(
            f"could not write {path}: {reason}; what was there before is intact"
        ) from error


def make_folder(folder: Path) -> None:
    """Make a folder for results, if it is not there.

    Raises:
        StorageError: The disk refuses.
    """
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)


def write_synced(path: Path, content: bytes) -> None:
    """Writes a file and returns once the disk has it."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Makes the names in `folder` durable: a rename is only safe once its folder is on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def atomic_folder(target: Path) -> Iterator[Path]:
    """A temporary folder beside `target` to write into; it becomes `target` if the block succeeds.

    At every moment either the old folder or the new one can be found by `existing_folder(target)`.
    Leftovers of an earlier kill are removed.

    Raises:
        StorageError: the disk refused; the old folder is intact.
    """
    temporary = target.with_name(f".{target.name}.new")
    with storage_errors(target):
        _recover(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        try:
            yield temporary
            _sync_tree(temporary)
            _swap(temporary, target)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def existing_folder(target: Path) -> Path:
    """`target`, or the old folder set aside for it if a kill came between the two renames."""
    backup = _backup(target)
    return backup if backup.exists() and not target.exists() else target


def _backup(target: Path) -> Path:
    return target.with_name(f".{target.name}.old")


def _recover(target: Path) -> None:
    """Puts an old folder back in its place, or removes it where the new one made it."""
    backup = _backup(target)
    if backup.exists():
        if target.exists():
            shutil.rmtree(backup)
        else:
            backup.rename(target)


def _swap(temporary: Path, target: Path) -> None:
    backup = _backup(target)
    replaced = target.exists()
    if replaced:
        target.rename(backup)
    try:
        temporary.rename(target)
    except OSError:
        if replaced:
            backup.rename(target)
        raise
    sync_folder(target.parent)
    shutil.rmtree(backup, ignore_errors=True)


def _sync_tree(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            sync_folder(path)


def plain_json(content: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A copy of `content` as JSON would give it back (tuples become lists).

    Raises:
        UserInputError: it holds something that JSON cannot; `name` says what it was meant for.
    """
    try:
        return json.loads(json.dumps(dict(content), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise UserInputError(f"the {name} cannot be written as JSON: {error}") from error


def write_json(path: Path, content: Any) -> None:
    """Writes JSON, indented, durable. `content` must consist of JSON's own types."""
    write_synced(path, (json.dumps(content, indent=1, allow_nan=False) + "\n").encode())


def read_json(path: Path) -> Any:
    """The content of a JSON file.

    Raises:
        DamagedFileError: the file is missing or is not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DamagedFileError(f"cannot read {path}: {error.strerror or error}") from error
    except ValueError as error:
        raise DamagedFileError(f"{path} is damaged: not valid JSON ({error})") from error
