"""Folders that appear whole, and folders in use."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from killing import killed_before
from saccade.errors import FolderInUseError
from saccade.storage.folders import LOCK_FILE, atomic_folder, existing_folder, in_use, new_folder

HOLD = """
import sys
from pathlib import Path
from saccade.storage.folders import in_use
with in_use(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_folder_in_use_says_by_whom(tmp_path: Path):
    command = [sys.executable, "-c", HOLD, str(tmp_path / "out")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(FolderInUseError) as caught, in_use(tmp_path / "out"):
            pass
        this_year = time.strftime("%Y")
        assert re.search(
            rf"out is in use by process {other.pid} on .*, since {this_year}-", f"{caught.value}"
        )
        assert caught.value.exit_code == 2
        assert "\n" not in str(caught.value)
        assert [p.name for p in (tmp_path / "out").iterdir()] == [LOCK_FILE]
        other.kill()
    with in_use(tmp_path / "out"):
        assert str(os.getpid()) in (tmp_path / "out" / LOCK_FILE).read_text()
    assert list((tmp_path / "out").iterdir()) == []


def test_a_folder_is_held_once_and_let_go_after_an_error(tmp_path: Path):
    with pytest.raises(ZeroDivisionError), in_use(tmp_path):  # noqa: PT012
        with pytest.raises(FolderInUseError), in_use(tmp_path):
            pass
        raise ZeroDivisionError
    with in_use(tmp_path), in_use(tmp_path / "inside"):
        pass


def test_without_locks_a_line_says_so(tmp_path: Path, monkeypatch, capsys):
    def none(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr("saccade.storage.folders.fcntl.flock", none)
    with in_use(tmp_path), in_use(tmp_path):
        pass
    assert "is not locked (No locks available)" in capsys.readouterr().err


def test_what_a_kill_left_is_removed_by_the_next_in_the_folder(tmp_path: Path):
    (tmp_path / ".a.0123abcd.part").touch()
    with in_use(tmp_path):
        assert [p.name for p in tmp_path.iterdir()] == [LOCK_FILE]


def test_a_link_in_place_of_the_lock_is_not_followed(tmp_path: Path):
    (tmp_path / "theirs").write_text("theirs")
    (tmp_path / LOCK_FILE).symlink_to(tmp_path / "theirs")
    with pytest.raises(Exception, match="Too many levels of symbolic links"), in_use(tmp_path):
        pass
    assert (tmp_path / "theirs").read_text() == "theirs"


def replace(folder: Path, content: str) -> None:
    with atomic_folder(folder) as temporary:
        (temporary / "deep").mkdir()
        (temporary / "deep" / "file").write_text(content)


def test_a_kill_at_any_moment_leaves_the_old_folder_or_the_new_one(tmp_path: Path):
    folder, seen = tmp_path / "f", set()
    for calls in range(50):
        replace(folder, "old")
        assert [p.name for p in tmp_path.iterdir()] == ["f"]
        died = killed_before(calls, lambda: replace(folder, "new"))
        seen.add((existing_folder(folder) / "deep" / "file").read_text())
        if not died:
            break
    assert seen == {"old", "new"}
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


def test_a_new_folder_does_not_replace_one_that_came_in_between(tmp_path: Path):
    folder = tmp_path / "f"
    with pytest.raises(OSError, match="not empty"), new_folder(folder) as temporary:  # noqa: PT012
        (temporary / "ours").touch()
        folder.mkdir()
        (folder / "theirs").touch()
    assert [p.name for p in folder.iterdir()] == ["theirs"]
    assert [p.name for p in tmp_path.iterdir()] == ["f"]
