from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from full_disk import REFUSAL, files_of_at_most
from multi_view_scenes import FRAMES, a_sequence, assert_same, names, pictures, with_view
from saccade.data.multi_view.dataset import open_multi_view, write_sequence
from saccade.errors import StorageError, UserInputError
from saccade.viewing.video import write_video

H264_NOISE = 4.0
"""Mean difference that colours at half the resolution make to these pictures, of 255."""


def filmed(folder: Path, name: str, *lengths: int, ending: str = "mp4") -> None:
    for view, n in enumerate(lengths):
        write_video(folder / f"{name}_view{view}.{ending}", pictures(n, view), 25)


@pytest.mark.parametrize("views", [2, 4])
def test_a_sequence_is_read_as_it_was_written(tmp_path: Path, views: int) -> None:
    made = a_sequence(views=views)
    write_sequence(tmp_path, made, "videos", fps=29.97)
    files = [f"pour_0_view{view}.mp4" for view in range(views)]
    assert names(tmp_path) == ["pour_0_labels.csv", *files]
    (read,) = open_multi_view(tmp_path).sequences
    assert_same(read, made, H264_NOISE)


def test_the_published_names_are_read(tmp_path: Path) -> None:
    """Phones film in other containers, below folders, and numbers may have a dash before them."""
    (tmp_path / "train").mkdir()
    filmed(tmp_path / "train", "creamy", FRAMES, FRAMES, ending="mov")
    filmed(tmp_path, "fast", FRAMES, FRAMES, ending="mkv")
    for view in (0, 1):
        (tmp_path / f"fast_view{view}.mkv").rename(tmp_path / f"fast_view_{view}.MKV")
    dataset = open_multi_view(tmp_path)
    assert [one.name for one in dataset.sequences] == ["fast", "train/creamy"]
    assert dataset.sequences[1].labels == {}


def test_views_are_trimmed_within_the_tolerance(tmp_path: Path) -> None:
    filmed(tmp_path, "a", 8, 6)
    filmed(tmp_path, "b", 6, 9)
    dataset = open_multi_view(tmp_path)
    assert [(one.name, len(one)) for one in dataset.sequences] == [("a", 6)]
    assert dataset.sequences[0].frames(0).shape == (6, 32, 32, 3)
    assert [(one.name, one.reason) for one in dataset.skipped] == [
        ("b", "its parts differ in length: view 1 has 9 frames and view 0 6; expected at most "
              "2 frames between them"),
    ]  # fmt: skip
    assert [len(one) for one in open_multi_view(tmp_path, tolerance=3).sequences] == [6, 6]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("", "is empty"),
        ("phase,phase\n" + "1,1\n" * 6, "names of columns, each once"),
        ("1,2\n" * 7, "names of columns"),
        ("phase,,b\n" + "1,1,1\n" * 6, "names of columns"),
        ("phase\n" + "1\n" * 9, "phase has 9 frames and view 0 6"),
        ("phase\n" + "1\n" * 3, "view 0 has 6 frames and phase 3"),
        ("phase\n1\n1,2\n" + "1\n" * 4, "line 3 has 2 values; expected 1"),
        ("phase\n1\nreach\n" + "1\n" * 4, "line 3 has 'reach' for phase"),
        ("phase\n1\n-1\n" + "1\n" * 4, "line 3 has '-1' for phase"),
        ("phase\n" + "1000\n" * 6, "1000 to 1000; expected 0 to 999"),
        ("frame,phase\n1,0\n2,0\n3,0\n4,0\n5,0\n6,0\n", "do not count 0, 1, 2"),
        ("\xff\n", "is no table"),
    ],
)
def test_labels_that_do_not_match_leave_the_sequence_out(
    tmp_path: Path, table: str, message: str
) -> None:
    filmed(tmp_path, "a", FRAMES, FRAMES)
    filmed(tmp_path, "b", FRAMES, FRAMES)
    (tmp_path / "a_labels.csv").write_text(table, encoding="latin-1")
    dataset = open_multi_view(tmp_path)
    assert [one.name for one in dataset.sequences] == ["b"]
    (skipped,) = dataset.skipped
    assert skipped.name == "a" and message in skipped.reason and "\n" not in skipped.reason


