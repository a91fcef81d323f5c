"""What is known of an object: a box, that it is absent, nothing; and what is left out, and why."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import tracking_fixtures as fixtures
from saccade.data.tracking import (
    ArrayFrames,
    FrameView,
    ImageFrames,
    TrackingSequence,
    read_got10k,
    read_kitti,
    read_mot,
    read_mot_videos,
    read_otb,
    read_sequences,
    read_tld,
    read_uav123,
    read_vot,
    reverse,
    scan_sequences,
)
from saccade.data.tracking.sequence import require_truth
from saccade.data.tracking.sources import SequenceSource, describe_together, open_together
from saccade.data.tracking.uav123 import _PARTS
from saccade.data.tracking.vot import runs_box
from saccade.errors import DamagedFileError, UserInputError
from saccade.left_out import LeftOut, divide
from tracking_fixtures import kitti_line, moving, picture, save, save_frames, save_lines

NAN = (np.nan,) * 4


def otb_lines(boxes: list[fixtures.Box]) -> list[str]:
    return ["0,0,0,0" if b is None else f"{b[0] + 1},{b[1] + 1},{b[2]},{b[3]}" for b in boxes]


def write_sequence(folder: Path, boxes: list[fixtures.Box], lines: list[str] | None = None) -> None:
    save_frames(folder / "img", [boxes])
    save_lines(folder / "groundtruth_rect.txt", otb_lines(boxes) if lines is None else lines)


def made(unknown: list[bool]) -> TrackingSequence:
    boxes = np.array([NAN if u else (1, 1, 2, 2) for u in unknown], np.float32)
    images = np.zeros((len(unknown), 8, 8, 3), np.uint8)
    return TrackingSequence("made", ArrayFrames(images), boxes, unknown=np.array(unknown))


def test_the_mask_goes_with_the_frames():
    one = made([False, True, True, False])
    assert one.known.tolist() == [True, False, False, True]
    assert one.clip(0, 3).known.tolist() == [True, False, False]
    assert reverse(one.clip(0, 3)).known.tolist() == [False, False, True]


def test_a_box_cannot_be_given_and_unknown():
    frames, boxes = ArrayFrames(np.zeros((1, 8, 8, 3), np.uint8)), np.ones((1, 4), np.float32)
    with pytest.raises(UserInputError, match="has a box in a frame that is unknown"):
        TrackingSequence("made", frames, boxes, unknown=np.array([True]))


@pytest.mark.parametrize(
    ("unknown", "words"),
    [
        ([True, True], "has no box in any of its 2 frames"),
        ([False, True], r"one box for 2 frames \(the truth of others is not known\)"),
    ],
)
def test_a_given_box_alone_is_no_truth(unknown, words):
    with pytest.raises(UserInputError, match=words):
        require_truth(made(unknown))
    require_truth(made([False, False]))


@pytest.mark.parametrize("form", ["got10k", "otb", "tld", "uav123"])
def test_one_box_for_many_frames_leaves_the_others_unknown(form, tmp_path):
    fixture = fixtures.WRITERS[form](tmp_path)
    first = fixture.annotation.read_text().splitlines()[1 if form == "tld" else 0]
    save_lines(fixture.annotation, [first])
    (fixture.annotation.parent / "absence.label").unlink(missing_ok=True)
    (one,) = read_sequences(form, tmp_path)
    assert one.present.tolist() == one.known.tolist() == [True] + [False] * (len(one) - 1)
    with pytest.raises(UserInputError, match="one box for"):
        SequenceSource(form, tmp_path).open()


@pytest.mark.parametrize(
    ("form", "read"), [("got10k", read_got10k), ("tld", read_tld), ("uav123", read_uav123)]
)
def test_an_absent_object_is_known_to_be_absent(form, read, tmp_path):
    (one,) = read(fixtures.WRITERS[form](tmp_path).folder)
    assert not one.present.all() and one.known.all()


def test_vot_masks_become_the_boxes_of_their_pixels(tmp_path):
    rng = np.random.default_rng(0)
    lines, expected = [], []
    for _ in range(40):
        mask = rng.random((5, 7)) < rng.choice([0.05, 0.3, 0.9])
        flat = [False, *mask.ravel()]
        # Run lengths by hand: a change begins a run, the first of which is outside.
        starts = [0, *[i for i in range(1, 36) if flat[i] != flat[i - 1]], 36]
        runs = [b - a for a, b in pairwise(starts)]
        runs[0] -= 1
        lines.append("m" + ",".join(map(str, [10, 20, 7, 5, *runs])))
        rows, cols = np.nonzero(mask)
        if len(rows):
            low = (10 + cols.min(), 20 + rows.min())
            expected.append((*low, np.ptp(cols) + 1, np.ptp(rows) + 1))
        else:
            expected.append(NAN)
    save_frames(tmp_path / "color", [[None] * 40], "{:08d}.png")
    save_lines(tmp_path / "groundtruth.txt", lines)
    (one,) = read_vot(tmp_path)
    np.testing.assert_array_equal(one.boxes, np.array(expected, np.float32))
    assert one.known.all()
    assert np.isnan(runs_box(np.array([], np.int64), 7)).all()


@pytest.mark.parametrize(
    "line",
    ["m1,2,3", "m1,2,3,4,5,9", "m1,2,3,4,-1,2", "m1.5,2,3,4,0,1", "m1,2,9e99,9e99,0,1", "mx"],
)
def test_vot_masks_that_are_none_are_named(line, tmp_path):
    fixture = fixtures.write_vot(tmp_path)
    save_lines(fixture.annotation, [line] * 4)
    with pytest.raises(DamagedFileError, match="line 1 is .*a mask"):
        read_vot(tmp_path)


def test_vot_truth_may_be_short_and_a_zero_says_nothing(tmp_path):
    fixture = fixtures.write_vot(tmp_path)
    first = fixture.annotation.read_text().splitlines()[0]
    save_lines(fixture.annotation, [first, "0", "NaN,NaN,NaN,NaN"])
    (one,) = read_vot(tmp_path)
    assert one.present.tolist() == [True, False, False, False]
    assert one.known.tolist() == [True, False, True, False]
    save_lines(fixture.annotation, [first] * 5)
    with pytest.raises(DamagedFileError, match="5 boxes for 4 frames"):
        read_vot(tmp_path)


def test_vot_short_truth_does_not_move_to_other_frames(tmp_path):
    fixture = fixtures.write_vot(tmp_path)
    save_lines(fixture.annotation, fixture.annotation.read_text().splitlines()[:2])
    (fixture.frame.parent / "00000001.png").unlink()
    with pytest.raises(DamagedFileError, match="lacks frame 1"):
        read_vot(tmp_path)


def test_vot_objects_are_sequences_of_their_own(tmp_path):
    tracks = [moving(3), moving(3, 30, 20)]
    save_frames(tmp_path / "balls" / "color", tracks, "{:08d}.png")
    for k, track in enumerate(tracks, start=1):
        lines = [",".join(map(str, box)) for box in track if box]
        save_lines(tmp_path / "balls" / f"groundtruth_object{k}.txt", lines)
    one, two = read_vot(tmp_path)
    assert (one.name, two.name, two.group) == ("balls/object1", "balls/object2", "balls")
    assert fixtures.fits(two.frame(2), two.boxes[2]) and fixtures.fits(one.frame(0), one.boxes[0])


def test_otb_an_empty_file_beside_another_is_no_object(tmp_path):
    boxes = moving(3)
    save_frames(tmp_path / "Human4" / "img", [boxes])
    (tmp_path / "Human4" / "groundtruth_rect.1.txt").write_text("\n")
    save_lines(tmp_path / "Human4" / "groundtruth_rect.2.txt", otb_lines(boxes))
    (one,) = read_otb(tmp_path)
    assert one.name == "Human4"
    np.testing.assert_array_equal(one.boxes, boxes)
    (tmp_path / "Human4" / "groundtruth_rect.2.txt").write_text("")
    with pytest.raises(DamagedFileError, match=r"groundtruth_rect\.1\.txt is empty"):
        read_otb(tmp_path)


def test_otb_an_annotation_that_cannot_be_opened_is_named(tmp_path):
    write_sequence(tmp_path / "A", moving(3))
    for name in ("Folder", "Link"):
        save_frames(tmp_path / name / "img", [moving(3)])
    (tmp_path / "Folder" / "groundtruth_rect.txt").mkdir()
    (tmp_path / "Link" / "groundtruth_rect.txt").symlink_to(tmp_path / "nowhere")
    used, left_out = divide(scan_sequences("otb", tmp_path))
    assert [one.name for one in used] == ["A"]
    assert [one.name for one in left_out] == ["Folder", "Link"]
    assert all("cannot read" in one.reason and "_rect.txt" in one.reason for one in left_out)


def test_numbers_that_no_picture_has_are_named(tmp_path):
    write_sequence(tmp_path, moving(3), ["1,2,3,4", "1e39,2,3,4", "1,2,3,4"])
    with pytest.raises(DamagedFileError, match=r'line 2 is "1e39 2 3 4"'):
        read_otb(tmp_path)


def test_a_sequence_in_the_working_directory_has_a_name(tmp_path, monkeypatch):
    write_sequence(tmp_path / "Walker", moving(3))
    monkeypatch.chdir(tmp_path / "Walker")
    assert read_otb(".")[0].name == "Walker"


def test_uav123_parts_of_a_video_share_its_frames(tmp_path):
    """truck4 is cut to frames 1-577 and 577-1261 in the benchmark's list."""
    images = tmp_path / "data_seq/UAV123/truck4"
    images.mkdir(parents=True)
    for number in range(1, 1262):
        (images / f"{number:06d}.jpg").touch()  # no picture is read
    for part, n in ((1, 577), (2, 685)):
        save_lines(tmp_path / f"anno/UAV123/truck4_{part}.txt", [f"{part},1,2,2"] * n)
    one, two = read_uav123(tmp_path)
    assert (two.name, two.group, two.boxes[0, 0]) == ("truck4_2", "truck4", 1)
    ends = []
    for each in (one, two):
        assert isinstance(each.frames, ImageFrames)
        ends.append((each.frames.paths[0].stem, each.frames.paths[-1].stem))
    assert ends == [("000001", "000577"), ("000577", "001261")]


