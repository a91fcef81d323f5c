from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from full_disk import files_of_at_most
from multi_view_scenes import FRAMES, SIDE, a_sequence, names, pictures
from saccade.data.multi_view.cache import FrameStore
from saccade.data.multi_view.dataset import MultiViewDataset, open_multi_view, write_sequence
from saccade.data.multi_view.sequence import MultiViewSequence
from saccade.data.tracking.frames import Frames, FrameView
from saccade.errors import DamagedFileError, StorageError, UserInputError


def torn(sequence: MultiViewSequence, at: int) -> MultiViewSequence:
    """A sequence of whose view 1 a frame cannot be decoded."""

    def fail(image: np.ndarray) -> np.ndarray:
        raise DamagedFileError(f"frame {at} is damaged")

    class Torn(FrameView):
        def read(self, index: int) -> np.ndarray:
            return fail(self.base.read(index)) if index == at else self.base.read(index)

    view: Frames = Torn(sequence.views[1], range(len(sequence)))
    return replace(sequence, views=(sequence.views[0], view))


def three() -> list[MultiViewSequence]:
    return [a_sequence("a", 4), a_sequence("b", 7), a_sequence("c", 5)]


def assert_holds(store: FrameStore, sequences: list[MultiViewSequence], side: int) -> None:
    assert store.names == tuple(one.name for one in sequences)
    assert store.starts.tolist() == np.cumsum([0, *map(len, sequences)]).tolist()
    for view, images in enumerate(store.views):
        assert images.dtype == np.uint8
        np.testing.assert_array_equal(
            images, np.concatenate([one.frames(view, side) for one in sequences])
        )
    np.testing.assert_array_equal(store.frames(1, 1), sequences[1].frames(1, side))
    assert store.phases is not None
    np.testing.assert_array_equal(
        store.phases, np.concatenate([one.labels["phase"] for one in sequences])
    )
    assert store.attributes.keys() == sequences[0].attributes.keys()
    for name, labels in store.attributes.items():
        np.testing.assert_array_equal(
            labels, np.concatenate([one.labels[name] for one in sequences])
        )


@pytest.mark.parametrize("side", [SIDE, 12])
def test_frames_of_all_sequences_lie_in_one_array(tmp_path: Path, side: int) -> None:
    dataset = MultiViewDataset(tuple(three()))
    for folder in (None, tmp_path / "frames"):
        assert_holds(FrameStore.open(dataset, side, folder), three(), side)


def test_what_cannot_be_decoded_is_skipped(tmp_path: Path) -> None:
    one, two, three_ = three()
    dataset = MultiViewDataset((one, torn(two, 3), three_, a_sequence("d", 3)), fingerprint="x")
    for folder in (None, tmp_path / "frames", tmp_path / "frames"):
        store = FrameStore.open(dataset, SIDE, folder)
        assert_holds(store, [one, three_, a_sequence("d", 3)], SIDE)
        assert [(s.name, s.reason) for s in store.skipped] == [("b", "frame 3 is damaged")]


def test_where_nothing_can_be_decoded_it_is_one_line(tmp_path: Path) -> None:
    dataset = MultiViewDataset(
        (torn(a_sequence("a"), 0), torn(a_sequence("b"), 1)), fingerprint="x"
    )
    for folder in (None, tmp_path / "frames"):
        with pytest.raises(UserInputError, match="none of 2 sequences is left; a: frame 0 is"):
            FrameStore.open(dataset, SIDE, folder)
    with pytest.raises(UserInputError, match="side is 0"):
        FrameStore.open(dataset, 0)


def test_labels_that_not_all_have_are_not_in_the_store() -> None:
    one, two, _ = three()
    two = replace(two, phases=None, attributes={"contact": two.attributes["contact"]})
    store = FrameStore.open(MultiViewDataset((one, two)), SIDE)
    assert (store.phases, list(store.attributes)) == (None, ["contact"])


