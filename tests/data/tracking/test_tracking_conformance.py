"""Every format in FORMATS, by the same rules."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import tracking_fixtures as fixtures
from saccade.data.tracking import FORMATS, TrackingSequence, read_sequences
from saccade.errors import DamagedFileError, UserInputError


@pytest.fixture(params=FORMATS)
def form(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def written(form: str, tmp_path: Path) -> fixtures.Fixture:
    return fixtures.WRITERS[form](tmp_path / "data")


def refusal(action: Callable[[], object], kind: type[UserInputError] = DamagedFileError) -> str:
    with pytest.raises(kind) as caught:
        action()
    message = str(caught.value)
    assert "\n" not in message and len(message) > 20
    return message


def read_all(form: str, folder: Path) -> list[TrackingSequence]:
    sequences = read_sequences(form, folder)
    for sequence in sequences:
        for i in range(len(sequence)):
            sequence.frame(i)
    return sequences


def test_every_format_has_a_fixture():
    assert set(fixtures.WRITERS) == set(FORMATS)


def test_objects_names_and_boxes_are_those_written(form, written):
    sequences = read_sequences(form, written.folder)
    expected = {e.name: e.boxes for e in written.sequences}
    assert {s.name for s in sequences} == set(expected) and len(sequences) == len(expected)
    for sequence in sequences:
        assert sequence.boxes.dtype == np.float32
        assert sequence.boxes.shape == (sequence.n_frames, 4) == (len(sequence), 4)
        rows = [(np.nan,) * 4 if box is None else box for box in expected[sequence.name]]
        np.testing.assert_array_equal(sequence.boxes, np.array(rows, np.float32))
        assert sequence.start == next(i for i, b in enumerate(expected[sequence.name]) if b)
        assert sequence.group


def test_frames_are_rgb_and_the_boxes_fit_them_to_the_pixel(form, written):
    for sequence in read_sequences(form, written.folder):
        for i in range(len(sequence)):
            frame = sequence.frame(i)
            assert frame.dtype == np.uint8
            assert frame.shape == (sequence.size[1], sequence.size[0], 3)
            assert not sequence.present[i] or fixtures.fits(frame, sequence.boxes[i])


def test_no_picture_is_read_before_it_is_asked_for(form, written, monkeypatch):
    def refused(*_: object) -> None:
        raise AssertionError("a frame was opened")

    with monkeypatch.context() as patch:
        patch.setattr(Image, "open", refused)
        sequences = read_sequences(form, written.folder)
    assert all(len(sequence) > 0 for sequence in sequences)


def test_reading_twice_gives_the_same(form, written):
    for one, two in zip(*[read_sequences(form, written.folder) for _ in range(2)], strict=True):
        assert one.name == two.name
        np.testing.assert_array_equal(one.boxes, two.boxes)
        np.testing.assert_array_equal(one.frame(0), two.frame(0))


def test_a_frame_beyond_the_end_is_named(form, written):
    sequence = read_sequences(form, written.folder)[0]
    for index in (-1, len(sequence)):
        message = refusal(lambda i=index: sequence.frame(i), UserInputError)
        assert f"0 to {len(sequence) - 1}" in message


def test_an_empty_folder_and_none_at_all_are_named(form, tmp_path):
    (tmp_path / "empty").mkdir()
    for name in ("empty", "nowhere"):
        message = refusal(lambda n=name: read_sequences(form, tmp_path / n), UserInputError)
        assert str(tmp_path / name) in message


@pytest.mark.parametrize("back", [0, 1])
def test_a_missing_frame_is_named(form, written, back):
    """The second frame, and the first: boxes must not silently move to the next frame."""
    name = written.frame.stem
    written.frame.with_stem(f"{int(name) - back:0{len(name)}}").unlink()
    message = refusal(lambda: read_sequences(form, written.folder))
    assert str(written.frame.parent) in message or str(written.annotation) in message


def test_a_malformed_line_is_named_with_its_number(form, written):
    lines = written.annotation.read_text().splitlines()
    n = len(lines)
    for wrong in (lines[-1] + ",word", "1", "", "inf " * 4):
        written.annotation.write_text("\n".join([*lines[:-1], wrong, lines[-1]]))
        message = refusal(lambda: read_sequences(form, written.folder))
        assert f"{written.annotation} line {n}" in message


def test_an_annotation_that_is_empty_or_no_text_is_named(form, written):
    for content in (b"", b"\n\n", b"\xff\xfe\x00\x80"):
        written.annotation.write_bytes(content)
        message = refusal(lambda: read_sequences(form, written.folder), UserInputError)
        assert str(written.annotation) in message


def test_frames_without_annotation_are_named(form, written):
    written.annotation.unlink()
    refusal(lambda: read_sequences(form, written.folder), UserInputError)


def test_a_frame_of_another_size_is_named(form, written):
    fixtures.save(written.frame, np.zeros((50, 66, 3), np.uint8))
    message = refusal(lambda: read_all(form, written.folder))
    assert str(written.frame) in message and "66 x 50" in message


def test_a_frame_cut_short_is_named(form, written):
    whole = written.frame.read_bytes()
    for content in (whole[: len(whole) // 2], b"", b"no picture"):
        written.frame.write_bytes(content)
        assert str(written.frame) in refusal(lambda: read_all(form, written.folder))


def test_an_unknown_format_lists_the_valid_ones(tmp_path):
    message = refusal(lambda: read_sequences("lasot", tmp_path), UserInputError)
    assert "lasot" in message and ", ".join(FORMATS) in message
