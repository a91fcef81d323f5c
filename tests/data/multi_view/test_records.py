from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from multi_view_scenes import ATTRIBUTES, FRAMES, SIDE, a_sequence, assert_same, pictures
from saccade.data.multi_view.dataset import open_multi_view, write_sequence
from saccade.data.multi_view.examples import (
    decode_example,
    decode_sequence_example,
    encode_example,
    encode_sequence_example,
)
from saccade.data.multi_view.tfrecord import read_records, write_records
from saccade.errors import DamagedFileError, UserInputError

JPEG_NOISE = 3.0
"""Mean difference that JPEG makes to these pictures, of 255."""


def jpeg(image: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=90)
    return file.getvalue()


def published_sequence(n: int = FRAMES, views: int = 2, **changes: Any) -> bytes:
    """A sequence as the dataset's own writer makes it."""
    lists = {f"view{k}": [[jpeg(image)] for image in pictures(n, k)] for k in range(views)}
    context = {"task": [b"train/pour_7"], "len": [n]} | changes.pop("context", {})
    return encode_sequence_example(
        {k: v for k, v in context.items() if v is not None}, lists | changes
    )


def published_frames(task: str, n: int, **changes: Any) -> list[bytes]:
    """Labelled frames as the dataset has them."""
    return [
        encode_example(
            {"image/view0": [jpeg(pictures(n, 0)[t])], "image/view1": [jpeg(pictures(n, 1)[t])],
             "task": [task.encode()], "contact": [t % 2], "distance": [1], "liquid_flowing": [0],
             "has_liquid": [1], "container_angle": [4 - t % 5], **changes}
        )
        for t in range(n)
    ]  # fmt: skip


def reason(folder: Path) -> str:
    with pytest.raises(UserInputError) as caught:
        open_multi_view(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_published_sequence_is_read(tmp_path: Path) -> None:
    write_records(tmp_path / "train" / "a.tfrecord", [published_sequence()])
    (sequence,) = open_multi_view(tmp_path).sequences
    assert (sequence.name, len(sequence), sequence.labels) == ("train/pour_7", FRAMES, {})
    for view in (0, 1):
        difference = sequence.frames(view).astype(float) - pictures(FRAMES, view)
        assert np.abs(difference).mean() < JPEG_NOISE


def test_published_labelled_frames_are_sequences_by_task(tmp_path: Path) -> None:
    one, two = published_frames("one", 4), published_frames("two", 3)
    mixed = [one[0], two[0], one[1], two[1], two[2], one[2], one[3]]
    write_records(tmp_path / "val.tfrecord-00000-of-00002", mixed)
    first, second = open_multi_view(tmp_path).sequences
    assert [first.name, second.name, len(first), len(second)] == ["one", "two", 4, 3]
    assert set(first.attributes) == set(ATTRIBUTES)
    assert first.phases is None
    assert first.attributes["contact"].tolist() == [0, 1, 0, 1]
    assert first.attributes["within_distance"].tolist() == [1, 1, 1, 1]
    assert second.attributes["container_angle"].tolist() == [4, 3, 2]
    assert np.abs(first.frames(1).astype(float) - pictures(4, 1)).mean() < JPEG_NOISE


@pytest.mark.parametrize("form", ["records", "labelled"])
@pytest.mark.parametrize("views", [2, 3])
def test_a_sequence_is_read_as_it_was_written(tmp_path: Path, form: Any, views: int) -> None:
    made = a_sequence(views=views)
    write_sequence(tmp_path, made, form)
    (read,) = open_multi_view(tmp_path).sequences
    assert_same(read, made, JPEG_NOISE)
    assert read.views[0].size == (SIDE, SIDE)


def test_ours_is_the_published_layout_and_more(tmp_path: Path) -> None:
    write_sequence(tmp_path, a_sequence())
    (record,) = read_records(tmp_path / "pour_0.tfrecord")
    example = decode_sequence_example(record.payload)
    assert example.context["len"] == (FRAMES,)
    labels = {f"label/{name}" for name in ("phase", *ATTRIBUTES)}
    assert example.lists.keys() == {"view0", "view1"} | labels
    write_sequence(tmp_path, a_sequence(), "labelled")
    records = list(read_records(tmp_path / "pour_0.tfrecord"))
    published = {"image/view0", "image/view1", "task", "contact", "distance", "liquid_flowing",
                 "has_liquid", "container_angle"}  # fmt: skip
    assert len(records) == FRAMES
    for record in records:
        features = decode_example(record.payload)
        assert features.keys() == published | {"phase"}
        assert all(len(values) == 1 for values in features.values())


def test_a_file_may_hold_several_sequences(tmp_path: Path) -> None:
    context = {"context": {"task": [b"b"]}}
    write_records(tmp_path / "a.tfrecord", [published_sequence(), published_sequence(**context)])
    assert [s.name for s in open_multi_view(tmp_path).sequences] == ["train/pour_7", "b"]


def test_without_a_task_the_file_names_the_sequence(tmp_path: Path) -> None:
    write_records(
        tmp_path / "mine.tfrecord", [published_sequence(context={"task": None, "len": None})]
    )
    assert open_multi_view(tmp_path).sequences[0].name == "mine"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"context": {"len": [FRAMES + 3]}}, "len has 9 frames and view 0 6"),
        ({"context": {"len": [b"6"]}}, "len is no whole number"),
        ({"context": {"task": [7]}}, "task is a number"),
        ({"context": {"task": [b"a\nb"]}}, "no name of 1 to 200 printable letters"),
        ({"view1": [[b"x", b"y"]] * FRAMES}, "a step of view1 has 2 values"),
        ({"view1": [[1]] * FRAMES}, "view1 holds numbers"),
        ({"view1": [[b"no jpeg"]] * FRAMES}, "frame 0 of view 1 in .* is no picture"),
        ({"view1": [[jpeg(pictures(1)[0])[:-99]]] * FRAMES}, "frame 0 of view 1 in .*truncated"),
        ({"view1": []}, "view 0 has 6 frames and view 1 0"),
        ({"label/phase": [[1]] * 3}, "view 0 has 6 frames and phase 3"),
        ({"label/phase": [[0.5]] * FRAMES}, "label/phase holds what is no class number"),
        ({"label/phase": [[]] * FRAMES}, "a step of label/phase has 0 values"),
        ({"label/phase": [[5000]] * FRAMES}, "expected 0 to 999"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, changes: Any, message: str) -> None:
    write_records(tmp_path / "a.tfrecord", [published_sequence(**changes)])
    with pytest.raises(UserInputError, match=message):
        open_multi_view(tmp_path)


