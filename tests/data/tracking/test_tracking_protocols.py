from __future__ import annotations

import pickle
from itertools import pairwise

import numpy as np
import pytest

import tracking_fixtures as fixtures
from saccade.data.tracking import (
    HART_CURRICULUM,
    RATM_CURRICULUM,
    Curriculum,
    CurriculumState,
    Frames,
    ImageFrames,
    MultiObjectSequence,
    TrackingSequence,
    augment,
    mirror,
    resize,
    reverse,
)
from saccade.data.tracking.kitti_protocol import chunk_ranges, chunks, downscale, split_frames
from saccade.data.tracking.kth_protocol import leave_one_subject_out, random_clip, subjects
from saccade.errors import UserInputError
from tracking_fixtures import moving, save_frames


class Counted(Frames):
    """Frames of one colour that say which they are."""

    def __init__(self, n: int, size: tuple[int, int] = (1242, 375)) -> None:
        self.n, self._size = n, size

    def __len__(self) -> int:
        return self.n

    @property
    def size(self) -> tuple[int, int]:
        return self._size

    def read(self, index: int) -> np.ndarray:
        return np.full((self._size[1], self._size[0], 3), index, np.uint8)


def video(present: list[list[int]], n: int, size: tuple[int, int] = (1242, 375)):
    """One object a list of the frames it is in; its x is the frame, its y the object."""
    boxes = np.full((len(present), n, 4), np.nan, np.float32)
    for k, frames in enumerate(present):
        for t in frames:
            boxes[k, t] = (t, k, 10, 20)
    ids = tuple(range(len(present)))
    return MultiObjectSequence("0007", Counted(n, size), boxes, ids, ("Car",) * len(present))


def a_sequence(tmp_path, n: int = 4) -> TrackingSequence:
    save_frames(tmp_path, [moving(n)])
    frames = ImageFrames(tuple(sorted(tmp_path.glob("*.png"))))
    return TrackingSequence("s", frames, np.array(moving(n), np.float32))


def test_the_first_80_percent_of_the_frames_train_and_the_rest_test():
    train, test = split_frames(video([list(range(10)), [8, 9], [2, 3]], 10))
    assert (train.n_frames, test.n_frames) == (8, 2)
    assert (train.ids, test.ids) == ((0, 2), (0, 1))
    assert [int(t.frame(0)[0, 0, 0]) for t in (train, test)] == [0, 8]
    assert test.track(0).group == train.track(0).group == "0007"
    np.testing.assert_array_equal(test.boxes[0, :, 0], [8, 9])


@pytest.mark.parametrize(("n", "n_train"), [(154, 123), (447, 357), (5, 4), (2, 1), (1059, 847)])
def test_80_percent_is_rounded_down(n, n_train):
    assert split_frames(video([[0, n - 1]], n))[0].n_frames == n_train


def test_a_video_that_cannot_be_split_is_refused():
    with pytest.raises(UserInputError, match="80% of the 1 frames of 0007 is 0"):
        split_frames(video([[0]], 1))


def test_chunks_by_hand():
    assert chunk_ranges(3, 13, 4, complete=True) == [(3, 7), (5, 9), (7, 11), (9, 13)]
    assert chunk_ranges(0, 9, 4, complete=True) == [(0, 4), (2, 6), (4, 8)]
    assert chunk_ranges(0, 3, 4, complete=True) == []
    assert chunk_ranges(0, 9, 4, complete=False) == [(0, 4), (2, 6), (4, 8), (6, 9)]
    assert chunk_ranges(0, 3, 4, complete=False) == [(0, 3)]
    assert chunk_ranges(0, 1, 4, complete=False) == []
    assert chunk_ranges(0, 60, 60, complete=False) == [(0, 60)]
    assert chunk_ranges(0, 61, 60, complete=False) == [(0, 60), (30, 61)]
    with pytest.raises(UserInputError, match="at least 2"):
        chunk_ranges(0, 9, 1, complete=True)


