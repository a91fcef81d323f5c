"""Files that appear whole or not at all, whatever kills the process or fills the disk.

A file is written beside its place under a name that nobody can guess, brought to the disk and
renamed. Its writer holds a lock on it, which the kernel lets go when the writer dies; whoever
writes next in the same folder removes what nobody holds.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from saccade.errors import DamagedFileError, StorageError

_TEMPORARY = re.compile(r"\..*\.[0-9a-f]{8}\.part", re.DOTALL)
_NAME_KEPT = 40
"""Characters of the target's name in its temporary's: file systems limit names to 255 bytes."""
_ATTEMPTS = 100
_UNSYNCABLE = (errno.EINVAL, errno.ENOTSUP)
"""Errors of file systems that cannot bring a folder to the disk by itself."""


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn an `OSError` of the block into a one-line `StorageError` that names `path`."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise StorageError(
            f"{path} could not be written: {reason}; what was there before is intact"
        ) from error


def make_folder(folder: Path) -> None:
    """Make a folder for results, if it is not there.

    Raises:
        StorageError: The disk refuses.
    """
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that appears at once and is on the disk when this returns.

    Raises:
        StorageError: The disk refuses; what was there before is intact.
    """
    with storage_errors(path), whole_file(path) as file:
        file.write(data)


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write to, which takes its place at `path` if the block succeeds.

    Raises:
        OSError: The disk refuses (see `storage_errors`), or `path` is a device or a pipe.
    """
    with _whole(path) as (_, descriptor):
        file = open(descriptor, "r+b", closefd=False)  # noqa: SIM115 - see below
        try:
            yield file
            file.flush()
        finally:
            with suppress(OSError):  # what a full disk refused, closing would try to write again
                file.close()


@contextmanager
def whole_path(path: Path) -> Iterator[Path]:
    """The path of such a file as `whole_file` opens; the file is there and empty.

    Raises:
        OSError: The disk refuses, or `path` is a device or a pipe.
    """
    with _whole(path) as (temporary, _):
        yield temporary


@contextmanager
def temporary_folder(target: Path) -> Iterator[Path]:
    """A new folder beside `target`; it is removed in the end, unless it was renamed.

    Raises:
        OSError: The disk refuses.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with _temporary_beside(target, _new_folder) as (temporary, _):
        yield temporary


@contextmanager
def _whole(path: Path) -> Iterator[tuple[Path, int]]:
    if path.exists() and not path.is_file():
        raise FileExistsError(errno.EEXIST, "it is there and no regular file")
    path.parent.mkdir(parents=True, exist_ok=True)
    with _temporary_beside(path, _new_file) as (temporary, descriptor):
        yield temporary, descriptor
        os.fsync(descriptor)
        temporary.replace(path)
        sync(path.parent)


@contextmanager
def _temporary_beside(path: Path, make: Callable[[Path], int]) -> Iterator[tuple[Path, int]]:
    """The temporary that `make` makes beside `path`, and the descriptor that holds it.

    Args:
        path: The file or folder that it is to replace.
        make: Function that makes a file or folder not there yet, and returns a descriptor of it.
    """
    remove_leftovers(path.parent)
    for _ in range(_ATTEMPTS):
        temporary = path.with_name(f".{path.name[:_NAME_KEPT]}.{secrets.token_hex(4)}.part")
        try:
            descriptor = make(temporary)
        except FileExistsError:
            continue
        if _hold(descriptor, temporary):
            break
        os.close(descriptor)
    else:
        raise FileExistsError(errno.EEXIST, "no name is free for a temporary file beside it")
    try:
        yield temporary, descriptor
    finally:
        with suppress(OSError):
            remove(temporary)
        os.close(descriptor)


def remove_leftovers(folder: Path) -> None:
    """Remove temporaries that a kill left in `folder`: those that no living process holds.

    Where the file system has no locks nobody can tell, and they stay.
    """
    with suppress(OSError):
        for name in os.listdir(folder):
            if is_temporary(name):
                _remove_unheld(folder / name)


def is_temporary(name: str) -> bool:
    """Whether a file or folder of that name is one that is still being written, or was left."""
    return _TEMPORARY.fullmatch(name) is not None


def remove(path: Path) -> None:
    """Remove a file, or a folder with all that is in it; nothing where nothing is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Return once the disk has a file, or the names in a folder: a rename is only safe then."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _UNSYNCABLE:
            raise
    finally:
        os.close(descriptor)


def require_file(path: Path, most_bytes: int | None = None) -> None:
    """Refuse what is not a regular file before it is opened: reading a pipe waits for ever.

    Raises:
        DamagedFileError: It is missing, no regular file, or larger than `most_bytes`.
    """
    try:
        facts = path.stat()
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte
        reason = getattr(error, "strerror", None) or error
        raise DamagedFileError(f"cannot read {path}: {reason}") from error
    if not stat.S_ISREG(facts.st_mode):
        kind = "folder" if stat.S_ISDIR(facts.st_mode) else "pipe, socket or device"
        raise DamagedFileError(f"cannot read {path}: it is a {kind}; expected a file")
    if most_bytes is not None and facts.st_size > most_bytes:
        raise DamagedFileError(
            f"{path} has {facts.st_size:,} bytes; expected at most {most_bytes:,}"
        )


def _new_file(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)


def _new_folder(path: Path) -> int:
    path.mkdir()
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)


def _hold(descriptor: int, path: Path) -> bool:
    """Lock a new temporary; False where a sweep took it for a leftover in between."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except (BlockingIOError, FileNotFoundError):
        return False
    except OSError:  # no locks here; then no sweep removes anything either
        return True


def _remove_unheld(path: Path) -> None:
    # For a shared network file system a lock needs a descriptor that may write; folders have none.
    access = os.O_RDONLY if path.is_dir() else os.O_RDWR
    with suppress(OSError):
        descriptor = os.open(path, access | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            remove(path)
        finally:
            os.close(descriptor)
