"""What is particular to each format."""

from __future__ import annotations

import shutil
from inspect import unwrap
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

import tracking_fixtures as fixtures
from saccade.data.tracking import (
    FrameView,
    read_got10k,
    read_kitti,
    read_kitti_videos,
    read_kth,
    read_mot_videos,
    read_otb,
    read_tld,
    read_vot,
)
from saccade.data.tracking.vot import polygon_box
from saccade.errors import DamagedFileError, UserInputError
from tracking_fixtures import moving, picture, save, save_frames, save_lines


@pytest.mark.parametrize("separator", [",", "\t", " ", ", ", "   "])
def test_otb_separators(tmp_path, separator):
    fixture = fixtures.write_otb(tmp_path, separator)
    np.testing.assert_array_equal(read_otb(tmp_path)[0].boxes, moving(5))
    assert read_otb(fixture.annotation.parent)[0].name == "Walker"


@pytest.mark.parametrize(("name", "first"), [("{:04d}.jpg", 1), ("{:05d}.png", 0), ("a{}.bmp", 8)])
def test_otb_images_of_any_width_first_number_and_kind(tmp_path, name, first):
    # Ten frames: without leading zeros, the order of names is not that of numbers.
    boxes = moving(10)
    save_frames(tmp_path / "img", [boxes], name, first)
    save(tmp_path / "img" / "._0001.jpg", picture([]))
    save_lines(tmp_path / "img" / "Thumbs.db", ["no frame"])
    save_lines(tmp_path / "groundtruth_rect.txt", [f"{x + 1} {y + 1} 6 4" for x, y, _, _ in boxes])
    sequence = read_otb(tmp_path)[0]
    assert len(sequence) == 10
    for i in range(10):
        assert fixtures.fits(sequence.frame(i), sequence.boxes[i])


def test_otb_videos_with_images_beyond_those_annotated(tmp_path):
    """The whole archive of David has images from 1; boxes begin at image 300."""
    save_frames(tmp_path / "David" / "img", [[None] * 771], size=(8, 8))
    box = (2, 3, 4, 2)
    for number in (300, 770):
        save(tmp_path / "David" / "img" / f"{number:04d}.png", picture([box], 8, 8))
    save_lines(tmp_path / "David" / "groundtruth_rect.txt", ["3,4,4,2"] * 471)
    sequence = read_otb(tmp_path)[0]
    assert len(sequence) == 471
    assert [fixtures.fits(sequence.frame(i), sequence.boxes[i]) for i in (0, 1, 470)] == [1, 0, 1]


def test_otb_two_objects_of_one_video_are_two_sequences(tmp_path):
    tracks = [moving(3), moving(3, 30, 20)]
    save_frames(tmp_path / "Jogging" / "img", tracks)
    for k, track in enumerate(tracks, start=1):
        lines = [f"{x + 1},{y + 1},{w},{h}" for x, y, w, h in track]
        save_lines(tmp_path / "Jogging" / f"groundtruth_rect.{k}.txt", lines)
    one, two = read_otb(tmp_path)
    assert (one.name, two.name, one.group, two.group) == (
        "Jogging-1",
        "Jogging-2",
        "Jogging",
        "Jogging",
    )
    assert fixtures.fits(two.frame(2), two.boxes[2]) and one.boxes[0, 0] == 5


def test_otb_boxes_without_extent_are_absent(tmp_path):
    save_frames(tmp_path / "img", [[None, *moving(1), None]])
    save_lines(tmp_path / "groundtruth_rect.txt", ["NaN,NaN,NaN,NaN", "6,8,6,4", "0,0,0,0"])
    sequence = read_otb(tmp_path)[0]
    assert sequence.present.tolist() == [False, True, False] and sequence.start == 1


def test_a_number_of_boxes_other_than_of_frames_is_named(tmp_path):
    fixture = fixtures.write_otb(tmp_path)
    fixture.annotation.write_text(fixture.annotation.read_text() + "1,1,2,2\n")
    with pytest.raises(DamagedFileError, match=r"groundtruth_rect.txt has 6 boxes for 5 frames"):
        read_otb(tmp_path)


def test_a_sequence_whose_annotation_is_lost_is_not_passed_over(tmp_path):
    fixtures.write_otb(tmp_path)
    (tmp_path / "notes").mkdir()
    assert len(read_otb(tmp_path)) == 1
    save_frames(tmp_path / "Lost" / "img", [moving(2)])
    with pytest.raises(DamagedFileError, match="Lost has frames but no annotation"):
        read_otb(tmp_path)


