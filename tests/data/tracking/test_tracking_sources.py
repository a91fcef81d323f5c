"""What is evaluated on: generated clips in any order, datasets whole, cut, by KITTI's protocol."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from saccade.data.tracking.sources import SequenceSource
from saccade.data.tracking.synthetic import SyntheticConfig, generate_clip
from saccade.data.tracking.synthetic.sequences import SyntheticSequences
from saccade.errors import UserInputError
from tracking_fixtures import (
    kitti_line,
    moving,
    save_frames,
    save_lines,
    write_kitti,
    write_kth,
    write_otb,
    write_tld,
)

TINY = SyntheticConfig(height=48, width=64, frames=8, split="test", leave_probability=1.0)


def test_a_sequence_follows_the_target_of_its_clip() -> None:
    sequences = SyntheticSequences(3, 2, TINY)
    for index in (1, 0):
        clip = generate_clip(3, index, TINY)
        one = sequences[index]
        np.testing.assert_array_equal(one.frame(7), clip.frames[7])
        seen = clip.visible[:, 0] >= 0.1
        np.testing.assert_array_equal(one.present, seen)
        np.testing.assert_array_equal(one.boxes[seen], clip.boxes[seen, 0])


def test_what_is_hidden_is_absent() -> None:
    """All but wholly seen frames are absent where everything must be in sight."""
    one = SyntheticSequences(3, 4, TINY, least_seen=1.0)[3]
    clip = generate_clip(3, 3, TINY)
    np.testing.assert_array_equal(one.present, clip.visible[:, 0] >= 1)
    assert one.present[0]


def test_sequences_are_a_sequence_that_workers_can_have() -> None:
    sequences = pickle.loads(pickle.dumps(SyntheticSequences(3, 3, TINY)))
    names = [one.name for one in sequences]
    assert len(sequences) == 3 and len(set(names)) == 3
    assert sequences[-1].name == names[2]
    assert [one.name for one in sequences[1:]] == names[1:]
    with pytest.raises(IndexError):
        sequences[3]


@pytest.mark.parametrize(("seed", "clips"), [(-1, 1), (0, 0)])
def test_a_series_without_clips_is_refused(seed: int, clips: int) -> None:
    with pytest.raises(UserInputError, match="expected a seed from 0"):
        SyntheticSequences(seed, clips, TINY)


def test_the_generated_test_set_is_of_the_test_photographs() -> None:
    source = SequenceSource(sequences=2, frames=4, height=48, width=64, seed=9)
    expected = SyntheticConfig(height=48, width=64, frames=4, split="test")
    for index, one in enumerate(source.open().sequences):
        np.testing.assert_array_equal(one.frame(3), generate_clip(9, index, expected).frames[3])


def test_a_dataset_is_whole_or_cut_from_where_its_object_comes(tmp_path: Path) -> None:
    otb = write_otb(tmp_path / "otb").folder
    whole = SequenceSource("otb", otb).open().sequences
    cut = SequenceSource("otb", otb, frames=2, sequences=1).open().sequences
    assert [one.name for one in cut] == [whole[0].name]
    np.testing.assert_array_equal(cut[0].boxes, whole[0].boxes[:2])
    for one in SequenceSource("tld", write_tld(tmp_path / "tld").folder, frames=2).open().sequences:
        assert one.present[0] and len(one) == 2


def test_the_papers_test_on_kitti(tmp_path: Path) -> None:
    """Of 15 frames the last three, in pictures of 621 x 187 instead of 62 x 19."""
    car = moving(15, x=2, y=2)
    save_frames(tmp_path / "image_02/0000", [car], "{:06d}.png", first=0, size=(62, 19))
    save_lines(tmp_path / "label_02/0000.txt", [kitti_line(t, 0, car[t]) for t in range(15)])
    (one,) = SequenceSource("kitti-test", tmp_path).open().sequences
    assert one.size == (621, 187)
    expected = np.array(car[12:], float) * np.tile([621 / 62, 187 / 19], 2)
    np.testing.assert_allclose(one.boxes, expected, rtol=1e-5)


def test_the_papers_test_on_kth_is_one_subject(tmp_path: Path) -> None:
    folder = write_kth(tmp_path).folder
    (last,) = SequenceSource("kth-test", folder).open().sequences
    assert last.group == "person02"
    (first,) = SequenceSource("kth-test", folder, subject="person01").open().sequences
    assert first.group == "person01"
    with pytest.raises(UserInputError, match=r"unknown subject 'me' \(valid: person01, person02"):
        SequenceSource("kth-test", folder, subject="me").open()
    with pytest.raises(UserInputError, match="--subject me was given with --format kth; expected"):
        SequenceSource("kth", folder, subject="me")


def test_kitti_without_a_test_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserInputError, match="shows no object in two frames on end"):
        SequenceSource("kitti-test", write_kitti(tmp_path).folder).open()