def test_uav123_frames_that_are_not_known_are_named(tmp_path):
    fixture = fixtures.write_uav123(tmp_path)
    fixture.annotation.rename(fixture.annotation.with_name("wakeboard1_2.txt"))
    with pytest.raises(DamagedFileError, match="wakeboard1_2, nor is wakeboard1_2 a part"):
        read_uav123(tmp_path)
    fixture.frame.parent.rename(tmp_path / "data_seq/UAV123/car1")
    (tmp_path / "anno/UAV123/wakeboard1_2.txt").rename(tmp_path / "anno/UAV123/car1_2.txt")
    with pytest.raises(DamagedFileError, match="lacks frames 751 to 1627, which car1_2 has"):
        read_uav123(tmp_path)


def test_uav123_list_is_in_order():
    for parts in _PARTS.values():
        assert parts[0][0] == 1 and len(parts) > 1
        for (first, last), (following, _) in pairwise(parts):
            assert first < last <= following


def test_mot_boxes_without_extent_are_unknown(tmp_path):
    """And so are rows that do not count of an object of which others do."""
    fixture = fixtures.write_mot(tmp_path)
    lines = fixture.annotation.read_text().splitlines()
    lines = [line for line in lines if not line.startswith(("2,8,", "3,8,"))]
    save_lines(fixture.annotation, [*lines, "2,8,1,1,0,4,1,1,1", "3,8,1,1,4,4,0,1,1"])
    (video,) = read_mot_videos(tmp_path)
    assert video.ids == (3, 8) and video.unknown is not None
    assert video.unknown.tolist() == [[False] * 5, [False, True, True, False, False]]
    one, two = read_mot(tmp_path)
    assert one.known.all() and not one.present.all()
    assert len(two) == 1 and two.known.all()
    save_lines(fixture.annotation, [*lines, "2,8,1,1,0,4,1,1,1", "2,8,1,1,4,4,1,1,1"])
    with pytest.raises(DamagedFileError, match="object 8 for the second time"):
        read_mot(tmp_path)


