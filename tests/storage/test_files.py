"""Files that appear whole: beside others that write, over links, after kills, on a full disk."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from full_disk import REFUSAL, files_of_at_most
from killing import killed_before
from saccade.errors import DamagedFileError, StorageError
from saccade.storage.files import (
    is_temporary,
    remove_leftovers,
    require_file,
    storage_errors,
    whole_file,
    whole_path,
    write_whole,
)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_replaces_the_one_before_and_keeps_the_usual_mode(tmp_path: Path):
    write_whole(tmp_path / "new" / "a", b"one")
    write_whole(tmp_path / "new" / "a", b"two")
    assert (tmp_path / "new" / "a").read_bytes() == b"two"
    (tmp_path / "plain").touch()
    modes = {stat.S_IMODE((tmp_path / n).stat().st_mode) for n in ("plain", "new/a")}
    assert len(modes) == 1
    assert names(tmp_path / "new") == ["a"]


def test_two_writers_of_one_file_do_not_meet(tmp_path: Path):
    """The file is that of the last to end, whole, whatever their order."""
    with whole_file(tmp_path / "a") as first:
        first.write(b"first " * 1000)
        with whole_file(tmp_path / "a") as second:
            second.write(b"second")
        assert (tmp_path / "a").read_bytes() == b"second"
        first.write(b"end")
    assert (tmp_path / "a").read_bytes() == b"first " * 1000 + b"end"
    assert names(tmp_path) == ["a"]


def test_a_writer_that_opens_by_name_is_as_safe(tmp_path: Path):
    (tmp_path / "a").write_bytes(b"before")
    with whole_path(tmp_path / "a") as place:
        assert is_temporary(place.name)
        place.write_bytes(b"after")
        assert (tmp_path / "a").read_bytes() == b"before"
    assert (tmp_path / "a").read_bytes() == b"after"
    with pytest.raises(ZeroDivisionError), whole_path(tmp_path / "a") as place:  # noqa: PT012
        place.write_bytes(b"half")
        raise ZeroDivisionError
    assert (tmp_path / "a").read_bytes() == b"after"
    assert names(tmp_path) == ["a"]


def test_a_link_is_replaced_and_what_it_points_to_stays(tmp_path: Path):
    (tmp_path / "theirs").write_bytes(b"theirs")
    (tmp_path / "a").symlink_to(tmp_path / "theirs")
    write_whole(tmp_path / "a", b"ours")
    assert (tmp_path / "theirs").read_bytes() == b"theirs"
    assert (tmp_path / "a").read_bytes() == b"ours"


def test_links_under_names_of_temporaries_are_not_followed(tmp_path: Path, monkeypatch):
    (tmp_path / "theirs").write_bytes(b"theirs")
    tokens = iter(["00000000", "00000001"])
    monkeypatch.setattr("saccade.storage.files.secrets.token_hex", lambda _: next(tokens))
    (tmp_path / ".a.00000000.part").symlink_to(tmp_path / "theirs")
    write_whole(tmp_path / "a", b"ours")
    assert (tmp_path / "theirs").read_bytes() == b"theirs"
    assert (tmp_path / "a").read_bytes() == b"ours"


def test_a_full_disk_is_one_line_and_leaves_what_was_there(tmp_path: Path):
    write_whole(tmp_path / "a", b"before")
    with files_of_at_most(100), pytest.raises(StorageError, match=REFUSAL) as caught:
        write_whole(tmp_path / "a", bytes(1000))
    assert "what was there before is intact" in str(caught.value)
    assert (tmp_path / "a").read_bytes() == b"before"
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("kind", ["pipe", "folder"])
def test_only_files_are_replaced(kind: str, tmp_path: Path):
    os.mkfifo(tmp_path / "a") if kind == "pipe" else (tmp_path / "a").mkdir()
    with pytest.raises(StorageError, match="no regular file"):
        write_whole(tmp_path / "a", b"ours")
    assert names(tmp_path) == ["a"]


def test_a_long_name_can_be_written(tmp_path: Path):
    write_whole(tmp_path / ("é" * 127), b"x")
    assert names(tmp_path) == ["é" * 127]


def test_a_kill_at_any_moment_leaves_one_whole_file_and_nothing_for_ever(tmp_path: Path):
    seen = set()
    for calls in range(50):
        write_whole(tmp_path / "a", b"before")
        died = killed_before(calls, lambda: write_whole(tmp_path / "a", b"after"))
        seen.add((tmp_path / "a").read_bytes())
        remove_leftovers(tmp_path)
        assert names(tmp_path) == ["a"]
        if not died:
            break
    assert seen == {b"before", b"after"}
    assert (tmp_path / "a").read_bytes() == b"after"


def test_what_a_living_process_writes_is_no_leftover(tmp_path: Path):
    with whole_file(tmp_path / "a") as file:
        file.write(b"a")
        remove_leftovers(tmp_path)
        write_whole(tmp_path / "b", b"b")  # removes leftovers too
    assert names(tmp_path) == ["a", "b"]


def test_only_our_own_temporaries_are_removed(tmp_path: Path):
    kept = [".a.part", "a.0123abcd.part", ".a.0123abcd.tmp", ".git"]
    for name in kept:
        (tmp_path / name).touch()
    (tmp_path / ".a.0123abcd.part").touch()
    (tmp_path / ".b.0123abcd.part").mkdir()
    (tmp_path / ".b.0123abcd.part" / "inside").touch()
    remove_leftovers(tmp_path)
    assert names(tmp_path) == sorted(kept)


def test_without_locks_files_are_written_all_the_same(tmp_path: Path, monkeypatch):
    def none(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr("saccade.storage.files.fcntl.flock", none)
    (tmp_path / ".a.0123abcd.part").touch()
    write_whole(tmp_path / "a", b"x")
    assert names(tmp_path) == [".a.0123abcd.part", "a"]


def test_a_file_that_a_sweep_removes_before_it_is_held_is_made_again(tmp_path: Path, monkeypatch):
    """The sweep of another process comes between making a temporary and locking it."""
    made = iter([True])
    lock = os.path.samestat

    def swept(one: os.stat_result, two: os.stat_result) -> bool:
        return not next(made, False) and lock(one, two)

    monkeypatch.setattr("saccade.storage.files.os.path.samestat", swept)
    write_whole(tmp_path / "a", b"x")
    assert (tmp_path / "a").read_bytes() == b"x"


def test_an_error_of_the_disk_names_the_file():
    with pytest.raises(StorageError, match="^a/b could not be written: No space"):  # noqa: SIM117
        with storage_errors(Path("a/b")):
            raise OSError(28, "No space left on device")


def test_reading_waits_for_no_pipe(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_bytes(bytes(10))
    require_file(tmp_path / "file", 10)
    for path, message in (
        (tmp_path / "pipe", "it is a pipe, socket or device; expected a file"),
        (Path(os.devnull), "pipe, socket or device"),
        (tmp_path, "it is a folder"),
        (tmp_path / "none", "No such file"),
        (tmp_path / "file" / "none", "Not a directory"),
        (Path("a\0b"), "null byte"),
    ):
        with pytest.raises(DamagedFileError, match=message):
            require_file(path)
    with pytest.raises(DamagedFileError, match="has 10 bytes; expected at most 9"):
        require_file(tmp_path / "file", 9)
