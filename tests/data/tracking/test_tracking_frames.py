from __future__ import annotations

import os
import pickle

import numpy as np
import pytest
from PIL import Image

from saccade.data.tracking import (
    ArrayFrames,
    FrameView,
    ImageFrames,
    TrackingSequence,
    VideoFrames,
    read_video,
)
from saccade.data.tracking.frames import read_image, read_image_size
from saccade.data.tracking.sequence import MultiObjectSequence, runs
from saccade.errors import DamagedFileError, UserInputError
from saccade.viewing.video import write_video
from tracking_fixtures import moving, picture, save, save_frames

COLOUR = picture([(3, 4, 5, 6)])


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "RGBA", "LA"])
def test_pictures_of_8_bits_become_rgb(tmp_path, mode):
    path = tmp_path / ("p.tif" if mode == "CMYK" else "p.png")
    original = Image.fromarray(COLOUR).convert(mode)
    original.save(path)
    image = read_image(path)
    assert image.dtype == np.uint8 and image.shape == (48, 64, 3)
    np.testing.assert_array_equal(image, np.asarray(original.convert("RGB")))
    assert image.flags.writeable


def test_16_bits_are_refused_rather_than_cut(tmp_path):
    Image.fromarray(np.full((4, 4), 700, np.uint16)).save(tmp_path / "grey.png")
    import cv2

    cv2.imwrite(str(tmp_path / "colour.png"), np.full((4, 4, 3), 700, np.uint16))
    for name in ("grey.png", "colour.png"):
        with pytest.raises(UserInputError, match="expected 8 bits a channel") as caught:
            read_image(tmp_path / name)
        assert str(tmp_path / name) in str(caught.value) and "\n" not in str(caught.value)


def test_transparency_is_refused_where_there_is_any(tmp_path):
    image = np.dstack([COLOUR, np.full(COLOUR.shape[:2], 255, np.uint8)])
    image[0, 0, 3] = 254
    Image.fromarray(image).save(tmp_path / "p.png")
    with pytest.raises(UserInputError, match="transparent pixels"):
        read_image(tmp_path / "p.png")


@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "tif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_upright_as_their_exif_says(tmp_path, ending, orientation):
    """EXIF 2.3, tag 274: which edges of the picture the stored first row and column are."""
    first_row, first_column = {
        1: ("top", "left"),
        2: ("top", "right"),
        3: ("bottom", "right"),
        4: ("bottom", "left"),
        5: ("left", "top"),
        6: ("right", "top"),
        7: ("right", "bottom"),
        8: ("left", "bottom"),
    }[orientation]
    stored = np.zeros((32, 48, 3), np.uint8)
    stored[:8, :, 0] = stored[:, :8, 1] = 255
    exif = Image.Exif()
    exif[274] = orientation
    path = tmp_path / f"p.{ending}"
    Image.fromarray(stored).save(path, exif=exif)
    shown = read_image(path)
    edges = {"top": shown[2], "bottom": shown[-3], "left": shown[:, 2], "right": shown[:, -3]}
    for edge, pixels in edges.items():
        assert (pixels[:, 0].mean() > 200) == (edge == first_row)
        assert (pixels[:, 1].mean() > 200) == (edge == first_column)
    assert read_image_size(path) == shown.shape[1::-1]
    assert shown.shape[:2] == ((32, 48) if orientation < 5 else (48, 32))


def test_exif_that_is_none_is_no_reason_to_refuse_a_picture(tmp_path):
    for exif in (b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12", b"Exif\0\0nothing", b"Exif"):
        Image.fromarray(COLOUR).save(tmp_path / "p.jpg", exif=exif)
        assert read_image(tmp_path / "p.jpg").shape == COLOUR.shape
        assert read_image_size(tmp_path / "p.jpg") == (64, 48)


def test_a_pipe_or_a_folder_among_the_pictures_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "1.png")
    (tmp_path / "2.png").mkdir()
    for name in ("1.png", "2.png"):
        with pytest.raises(DamagedFileError, match=f"{name}: it is a (pipe|folder)"):
            read_image(tmp_path / name)


def test_a_sequence_needs_one_sound_box_a_frame(tmp_path):
    save_frames(tmp_path, [moving(2)])
    frames = ImageFrames(tuple(sorted(tmp_path.glob("*.png"))))
    for boxes, words in [
        (np.ones((3, 4), np.float32), r"2 frames .* \(3, 4\); expected float32 \(2, 4\)"),
        (np.array([[1, 1, 2, 2], [1, np.nan, 2, 2]], np.float32), "box in frame 1"),
        (np.array([[1, 1, 0, 2], [1, 1, 2, 2]], np.float32), "box in frame 0"),
    ]:
        with pytest.raises(UserInputError, match=words):
            TrackingSequence("s", frames, boxes)
    with pytest.raises(UserInputError, match="2 objects, 2 ids and 1 labels"):
        MultiObjectSequence("s", frames, np.ones((2, 2, 4), np.float32), (1, 2), ("a",))