def test_lists_that_are_not_known_are_passed_over(tmp_path: Path) -> None:
    others = {"audio": [[0.5] * 10] * 3, "timestamp": [[10**15 + t] for t in range(FRAMES)]}
    write_records(tmp_path / "a.tfrecord", [published_sequence(**others)])
    assert open_multi_view(tmp_path).sequences[0].labels == {}


def test_a_frame_that_lacks_a_view_leaves_its_file_out(tmp_path: Path) -> None:
    frames = published_frames("one", 3)
    frames[2] = encode_example({"image/view0": [b"x"], "task": [b"one"]})
    write_records(tmp_path / "a.tfrecord", frames)
    assert "record 2 of" in reason(tmp_path) and "those before have image/view0" in reason(tmp_path)


def test_a_later_picture_that_is_damaged_is_found_when_it_is_read(tmp_path: Path) -> None:
    images = [[jpeg(image)] for image in pictures(FRAMES, 1)]
    images[4] = [jpeg(np.zeros((8, 8, 3), np.uint8))]
    images[5] = [b"nothing"]
    write_records(tmp_path / "a.tfrecord", [published_sequence(view1=images)])
    (sequence,) = open_multi_view(tmp_path).sequences
    with pytest.raises(DamagedFileError, match="frame 4 of view 1 in .* is 8 x 8 pixels"):
        sequence.frames(1)
    with pytest.raises(DamagedFileError, match="frame 5 of view 1 in .* is no picture"):
        sequence.views[1].read(5)


def test_png_is_read_too(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.fromarray(pictures(1)[0]).save(file, "PNG")
    first = [[file.getvalue()], *([jpeg(image)] for image in pictures(FRAMES, 0)[1:])]
    write_records(tmp_path / "a.tfrecord", [published_sequence(view0=first)])
    np.testing.assert_array_equal(
        open_multi_view(tmp_path).sequences[0].views[0].read(0), pictures(1)[0]
    )
