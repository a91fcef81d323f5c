"""Boxes appear as one whole file or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from full_disk import REFUSAL, files_of_at_most
from saccade.data.tracking.box_file import BoxFile
from saccade.errors import StorageError


def write(path: Path, rows: int, x: float = 1.0) -> None:
    with BoxFile(path, {"video": "a"}) as boxes:
        for frame in range(rows):
            boxes.add(frame, (x, 2.0, 3.0, 4.0), 0.5, False)


@pytest.mark.parametrize("name", ["boxes.csv", "boxes.json"])
def test_two_runs_with_one_file_leave_that_of_the_last_to_end(name: str, tmp_path: Path) -> None:
    path, alone = tmp_path / name, tmp_path / "alone" / name
    write(alone, rows=2)
    with BoxFile(path, {"video": "a"}) as boxes:
        boxes.add(0, (1.0, 2.0, 3.0, 4.0), 0.5, False)
        write(path, rows=5, x=9.0)
        boxes.add(1, (1.0, 2.0, 3.0, 4.0), 0.5, False)
    assert path.read_bytes() == alone.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["alone", name]


@pytest.mark.parametrize("name", ["boxes.csv", "boxes.json"])
@pytest.mark.parametrize("room", [0, 10, 20_000])
def test_a_full_disk_is_one_line_and_keeps_what_was_there(
    name: str, room: int, tmp_path: Path
) -> None:
    write(tmp_path / name, rows=1)
    before = (tmp_path / name).read_bytes()
    with files_of_at_most(room), pytest.raises(StorageError, match=REFUSAL) as caught:
        write(tmp_path / name, rows=2000)
    assert "\n" not in str(caught.value)
    assert (tmp_path / name).read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_an_error_on_the_way_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), BoxFile(tmp_path / "b.json", {}) as boxes:  # noqa: PT012
        boxes.add(0, (1.0, 2.0, 3.0, 4.0), 0.5, False)
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []
    write(tmp_path / "b.json", rows=0)
    assert json.loads((tmp_path / "b.json").read_text()) == {"video": "a", "boxes": []}