def test_kitti_boxes_without_extent_are_passed_over(tmp_path):
    car = moving(4)
    save_frames(tmp_path / "image_02/0000", [car], "{:06d}.png", first=0)
    lines = [kitti_line(t, 0, car[t]) for t in (0, 1)]
    save_lines(tmp_path / "label_02/0000.txt", [*lines, kitti_line(2, 0, (9, 9, 0, 0))])
    (track,) = read_kitti(tmp_path)
    np.testing.assert_array_equal(track.boxes, car[:2])


def damage(folder: Path) -> dict[str, str]:
    """Sequences beside sound ones that cannot be used, and words of the reason of each."""
    write_sequence(folder / "Count", moving(3), otb_lines(moving(4)))
    write_sequence(folder / "Empty", moving(3), [])
    (folder / "Empty" / "groundtruth_rect.txt").write_text("")
    write_sequence(folder / "Gap", moving(3))
    (folder / "Gap" / "img" / "0002.png").unlink()
    save_frames(folder / "Lost" / "img", [moving(2)])
    write_sequence(folder / "OneBox", moving(3), otb_lines(moving(1)))
    write_sequence(folder / "Words", moving(3), ["1,2,3,4", "word", "1,2,3,4"])
    return {
        "Count": "4 boxes for 3 frames", "Empty": "is empty", "Gap": "lacks frame 2",
        "Lost": "no annotation", "OneBox": "one box for 3 frames", "Words": 'line 2 is "word"',
    }  # fmt: skip