def test_labels_of_a_spreadsheet_are_read(tmp_path: Path) -> None:
    """With a mark of the byte order, Windows' line ends, spaces, and a line at the end."""
    filmed(tmp_path, "a", 3, 3)
    text = "\ufefffr\u0061me, phase ,grip\r\n0, 4,1\r\n1,5,0\r\n2,5,1\r\n\r\n"
    (tmp_path / "a_labels.csv").write_text(text, encoding="utf-8", newline="")
    (sequence,) = open_multi_view(tmp_path).sequences
    assert sequence.phases is not None and sequence.phases.tolist() == [4, 5, 5]
    assert {k: v.tolist() for k, v in sequence.attributes.items()} == {"grip": [1, 0, 1]}


def test_a_file_that_is_no_video_leaves_its_sequence_out(tmp_path: Path) -> None:
    filmed(tmp_path, "a", FRAMES, FRAMES)
    filmed(tmp_path, "b", FRAMES, FRAMES)
    whole = (tmp_path / "a_view1.mp4").read_bytes()
    for content in (whole[: len(whole) // 2], b"", b"no video at all"):
        (tmp_path / "a_view1.mp4").write_bytes(content)
        dataset = open_multi_view(tmp_path)
        assert [one.name for one in dataset.sequences] == ["b"]
        assert "a_view1.mp4 is not a video that can be read" in dataset.skipped[0].reason


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_no_video_stays_open(tmp_path: Path) -> None:
    """A process may have a thousand files open, and a dataset has more."""
    for name in "abc":
        filmed(tmp_path, name, FRAMES + 1, FRAMES)
    before = open_files()
    dataset = open_multi_view(tmp_path)
    for sequence in dataset.sequences:
        first = [sequence.frames(view) for view in (0, 1)]
        np.testing.assert_array_equal(sequence.frames(0), first[0])
        sequence.views[0].read(3)
        sequence.views[0].release()
    assert open_files() == before


def test_two_files_of_a_view_are_told(tmp_path: Path) -> None:
    filmed(tmp_path, "a", FRAMES, FRAMES)
    write_video(tmp_path / "a_view1.mkv", pictures(FRAMES, 1), 25)
    with pytest.raises(UserInputError, match=r"two files of view 1, a_view1\.mp4 is one"):
        open_multi_view(tmp_path)


@pytest.mark.parametrize("fps", [0.0, -1.0, float("nan"), float("inf")])
def test_a_rate_that_is_none_is_refused(tmp_path: Path, fps: float) -> None:
    with pytest.raises(UserInputError, match="expected a number above 0"):
        write_sequence(tmp_path, a_sequence(), "videos", fps)
    assert not names(tmp_path)


def test_odd_sides_are_for_records(tmp_path: Path) -> None:
    images = pictures(height=31, width=33)
    odd: Any = with_view(with_view(a_sequence(), 0, images), 1, images)
    with pytest.raises(UserInputError, match="33 x 31 pixels; .* write records instead"):
        write_sequence(tmp_path, odd, "videos")
    write_sequence(tmp_path / "r", odd)
    assert open_multi_view(tmp_path / "r").sequences[0].views[0].size == (33, 31)


def test_a_full_disk_leaves_no_first_view(tmp_path: Path) -> None:
    """The first view means that all are there."""
    noisy = np.random.default_rng(1).integers(0, 256, (FRAMES, 64, 64, 3)).astype(np.uint8)
    with files_of_at_most(4000), pytest.raises(StorageError, match=REFUSAL):
        write_sequence(tmp_path, with_view(a_sequence(), 1, noisy), "videos")
    assert names(tmp_path) == ["pour_0_labels.csv"]