def test_frames_without_or_with_the_same_number_are_named(tmp_path):
    fixtures.write_otb(tmp_path, first=1)
    extra = tmp_path / "Walker" / "img" / "1.jpg"
    save(extra, picture([]))
    with pytest.raises(DamagedFileError, match="same frame number"):
        read_otb(tmp_path)
    extra.rename(extra.with_name("cover.jpg"))
    with pytest.raises(DamagedFileError, match="no frame number"):
        read_otb(tmp_path)


def test_vot_polygons_become_boxes():
    # A square of side 2 turned by 45 degrees about (10, 20).
    r = np.sqrt(2)
    corners = np.array([[10 - r, 20], [10, 20 - r], [10 + r, 20], [10, 20 + r]])
    np.testing.assert_allclose(polygon_box(corners), [10 - r, 20 - r, 2 * r, 2 * r])
    np.testing.assert_allclose(polygon_box(corners, "area"), [9, 19, 2, 2])
    upright = np.array([[1, 2], [4, 2], [4, 8], [1, 8.0]])
    np.testing.assert_allclose(polygon_box(upright), [1, 2, 3, 6])
    np.testing.assert_allclose(polygon_box(upright, "area"), [1, 2, 3, 6])


def test_vot_newer_layout_and_unknown_choice(tmp_path):
    fixture = fixtures.write_vot(tmp_path)
    folder = fixture.annotation.parent
    (folder / "color").mkdir()
    for path in folder.glob("*.png"):
        path.rename(folder / "color" / path.name)
    assert len(read_vot(tmp_path)[0]) == 4
    with pytest.raises(UserInputError, match="expected one of enclosing, area"):
        # As users run it: without the type checks that the tests execute.
        unwrap(read_vot)(tmp_path, "rotated")  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("lines", "words"),
    [(["0", "2", "0", "0"], "line 2 is 2; expected 0 or 1"), (["0"], "1 lines for 4 frames")],
)
def test_got10k_absence_is_checked(tmp_path, lines, words):
    fixture = fixtures.write_got10k(tmp_path)
    save_lines(fixture.annotation.parent / "absence.label", lines)
    with pytest.raises(DamagedFileError, match=words):
        read_got10k(tmp_path)


def test_tld_corners_are_the_first_and_last_pixel_inside(tmp_path):
    """The first box of TLD's "jumping" is OTB's 147,110,34,33 (from 1)."""
    save(tmp_path / "img" / "00001.jpg", picture([]))
    save_lines(tmp_path / "gt.txt", ["147,110,180,142"])
    np.testing.assert_array_equal(read_tld(tmp_path)[0].boxes, [[146, 109, 34, 33]])


def test_mot_videos_have_all_objects_at_once(tmp_path):
    fixtures.write_mot(tmp_path)
    (video,) = read_mot_videos(tmp_path)
    assert video.boxes.shape == (2, 5, 4) and video.boxes.dtype == np.float32
    assert (video.ids, video.labels) == ((3, 8), ("pedestrian", "pedestrian"))
    seen = np.isfinite(video.boxes[..., 0])
    assert seen.tolist() == [[True, True, False, True, True], [False, True, True, True, False]]
    late = video.clip(4, 5)
    assert late.ids == (3,) and late.n_frames == 1 and late.track(0).group == "MOT16-02"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("6,3,1,1,5,5,1,1,1", "place 6; there are 5 frames"),
        ("1,3,1,1,5,5,1,1,1", "object 3 for the second time"),
        ("1.5,4,1,1,5,5,1,1,1", "frame, id, x"),
    ],
)
def test_mot_rows_are_checked(tmp_path, line, words):
    fixture = fixtures.write_mot(tmp_path)
    fixture.annotation.write_text(fixture.annotation.read_text() + line)
    with pytest.raises(DamagedFileError, match=words):
        read_mot_videos(tmp_path)


@pytest.mark.parametrize("images", ["../other", "img1/../../other", "/etc"])
def test_mot_frames_lie_in_their_sequence(tmp_path, images):
    folder = fixtures.write_mot(tmp_path).annotation.parent.parent
    fixtures.save_lines(folder / "seqinfo.ini", ["[Sequence]", f"imDir={images}"])
    with pytest.raises(DamagedFileError, match=f"imDir={images}; expected a folder within"):
        read_mot_videos(tmp_path)


def test_mot_frames_are_as_many_as_its_information_says(tmp_path):
    folder = fixtures.write_mot(tmp_path).annotation.parent.parent
    save_lines(folder / "seqinfo.ini", ["[Sequence]", "seqLength=7"])
    with pytest.raises(DamagedFileError, match=r"5 frames; expected 7, as seqinfo.ini"):
        read_mot_videos(tmp_path)
    save_lines(folder / "seqinfo.ini", ["no section"])
    with pytest.raises(DamagedFileError) as caught:
        read_mot_videos(tmp_path)
    assert "\n" not in str(caught.value)


