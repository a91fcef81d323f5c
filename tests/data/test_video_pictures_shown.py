"""A video has the pictures that a decoder shows, whatever packets and headers count."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from saccade.data.tracking import VideoFrames
from saccade.data.tracking.footage import open_footage
from saccade.data.video import count_frames, count_packets, read_video
from saccade.errors import DamagedFileError, UserInputError

STEP = 20
"""Frame i is grey of brightness STEP * i, so that it says which one it is."""


def record(path: Path, codec: str, n: int, pixels: str = "yuv420p", noise: float = 0) -> Path:
    """Key frames at 0 and 6; H.264 has B frames between."""
    rng = np.random.default_rng(0)
    options = {"g": "6", **({"bf": "2", "sc_threshold": "0"} if codec == "libx264" else {})}
    fast = {"movflags": "faststart"} if path.suffix == ".mp4" else {}  # the index comes first
    with av.open(str(path), "w", options=fast) as container:
        stream = container.add_stream(codec, rate=10, options=options)
        stream.width, stream.height, stream.pix_fmt = 48, 32, pixels
        for i in range(n):
            image = STEP * i + noise * rng.standard_normal((32, 48, 3))
            frame = av.VideoFrame.from_ndarray(image.clip(0, 255).astype(np.uint8), "rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def copy(source: Path, path: Path, change: Callable[[int, av.Packet], av.Packet | None]) -> Path:
    """As `ffmpeg -c copy`, with packet i (from 0) changed or left out."""
    with av.open(str(source)) as old, av.open(str(path), "w") as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        whole = (packet for packet in old.demux(video=0) if packet.size)
        for changed in (change(i, packet) for i, packet in enumerate(whole)):
            if changed is not None:
                changed.stream = stream
                new.mux(changed)
    return path


def which(frames: Iterator[np.ndarray]) -> list[int]:
    return [round(frame.mean() / STEP) for frame in frames]


def assert_shows(path: Path, numbers: list[int]) -> None:
    """To evaluation, which reads in any order, and to `saccade run`."""
    assert which(read_video(path)) == numbers
    assert which(open_footage(path).frames()) == numbers
    frames = VideoFrames(path)
    assert len(frames) == count_frames(path) == len(numbers)
    assert which(frames.read(i) for i in reversed(range(len(frames)))) == numbers[::-1]


@pytest.mark.parametrize("ending", ["mp4", "mov"])
def test_a_trimmed_video_begins_where_its_edit_list_says(tmp_path: Path, ending: str) -> None:
    """The frames from the key frame on are stored, those before the cut are not shown."""

    def earlier(_: int, packet: av.Packet) -> av.Packet:
        shift = round(0.4 / packet.time_base)
        packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
        return packet

    whole = record(tmp_path / "whole.mp4", "libx264", 12)
    trimmed = copy(whole, tmp_path / f"trimmed.{ending}", earlier)
    with av.open(str(trimmed)) as container:
        assert container.streams.video[0].frames == 12
    assert_shows(trimmed, list(range(4, 12)))
    assert open_footage(trimmed).expected == count_packets(trimmed) == 8


@pytest.mark.parametrize("said", [0, 11, 13, 24])
def test_the_count_in_the_header_of_an_avi_is_not_believed(tmp_path: Path, said: int) -> None:
    path = record(tmp_path / "v.avi", "mpeg4", 12)
    data = bytearray(path.read_bytes())
    for chunk, place in ((b"avih", 16), (b"strh", 32)):  # dwTotalFrames, dwLength
        start = data.index(chunk) + 8 + place
        assert int.from_bytes(data[start : start + 4], "little") == 12
        data[start : start + 4] = said.to_bytes(4, "little")
    path.write_bytes(data)
    assert_shows(path, list(range(12)))


@pytest.mark.parametrize(
    ("codec", "ending"),
    [("libx264", "mkv"), ("libx264", "mp4"), ("libx264", "ts"), ("libvpx-vp9", "webm")],
)
def test_a_stream_cut_between_key_frames_begins_at_the_next(
    tmp_path: Path, codec: str, ending: str
) -> None:
    source = record(tmp_path / f"source.{'webm' if 'vp' in codec else 'mkv'}", codec, 12)
    cut = copy(source, tmp_path / f"cut.{ending}", lambda i, packet: packet if i > 2 else None)
    assert_shows(cut, list(range(6, 12)))


def test_a_reference_that_is_not_shown_is_no_frame(tmp_path: Path) -> None:
    """The fifth bit of a VP8 frame says whether it is shown (RFC 6386, section 9.1)."""

    def hidden(i: int, packet: av.Packet) -> av.Packet:
        if i != 5:
            return packet
        data = bytearray(bytes(packet))
        data[0] &= ~0x10
        changed = av.Packet(bytes(data))
        changed.pts, changed.dts, changed.time_base = packet.pts, packet.dts, packet.time_base
        return changed

    whole = record(tmp_path / "whole.webm", "libvpx", 12)
    path = copy(whole, tmp_path / "v.webm", hidden)
    assert_shows(path, [i for i in range(12) if i != 5])


@pytest.mark.parametrize(
    ("name", "codec", "pixels"),
    [
        ("v.mp4", "libx264", "yuv420p"),
        ("v.mkv", "libx264", "yuv420p"),
        ("v.webm", "libvpx", "yuv420p"),
        ("v.avi", "mjpeg", "yuvj420p"),
        ("v.ts", "libx264", "yuv420p"),
        ("v.flv", "flv", "yuv420p"),
        ("v.gif", "gif", "rgb8"),
    ],
)
def test_a_file_that_ends_within_a_picture_breaks_off(
    tmp_path: Path, name: str, codec: str, pixels: str
) -> None:
    path = record(tmp_path / name, codec, 12, pixels, noise=40)
    with av.open(str(path)) as container:
        packet = [packet for packet in container.demux(video=0) if packet.size][8]
    assert len(list(read_video(path))) == 12 and packet.pos is not None
    path.write_bytes(path.read_bytes()[: packet.pos + packet.size // 2])
    shown: list[np.ndarray] = []
    with pytest.raises(DamagedFileError, match=r"breaks off after \d+ frames") as caught:
        shown.extend(read_video(path))
    assert 5 <= len(shown) <= 10 and "\n" not in str(caught.value)
    with pytest.raises(DamagedFileError, match="breaks off after"):
        VideoFrames(path)


def test_a_matroska_file_without_its_index_is_whole(tmp_path: Path) -> None:
    path = record(tmp_path / "v.mkv", "libx264", 12)
    data = path.read_bytes()
    path.write_bytes(data[: data.rindex(bytes.fromhex("1c53bb6b")) + 9])  # within the Cues
    assert_shows(path, list(range(12)))


def test_a_picture_that_cannot_be_decoded_breaks_off_in_the_middle(tmp_path: Path) -> None:
    path = record(tmp_path / "v.avi", "mjpeg", 12, "yuvj420p", noise=40)
    with av.open(str(path)) as container:
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    path.write_bytes(path.read_bytes().replace(packets[7], bytes(len(packets[7]))))
    numbers: list[int] = []
    with pytest.raises(DamagedFileError, match="breaks off after 7 frames: Invalid data"):
        numbers.extend(which(read_video(path)))


@pytest.mark.parametrize(
    "name", ["a:b.mp4", "http:x.mp4", "$HOME.mp4", "%03d.mp4", os.fsdecode(b"caf\xe9.mp4")]
)
def test_a_path_is_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    record(tmp_path / "plain.mp4", "libx264", 3).rename(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert which(read_video(name)) == [0, 1, 2]


def test_what_is_no_video_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    for path in (tmp_path / "pipe.mp4", tmp_path):
        with pytest.raises(UserInputError, match="is not a file; expected a video"):
            next(read_video(path))


def test_a_stream_that_nobody_can_decode_is_named(tmp_path: Path) -> None:
    path = record(tmp_path / "v.mp4", "libx264", 3)
    path.write_bytes(path.read_bytes().replace(b"avc1", b"zzzz"))
    for read in (read_video, VideoFrames, open_footage):
        with pytest.raises(DamagedFileError, match=r"v.mp4 .* FFmpeg has no decoder for"):
            list(read(path))  # pyright: ignore[reportArgumentType, reportCallIssue]


def test_what_a_file_says_of_itself_need_not_be_text(tmp_path: Path) -> None:
    path = tmp_path / "v.mkv"
    with av.open(str(path), "w") as container:
        container.metadata["title"] = "XXXXXXXX"
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 48, 32, "yuv420p"
        container.mux(stream.encode(av.VideoFrame(48, 32)))
        container.mux(stream.encode(None))
    path.write_bytes(path.read_bytes().replace(b"XXXXXXXX", b"\xff\xfe\xe9\x00XXXX"))
    assert len(list(read_video(path))) == 1
