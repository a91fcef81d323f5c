"""`saccade run hart`: what is written, and what is left of a video that breaks off."""

from __future__ import annotations

import csv
import json
import os
import re
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import saccade as package
from saccade.data.tracking.box_file import COLUMNS
from saccade.data.tracking.footage import open_footage
from saccade.data.video import read_video, video_facts
from saccade.systems.hart.commands import apply as command
from saccade.systems.hart.commands.apply import Pursuit
from saccade.training.interrupt import GracefulStop
from saccade.viewing.video import write_video
from tracking_fixtures import moving, picture, save_frames

BOX = "5,7,6,4"
FRAMES = 6


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """A folder of 64 x 48 pixels in which a white object of 6 x 4 pixels moves."""
    save_frames(tmp_path / "images", [moving(FRAMES)], "{}.png", first=8)
    return tmp_path / "images"


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_boxes_are_those_of_the_tracker(saccade, weights, images, tmp_path):
    """Frame 10.png comes after 9.png, and the film has a picture of each frame."""
    out = tmp_path / "new" / "film.mp4"
    done = saccade("run", "hart", "--video", images, "--box", BOX, "--weights", weights,
                   "--out", out)  # fmt: skip
    assert done.code == 0, done.err
    tracker = package.load(weights)
    tracker.init(picture([moving(FRAMES)[0]]), (5, 7, 6, 4))
    expected = [(5, 7, 6, 4, 1, 0)]
    for box in moving(FRAMES)[1:]:
        found = tracker.update(picture([box]))
        expected.append((*found, tracker.confidence, tracker.lost))
    rows = rows_of(out.with_suffix(".csv"))
    assert tuple(rows[0]) == COLUMNS
    assert [int(row["frame"]) for row in rows] == list(range(FRAMES))
    given = [[float(row[name]) for name in COLUMNS[1:]] for row in rows]
    np.testing.assert_allclose(given, expected, atol=6e-3)
    assert len(list(read_video(out))) == FRAMES
    lost = sum(row[-1] for row in expected)
    assert f"followed 6 of 6 frames, {lost} of them lost" in done.out
    assert "frames a second" in done.out
    assert [str(out), str(out.with_suffix(".csv"))] == done.out.splitlines()[-2:]


def test_a_video_keeps_its_rate_and_may_start_later(saccade, weights, tmp_path):
    write_video(tmp_path / "in.mkv", (picture([box]) for box in moving(FRAMES)), fps=12.5, crf=1)
    boxes, out = tmp_path / "boxes.json", tmp_path / "film.mov"
    done = saccade("run", "hart", "--video", tmp_path / "in.mkv", "--box", "9 9 6 4", "--start", 2,
                   "--weights", weights, "--out", out, "--boxes", boxes)  # fmt: skip
    assert done.code == 0, done.err
    document = json.loads(boxes.read_text())
    assert [row["frame"] for row in document["boxes"]] == [2, 3, 4, 5]
    assert list(document["boxes"][0].values()) == [2, 9.0, 9.0, 6.0, 4.0, 1.0, False]
    assert document["size"] == [64, 48] and "--start 2" in document["command"]
    assert video_facts(out).fps == 12.5
    assert not out.with_suffix(".csv").exists()