@pytest.mark.parametrize("length", [2, 5, 6, 30, 60])
@pytest.mark.parametrize("complete", [True, False])
def test_chunks_overlap_by_half_lie_within_and_none_holds_the_next(length, complete):
    for n in range(1, 150, 7):
        ranges = chunk_ranges(4, 4 + n, length, complete)
        assert all(4 <= a < b <= 4 + n for a, b in ranges)
        assert all(c - a == length // 2 and d > b for (a, b), (c, d) in pairwise(ranges))
        if complete:
            assert all(b - a == length for a, b in ranges)
        elif n >= 2:
            assert ranges[0][0] == 4 and ranges[-1][1] == 4 + n


def test_training_chunks_have_their_object_in_every_frame():
    present = [list(range(7)), [0, 1, 3, 4, 5, 6], [2]]
    found = chunks(video(present, 8), length=4)
    assert [(c.boxes[0, 1], c.boxes[:, 0].tolist()) for c in found] == [
        (0, [0, 1, 2, 3]),
        (0, [2, 3, 4, 5]),
        (1, [3, 4, 5, 6]),
    ]
    for chunk in found:
        assert int(chunk.frame(1)[0, 0, 0]) == chunk.boxes[1, 0]
        assert chunk.label == "Car" and chunk.group == "0007"


def test_test_chunks_end_where_the_object_leaves():
    found = chunks(video([list(range(100)), [5, 6, 7]], 120), length=60, complete=False)
    assert [len(c) for c in found] == [60, 60, 40, 3]
    assert all(c.present.all() for c in found)


def test_kitti_at_its_usual_size_is_halved():
    one = chunks(video([[0, 1]], 2), 2)[0]
    half = downscale(one)
    assert half.size == (621, 187) and half.frame(1).shape == (187, 621, 3)
    np.testing.assert_array_equal(half.boxes, one.boxes / 2)
    assert (half.frame(1) == 1).all()


def test_kitti_at_other_sizes_shrinks_boxes_as_the_picture():
    one = chunks(video([[0, 1]], 2, size=(1224, 370)), 2)[0]
    boxes = downscale(one).boxes
    np.testing.assert_allclose(boxes[1], [621 / 1224, 0, 6210 / 1224, 3740 / 370], rtol=1e-6)
    np.testing.assert_array_equal(downscale(one, box_scale=0.5).boxes, one.boxes / 2)


def test_resized_boxes_fit_the_resized_picture(tmp_path):
    sequence = a_sequence(tmp_path)
    for size in [(128, 96), (192, 96)]:
        larger = resize(sequence, size)
        assert larger.size == size and larger.frame(0).shape == (size[1], size[0], 3)
        x, y, w, h = larger.boxes[2].astype(int)
        inner = larger.frame(2)[y + 2 : y + h - 2, x + 3 : x + w - 3]
        assert inner.min() > 230
        assert larger.frame(2)[:, x + w + 3 :].min(axis=2).max() < 100
    with pytest.raises(UserInputError, match="0 x 4"):
        resize(sequence, (0, 4))


def test_mirrored_and_reversed_boxes_fit_their_frames(tmp_path):
    sequence = a_sequence(tmp_path)
    for change in (mirror, reverse, lambda s: mirror(reverse(s)), lambda s: reverse(mirror(s))):
        changed = change(sequence)
        for i in range(len(changed)):
            assert fixtures.fits(changed.frame(i), changed.boxes[i])
    np.testing.assert_array_equal(reverse(sequence).boxes, sequence.boxes[::-1])
    for change in (mirror, reverse):
        twice = change(change(sequence))
        np.testing.assert_array_equal(twice.boxes, sequence.boxes)
        np.testing.assert_array_equal(twice.frame(1), sequence.frame(1))


def test_absent_stays_absent(tmp_path):
    sequence = a_sequence(tmp_path)
    sequence.boxes[0] = np.nan
    for changed in (mirror(sequence), resize(sequence, (32, 24))):
        assert changed.present.tolist() == [False, True, True, True] and changed.start == 1
    assert reverse(sequence).present.tolist() == [True, True, True, False]


def test_all_four_augmentations_occur_equally_and_by_the_seed_alone(tmp_path):
    sequence = a_sequence(tmp_path)
    kinds = {
        tuple(change.boxes[0]): name
        for name, change in {
            "none": sequence,
            "mirror": mirror(sequence),
            "reverse": reverse(sequence),
            "both": mirror(reverse(sequence)),
        }.items()
    }
    rng = np.random.default_rng(0)
    drawn = [kinds[tuple(augment(sequence, rng).boxes[0])] for _ in range(400)]
    # 100 expected of each, standard deviation 9.
    assert all(65 < drawn.count(name) < 135 for name in kinds.values())
    again = np.random.default_rng(0)
    assert drawn == [kinds[tuple(augment(sequence, again).boxes[0])] for _ in range(400)]


def test_changed_sequences_go_to_other_processes(tmp_path):
    changed = resize(mirror(reverse(a_sequence(tmp_path))), (32, 24))
    back = pickle.loads(pickle.dumps(changed))
    np.testing.assert_array_equal(back.frame(1), changed.frame(1))


def kth(n_subjects: int = 5) -> list[TrackingSequence]:
    boxes = np.ones((12, 4), np.float32)
    return [
        TrackingSequence(f"{p}{k}", Counted(12, (160, 120)), boxes, "jogging", f"person{p:02d}")
        for p in range(1, n_subjects + 1)
        for k in range(2)
    ]


def test_every_subject_is_left_out_in_turn():
    sequences, rng = kth(), np.random.default_rng(0)
    chosen = set()
    for subject in subjects(sequences) * 8:
        split = leave_one_subject_out(sequences, subject, rng)
        groups = [{s.group for s in part} for part in split]
        assert groups[2] == {subject} and [len(g) for g in groups] == [3, 1, 1]
        assert set.union(*groups) == set(subjects(sequences)) and sum(map(len, split)) == 10
        chosen |= groups[1]
    assert chosen == set(subjects(sequences))
    assert leave_one_subject_out(
        sequences, "person01", np.random.default_rng(3)
    ) == leave_one_subject_out(sequences, "person01", np.random.default_rng(3))


def test_subjects_that_cannot_be_left_out_are_named():
    rng = np.random.default_rng(0)
    with pytest.raises(UserInputError, match=r"'person26'.*valid: person01, person02"):
        leave_one_subject_out(kth(), "person26", rng)
    with pytest.raises(UserInputError, match="2 subjects; expected 3"):
        leave_one_subject_out(kth(2), "person01", rng)


def test_random_clips_have_every_length_and_place():
    rng = np.random.default_rng(0)
    sequence = kth()[0]
    clips = [random_clip(sequence, 7, rng) for _ in range(600)]
    places = {(len(c), int(c.frame(0)[0, 0, 0])) for c in clips}
    assert places == {(n, a) for n in (5, 6, 7) for a in range(12 - n + 1)}
    assert len(random_clip(sequence, 99, rng, min_length=12)) == 12
    with pytest.raises(UserInputError, match="which has 12"):
        random_clip(sequence, 99, rng, min_length=13)
    with pytest.raises(UserInputError, match="5 to 4 frames"):
        random_clip(sequence, 4, rng)


def lengths(curriculum: Curriculum, ious: list[float]) -> list[int]:
    """T of each epoch, and after the last."""
    state, found = curriculum.begin(), []
    for iou in ious:
        found.append(state.length)
        state = curriculum.advance(state, iou)
    return [*found, state.length]


def test_the_curriculum_waits_for_13_epochs_and_the_threshold():
    assert lengths(HART_CURRICULUM, [0.9] * 27) == [5] * 13 + [6] * 13 + [7] * 2
    slow = [0.9] * 12 + [0.59, float("nan"), 0.6, 0.9]
    assert lengths(HART_CURRICULUM, slow) == [5] * 15 + [6] * 2


def test_the_curriculum_ends_at_30():
    found = lengths(HART_CURRICULUM, [1.0] * 13 * 30)
    assert found[13 * 25 - 1] == 29 and found[13 * 25] == 30 == max(found)
    assert lengths(Curriculum(5, 8, step=2, min_epochs=1), [1.0] * 3) == [5, 7, 8, 8]


def test_ratm_grows_every_20_epochs_whatever_the_iou():
    assert lengths(RATM_CURRICULUM, [0.0] * 41) == [5] * 20 + [6] * 20 + [7] * 2


def test_a_resumed_curriculum_is_the_uninterrupted_one():
    ious = np.random.default_rng(0).uniform(0.4, 0.9, 80).tolist()
    state = HART_CURRICULUM.begin()
    for iou in ious[:40]:
        state = HART_CURRICULUM.advance(state, iou)
    state = CurriculumState(state.length, state.epochs)
    for iou in ious[40:]:
        state = HART_CURRICULUM.advance(state, iou)
    assert state.length == lengths(HART_CURRICULUM, ious)[-1] > 6


@pytest.mark.parametrize(
    "values", [{"first": 1}, {"first": 31}, {"step": 0}, {"min_epochs": 0}, {"min_iou": 1.5}]
)
def test_a_curriculum_out_of_range_is_refused(values):
    with pytest.raises(UserInputError, match="expected"):
        Curriculum(**values)
