from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from multi_view_scenes import FRAMES, SIDE, a_sequence, names, pictures, with_view
from saccade.data.multi_view.dataset import (
    FORMATS,
    MultiViewDataset,
    open_multi_view,
    sequence_file,
    write_sequence,
)
from saccade.data.multi_view.recording import SequenceFolder
from saccade.errors import DamagedFileError, UserInputError


def test_one_bad_sequence_costs_no_other(tmp_path: Path) -> None:
    good = a_sequence("good")
    write_sequence(tmp_path, good)
    black = np.zeros((FRAMES, SIDE, SIDE, 3), np.uint8)
    write_sequence(tmp_path, with_view(a_sequence("black"), 1, black))
    still = np.repeat(pictures(1), FRAMES, axis=0)
    write_sequence(tmp_path, with_view(a_sequence("still"), 0, still))
    write_sequence(tmp_path, a_sequence("three", views=3))
    write_sequence(tmp_path, a_sequence("cut"))
    write_sequence(tmp_path, a_sequence("more"))
    write_sequence(tmp_path, a_sequence("one_frame", n=1))
    cut = tmp_path / "cut.tfrecord"
    cut.write_bytes(cut.read_bytes()[:-1])
    dataset = open_multi_view(tmp_path)
    assert [one.name for one in dataset.sequences] == ["good", "more"]
    reasons = {one.name: one.reason for one in dataset.skipped}
    assert reasons == {
        "black": "view 1 is black in all 6 frames",
        "cut.tfrecord": reasons["cut.tfrecord"],
        "one_frame": "it has 1 frame; expected two or more",
        "still": "view 0 never changes: all 6 frames are alike",
        "three": "it has the views 0, 1, 2; the others have 0, 1",
    }
    assert f"record 0 of {cut} is cut short" in reasons["cut.tfrecord"]


def test_a_sequence_without_a_view_that_others_have_is_left_out(tmp_path: Path) -> None:
    for name in "abc":
        write_sequence(tmp_path, a_sequence(name, views=3), "videos")
    (tmp_path / "b_view1.mp4").unlink()
    (tmp_path / "c_view1.mp4").unlink()
    (tmp_path / "c_view2.mp4").unlink()
    write_sequence(tmp_path, a_sequence("d", views=3), "videos")
    dataset = open_multi_view(tmp_path)
    assert [one.name for one in dataset.sequences] == ["a", "d"]
    assert [one.reason for one in dataset.skipped] == [
        "it has the views 0, 2; the others have 0, 1, 2",
        "it has view 0 alone; expected two or more",
    ]


def test_names_that_two_have_get_their_file_in_front(tmp_path: Path) -> None:
    write_sequence(tmp_path / "one", a_sequence())
    write_sequence(tmp_path / "two", a_sequence())
    write_sequence(tmp_path / "two", a_sequence("other"))
    assert [one.name for one in open_multi_view(tmp_path).sequences] == [
        "one/pour_0.tfrecord/pour_0", "other", "two/pour_0.tfrecord/pour_0",
    ]  # fmt: skip


def test_a_folder_of_both_layouts_is_refused(tmp_path: Path) -> None:
    write_sequence(tmp_path / "records", a_sequence())
    write_sequence(tmp_path / "videos", a_sequence(), "videos")
    with pytest.raises(UserInputError) as caught:
        open_multi_view(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path} holds records (records/pour_0.tfrecord) and videos "
        "(videos/pour_0_view0.mp4); expected one of both: name the folder of one"
    )


def test_a_folder_with_nothing_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    (tmp_path / ".hidden_view0.mp4").write_text("nothing")
    with pytest.raises(UserInputError, match=r"holds no multi-view sequences; expected NAME\.tf"):
        open_multi_view(tmp_path)
    with pytest.raises(UserInputError, match="is not a folder"):
        open_multi_view(tmp_path / "notes.txt")
    with pytest.raises(UserInputError, match="tolerance is -1"):
        open_multi_view(tmp_path, tolerance=-1)


def test_a_folder_with_nothing_usable_says_why(tmp_path: Path) -> None:
    for number in range(7):
        (tmp_path / f"s{number}_view0.mp4").write_bytes(b"nothing")
    with pytest.raises(
        UserInputError, match="none of 7 sequences is left; s0: .*and 2 more"
    ) as caught:
        open_multi_view(tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "..", "a/../b", "/a", ".a", "a\nb", "a/", "a:b"])
def test_a_name_that_is_no_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserInputError, match="the sequence is named"):
        write_sequence(tmp_path, a_sequence(name))
    assert not names(tmp_path)


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserInputError, match="did you mean videos"):
        write_sequence(tmp_path, a_sequence(), "video")


def test_a_dataset_is_known_by_its_files(tmp_path: Path) -> None:
    write_sequence(tmp_path, a_sequence("a"), "videos")
    known = open_multi_view(tmp_path).fingerprint
    assert open_multi_view(tmp_path).fingerprint == known != ""
    (tmp_path / "a_labels.csv").write_text("phase\n" + "1\n" * FRAMES)
    changed = open_multi_view(tmp_path).fingerprint
    write_sequence(tmp_path, a_sequence("b"), "videos")
    assert len({known, changed, open_multi_view(tmp_path).fingerprint}) == 3


def test_sequences_of_a_dataset_have_as_many_views() -> None:
    with pytest.raises(UserInputError, match="sequences have 2, 3 views"):
        MultiViewDataset((a_sequence(), a_sequence("b", views=3)))


@pytest.mark.parametrize("layout", FORMATS)
def test_a_recording_goes_on_where_it_stopped(tmp_path: Path, layout: Any) -> None:
    facts = {"world": "pouring", "seed": 3}
    folder = SequenceFolder.start(tmp_path / "set", layout, facts)
    for index in (0, 2):
        write_sequence(folder.folder, a_sequence(folder.name(index)), layout)
        assert folder.path(index).is_file()
    again = SequenceFolder.start(tmp_path / "set", layout, facts)
    assert (again.missing(4), len(again)) == ([1, 3], 2)
    assert again.path(1) == sequence_file(tmp_path / "set", "sequence_000001", layout)
    with pytest.raises(DamagedFileError, match="another seed"):
        SequenceFolder.start(tmp_path / "set", layout, facts | {"seed": 4})
    assert len(open_multi_view(tmp_path / "set").sequences) == 2


def test_a_recording_in_no_known_layout_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dataset.json").write_text('{"format": "saccade-multi-view-1", "layout": 3}')
    with pytest.raises(DamagedFileError, match="its layout is '3'; expected one of records"):
        SequenceFolder(tmp_path)


def test_labels_need_not_be_there(tmp_path: Path) -> None:
    bare = replace(a_sequence(), phases=None, attributes={})
    for layout in FORMATS:
        write_sequence(tmp_path / layout, bare, layout)
        assert open_multi_view(tmp_path / layout).sequences[0].labels == {}
    assert names(tmp_path / "videos") == ["pour_0_view0.mp4", "pour_0_view1.mp4"]