def test_one_bad_sequence_does_not_lose_the_others(tmp_path):
    reasons = damage(tmp_path)
    for name in ("A", "Z"):
        write_sequence(tmp_path / name, moving(3))
    used, left_out = SequenceSource("otb", tmp_path).open()
    assert [one.name for one in used] == ["A", "Z"]
    assert {one.name for one in left_out} == set(reasons)
    assert all(reasons[one.name] in one.reason for one in left_out)
    # The first sequences are the first that can be used.
    assert SequenceSource("otb", tmp_path, sequences=1).open().left_out == []
    assert [one.name for one in SequenceSource("otb", tmp_path, sequences=2).open()[0]] == [
        "A",
        "Z",
    ]


def test_where_nothing_is_left_all_are_named(tmp_path):
    reasons = damage(tmp_path)
    with pytest.raises(UserInputError, match="none of 6 sequences is left; Count: ") as caught:
        SequenceSource("otb", tmp_path).open()
    assert "\n" not in str(caught.value)
    assert len(divide(scan_sequences("otb", tmp_path))[1]) == len(reasons) - 1  # OneBox is read


def test_bad_videos_of_kitti_mot_and_kth_do_not_lose_the_others(tmp_path):
    fixtures.write_kitti(tmp_path / "kitti")
    save_lines(tmp_path / "kitti/training/label_02/0001.txt", ["0 0 Car"])
    fixtures.write_mot(tmp_path / "mot")
    save_frames(tmp_path / "mot/MOT16-04/img1", [moving(2)], "{:06d}.png")
    fixture = fixtures.write_kth(tmp_path / "kth")
    lines = fixture.annotation.read_text().splitlines()
    save_lines(fixture.annotation, [*lines, "3 1 6 1 1 2 1 1 5 5 1 1 6 6", "1 1 9"])
    expected = {
        "kitti": ["0001"], "mot": ["MOT16-04"],
        "kth": ["person03_walking_d1/1", "KTHBoundingBoxInfo.txt line 8"],
    }  # fmt: skip
    for form, names in expected.items():
        used, left_out = divide(scan_sequences(form, tmp_path / form))
        assert len(used) >= 2
        assert sorted(one.name for one in left_out) == sorted(names)


def test_kitti_videos_too_short_for_a_test_are_left_out(tmp_path):
    car = moving(15, x=2, y=2)
    save_frames(tmp_path / "image_02/0000", [car], "{:06d}.png", first=0, size=(62, 19))
    save_lines(tmp_path / "label_02/0000.txt", [kitti_line(t, 0, car[t]) for t in range(15)])
    save(tmp_path / "image_02/0001/000000.png", picture([]))
    save_lines(tmp_path / "label_02/0001.txt", [kitti_line(0, 0, car[0])])
    used, (left_out,) = SequenceSource("kitti-test", tmp_path).open()
    assert len(used) == 1 and left_out.name == "0001" and "80%" in left_out.reason


def test_several_folders_are_one_evaluation(tmp_path):
    for folder, names in (("a", "AB"), ("b", "BC")):
        for name in names:
            write_sequence(tmp_path / folder / name, moving(3))
    for name in "CD":
        folder = tmp_path / ("a" if name == "C" else "b")
        write_sequence(folder / name, moving(3), otb_lines(moving(1)))
    fixtures.write_vot(tmp_path / "c")
    sources = [
        SequenceSource(form, tmp_path / name)
        for form, name in (("otb", "a"), ("otb", "b"), ("vot", "c"))
    ]
    used, left_out = open_together(sources)
    b = [f"{tmp_path / name}/B" for name in "ab"]
    c = [f"{tmp_path / name}/C" for name in "ab"]
    assert [one.name for one in used] == ["A", b[0], b[1], c[1], "bag"]
    assert [one.name for one in left_out] == [c[0], "D"]
    about = describe_together(sources)
    assert about["format"] == ["otb", "otb", "vot"] and about["data"][2] == str(tmp_path / "c")
    assert describe_together(sources[:1]) == sources[0].describe()
    with pytest.raises(UserInputError, match="twice"):
        open_together([sources[0], sources[0]])


def test_a_folder_of_which_nothing_is_left_does_not_lose_the_others(tmp_path):
    write_sequence(tmp_path / "a" / "A", moving(3))
    write_sequence(tmp_path / "b" / "D", moving(3), otb_lines(moving(1)))
    used, left_out = open_together([SequenceSource("otb", tmp_path / name) for name in "ab"])
    assert ([one.name for one in used], [one.name for one in left_out]) == (["A"], ["D"])
    assert all(isinstance(one, LeftOut) for one in left_out)


def test_a_track_keeps_what_is_unknown_within_it(tmp_path):
    fixture = fixtures.write_mot(tmp_path)
    lines = fixture.annotation.read_text().splitlines()
    save_lines(fixture.annotation, [*lines, "3,3,1,1,0,0,1,1,1"])
    one = read_mot(tmp_path)[0]
    assert isinstance(one.frames, FrameView)
    assert one.present.tolist() == one.known.tolist() == [True, True, False, True, True]