def test_kitti_filter_can_be_widened_and_labels_are_kept(tmp_path):
    fixtures.write_kitti(tmp_path)
    (video,) = read_kitti_videos(tmp_path / "training", max_occluded=2, max_truncated=2)
    assert (video.ids, video.labels) == ((0, 1), ("Car", "Pedestrian"))
    np.testing.assert_array_equal(video.boxes[0], moving(6))
    assert [s.label for s in read_kitti(tmp_path)] == ["Car", "Car", "Car", "Pedestrian"]
    assert {s.group for s in read_kitti(tmp_path)} == {"0000"}


def test_kitti_video_whose_half_is_missing_is_named(tmp_path):
    fixtures.write_kitti(tmp_path)
    save_lines(tmp_path / "training/label_02/0001.txt", ["0 0 DontCare"])
    with pytest.raises(DamagedFileError, match="video 0001 in label_02 and not in image_02"):
        read_kitti(tmp_path)


def test_kth_reads_videos_in_their_own_folders(tmp_path):
    fixture = fixtures.write_kth(tmp_path)
    expected = [s.frame(1) for s in read_kth(tmp_path)]
    for folder in sorted((tmp_path / "frames").iterdir()):
        frames = [np.asarray(Image.open(p)) for p in sorted(folder.iterdir())]
        write_avi(tmp_path / "walking" / f"{folder.name}.avi", frames)
    shutil.rmtree(tmp_path / "frames")
    sequences = read_kth(tmp_path)
    assert [s.name for s in sequences] == [e.name for e in fixture.sequences]
    for sequence, frame in zip(sequences, expected, strict=True):
        assert sequence.size == (160, 120) and len(sequence) == 3
        assert np.abs(sequence.frame(1).astype(int) - frame).mean() < 3


def write_avi(path: Path, frames: list[np.ndarray]) -> None:
    """As KTH's own files: MPEG-4 in AVI."""
    path.parent.mkdir(exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt, stream.bit_rate = "yuv420p", 4_000_000
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode(None))


def test_kth_video_cut_short_is_named(tmp_path):
    fixtures.write_kth(tmp_path)
    noise = np.random.default_rng(0).integers(0, 255, (9, 120, 160, 3), np.uint8)
    for folder in sorted((tmp_path / "frames").iterdir()):
        write_avi(tmp_path / "walking" / f"{folder.name}.avi", list(noise))
    shutil.rmtree(tmp_path / "frames")
    path = tmp_path / "walking" / "person01_walking_d1_uncomp.avi"
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    with pytest.raises(DamagedFileError, match=r"breaks off after \d frames: the file ends within"):
        read_kth(tmp_path)


def test_kth_frames_are_grey(tmp_path):
    fixtures.write_kth(tmp_path)
    frame = read_kth(tmp_path)[0].frame(0)
    assert (frame == frame[..., :1]).all() and len(np.unique(frame)) > 10


def test_kth_takes_the_actions_that_are_asked_for(tmp_path):
    fixtures.write_kth(tmp_path)
    assert read_kth(tmp_path, ["running"]) == []
    assert {s.label for s in read_kth(tmp_path)} == {"walking"}
    with pytest.raises(UserInputError, match=r"'swimming' \(valid: boxing"):
        read_kth(tmp_path, ["swimming"])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("3 1 6 1 1 2 1 1 5 5 1 1 6 6", "lacks the video person03_walking_d1"),
        ("1 1 6 3 5 6 1 1 5 5 1 1 6 6", "frames 5 to 6 .* has frames 1 to 5"),
        ("1 1 6 3 5 6 1 1 5 5", "4 numbers of boxes for 2 frames"),
        ("1 1 7 3 5 5 1 1 5 5", "expected person scenario action"),
    ],
)
def test_kth_lines_are_checked(tmp_path, line, words):
    fixture = fixtures.write_kth(tmp_path)
    fixture.annotation.write_text(fixture.annotation.read_text() + line)
    with pytest.raises(DamagedFileError, match=words):
        read_kth(tmp_path)


def test_a_track_is_cut_to_where_its_object_is(tmp_path):
    fixtures.write_kitti(tmp_path)
    walker = read_kitti(tmp_path)[-1]
    assert isinstance(walker.frames, FrameView) and list(walker.frames.indices) == [1, 2, 3, 4]