class Counted:
    """Counts the datasets that were decoded."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, sequences: Iterable[MultiViewSequence]) -> Iterable[MultiViewSequence]:
        self.times += 1
        return sequences


def written(folder: Path, *lengths: int) -> Path:
    for number, n in enumerate(lengths):
        write_sequence(folder, a_sequence(f"s{number}", n))
    return folder


def test_frames_are_decoded_once(tmp_path: Path) -> None:
    dataset, kept, count = written(tmp_path / "set", 4, 5), tmp_path / "kept", Counted()
    first = FrameStore.open(open_multi_view(dataset), SIDE, kept, count)
    second = FrameStore.open(open_multi_view(dataset), SIDE, kept, count)
    assert count.times == 1
    for view in (0, 1):
        np.testing.assert_array_equal(first.views[view], second.views[view])
        assert isinstance(second.views[view], np.memmap) and not second.views[view].flags.writeable


def test_frames_are_decoded_anew_where_they_do_not_fit(tmp_path: Path) -> None:
    folder, kept, count = written(tmp_path / "set", 4, 5), tmp_path / "kept", Counted()

    def opened(side: int = SIDE) -> FrameStore:
        return FrameStore.open(open_multi_view(folder), side, kept, count)

    opened()
    assert opened(16).views[0].shape == (9, 16, 16, 3) and count.times == 2
    write_sequence(folder, a_sequence("s2", 3))
    assert opened(16).names == ("s0", "s1", "s2") and count.times == 3
    part = replace(open_multi_view(folder), sequences=open_multi_view(folder).sequences[:2])
    assert FrameStore.open(part, 16, kept, count).starts.tolist() == [0, 4, 9] and count.times == 4


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "view1.npy").unlink(),
        lambda folder: (folder / "view0.npy").write_bytes((folder / "view0.npy").read_bytes()[:-1]),
        lambda folder: np.save(folder / "view0.npy", np.zeros((9, SIDE, SIDE, 3))),
        lambda folder: np.save(folder / "view0.npy", np.zeros((8, SIDE, SIDE, 3), np.uint8)),
        lambda folder: (folder / "frames.json").write_text("{}"),
        lambda folder: (folder / "frames.json").write_text("nothing"),
    ],
)
def test_damaged_frames_are_decoded_anew(tmp_path: Path, damage) -> None:
    dataset, kept = open_multi_view(written(tmp_path / "set", 4, 5)), tmp_path / "kept"
    FrameStore.open(dataset, SIDE, kept)
    damage(kept)
    count = Counted()
    store = FrameStore.open(dataset, SIDE, kept, count)
    assert count.times == 1
    np.testing.assert_array_equal(store.frames(1, 0), dataset.sequences[1].frames(0))


def test_a_folder_of_something_else_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("three years")
    dataset = MultiViewDataset(tuple(three()))
    for folder in (tmp_path, tmp_path / "thesis.tex"):
        with pytest.raises(UserInputError, match="holds something else than frames"):
            FrameStore.open(dataset, SIDE, folder)
    assert names(tmp_path) == ["thesis.tex"]


def test_a_full_disk_leaves_earlier_frames(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    small = MultiViewDataset((a_sequence("a", 2),), fingerprint="small")
    FrameStore.open(small, SIDE, kept)
    large = MultiViewDataset((a_sequence("a", 60),), fingerprint="large")
    with files_of_at_most(50_000), pytest.raises(StorageError, match="kept could not be written"):
        FrameStore.open(large, SIDE, kept)
    count = Counted()
    store = FrameStore.open(small, SIDE, kept, count)
    assert count.times == 0
    np.testing.assert_array_equal(store.frames(0, 0), pictures(2))
    assert names(tmp_path) == ["kept/frames.json", "kept/view0.npy", "kept/view1.npy"]


def test_an_empty_dataset_is_one_line() -> None:
    with pytest.raises(UserInputError):
        FrameStore.open(MultiViewDataset(()), SIDE)
    assert FRAMES > 1