def test_a_stream_is_followed_to_its_end_and_shown(saccade, weights, tmp_path, monkeypatch):
    shown: list[np.ndarray] = []

    class Window:
        is_closed = False

        def __init__(self, title: str) -> None:
            assert title.startswith("file://")

        def showing(self, frames: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
            for frame in frames:
                shown.append(frame)
                self.is_closed = len(shown) == 4
                yield frame

        def __enter__(self) -> Window:
            return self

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(command, "Window", Window)
    write_video(tmp_path / "in.mkv", (picture([box]) for box in moving(FRAMES)), fps=12.5, crf=1)
    address, out = f"file://{tmp_path}/in.mkv", tmp_path / "film.mp4"
    done = saccade("run", "hart", "--video", address, "--box", BOX, "--out", out,
                   "--weights", weights, "--show")  # fmt: skip
    assert done.code == 0, done.err  # its user closed the window: that is how a camera ends
    assert "followed 4 frames" in done.out
    assert len(shown) == len(list(read_video(out))) == 4


def test_without_a_box_the_frame_is_saved_with_rulers(saccade, weights, images, tmp_path):
    done = saccade("run", "hart", "--video", images, "--out", tmp_path / "film.mp4", "--start", 3)
    ruled = tmp_path / "film-frame3.png"
    done.mistake("--box is missing", "frame 3 (64 x 48 pixels)", str(ruled))
    assert min(np.asarray(Image.open(ruled)).shape[:2]) > 400
    assert not (tmp_path / "film.mp4").exists()


def test_names_with_a_colon_and_bytes_that_are_no_text_are_names(
    saccade, weights, images, tmp_path
):
    odd = os.fsdecode(b"12:30 caf\xe9 $x$_ %d")
    video, out = images.rename(tmp_path / odd), tmp_path / f"to:{odd}" / f"{odd}.mp4"
    done = saccade("run", "hart", "--video", video, "--box", BOX, "--weights", weights,
                   "--out", out, "--boxes", out.with_suffix(".json"))  # fmt: skip
    assert done.code == 0, done.err
    assert len(list(read_video(out))) == len(
        json.loads(out.with_suffix(".json").read_text())["boxes"]
    )
    done = saccade("run", "hart", "--video", video, "--out", out)
    done.mistake("--box is missing", "frame0.png shows it")
    with Image.open(out.with_name(f"{odd}-frame0.png")) as ruled:
        assert ruled.width > 64


@pytest.mark.parametrize("option", ["--out", "--boxes"])
def test_a_folder_in_the_place_of_a_file_is_refused_before_any_work(saccade, tmp_path, option):
    (tmp_path / "v.mp4").mkdir()
    (tmp_path / "v.csv").mkdir()
    name = tmp_path / ("v.mp4" if option == "--out" else "v.csv")
    done = saccade("run", "hart", "--video", tmp_path / "none.mp4", "--box", BOX, option, name)
    done.mistake(f"{name} is a folder")


def shrink(images: Path) -> str:
    Image.fromarray(picture([], 60, 48)).save(images / "11.png")
    return "11.png is 60 x 48 pixels; expected 64 x 48"


def deepen(images: Path) -> str:
    Image.fromarray(np.full((48, 64), 40000, np.uint16)).save(images / "11.png")
    return "11.png is of type 16-bit"


def clear(images: Path) -> str:
    Image.new("RGBA", (64, 48), (9, 9, 9, 90)).save(images / "11.png")
    return "11.png has transparent pixels"


def cut(images: Path) -> str:
    data = (images / "11.png").read_bytes()
    (images / "11.png").write_bytes(data[: len(data) // 2])
    return "11.png is no picture or is damaged"


@pytest.mark.parametrize("spoil", [shrink, deepen, clear, cut])
def test_what_comes_before_a_bad_frame_is_kept(saccade, weights, images, tmp_path, spoil):
    words, out = spoil(images), tmp_path / "film.mp4"
    done = saccade("run", "hart", "--video", images, "--box", BOX, "--weights", weights,
                   "--out", out)  # fmt: skip
    done.mistake(words, f"{out} has the 3 frames before that")
    assert "followed 3 of 6 frames" in done.out
    assert len(list(read_video(out))) == len(rows_of(out.with_suffix(".csv"))) == 3


def test_a_video_that_is_cut_short_is_followed_to_its_end(saccade, weights, tmp_path):
    whole, short, out = (tmp_path / name for name in ("whole.mkv", "short.mkv", "film.mp4"))
    noise = np.random.default_rng(0).integers(0, 256, (24, 48, 64, 3), np.uint8)
    write_video(whole, noise, fps=10)
    short.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    done = saccade("run", "hart", "--video", short, "--box", BOX, "--weights", weights,
                   "--out", out)  # fmt: skip
    followed = len(rows_of(out.with_suffix(".csv")))
    assert 3 < followed < 21
    done.mistake("short.mkv breaks off after", f"the {followed} frames before that")
    assert len(list(read_video(out))) == followed


def test_a_stop_keeps_what_was_followed(saccade, weights, images, tmp_path, monkeypatch):
    class StopAfter(GracefulStop):
        looks = 0

        @property
        def requested(self) -> bool:
            self.looks += 1
            return self.looks > 3

    monkeypatch.setattr(command, "GracefulStop", StopAfter)
    out = tmp_path / "film.mp4"
    done = saccade("run", "hart", "--video", images, "--box", BOX, "--weights", weights,
                   "--out", out)  # fmt: skip
    assert done.code == 130
    assert re.search(r"followed 4 of 6 frames, \d of them lost; stopped", done.out)
    assert len(list(read_video(out))) == len(rows_of(out.with_suffix(".csv"))) == 4


def test_memory_does_not_grow_with_the_video(weights, images):
    """No frame of the past is alive, nor any of the film."""
    given: list[weakref.ref[np.ndarray]] = []

    class Rows:
        def add(self, *values: object) -> None:
            pass

    class Bar:
        def update(self, n: int, **values: object) -> None:
            pass

    def frames() -> Iterator[np.ndarray]:
        for t in range(20):
            frame = picture([(5 + t, 7, 6, 4)])
            given.append(weakref.ref(frame))
            yield frame
            del frame

    footage = open_footage(images)
    pursuit = Pursuit(package.load(weights), footage, 0, Rows(), Bar(), lambda: False)  # pyright: ignore[reportArgumentType]
    film = pursuit.film(picture([(5, 7, 6, 4)]), frames(), (5, 7, 6, 4))
    for count, _ in enumerate(film):
        assert sum(one() is not None for one in given) <= 2, count
    assert pursuit.followed == 21


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--box", "1,2,3"], ["--box is '1,2,3'", "x,y,w,h"]),
        (["--box", "a,2,3,4"], ["--box is 'a,2,3,4'"]),
        (["--box", "5,5,0,4"], ["0 x 4 pixels", "above 0"]),
        (["--box", "64,5,3,4"], ["outside the frame of 64 x 48"]),
        (["--box", "nan,5,3,4"], ["finite"]),
        (["--box", BOX, "--start", 6], ["--start is 6", "0 to 5"]),
        (["--box", BOX, "--start", -1], ["--start is -1"]),
        (["--box", BOX, "--out", "film.webm"], ["film.webm", ".mp4, .mkv, .mov"]),
        (["--box", BOX, "--boxes", "boxes.txt"], ["boxes.txt", ".csv, .json"]),
        (["--box", BOX, "--weights", "nobody"], ["no weights 'nobody'"]),
        (["--box", BOX, "--weights", "push"], ["'push'", "expected weights of 'hart'"]),
        (["--box", BOX, "--video", "gone.mp4"], ["gone.mp4 does not exist"]),
    ],
)
def test_a_mistake_costs_one_line_and_writes_nothing(
    saccade, weights, images, tmp_path, monkeypatch, argv, words
):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    usual = ("--video", images, "--weights", weights, "--out", "film.mp4")
    saccade("run", "hart", *usual, *argv).mistake(*words)
    assert not list((tmp_path / "here").iterdir())


def test_what_is_no_video_is_refused(saccade, weights, images, tmp_path):
    def run(video: Path, out: str = "film.mp4") -> Any:
        return saccade("run", "hart", "--video", video, "--box", BOX, "--weights", weights,
                       "--out", tmp_path / out)  # fmt: skip

    (tmp_path / "notes.mp4").write_text("no video")
    run(tmp_path / "notes.mp4").mistake("notes.mp4 is not a video")
    (tmp_path / "empty").mkdir()
    run(tmp_path / "empty").mistake("empty holds no frames")
    (tmp_path / "whole.mp4").write_bytes(b"")
    run(tmp_path / "whole.mp4", "whole.mp4").mistake("whole.mp4 is the video itself")
    (images / "10.png").unlink()
    run(images).mistake("lacks frame 10", "9.png is followed by 11.png")
    assert not (tmp_path / "film.mp4").exists()


def test_a_refusing_disk_is_one_line(saccade, weights, images, tmp_path):
    (tmp_path / "file").write_text("")
    out = tmp_path / "file" / "film.mp4"
    done = saccade("run", "hart", "--video", images, "--box", BOX, "--weights", weights,
                   "--out", out)  # fmt: skip
    done.mistake("could not be written")
