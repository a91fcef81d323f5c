"""Folders that appear whole or not at all, and folders that one process at a time writes to."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from saccade.errors import FolderInUseError
from saccade.storage.files import remove, remove_leftovers, storage_errors, sync, temporary_folder

LOCK_FILE = ".in-use"
"""The file of a folder that its writer holds; a kill leaves it, and it means nothing then."""
_LONGEST_NOTE = 200


@contextmanager
def atomic_folder(target: Path) -> Iterator[Path]:
    """A temporary folder beside `target` to write into; it becomes `target` if the block succeeds.

    At every moment either the old folder or the new one can be found by `existing_folder(target)`.
    Leftovers of an earlier kill are removed.

    Raises:
        StorageError: The disk refused; the old folder is intact.
    """
    with storage_errors(target):
        _recover(target)
        with temporary_folder(target) as temporary:
            yield temporary
            _sync_tree(temporary)
            _swap(temporary, target)


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """A temporary folder beside `target` that becomes `target` where nothing, or nothing in it, is.

    Raises:
        OSError: The disk refused, or something came there in the meantime.
    """
    with temporary_folder(target) as temporary:
        yield temporary
        _sync_tree(temporary)
        temporary.rename(target)  # the kernel refuses a target that is not empty
        sync(target.parent)


def existing_folder(target: Path) -> Path:
    """`target`, or the old folder set aside for it if a kill came between the two renames."""
    backup = _backup(target)
    return backup if backup.exists() and not target.exists() else target


@contextmanager
def in_use(folder: Path) -> Iterator[None]:
    """Hold a folder, which is made if need be, as the only process that writes to it.

    The lock dies with its process, however that ends. What an earlier kill left half-written in the
    folder is removed. Where the file system has no locks, a line on stderr says so and nothing is
    held.

    Raises:
        FolderInUseError: Another process, or this one already, writes to it; the message says who.
        StorageError: The disk refuses.
    """
    lock = folder / LOCK_FILE
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = _lock(lock)
    try:
        remove_leftovers(folder)
        yield
    finally:
        with suppress(OSError):  # the folder may be gone, or the disk read-only by now
            lock.unlink()
        os.close(descriptor)


def _lock(lock: Path) -> int:
    """A descriptor that holds the lock file; it names its holder."""
    while True:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise _refusal(lock.parent, descriptor) from error
        except OSError as error:
            print(
                f"saccade: note: {lock.parent} is not locked ({error.strerror}): "
                "start no second process that writes there",
                file=sys.stderr,
            )
            return descriptor
        # Its last holder removes the file; who waited at that very moment holds one without a name.
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(descriptor), lock.lstat()):
                _sign(descriptor)
                return descriptor
        os.close(descriptor)


def _sign(descriptor: int) -> None:
    since = datetime.now().astimezone().isoformat(" ", "seconds")
    note = f"process {os.getpid()} on {socket.gethostname()}, since {since}"
    with suppress(OSError):  # a full disk: the lock holds without its text
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, note.encode(), 0)


def _refusal(folder: Path, descriptor: int) -> FolderInUseError:
    note = os.pread(descriptor, _LONGEST_NOTE, 0).decode(errors="replace")
    os.close(descriptor)
    return FolderInUseError(
        f"{folder} is in use by {note or 'another process'}; wait for its end or choose another "
        "folder"
    )


def _backup(target: Path) -> Path:
    return target.with_name(f".{target.name}.old")


def _recover(target: Path) -> None:
    """Put an old folder back in its place, or remove it where the new one made it."""
    backup = _backup(target)
    if backup.exists():
        if target.exists():
            remove(backup)
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
    sync(target.parent)
    shutil.rmtree(backup, ignore_errors=True)


def _sync_tree(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        sync(path)