def test_clips_show_the_frames_and_boxes_of_their_range(tmp_path):
    save_frames(tmp_path, [moving(6)])
    paths = tuple(sorted(tmp_path.glob("*.png")))
    whole = TrackingSequence("s", ImageFrames(paths), np.array(moving(6), np.float32))
    clip = whole.clip(1, 5).clip(2, 4)
    assert len(clip) == 2 and clip.size == (64, 48) and clip.name == "s[1:5][2:4]"
    np.testing.assert_array_equal(clip.boxes, whole.boxes[3:5])
    np.testing.assert_array_equal(clip.frame(0), whole.frame(3))
    for start, stop in [(-1, 2), (2, 2), (3, 7)]:
        with pytest.raises(UserInputError, match="start < stop <= 6"):
            whole.clip(start, stop)


def test_pictures_in_memory_are_frames_too():
    images = np.stack([picture([box]) for box in moving(3)])
    sequence = TrackingSequence("made", ArrayFrames(images), np.array(moving(3), np.float32))
    assert sequence.size == (64, 48)
    sequence.frame(1)[:] = 0
    np.testing.assert_array_equal(sequence.clip(1, 3).frame(0), images[1])
    for wrong in (images[0], images.astype(np.float32), images[..., :2]):
        with pytest.raises(UserInputError, match="expected uint8 RGB"):
            ArrayFrames(wrong)


def test_runs_by_hand():
    assert runs(np.array([0, 1, 1, 0, 1, 0, 0, 1], bool)) == [(1, 3), (4, 5), (7, 8)]
    assert runs(np.ones(3, bool)) == [(0, 3)] and runs(np.zeros(3, bool)) == []


def numbered(n: int) -> list[np.ndarray]:
    """Frame i is grey of brightness 20 i."""
    return [np.full((32, 48, 3), 20 * i, np.uint8) for i in range(n)]


def brightness(image: np.ndarray) -> int:
    return round(image.mean() / 20)


@pytest.mark.parametrize("ending", ["mp4", "mkv", "mov"])
def test_a_plain_video_is_read_in_any_order(tmp_path, ending):
    write_video(tmp_path / f"clip.{ending}", numbered(9), fps=10)
    sequence = read_video(tmp_path / f"clip.{ending}")
    assert (sequence.name, len(sequence), sequence.size) == ("clip", 9, (48, 32))
    assert not sequence.present.any() and sequence.boxes.dtype == np.float32
    order = [0, 1, 5, 5, 8, 2, 0]
    assert [brightness(sequence.frame(i)) for i in order] == order
    with pytest.raises(UserInputError, match="0 to 8"):
        sequence.frame(9)


def test_reading_on_decodes_each_frame_once(tmp_path, monkeypatch):
    write_video(tmp_path / "clip.mp4", numbered(6), fps=10)
    frames = VideoFrames(tmp_path / "clip.mp4")
    opened: list[int] = []
    rewind = VideoFrames._rewind
    monkeypatch.setattr(VideoFrames, "_rewind", lambda self: (opened.append(1), rewind(self))[1])
    for i in range(6):
        frames.read(i)
    assert len(opened) == 1


def test_a_frame_may_be_written_to_without_changing_the_video(tmp_path):
    write_video(tmp_path / "clip.mp4", numbered(3), fps=10)
    frames = VideoFrames(tmp_path / "clip.mp4")
    frames.read(1)[:] = 255
    assert brightness(frames.read(1)) == 1


def test_a_video_goes_to_another_process_after_it_was_read(tmp_path):
    write_video(tmp_path / "clip.mp4", numbered(5), fps=10)
    view = FrameView(VideoFrames(tmp_path / "clip.mp4"), range(2, 5))
    view.read(1)
    assert brightness(pickle.loads(pickle.dumps(view)).read(2)) == 4


@pytest.mark.parametrize("ending", ["mp4", "mkv"])
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_a_truncated_video_is_named(tmp_path, ending, kept):
    rng = np.random.default_rng(0)
    noise = (rng.integers(0, 255, (32, 48, 3), np.uint8) for _ in range(20))
    write_video(tmp_path / f"clip.{ending}", noise, fps=10)
    path = tmp_path / f"clip.{ending}"
    whole = path.read_bytes()
    path.write_bytes(whole[: int(kept * len(whole))])

    def read_all() -> None:
        sequence = read_video(path)
        for i in range(len(sequence)):
            sequence.frame(i)

    with pytest.raises(DamagedFileError) as caught:
        read_all()
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_what_is_no_video_is_named(tmp_path):
    with pytest.raises(UserInputError, match="not a file"):
        read_video(tmp_path / "none.mp4")
    save(tmp_path / "text.png", COLOUR)
    (tmp_path / "text.mp4").write_text("no video " * 99)
    with pytest.raises(DamagedFileError, match="not a video"):
        read_video(tmp_path / "text.mp4")
    write_video(tmp_path / "clip.mp4", numbered(3), fps=10)
    with pytest.raises(DamagedFileError, match="48 x 32 pixels; expected 160 x 120"):
        VideoFrames(tmp_path / "clip.mp4", (160, 120))
